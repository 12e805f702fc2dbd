"""NumPy's own functions given Tensors and Values, and what happens where there is no rule."""

from __future__ import annotations

import io

import numpy as np
import pytest
import scipy.special

import autograd
from autograd import ConversionError, Tensor, Value
from autograd.equivalent import FUNCTIONS, PLAIN, PLAIN_UFUNCS, REDUCTIONS, SPECIAL, UFUNCS
from autograd.rules import construction, interpolation, mapping, membership, missing, polynomial, quantile

A = np.array([[0.5, 0.25, 0.75], [0.125, 0.625, 0.875]])
B = np.array([[1.5], [2.5]])

# How each NumPy function of the table is called; those of two arrays also get B.
CALLS = {
    np.reshape: lambda x: np.reshape(x, (3, 2)),
    np.ravel: np.ravel,
    np.transpose: lambda x: np.transpose(x, (1, 0)),
    np.swapaxes: lambda x: np.swapaxes(x, 0, 1),
    np.moveaxis: lambda x: np.moveaxis(x, 0, -1),
    np.expand_dims: lambda x: np.expand_dims(x, 1),
    np.squeeze: lambda x: np.squeeze(x[None], axis=0),
    np.broadcast_to: lambda x: np.broadcast_to(x, (2, 2, 3)),
    np.concatenate: lambda x: np.concatenate([x, A, x], axis=1),
    np.stack: lambda x: np.stack([A, x], axis=1),
    np.pad: lambda x: np.pad(x, 1),
    np.flip: lambda x: np.flip(x, axis=1),
    np.tile: lambda x: np.tile(x, (2, 2)),
    np.repeat: lambda x: np.repeat(x, 2, axis=0),
    np.sum: lambda x: np.sum(x, axis=0, keepdims=True),
    np.mean: lambda x: np.mean(x, axis=1),
    np.var: lambda x: np.var(x, ddof=1),
    np.std: lambda x: np.std(x, axis=-1),
    np.prod: np.prod,
    np.max: lambda x: np.max(x, axis=1),
    np.min: lambda x: np.min(x, 0),
    np.cumsum: lambda x: np.cumsum(x, axis=1),
    np.einsum: lambda x: np.einsum("ij,kj->ik", x, A),
    np.dot: lambda x: np.dot(x, A.T),
    np.outer: lambda x: np.outer(A, x),
    np.inner: lambda x: np.inner(x, A),
    np.tensordot: lambda x: np.tensordot(A, x, axes=([1], [1])),
    np.where: lambda x: np.where(A > 0.5, x, 0.0),
    np.clip: lambda x: np.clip(x, 0.2, 0.8),
    np.nan_to_num: np.nan_to_num,
    np.round: lambda x: np.round(x + 0.01, 1),
    np.around: lambda x: np.around(x + 0.01),
    np.i0: np.i0,
    np.sinc: np.sinc,
    np.take: lambda x: np.take(x, [1, 1, 0], axis=0),
    np.choose: lambda x: np.choose([[0, 2, 1], [1, 0, 2]], [x, 2 * x, A]),
    np.compress: lambda x: np.compress([True, False, True], x, axis=1),
    np.extract: lambda x: np.extract(A > 0.5, x),
    np.select: lambda x: np.select([A > 0.6, A > 0.2], [x, 2 * x], 5.0),
    np.take_along_axis: lambda x: np.take_along_axis(x, np.argsort(A, axis=1), axis=1),
    np.atleast_1d: np.atleast_1d,
    np.atleast_2d: lambda x: np.atleast_2d(x[0]),
    np.atleast_3d: np.atleast_3d,
    np.broadcast_arrays: lambda x: np.broadcast_arrays(x, np.ones((4, 1, 1)))[0],
    np.fliplr: np.fliplr,
    np.flipud: np.flipud,
    np.matrix_transpose: np.matrix_transpose,
    np.resize: lambda x: np.resize(x, (4, 2)),
    np.roll: lambda x: np.roll(x, 2),
    np.rollaxis: lambda x: np.rollaxis(x, 1),
    np.rot90: np.rot90,
    np.append: lambda x: np.append(x, A, axis=0),
    np.array_split: lambda x: np.array_split(x, 2, axis=1)[0],
    np.block: lambda x: np.block([[x, A], [A, x]]),
    np.column_stack: lambda x: np.column_stack([x[:, 0], A]),
    np.delete: lambda x: np.delete(x, 1, axis=1),
    np.dsplit: lambda x: np.dsplit(x[None], 3)[2],
    np.dstack: lambda x: np.dstack([x, A]),
    np.hsplit: lambda x: np.hsplit(x, [1])[1],
    np.hstack: lambda x: np.hstack([A, x]),
    np.insert: lambda x: np.insert(x, [1, 2], x[:, :1] * 2, axis=1),
    np.meshgrid: lambda x: np.meshgrid(x[0], A[1])[0],
    np.split: lambda x: np.split(x, 3, axis=1)[1],
    np.unstack: lambda x: np.unstack(x, axis=1)[2],
    np.vsplit: lambda x: np.vsplit(x, 2)[1],
    np.vstack: lambda x: np.vstack([x, A[0]]),
    np.partition: lambda x: np.partition(x, 1),
    np.sort: lambda x: np.sort(x, axis=None),
    np.unique: lambda x: np.unique(x),
    np.diag: lambda x: np.diag(x, 1),
    np.diagflat: np.diagflat,
    np.diagonal: lambda x: np.diagonal(x, offset=-1),
    np.kron: lambda x: np.kron(x, A),
    np.trace: np.trace,
    np.tril: lambda x: np.tril(x, k=1),
    np.triu: np.triu,
    np.vander: lambda x: np.vander(x[0], 4),
    np.astype: lambda x: np.astype(x, float),
    np.copy: np.copy,
    np.lib.stride_tricks.sliding_window_view: lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, axis=1),
    np.cross: lambda x: np.cross(x, A),
    np.fft.fftshift: np.fft.fftshift,
    np.fft.ifftshift: lambda x: np.fft.ifftshift(x, axes=1),
    np.linalg.cholesky: lambda x: np.linalg.cholesky(x @ x.T),
    np.linalg.cond: lambda x: np.linalg.cond(x),
    np.linalg.cross: lambda x: np.linalg.cross(A, x),
    np.linalg.det: lambda x: np.linalg.det(x @ x.T),
    np.linalg.diagonal: lambda x: np.linalg.diagonal(x, offset=1),
    np.linalg.eigh: lambda x: abs(np.linalg.eigh(x @ x.T).eigenvectors),
    np.linalg.eigvalsh: lambda x: np.linalg.eigvalsh(x @ x.T),
    np.linalg.inv: lambda x: np.linalg.inv(x @ x.T),
    np.linalg.lstsq: lambda x: np.linalg.lstsq(x.T, A[0] ** 2)[3],
    np.linalg.matmul: lambda x: np.linalg.matmul(x, A.T),
    np.linalg.matrix_norm: lambda x: np.linalg.matrix_norm(x, ord="nuc"),
    np.linalg.matrix_power: lambda x: np.linalg.matrix_power(x @ x.T, -3),
    np.linalg.matrix_transpose: np.linalg.matrix_transpose,
    np.linalg.multi_dot: lambda x: np.linalg.multi_dot([x, A.T, x, A[0]]),
    np.linalg.norm: lambda x: np.linalg.norm(x, axis=1),
    np.linalg.outer: lambda x: np.linalg.outer(x[0], A[1]),
    np.linalg.pinv: np.linalg.pinv,
    np.linalg.qr: lambda x: np.linalg.qr(x)[1],
    np.linalg.slogdet: lambda x: np.linalg.slogdet(x @ x.T)[1],
    np.linalg.solve: lambda x: np.linalg.solve(x @ x.T, x[:, 0]),
    np.linalg.svd: lambda x: np.linalg.svd(x, full_matrices=False)[1],
    np.linalg.svdvals: np.linalg.svdvals,
    np.linalg.tensordot: lambda x: np.linalg.tensordot(x, A, axes=((0,), (0,))),
    np.linalg.tensorinv: lambda x: np.linalg.tensorinv(x @ x.T, ind=1),
    np.linalg.tensorsolve: lambda x: np.linalg.tensorsolve(x @ x.T, A[:, 0]),
    np.linalg.trace: lambda x: np.linalg.trace(x),
    np.linalg.vecdot: lambda x: np.linalg.vecdot(x, A),
    np.linalg.vector_norm: lambda x: np.linalg.vector_norm(x, ord=3),
    np.permute_dims: lambda x: np.permute_dims(x, (1, 0)),
    np.vdot: lambda x: np.vdot(x, A),
    np.unwrap: lambda x: np.unwrap(9 * x),
    np.trim_zeros: lambda x: np.trim_zeros(np.concatenate([np.zeros(2), x[0], np.zeros(1)])),
    np.cumulative_sum: lambda x: np.cumulative_sum(x, axis=1, include_initial=True),
    np.cumulative_prod: lambda x: np.cumulative_prod(x, axis=0),
    np.fix: lambda x: np.fix(3 * x),
    np.real: np.real,
    np.real_if_close: np.real_if_close,
    np.amax: np.amax,
    np.amin: lambda x: np.amin(x, axis=1),
    np.concat: lambda x: np.concat((x, x)),
}


_FAMILIES = (construction, interpolation, mapping, membership, missing, polynomial, quantile)  # each has a test file
_IN_ANOTHER_FILE = {getattr(np, name) for family in _FAMILIES for name in family.__all__}
_IN_ANOTHER_FILE |= {getattr(np, name) for name in "asarray asanyarray asarray_chkfinite require row_stack".split()}
_IN_ANOTHER_FILE |= {np.array, np.ascontiguousarray, np.asfortranarray}  # test_namespace.py
_IN_ANOTHER_FILE |= {np.average, np.corrcoef, np.cov, np.cumprod, np.ptp}  # test_reduction.py
_IN_ANOTHER_FILE |= {np.diff, np.ediff1d, np.gradient, np.trapezoid}


def test_every_function_of_the_table_is_called_here():
    assert set(FUNCTIONS) - _IN_ANOTHER_FILE <= set(CALLS)
    assert len(CALLS) >= 30
    assert len(UFUNCS) >= 35


@pytest.mark.parametrize("function", CALLS, ids=lambda f: f.__name__)
def test_functions(function, agrees):
    call = CALLS[function]
    y = call(Tensor(A))
    assert type(y) is Tensor
    np.testing.assert_allclose(y.data, call(A), rtol=1e-15)
    agrees(call, A)


@pytest.mark.parametrize("ufunc", sorted(UFUNCS, key=str), ids=lambda f: f.__name__)
def test_ufuncs(ufunc):
    x = A + 1.5 if ufunc is np.arccosh else A
    args = (x,) if ufunc.nin == 1 else (x, A.T) if ufunc is np.matmul else (x, B)
    if ufunc is np.ldexp:
        args = (x, np.array([[1], [-2]]))
    several = [(*args[:-1], Tensor(args[-1])), (Tensor(args[0]), *args[1:])]
    for wrapped in [tuple(map(Tensor, args)), *several[ufunc is np.ldexp :]]:
        y = ufunc(*wrapped)
        smooth = UFUNCS[ufunc].smooth
        assert type(y) is (Tensor if smooth else np.ndarray)
        np.testing.assert_allclose(getattr(y, "data", y) if smooth else y, ufunc(*args), rtol=2e-15)
    if ufunc is np.matmul:
        return  # of arrays alone
    for wrapped in (
        [(Value(0.5), 2), (1.5, Value(0.5))][: 1 + (ufunc is not np.ldexp)]
        if ufunc.nin == 2
        else [(Value(1.5 if ufunc is np.arccosh else 0.5),)]
    ):
        y = ufunc(*wrapped)
        assert type(y) is (Value if smooth else bool)
        plain = [getattr(x, "data", x) for x in wrapped]
        assert getattr(y, "data", y) == pytest.approx(ufunc(*plain), rel=1e-14)


@pytest.mark.parametrize("ufunc", REDUCTIONS, ids=lambda f: f.__name__)
def test_reduce(ufunc, agrees):
    for settings in ({}, {"axis": 1}, {"axis": None}, {"axis": -1, "keepdims": True}):
        np.testing.assert_allclose(ufunc.reduce(Tensor(A), **settings).data, ufunc.reduce(A, **settings))
        agrees(lambda x, s=settings: ufunc.reduce(x, **s), A)


@pytest.mark.parametrize("function", sorted(PLAIN, key=lambda f: f.__name__), ids=lambda f: f.__name__)
def test_functions_without_a_derivative_give_plain_answers(function):
    calls = {
        "isclose allclose array_equal array_equiv result_type may_share_memory shares_memory isin": lambda f, x: f(
            x, A
        ),
        "diag_indices_from tril_indices_from triu_indices_from": lambda f, x: f(x[:, :2]),
        "einsum_path": lambda f, x: f("ij,kj", x, A)[1],
        "format_float_positional format_float_scientific": lambda f, x: f(x[0, 0]),
        "save savez savez_compressed": lambda f, x: f(io.BytesIO(), x),
        "savetxt": lambda f, x: f(io.StringIO(), x),
        "searchsorted": lambda f, x: f(x.ravel() if type(x) is np.ndarray else autograd.ravel(x), [0.3]),
        "argpartition": lambda f, x: f(x, 1),
        "can_cast": lambda f, x: f(np.float32, np.float64),
        "min_scalar_type": lambda f, x: f(2.0),
        "digitize": lambda f, x: f(x, np.array([0.2, 0.6])),
        "bincount": lambda f, x: f(np.array([0, 1]), weights=x[:, 0]),
    }
    call = next((c for names, c in calls.items() if function.__name__ in names.split()), lambda f, x: f(x))
    found, expected = call(function, Tensor(A)), call(function, A)
    assert not isinstance(found, Tensor)
    if function.__name__ == "empty_like":
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    elif "share" not in function.__name__:
        for x, y in zip(*((r if isinstance(r, tuple) else (r,)) for r in (found, expected)), strict=True):
            assert np.array_equal(x, y)


@pytest.mark.parametrize("ufunc", sorted(PLAIN_UFUNCS, key=str), ids=lambda f: f.__name__)
def test_ufuncs_without_a_derivative_give_plain_answers(ufunc):
    args = (A,) * ufunc.nin
    found = ufunc(*map(Tensor, args))
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, ufunc(*args))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: np.divmod(x, 0.2)[0] + np.divmod(x, 0.2)[1], lambda x: x // 0.2 + x % 0.2),
        (lambda x: np.float_power(x, 2), lambda x: x**2),
        (lambda x: np.frexp(x)[0] + np.frexp(x)[1], lambda x: np.frexp(x)[0] + np.frexp(x)[1]),
        (lambda x: np.modf(x * 3)[0] - np.modf(x * 3)[1], lambda x: 3 * x - 2 * np.trunc(3 * x)),
    ],
)
def test_ufuncs_of_several_results_and_of_another_precision(function, expected, agrees):
    x = A + 0.01
    np.testing.assert_allclose(function(Tensor(x)).data, expected(x), rtol=1e-14)
    agrees(function, x)
    value = function(Value(0.7))
    assert type(value) is Value
    assert value.data == pytest.approx(expected(0.7), rel=1e-14)
    assert np.float_power(Tensor(np.float32(A)), 2).dtype == np.float64


@pytest.mark.parametrize("name", sorted(SPECIAL))
def test_ufuncs_of_scipy_special(name, agrees):
    ufunc = getattr(scipy.special, name)
    order = (2 if name in ("kn", "yn") else 2.5,) * (ufunc.nin - 1)
    y = ufunc(*order, Tensor(A))
    if name == "gammasgn":
        assert type(y) is np.ndarray
        return
    assert type(y) is Tensor
    np.testing.assert_allclose(y.data, ufunc(*order, A), rtol=1e-13)
    agrees(lambda x: ufunc(*order, x), A)
    assert type(ufunc(*order, Value(0.5))) is Value


def test_orders_without_a_derivative_are_refused():
    for name in "gammainc gammaincc iv ive jv kv polygamma spherical_jn stdtr yv zeta".split():
        with pytest.raises(TypeError, match=rf"(?s){name} has no derivative by .*detach"):
            getattr(autograd, name)(Tensor([1.0, 2.0]), 0.5)
        assert getattr(autograd, name)(2, 0.5) == getattr(autograd, name)(Value(2.0, requires_grad=False), 0.5).data


def test_arrays_and_numpy_scalars_on_the_left():
    t, v = Tensor(A), Value(2.0)
    for left in (A, np.float64(2.0), np.float32(2.0), np.int64(2), np.bool_(True), A[0], A[0].tolist()):
        for y in (left * t, left + t, left - t, left / t, left**t):
            assert type(y) is Tensor
            assert y.requires_grad
    np.testing.assert_array_equal((A @ t.T).data, A @ A.T)
    assert type(np.int64(2) * v) is Value
    assert type(np.float64(2.0) ** v) is Value
    y = A * v
    assert type(y) is Tensor
    y.sum().backward()
    assert v.grad == pytest.approx(A.sum())
    assert type(np.greater(A, t)) is np.ndarray
    assert np.float64(3.0) > v


def test_nothing_is_written_into_a_plain_array():
    a, t, v = A.copy(), Tensor(A), Value(2.0)
    for write in (
        lambda: a.__iadd__(t),
        lambda: a.__imul__(v),
        lambda: np.add(a, t, out=a),
        lambda: np.exp(t, out=a),
        lambda: np.sum(t, axis=0, out=a[0]),
        lambda: np.copyto(a, t),
        lambda: np.put_along_axis(t, np.array([[0]]), 1.0, 1),
        lambda: np.fill_diagonal(t, 0.0),
    ):
        with pytest.raises(TypeError):
            write()
    with pytest.raises(ConversionError, match=r"(?s)cannot write.*a = a \* t"):
        a += t
    with pytest.raises(ConversionError, match=r"(?s)np.fill_diagonal writes into its argument.*t.at\[i\].set"):
        np.fill_diagonal(t, 0.0)
    with pytest.raises((ConversionError, TypeError)):
        a[0] = t[0]
    np.testing.assert_array_equal(a, A)


def test_conversion_to_an_array_is_an_error_under_differentiation_only():
    t = Tensor(A)
    for convert in (
        np.asarray,
        np.array,
        lambda t: np.asarray(t * 2),
        lambda t: np.vectorize(float)(t),
    ):
        with pytest.raises(TypeError):
            convert(t)
    with pytest.raises(ConversionError, match=r"(?s)Tensor\(2, 3\) float64.*np.asarray\(t\).*detach"):
        np.asarray(t)
    np.testing.assert_array_equal(np.asarray(t.detach()), A)
    assert np.asarray(t.detach()) is not None
    assert np.array(Tensor([1, 2]), dtype=float).dtype == float
    with autograd.no_grad():
        np.testing.assert_array_equal(np.asarray(t), A)


@pytest.mark.parametrize(
    "call",
    [
        lambda t: np.subtract.accumulate(t),
        lambda t: np.exp(t, where=A > 0.5),
        lambda t: np.add.reduceat(t, [0, 1]),
        lambda t: np.histogram2d(t[0], t[1]),
        lambda t: np.histogramdd(t),
        lambda t: np.nansum(t, initial=1.0),
        lambda t: np.polyfit(t[0], t[1], 1, full=True),
    ],
)
def test_a_function_without_a_rule_is_named(call):
    t = Tensor(A)
    with pytest.raises(TypeError, match=r"np\.\w+.*has no derivative here(.|\n)*t.numpy\(\)"):
        call(t)


@pytest.mark.parametrize(
    "call", [lambda t: np.linalg.eig(t @ t.T), np.fft.fft, np.fft.irfftn, lambda t: np.roots(t[0])]
)
def test_what_gives_complex_numbers_is_out_of_scope(call):
    with pytest.raises(TypeError, match=r"np\.[\w.]+ gives complex numbers, which are out of scope"):
        call(Tensor(A))


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.add.reduce(x, where=A > 0.5),
        lambda x: np.add.reduce(x, initial=5.0),
        lambda x: np.multiply.outer(x, A),
        lambda x: np.arctan2.outer(A[0], x),
        lambda x: np.sum(a=x, axis=1),
        lambda x: np.clip(a=x, min=0.2, max=0.7),
        lambda x: np.clip(x, None, 0.7),
        lambda x: np.var(x, correction=1),
        lambda x: np.median(x, overwrite_input=True),
        lambda x: np.delete(arr=x, obj=1, axis=1),
        lambda x: np.einsum("ij,kj", x, A, optimize=True),
        lambda x: np.einsum(x, [0, 1], A, [2, 1], [0, 2]),
        lambda x: np.concatenate((x, A), axis=1, dtype=float, casting="unsafe"),
        lambda x: np.linalg.inv(a=x[:, :2]),
        lambda x: np.dot(x, A.T, out=None),
        lambda x: np.matvec(x, A[0]),
        lambda x: np.vecmat(A[:, 0], x),
        lambda x: np.conjugate(x),
        lambda x: np.exp(x, dtype=float),
    ],
)
def test_arguments_mean_what_they_mean_to_numpy(call, agrees):
    np.testing.assert_allclose(call(Tensor(A)).data, call(A), rtol=1e-14)
    agrees(call, A)


def test_a_dtype_asked_for_is_the_dtype_of_the_result():
    t = Tensor(A)
    for call in (
        lambda x: np.cumsum(x, dtype=np.float32),
        lambda x: np.concatenate([x, x], dtype=np.float32),
        lambda x: np.add.reduce(x, dtype=np.float32),
        lambda x: np.exp(x, dtype=np.float32),
        lambda x: np.var(x, dtype=np.float32),
        lambda x: np.linspace(x, 2 * x, 3, dtype=np.float32),
    ):
        y = call(t)
        assert type(y) is Tensor
        assert y.dtype == np.float32
        assert y.requires_grad


def test_powers_by_numpy_are_those_of_the_operator():
    for n in (2, 0, 0.0, -1.0, 0.5, np.float64(3.0)):
        assert np.power(Tensor(A), n).primitive is (Tensor(A) ** n).primitive
    assert autograd.grad(autograd.grad(lambda x: np.power(x, 0.0)))(0.0) == 0.0
    for wanted in (0, 1):
        second = autograd.grad(autograd.grad(lambda a, b: a**b, wanted), 0)
        assert second(0.0, 0.0) == 0.0  # and no nan


def test_numpys_functions_given_values():
    v = Value(2.0)
    for call in (
        lambda x: np.where(A > 0.5, x, 0.0),
        lambda x: np.clip(x, 0.0, 5.0),
        lambda x: np.reshape(x, (1, 1)),
        lambda x: np.dot(A, x),
        lambda x: np.linspace(0.0, x, 3),
        lambda x: np.sum(x) + np.mean(x),
        lambda x: np.array([1.0, 2.0]) ** x,
    ):
        y = call(v)
        assert y.requires_grad
        np.testing.assert_allclose(getattr(y, "data", y), call(2.0), rtol=1e-15)
        autograd.vjp(call, 2.0)[1](np.ones(np.shape(call(2.0))))
    assert np.shape(v) == ()
    assert np.isclose(v, 2.0)
    assert not np.isnan(v)
    assert np.iscomplexobj(v) is False
    with pytest.raises(TypeError, match=r"np\.histogram2d|as a bare array"):
        np.histogram2d([1.0], v)


def test_where_of_one_argument_is_nonzero():
    for found, expected in zip(np.where(Tensor(A) > 0.5), np.where(A > 0.5), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert type(np.where(Tensor(A))[0]) is np.ndarray


def test_conversion_to_whole_numbers_loses_no_derivative():
    t = Tensor([1.75, -2.0])
    for convert in (np.int64, np.bool_, lambda t: np.asarray(t, dtype=int), lambda t: np.array(t, dtype="uint8")):
        found = convert(Tensor([1.75, 2.0]))
        assert type(found) is np.ndarray
        np.testing.assert_array_equal(found, convert(np.array([1.75, 2.0])))
    for convert in (np.float64, np.float32, lambda t: np.asarray(t, dtype=object)):
        with pytest.raises(ConversionError):
            convert(t)


def test_dtype_is_passed_on():
    x = Tensor(np.float32(A))
    assert np.exp(x).dtype == np.float32
    assert np.sum(x).dtype == np.float32
    assert np.mean(x).dtype == np.float32


def test_every_public_function_takes_plain_numbers_lists_and_arrays():
    for name in "mean sum max min prod var std cumsum softmax log_softmax logsumexp ravel flip".split():
        function = getattr(autograd, name)
        expected = getattr(np, name, None)
        for x in (A, A.tolist(), Tensor(A, requires_grad=False)):
            found = function(x)
            if expected is not None:
                np.testing.assert_allclose(
                    getattr(found, "data", found) if isinstance(found, Tensor) else found, expected(A)
                )
    for name in "mean sum max min prod".split():
        assert float(getattr(autograd, name)(3.0)) == 3.0
        assert float(getattr(autograd, name)([Value(2.0), 4.0]).data) == getattr(np, name)([2.0, 4.0])


def test_positions_are_those_of_numpy():
    t = Tensor([[1.0, 2.0], [3.0, 4.0]])
    assert np.sum(t, 0, np.float32).dtype == np.float32
    assert np.mean(t, 0, np.float32).shape == (2,)
    assert np.max(t, 0, None, True).shape == (1, 2)
    with pytest.raises(ConversionError, match=r"np\.sum cannot write"):
        np.sum(t, 0, None, np.zeros(2))
