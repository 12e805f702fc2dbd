"""Tensor: an array that remembers. What a NumPy user expects of it, and the gradients that come with it."""

from __future__ import annotations

import copy
import operator
import pickle

import numpy as np
import pytest

import autograd
from autograd import Tensor

A = np.array([[1.5, -0.5, 2.0], [0.25, 3.0, -1.0]])
OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "//": operator.floordiv,
    "**": operator.pow,
}


def positive(*shape):
    return np.random.default_rng(7).uniform(0.5, 2.0, shape)


# Operators and promotion


@pytest.mark.parametrize("sign", OPERATORS)
@pytest.mark.parametrize(
    "other",
    [
        2,
        1.5,
        True,
        np.float64(1.5),
        np.float32(1.5),
        np.int64(2),
        np.bool_(True),
        [1.0, 2.0, 0.5],
        positive(3),
        positive(2, 3),
    ],
    ids=lambda x: type(x).__name__,
)
def test_operators_with_plain_things_on_either_side(sign, other, agrees):
    apply = OPERATORS[sign]
    t = Tensor(positive(2, 3))
    for f in (lambda x: apply(x, other), lambda x: apply(other, x)):
        y = f(t)
        assert type(y) is Tensor
        np.testing.assert_allclose(y.data, f(positive(2, 3)) if not isinstance(other, list) else f(t).data, rtol=1e-15)
        if not isinstance(other, list):
            agrees(f, positive(2, 3) + 0.01)


@pytest.mark.parametrize("sign", OPERATORS)
@pytest.mark.parametrize(
    "shapes",
    [
        ((2, 3), (3,)),
        ((3,), (2, 3)),
        ((2, 1), (1, 3)),
        ((), (2, 3)),
        ((2, 3), ()),
        ((), ()),
        ((1,), (2, 3)),
        ((2, 1, 3), (4, 1)),
    ],
    ids=str,
)
def test_broadcasting_gradients(sign, shapes, agrees):
    a, b = (positive(*shape) for shape in shapes)
    agrees(OPERATORS[sign], a + 0.013, b * 0.9)


@pytest.mark.parametrize("f", [lambda x: x * x, lambda x: x + x, lambda x: x - x, lambda x: x / x, lambda x: x**x])
def test_one_operand_twice(f, agrees):
    agrees(f, positive(2, 3))
    agrees(lambda x: f(x) * x.sum(0) + x[:, :1], positive(2, 3))


PROMOTION = [
    (np.float32, 2.0, np.float32),
    (np.float32, 2, np.float32),
    (np.float32, True, np.float32),
    (np.float32, np.float64(2.0), np.float64),
    (np.float32, np.ones(3, np.float64), np.float64),
    (np.float32, np.ones(3, np.float32), np.float32),
    (np.float32, np.ones(3, np.int8), np.float32),
    (np.float32, np.ones(3, np.int64), np.float64),
    (np.float16, 2.0, np.float16),
    (np.float16, np.ones(3, np.float32), np.float32),
    (np.float64, np.float32(2.0), np.float64),
]


@pytest.mark.parametrize(("dtype", "other", "result"), PROMOTION, ids=str)
@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "**"])
def test_promotion_is_numpys_and_gradients_come_home(dtype, other, result, sign):
    for flip in (False, True):
        t = Tensor(np.array([1.0, 2.0, 0.5], dtype))
        y = OPERATORS[sign](other, t) if flip else OPERATORS[sign](t, other)
        assert y.dtype == result == (OPERATORS[sign](other, t.data) if flip else OPERATORS[sign](t.data, other)).dtype
        y.sum().backward()
        assert t.grad.dtype == dtype
        w = Tensor(other) if isinstance(other, np.ndarray) and other.dtype.kind == "f" else None
        if w is not None:
            OPERATORS[sign](w, t).sum().backward()
            assert w.grad.dtype == other.dtype


def test_two_precisions_in_one_graph_keep_each_its_own():
    half, single, double = (Tensor(np.array([1.0, 2.0], d)) for d in (np.float16, np.float32, np.float64))
    (half * single * double).sum().backward()
    assert [t.grad.dtype for t in (half, single, double)] == [np.float16, np.float32, np.float64]
    np.testing.assert_array_equal(single.grad, [1.0, 4.0])
    x = Tensor(np.float32([1.0, 2.0]))
    y = x.astype(np.float64) * 3
    assert y.dtype == np.float64
    y.sum().backward()
    assert x.grad.dtype == np.float32


def test_integers_and_booleans_are_constants():
    for data in ([1, 2], [True, False], np.arange(3)):
        t = Tensor(data)
        assert not t.requires_grad
        assert not (t * 2).requires_grad
    x = Tensor([1.0, 2.0])
    (Tensor([3, 4]) * x).sum().backward()
    np.testing.assert_array_equal(x.grad, [3.0, 4.0])
    with pytest.raises(TypeError, match="cannot require grad"):
        Tensor([1, 2], requires_grad=True)
    assert Tensor([1, 2], float).requires_grad
    assert not Tensor([1.0], requires_grad=False).requires_grad
    assert not Tensor([1.5, 2.5]).astype(int).requires_grad


def test_in_place_operators_make_a_new_tensor():
    x = Tensor([1.0, 2.0])
    y = x
    y *= 3
    y += x
    y -= 1
    y /= 2
    y **= 2
    y.sum().backward()
    np.testing.assert_array_equal(x.data, [1.0, 2.0])
    np.testing.assert_allclose(x.grad, 2 * (4 * x.data - 1) / 2 * 2)


def test_comparisons_are_plain_arrays():
    t = Tensor(A)
    for apply in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        for other in (0.25, A, Tensor(A), np.float64(2.0)):
            found = apply(t, other)
            assert type(found) is np.ndarray
            np.testing.assert_array_equal(found, apply(A, other.data if isinstance(other, Tensor) else other))
    assert 2.0 in t
    assert 7.0 not in t


def test_power_operator_and_negative_bases(agrees):
    for n in (0, 1, 2, 3, 7, 9, -1, -2, 2.0):
        agrees(lambda x, n=n: x**n, A)
    agrees(lambda x: 2.0**x, A)
    agrees(lambda x: x**-0.5, positive(3))
    agrees(lambda x: x ** np.array([1.0, 2.0, 3.0]), positive(2, 3))


def test_matmul_operator(agrees):
    agrees(lambda a, b: a @ b, A, positive(3, 2))
    agrees(lambda a: positive(4, 2) @ a, A)
    agrees(lambda a: a @ positive(3), A)
    agrees(lambda a, b: a @ b, positive(2, 1, 2, 3), positive(3, 3, 1))
    agrees(lambda a: a @ a.T, A)
    agrees(lambda a: a.T @ a @ a.T, A)


# NumPy's attributes and methods

ATTRIBUTES = "shape ndim size dtype nbytes itemsize".split()
METHODS = {
    "sum": lambda x: x.sum(),
    "sum axis": lambda x: x.sum(axis=-1, keepdims=True),
    "sum axes": lambda x: x.sum((0, 1)),
    "sum no axes": lambda x: x.sum(()),
    "mean": lambda x: x.mean(0),
    "mean keepdims": lambda x: x.mean(axis=(-2, -1), keepdims=True),
    "var": lambda x: x.var(axis=1),
    "var ddof": lambda x: x.var(ddof=1),
    "std": lambda x: x.std(axis=-1, keepdims=True),
    "prod": lambda x: x.prod(axis=1),
    "max": lambda x: x.max(axis=0),
    "min": lambda x: x.min(axis=-1, keepdims=True),
    "cumsum": lambda x: x.cumsum(),
    "cumsum axis": lambda x: x.cumsum(axis=-1),
    "reshape": lambda x: x.reshape(3, -1),
    "reshape tuple": lambda x: x.reshape((1, 6)),
    "reshape list": lambda x: x.reshape([6]),
    "transpose": lambda x: x.transpose(),
    "transpose axes": lambda x: x.transpose(1, 0),
    "transpose tuple": lambda x: x.transpose((-1, 0)),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "swapaxes": lambda x: x.swapaxes(0, -1),
    "ravel": lambda x: x.ravel(),
    "flatten": lambda x: x.flatten(),
    "squeeze": lambda x: x[None, :, None].squeeze(),
    "squeeze axis": lambda x: x[None].squeeze(0),
    "repeat": lambda x: x.repeat(2),
    "repeat axis": lambda x: x.repeat(2, axis=1),
    "repeat counts": lambda x: x.repeat([1, 0, 2], -1),
    "take": lambda x: x.take([0, 5, 0]),
    "take axis": lambda x: x.take([2, 0, 2], axis=1),
    "clip": lambda x: x.clip(-0.75, 1.75),
    "dot": lambda x: x.dot(np.array([1.0, 2.0, 3.0])),
    "copy": lambda x: x.copy(),
    "round trip": lambda x: x.astype(np.float64),
    "exp": lambda x: np.exp(x),
    "abs": lambda x: abs(x),
    "neg": lambda x: -x,
    "pos": lambda x: +x,
}


@pytest.mark.parametrize("name", METHODS)
def test_methods_give_what_numpy_gives_and_its_gradient(name, agrees):
    method = METHODS[name]
    y = method(Tensor(A))
    assert type(y) is Tensor
    expected = method(A)
    assert y.shape == expected.shape
    np.testing.assert_allclose(y.data, expected, rtol=1e-15)
    agrees(method, A)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attributes(name):
    for x in (A, np.float32(A), np.ones(()), np.ones((0, 3))):
        assert getattr(Tensor(x), name) == getattr(x, name)


def test_plain_answers():
    t = Tensor(A)
    assert t.argmax() == A.argmax()
    np.testing.assert_array_equal(t.argmin(axis=1), A.argmin(axis=1))
    np.testing.assert_array_equal(t.argsort(), A.argsort())
    assert t.tolist() == A.tolist()
    assert Tensor(2.5).item() == 2.5
    assert type(Tensor(2.5).item()) is float
    assert t.numpy() is t.data
    assert float(Tensor([[2.5]].__getitem__(0)[0])) == 2.5
    assert (int(Tensor(2.5)), bool(Tensor(1.0)), f"{Tensor(2.5):.2f}") == (2, True, "2.50")
    assert [10, 20, 30][Tensor(1)] == 20
    with pytest.raises(ValueError, match="ambiguous"):
        bool(t)


def test_a_tensor_is_a_copy_and_its_detachment_is_not():
    x = np.ones(3)
    t = Tensor(x)
    x[0] = 7.0
    assert t.data[0] == 1.0
    d = t.detach()
    assert d.data is t.data
    assert not d.requires_grad


def test_sequence_of_rows():
    t = Tensor(A)
    assert len(t) == 2
    first, second = t
    (first * 2 + second**2).sum().backward()
    np.testing.assert_allclose(t.grad, [[2.0] * 3, 2 * A[1]])
    assert [row.shape for row in t] == [(3,), (3,)]
    with pytest.raises(TypeError, match="no axes"):
        len(Tensor(1.0))
    with pytest.raises(TypeError, match="no axes"):
        iter(Tensor(1.0)).__next__()


def test_repr():
    assert repr(Tensor([1.0, 2.0])) == "Tensor([1., 2.])"
    assert repr(Tensor(np.float32([1.0]))) == "Tensor([1.], dtype=float32)"
    assert repr(Tensor([1, 2])) == "Tensor([1, 2], dtype=int64, requires_grad=False)"
    assert "op=multiply" in repr(Tensor([1.0]) * 2)


# Indexing

INDICES = {
    "number": 1,
    "negative": -1,
    "numpy number": np.int64(1),
    "pair": (1, -1),
    "slice": slice(1, None),
    "negative step": (slice(None, None, -1), slice(None, None, -2)),
    "ellipsis": (..., 0),
    "newaxis and ellipsis": (None, ..., None, 1),
    "newaxis in the middle": (slice(None), None, 1),
    "array": np.array([1, 0, 1, 1]),
    "list": [0, 0],
    "empty list": [],
    "two arrays": (np.array([0, 1, 0]), np.array([2, 2, 2])),
    "arrays that broadcast": (np.array([[0], [1]]), np.array([0, 2])),
    "array and slice": (slice(None), np.array([2, 0, 2])),
    "arrays apart": (np.array([0, 1]), None, np.array([1, 1])),
    "mask": A > 0,
    "row mask": np.array([False, True]),
    "mask of nothing": np.zeros((2, 3), bool),
    "column mask": (slice(None), np.array([True, False, True])),
    "list of booleans": [True, False],
    "all": ...,
    "empty tuple": (),
    "empty slice": slice(5, 9),
}


@pytest.mark.parametrize("name", INDICES)
def test_indexing(name, agrees):
    index = INDICES[name]
    np.testing.assert_array_equal(Tensor(A)[index].data, A[index])
    agrees(lambda x: x[index] * 2.0, A)
    x = Tensor(A)
    (x[index].sum() + (x * x).sum() + x[index].sum()).backward()
    counted = np.zeros(A.shape)
    np.add.at(counted, index, 1.0)
    np.testing.assert_allclose(x.grad, 2 * counted + 2 * A)


def test_tensors_as_indices():
    x = Tensor(A)
    np.testing.assert_array_equal(x[Tensor([1, 0])].data, A[[1, 0]])
    np.testing.assert_array_equal(x[Tensor([1, 0]), Tensor([2, 2])].data, A[[1, 0], [2, 2]])
    np.testing.assert_array_equal(x[x > 0].data, A[A > 0])
    np.testing.assert_array_equal(x[Tensor(1)].data, A[1])
    x[Tensor([1, 1])].sum().backward()
    np.testing.assert_array_equal(x.grad, [[0, 0, 0], [2, 2, 2]])
    with pytest.raises(TypeError):
        np.zeros(3)[Tensor(1.0)]


def test_mutating_an_index_afterwards_does_not_change_the_gradient():
    x, index = Tensor([1.0, 2.0, 3.0]), np.array([0, 0])
    y = x[index]
    index[:] = 2
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [2.0, 0.0, 0.0])


@pytest.mark.parametrize("name", INDICES)
def test_at_set_and_add(name, agrees):
    index = INDICES[name]
    v = positive(*A[index].shape)
    expected = A.copy()
    expected[index] = v
    np.testing.assert_array_equal(Tensor(A).at[index].set(v).data, expected)
    added = A.copy()
    np.add.at(added, index, v)
    np.testing.assert_array_equal(Tensor(A).at[index].add(v).data, added)
    repeats = name in ("array", "list", "two arrays", "arrays that broadcast", "arrays apart", "array and slice")
    agrees(lambda x, v: autograd.rules.indexing.index_add(x, v, index=index) * A, A, v)
    agrees(lambda x, v: autograd.rules.indexing.index_add(x, v, index=index) ** 2, A, 0.5)
    if not repeats:
        agrees(lambda x, v: autograd.rules.indexing.index_set(x, v, index=index) ** 2, A, v)
    agrees(lambda x, v: autograd.rules.indexing.index_set(x, v, index=index) ** 2, A, 0.5)


def test_of_an_element_set_twice_the_last_mention_counts():
    x, v = Tensor([1.0, 2.0, 3.0]), Tensor([10.0, 20.0, 30.0])
    y = x.at[np.array([1, 1, 0])].set(v)
    np.testing.assert_array_equal(y.data, [30.0, 20.0, 3.0])
    y.backward(np.array([1.0, 2.0, 4.0]))
    np.testing.assert_array_equal(v.grad, [0.0, 2.0, 1.0])
    np.testing.assert_array_equal(x.grad, [0.0, 0.0, 4.0])


def test_at_leaves_the_original_alone():
    x = Tensor([1.0, 2.0])
    y = x.at[0].set(5.0)
    z = x.at[Tensor([0])].add(Tensor([1.0]))
    np.testing.assert_array_equal(x.data, [1.0, 2.0])
    np.testing.assert_array_equal(y.data, [5.0, 2.0])
    np.testing.assert_array_equal(z.data, [2.0, 2.0])


# Empty arrays and axes


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x.sum(),
        lambda x: x.sum(0),
        lambda x: x.sum(1),
        lambda x: x * 2,
        lambda x: x.reshape(3, 0),
        lambda x: x.T @ x,
        lambda x: x @ np.ones((3, 2)),
        lambda x: x.prod(),
        lambda x: x.cumsum(),
        lambda x: autograd.concatenate([x, x]),
        lambda x: x.max(1),
        lambda x: autograd.softmax(x),
        lambda x: x[:, 0],
        lambda x: x.repeat(2),
        lambda x: x.flatten(),
        lambda x: autograd.pad(x, 1),
        lambda x: autograd.flip(x),
        lambda x: autograd.tile(x, 2),
        lambda x: autograd.logsumexp(x, axis=1),
    ],
)
def test_empty_arrays(f):
    x = Tensor(np.zeros((0, 3)))
    y = f(x)
    y.backward(np.ones(y.shape))
    assert x.grad.shape == (0, 3)
    gradient = autograd.grad(lambda x: f(x).sum())(np.zeros((0, 3)))
    assert gradient.shape == (0, 3)


def test_the_largest_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="max"):
        Tensor(np.zeros((0, 3))).max()


# Joining and rearranging

FUNCTIONS = {
    "concatenate": lambda a, b: autograd.concatenate([a, b.T, a]),
    "concatenate axis": lambda a, b: autograd.concatenate([a, b.T], axis=-1),
    "concatenate flat": lambda a, b: autograd.concatenate([a, b], axis=None),
    "stack": lambda a, b: autograd.stack([a, b.T, a], axis=-1),
    "expand_dims": lambda a, b: autograd.expand_dims(a, (0, -1)) * b.sum(),
    "moveaxis": lambda a, b: autograd.moveaxis(a[None] * 1.0, 0, -1) * b.sum(),
    "moveaxis back": lambda a, b: autograd.moveaxis(a[None] * b.sum(), -1, 0),
    "broadcast_to": lambda a, b: autograd.broadcast_to(a, (4, 2, 3)) * b.T,
    "flip": lambda a, b: autograd.flip(a) * autograd.flip(b, 0).T,
    "flip axes": lambda a, b: autograd.flip(a, (0, -1)) * b.T,
    "tile": lambda a, b: autograd.tile(a, (2, 1, 2)) * b[0, 0],
    "tile short": lambda a, b: autograd.tile(a, 2) * b[0, 0],
    "pad": lambda a, b: autograd.pad(a, ((1, 0), (0, 2)), constant_values=3.0) * b.sum(),
    "pad everywhere": lambda a, b: autograd.pad(a * b.T, 1),
    "outer": autograd.outer,
    "inner": lambda a, b: autograd.inner(a, b.T),
    "tensordot": lambda a, b: autograd.tensordot(a, b, 1),
    "tensordot axes": lambda a, b: autograd.tensordot(a, b, axes=([0, 1], [1, 0])),
    "dot": autograd.dot,
    "dot of three axes": lambda a, b: autograd.dot(a, b.reshape(1, 3, 2)),
    "einsum": lambda a, b: autograd.einsum("ij,jk->ik", a, b),
    "einsum implicit": lambda a, b: autograd.einsum("ij,jk", a, b),
    "einsum all": lambda a, b: autograd.einsum("ij,ji->", a, b),
    "einsum three": lambda a, b: autograd.einsum("ij,jk,ij->k", a, b, a),
    "einsum trace": lambda a, b: autograd.einsum("ii->", a @ b) + autograd.einsum("ii->i", a @ b),
    "einsum ellipsis": lambda a, b: autograd.einsum("...i,ij->...j", autograd.stack([a, a * 2]), b),
    "einsum broadcast": lambda a, b: autograd.einsum("...ij,...jk->...ik", a[None], autograd.stack([b, b])),
    "einsum summed letter": lambda a, b: autograd.einsum("ij,kl->il", a, b),
    "einsum twice": lambda a, b: autograd.einsum("iij->j", autograd.einsum("ij,kl->ikj", a, b[:2])),
    "where": lambda a, b: autograd.where(A > 0, a, b.T),
    "where scalar": lambda a, b: autograd.where(A > 0, a * b.T, 0.0),
    "maximum": lambda a, b: autograd.maximum(a, b.T) + autograd.minimum(a, 0.5),
    "affine": lambda a, b: autograd.affine(a, b.T, a[:, 0]),
    "reshape": lambda a, b: a.reshape(3, 2) * b,
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_two_arrays(name, agrees):
    f = FUNCTIONS[name]
    b = positive(3, 2)
    f(Tensor(A), Tensor(b))
    agrees(f, A, b)
    exact = autograd.hvp(lambda a, b: autograd.sum(f(a, b) ** 2), (A, b), (A, b))
    other = autograd.hvp(lambda a, b: autograd.sum(f(a, b) ** 2), (A, b), (A, b), mode="reverse_over_reverse")
    for x, y in zip(exact, other, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-11, atol=1e-11)


def test_memory_layouts_of_operands():
    base = np.arange(24.0).reshape(4, 6) / 10
    for view in (base[::2, ::-1], base.T, np.asfortranarray(base), base[:, None].squeeze(), base.astype(">f8")):
        t = Tensor(view)
        y = (t * view).sum() + (t @ view.T).sum()
        y.backward()
        np.testing.assert_allclose(y.data, (view * view).sum() + (view @ view.T).sum())
        np.testing.assert_allclose(t.grad, view + view.sum(0))


# Copies


def test_leaves_are_copied_with_label_and_data():
    t = Tensor([1.0, 2.0], label="w")
    for twin in (copy.copy(t), copy.deepcopy(t), pickle.loads(pickle.dumps(t))):
        assert (twin.label, twin.requires_grad) == ("w", True)
        np.testing.assert_array_equal(twin.data, t.data)
        (twin * 3).sum().backward()
        assert t.grad is None
    deep = copy.deepcopy(t)
    deep.data[0] = 9.0
    assert t.data[0] == 1.0
    frozen = pickle.loads(pickle.dumps(Tensor(np.float32([1.0]), requires_grad=False)))
    assert (frozen.dtype, frozen.requires_grad) == (np.float32, False)


def test_copies_keep_the_gradient():
    t = Tensor([1.0, 2.0])
    assert copy.deepcopy(t).grad is None
    (t * 3).sum().backward()
    for take in (copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))):
        twin = take(t)
        np.testing.assert_array_equal(twin.grad, [3.0, 3.0])
        twin.grad += 1.0
        np.testing.assert_array_equal(t.grad, [3.0, 3.0])


@pytest.mark.parametrize("take", [copy.deepcopy, pickle.dumps])
def test_a_result_is_not_copied_without_its_graph(take):
    with pytest.raises(autograd.GradientError, match="detach"):
        take(Tensor([2.0]) * 3)
    assert take((Tensor([2.0]) * 3).detach())


def test_more_methods_of_numpys_arrays():
    a = np.array([[1.25, 0.0, -2.5], [3.0, 4.75, 0.5]])
    t = Tensor(a)
    for name, args in {"cumprod": (1,), "ptp": (0,), "round": (1,), "conj": (), "conjugate": ()}.items():
        found = getattr(t, name)(*args)
        assert type(found) is Tensor
        expected = np.ptp(a, *args) if name == "ptp" else getattr(a, name)(*args)
        np.testing.assert_array_equal(found.data, expected)
        assert found.requires_grad
    for name, args in {"all": (0,), "any": (), "nonzero": (), "argpartition": (1,)}.items():
        found, expected = getattr(t, name)(*args), getattr(a, name)(*args)
        for f, e in zip(*(x if isinstance(x, tuple) else (x,) for x in (found, expected)), strict=True):
            assert type(f) is type(e)
            np.testing.assert_array_equal(f, e)
    assert t.real is t
    assert not t.imag.any()
