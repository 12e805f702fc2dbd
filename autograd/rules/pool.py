"""What pooling is made of: the largest element, and the sum, of every window of an image; each linear part transposed.

Windows are never made. For each place in the window there is a pair of slices, of the results and of the elements seen
from that place; padding is where the second would leave the image, and is left out of both. So everything here is a few
passes over whole slices, some images at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import DISTINCT, REAL, case
from autograd.primitive import Primitive, general, linear
from autograd.rules.shaping import Shape, on_plain, shape_of

ROOM = 1 << 18  # bytes of images that are pooled at a time: they stay in the cache from one place to the next


def _places(size: Shape, kernel: Shape, stride: Shape, padding: Shape, dilation: Shape, counts: Shape) -> list[Any]:
    """For each place in the window: its number, the results that see an element from it, and those elements."""
    found = []
    for number, at in enumerate(np.ndindex(kernel)):
        results, elements = [], []
        for n, k, s, p, d, m in zip(size, at, stride, padding, dilation, counts, strict=True):
            offset = k * d - p
            first, last = max(-(offset // s), 0), min((n - 1 - offset) // s, m - 1)
            last = max(last, first - 1)
            results.append(slice(first, last + 1))
            start = first * s + offset
            elements.append(slice(start, start + (last - first) * s + 1, s) if last >= first else slice(0))
        found.append((number, (..., *results), (..., *elements)))
    return found


def _some(x: ndarray, *others: ndarray) -> Iterator[tuple[ndarray, ...]]:
    """Some images of each at a time."""
    many = max(ROOM // max(x[:1].nbytes, 1), 1)
    for n in range(0, len(x), many):
        yield tuple(a[n : n + many] for a in (x, *others))


# The largest element of each window


def _largest(x: ndarray, counts: Shape, kernel: Shape, **how: Shape) -> ndarray:
    y = np.full((*x.shape[:2], *counts), -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min, x.dtype)
    places = _places(x.shape[2:], kernel, counts=counts, **how)
    for images, found in _some(x, y):
        for _, results, elements in places:
            part = found[results]
            np.maximum(part, images[elements], out=part)
    return y


@on_plain
def largest_at(x: ndarray, y: ndarray, counts: Shape, kernel: Shape, **how: Shape) -> ndarray:
    """From which place each window sees its largest element: the first, of equal ones; the last nan, of several."""
    last = prod(kernel) - 1
    index = np.zeros(y.shape, np.uint8 if last < 256 else np.intp)
    places = _places(x.shape[2:], kernel, counts=counts, **how)
    spoiled = bool(np.isnan(y).any())
    for images, found, at in _some(x, y, index):
        for number, results, elements in places:  # counted from the end, so that the first is the largest number
            hit = images[elements] == found[results]
            np.maximum(at[results], hit.view(np.uint8) * at.dtype.type(last - number), out=at[results])
        np.subtract(last, at, out=at)
        for number, results, elements in places if spoiled else ():
            np.copyto(at[results], number, where=np.isnan(images[elements]))
    return index


def _seen_array(x: ndarray, index: ndarray, counts: Shape, kernel: Shape, **how: Shape) -> ndarray:
    y = np.zeros((*x.shape[:2], *counts), x.dtype)
    places = _places(x.shape[2:], kernel, counts=counts, **how)
    for images, found, at in _some(x, y, index):
        for number, results, elements in places:
            np.copyto(found[results], images[elements], where=at[results] == number)
    return y


def _given_back_array(g: ndarray, index: ndarray, size: Shape, kernel: Shape, **how: Shape) -> ndarray:
    x = np.zeros((*g.shape[:2], *size), g.dtype)
    places = _places(size, kernel, counts=g.shape[2:], **how)
    apart = all(s >= d * (k - 1) + 1 for k, s, d in zip(kernel, how["stride"], how["dilation"], strict=True))
    for cotangents, images, at in _some(g, x, index):
        for number, results, elements in places:
            hit = (at[results] == number).view(np.uint8)
            if apart:  # no element is seen twice
                np.multiply(cotangents[results], hit, out=images[elements])
            else:
                images[elements] += cotangents[results] * hit
    return x


def _max_back(g: Any, y: Any, x: Any, counts: Shape, **how: Any) -> Any:
    index = largest_at(x, y, counts=counts, **how)
    return given_back(g, index=index, size=shape_of(x)[2:], **how)


def _max_forward(t: Any, y: Any, x: Any, counts: Shape, **how: Any) -> Any:
    return seen(t, index=largest_at(x, y, counts=counts, **how), counts=counts, **how)


_LINE = {"kernel": (3,), "stride": (2,), "padding": (1,), "dilation": (1,)}
_PLANE = {"kernel": (2, 2), "stride": (1, 2), "padding": (0, 0), "dilation": (2, 1)}
_INDEX = np.array([[[2, 1, 0]]], np.uint8)

max_pool = general(
    "max_pool",
    _largest,
    [_max_back],
    [_max_forward],
    domain=[case(DISTINCT(2, 2, 5), counts=(3,), **_LINE), case(DISTINCT(1, 2, 4, 5), counts=(2, 2), **_PLANE)],
    doc="The largest element of each window; of equal ones the first has the derivative.",
)
seen: Primitive = linear(
    "max_pool_seen",
    _seen_array,
    lambda g, x, counts, **how: given_back(g, size=shape_of(x)[2:], **how),
    domain=[case(REAL(1, 1, 5), index=_INDEX, counts=(3,), **_LINE)],
    doc="One element of each window: the one seen from the place of that number.",
)
given_back: Primitive = linear(
    "max_pool_given_back",
    _given_back_array,
    lambda g, x, size, **how: seen(g, counts=shape_of(x)[2:], **how),
    domain=[
        case(REAL(1, 1, 3), index=_INDEX, size=(5,), **_LINE),
        case(REAL(1, 1, 3), index=_INDEX, size=(9,), **(_LINE | {"stride": (3,)})),
    ],
    doc="Numbers put back to the elements that were seen; the transpose of max_pool_seen.",
)


# The sum of each window


def _windows(size: Shape, kernel: Shape, stride: Shape, padding: Shape, dilation: Shape, counts: Shape) -> list[Any]:
    """As `_places`, for each window: its result, and its elements."""
    found = []
    for at in np.ndindex(counts):
        window = []
        for n, i, k, s, p, d in zip(size, at, kernel, stride, padding, dilation, strict=True):
            start = i * s - p
            first = start % d if start < 0 else start
            window.append(slice(first, max(min(start + (k - 1) * d + 1, n), first), d))
        found.append(((..., *at), (..., *window)))
    return found


def _summed_array(x: ndarray, counts: Shape, kernel: Shape, **how: Shape) -> ndarray:
    y = np.zeros((*x.shape[:2], *counts), x.dtype)
    if prod(counts) < prod(kernel):
        for result, elements in _windows(x.shape[2:], kernel, counts=counts, **how):
            y[result] = x[elements].sum(tuple(range(2, x.ndim)))
        return y
    places = _places(x.shape[2:], kernel, counts=counts, **how)
    for images, found in _some(x, y):
        for _, results, elements in places:
            found[results] += images[elements]
    return y


def _shared_array(g: ndarray, size: Shape, kernel: Shape, **how: Shape) -> ndarray:
    x = np.zeros((*g.shape[:2], *size), g.dtype)
    if prod(g.shape[2:]) < prod(kernel):
        for result, elements in _windows(size, kernel, counts=g.shape[2:], **how):
            x[elements] += g[result].reshape(*g.shape[:2], *(1,) * len(size))
        return x
    places = _places(size, kernel, counts=g.shape[2:], **how)
    for cotangents, images in _some(g, x):
        for _, results, elements in places:
            images[elements] += cotangents[results]
    return x


sum_pool: Primitive = linear(
    "sum_pool",
    _summed_array,
    lambda g, x, counts, **how: shared(g, size=shape_of(x)[2:], **how),
    domain=[
        case(REAL(2, 2, 5), counts=(3,), **_LINE),
        case(REAL(1, 2, 4, 6), counts=(2, 3), **_PLANE),
        case(REAL(2, 2, 4), counts=(2,), kernel=(3,), stride=(2,), padding=(1,), dilation=(2,)),
    ],
    doc="The sum of each window.",
)
shared: Primitive = linear(
    "sum_pool_shared",
    _shared_array,
    lambda g, x, size, **how: sum_pool(g, counts=shape_of(x)[2:], **how),
    domain=[
        case(REAL(2, 2, 3), size=(5,), **_LINE),
        case(REAL(1, 2, 2, 3), size=(4, 6), **_PLANE),
        case(REAL(2, 2, 2), size=(4,), kernel=(3,), stride=(2,), padding=(1,), dilation=(2,)),
    ],
    doc="A number for each window, given to all its elements; the transpose of sum_pool.",
)
