"""Functions made of several primitives, and functions of the user's: under vmap they are loops, and so are gradients.

What draws conclusions from numbers (orders, places of the largest, numbers of elements) is what could go wrong.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
import autograd as a
from autograd import Function, Tensor, custom_function, grad, hessian, jvp, stop_gradient, vmap
from autograd.rules.indexing import index_add, index_set

B = 3
rng = np.random.default_rng(0)


def r(*shape):
    return rng.normal(size=(B, *shape))


def i(high, *shape):
    return rng.integers(0, high, size=(B, *shape))


CASES = {
    "adaptive_avg_pool2d": [lambda x: a.adaptive_avg_pool2d(x, 3), r(2, 7, 6)],
    "adaptive_max_pool2d": [lambda x: a.adaptive_max_pool2d(x, 3, True), r(2, 3, 7, 5)],
    "adaptive_max_pool2d, even": [lambda x: a.adaptive_max_pool2d(x, 3, True), r(2, 3, 6, 6)],
    "addmm": [a.addmm, r(2, 3), r(2, 4), r(4, 3)],
    "affine_grid": [lambda t: a.affine_grid(t, (2, 1, 3, 4)), r(2, 2, 3)],
    "avg_pool2d": [lambda x: a.avg_pool2d(x, 2, 1, 1, count_include_pad=False), r(1, 2, 6, 6)],
    "attention, causal": [lambda q, k, v: a.scaled_dot_product_attention(q, k, v, is_causal=True), *[r(2, 3, 4)] * 3],
    "attention, masked": [a.scaled_dot_product_attention, *[r(2, 3, 4)] * 3, r(3, 3) > -0.5],
    "attention, biased": [a.scaled_dot_product_attention, *[r(2, 3, 4)] * 3, r(3, 3)],
    "batch_norm, training": [lambda x, w, b: a.batch_norm(x, None, None, w, b, True), r(5, 3), r(3), r(3)],
    "batch_norm": [lambda x, m, v: a.batch_norm(x, m, v * v), r(5, 3), r(3), r(3)],
    "bincount": [lambda w: a.bincount(np.array([0, 1, 1]), w), r(3)],
    "choose": [lambda k, x, y: a.choose(k, [x, y]), i(2, 3), r(3), r(3)],
    "conv1d": [lambda x, w, b: a.conv1d(x, w, b, padding=1), r(2, 8), r(3, 2, 3), r(3)],
    "conv2d": [lambda x, w: a.conv2d(x, w, stride=2), r(2, 3, 8, 8), r(4, 3, 3, 3)],
    "conv2d, groups": [lambda x, w: a.conv2d(x, w, groups=3), r(2, 3, 8, 8), r(6, 1, 3, 3)],
    "conv3d": [a.conv3d, r(1, 2, 4, 4, 4), r(3, 2, 2, 2, 2)],
    "conv_transpose2d": [lambda x, w, b: a.conv_transpose2d(x, w, b, 2, 1, 1), r(2, 3, 4, 4), r(3, 2, 3, 3), r(2)],
    "cross": [lambda x, y: a.cross(x, y, axis=0), r(3, 2), r(3, 2)],
    "cummax": [a.cummax, r(4, 3)],
    "diagonal_scatter": [a.diagonal_scatter, r(3, 3), r(3)],
    "einsum": [lambda x, y: a.einsum("...i,i", x, y), r(2, 3, 4), r(4)],
    "einsum, diagonal": [lambda x: a.einsum("ii", x), r(3, 3)],
    "embedding": [a.embedding, i(4, 3), r(4, 2)],
    "embedding, padding": [lambda k, w: a.embedding(k, w, 1), i(4, 3), r(4, 2)],
    "embedding_bag": [a.embedding_bag, i(4, 2, 3), r(4, 2)],
    "fold": [lambda x: a.fold(x, (4, 4), 2), r(1, 8, 9)],
    "gather": [lambda x, k: a.gather(x, 1, k), r(2, 4), i(4, 2, 3)],
    "grid_sample": [a.grid_sample, r(1, 2, 5, 5), np.tanh(r(1, 3, 3, 2))],
    "group_norm": [lambda x, w, b: a.group_norm(x, 2, w, b), r(2, 4, 3), r(4), r(4)],
    "index_add": [lambda x, k, v: a.index_add(x, 0, k, v), r(4, 3), i(4, 2), r(2, 3)],
    "index_put": [lambda x, k, v: a.index_put(x, (k,), v), r(4), i(4, 2), r(2)],
    "instance_norm": [a.instance_norm, r(2, 3, 4)],
    "interp": [a.interp, r(3), np.cumsum(r(4) ** 2, 1), r(4)],
    "interpolate": [lambda x: a.interpolate(x, (5, 4), mode="bilinear"), r(1, 2, 3, 3)],
    "kthvalue": [lambda x: a.kthvalue(x, 2), r(3, 4)],
    "layer_norm": [lambda x, w, b: a.layer_norm(x, 4, w, b), r(2, 3, 4), r(4), r(4)],
    "lexsort": [lambda x, y: a.take(x, a.lexsort([y, np.sign(x)])), r(5), r(5)],
    "linalg.solve": [a.linalg.solve, r(3, 3), r(3)],
    "linalg.lstsq": [lambda x, y: a.linalg.lstsq(x, y)[0], r(5, 3), r(5)],
    "linalg.eigh": [lambda x: a.linalg.eigh(x @ x.T)[0], r(3, 3)],
    "linalg.svd": [lambda x: a.linalg.svd(x)[1], r(3, 4)],
    "linalg.matrix_rank": [a.linalg.matrix_rank, r(3, 4)],
    "local_response_norm": [lambda x: a.local_response_norm(x, 3), r(2, 5, 4)],
    "lstm_cell": [lambda x, h, c, w, u: a.lstm_cell(x, (h, c), w, u), r(2, 3), r(2, 2), r(2, 2), r(8, 3), r(8, 2)],
    "max_pool2d": [lambda x: a.max_pool2d(x, 2, 1, 1, return_indices=True), r(1, 2, 4, 4)],
    "max_unpool2d": [lambda x: a.max_unpool2d(*a.max_pool2d(x, 2, return_indices=True), 2), r(1, 2, 4, 4)],
    "median": [a.median, r(5, 4)],
    "nanmedian": [lambda x: a.nanmedian(a.where(x > 1, np.nan, x), 0), r(5, 4)],
    "nanmean": [lambda x: a.nanmean(a.where(x > 0.5, np.nan, x)), r(5, 4)],
    "one_hot": [lambda k: a.one_hot(k, 4), i(4, 3)],
    "pad": [lambda x: a.pad(x, ((1, 1), (2, 0)), mode="reflect"), r(3, 4)],
    "polyfit": [lambda y: a.polyfit(np.arange(5.0), y, 2), r(5)],
    "put_along_axis": [lambda x, k, v: a.put_along_axis(x, k, v, 1), r(2, 4), i(4, 2, 1), r(2, 1)],
    "quantile": [lambda x, q: a.quantile(x, q, 0), r(5, 3), rng.uniform(size=(B, 2))],
    "reshape, F": [lambda x: a.reshape(x, (3, -1), "F"), r(2, 3)],
    "scatter": [lambda x, k, v: a.scatter(x, 1, k, v), r(2, 4), i(4, 2, 1), r(2, 1)],
    "scatter_add": [lambda x, k, v: a.scatter_add(x, 1, k, v), r(2, 4), i(4, 2, 2), r(2, 2)],
    "scatter_reduce, amax": [lambda x, k, v: a.scatter_reduce(x, 1, k, v, "amax"), r(2, 4), i(4, 2, 2), r(2, 2)],
    "scatter_reduce, mean": [lambda x, k, v: a.scatter_reduce(x, 1, k, v, "mean"), r(2, 4), i(4, 2, 2), r(2, 2)],
    "searchsorted": [lambda x, v: a.searchsorted(a.sort(x), v), r(5), r(2)],
    "sort": [lambda x: a.sort(x, 0, descending=True), r(5, 3)],
    "sort, ties": [lambda x: a.sort(a.relu(x), 0) * x, r(5, 3)],
    "softmax_cross_entropy": [a.softmax_cross_entropy, r(4, 5), i(5, 4)],
    "split": [lambda x: a.split(x, [1, 3]), r(5, 2)],
    "take": [lambda x, k: a.take(x, k, 1), r(2, 4), i(4, 3)],
    "take, wrapped": [lambda x, k: a.take(x, k + 3, 1, mode="wrap"), r(2, 4), i(4, 3)],
    "take_along_axis": [lambda x, k: a.take_along_axis(x, k, 1), r(2, 4), i(4, 2, 3)],
    "topk": [lambda x: a.topk(x, 2), r(3, 4)],
    "unfold": [lambda x: a.unfold(x, 2), r(1, 2, 4, 4)],
    "var of some": [lambda x: a.var(x, where=x > -9), r(3, 4)],
    "x[k]": [lambda x, k: x[k], r(5, 2), i(5)],
    "x[:, k]": [lambda x, k: x[:, k], r(4, 5), i(5, 3)],
    "x[k, l]": [lambda x, k, j: x[k, j], r(4, 5), i(4, 3), i(5, 3)],
    "x[k, :, [0, 1]]": [lambda x, k: x[k, :, np.array([0, 1, 0])], r(4, 2, 5), i(4, 3)],
    "x[1:, None, ..., k]": [lambda x, k: x[1:3, None, ..., k], r(4, 2, 5), i(5)],
    "x[[0, 1], :, [1, 1]]": [lambda x: x[np.array([0, 1]), :, np.array([1, 1])], r(4, 2, 5)],
    "x[-k]": [lambda x, k: x[-k, 1:], r(5, 3), i(5, 2)],
    "x[mask]": [lambda x, m: x[m], r(4, 2), np.roll(np.eye(4) > 0, 1, 0)[:B]],
    "set": [lambda x, k: index_set(x, 0.5, index=k), r(5), i(5, 2)],
    "set, slices": [lambda x, v: index_set(x, v, index=(slice(1, 3), ..., 0)), r(5, 3, 2), r(3)],
    "add, parted": [
        lambda x, v: index_add(x, v, index=(np.array([0, 1]), slice(None), np.array([1, 1]))),
        r(4, 2, 5),
        r(2, 2),
    ],
    "add, by number": [lambda x, k, v: index_add(x, v, index=(slice(None), k)), r(3, 5), i(5, 2), r(3, 2)],
}


def leaves(tree):
    return [np.asarray(y, float) for y in autograd.tree.leaves(tree)]


def close(found, each):
    for y, column in zip(leaves(found), zip(*map(leaves, each), strict=True), strict=True):
        np.testing.assert_allclose(y, np.stack(column), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_a_function_is_a_loop(name):
    function, *args = CASES[name]
    each = list(zip(*args, strict=True))
    close(vmap(function)(*args), [function(*xs) for xs in each])
    if len(args) > 1:
        shared = Tensor(args[0][0])  # a Tensor can be read by batches, where a plain array would want plain numbers
        found = vmap(function, (None, *[0] * (len(args) - 1)))(shared, *args[1:])
        close(stop_gradient(found), [function(args[0][0], *xs[1:]) for xs in each])
    slots = [k for k, x in enumerate(args) if x.dtype.kind == "f"]

    def scalar(*xs):
        total = 0.0
        for k, y in enumerate(autograd.tree.leaves(function(*xs))):
            if getattr(getattr(y, "dtype", None), "kind", "") == "f":
                total = total + autograd.sum(autograd.sin(y * (k + 1)))
        return total

    if slots and "rank" not in name and "searchsorted" not in name:
        close(vmap(grad(scalar, slots))(*args), [grad(scalar, slots)(*xs) for xs in each])
        weights = np.arange(1.0, B + 1)
        found = grad(lambda *xs: (vmap(scalar)(*xs) * weights).sum(), slots)(*args)
        looped = [[w * g for g in grad(scalar, slots)(*xs)] for w, xs in zip(weights, each, strict=True)]
        close(found, looped)


# Functions of the user's


@custom_function
def with_partials(x):
    return math.tanh(x)


@with_partials.partials
def _(y, x):
    return 1 - y * y


@custom_function
def with_vjp(x):
    return np.cumsum(x)


@with_vjp.vjp
def _(g, y, x):
    return np.cumsum(g[::-1])[::-1]


@custom_function
def with_jvp(x):
    return np.cumsum(x)


@with_jvp.jvp
def _(t, y, x):
    return np.cumsum(t)


@custom_function(numerical="central differences")
def numerical(x):
    return np.sort(x) ** 2


@custom_function
def several(x, y):
    return x * y, (x + y).sum()


@several.vjp
def _(g, h, y, a, b):
    return g * b + h, g * a + h


class Cube(Function):
    """Old style, with a context."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * x**2


W = np.array([1.0, 2.0, 3.0])
CUSTOM = {
    "partials": with_partials,
    "vjp": with_vjp,
    "jvp": with_jvp,
    "numerical": numerical,
    "several": lambda x: several(x, W)[0] + several(x, x)[1],
    "Function": Cube.apply,
}


@pytest.mark.parametrize("name", CUSTOM)
def test_functions_of_the_users_are_called_for_each_example(name):
    f = CUSTOM[name]
    x = rng.uniform(0.1, 1.0, size=(4, 3))
    rtol = 1e-4 if name == "numerical" else 1e-11

    def scalar(x):
        return (f(x) * W).sum()

    for run in (f, grad(scalar), lambda x: jvp(f, x, W)[1], hessian(scalar)):
        np.testing.assert_allclose(vmap(run)(x), [run(row) for row in x], rtol=rtol, atol=1e-6)
    np.testing.assert_allclose(grad(lambda x: vmap(scalar)(x).sum())(x), [grad(scalar)(row) for row in x], rtol=rtol)
    _, pull = autograd.vjp(f, x[0])
    np.testing.assert_allclose(vmap(pull)(np.eye(3))[0], [pull(e)[0] for e in np.eye(3)], rtol=rtol)
    two = vmap(lambda x: vmap(grad(lambda s: scalar(x * s)))(np.arange(1.0, 3.0)))(x)
    np.testing.assert_allclose(two, [[grad(lambda s, r=r: scalar(r * s))(s) for s in (1.0, 2.0)] for r in x], rtol=rtol)
    assert vmap(f)(x[:0]).shape == (0, 3)
