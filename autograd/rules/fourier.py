"""Fourier transforms, without complex numbers: what NumPy gives as one is here a pair, its real and imaginary parts.

A transform is linear in both parts, and its transpose is the transform the other way round: of a full one exactly
that, up to the factor; of that of real numbers, whose spectrum is given by half of it, with a weight of 1/2 for what
stands for two. So there are two primitives and their inverses, closed under differentiation to any order.

`autograd.fft` has them under NumPy's names. Those of real numbers take half the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, case
from autograd.errors import OperandError, ShapeError, describe, place
from autograd.primitive import Primitive, linear
from autograd.rules.arranging import roll
from autograd.rules.library import as_array
from autograd.rules.padding import pad
from autograd.rules.shaping import Shape, data_of, normalize_axes, shape_of, stack, swapaxes

Axes = Sequence[int] | None


class Spectrum(NamedTuple):
    """Complex numbers as two arrays of real ones."""

    real: Any
    imag: Any


# On arrays whose last axis, of size 2, has the two parts

_TURNED = {"backward": "forward", "forward": "backward", "ortho": "ortho"}  # which end has the factor 1/n


def _complex(x: ndarray) -> ndarray:
    found: ndarray = np.ascontiguousarray(x).view(np.result_type(x.dtype, np.complex64))[..., 0]
    return found


def _parts(z: ndarray) -> ndarray:
    return np.ascontiguousarray(z)[..., None].view(z.real.dtype)


def _full_array(x: ndarray, axes: Shape, inverse: bool, norm: Any) -> ndarray:
    return _parts((np.fft.ifftn if inverse else np.fft.fftn)(_complex(x), None, axes, norm))


_full: Primitive = linear(
    "fft",
    _full_array,
    lambda g, x, axes, inverse, norm: _full(g, axes=axes, inverse=not inverse, norm=_TURNED[norm]),
    domain=[
        case(REAL(4, 3, 2), axes=(0, 1), inverse=False, norm="backward"),
        case(REAL(2, 5, 2), axes=(1,), inverse=True, norm="backward"),
        case(REAL(3, 2), axes=(0,), inverse=False, norm="ortho"),
    ],
    doc="The discrete Fourier transform along axes, Σ x[j] e^(-2πi jk / n), or its inverse; parts along a last axis.",
)
_half: Primitive = linear(
    "rfft",
    lambda x, norm: _parts(np.fft.rfft(x, None, -1, norm)),
    lambda g, x, norm: _from_half(g * _weights(shape_of(x)[-1], g), n=shape_of(x)[-1], norm=_TURNED[norm]),
    domain=[case(REAL(2, 6), norm="backward"), case(REAL(5), norm="forward"), case(REAL(1), norm="ortho")],
    doc="The first half of the transform of real numbers, which the other half mirrors, in parts along a last axis.",
)
_from_half: Primitive = linear(
    "irfft",
    lambda x, n, norm: np.fft.irfft(_complex(x), n, -1, norm),
    lambda g, x, n, norm: _half(g, norm=_TURNED[norm]) / _weights(n, g),
    domain=[case(REAL(4, 2), n=6, norm="backward"), case(REAL(2, 3, 2), n=5, norm="ortho")],
    doc="n real numbers from the first half of their transform, whose last axis has the parts.",
)


def _weights(n: int, like: Any) -> ndarray:
    """1 for what stands in the half for itself alone, the mean and the fastest wave of an even number, else 1/2."""
    found = np.full((n // 2 + 1, 1), 0.5, like.dtype)
    found[0] = 1
    if n % 2 == 0:
        found[-1] = 1
    return found


# With NumPy's arguments


def _real(x: Any, name: str) -> Any:
    x = as_array(x)
    if data_of(x).dtype.kind == "c":
        raise OperandError(
            f"{name} of {describe(x)}: complex numbers are out of scope.{place()}\n"
            "  Give a pair, (x.real, x.imag), and get one."
        )
    return x if data_of(x).dtype.kind == "f" else x * 1.0


def _pair(x: Any, name: str) -> Any:
    """One array of a pair of real and imaginary parts, or of real numbers alone."""
    if isinstance(x, tuple) and len(x) == 2:
        real, imag = (_real(part, name) for part in x)
        if shape_of(real) != shape_of(imag):
            raise ShapeError(f"{name} needs parts of one shape, and got {describe(real)}, {describe(imag)}.{place()}")
        return stack([real, imag], -1)
    real = _real(x, name)
    return stack([real, np.zeros(shape_of(real), real.dtype)], -1)


def _unpacked(y: Any) -> Spectrum:
    return Spectrum(y[..., 0], y[..., 1])


def _norm(norm: str | None, name: str) -> Any:
    if norm not in (None, *_TURNED):
        raise ShapeError(f'{name}: norm is "backward", "ortho" or "forward", not {norm!r}.{place()}')
    return norm or "backward"


def _along(x: Any, ndim: int, s: Sequence[int] | None, axes: Axes, name: str) -> tuple[list[int], dict[int, int]]:
    """The axes to transform along, in order, and the sizes that these are to have."""
    if axes is None:
        axes = range(ndim) if s is None else range(ndim - len(s), ndim)
    if any(not -ndim <= a < ndim for a in axes):
        raise ShapeError(f"{name} of {describe(x)}: there are no axes {tuple(axes)}.{place()}")
    order = [a % ndim for a in axes]
    if s is not None and len(s) != len(order):
        raise ShapeError(f"{name}: {len(s)} sizes for {len(order)} axes.{place()}")
    return order, {} if s is None else dict(zip(order, s, strict=True))


def _sized(x: Any, sizes: dict[int, int], name: str) -> Any:
    """x cut, or filled up with zeros at the end, to these sizes along axes."""
    for axis, n in sizes.items():
        have = shape_of(x)[axis]
        if n < have:
            x = x[(*(slice(None),) * axis, slice(_size(n, name)))]
        elif n > have:
            x = pad(x, [(0, n - have if i == axis else 0) for i in range(len(shape_of(x)))])
    return x


def _size(n: int, name: str) -> int:
    if n < 1:
        raise ShapeError(f"{name}: a transform needs at least one number, not {n}.{place()}")
    return n


def _complete(name: str, x: Any, s: Any, axes: Axes, norm: str | None, inverse: bool) -> Spectrum:
    pairs = _pair(x, name)
    order, sizes = _along(x, len(shape_of(pairs)) - 1, s, axes, name)
    pairs = _sized(pairs, sizes, name)
    return _unpacked(_full(pairs, axes=tuple(order), inverse=inverse, norm=_norm(norm, name)))


def fftn(x: Any, s: Sequence[int] | None = None, axes: Axes = None, norm: str | None = None) -> Spectrum:
    """The discrete Fourier transform along several axes, all if none is named; `s` cuts or fills up their sizes."""
    return _complete("fftn", x, s, axes, norm, inverse=False)


def ifftn(x: Any, s: Sequence[int] | None = None, axes: Axes = None, norm: str | None = None) -> Spectrum:
    """The inverse of `fftn`."""
    return _complete("ifftn", x, s, axes, norm, inverse=True)


def fft2(x: Any, s: Sequence[int] | None = None, axes: Axes = (-2, -1), norm: str | None = None) -> Spectrum:
    """`fftn` along two axes."""
    return _complete("fft2", x, s, axes, norm, inverse=False)


def ifft2(x: Any, s: Sequence[int] | None = None, axes: Axes = (-2, -1), norm: str | None = None) -> Spectrum:
    """The inverse of `fft2`."""
    return _complete("ifft2", x, s, axes, norm, inverse=True)


def fft(x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Spectrum:
    """The discrete Fourier transform of a pair of real and imaginary parts, or of real numbers, along an axis.

    y[k] = Σ x[j] e^(-2πi jk / n), as a pair of the same shape. `n` cuts x, or fills it up with zeros. `norm` is where
    the factor 1/n goes: "backward" to the inverse, "forward" here, "ortho" its root to both.

    >>> import autograd
    >>> autograd.fft.fft([1.0, 2.0, 3.0]).real
    array([ 6. , -1.5, -1.5])
    """
    return _complete("fft", x, None if n is None else [n], (axis,), norm, inverse=False)


def ifft(x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Spectrum:
    """The inverse of `fft`."""
    return _complete("ifft", x, None if n is None else [n], (axis,), norm, inverse=True)


# Of real numbers


def _swapped(x: Any, axis: int, last: int) -> Any:
    return x if axis == len(shape_of(x)) + last else swapaxes(x, axis, last)


def _from_real(name: str, x: Any, s: Any, axes: Axes, norm: str | None) -> Spectrum:
    x, norm = _real(x, name), _norm(norm, name)
    order, sizes = _along(x, len(shape_of(x)), s, axes, name)
    x = _sized(x, sizes, name)
    *others, last = order
    pairs = _swapped(_half(_swapped(x, last, -1), norm=norm), last, -2)
    return _unpacked(_full(pairs, axes=tuple(others), inverse=False, norm=norm) if others else pairs)


def _to_real(name: str, x: Any, s: Any, axes: Axes, norm: str | None) -> Any:
    pairs, norm = _pair(x, name), _norm(norm, name)
    order, sizes = _along(x, len(shape_of(pairs)) - 1, s, axes, name)
    *others, last = order
    n = _size(sizes.pop(last, 2 * (shape_of(pairs)[last] - 1)), name)
    pairs = _sized(pairs, sizes | {last: n // 2 + 1}, name)
    if others:
        pairs = _full(pairs, axes=tuple(others), inverse=True, norm=norm)
    return _swapped(_from_half(_swapped(pairs, last, -2), n=n, norm=norm), last, -1)


def rfft(x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Spectrum:
    """The first half of the transform of real numbers along an axis, n // 2 + 1 numbers; the other half mirrors it.

    >>> import autograd
    >>> x = autograd.Tensor([1.0, 2.0, 3.0, 4.0])
    >>> y = autograd.fft.rfft(x)
    >>> power = y.real**2 + y.imag**2
    >>> power.sum().backward(); power.data, x.grad
    (array([100.,   8.,   4.]), array([12., 20., 20., 28.]))
    """
    return _from_real("rfft", x, None if n is None else [n], (axis,), norm)


def irfft(x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    """The n real numbers of which x is the first half of the transform; without n, an even number of them."""
    return _to_real("irfft", x, None if n is None else [n], (axis,), norm)


def rfft2(x: Any, s: Sequence[int] | None = None, axes: Axes = (-2, -1), norm: str | None = None) -> Spectrum:
    """`rfftn` along two axes."""
    return _from_real("rfft2", x, s, axes, norm)


def irfft2(x: Any, s: Sequence[int] | None = None, axes: Axes = (-2, -1), norm: str | None = None) -> Any:
    """`irfftn` along two axes."""
    return _to_real("irfft2", x, s, axes, norm)


def rfftn(x: Any, s: Sequence[int] | None = None, axes: Axes = None, norm: str | None = None) -> Spectrum:
    """The transform of real numbers along several axes, of which the last has its first half: n // 2 + 1 numbers."""
    return _from_real("rfftn", x, s, axes, norm)


def irfftn(x: Any, s: Sequence[int] | None = None, axes: Axes = None, norm: str | None = None) -> Any:
    """The real numbers of which x is the transform along several axes, the first half along the last of them.

    Without sizes the last axis gets an even one.
    """
    return _to_real("irfftn", x, s, axes, norm)


def hfft(x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    """The transform, n real numbers, of what mirrors itself and is given by its first half."""
    y = _unpacked(_pair(x, "hfft"))
    return irfft(Spectrum(y.real, -y.imag), n, axis, _TURNED[_norm(norm, "hfft")])


def ihfft(x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Spectrum:
    """The inverse of `hfft`."""
    y = rfft(x, n, axis, _TURNED[_norm(norm, "ihfft")])
    return Spectrum(y.real, -y.imag)


# The zero in the middle


def _shifted(x: Any, axes: int | Axes, back: bool) -> Any:
    if isinstance(x, tuple):
        return Spectrum(*(_shifted(part, axes, back) for part in x))
    shape = shape_of(x)
    along = normalize_axes(axes, len(shape))
    return roll(x, [-(shape[a] // 2) if back else shape[a] // 2 for a in along], along)


def fftshift(x: Any, axes: int | Axes = None) -> Any:
    """The number that belongs to frequency 0 moved to the middle, along all axes or these; of a pair, of both."""
    return _shifted(x, axes, back=False)


def ifftshift(x: Any, axes: int | Axes = None) -> Any:
    """The inverse of `fftshift`."""
    return _shifted(x, axes, back=True)
