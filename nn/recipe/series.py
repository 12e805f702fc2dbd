"""A 1D CNN, an LSTM and a GRU foretell tomorrow's temperature and a chaotic laser, better than a linear regression."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

import nn
from nn.recipe.run import Run


def train(run: Run) -> None:
    """What they are compared with: persistence (it will stay as it is), and least squares on the same windows."""
    for data, unit, epochs in ((nn.datasets.weather(14), "°C", 40), (nn.datasets.laser(32), "/ 255", 15)):
        (x, y), (x_test, y_test) = run.part(data.train, 200)[:], data.test.arrays
        scale = data.extra["scaler"].scale.item()

        def error(forecast: ndarray, y: ndarray = y_test, scale: float = scale) -> float:
            """Root of the mean square."""
            return scale * float(np.sqrt(np.mean((forecast - y) ** 2)))

        def show(value: float, unit: str = unit) -> str:
            return f"{value:.2f} {unit}"

        run.say(f"{data.description}: {len(x):,} windows of {x.shape[1]} steps")
        weights, *_ = np.linalg.lstsq(with_one(x), y)
        linear = error(with_one(x_test) @ weights)
        run.figure("stays", error(x_test[:, -1, :1]), show=show)
        run.figure("linear", linear, show=show)

        features, forecasts = x.shape[2], {}
        for name, network in {
            "1D CNN": nn.models.SeriesCNN(features, 1, channels=16),
            "LSTM": nn.models.RecurrentNet(features, 16, 1, cell="lstm"),
            "GRU": nn.models.RecurrentNet(features, 16, 1, cell="gru"),
        }.items():
            model = Change(network)
            how: Any = {"optimizer": "adamw", "lr": 3e-3, "scheduler": "cosine", "clip_norm": 1.0}
            nn.fit(model, nn.MSELoss(), (x, y), epochs=run.epochs(epochs), **how)
            forecasts[name] = nn.predict(model, x_test)
            run.figure(name, error(forecasts[name]), below=linear, show=show)
            run.save(model, f"{data.name}-{name.replace(' ', '-')}.npz")
        lines = {name: scale * line[:120, 0] for name, line in {"measured": y_test, **forecasts}.items()}
        run.lines(f"{data.name}.png", lines, "step", f"{unit} above the mean")


class Change(nn.Module):
    """The last value and what the network adds to it: who knows nothing says that it stays as it is."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    def forward(self, x: Any) -> Any:
        """Windows (N, L, features) to the next value of the first feature, (N, 1)."""
        return x[:, -1, :1] + self.network(x)


def with_one(x: ndarray) -> ndarray:
    """Windows as rows, with a 1 behind."""
    return np.concatenate([x.reshape(len(x), -1), np.ones((len(x), 1), x.dtype)], 1)
