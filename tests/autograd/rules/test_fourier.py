"""Fourier transforms: NumPy's results in two parts, the slopes of differences, and PyTorch's gradients."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import OperandError, ShapeError, Tensor, fft

RNG = np.random.default_rng(4)
X, Y = RNG.normal(size=(2, 3, 4, 6))
NORMS = [None, "backward", "ortho", "forward"]

CASES = [
    *[(name, {"norm": norm}) for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft") for norm in NORMS],
    *[(name, {"n": n, "axis": 0}) for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft") for n in (1, 2, 5, 6)],
    *[(name, {"norm": norm}) for name in ("fft2", "ifft2", "rfft2", "irfft2") for norm in NORMS],
    *[(name, {"axes": (2, 0), "s": (5, 4)}) for name in ("fftn", "ifftn", "rfftn", "irfftn")],
    *[(name, {"axes": (1, 0)}) for name in ("fftn", "ifftn", "rfftn", "irfftn")],
    *[(name, {}) for name in ("fftn", "ifftn", "rfftn", "irfftn")],
]
cases = pytest.mark.parametrize(("name", "how"), CASES)


def takes_real(name):
    return name.startswith("r") or name == "ihfft"


def operands(name):
    return (X,) if takes_real(name) else (X, Y)


def called(name, how):
    """The function of real arrays, its results in one array along a first axis."""

    def f(*parts):
        y = getattr(fft, name)(parts[0] if takes_real(name) else parts, **how)
        return autograd.stack(list(y)) if isinstance(y, tuple) else y

    return f


@cases
def test_numpy_says_the_same_and_slopes_agree(name, how, agrees):
    z = getattr(np.fft, name)(X if takes_real(name) else X + 1j * Y, **how)
    y = called(name, how)(*operands(name))
    np.testing.assert_allclose(y, [z.real, z.imag] if np.iscomplexobj(z) else z, rtol=1e-12, atol=1e-13)
    small = [x[:2, :2, :4] for x in operands(name)]
    agrees(called(name, how), *small)


@cases
def test_pytorch_has_the_same_gradients_to_second_order(name, how):
    torch = pytest.importorskip("torch", reason="PyTorch is compared with where it is installed")
    for dtype, tolerance in ((np.float64, 1e-10), (np.float32, 1e-4)):
        xs = [np.asarray(x, dtype) for x in operands(name)]
        theirs = [torch.tensor(x, requires_grad=True) for x in xs]
        given = theirs[0] if takes_real(name) else torch.complex(*theirs)
        z = getattr(torch.fft, name)(given, **{{"axis": "dim", "axes": "dim"}.get(k, k): v for k, v in how.items()})
        z = torch.stack([z.real, z.imag]) if z.is_complex() else z
        g = RNG.normal(size=tuple(z.shape)).astype(dtype)
        expected = torch.autograd.grad((z**2 * torch.tensor(g)).sum(), theirs, create_graph=True)
        curves = torch.autograd.grad(sum((e**2).sum() for e in expected), theirs)

        def scalar(*xs, g=g):
            return (called(name, how)(*xs) ** 2 * g).sum()

        slots = range(len(xs))
        slope = autograd.grad(scalar, slots)
        bends = autograd.grad(lambda *xs, slope=slope: sum((s**2).sum() for s in slope(*xs)), slots)(*xs)
        for mine, other in zip([*slope(*xs), *bends], [*expected, *curves], strict=True):
            other = other.detach().resolve_neg().numpy()
            assert mine.dtype == dtype
            np.testing.assert_allclose(mine, other, rtol=tolerance, atol=tolerance * np.abs(other).max())


def test_a_product_of_transforms_is_a_circular_convolution():
    a, b = RNG.normal(size=(2, 7))

    def direct(a, b):
        return autograd.stack([(a * autograd.roll(autograd.flip(b), k + 1)).sum() for k in range(7)])

    def by_transforms(a, b):
        p, q = fft.rfft(a), fft.rfft(b)
        product = fft.Spectrum(p.real * q.real - p.imag * q.imag, p.real * q.imag + p.imag * q.real)
        return fft.irfft(product, 7)

    g = RNG.normal(size=7)
    np.testing.assert_allclose(by_transforms(a, b), direct(a, b))
    for x, y in zip(autograd.vjp(by_transforms, a, b)[1](g), autograd.vjp(direct, a, b)[1](g), strict=True):
        np.testing.assert_allclose(x, y)


def test_the_inverse_is_one():
    real, imag = fft.ifft(fft.fft((X, Y)))
    np.testing.assert_allclose(real, X, atol=1e-14)
    np.testing.assert_allclose(imag, Y, atol=1e-14)
    np.testing.assert_allclose(fft.irfftn(fft.rfftn(X)), X, atol=1e-14)
    np.testing.assert_allclose(fft.ihfft(fft.hfft((X, Y), 11)).real, X)


def test_shifts(agrees):
    for axes in (None, 0, (0, 2), -1):
        for name in ("fftshift", "ifftshift"):
            ours, theirs = getattr(fft, name), getattr(np.fft, name)
            np.testing.assert_array_equal(ours(X[..., :5], axes), theirs(X[..., :5], axes))
            np.testing.assert_array_equal(theirs(Tensor(X), axes).data, theirs(X, axes))
    moved = fft.fftshift(fft.fft(X))
    np.testing.assert_allclose(moved.imag, np.fft.fftshift(np.fft.fft(X)).imag)
    agrees(lambda x: fft.fftshift(x, 1), X[:1])


def test_integers_lists_and_empty_stacks():
    np.testing.assert_allclose(fft.rfft([1, 2, 3]).imag, np.fft.rfft([1, 2, 3]).imag)
    t = Tensor(np.zeros((0, 4)))
    fft.rfft(t).real.sum().backward()
    assert t.grad.shape == (0, 4)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda t: fft.fft(np.array([1j])), OperandError, "complex numbers are out of scope.*(\n.*)*pair"),
        (lambda t: fft.rfft(t, norm="x"), ShapeError, "rfft: norm is .* not 'x'"),
        (lambda t: fft.rfft(t, 0), ShapeError, "rfft: a transform needs at least one number, not 0"),
        (lambda t: fft.irfft((t, t), 0), ShapeError, "irfft: a transform needs at least one number, not 0"),
        (lambda t: fft.irfft((t[..., :1], t[..., :1])), ShapeError, "irfft: a transform needs at least one number"),
        (lambda t: fft.fft2(t[0, 0]), ShapeError, r"fft2 of Tensor\(6,\).*no axes \(-2, -1\)"),
        (lambda t: fft.fftn(t, s=(2, 2), axes=(0,)), ShapeError, "2 sizes for 1 axes"),
        (lambda t: fft.fft((t, t[0])), ShapeError, "parts of one shape"),
        (lambda t: np.fft.rfft(t), TypeError, "autograd.fft.rfft, which takes and gives real and imaginary parts"),
    ],
)
def test_errors_say_what_where_and_what_to_do(call, kind, words):
    with pytest.raises(kind, match=words) as found:
        call(Tensor(X))
    assert "test_fourier.py" in str(found.value)
