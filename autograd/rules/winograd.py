"""Winograd: convolution, step by step, with half of the multiplications (for 3×3 kernels) along the height of images.

In a column of an image, m results of a kernel with r rows depend on m + r - 1 inputs. Here these are six. Inputs and
kernel are both transformed to six numbers, which are multiplied pair by pair, and transformed back:

    y = Aᵀ [(G w) ⊙ (Bᵀ d)]          (Winograd, 1980; Lavin and Gray, 2016)

That is six multiplications where the textbook form takes m r, twelve for r = 3. The numbers are values of polynomials
at six points, one of them infinite: kernels are evaluated, and products interpolated (Toom, 1963; Cook, 1966). All is
linear, and transforms are products with small matrices. So both gradients are transposes, and share A g:

    gradient of w = Gᵀ [Σ (A g) (Bᵀ d)ᵀ]         gradient of d = B [(G w)ᵀ (A g)]

Along the width the kernel stays as it is. Images are turned so that the channels of a pixel lie side by side: then what
a kernel sees in a row is one stretch of memory, and stretches that do not overlap are the rows of a matrix, without a
copy. Some images at a time, or some lines of large ones, are worked on in the cache.

In float32 rounding errors are about 2.5 times those of the textbook form: with 3×3 kernels on 32 channels the root of
the mean square is 5e-7 of that of the results, and 2e-7. An infinite input spoils its whole tile.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray
from numpy.lib.stride_tricks import as_strided

ROOM = 1 << 20  # bytes of transforms, of images and of results, at a time
LEAST = 64  # pixels at a time, however many channels they have: products with fewer rows are slow

POINTS = (0.0, 1.0, -1.0, 0.5, -2.0)  # and infinity; these round the least
SIX = len(POINTS) + 1

Pair = tuple[int, int]


class Matrices(NamedTuple):
    """The transforms for kernels of r rows, and so m = 7 - r results."""

    results: ndarray  # Aᵀ, (m, 6)
    kernel: ndarray  # G, (6, r)
    inputs: ndarray  # Bᵀ, (6, 6)


@cache
def matrices(taps: int, dtype: Any) -> Matrices:
    """The transforms for kernels of so many rows.

    >>> matrices(3, np.dtype(float)).results.round(2)
    array([[ 1.  ,  1.  ,  1.  ,  1.  ,  1.  ,  0.  ],
           [ 0.  ,  1.  , -1.  ,  0.5 , -2.  ,  0.  ],
           [ 0.  ,  1.  ,  1.  ,  0.25,  4.  ,  0.  ],
           [ 0.  ,  1.  , -1.  ,  0.12, -8.  ,  1.  ]])
    """
    points = np.array(POINTS)
    results = np.vander(points, SIX - taps + 1, increasing=True).T
    kernel = np.vander(points, taps, increasing=True)
    inputs = np.zeros((SIX, SIX))
    for k, point in enumerate(points):
        others = np.delete(points, k)
        inputs[k, :-1] = np.poly(others)[::-1]  # the polynomial that is zero at the others, from its constant term on
        kernel[k] /= np.prod(point - others)
    inputs[-1] = np.poly(points)[::-1]
    at_infinity = np.eye(len(results))[:, -1:], np.eye(taps)[-1:]  # the leading coefficient
    found = np.concatenate([results, at_infinity[0]], 1), np.concatenate([kernel, at_infinity[1]]), inputs
    return Matrices(*(a.astype(dtype) for a in found))


class Band(NamedTuple):
    """Some images, or some lines of one: which, how many lines of tiles, and where they are."""

    images: slice
    tiles: int
    results: slice  # lines
    lines: slice  # of the images
    low: int  # lines of padding before them


def bands(images: int, height: int, results: int, taps: int, low: int, line_bytes: int, columns: int) -> Iterator[Band]:
    """As many images at a time as there is room for, and if there is none for one, as many lines of it."""
    m = SIX - taps + 1
    down = -(-results // m)
    lines = max(ROOM // line_bytes, -(-LEAST // columns), 1)  # of tiles
    many = max(lines // down, 1)
    for n in range(0, images, many):
        for top in range(0, down, lines):
            end = min(top + lines, down)
            first = max(m * top - low, 0)
            last = max(min(m * end + taps - 1 - low, height), first)
            found = slice(m * top, min(m * end, results)), slice(first, last)
            yield Band(slice(n, min(n + many, images)), end - top, *found, max(low - m * top, 0))


class Tiles:
    """Room for tiles of images: their pixels, with the channels of each side by side, and six planes of transforms.

    A tile has `seen` rows, and begins `step` rows below the one above. Kernels are `across` pixels wide. Before and
    behind the pixels of a plane there are zeros, as far as a kernel reaches. All but `pixels` are views:

    | view | what it shows |
    |---|---|
    | `lines` | the rows of each tile: (images, tiles, seen, columns · channels) |
    | `transforms` | the planes in that order: (images, tiles, 6, columns · channels) |
    | `flat` | the planes without the zeros around: (6, 1, pixels, channels) |
    | `ahead`, `behind` | what a kernel sees from a pixel on, or up to it: (6, across, rows, across · channels) |
    | `results` | where products with these belong: (6, across, rows, channels) |
    | `shifted` | the planes from each pixel in a row of the kernel on, turned: (6, across, channels, pixels) |

    What kernels see from one pixel and from the next overlaps. From each across-th pixel on it does not: these are the
    rows of one matrix, so that there are `across` of them.
    """

    def __init__(
        self, images: int, tiles: int, seen: int, step: int, columns: int, channels: int, across: int, dtype: Any
    ) -> None:
        self.step = step
        self.held: Any = None  # which images are in the pixels, and where: all around them is zero
        self.pixels = np.zeros((images, step * (tiles - 1) + seen, columns, channels), dtype)
        image, line, _, item = self.pixels.strides
        shape = (images, tiles, seen, columns * channels)
        self.lines = as_strided(self.pixels, shape, (image, step * line, line, item))
        n, around = images * tiles * columns, across - 1
        rows = -(-n // across)
        planes = np.zeros((SIX, around + rows * across + around, channels), dtype)
        inside = planes[:, around : around + rows * across]
        self.transforms = inside[:, :n].reshape(SIX, images, tiles, columns * channels).transpose(1, 2, 0, 3)
        self.flat = inside[:, None, :n]
        self.results = inside.reshape(SIX, rows, across, channels).swapaxes(1, 2)
        plane, pixel, item = planes.strides
        windows, apart = (SIX, across, rows, across * channels), (plane, pixel, across * pixel, item)
        self.ahead = as_strided(planes[:, around:], windows, apart)
        self.behind = as_strided(planes, windows, apart)
        self.shifted = as_strided(planes[:, around:], (SIX, across, channels, n), (plane, pixel, item, pixel))

    def put(self, x: ndarray, top: int, left: int) -> None:
        """Let the pixels be images (N, C, ...), so many rows and columns from the edge."""
        if self.held != (x.shape, top, left):
            self.pixels[...] = 0
            self.held = x.shape, top, left
        self.pixels[:, top : top + x.shape[2], left : left + x.shape[3]] = x.transpose(0, 2, 3, 1)

    def take(self, x: ndarray, top: int, left: int, add: bool = False) -> None:
        """Write, or add, pixels to images; see `put`. Few lines of one at a time stay in the first cache."""
        self.held = None
        step = max(12288 // self.pixels[0, 0].size, 1)
        for image, pixels in zip(x, self.pixels, strict=True):
            for r in range(0, x.shape[2], step):
                part = image[:, r : r + step]
                rows = pixels[top + r : top + r + part.shape[1], left : left + part.shape[2]].transpose(2, 0, 1)
                if add:
                    part += rows
                else:
                    part[...] = rows

    def transform(self, matrix: ndarray) -> None:
        """Planes from pixels."""
        np.matmul(matrix, self.lines, out=self.transforms)

    def restore(self, matrix: ndarray) -> None:
        """Pixels from planes; where tiles overlap they are added up."""
        if self.step == len(matrix):
            np.matmul(matrix, self.transforms, out=self.lines)
            return
        found = np.matmul(matrix, self.transforms)
        self.lines[:, :, : self.step] = found[:, :, : self.step]
        self.pixels[:, self.step * self.lines.shape[1] :] = 0
        for row in range(self.step, len(matrix)):
            self.lines[:, :, row] += found[:, :, row]


def _bands(shape: tuple[int, ...], outputs: int, size: Pair, kernel: Pair, low: Pair, dtype: Any) -> Iterator[Any]:
    """Bands of images of this shape, with room for their tiles and for those of their results."""
    images, channels, height, _ = shape
    taps, across = kernel
    m, columns = SIX - taps + 1, size[1] + across - 1
    line_bytes = SIX * columns * (channels + outputs) * dtype.itemsize
    made: Any = None
    for band in bands(images, height, size[0], taps, low[0], line_bytes, columns):
        needed = band.images.stop - band.images.start, band.tiles
        if needed != made:
            made = needed
            x = Tiles(*needed, SIX, m, columns, channels, across, dtype)
            y = Tiles(*needed, m, m, columns, outputs, across, dtype)
        yield band, x, y


def forward(x: ndarray, w: ndarray, bias: ndarray | None, size: Pair, low: Pair) -> ndarray:
    """x (N, C, H, W) with w (O, C, r, s), and a bias (O, 1, 1): result (N, O, *size).

    The padding begins with `low` rows and columns.
    """
    outputs, inputs, taps, across = w.shape
    by = matrices(taps, x.dtype)
    u = np.einsum("ka,ocab->kbco", by.kernel, w, optimize=True, order="C").reshape(SIX, 1, across * inputs, outputs)
    y = np.empty((len(x), outputs, *size), x.dtype)
    for band, seen, found in _bands(x.shape, outputs, size, (taps, across), low, x.dtype):
        seen.put(x[band.images, :, band.lines], band.low, low[1])
        seen.transform(by.inputs)
        np.matmul(seen.ahead, u, out=found.results)
        found.restore(by.results)
        part = y[band.images, :, band.results]
        found.take(part, 0, 0)
        if bias is not None:
            part += bias
    return y


def transposed(
    g: ndarray, x: ndarray | None, w: ndarray | None, shape: tuple[int, ...], kernel: Pair, low: Pair
) -> tuple[ndarray | None, ndarray | None]:
    """The gradients of x (N, C, H, W) and w (O, C, r, s), given that of the result, g.

    That of x, which is of this shape, needs w, and that of w, whose kernel is this, needs x: without the one, the other
    is None.
    """
    outputs, inputs, (taps, across) = g.shape[1], shape[1], kernel
    by = matrices(taps, g.dtype)
    dx = dw = None
    if w is not None:
        u = np.einsum("ka,ocab->kboc", by.kernel, w, optimize=True)[:, ::-1]  # seen backwards, the kernel is turned
        u = np.ascontiguousarray(u).reshape(SIX, 1, across * outputs, inputs)
        dx = np.zeros(shape, g.dtype)
    if x is not None:
        total, product = np.zeros((2, SIX, across, inputs, outputs), g.dtype)
    for band, of_x, of_g in _bands(shape, outputs, (g.shape[2], g.shape[3]), kernel, low, g.dtype):
        of_g.put(g[band.images, :, band.results], 0, 0)
        of_g.transform(by.results.T)
        if x is not None:
            of_x.put(x[band.images, :, band.lines], band.low, low[1])
            of_x.transform(by.inputs)
            total += np.matmul(of_x.shifted, of_g.flat, out=product)
        if dx is not None:
            np.matmul(of_g.behind, u, out=of_x.results)
            of_x.restore(by.inputs.T)
            of_x.take(dx[band.images, :, band.lines], band.low, low[1], add=band.results != slice(0, g.shape[2]))
    if x is not None:
        dw = np.einsum("ka,kbco->ocab", by.kernel, total, optimize=True, order="C")
    return dx, dw
