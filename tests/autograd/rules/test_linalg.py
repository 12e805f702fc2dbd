"""Linear algebra: NumPy's and PyTorch's results, over leading axes; singular, degenerate, empty and tiny matrices."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg

import autograd
from autograd import MatrixError, OperandError, ShapeError, Tensor, linalg
from autograd.rules import determinant

RNG = np.random.default_rng(11)


def matrices(*shape):
    return RNG.normal(size=shape) + 2 * np.eye(*shape[-2:])


def mirrored(x):
    return x + np.swapaxes(x, -1, -2)


A, B, TALL, WIDE = matrices(3, 3), matrices(2, 3, 3), matrices(2, 4, 2), matrices(2, 3, 5)
RIGHT = RNG.normal(size=(3, 2))

# Called with numpy.linalg and with autograd.linalg
SAME = {
    "solve": [(A, RIGHT), (A, RIGHT[:, 0]), (B, RIGHT), (A, B), (B, RIGHT[:, 0])],
    "inv": [(A,), (B,)],
    "det": [(A,), (B,)],
    "slogdet": [(A,), (-B,)],
    "cholesky": [(A @ A.T,), (B @ np.swapaxes(B, 1, 2),), (np.tril(A @ A.T),)],
    "eigh": [(mirrored(A),), (mirrored(B), "U"), (A,), (B, "U")],
    "eigvalsh": [(mirrored(A),), (mirrored(B), "u"), (A,), (B, "U")],
    "svdvals": [(A,), (TALL,), (WIDE,)],
    "svd": [(A,), (TALL,), (WIDE,), (WIDE, False), (WIDE, True, False)],
    "qr": [(A,), (TALL,), (WIDE,), (TALL, "complete"), (WIDE, "complete"), (WIDE, "r")],
    "pinv": [(A,), (TALL,), (WIDE,), (np.outer([1.0, 2.0], [3.0, 4.0, 5.0]),), (A, 0.5)],
    "matrix_power": [(A, 5), (B, -2), (B, 0), (A, 1)],
    "matrix_rank": [(A,), (B,), (np.ones((3, 3)),), (np.diag([1.0, 0.1]), 0.5)],
    "lstsq": [(TALL[0], RNG.normal(size=(4, 3))), (TALL[0], np.arange(4.0)), (WIDE[0], np.arange(3.0))],
    "multi_dot": [([A, RIGHT, RIGHT.T],), ([A[0], A, RIGHT, RIGHT.T, A[1]],), ([A[0], A, RIGHT],), ([A, A[1]],)],
    "cross": [(A, RIGHT.T[0]), (B, A)],
    "trace": [(A,), (B,)],
    "diagonal": [(B,)],
    "vecdot": [(B, A)],
    "matrix_transpose": [(WIDE,)],
    "tensorinv": [(RNG.normal(size=(4, 6, 8, 3)),)],
    "tensorsolve": [(RNG.normal(size=(2, 3, 6)), RNG.normal(size=(2, 3)))],
    "cond": [(A, p) for p in (None, 2, -2, 1, -1, np.inf, -np.inf, "fro", "nuc")] + [(WIDE,)],
    "norm": [
        *[(A, o) for o in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)],
        *[(A[0], o) for o in (None, 0, 1, 2, 3, 0.5, -1, np.inf, -np.inf)],
        *[(B, o, (2, 0)) for o in (None, "nuc", 1, -2, np.inf)],
        *[(B, o, 1, True) for o in (None, 1, 2.5, -np.inf)],
        *[(B, o, (0, 1), True) for o in ("fro", "nuc", -1, 2)],
        (B,),
    ],
}
CASES = [(name, args) for name, all_args in SAME.items() for args in all_args]


def leaves(x):
    return list(x) if isinstance(x, tuple | list) else [x]


@pytest.mark.parametrize(("name", "args"), CASES)
def test_numpy_says_the_same(name, args):
    tensors = [Tensor(x) if isinstance(x, np.ndarray) else x for x in args]
    tensors = [list(map(Tensor, x)) if isinstance(x, list) else x for x in tensors]
    plain = leaves(getattr(np.linalg, name)(*args))
    for found in (getattr(linalg, name)(*tensors), getattr(np.linalg, name)(*tensors)):
        for y, expected in zip(leaves(found), plain, strict=True):
            np.testing.assert_allclose(getattr(y, "data", y), expected, rtol=1e-11, atol=1e-13)
            assert np.shape(y) == np.shape(expected)
    for x, y in zip(leaves(found), leaves(getattr(linalg, name)(*args)), strict=True):
        np.testing.assert_array_equal(getattr(x, "data", x), y)


@pytest.mark.parametrize(
    ("name", "args"), [c for c in CASES if c[0] not in ("matrix_rank", "cholesky", "eigh", "eigvalsh")]
)
def test_slopes_agree_with_differences_and_single_precision_stays(name, args, agrees):
    arrays = [x for x in args if isinstance(x, np.ndarray)]

    def f(*xs):
        filled = iter(xs)
        called = getattr(linalg, name)(*(next(filled) if isinstance(x, np.ndarray) else x for x in args))
        parts = [y for y in leaves(called) if getattr(y, "dtype", np.dtype(int)).kind == "f"]
        if name == "svd" and len(parts) == 3:  # vectors up to a rotation: what they span
            u, s, vh = parts
            k = s.shape[-1]
            rest = [u[..., k:], linalg.matrix_transpose(vh)[..., k:]]
            parts = [abs(u[..., :k]), s, abs(vh[..., :k, :]), *(x @ linalg.matrix_transpose(x) for x in rest)]
        if name == "qr" and len(parts) == 2:
            k = min(parts[1].shape[-2:])
            rest = parts[0][..., k:]
            parts = [parts[0][..., :k], parts[1], rest @ linalg.matrix_transpose(rest)]
        return autograd.concatenate([autograd.ravel(y) for y in parts])

    if name == "multi_dot":
        arrays = args[0]
        f = lambda *xs: linalg.multi_dot(xs)  # noqa: E731
    if name == "pinv" and np.any(np.linalg.matrix_rank(args[0], rtol=[*args, 1e-9][1]) < min(args[0].shape[-2:])):
        u, v = np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])  # among matrices of the same rank
        agrees(lambda u, v: linalg.pinv(autograd.outer(u, v)), u, v)
        return
    agrees(f, *arrays, rtol=1e-6)
    tensors = [Tensor(np.float32(x)) for x in arrays]
    y = f(*tensors)
    assert y.dtype == np.float32
    y.sum().backward()
    assert all(t.grad.dtype == np.float32 for t in tensors)


# Of symmetric matrices one triangle is read, and the derivative is that among symmetric ones

OF_SYMMETRIC = [
    lambda x: linalg.pinv(x, hermitian=True),
    linalg.cholesky,
    lambda x: linalg.cholesky(x, upper=True),
    linalg.eigvalsh,
    lambda x: linalg.eigvalsh(x, "U"),
    lambda x: abs(linalg.eigh(x).eigenvectors),
    lambda x: abs(linalg.eigh(x, "U").eigenvectors),
]


@pytest.mark.parametrize("f", OF_SYMMETRIC)
@pytest.mark.parametrize("x", [A @ A.T, B @ np.swapaxes(B, 1, 2)])
def test_functions_of_symmetric_matrices(f, x, agrees):
    agrees(lambda x: f(x + linalg.matrix_transpose(x)), x / 2, rtol=1e-6)
    y, pull = autograd.vjp(f, x)
    g, t = RNG.normal(size=y.shape), RNG.normal(size=x.shape)
    (gradient,) = pull(g)
    np.testing.assert_allclose(gradient, np.swapaxes(gradient, -1, -2), rtol=1e-13, atol=1e-14)
    assert np.sum(g * autograd.jvp(f, x, t)[1]) == pytest.approx(np.sum(gradient * t), rel=1e-12)
    assert autograd.grad(lambda x: f(x).sum())(np.float32(x)).dtype == np.float32


# What NumPy does not have


def test_expm(agrees):
    np.testing.assert_allclose(linalg.expm(B), scipy.linalg.expm(B), rtol=1e-14)
    agrees(linalg.expm, B, rtol=1e-6)
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    y, t = autograd.jvp(lambda angle: linalg.expm(turn * angle), (0.3,), (1.0,))
    np.testing.assert_allclose(y, [[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
    np.testing.assert_allclose(t, turn @ y)


@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize("trans", [0, 1, "T"])
@pytest.mark.parametrize("unit", [True, False])
@pytest.mark.parametrize("b", [RIGHT, RIGHT[:, 0]])
def test_triangular_systems(lower, trans, unit, b, agrees):
    def f(a, b):
        return linalg.solve_triangular(a, b, trans, lower, unit)

    np.testing.assert_allclose(f(A, b), scipy.linalg.solve_triangular(A, b, trans, lower, unit), rtol=1e-12)
    agrees(f, A, b)
    agrees(f, B, RIGHT)
    t = Tensor(A)
    f(t, b).sum().backward()
    read = np.tril(np.ones((3, 3)), -unit) if lower else np.triu(np.ones((3, 3)), unit)
    assert np.all((t.grad != 0) == (read != 0))


@pytest.mark.parametrize("lower", [True, False])
def test_cholesky_and_what_is_solved_with_it(lower, agrees):
    p = B @ np.swapaxes(B, 1, 2)
    factor = linalg.cho_factor(p, lower)
    np.testing.assert_allclose(linalg.cho_solve(factor, RIGHT), np.linalg.solve(p, RIGHT), rtol=1e-10)
    for inverse in (linalg.cholesky_inverse(factor[0], not lower), linalg.cho_solve(factor, np.eye(3))):
        np.testing.assert_allclose(inverse, np.linalg.inv(p), rtol=1e-10)
    agrees(lambda c: linalg.cholesky_inverse(c, not lower), factor[0], rtol=1e-6)

    def solved(half, b):
        return linalg.cho_solve(linalg.cho_factor(half + linalg.matrix_transpose(half), lower), b)

    agrees(solved, p / 2, RIGHT, rtol=1e-6)
    t = Tensor(p)
    linalg.cholesky(t, upper=not lower).sum().backward()
    np.testing.assert_allclose(t.grad, np.swapaxes(t.grad, 1, 2), rtol=1e-14)  # the gradient is symmetric


def test_logdet():
    np.testing.assert_allclose(linalg.logdet(A @ A.T), np.log(np.linalg.det(A @ A.T)))
    assert np.isnan(linalg.logdet(np.diag([1.0, -1.0])))
    assert linalg.slogdet(np.eye(400) * 1e-3).logabsdet == pytest.approx(400 * np.log(1e-3))


def test_an_svd_puts_the_matrix_together_again(agrees):
    def f(x):
        u, s, vh = linalg.svd(x, full_matrices=False)
        return (u * s[..., None, :]) @ vh

    for x in (A, TALL, WIDE):
        np.testing.assert_allclose(f(x), x, atol=1e-13)
        np.testing.assert_allclose(autograd.vjp(f, x)[1](x)[0], x, atol=1e-11)  # the identity's gradient


# Singular and degenerate


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_determinants_of_singular_matrices_have_first_and_second_derivatives(rank):
    x = RNG.normal(size=(4, rank)) @ RNG.normal(size=(rank, 4))

    def polynomial(x):  # Leibniz's formula by minors
        if x.shape[-1] == 1:
            return x[0, 0]
        keep = [[i for i in range(x.shape[-1]) if i != k] for k in range(x.shape[-1])]
        return sum((-1) ** k * x[0, k] * polynomial(x[1:][:, keep[k]]) for k in range(x.shape[-1]))

    t = RNG.normal(size=(4, 4))
    np.testing.assert_allclose(autograd.grad(linalg.det)(x), autograd.grad(polynomial)(x), atol=1e-12)
    for mode in ("forward_over_reverse", "reverse_over_reverse"):
        np.testing.assert_allclose(
            autograd.hvp(linalg.det, x, t, mode=mode), autograd.hvp(polynomial, x, t), atol=1e-12
        )


def of_rank(n, rank):
    u, v = (np.linalg.qr(RNG.normal(size=(n, n)))[0] for _ in range(2))
    return u * (np.arange(n) < rank) @ v


@pytest.mark.parametrize("n", [3, 20])
def test_singular_matrices_in_a_stack_of_others(n):
    x = np.array([of_rank(n, rank) for rank in (n, n - 1, n, n - 2, 0)])
    x[1, 0] = 0  # exactly singular; the others are up to rounding
    t, y = RNG.normal(size=x.shape), autograd.grad(lambda x: linalg.det(x).sum())(x)
    (along,) = autograd.vjp(lambda x: autograd.grad(lambda x: linalg.det(x).sum())(x), x)[1](t)
    for a, e, g, s in zip(x, t, y, along, strict=True):
        np.testing.assert_allclose(g, determinant._of_singular(a), atol=1e-13)
        np.testing.assert_allclose(s, determinant._slope_of_singular(a, e), atol=1e-12)


@pytest.mark.parametrize("gap", [1e-4, 1e-8, 1e-12, 1e-16])
def test_cofactors_of_badly_conditioned_matrices(gap):
    x = of_rank(5, 4) + gap * of_rank(5, 5)
    np.testing.assert_allclose(autograd.grad(linalg.det)(x), determinant._of_singular(x), atol=1e-14)
    (slope,) = autograd.vjp(autograd.grad(linalg.det), x)[1](np.eye(5))
    np.testing.assert_allclose(slope, determinant._slope_of_singular(x, np.eye(5)), atol=1e-11)


def test_determinants_too_small_for_a_float_and_of_what_is_no_number():
    np.testing.assert_allclose(autograd.grad(linalg.det)(np.eye(2) * 1e-170), np.eye(2) * 1e-170)
    for n, curve in ((1, [[0.0]]), (2, [[0.0, 0.0], [0.0, 1.0]])):
        x, t = np.eye(n) * 1e-170, np.eye(n)[:, :1] * np.eye(n)[0]
        np.testing.assert_allclose(autograd.hvp(linalg.det, x, t), curve)
    with np.errstate(invalid="ignore"):
        found = autograd.grad(linalg.det)(np.full((2, 2), np.nan))
    assert np.isnan(found).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(40, 40), (2, 17, 17), (0, 20, 20)])
def test_inverses_and_determinants_of_larger_matrices(shape, dtype):
    x = (matrices(*shape) / 4).astype(dtype)
    y = linalg.inv(x)
    assert y.dtype == dtype
    eye = np.broadcast_to(np.eye(shape[-1], dtype=dtype), shape)
    np.testing.assert_allclose(x @ y, eye, atol=1e-3 if dtype == np.float32 else 1e-10)
    found = autograd.grad(lambda x: linalg.det(x).sum())(x)
    assert found.dtype == dtype
    expected = np.linalg.det(x.astype(float))[..., None, None] * np.swapaxes(np.linalg.inv(x.astype(float)), -1, -2)
    top = np.max(np.abs(expected), initial=0)
    np.testing.assert_allclose(found, expected, atol=(1e-4 if dtype == np.float32 else 1e-11) * top)


def test_inverses_where_the_determinant_overflows_or_vanishes():
    for scale in (1e3, 1e-3):
        x = (matrices(64, 64) * scale).astype(np.float32)
        np.testing.assert_allclose(x @ linalg.inv(x), np.eye(64), atol=1e-3)
    stack = np.stack([np.full((20, 20), np.nan), np.eye(20) * 1e-20])
    assert np.isnan(linalg.inv(stack)[0]).all()
    np.testing.assert_array_equal(linalg.inv(stack)[1], np.eye(20) * 1e20)


def test_equal_eigenvalues():
    eye = np.eye(3)
    t = RNG.normal(size=(3, 3))
    for f in (
        lambda x: linalg.eigvalsh(x).sum(),
        lambda x: linalg.eigh(x).eigenvalues.sum(),
        lambda x: linalg.svdvals(x).sum(),
        lambda x: linalg.svd(x).S.sum(),
        lambda x: linalg.norm(x, "nuc"),
    ):
        np.testing.assert_allclose(autograd.grad(f)(eye), eye, atol=1e-14)  # what no rotation changes has a gradient

    def determined(x):
        w, v = linalg.eigh(x)
        return ((v * autograd.exp(w)[None]) @ v.T * t).sum()  # exp(x) by eigenvectors

    with np.errstate(all="ignore"):
        undetermined = autograd.grad(lambda x: (linalg.eigh(x).eigenvectors * t).sum())(eye)
    assert not np.isfinite(undetermined).any()  # what a rotation does change has none, as in PyTorch
    separate = np.diag([1.0, 2.0, 4.0])
    exact = autograd.grad(lambda x: (linalg.expm((x + x.T) / 2) * t).sum())(separate)
    np.testing.assert_allclose(autograd.grad(determined)(separate), exact, rtol=1e-10)


def test_zero_singular_values_have_their_gradient():
    x = np.diag([2.0, 0.0])
    np.testing.assert_allclose(autograd.grad(lambda x: linalg.svdvals(x)[0])(x), [[1, 0], [0, 0]], atol=1e-15)
    for order, each in {"nuc": 1.0, 2: 0.5, -2: 0.5}.items():  # equal ones share the slope, as anywhere
        slope = autograd.grad(lambda x, o=order: linalg.norm(x, o))(np.zeros((2, 2)))
        np.testing.assert_allclose(np.linalg.svd(slope, compute_uv=False), [each, each])


@pytest.mark.parametrize("scale", [1e-170, 1e-300, 1e170])
@pytest.mark.parametrize("x", [A, TALL[0]])
def test_singular_values_of_tiny_and_huge_matrices(scale, x):
    t = RNG.normal(size=x.shape)

    def f(x):
        return linalg.norm(x, "nuc")

    np.testing.assert_allclose(autograd.grad(f)(x * scale), autograd.grad(f)(x), rtol=1e-9)
    np.testing.assert_allclose(autograd.hvp(f, x * scale, t) * scale, autograd.hvp(f, x, t), rtol=1e-9)


def test_dependent_columns_have_no_derivative_of_their_triangle():
    t = Tensor(np.array([[1.0, 0.0], [0.0, 0.0]]))
    q, _ = linalg.qr(t)
    with pytest.raises(MatrixError, match=r"(?s)solve_triangular.*singular.*pinv and lstsq"):
        q.sum().backward()


# Norms


@pytest.mark.parametrize("order", [0, 0.5, 1, 1.5, 2, 3, -1, -2, np.inf, -np.inf])
def test_a_norm_of_zero_has_slope_zero(order):
    t = Tensor(np.zeros((2, 3)))
    y = linalg.vector_norm(t, order, axis=1)
    y.sum().backward()
    np.testing.assert_array_equal(y.data, [0, 0])
    np.testing.assert_array_equal(t.grad, np.zeros((2, 3)))
    if order == 2:
        np.testing.assert_array_equal(autograd.hessian(linalg.norm)(np.zeros(2)), np.zeros((2, 2)))


@pytest.mark.parametrize("order", ["fro", 1, -1, np.inf, -np.inf])
def test_so_has_that_of_a_zero_matrix(order):
    t = Tensor(np.zeros((3, 2)))
    t.norm(order).backward()
    np.testing.assert_array_equal(t.grad, np.zeros((3, 2)))


@pytest.mark.parametrize("scale", [1e-170, 1e-300, 1e170, 1e300, 1.0])
@pytest.mark.parametrize("order", [2, 3, 2.5])
def test_norms_neither_vanish_nor_overflow(scale, order):
    x = np.array([[3.0, -4.0], [0.0, 0.0]])
    t = Tensor(x * scale)
    y = linalg.norm(t, order, axis=1)
    y.sum().backward()
    np.testing.assert_allclose(y.data, scale * np.linalg.norm(x, order, axis=1), rtol=1e-14)
    np.testing.assert_allclose(t.grad, autograd.grad(lambda x: linalg.norm(x, order, axis=1).sum())(x), rtol=1e-14)


def test_the_largest_ones_share_the_slope():
    np.testing.assert_array_equal(
        autograd.grad(lambda x: linalg.norm(x, np.inf))(np.array([2.0, -2, 1])), [0.5, -0.5, 0]
    )
    np.testing.assert_allclose(autograd.grad(lambda x: linalg.norm(x, 2))(np.eye(2)), np.eye(2) / 2)


@pytest.mark.parametrize("order", [1, 2, 2.5, np.inf])
def test_renorm(order, agrees):
    long = np.array([[3.0, -4.0, 0.5], [0.1, 0.2, -0.3]])
    y = autograd.renorm(long, order, 0, 1.5)
    np.testing.assert_array_equal(y[1], long[1])
    assert linalg.norm(y[0], order) == pytest.approx(1.5)
    np.testing.assert_allclose(y[0] / long[0], y[0, 0] / long[0, 0])
    agrees(lambda x: autograd.renorm(x, order, 0, 1.5), long)
    agrees(lambda x: autograd.renorm(x, order, -2, 2.0), B + 0.1)
    t = Tensor(np.zeros((2, 3)))
    autograd.renorm(t, order, 0, 1.5).sum().backward()
    np.testing.assert_array_equal(t.grad, np.ones((2, 3)))
    assert autograd.renorm(Tensor(np.float32(long)), order, 1, 1.0).dtype == np.float32


def test_integers_become_floats():
    assert linalg.norm([3, 4]) == 5.0
    assert linalg.solve(np.array([[2, 0], [0, 4]]), np.array([2, 2])).tolist() == [1.0, 0.5]
    np.testing.assert_allclose(linalg.cholesky(np.array([[4, 2], [2, 5]])), [[2, 0], [1, 2]])


# Empty


@pytest.mark.parametrize("shape", [(0, 0), (2, 0, 0), (0, 3, 3)])
def test_empty_matrices(shape):
    for f in (
        linalg.inv,
        linalg.det,
        linalg.expm,
        linalg.cholesky,
        linalg.eigvalsh,
        lambda x: linalg.solve(x, x),
        lambda x: linalg.slogdet(x).logabsdet,
        lambda x: linalg.svd(x).S,
        lambda x: linalg.eigh(x).eigenvectors,
        lambda x: linalg.qr(x).R,
        lambda x: linalg.solve_triangular(x, x),
        lambda x: linalg.matrix_power(x, 3),
        linalg.norm,
    ):
        t = Tensor(np.zeros(shape))
        f(t).sum().backward()
        assert t.grad.shape == shape


# Errors

ERRORS = [
    (lambda t: linalg.inv(t * 0), MatrixError, r"(?s)inv\(ndarray\(3, 3\) float64\).*Singular matrix.*pinv and lstsq"),
    (lambda t: linalg.inv(np.ones((20, 20)) * t[0, 0]), MatrixError, r"(?s)inv\(ndarray\(20, 20\).*Singular matrix"),
    (lambda t: linalg.solve(t * 0, t), MatrixError, "Singular matrix"),
    (lambda t: linalg.cholesky(-t @ t.T), MatrixError, "(?s)not positive definite.*Add a little to its diagonal"),
    (lambda t: linalg.solve_triangular(t * 0, t), MatrixError, "singular"),
    (
        lambda t: linalg.slogdet(t * 0).logabsdet.backward(),
        MatrixError,
        "Singular matrix",
    ),
    (lambda t: linalg.inv(t[:2]), MatrixError, r"inv\(ndarray\(2, 3\) float64\).*square"),
    (lambda t: linalg.solve(t[:2], t), ShapeError, r"solve needs square matrices, and got Tensor\(2, 3\)"),
    (lambda t: linalg.solve(t, t[:2]), ShapeError, "cannot be computed"),
    (lambda t: linalg.eigh(t, "X"), ShapeError, "not 'X'"),
    (lambda t: linalg.qr(t, "raw"), ShapeError, "not 'raw'"),
    (lambda t: linalg.svdvals(t[0]), ShapeError, r"svdvals needs matrices, and got Tensor\(3,\)"),
    (lambda t: linalg.pinv(t[0]), ShapeError, "pinv needs matrices"),
    (lambda t: linalg.norm(t, "max"), ShapeError, "'max'"),
    (lambda t: linalg.norm(t[0], "fro"), ShapeError, "a number as its order, not 'fro'"),
    (lambda t: linalg.norm(t[None], 2), ShapeError, "along 3 axes: name one or two"),
    (lambda t: linalg.cross(t[:, :2], t[:, :2]), ShapeError, "vectors of size 3"),
    (lambda t: linalg.multi_dot([t]), ShapeError, "two arrays or more"),
    (lambda t: linalg.tensorinv(t), ShapeError, "differ in size"),
    (lambda t: linalg.tensorsolve(t, t), ShapeError, "do not fit"),
    (lambda t: linalg.solve(t, np.eye(3) * 1j), OperandError, "complex"),
    (lambda t: np.linalg.eig(t), OperandError, r"np.linalg.eig has no derivative here"),
]


@pytest.mark.parametrize(("call", "kind", "words"), ERRORS)
def test_errors_say_what_where_and_what_to_do(call, kind, words):
    with pytest.raises(kind, match=words) as found:
        call(Tensor(A))
    assert "test_linalg.py" in str(found.value)
    if kind is MatrixError:
        assert isinstance(found.value, np.linalg.LinAlgError)


# PyTorch


def against_torch():
    eye = np.eye(3)
    p = B @ np.swapaxes(B, 1, 2) + eye
    return {
        "inv": ("inv", {}, {}, [B]),
        "det": ("det", {}, {}, [B]),
        "slogdet": ("slogdet", {}, {}, [B]),
        "solve": ("solve", {}, {}, [B, WIDE]),
        "cholesky": ("cholesky", {"upper": True}, {"upper": True}, [p]),
        "qr": ("qr", {}, {}, [TALL]),
        "qr of wide ones": ("qr", {}, {}, [WIDE]),
        "eigh": ("eigh", {}, {}, [mirrored(B)]),
        "eigvalsh": ("eigvalsh", {}, {}, [mirrored(B)]),
        "svd": ("svd", {"full_matrices": False}, {"full_matrices": False}, [TALL]),
        "svd of wide ones": ("svd", {"full_matrices": False}, {"full_matrices": False}, [WIDE]),
        "svdvals": ("svdvals", {}, {}, [WIDE]),
        "pinv": ("pinv", {}, {}, [TALL]),
        "matrix_power": ("matrix_power", {"n": -3}, {"n": -3}, [B]),
        "expm": ("matrix_exp", {}, {}, [B]),
        "solve_triangular": ("solve_triangular", {"lower": True}, {"upper": False}, [np.tril(B), RIGHT]),
        "cond": ("cond", {}, {}, [B]),
        "cross": ("cross", {}, {}, [B, A[None]]),
        "vecdot": ("vecdot", {}, {}, [B, B]),
        **{f"norm {o}": ("matrix_norm", {"ord": o}, {"ord": o}, [TALL]) for o in ("fro", "nuc", 2, -2)},
        **{f"norm {o}": ("vector_norm", {"ord": o, "axis": 1}, {"ord": o, "dim": 1}, [TALL]) for o in (3, 0.5, -1)},
    }


@pytest.mark.parametrize("name", against_torch())
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_pytorch_says_the_same_to_second_order(name, dtype):
    torch = pytest.importorskip("torch", reason="PyTorch is compared with where it is installed")
    called, ours, theirs, arrays = against_torch()[name]
    arrays = [x.astype(dtype) for x in arrays]
    gauge = abs if called in ("svd", "eigh", "qr") else lambda x: x
    rng = np.random.default_rng(2)

    def f(*xs):
        parts = leaves(getattr(linalg, called)(*xs, **ours))
        return [gauge(y) for y in parts[called == "slogdet" :]]

    def g(*xs):
        found = getattr(torch.linalg, called)(*xs, **theirs)
        parts = list(found) if isinstance(found, tuple) else [found]
        return [gauge(y) for y in parts[called == "slogdet" :]]

    tensors = [torch.tensor(x, requires_grad=True) for x in arrays]
    values = g(*tensors)
    weights = [rng.normal(size=tuple(y.shape)).astype(dtype) for y in values]
    along = tuple(rng.normal(size=x.shape).astype(dtype) for x in arrays)
    tolerance = 1e-9 if dtype == "float64" else 2e-3

    def close(x, y):
        y = y.detach().numpy()
        assert x.dtype == dtype
        np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance * max(1.0, np.abs(y).max()))

    def scalar(*xs):
        return sum((y * w).sum() for y, w in zip(f(*xs), weights, strict=True))

    for y, z in zip(f(*arrays), values, strict=True):
        close(y, z)
    total = sum((y * torch.tensor(w)).sum() for y, w in zip(values, weights, strict=True))
    first = torch.autograd.grad(total, tensors, create_graph=True)
    slots = range(len(arrays))
    for y, z in zip(autograd.grad(scalar, slots)(*arrays), first, strict=True):
        close(y, z)
    second = torch.autograd.grad(sum((s * torch.tensor(t)).sum() for s, t in zip(first, along, strict=True)), tensors)
    found = autograd.hvp(scalar, tuple(arrays), along)
    for y, z in zip(found if isinstance(found, tuple) else (found,), second, strict=True):
        close(y, z)
