"""The law of batches, read from the registry: vmap of a primitive is a loop over the examples, and so are its rules.

Each case of each primitive is held to it with every choice of operands mapped: for the result, for the gradients of
mapped and of shared operands, for tangents, and for what is nested.
"""

from __future__ import annotations

import itertools
import zlib

import numpy as np
import pytest

import autograd
from autograd import REGISTRY, Tensor, grad, jvp, vjp, vmap
from autograd.domain import Operand

B = 2
LAWS = [(p, case) for p in REGISTRY.values() if p.smooth for case in p.cases()]
each_law = pytest.mark.parametrize(("primitive", "case"), LAWS, ids=lambda x: getattr(x, "name", ""))


def drawn(primitive, case):
    """The function of the operands that have derivatives, the operands of each of several examples, and cotangents."""
    rng = np.random.default_rng(zlib.crc32((primitive.name + repr(case.params)).encode()))
    rules = primitive.partials or (None if callable(primitive.vjps) else primitive.vjps)
    drawn = [i for i, x in enumerate(case.operands) if isinstance(x, Operand)]
    slots = [i for i in drawn if rules is None or rules[i] is not None]
    examples = []
    for _ in range(B):
        args, params = case.draw(rng)
        examples.append([np.asarray(args[i], float) for i in slots])

    def function(*xs):
        filled = list(args)
        for i, x in zip(slots, xs, strict=True):
            filled[i] = x
        return primitive(*filled, **params)

    g = rng.uniform(0.5, 1.5, np.shape(function(*examples[0])))
    return function, examples, g


def choices(count):
    """Which operands are mapped: each alone, and all."""
    return sorted({(i,) for i in range(count)} | {tuple(range(count))})


def arguments(examples, chosen):
    """The arguments of vmap, its in_axes, and the arguments of each call of a loop."""
    count = len(examples[0])
    args = [np.stack([e[i] for e in examples]) if i in chosen else examples[0][i] for i in range(count)]
    axes = tuple(0 if i in chosen else None for i in range(count))
    return args, axes, [[(e if i in chosen else examples[0])[i] for i in range(count)] for e in examples]


def close(found, expected, rtol=1e-12):
    found, expected = (np.asarray(getattr(x, "data", x)) for x in (found, expected))
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * max(1.0, float(np.abs(expected).max(initial=0))))


@each_law
def test_results_are_those_of_a_loop(primitive, case):
    f, examples, _ = drawn(primitive, case)
    for chosen in choices(len(examples[0])):
        args, axes, each = arguments(examples, chosen)
        expected = np.stack([f(*xs) for xs in each])
        close(vmap(f, axes)(*args), expected)
        found = vmap(f, axes)(*map(Tensor, args))
        assert type(found) is Tensor
        close(found, expected)
        if chosen == tuple(range(len(args))):
            assert vmap(f)(*(x.astype(np.float32) for x in args)).dtype == f(*(x[0].astype("f4") for x in args)).dtype


@each_law
def test_gradients_for_each_example_are_those_of_a_loop(primitive, case):
    f, examples, g = drawn(primitive, case)
    slots = range(len(examples[0]))

    def scalar(*xs):
        return autograd.sum(f(*xs) * g)

    for chosen in choices(len(slots)):
        args, axes, each = arguments(examples, chosen)
        found = vmap(grad(scalar, slots), axes)(*args)
        for x, expected in zip(found, zip(*(grad(scalar, slots)(*xs) for xs in each), strict=True), strict=True):
            close(x, np.stack(expected))


@each_law
def test_what_is_mapped_can_be_differentiated(primitive, case):
    f, examples, g = drawn(primitive, case)
    for chosen in choices(len(examples[0])):
        args, axes, each = arguments(examples, chosen)
        _, pull = vjp(lambda *xs, axes=axes: vmap(f, axes)(*xs), *args)
        weights = np.arange(1.0, B + 1)
        pulled = pull(np.stack([w * g for w in weights]))
        looped = [[w * x for x in vjp(f, *xs)[1](g)] for w, xs in zip(weights, each, strict=True)]
        for i, x in enumerate(pulled):
            parts = np.stack([row[i] for row in looped])
            close(x, parts if i in chosen else parts.sum(0))
        ts = [np.cos(np.arange(x.size)).reshape(x.shape) for x in args]
        t = jvp(lambda *xs, axes=axes: vmap(f, axes)(*xs), tuple(args), tuple(ts))[1]
        close(
            t,
            np.stack(
                [
                    jvp(f, tuple(xs), tuple(t[i] if k in chosen else t for k, t in enumerate(ts)))[1]
                    for i, xs in enumerate(each)
                ]
            ),
        )


@each_law
def test_tangents_for_each_example_are_those_of_a_loop(primitive, case):
    f, examples, _ = drawn(primitive, case)
    args, _, each = arguments(examples, tuple(range(len(examples[0]))))
    ts = [np.cos(np.arange(x.size)).reshape(x.shape) for x in args]
    found = vmap(lambda xs, ts: jvp(f, xs, ts)[1])(tuple(args), tuple(ts))
    close(found, np.stack([jvp(f, tuple(xs), tuple(t[i] for t in ts))[1] for i, xs in enumerate(each)]))


@each_law
def test_two_levels_are_two_loops(primitive, case):
    f, examples, g = drawn(primitive, case)
    n = len(examples[0])
    outer, inner = range(0, n, 2), range(n)[-1:]  # the last operand is mapped by the inner one, some by the outer

    def of(*xs):
        return vmap(
            grad(lambda *xs: autograd.sum(f(*xs) * g), n - 1), tuple(0 if i in inner else None for i in range(n))
        )(*xs)

    args = [np.stack([e[i] for e in examples]) if i in inner else examples[0][i] for i in range(n)]
    args = [np.stack([x, x * 0.9]) if i in outer else x for i, x in enumerate(args)]
    found = vmap(of, tuple(0 if i in outer else None for i in range(n)))(*args)
    single = grad(lambda *xs: autograd.sum(f(*xs) * g), n - 1)
    for a, b in itertools.product(range(2), range(B)):
        xs = [x[a] if i in outer else x for i, x in enumerate(args)]
        close(found[a, b], single(*(x[b] if i in inner else x for i, x in enumerate(xs))))
