"""What `nn.fit` takes over a loop written by hand: an MLP on images of the size of digits, batches of 32, with Adam."""

from __future__ import annotations

import numpy as np
from harness import compare

import nn

EPOCHS = 5
rng = np.random.default_rng(0)
x = rng.random((1797, 64), np.float32)
y = rng.integers(0, 10, 1797)
loss = nn.CrossEntropyLoss()


def fit() -> None:
    """A step of each, in turns: on batches that are there already, and on arrays that are shuffled."""
    steps = -(-len(x) // 32)
    batches = [(x[i : i + 32], y[i : i + 32]) for i in range(0, len(x), 32)]
    contenders = {
        "nn.fit, batches": lambda: _fitted(batches),
        "by hand, batches": lambda: _by_hand(lambda: batches),
        "nn.fit, arrays": lambda: _fitted((x, y)),
        "nn.fit, arrays, accuracy": lambda: _fitted((x, y), metrics=["accuracy"]),
        "by hand, arrays": lambda: _by_hand(_shuffled),
    }
    compare("A step of training, MLP 64-64-64-10, batch 32", contenders, per=EPOCHS * steps, rounds=15)


def _made() -> tuple[nn.Module, nn.optim.Optimizer]:
    nn.manual_seed(0)
    model = nn.models.MLP(64, 64, 64, 10)
    return model, nn.optim.Adam(model.parameters())


def _fitted(data, **kwargs) -> None:
    model, optimizer = _made()
    nn.fit(model, loss, data, epochs=EPOCHS, optimizer=optimizer, progress=False, **kwargs)


def _shuffled():
    order = rng.permutation(len(x))
    for i in range(0, len(x), 32):
        rows = order[i : i + 32]
        yield x[rows], y[rows]


def _by_hand(data) -> None:
    model, optimizer = _made()
    for _ in range(EPOCHS):
        total = 0.0
        for inputs, target in data():
            value = loss(model(inputs), target)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            total += value.item() * len(target)
