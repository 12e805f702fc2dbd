"""The laws of every rule, read from the registry: a primitive is tested by being registered.

Each case of each primitive is drawn from its domain and held to: forward and reverse mode are transposes of each
other; both agree with differences; Value agrees with Tensor; the text of a partial agrees with the partial; all of it
to second order; float32 stays float32; nothing is written into; the layout of memory does not matter.
"""

from __future__ import annotations

import math
import zlib
from typing import NamedTuple

import numpy as np
import pytest

import autograd
from autograd import REGISTRY, Tensor, Value, formula
from autograd.domain import Case, Operand
from autograd.scattered import Scatter


class Law(NamedTuple):
    """One case of one primitive."""

    primitive: autograd.Primitive
    case: Case

    def draw(self, dtype=float):
        """Arrays to differentiate by, and the function of them."""
        name = self.primitive.name + repr(self.case.params)
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        args, params = self.case.draw(rng)
        slots = self.slots

        def function(*xs):
            filled = list(args)
            for i, x in zip(slots, xs, strict=True):
                filled[i] = x
            return self.primitive(*filled, **params)

        return function, [np.asarray(args[i], dtype) for i in slots], rng

    @property
    def slots(self):
        """The operands that are drawn and have a derivative."""
        p = self.primitive
        rules = p.partials or (None if callable(p.vjps) else p.vjps)
        drawn = [i for i, x in enumerate(self.case.operands) if isinstance(x, Operand)]
        return [i for i in drawn if rules is None or rules[i] is not None]

    def __str__(self):
        return self.primitive.name


def table(wanted):
    laws = [Law(p, case) for p in REGISTRY.values() if wanted(p) for case in p.cases()]
    return pytest.mark.parametrize("law", laws, ids=str)


smooth = table(lambda p: p.smooth)
on_numbers = table(lambda p: p.smooth and p.on_number is not None)
partials = [(p, slot, case) for p in REGISTRY.values() for slot in range(len(p.partials)) for case in p.cases()]
each_partial = pytest.mark.parametrize(("p", "slot", "case"), partials, ids=lambda x: getattr(x, "name", ""))


def close(a, b, rtol=1e-12):
    """Equal up to rounding, relative to the largest element: cancellation in one element is no error."""
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape
    scale = max(1.0, float(np.max(np.abs(b), initial=0.0)))
    np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * scale)


def cotangent(function, xs, rng):
    return rng.uniform(0.5, 1.5, np.shape(function(*xs)))


def weighed(function, g):
    """A single number made of all results, so that it can be differentiated."""
    return lambda *xs: autograd.sum(function(*xs) * g)


def difference(function, xs, ts, h=1e-3):
    """d/ds function(x + s t) at s = 0, by five points: the error is about 1e-11."""
    at = [function(*(x + k * h * t for x, t in zip(xs, ts, strict=True))) for k in (-2, -1, 1, 2)]
    parts = zip(*(a if isinstance(a, tuple) else (a,) for a in at), strict=True)
    found = tuple((a - 8 * b + 8 * c - d) / (12 * h) for a, b, c, d in parts)
    return found if isinstance(at[0], tuple) else found[0]


def directions(xs, rng):
    return [np.asarray(rng.uniform(-1.0, 1.0, x.shape)) for x in xs]


def test_the_registry_is_large_and_every_smooth_case_has_something_to_differentiate():
    laws = [Law(p, case) for p in REGISTRY.values() if p.smooth for case in p.cases()]
    assert len({law.primitive.name for law in laws}) >= 60
    assert len(laws) >= 120
    assert all(law.slots for law in laws)
    assert len({p.name for p, _, _ in partials}) >= 50
    assert sum(not p.smooth for p in REGISTRY.values()) >= 6


@smooth
def test_forward_and_reverse_mode_are_transposes(law):
    f, xs, rng = law.draw()
    g, ts = cotangent(f, xs, rng), directions(xs, rng)
    y, pull = autograd.vjp(f, *xs)
    y_again, t = autograd.jvp(f, tuple(xs), tuple(ts))
    close(y, f(*xs), 1e-15)
    close(y_again, f(*xs), 1e-15)
    pulled = pull(g)
    assert [np.shape(x) for x in pulled] == [x.shape for x in xs]
    close(np.sum(g * t), sum(np.sum(a * b) for a, b in zip(pulled, ts, strict=True)))


@smooth
def test_both_modes_agree_with_differences(law):
    f, xs, rng = law.draw()
    g = cotangent(f, xs, rng)
    for k in range(3):
        ts = directions(xs, rng)
        slope = difference(f, xs, ts)
        close(autograd.jvp(f, tuple(xs), tuple(ts))[1], slope, 1e-8)
        pulled = autograd.vjp(f, *xs)[1](g)
        close(sum(np.sum(a * b) for a, b in zip(pulled, ts, strict=True)), np.sum(g * slope), 1e-8), k


@smooth
def test_each_argument_can_be_differentiated_alone(law):
    f, xs, rng = law.draw()
    g = cotangent(f, xs, rng)
    together = autograd.vjp(f, *xs)[1](g)
    for i in range(len(xs)):
        alone = autograd.grad(weighed(f, g), i)(*xs)
        close(alone, together[i], 1e-13)
        ts = directions(xs, rng)
        t = autograd.jvp(lambda x, i=i: f(*xs[:i], x, *xs[i + 1 :]), (xs[i],), (ts[i],))[1]
        close(np.sum(g * t), np.sum(together[i] * ts[i]))


@on_numbers
def test_a_tensor_is_an_array_of_values(law):
    f, xs, rng = law.draw()
    g = cotangent(f, xs, rng)
    tensors = [Tensor(x) for x in xs]
    y = f(*tensors)
    y.backward(g)
    args, params = law.case.draw(np.random.default_rng(0))
    shape = np.broadcast_shapes(*map(np.shape, args))
    for index in np.ndindex(shape):
        values = [Value(np.broadcast_to(x, shape)[index]) for x in xs]
        filled = [np.broadcast_to(x, shape)[index].item() for x in args]
        for i, v in zip(law.slots, values, strict=True):
            filled[i] = v
        found = law.primitive(*filled, **params)
        assert type(found) is Value
        assert type(found.data) is float
        found.backward(g[index])
        close(found.data, y.data[index], 1e-14)
        for t, v in zip(tensors, values, strict=True):
            assert type(v.grad) is float
            close(v.grad, t.grad[index], 1e-13)


@on_numbers
def test_floats_in_floats_out_in_both_modes_and_to_second_order(law):
    args, params = law.case.draw(np.random.default_rng(1))
    first = [np.asarray(x).flat[0].item() for x in args]
    slots = law.slots

    def f(*xs):
        filled = list(first)
        for i, x in zip(slots, xs, strict=True):
            filled[i] = x
        return law.primitive(*filled, **params)

    xs = [first[i] for i in slots]
    gradient = autograd.grad(f, range(len(xs)))
    slopes = gradient(*xs)
    h, ts = 1e-3, [0.7, -0.4, 0.9, 0.2][: len(xs)]
    assert all(type(s) is float for s in slopes)
    y, t = autograd.jvp(f, tuple(xs), tuple(ts))
    assert type(t) is float
    assert y == f(*xs)
    close(t, sum(a * b for a, b in zip(slopes, ts, strict=True)), 1e-13)
    close(t, difference(f, xs, ts, h), 1e-8)
    for mode in ("forward_over_reverse", "reverse_over_reverse"):
        curve = autograd.hvp(f, tuple(xs), tuple(ts), mode=mode)
        curve = curve if isinstance(curve, tuple) else (curve,)
        assert all(type(c) is float for c in curve)
        close(curve, difference(lambda *xs: tuple(gradient(*xs)), xs, ts, h), 1e-8)


@each_partial
def test_the_text_of_a_partial_is_the_partial(p, slot, case):
    args, params = case.draw(np.random.default_rng(slot))
    rule = p.partials[slot]
    text = formula(p, slot, **params)
    if rule is None or rule == 1:
        assert text == rule
        return
    names = ["x"] if len(args) == 1 else list("abc"[: len(args)])
    y = p(*args, **params)
    expected = rule(y, *args, **params)
    if not isinstance(text, autograd.Symbol):
        close(np.broadcast_to(text, np.shape(expected)), expected, 0.0)
        return
    numbers = dict(zip(["y", *names], [y, *args], strict=True))
    space = {name: getattr(autograd, name) for name in dir(autograd)} | {"inf": math.inf, "nan": math.nan}
    close(eval(text.text(digits=17), space, numbers), expected, 1e-15)
    close(text.evaluate(**numbers), expected, 1e-15)
    for index in np.ndindex(np.shape(y)):  # with the numbers plugged in
        here = {name: float(np.broadcast_to(x, np.shape(y))[index]) for name, x in numbers.items()}
        close(eval(text.text(digits=17, **here), space), np.broadcast_to(expected, np.shape(y))[index], 1e-15)
    latex = text.latex()
    assert latex.count("{") == latex.count("}")
    assert text.latex(**dict.fromkeys(numbers, 0.5))


@smooth
def test_second_derivatives_agree_in_all_orders_of_the_modes_and_with_differences(law):
    f, xs, rng = law.draw()
    ts = directions(xs, rng)
    scalar = weighed(f, cotangent(f, xs, rng))
    slots = range(len(xs))
    single = len(xs) == 1

    def as_tuple(x):
        return (x,) if single else x

    curve = as_tuple(autograd.hvp(scalar, tuple(xs), tuple(ts)))
    twice = as_tuple(autograd.hvp(scalar, tuple(xs), tuple(ts), mode="reverse_over_reverse"))
    over_forward = autograd.grad(lambda *xs: autograd.jvp(scalar, xs, tuple(ts))[1], slots)(*xs)
    numeric = difference(lambda *xs: tuple(autograd.grad(scalar, slots)(*xs)), xs, ts)
    for c, r, o, n in zip(curve, twice, over_forward, numeric, strict=True):
        close(r, c)
        close(o, c)
        close(n, c, 1e-8)
    along = autograd.jvp(lambda *xs: autograd.jvp(scalar, xs, tuple(ts))[1], tuple(xs), tuple(ts))[1]
    close(along, sum(np.sum(c * t) for c, t in zip(curve, ts, strict=True)))


@smooth
def test_float32_stays_float32(law):
    f, xs, rng = law.draw(np.float32)
    g = cotangent(f, xs, rng).astype(np.float32)
    tensors = [Tensor(x) for x in xs]
    y = f(*tensors)
    assert y.dtype == law.case.params.get("dtype", np.float32)
    y.backward(g)
    double, xs64, _ = law.draw()
    for t, exact in zip(tensors, autograd.vjp(double, *xs64)[1](g), strict=True):
        assert t.grad.dtype == np.float32
        close(t.grad, exact, 1e-4)
    ts = tuple(t.astype(np.float32) for t in directions(xs, rng))
    assert autograd.jvp(f, tuple(xs), ts)[1].dtype == y.dtype
    if y.dtype == np.float32:
        for mode in ("forward_over_reverse", "reverse_over_reverse"):
            curve = autograd.hvp(weighed(f, g), tuple(xs), ts, mode=mode)
            assert all(c.dtype == np.float32 for c in (curve if isinstance(curve, tuple) else (curve,)))


@smooth
def test_rules_write_into_nothing(law):
    args, params = law.case.draw(np.random.default_rng(2))
    args = [np.array(x) for x in args]
    y = np.array(law.primitive(*args, **params))
    g = np.ones_like(y)
    ts = [np.ones(x.shape) if i in law.slots else None for i, x in enumerate(args)]
    locked = [*args, y, g, *(t for t in ts if t is not None)]
    before = [x.tobytes() for x in locked]
    for x in locked:
        x.flags.writeable = False
    law.primitive(*args, **params)
    for c in law.primitive.pull(g, y, args, [i in law.slots for i in range(len(args))], params):
        if isinstance(c, Scatter):
            c.dense()
    law.primitive.push(ts, y, args, params)
    assert [x.tobytes() for x in locked] == before


@smooth
def test_a_recorded_sweep_finds_what_a_numeric_one_finds(law):
    f, xs, rng = law.draw()
    g = cotangent(f, xs, rng)
    plain, recorded = [Tensor(x) for x in xs], [Tensor(x) for x in xs]
    f(*plain).backward(g)
    f(*recorded).backward(g, create_graph=True)
    for p, r in zip(plain, recorded, strict=True):
        assert type(p.grad) is np.ndarray
        assert type(r.grad) is Tensor
        close(r.grad.data, p.grad, 1e-13)


@smooth
@pytest.mark.parametrize("layout", [np.asfortranarray, lambda x: np.flip(np.flip(x).copy()), lambda x: x.repeat(2)])
def test_the_layout_of_memory_does_not_matter(law, layout):
    f, xs, rng = law.draw()
    g = cotangent(f, xs, rng)

    def relaid(x):
        new = layout(x)
        return new if new.shape == x.shape else np.repeat(x[..., None], 2, -1)[..., 0]

    expected = autograd.vjp(f, *xs)[1](g)
    for a, b in zip(autograd.vjp(f, *map(relaid, xs))[1](relaid(g)), expected, strict=True):
        close(a, b, 1e-14)


@table(lambda p: not p.smooth)
def test_what_has_no_derivative_gives_plain_results(law):
    args, params = law.case.draw(np.random.default_rng(3))
    expected = law.primitive.on_array(*args, **params)
    found = law.primitive(*map(Tensor, args), **params)
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, expected)
    for index in np.ndindex(expected.shape):
        number = law.primitive(*(Value(x[index]) for x in args), **params)
        assert type(number) in (bool, int)
        assert number == expected[index]


@table(lambda p: bool(p.partials) and p.smooth)
def test_an_empty_array_has_an_empty_gradient(law):
    args, params = law.case.draw(np.random.default_rng(4))
    tensors = [Tensor(np.zeros((0, 3))) if i in law.slots else x for i, x in enumerate(args)]
    y = law.primitive(*tensors, **params)
    y.sum().backward()
    assert y.shape == (0, 3)
    assert all(tensors[i].grad is None or tensors[i].grad.shape == (0, 3) for i in law.slots)
