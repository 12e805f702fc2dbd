"""scipy.signal, differentiable as far as `convolve` goes, which can do more here."""

from collections.abc import Sequence
from typing import Any

from autograd.errors import ShapeError as _ShapeError
from autograd.errors import describe as _describe
from autograd.errors import place as _place
from autograd.numpy.offer import lazily as _lazily
from autograd.rules.contraction import einsum as _einsum
from autograd.rules.library import as_array as _as_array
from autograd.rules.padding import pad as _pad
from autograd.rules.shaping import flip as _flip
from autograd.rules.window import sliding_window_view as _windows

_Axes = tuple[Sequence[int], Sequence[int]]


def convolve(A: Any, B: Any, axes: _Axes | None = None, dot_axes: _Axes = ((), ()), mode: str = "full") -> Any:  # noqa: N803
    """Convolution of A and B along pairs of axes, summed over pairs of others, as in HIPS autograd.

    `axes` are the axes of A and of B that are convolved with each other, by default all, `dot_axes` those that are
    multiplied and summed. The result has the axes of A that are in neither, those of B, and then the convolved ones.
    `mode` is "full" (as far as they touch), "valid" (where one is inside of the other) or "same" (the size of A).

    With axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode="valid" images (n, c_in, y, x) and weights (c_in, c_out, y, x)
    give (n, c_out, y, x): the layer of a convolutional network, its weights flipped.
    """
    a, b = _as_array(A), _as_array(B)
    if mode not in ("full", "same", "valid"):
        raise _ShapeError(f'convolve: mode is "full", "same" or "valid", not {mode!r}.{_place()}')
    along_a, along_b = _positive(a, b, axes or (range(a.ndim), range(b.ndim)))
    dot_a, dot_b = _positive(a, b, dot_axes)
    excess = [a.shape[i] - b.shape[j] for i, j in zip(along_a, along_b, strict=True)]
    swapped = mode == "valid" and min(excess, default=0) < 0
    if swapped and max(excess) > 0:
        raise _ShapeError(
            f"convolve of {_describe(a)} and {_describe(b)}: one must be at least as long as the other along all axes."
            f"{_place()}"
        )
    if swapped:
        a, b, along_a, along_b, dot_a, dot_b = b, a, along_b, along_a, dot_b, dot_a
    sizes = [b.shape[j] for j in along_b]
    if mode != "valid":
        widths = [(0, 0)] * a.ndim
        for i, m in zip(along_a, sizes, strict=True):
            behind = m - 1 if mode == "full" else (m - 1) // 2
            widths[i] = (m - 1 if mode == "full" else m - 1 - behind, behind)
        a = _pad(a, widths)
    windows = _windows(a, tuple(sizes), tuple(along_a)) if along_a else a
    of_windows = list(range(windows.ndim))  # the axes of a, and then those inside of a window
    of_b = [windows.ndim + j for j in range(b.ndim)]
    for k, j in enumerate(along_b):
        of_b[j] = a.ndim + k
    for i, j in zip(dot_a, dot_b, strict=True):
        of_b[j] = i
    left = [i for i in range(a.ndim) if i not in along_a and i not in dot_a]
    right = [j for j in of_b if j >= windows.ndim]
    output = (right + left if swapped else left + right) + along_a
    return _einsum(windows, of_windows, _flip(b, tuple(along_b)) if along_b else b, of_b, output)


def _positive(a: Any, b: Any, axes: _Axes) -> tuple[list[int], list[int]]:
    """Axes counted from the front."""
    of_a, of_b = axes
    return [i % a.ndim for i in of_a], [j % b.ndim for j in of_b]


__getattr__ = _lazily("scipy.signal")
