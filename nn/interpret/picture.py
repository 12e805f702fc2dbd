"""A picture of attributions: each example beside what was found about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Node, ShapeError

__all__ = ["picture"]


def picture(x: Any, attributions: Mapping[str, Any], titles: Sequence[Any] = ()) -> Any:
    """A matplotlib figure: a row for each example, a column for each attribution, by its name.

    `x` are images (N, C, H, W) or (N, H, W), or anything else of a batch, (N, ...), which is shown flat, as a row of
    numbers; attributions have the shape of x or one channel. Channels are summed. What has both signs is red where it
    speaks for the output and blue where against, with white for 0; what has one sign goes from white to red. Each map
    has its own scale. `titles` are words for the rows, one for each example.

    `figure.savefig("why.png")` keeps it; in a notebook it shows itself.

    >>> import nn, numpy as np
    >>> x = np.zeros((2, 1, 8, 8))
    >>> figure = picture(x, {"saliency": nn.interpret.saliency(nn.models.lenet_small(), x, 3)}, titles="ab")
    >>> len(figure.axes)
    4
    """
    from matplotlib.figure import Figure

    images = _plain(x)
    maps = {name: _plain(each) for name, each in attributions.items()}
    for name, each in maps.items():
        if len(each) != len(images):
            raise ShapeError(f"picture: {name} is of {len(each)} examples, and x of {len(images)}.")
    columns = 1 + len(maps)
    figure = Figure(figsize=(1.9 * columns, 1.9 * len(images) + 0.4), layout="constrained")
    axes = figure.subplots(len(images), columns, squeeze=False)
    for row, image in enumerate(images):
        drawn = _colours(image)
        axes[row, 0].imshow(drawn, cmap="gray_r", aspect=_aspect(drawn))
        if row < len(titles):
            axes[row, 0].set_ylabel(str(titles[row]))
        for column, each in enumerate(maps.values(), start=1):
            found = _flat(each[row])
            limit = float(np.abs(found).max()) or 1.0
            signed = found.min() < 0
            shades = {"cmap": "RdBu_r", "vmin": -limit} if signed else {"cmap": "Reds", "vmin": 0}
            axes[row, column].imshow(found, vmax=limit, aspect=_aspect(found), **shades)
    for column, name in enumerate(["input", *maps]):
        axes[0, column].set_title(name, fontsize=10)
    for panel in figure.axes:
        panel.set_xticks([])
        panel.set_yticks([])
    return figure


def _plain(x: Any) -> ndarray:
    found = np.asarray(x.data if isinstance(x, Node) else x)
    if found.ndim < 2:
        raise ShapeError(f"picture: a batch of examples is (N, ...), and this has shape {found.shape}.")
    return found


def _flat(example: ndarray) -> ndarray:
    """An example as a table: an image as its channels together, anything else as a row."""
    if example.ndim == 3:
        return np.asarray(example.sum(0))
    return example if example.ndim == 2 else example.reshape(1, -1)


def _colours(example: ndarray) -> ndarray:
    """An image to be shown: in colours if it has three channels."""
    if example.ndim == 3 and len(example) == 3:
        low, high = example.min(), example.max()
        return np.moveaxis((example - low) / ((high - low) or 1), 0, -1)
    return _flat(example)


def _aspect(table: ndarray) -> str:
    return "equal" if min(table.shape[:2]) > 1 else "auto"
