"""Pictures that recipes leave: many images in one, lines, and tables of shades. Drawn by matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["heat", "images", "lines"]


def images(images: Any, titles: Sequence[Any] = (), columns: int = 10) -> Any:
    """A figure of images (N, H, W), (N, 1, H, W) or (N, 3, H, W), line by line, each with its title."""
    from matplotlib.figure import Figure

    array = np.asarray(getattr(images, "data", images))
    rows = max(1, -(-len(array) // columns))
    columns = min(columns, max(1, len(array)))
    figure = Figure(figsize=(columns, rows * (1.25 if len(titles) else 1.0)))
    for i, (axes, image) in enumerate(zip(figure.subplots(rows, columns, squeeze=False).flat, array)):
        if image.ndim == 3:
            image = image[0] if len(image) == 1 else np.moveaxis(image, 0, -1)
        axes.imshow(image, cmap="gray_r")
        if len(titles) > i:
            axes.set_title(str(titles[i]), fontsize=7)
    for axes in figure.axes:
        axes.axis("off")
    return figure


def lines(lines: Mapping[str, Any], x: str = "epoch", y: str = "", **how: Any) -> Any:
    """A figure of lines with names; a tuple of two rows is x and y. `how` is for the axes: `yscale="log"`."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4))
    axes = figure.subplots()
    for name, line in lines.items():
        across, along = line if isinstance(line, tuple) else (range(1, len(line) + 1), line)
        axes.plot(across, along, "o" if len(along) == 1 else "-", label=name, linewidth=1.5)
    axes.set(xlabel=x, ylabel=y, **how)
    axes.grid(alpha=0.25)
    if len(lines) > 1:
        axes.legend()
    return figure


def heat(table: Any, rows: Sequence[Any], columns: Sequence[Any]) -> Any:
    """A figure of numbers between 0 and 1, the larger the darker."""
    from matplotlib.figure import Figure

    array = np.asarray(getattr(table, "data", table))
    figure = Figure(figsize=(1 + 0.3 * array.shape[1], 1 + 0.3 * array.shape[0]))
    axes = figure.subplots()
    axes.imshow(array, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    return figure
