"""Arranging, joining, padding, indexing, windows and diagonals: NumPy's results, and the slopes of differences."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import OperandError, ShapeError, Tensor

RNG = np.random.default_rng(5)
A = RNG.permutation(24).reshape(2, 3, 4) / 4.0 + 0.1  # no two alike
B, ROW = A[0], A[0, 0]
MASK = A > 2.5

# Each is called with NumPy's functions and with ours, of the same names.
SAME = [
    lambda xp, x: xp.reshape(x, (4, 6), "F"),
    lambda xp, x: xp.ravel(x, order="F"),
    lambda xp, x: xp.moveaxis(x, (0, 2), (-1, 0)),
    lambda xp, x: xp.moveaxis(x, -1, 0),
    lambda xp, x: xp.rollaxis(x, 2),
    lambda xp, x: xp.rollaxis(x, 0, 3),
    lambda xp, x: xp.roll(x, 5),
    lambda xp, x: xp.roll(x, (1, -2), (0, 2)),
    lambda xp, x: xp.roll(x, 1, (1, 2)),
    *[lambda xp, x, k=k: xp.rot90(x, k) for k in range(-1, 5)],
    lambda xp, x: xp.rot90(x, 1, (2, 0)),
    lambda xp, x: xp.flipud(x),
    lambda xp, x: xp.fliplr(x),
    lambda xp, x: xp.resize(x, (5, 7)),
    lambda xp, x: xp.resize(x, 5),
    lambda xp, x: xp.tile(x, (2, 1, 1, 2)),
    lambda xp, x: xp.repeat(x, [1, 0, 2], axis=1),
    lambda xp, x: xp.repeat(x, 2),
    lambda xp, x: xp.atleast_1d(x[0, 0, 0]),
    lambda xp, x: xp.atleast_2d(x[0, 0]),
    lambda xp, x: xp.atleast_3d(x[0, 0]),
    lambda xp, x: xp.atleast_3d(x[0]),
    lambda xp, x: xp.atleast_1d(x, x[0]),
    lambda xp, x: xp.broadcast_arrays(x[0], x, x[0, 0, 0]),
    lambda xp, x: xp.hstack([x[0, 0], x[1, 0]]),
    lambda xp, x: xp.hstack([x, x * x]),
    lambda xp, x: xp.vstack([x[0, 0], x[1]]),
    lambda xp, x: xp.dstack([x[0], x[1]]),
    lambda xp, x: xp.column_stack([x[0], x[1, :, 0]]),
    lambda xp, x: xp.block([[x[0], x[1, :, :1]], [x[1], x[0, :, :1]]]),
    lambda xp, x: xp.block([x[0], x[1]]),
    lambda xp, x: xp.append(x, x[:, :1], axis=1),
    lambda xp, x: xp.append(x, x[0]),
    lambda xp, x: xp.split(x, 2, axis=-1),
    lambda xp, x: xp.split(x, [1, 1, 3], axis=2),
    lambda xp, x: xp.split(x, [5], axis=2),
    lambda xp, x: xp.array_split(x, 3, axis=2),
    lambda xp, x: xp.hsplit(x, 3),
    lambda xp, x: xp.hsplit(x[0, 0], 2),
    lambda xp, x: xp.vsplit(x, [1]),
    lambda xp, x: xp.dsplit(x, 2),
    lambda xp, x: xp.unstack(x, axis=1),
    lambda xp, x: xp.delete(x, [0, -1], axis=2),
    lambda xp, x: xp.delete(x, 3),
    lambda xp, x: xp.delete(x, slice(None, None, 2), axis=2),
    lambda xp, x: xp.insert(x, 1, 9.0, axis=2),
    lambda xp, x: xp.insert(x, [0, 4, 4], x[..., :3], axis=2),
    lambda xp, x: xp.insert(x[0], 1, x[1, 0] * 2, axis=0),
    lambda xp, x: xp.insert(x, [1, 3], [7.0, 8.0]),
    lambda xp, x: xp.insert(x, 2, x[0, 0]),
    lambda xp, x: xp.meshgrid(x[0, 0], x[1, 0], x[1, 1, :2]),
    lambda xp, x: xp.meshgrid(x[0, 0], x[1, 0], indexing="ij", sparse=True),
    lambda xp, x: xp.take(x, [[5, 0], [-1, 5]]),
    lambda xp, x: xp.take(x, [7, -9], axis=2, mode="wrap"),
    lambda xp, x: xp.take(x, [7, -9], axis=2, mode="clip"),
    lambda xp, x: xp.take_along_axis(x, np.argsort(A, 1)[:, :2], axis=1),
    lambda xp, x: xp.take_along_axis(x, np.array([[[0, 3, 0]]]), axis=2),
    lambda xp, x: xp.take_along_axis(x, np.array([4, 4]), axis=None),
    lambda xp, x: xp.compress([True, False, True], x, axis=1),
    lambda xp, x: xp.compress([False, True, True], x),
    lambda xp, x: xp.extract(MASK, x),
    lambda xp, x: xp.select([MASK, A > 1], [x, x * x], 3.0),
    lambda xp, x: xp.choose([0, 1, 1, 0], [x[0], x[1]]),
    lambda xp, x: xp.choose([0, 1, 5, -3], [x[0], x[1]], mode="wrap"),
    lambda xp, x: xp.choose([0, 1, 5, -3], [x[0], x[1]], mode="clip"),
    lambda xp, x: xp.diagonal(x),
    lambda xp, x: xp.diagonal(x, 1, 2, 1),
    lambda xp, x: xp.diag(x[0], -1),
    lambda xp, x: xp.diag(x[0, 0], 2),
    lambda xp, x: xp.diagflat(x[0], -1),
    lambda xp, x: xp.trace(x, 1, 1, 2),
    lambda xp, x: xp.tril(x, -1),
    lambda xp, x: xp.triu(x, 1),
    lambda xp, x: xp.tril(x[0, 0]),
    lambda xp, x: xp.kron(x[0], x[1]),
    lambda xp, x: xp.kron(x, x[0, 0]),
    lambda xp, x: xp.vander(x[0, 0]),
    lambda xp, x: xp.vander(x[0, 0], 3, increasing=True),
    lambda xp, x: xp.vander(x[0, 0], 0),
    lambda xp, x: xp.pad(x, 2),
    lambda xp, x: xp.pad(x, ((0, 1), (2, 0), (1, 1)), constant_values=((1, 2), (3, 4), (5, 6))),
    lambda xp, x: xp.pad(x, {2: (1, 3), 0: 1}),
    lambda xp, x: xp.pad(x, 3, "edge"),
    lambda xp, x: xp.pad(x, ((2, 3), (1, 5), (4, 0)), "reflect"),
    lambda xp, x: xp.pad(x, 3, "reflect", reflect_type="odd"),
    lambda xp, x: xp.pad(x, ((2, 3), (1, 5), (4, 0)), "symmetric"),
    lambda xp, x: xp.pad(x, 2, "symmetric", reflect_type="odd"),
    lambda xp, x: xp.pad(x, ((2, 3), (1, 5), (9, 0)), "wrap"),
    lambda xp, x: xp.pad(x, 2, "linear_ramp"),
    lambda xp, x: xp.pad(x, 2, "linear_ramp", end_values=((1, 2), (3, 4), (5, 6))),
    lambda xp, x: xp.pad(x, 2, "mean"),
    lambda xp, x: xp.pad(x, (1, 2), "mean", stat_length=2),
    lambda xp, x: xp.pad(x, (1, 2), "maximum", stat_length=((1, 9), (2, 2), (3, 1))),
    lambda xp, x: xp.pad(x, (0, 2), "minimum"),
    lambda xp, x: (xp if xp is autograd else np.lib.stride_tricks).sliding_window_view(x, (2, 3), (1, 2)),
    lambda xp, x: (xp if xp is autograd else np.lib.stride_tricks).sliding_window_view(x, (1, 2, 1)),
]


def joined(found):
    """Whatever came back, as one row."""
    parts = found if isinstance(found, list | tuple) else [found]
    return autograd.concatenate([autograd.ravel(part) for part in parts])


@pytest.mark.parametrize("call", SAME)
def test_numpy_says_the_same_and_slopes_agree(call, agrees):
    found, expected = call(autograd, Tensor(A)), call(np, A)
    several = isinstance(expected, list | tuple)
    assert isinstance(found, list | tuple) is several
    pairs = zip(found, expected, strict=True) if several else [(found, expected)]
    for y, plain in pairs:
        np.testing.assert_allclose(getattr(y, "data", y), plain, rtol=1e-14)
        assert np.shape(y) == np.shape(plain)
    agrees(lambda x: joined(call(autograd, x)), A)


@pytest.mark.parametrize("call", SAME)
def test_single_precision_stays(call):
    t = Tensor(np.float32(A))
    y = joined(call(autograd, t))
    assert y.dtype == np.float32
    if y.requires_grad:
        y.sum().backward()
        assert t.grad.dtype == np.float32


# What NumPy does not have, spelled out with what it has

SPELLED = [
    (lambda x: autograd.narrow(x, 2, 1, 2), lambda x: x[:, :, 1:3]),
    (lambda x: autograd.narrow(x, -1, -2, 2), lambda x: x[:, :, -2:]),
    (lambda x: autograd.unflatten(x, 2, (2, -1)), lambda x: x.reshape(2, 3, 2, 2)),
    (lambda x: autograd.expand(x[:, :1], -1, 3, -1), lambda x: np.broadcast_to(x[:, :1], (2, 3, 4))),
    (lambda x: autograd.expand(x, 5, -1, -1, -1), lambda x: np.broadcast_to(x, (5, 2, 3, 4))),
    (lambda x: autograd.sum_to_size(x, 3, 1), lambda x: x.sum((0, 2))[:, None]),
    (lambda x: autograd.chunk(x, 3, 2), lambda x: (x[:, :, :2], x[:, :, 2:])),
    (lambda x: autograd.split_with_sizes(x, [1, 3], 2), lambda x: (x[:, :, :1], x[:, :, 1:])),
    (
        lambda x: autograd.block_diag(x[0], x[1, 0]),
        lambda x: np.block([[x[0], np.zeros((3, 4))], [np.zeros((1, 4)), x[1, 0]]]),
    ),
    (lambda x: autograd.combinations(x[0, 0], 2), lambda x: x[0, 0][[[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]]),
    (
        lambda x: autograd.cartesian_prod(x[0, 0, :2], x[1, 0, :2]),
        lambda x: np.array([[a, b] for a in x[0, 0, :2] for b in x[1, 0, :2]]),
    ),
    (
        lambda x: autograd.diag_embed(x, 1, 0, 2),
        lambda x: np.moveaxis(np.array([[np.diag(row, 1) for row in m] for m in x]), (2, 3), (0, 2)),
    ),
    (
        lambda x: autograd.diagonal_scatter(x[0], x[1, 0, :3]),
        lambda x: np.where(np.eye(3, 4), np.diag(np.append(x[1, 0, :3], 0))[:3], x[0]),
    ),
    (lambda x: autograd.masked_fill(x, MASK, 7.0), lambda x: np.where(MASK, 7.0, x)),
    (lambda x: autograd.masked_select(x, MASK[0]), lambda x: x[np.broadcast_to(MASK[0], x.shape)]),
    (
        lambda x: autograd.gather(x[0], 1, [[0, 0, 3], [2, 1, 0]]),
        lambda x: np.array([x[0, 0, [0, 0, 3]], x[0, 1, [2, 1, 0]]]),
    ),
    (lambda x: autograd.index_select(x, 1, [2, 0, 2]), lambda x: x[:, [2, 0, 2]]),
    (
        lambda x: autograd.put_along_axis(x[0], np.array([[1], [0], [3]]), x[1, :, :1], 1),
        lambda x: np.where(np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]], bool), x[1, :, :1], x[0]),
    ),
    (
        lambda x: autograd.scatter(x[0, 0], 0, [1, 2, 1], x[1, 0]),
        lambda x: np.array([x[0, 0, 0], x[1, 0, 2], x[1, 0, 1], x[0, 0, 3]]),
    ),
    (lambda x: autograd.scatter_add(x[0, 0], 0, [1, 1, 1], x[1, 0]), lambda x: x[0, 0] + [0, x[1, 0, :3].sum(), 0, 0]),
    (
        lambda x: autograd.index_add(x, 1, [0, 0], x[:, 1:], alpha=2.0),
        lambda x: np.stack([x[:, 0] + 2 * x[:, 1] + 2 * x[:, 2], x[:, 1], x[:, 2]], 1),
    ),
    (lambda x: autograd.index_copy(x, 0, [1], x[:1] * 2), lambda x: np.stack([x[0], x[0] * 2])),
    (
        lambda x: autograd.index_fill(x, 2, [1, -1], 5.0),
        lambda x: np.stack([x[..., 0], 0 * x[..., 0] + 5, x[..., 2], 0 * x[..., 0] + 5], -1),
    ),
    (
        lambda x: autograd.put(x, [1, -1], [7.0, 8.0], True),
        lambda x: x + np.append([0, 7], np.append(np.zeros(21), 8)).reshape(x.shape),
    ),
    (
        lambda x: autograd.index_put(x, ([0], [1]), x[1, 0]),
        lambda x: np.stack([np.stack([x[0, 0], x[1, 0], x[0, 2]]), x[1]]),
    ),
    (lambda x: autograd.masked_scatter(x[0], B.mean() < B, x[1]), lambda x: _masked_scatter(x)),
    (lambda x: autograd.select_scatter(x, x[0] * 2, 0, 1), lambda x: np.stack([x[0], x[0] * 2])),
    (
        lambda x: autograd.slice_scatter(x, x[..., :2] * 2, 2, 1, None, 2),
        lambda x: np.stack([x[..., 0], 2 * x[..., 0], x[..., 2], 2 * x[..., 1]], -1),
    ),
]


def _masked_scatter(x):
    y, mask = x[0].copy(), B.mean() < B
    y[mask] = x[1].ravel()[: mask.sum()]
    return y


@pytest.mark.parametrize(("call", "plain"), SPELLED)
def test_pytorchs_functions_spelled_out(call, plain, agrees):
    found, expected = call(Tensor(A)), plain(A)
    if isinstance(expected, tuple):
        assert [y.shape for y in found] == [y.shape for y in expected]
        expected = np.concatenate([np.ravel(y) for y in expected])
        found = joined(found)
    np.testing.assert_allclose(found.data, expected, rtol=1e-14)
    agrees(lambda x: joined(call(x)), A)


def test_methods_are_the_functions():
    t = Tensor(A)
    index = np.array([[[0, 2]], [[1, 1]]])
    for found, expected in [
        (t.view(4, 6), A.reshape(4, 6)),
        (t.permute(2, 0, 1), A.transpose(2, 0, 1)),
        (t.unsqueeze(1), A[:, None]),
        (t.expand(2, -1, -1, -1), np.stack([A, A])),
        (t.unflatten(2, (2, 2)), A.reshape(2, 3, 2, 2)),
        (t.narrow(1, 1, 2), A[:, 1:]),
        (t.flip(0), A[::-1]),
        (t.roll(1, 2), np.roll(A, 1, 2)),
        (t.tile(2, 1), np.tile(A, (2, 1))),
        (t.tril(), np.tril(A)),
        (t.triu(1), np.triu(A, 1)),
        (t.chunk(2, 1)[1], A[:, 2:]),
        (t.unbind(2)[3], A[..., 3]),
        (t.unfold(2, 2, 2), A.reshape(2, 3, 2, 2)),
        (t.gather(2, index), np.take_along_axis(A[:, :1], index, 2)),
        (t.scatter(2, index, 0.0).sum(), A.sum() - A[0, 0, [0, 2]].sum() - A[1, 0, 1]),
        (t.scatter_add(2, index, 1.0).sum(), A.sum() + 4),
        (t.index_select(1, [1]), A[:, 1:2]),
        (t.masked_fill(MASK, 0), A * ~MASK),
        (t.masked_select(MASK), A[MASK]),
        (t.compress([True, False, True], 1), A[:, [0, 2]]),
        (t.diagonal(1, 1, 2), A.diagonal(1, 1, 2)),
        (t.trace(), A.trace()),
        (t.take([99], mode="clip"), A.ravel()[-1:]),
    ]:
        assert type(found) is Tensor
        assert found.requires_grad
        np.testing.assert_allclose(found.data, expected, rtol=1e-14)


def test_an_element_that_is_named_twice():
    t = Tensor([1.0, 2.0, 3.0])
    autograd.take(t, [1, 1, 2]).sum().backward()
    np.testing.assert_array_equal(t.grad, [0, 2, 1])
    t, v = Tensor([1.0, 2.0]), Tensor([3.0, 4.0, 5.0])
    y = autograd.put_along_axis(t, np.array([0, 0, 0]), v, 0)
    y.backward(np.array([10.0, 100.0]))
    np.testing.assert_array_equal(y.data, [5, 2])
    np.testing.assert_array_equal(v.grad, [0, 0, 10])  # the last one stays, and has the gradient
    np.testing.assert_array_equal(t.grad, [0, 100])


def test_rows_added_by_number_in_every_layout():
    rows = np.array([[2, -1], [0, 2]])
    g = RNG.normal(size=(2, 2, 4))
    expected = np.zeros((3, 4))
    np.add.at(expected, rows, g)
    for x in (B, np.asfortranarray(B), B[::-1][::-1]):
        t = Tensor(x)
        t[rows].backward(g)
        np.testing.assert_allclose(t.grad, expected, rtol=1e-15)
        np.testing.assert_allclose(t.at[rows].add(g).data, x + expected, rtol=1e-15)
    few = Tensor(np.zeros((8, 8))).at[[1, 1], [2, 2]].add(1.0)  # named in lists; few places in a large array
    assert few.data[1, 2] == few.data.sum() == 2
    for bad in (3, -4):
        with pytest.raises(ShapeError, match=r"index_add.*out of bounds"):
            Tensor(B).at[np.array([0, bad])].add(1.0)


def test_the_users_index_may_change_later():
    index = np.array([0, 1])
    t = Tensor(ROW)
    y = [autograd.take(t, index), autograd.gather(t, 0, index), autograd.index_select(t, 0, index)]
    index[:] = 3
    sum(y).sum().backward()
    np.testing.assert_array_equal(t.grad, [3, 3, 0, 0])


@pytest.mark.parametrize("reduce", ["sum", "prod", "mean", "amax", "amin"])
@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("by_slices", [True, False])
def test_reducing_what_arrives(reduce, include_self, by_slices, agrees):
    x, src, index = A[0] + 0.05, A[1], np.array([0, 2, 0])
    combine = {"sum": np.sum, "prod": np.prod, "mean": np.mean, "amax": np.max, "amin": np.min}[reduce]
    expected = x.copy()
    for target in (0, 2):
        arriving = [row for k, row in zip(index, src, strict=True) if k == target]
        expected[target] = combine([x[target], *arriving] if include_self else arriving, axis=0)

    def reduced(x, src):
        if by_slices:
            return autograd.index_reduce(x, 0, index, src, reduce, include_self)
        return autograd.scatter_reduce(x, 0, np.repeat(index[:, None], 4, 1), src, reduce, include_self)

    np.testing.assert_allclose(reduced(x, src), expected, rtol=1e-14)
    agrees(reduced, x, src)


def test_a_product_with_zeros_has_its_slopes():
    x, src = Tensor([2.0, 3.0]), Tensor([0.0, 5.0, 0.0])
    autograd.scatter_reduce(x, 0, [0, 0, 1], src, "prod").sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 0])
    np.testing.assert_array_equal(src.grad, [10, 0, 3])


def test_equal_winners_share():
    x, src = Tensor([2.0, 1.0]), Tensor([2.0, 2.0, 0.0])
    autograd.scatter_reduce(x, 0, [0, 0, 1], src, "amax").sum().backward()
    np.testing.assert_allclose(x.grad, [1 / 3, 1])
    np.testing.assert_allclose(src.grad, [1 / 3, 1 / 3, 0])


@pytest.mark.parametrize("size", [2, 30])  # the transpose loops within windows, or over them
@pytest.mark.parametrize(("step", "dilation"), [(1, 1), (3, 1), (1, 2), (2, 2)])
def test_windows_and_adding_them_up_are_transposes(size, step, dilation):
    x = Tensor(RNG.normal(size=(2, 64)))
    y = autograd.sliding_window_view(x, size, 1, step=step, dilation=dilation)
    starts = range(0, 64 - dilation * (size - 1), step)
    np.testing.assert_array_equal(
        y.data, np.stack([x.data[:, s : s + dilation * size : dilation][:, :size] for s in starts], 1)
    )
    assert np.shares_memory(x.data, y.data)
    g = RNG.normal(size=y.shape)
    y.backward(g)
    assert np.sum(g * y.data) == pytest.approx(np.sum(x.data * x.grad), rel=1e-12)


def test_fold_adds_up_what_unfold_takes_apart():
    x = RNG.normal(size=(2, 3, 7, 8))
    how = {"kernel_size": (3, 2), "padding": (1, 0), "stride": 2, "dilation": (1, 2)}
    columns, pull = autograd.vjp(lambda x: autograd.unfold(x, **how), x)
    g = RNG.normal(size=columns.shape)
    np.testing.assert_allclose(pull(g)[0], autograd.fold(g, (7, 8), **how), rtol=1e-14)
    single = autograd.unfold(x[0], **how)
    np.testing.assert_array_equal(single, columns[0])
    np.testing.assert_allclose(autograd.fold(single, (7, 8), **how), autograd.fold(columns, (7, 8), **how)[0])


def test_numbers_and_lists():
    t = Tensor(2.0)
    for y in (autograd.flatten(t), autograd.sort(t), autograd.gather(t, 0, [0]), autograd.linalg.vector_norm(t, 3, 0)):
        y.sum().backward()
    assert t.grad == 4.0
    assert autograd.atleast_2d([t, 3.0]).tolist() == [[2.0, 3.0]]
    assert [len(part) for part in autograd.array_split(ROW, np.array(3))] == [2, 1, 1]


def test_axes_made_into_one_where_there_are_no_elements():
    t = Tensor(np.zeros((2, 0, 3, 5)))
    for start, shape in ((0, (0,)), (1, (2, 0)), (2, (2, 0, 15))):
        y = autograd.flatten(t, start)
        y.backward(np.zeros(shape))
        assert (y.shape, t.grad.shape) == (shape, t.shape)
    assert autograd.vander(Tensor(np.zeros(0)), 0).shape == (0, 0)


def test_empty_arrays():
    t = Tensor(np.zeros((0, 3)))
    for call in (
        lambda x: autograd.roll(x, 1, 0),
        lambda x: autograd.tril(x),
        lambda x: autograd.array_split(x, 2, 1)[0],
        lambda x: autograd.pad(x, 1),
        lambda x: autograd.take(x, [], axis=1),
        lambda x: autograd.take_along_axis(x, np.zeros((0, 2), int), axis=1),
        lambda x: autograd.diagonal(x),
        lambda x: autograd.trace(x),
        lambda x: autograd.gather(x, 0, np.zeros((0, 3), int)),
    ):
        y = call(t)
        y.sum().backward()
        assert t.grad.shape == (0, 3)


ERRORS = [
    (lambda x: autograd.split(x, 3, 2), ShapeError, r"4 elements along axis 2 .*3 equal parts(.|\n)*array_split"),
    (lambda x: autograd.array_split(x, 0), ShapeError, "must be positive"),
    (lambda x: autograd.split_with_sizes(x, [1, 1], 2), ShapeError, r"\[1, 1\] do not fit"),
    (lambda x: autograd.vsplit(x[0, 0], 2), ShapeError, "vsplit needs at least 2 axes"),
    (lambda x: autograd.block([[x], x]), ShapeError, "nested equally deep"),
    (lambda x: autograd.block([[], []]), ShapeError, "nested equally deep"),
    (lambda x: autograd.pad(x, 1, "median"), ShapeError, r"(?s)mode 'median'.*constant, edge"),
    (lambda x: autograd.pad(x, 1, "edge", stat_length=2), ShapeError, "stat_length in mode 'edge'"),
    (lambda x: autograd.take(x, [0.5]), OperandError, r"integers, and got list \[0.5\]"),
    (lambda x: autograd.take(x, [24]), ShapeError, "out of bounds"),
    (lambda x: autograd.take(x, [0], mode="loop"), ShapeError, "'loop'"),
    (lambda x: autograd.take_along_axis(x, [0], 1), ShapeError, "must have 3 axes, not 1"),
    (lambda x: autograd.gather(x, 0, [[0]]), ShapeError, r"an index \(1, 1\) does not fit"),
    (lambda x: autograd.scatter(x[0, 0], 0, [0, 1], x[0, 0, :1]), ShapeError, "is too small for an index"),
    (lambda x: autograd.scatter_reduce(x[0, 0], 0, [0], x[0, 0], "median"), ShapeError, "no reduction 'median'"),
    (lambda x: autograd.choose([0, 2], [x[0, 0, 0], 1.0]), ShapeError, "from 0 to 2, of 2 choices"),
    (lambda x: autograd.select([MASK], []), ShapeError, "1 conditions for 0 choices"),
    (lambda x: autograd.narrow(x, 2, 3, 2), ShapeError, "no 2 elements from 3 on"),
    (lambda x: autograd.unflatten(x, 2, (3, 2)), ShapeError, r"cannot be made into \(3, 2\)"),
    (lambda x: autograd.rollaxis(x, 0, 7), ShapeError, "start 7"),
    (lambda x: autograd.broadcast_arrays(x, x[0, 0, :3]), ShapeError, r"Tensor\(3,\) float64: they do not fit"),
    (lambda x: autograd.resize(x[:0], 3), ShapeError, "no elements to fill"),
    (lambda x: autograd.meshgrid(x, indexing="yx"), ShapeError, "'yx'"),
    (lambda x: autograd.diag(x), ShapeError, "a row or a matrix"),
    (lambda x: autograd.diag_embed(x, 0, 1, 1), ShapeError, "two different axes"),
    (lambda x: autograd.sliding_window_view(x, 5, 2), ShapeError, "do not fit into axes"),
    (lambda x: autograd.sliding_window_view(x, 0, 2), ShapeError, "must be positive"),
    (lambda x: autograd.sliding_window_view(x, (1, 1), 2), ShapeError, r"2 sizes \(1, 1\) for 1 axes"),
    (lambda x: autograd.fold(x, (3, 3), 2), ShapeError, "do not fit"),
    (lambda x: autograd.reshape(x, -1, "A"), ShapeError, "'A'"),
    (lambda x: autograd.swapaxes(x, 3, 0), ShapeError, "there are no axes 3 and 0"),
    (lambda x: autograd.moveaxis(x, 3, 0), ShapeError, "axis .*3.* does not fit"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "words"), ERRORS)
def test_errors_say_what_does_not_fit(call, kind, words):
    with pytest.raises(kind, match=words) as found:
        call(Tensor(A))
    assert "test_arrays.py" in str(found.value)
