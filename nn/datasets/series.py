"""Series: what was measured at equal distances in time, cut into windows and what came after them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd import OperandError, ShapeError
from nn.data.dataset import ArrayDataset
from nn.data.scaler import standardize
from nn.datasets.csv import read_csv
from nn.datasets.data import Data, in_package
from nn.functional.refusal import refuse

__all__ = ["laser", "temperatures", "weather", "windows"]

_NOAA = "U.S. National Oceanic and Atmospheric Administration (NOAA), from the package vega-datasets"


def windows(series: Any, window: int, horizon: int = 1) -> tuple[ndarray, ndarray]:
    """All stretches of a series (T,) or (T, features), float32 (N, window, features), and what was measured `horizon`
    steps after the end of each, float32 (N, features). N is T - window - horizon + 1.

    >>> import nn
    >>> x, y = nn.datasets.windows([0, 1, 2, 3, 4], window=3)
    >>> x[:, :, 0], y
    (array([[0., 1., 2.],
           [1., 2., 3.]], dtype=float32), array([[3.],
           [4.]], dtype=float32))

    Errors: ShapeError for a series that is shorter than one window and its horizon.
    """
    array = np.asarray(series, np.float32)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2:
        refuse(ShapeError, f"a series is (T,) or (T, features), and this is an array {array.shape}.")
    if window < 1 or horizon < 1:
        refuse(OperandError, f"window={window}, horizon={horizon}: both are from 1 on.")
    if len(array) < window + horizon:
        refuse(
            ShapeError, f"a series of {len(array)} is too short for a window of {window} and a horizon of {horizon}."
        )
    x = np.lib.stride_tricks.sliding_window_view(array, window, axis=0)[: len(array) - window - horizon + 1]
    return np.array(x.swapaxes(1, 2), order="C"), array[window + horizon - 1 :].copy()


def temperatures(window: int = 24, horizon: int = 1, city: str = "seattle") -> Data:
    """Temperatures hour by hour through a year: x float32 (N, window, 1), y float32 (N, 1), `horizon` hours later.

    The first 80 % of the year are to learn from, the rest is the test. All numbers are standardized by the mean and
    deviation of the first part: `data.extra["scaler"].inverse(y)` is in °C, `data.extra["series"]` the year (T, 1).
    `city` is "seattle" or "sf".

    These are normals, means of thirty years for each hour: very smooth, and nearly a sum of sines. See `weather` and
    `laser` for what is hard to foretell.

    Errors: DataNotFoundError where vega-datasets is not installed.
    """
    if city not in ("seattle", "sf"):
        refuse(OperandError, f"city={city!r:.80}: there are 'seattle' and 'sf'.")
    table = read_csv(in_package("temperatures", "vega-datasets", "vega_datasets", "_data", f"{city}-temps.csv"))
    series = (table.numbers("temp", dtype=np.float64) - 32) / 1.8
    return _cut(
        "temperatures",
        series,
        window,
        horizon,
        features=("temperature",),
        source=f"hourly normals of 2010 of the {_NOAA}",
        licence="public domain",
        description=f"normal temperatures of each hour of a year in {city.replace('sf', 'San Francisco').title()}",
    )


def weather(window: int = 14, horizon: int = 1) -> Data:
    """Four years of weather in Seattle, day by day: x float32 (N, window, 4), y float32 (N, 1) the highest temperature,
    `horizon` days after the window.

    The first 80 % of the days are to learn from, the rest is the test. All is standardized by the first part:
    `data.extra["scaler"].inverse(y)` is in °C, `data.extra["series"]` are the days (T, 4).

    What was today is a forecast that is 2.7 °C wrong in the mean: hard to better by much.

    Errors: DataNotFoundError where vega-datasets is not installed.
    """
    table = read_csv(in_package("weather", "vega-datasets", "vega_datasets", "_data", "seattle-weather.csv"))
    return _cut(
        "weather",
        table.numbers("temp_max", "temp_min", "precipitation", "wind", dtype=np.float64),
        window,
        horizon,
        features=("highest temperature, °C", "lowest temperature, °C", "precipitation, mm", "wind, m/s"),
        source=f"daily weather of Seattle, 2012 to 2015, {_NOAA}",
        licence="public domain",
        description="the highest temperature of tomorrow, from the weather of the days before",
    )


def laser(window: int = 32, horizon: int = 1) -> Data:
    """The brightness of a chaotic laser, 10,093 times: x float32 (N, window, 1), y float32 (N, 1), `horizon` later.

    The first 80 % are to learn from, the rest is the test; standardized by the first part, and
    `data.extra["scaler"].inverse(y)` is from 0 to 255. What comes next depends on what was in a way that no linear
    model follows, and where the laser breaks down a network shows what it has understood.

    Errors: DataNotFoundError where reservoirpy is not installed.
    """
    path = in_package("laser", "reservoirpy", "reservoirpy", "datasets", "santafe_laser.npy")
    return _cut(
        "laser",
        np.load(path, allow_pickle=False).astype(np.float64),
        window,
        horizon,
        features=("brightness",),
        source="U. Hübner, N. Abraham, C. Weiss, 1989: data set A of the Santa Fe competition (A. Weigend, "
        "N. Gershenfeld, 1991) and its continuation, from the package reservoirpy",
        licence="none stated by its authors; published for the competition",
        description="the brightness of a far-infrared laser in a chaotic state",
    )


def _cut(name: str, series: ndarray, window: int, horizon: int, **about: Any) -> Data:
    """Windows of the first 80 % and of the rest; the target is the first feature."""
    cut = int(0.8 * len(series))
    scale, scale_target = standardize(series[:cut]), standardize(series[:cut, :1])
    parts = []
    for part in (series[:cut], series[cut:]):
        x, y = windows(scale(part), window, horizon)
        parts.append(ArrayDataset(x, y[:, :1].copy()))
    train, test = parts
    return Data(name, train, test, extra={"scaler": scale_target, "series": series.astype(np.float32)}, **about)
