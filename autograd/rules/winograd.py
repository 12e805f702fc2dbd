"""Winograd: 3×3 convolutions in 16 multiplications for each 2×2 results, where the textbook form takes 36.

A tile of 2×2 results depends on a tile of 4×4 inputs. Transform the tiles of the input (V) and the kernels (U), each to
16 numbers; then the convolution is a product of matrices for each of the 16, and its result is transformed back:

    Y = Aᵀ [(G w Gᵀ) ⊙ (Bᵀ d B)] A        (Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016)

All three transforms are linear. Both gradients are the transpose of this, and share H = A g Aᵀ:

    gradient of w = Gᵀ [Σ H Vᵀ] G        gradient of d = B [Uᵀ H] Bᵀ

So many images are worked on at a time that what lies in between stays in the cache. Rounding errors are two to three
times those of the textbook form. An infinite input spoils its whole tile.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy import ndarray

_G = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
_SIDES = [(i, j) for i in (0, 1) for j in (0, 1)]


ROOM = 3 << 19  # bytes of tiles, of images and of results, at a time


class Tiles:
    """Room for the tiles of some images (N, channels, height, width) whose padding begins with `low` rows and columns.

    Rows and columns, even and odd ones, lie apart, as four images of a quarter the size; those of all images lie side
    by side. Each has one column more than there are tiles, so that the next tile to the right is the next element, and
    that below is one line on: each addition runs over all tiles of all channels in one stretch. What the last column
    leads to is not used.
    """

    def __init__(self, shape: tuple[int, ...], size: tuple[int, ...], low: tuple[int, int], dtype: Any) -> None:
        images, channels, height, width = shape
        self.grid = (-(-size[0] // 2), images, -(-size[1] // 2) + 1)
        rows, _, columns = self.grid
        self.pitch = images * columns
        self.n = rows * self.pitch
        self.quarters = np.zeros((2, 2, channels, (rows + 1) * self.pitch + 1), dtype)
        self.lines = np.empty((4, 2, channels, self.n + 1), dtype)
        self.v = np.empty((4, 4, channels, self.n), dtype)
        grid = self.quarters[..., :-1].reshape(2, 2, channels, rows + 1, images, columns)
        self.places = []  # where the even and odd rows and columns are, in the images and in the quarters
        for i, j in _SIDES:
            a, b = (i - low[0]) % 2, (j - low[1]) % 2
            top, left = (a + low[0]) // 2, (b + low[1]) // 2
            h = min(-(-(height - a) // 2), rows + 1 - top)
            w = min(-(-(width - b) // 2), columns - left)
            part = (slice(None), slice(None), slice(a, a + 2 * h, 2), slice(b, b + 2 * w, 2))
            self.places.append((part, grid[i, j, :, top : top + h, :, left : left + w].transpose(2, 0, 1, 3)))

    @staticmethod
    def some(
        images: int, shape: tuple[int, ...], size: tuple[int, ...], outputs: int, itemsize: int
    ) -> Iterator[slice]:
        """So many images at a time as there is room for."""
        one = 16 * (shape[1] + outputs) * -(-size[0] // 2) * (-(-size[1] // 2) + 1) * itemsize
        many = max(ROOM // one, 1)
        return (slice(n, min(n + many, images)) for n in range(0, images, many))

    def transform(self, x: ndarray) -> ndarray:
        """V = Bᵀ d B of each tile d of the images: (16, channels, tiles)."""
        for part, quarter in self.places:
            quarter[...] = x[part]
        below = slice(self.pitch, self.pitch + self.n + 1)
        here = slice(0, self.n + 1)
        even, odd = self.quarters
        _to_four(even[..., here], odd[..., here], even[..., below], odd[..., below], self.lines)
        even, odd = self.lines[:, 0], self.lines[:, 1]
        _to_four(even[..., :-1], odd[..., :-1], even[..., 1:], odd[..., 1:], self.v.swapaxes(0, 1))
        return self.v.reshape(16, -1, self.n)

    def transpose(self, x: ndarray) -> None:
        """The transpose of `transform`: what is in `v` added up to images, which are written to x. It uses v up."""
        self.lines[..., -1] = 0
        even, odd = self.lines[:, 0], self.lines[:, 1]
        _of_four(self.v.swapaxes(0, 1), even[..., :-1], odd[..., :-1], even[..., 1:], odd[..., 1:], 1)
        self.quarters[..., self.n + 1 :] = 0
        below = slice(self.pitch, self.pitch + self.n + 1)
        here = slice(0, self.n + 1)
        even, odd = self.quarters
        _of_four(self.lines, even[..., here], odd[..., here], even[..., below], odd[..., below], self.pitch)
        for part, quarter in self.places:
            x[part] = quarter
        self.quarters[...] = 0  # which `transform` takes for the padding


def _to_four(a: ndarray, b: ndarray, c: ndarray, d: ndarray, out: ndarray) -> None:
    """Bᵀ of four neighbours."""
    np.subtract(a, c, out=out[0])
    np.add(b, c, out=out[1])
    np.subtract(c, b, out=out[2])
    np.subtract(d, b, out=out[3])


def _of_four(v: ndarray, a: ndarray, b: ndarray, c: ndarray, d: ndarray, step: int) -> None:
    """B of four: added up where neighbours meet, for c is a and d is b, `step` elements on."""
    np.subtract(v[1], v[2], out=b)
    b -= v[3]
    d += v[3]
    v[1] += v[2]
    v[1] -= v[0]
    a[...] = v[0]
    c += v[1]


def _kernels(w: ndarray) -> ndarray:
    """U = G w Gᵀ, as 16 matrices (O, C)."""
    g = _G.astype(w.dtype)
    u: ndarray = np.einsum("ia,ocab,jb->ijoc", g, w, g, optimize=True)
    return np.ascontiguousarray(u).reshape(16, *w.shape[:2])


def _quarters(x: ndarray, m: ndarray, tiles: Tiles, step: int) -> Iterator[tuple[ndarray, ndarray]]:
    """Pairs of even and odd parts of images (N, channels, ...), and of where they are in `m`, every `step`-th there."""
    grid = m.reshape(4, 4, -1, *tiles.grid)
    for i, j in _SIDES:
        part = x[:, :, i::2, j::2]
        yield part, grid[step * i, step * j, :, : part.shape[2], :, : part.shape[3]].transpose(2, 0, 1, 3)


def forward(x: ndarray, w: ndarray, size: tuple[int, ...], low: tuple[int, int]) -> ndarray:
    """x (N, C, H, W) with w (O, C, 3, 3): result (N, O, *size). The padding begins with `low` rows and columns."""
    outputs = len(w)
    u = _kernels(w)
    y = np.empty((len(x), outputs, *size), x.dtype)
    tiles = None
    for some in Tiles.some(len(x), x.shape, size, outputs, x.itemsize):
        if tiles is None or tiles.grid[1] != some.stop - some.start:
            tiles = Tiles(x[some].shape, size, low, x.dtype)
            m = np.empty((4, 4, outputs, tiles.n), x.dtype)
        np.matmul(u, tiles.transform(x[some]), out=m.reshape(16, outputs, -1))
        for part in (m, m[:2].swapaxes(0, 1)):  # Aᵀ of rows, then of columns, in place
            part[0] += part[1]
            part[0] += part[2]
            part[1] -= part[2]
            part[1] += part[3]
        for place, found in _quarters(y[some], m, tiles, 1):
            place[...] = found
    return y


def transposed(
    g: ndarray, x: ndarray | None, w: ndarray | None, shape: tuple[int, ...], low: tuple[int, int]
) -> tuple[ndarray | None, ndarray | None]:
    """The gradients of x (N, C, H, W) and w (O, C, 3, 3), given that of the result, g.

    That of x, which is of this shape, needs w, and that of w needs x: without the one, the other is None.
    """
    outputs = g.shape[1]
    if w is not None:
        u, dx = np.ascontiguousarray(_kernels(w).swapaxes(1, 2)), np.empty(shape, g.dtype)
    if x is not None:
        total, product = np.zeros((2, 16, outputs, shape[1]), g.dtype)
    tiles = None
    for some in Tiles.some(len(g), shape, g.shape[2:], outputs, g.itemsize):
        if tiles is None or tiles.grid[1] != some.stop - some.start:
            tiles = Tiles((some.stop - some.start, *shape[1:]), g.shape[2:], low, g.dtype)
            h = np.zeros((4, 4, outputs, tiles.n), g.dtype)
        for part, place in _quarters(g[some], h, tiles, 3):
            place[...] = part
        np.add(h[0, ::3], h[3, ::3], out=h[1, ::3])  # A of rows, then of columns
        np.subtract(h[0, ::3], h[3, ::3], out=h[2, ::3])
        np.add(h[:, 0], h[:, 3], out=h[:, 1])
        np.subtract(h[:, 0], h[:, 3], out=h[:, 2])
        if w is not None:
            np.matmul(u, h.reshape(16, outputs, -1), out=tiles.v.reshape(16, -1, tiles.n))
            tiles.transpose(dx[some])
        if x is not None:
            np.matmul(h.reshape(16, outputs, -1), tiles.transform(x[some]).swapaxes(1, 2), out=product)
            total += product
    k = _G.astype(g.dtype)
    return (
        None if w is None else dx,
        None
        if x is None
        else np.einsum("ia,ijoc,jb->ocab", k, total.reshape(4, 4, outputs, -1), k, optimize=True, order="C"),
    )
