"""Pictures with several things in them, whose places are known: for detection and segmentation.

Of each picture there are the mask, which says for each pixel what is there, and for each thing its box and its class.
All use the same numbers: 0 is the background, so that an ordinary class k of its own has number k + 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

import nn.functional as functional
from autograd import OperandError, ShapeError
from nn.data.dataset import ArrayDataset, rng
from nn.datasets.data import Data
from nn.datasets.image import digits, fashion_mnist, mnist
from nn.functional.refusal import refuse

__all__ = ["pasted_digits", "shapes"]

Generator = np.random.Generator
TASKS = {"all": (0, 1, 2, 3), "segmentation": (0, 1), "detection": (0, 2, 3)}

# A thing to be put into a picture: how strong it is in each pixel, 0 to 1 (h, w), and its class from 1 on.
Draw = Callable[[Generator], tuple[ndarray, int]]


def shapes(
    n: int = 1000,
    size: int = 48,
    things: tuple[int, int] = (1, 3),
    noise: float = 0.1,
    task: str = "all",
    generator: Generator | int | None = 0,
) -> Data:
    """Coloured discs, squares and triangles on a grey ground: x float32 (N, 3, size, size) from 0 to 1.

    `task` says what comes with the pictures: "segmentation", the masks int64 (N, size, size); "detection", the boxes
    float32 (N, K, 4) and their classes int64 (N, K); "all", masks, boxes and classes. A box is (x1, y1, x2, y2) in
    pixels, from the first to the one after the last; K is the largest number of `things` in a picture, and where there
    are fewer, boxes and classes are filled up with 0. A fifth is for the test.

    >>> import nn
    >>> data = nn.datasets.shapes(10, task="detection")
    >>> x, boxes, classes = data.train[0]
    >>> x.shape, boxes.shape, data.classes
    ((3, 48, 48), (3, 4), ('background', 'disc', 'square', 'triangle'))
    """

    def draw(random: Generator) -> tuple[ndarray, int]:
        side = int(random.integers(size // 5, size * 5 // 12))
        at = (np.arange(side) + 0.5) / side * 2 - 1
        across, down = at[None], at[:, None]
        kind = int(random.integers(3))
        inside = [
            across**2 + down**2 <= 1,
            np.ones((side, side), bool),
            np.abs(across) <= (down + 1) / 2,
        ][kind]
        return _trimmed(inside.astype(np.float32)), kind + 1

    found = _scenes(n, (size, size), things, draw, rng(generator), noise, colours=3)
    return _data("shapes", found, task, ("background", "disc", "square", "triangle"), description=_SHAPES)


def pasted_digits(
    n: int = 2000,
    size: int = 64,
    things: tuple[int, int] = (1, 3),
    noise: float = 0.0,
    source: str = "mnist",
    task: str = "all",
    generator: Generator | int | None = 0,
) -> Data:
    """Handwritten digits at places of chance, somewhat larger or smaller: x float32 (N, 1, size, size) from 0 to 1.

    `source` is "mnist", "digits" (of 8×8 pixels, shown twice as large) or "fashion_mnist"; the test, a fifth, shows
    things of its test part only. What `task` gives is told at `shapes`; here the mask is where there is ink, and a box
    is around the ink.

    Errors: DataNotFoundError where the source is not installed; ShapeError for a picture too small for its things.
    """
    sources: dict[str, tuple[Callable[[], Data], float]]
    sources = {"mnist": (mnist, 1), "digits": (digits, 2), "fashion_mnist": (fashion_mnist, 1)}
    if source not in sources:
        refuse(OperandError, f"source={source!r:.80}: there are {', '.join(map(repr, sources))}.")
    load, zoom = sources[source]
    of, random = load(), rng(generator)
    cut = n - n // 5
    parts = []
    for part, count in ((of.train, cut), (of.test, n - cut)):
        images, labels = part.arrays

        def draw(
            random: Generator, images: ndarray = images, labels: ndarray = labels, count: int = count
        ) -> tuple[ndarray, int]:
            i = int(random.integers(len(images)))
            side = round(images.shape[-1] * zoom * random.uniform(0.8, 1.25))
            large = functional.interpolate(images[i : i + 1], (side, side), mode="bilinear")[0, 0]
            return _trimmed(large), int(labels[i]) + 1

        parts.append(_scenes(count, (size, size), things, draw, random, noise, colours=1))
    found = [np.concatenate(pair) for pair in zip(*parts, strict=True)]
    names = ("background", *of.classes)
    about = {"source": of.source, "licence": of.licence, "description": f"several of: {of.description}"}
    return _data("pasted_digits", found, task, names, **about)


_SHAPES = "discs, squares and triangles of all colours, in front of each other"


def _scenes(
    n: int,
    size: tuple[int, int],
    things: tuple[int, int],
    draw: Draw,
    random: Generator,
    noise: float,
    colours: int,
) -> list[ndarray]:
    """Pictures, masks, boxes and classes. Boxes of two things overlap by a quarter of the smaller one at most."""
    low, high = things
    if not 0 <= low <= high:
        refuse(OperandError, f"things={things}: the least and the largest number in a picture.")
    height, width = size
    x = np.zeros((n, colours, height, width), np.float32)
    masks = np.zeros((n, height, width), np.int64)
    boxes, classes = np.zeros((n, high, 4), np.float32), np.zeros((n, high), np.int64)
    if colours > 1:
        x += random.uniform(0.3, 0.6, size=(n, 1, 1, 1)).astype(np.float32)
    for i in range(n):
        placed: list[tuple[int, int, int, int]] = []
        for _ in range(int(random.integers(low, high + 1))):
            strength, kind = draw(random)
            box = _place(strength.shape, size, placed, random)
            if box is None:
                continue  # no room left: a thing less
            placed.append(box)
            left, top, right, bottom = box
            here = (slice(top, bottom), slice(left, right))
            colour = _colour(random) if colours > 1 else np.ones((1, 1, 1), np.float32)
            x[i][:, *here] += (colour - x[i][:, *here]) * strength
            masks[i][here] = np.where(strength > 0.3, kind, masks[i][here])
            boxes[i, len(placed) - 1], classes[i, len(placed) - 1] = box, kind
    if noise:
        x += noise * random.standard_normal(x.shape, np.float32)
    return [np.clip(x, 0, 1, out=x), masks, boxes, classes]


def _place(
    shape: tuple[int, ...], size: tuple[int, int], placed: list[tuple[int, int, int, int]], random: Generator
) -> tuple[int, int, int, int] | None:
    """A box for a thing where it does not hide another; None when none is found."""
    h, w = shape
    if h > size[0] or w > size[1]:
        refuse(ShapeError, f"a thing of {h}×{w} pixels does not fit into a picture of {size[0]}×{size[1]}.")
    for _ in range(50):
        top, left = int(random.integers(size[0] - h + 1)), int(random.integers(size[1] - w + 1))
        box = left, top, left + w, top + h
        if all(_shared(box, other) <= 0.25 for other in placed):
            return box
    return None


def _shared(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """Which part of the smaller of two boxes the other one covers."""
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return max(across, 0) * max(down, 0) / smaller


def _colour(random: Generator) -> ndarray:
    """A strong colour (3, 1, 1), far from grey."""
    colour = random.random(3)
    colour[colour.argmax()], colour[colour.argmin()] = 1, 0
    return colour[:, None, None].astype(np.float32)


def _trimmed(image: Any) -> ndarray:
    """The part of an image (h, w) where there is something."""
    ink = np.asarray(image) > 0.3
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return np.asarray(image)
    return np.asarray(image)[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _data(name: str, found: list[ndarray], task: str, classes: tuple[str, ...], **about: Any) -> Data:
    """What a task asks for; the last fifth is the test."""
    if task not in TASKS:
        refuse(OperandError, f"task={task!r:.80}: there are {', '.join(map(repr, TASKS))}.")
    arrays = [found[i] for i in TASKS[task]]
    cut = len(arrays[0]) - len(arrays[0]) // 5
    train, test = (ArrayDataset(*(a[part] for a in arrays)) for part in (slice(cut), slice(cut, None)))
    return Data(name, train, test, classes, **about)
