"""Function: PyTorch's way to write one's own; programs of that kind run here and in PyTorch with the same results."""

from __future__ import annotations

import gc
import math
import pickle
import re
import threading
import weakref

import numpy as np
import pytest

import autograd
from autograd import AutogradError, Function, Tensor, Value, draw, grad, hessian, hvp, jacobian, jvp, vjp
from autograd.function import once_differentiable


class Exp(Function):
    """Keeps its result."""

    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y


class Affine(Function):
    """In two parts, with an operand that may be left out."""

    @staticmethod
    def forward(x, weight, bias):
        y = x.mm(weight.t())
        return y if bias is None else y + bias.unsqueeze(0).expand_as(y)

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, weight, bias = inputs
        ctx.save_for_backward(x, weight, bias)

    @staticmethod
    def backward(ctx, g):
        x, weight, _ = ctx.saved_tensors
        gx = g.mm(weight) if ctx.needs_input_grad[0] else None
        gw = g.t().mm(x) if ctx.needs_input_grad[1] else None
        gb = g.sum(0) if ctx.needs_input_grad[2] else None
        return gx, gw, gb


class Power(Function):
    """With a static argument, kept as an attribute, and a forward rule of its own."""

    @staticmethod
    def forward(ctx, x, n):
        ctx.x, ctx.n = x, n
        return x**n

    @staticmethod
    def backward(ctx, g):
        return g * ctx.n * ctx.x ** (ctx.n - 1), None

    @staticmethod
    def jvp(ctx, t, _):
        return t * ctx.n * ctx.x ** (ctx.n - 1)


class CubeAndSlope(Function):
    """Two results; the second is what backward needs."""

    @staticmethod
    def forward(ctx, x):
        y, slope = x**3, 3 * x**2
        ctx.save_for_backward(x, slope)
        return y, slope

    @staticmethod
    def backward(ctx, g, h):
        x, slope = ctx.saved_tensors
        return g * slope + h * 6 * x


RNG = np.random.default_rng(0)
X, W, B = RNG.normal(size=(5, 3)), RNG.normal(size=(2, 3)), RNG.normal(size=2)


# The laws


def test_values_and_gradients_of_tensors_and_values():
    x = Tensor([0.5, -1.0])
    y = Exp.apply(x)
    y.sum().backward()
    assert (type(y), y.operation) == (Tensor, "Exp")
    np.testing.assert_array_equal(x.grad, np.exp(x.data))
    v = Value(0.5)
    y = Exp.apply(v)
    y.backward()
    assert (type(y), type(y.data), v.grad) == (Value, float, math.exp(0.5))


def test_plain_arrays_and_numbers_stay_plain():
    np.testing.assert_array_equal(Exp.apply(np.array([0.5])), np.exp([0.5]))
    assert type(Affine.apply(X, W, B)) is np.ndarray
    assert Power.apply(2.0, 3) == 8.0
    assert type(Exp.apply(np.array(0.5))) is np.float64


@pytest.mark.parametrize(
    ("f", "arrays"),
    [
        (Exp.apply, [[0.3, -1.2]]),
        (Affine.apply, [X, W, B]),
        (lambda x, w: Affine.apply(x, w, None), [X, W]),
        (lambda x: Power.apply(x, 3), [[0.3, -1.2]]),
        (lambda x: autograd.stack(CubeAndSlope.apply(x)), [[0.3, -1.2]]),
    ],
    ids=["Exp", "Affine", "Affine without bias", "Power", "CubeAndSlope"],
)
def test_both_modes_agree_with_differences(f, arrays, agrees):
    agrees(f, *arrays)


def exact_affine(x, w, b):
    return x @ w.T + b


PAIRS = {
    "Exp": (Exp.apply, autograd.exp, [X]),
    "Affine": (Affine.apply, exact_affine, [X, W, B]),
    "Power": (lambda x: Power.apply(x, 3), lambda x: x**3, [X]),
    "CubeAndSlope": (lambda x: CubeAndSlope.apply(x)[0], lambda x: x**3, [X]),
    "its slope": (lambda x: CubeAndSlope.apply(x)[1], lambda x: 3 * x**2, [X]),
}


@pytest.mark.parametrize("name", PAIRS)
def test_derivatives_of_all_orders_are_those_of_what_it_stands_for(name):
    ours, exact, xs = PAIRS[name]
    slots = range(len(xs))
    f, h = ((lambda *xs, g=g: (g(*xs) ** 2).sum()) for g in (ours, exact))
    ts = tuple(np.cos(np.arange(x.size)).reshape(x.shape) for x in xs)
    for a, b in zip(grad(f, slots)(*xs), grad(h, slots)(*xs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    as_tuple = (lambda z: z) if len(xs) > 1 else (lambda z: (z,))
    for mode in ("forward_over_reverse", "reverse_over_reverse"):
        found, expected = (as_tuple(hvp(z, tuple(xs), ts, mode=mode)) for z in (f, h))
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11)
    third = [grad(lambda x, z=z: hvp(lambda x: z(x, *xs[1:]), x, ts[0]).sum())(xs[0]) for z in (f, h)]
    np.testing.assert_allclose(*third, rtol=1e-10, atol=1e-10)


def test_all_transforms():
    x = np.array([0.3, -1.2])
    np.testing.assert_allclose(jacobian(Exp.apply)(x), np.diag(np.exp(x)))
    np.testing.assert_allclose(jacobian(Exp.apply, mode="forward")(x), np.diag(np.exp(x)))
    np.testing.assert_allclose(hessian(lambda x: Exp.apply(x).sum())(x), np.diag(np.exp(x)))
    y, pull = vjp(CubeAndSlope.apply, 2.0)
    assert (y, pull((1.0, 10.0))) == ((8.0, 12.0), (132.0,))
    assert jvp(CubeAndSlope.apply, 2.0, 1.0) == ((8.0, 12.0), (12.0, 12.0))
    assert [f(2.0) for f in (grad(lambda x: Power.apply(x, 4)), grad(grad(grad(lambda x: Power.apply(x, 4)))))] == [
        32.0,
        48.0,
    ]


def test_a_tensor_is_an_array_of_values():
    t = Tensor([0.3, -1.2])
    (CubeAndSlope.apply(t)[0] * Power.apply(Exp.apply(t), 2)).sum().backward()
    for x, g in zip(t.data, t.grad, strict=True):
        v = Value(x)
        (CubeAndSlope.apply(v)[0] * Power.apply(Exp.apply(v), 2)).backward()
        assert v.grad == pytest.approx(g, rel=1e-14)


# What ctx does


def test_arguments_are_constants_in_forward_and_nothing_is_recorded_there():
    seen = {}

    class Look(Function):
        @staticmethod
        def forward(ctx, x, v, array, number, text, nothing):
            seen.update(x=x, v=v, array=array, number=number, text=text, nothing=nothing, needs=ctx.needs_input_grad)
            seen["made"] = x * 2 + Tensor([1.0, 1.0])
            return x * v

        @staticmethod
        def backward(ctx, g):
            seen["g"] = g
            return g * 3.0, None, None, None, None, None

    Look.apply(Tensor([1.0, 2.0]), Value(3.0, requires_grad=False), np.ones(2), 4, "text", None).sum().backward()
    assert [type(seen[k]) for k in ("x", "v", "array", "number", "g")] == [Tensor, Value, Tensor, int, Tensor]
    assert not any(seen[k].requires_grad for k in ("x", "v", "array", "made", "g"))
    assert seen["needs"] == (True, False, False, False, False, False)
    assert (seen["text"], seen["nothing"]) == ("text", None)


def test_results_that_are_not_used_have_a_cotangent_of_zeros_or_of_none():
    seen = []

    class Both(Function):
        @staticmethod
        def forward(ctx, x, materialize):
            ctx.set_materialize_grads(materialize)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, g, h):
            seen.append((g, h))
            return (g * 2 if h is None else g * 2 + h * 3), None

    for materialize in (True, False):
        x = Tensor([1.0, 2.0])
        Both.apply(x, materialize)[0].sum().backward()
        assert x.grad.tolist() == [2.0, 2.0]
    assert seen[0][1].data.tolist() == [0.0, 0.0]
    assert seen[1][1] is None


def test_results_can_be_marked_and_integers_are_constants_by_themselves():
    class Sorted(Function):
        @staticmethod
        def forward(ctx, x):
            places = np.argsort(x.numpy())
            ranks = Tensor(np.argsort(places).astype(float))
            ctx.mark_non_differentiable(ranks)
            ctx.save_for_backward(Tensor(places))
            return x[places], Tensor(places), ranks

        @staticmethod
        def backward(ctx, g, _, zeros):
            assert zeros.data.tolist() == [0.0, 0.0, 0.0]
            (places,) = ctx.saved_tensors
            return g[np.argsort(places.numpy())]

    x = Tensor([3.0, 1.0, 2.0])
    y, places, ranks = Sorted.apply(x)
    assert (y.requires_grad, places.requires_grad, ranks.requires_grad) == (True, False, False)
    (y * np.array([1.0, 10.0, 100.0])).sum().backward()
    assert x.grad.tolist() == [100.0, 1.0, 10.0]
    assert places.data.tolist() == [1, 2, 0]


def test_what_is_no_number_is_given_back_as_it_is():
    class Named(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2, "name", None

        @staticmethod
        def backward(ctx, g, _, nothing):
            assert _ is nothing is None
            return g * 2

    x = Tensor([1.0])
    y, name, nothing = Named.apply(x)
    y.backward()
    assert (name, nothing, x.grad.tolist()) == ("name", None, [2.0])


def test_arguments_and_results_are_found_wherever_ctx_keeps_them():
    class Kept(Function):
        @staticmethod
        def forward(ctx, x, w):
            y = x * w
            ctx.all = {"operands": [x, w], "y": y}
            return y

        @staticmethod
        def backward(ctx, g):
            x, _ = ctx.all["operands"]
            return g * ctx.all["y"] / x, g * x

    second = hessian(lambda z: Kept.apply(z, z) * Kept.apply(z, z))(1.5)
    assert second == pytest.approx(12 * 1.5**2, rel=1e-13)


def test_any_number_of_arguments_and_trailing_nones():
    class Sum(Function):
        @staticmethod
        def forward(ctx, *xs):
            return sum(xs[1:], xs[0])

        @staticmethod
        def backward(ctx, g):
            return g, g, g, None, None

    xs = [Tensor([float(i)]) for i in range(3)]
    Sum.apply(*xs).backward()
    assert [x.grad.tolist() for x in xs] == [[1.0]] * 3


def test_a_result_may_be_an_argument_itself():
    class Reversal(Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, g):
            return -g

    x = Tensor([1.0, 2.0])
    y = Reversal.apply(x)
    y.sum().backward()
    assert not np.shares_memory(y.data, x.data)
    assert x.grad.tolist() == [-1.0, -1.0]
    assert hessian(lambda x: (Reversal.apply(x) ** 2).sum())(np.ones(1)).tolist() == [[2.0]]


def test_float_results_of_tensors_are_tensors():
    class Norm(Function):
        @staticmethod
        def forward(ctx, x):
            y = float(np.linalg.norm(x.numpy()))
            ctx.x, ctx.y = x, y
            return y

        @staticmethod
        def backward(ctx, g):
            return g * ctx.x / ctx.y

    x = Tensor([3.0, 4.0], dtype=np.float32)
    y = Norm.apply(x)
    y.backward()
    assert (type(y), y.dtype, x.grad.dtype) == (Tensor, np.float32, np.float32)
    np.testing.assert_allclose(x.grad, [0.6, 0.8])
    second = hessian(Norm.apply)(np.array([3.0, 4.0]))  # the result is known again, though it was a float
    np.testing.assert_allclose(second, [[16 / 125, -12 / 125], [-12 / 125, 9 / 125]], rtol=1e-13)


def test_masked_assignment_to_a_copy_is_differentiated():
    class Ramp(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            y = x.clone()
            y[x < 0] = 0
            return y

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            gx = g.clone()
            gx[x < 0] = 0
            return gx

    x = np.array([1.0, -2.0, 3.0])
    assert jacobian(Ramp.apply)(x).tolist() == np.diag([1.0, 0.0, 1.0]).tolist()
    np.testing.assert_allclose(hessian(lambda x: (Ramp.apply(x) ** 3).sum())(x), np.diag([6.0, 0.0, 18.0]))


def test_once_differentiable():
    class Bare(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return Tensor(np.sin(x.numpy()))

        @staticmethod
        @once_differentiable
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return Tensor(g.numpy() * np.cos(x.numpy()))

    x = Tensor([0.5])
    Bare.apply(x).sum().backward(create_graph=True)  # the first derivative is there
    np.testing.assert_allclose(x.grad.data, np.cos([0.5]))
    with pytest.raises(autograd.GradientError, match=r"Bare\.backward is marked once_differentiable"):
        x.grad.sum().backward()
    with pytest.raises(autograd.GradientError, match="once_differentiable"):
        hessian(lambda x: Bare.apply(x).sum())(np.ones(2))


def test_it_is_drawn_with_its_name_and_its_settings():
    x = Value(2.0)
    y = CubeAndSlope.apply(Power.apply(x, 2))[0]
    text = str(draw(y))
    assert "= Power n=2(x)  data 4.0" in text
    assert "CubeAndSlope(#1)  (2,) float64  data [64.0, 48.0]" in text  # one node holds both results
    assert "y = element [0]" in text
    z = Affine.apply(Tensor(X), W, None)
    assert "z = Affine(#0, W)" in str(draw(z))


def test_graphs_are_freed_at_once():
    class Both(Function):
        @staticmethod
        def forward(ctx, x):
            y = x * 2
            ctx.y, ctx.z = y, [y, x]  # kept where PyTorch would keep a circle
            return y, y + 1

        @staticmethod
        def backward(ctx, g, h):
            return g * 2 + h * 2

    gc.collect()
    gc.disable()
    try:
        for f in (
            lambda x: Both.apply(x)[1].sum(),
            lambda x: Exp.apply(x).sum(),
            lambda x: Affine.apply(x, W, B).sum(),
        ):
            for create_graph in (False, True):
                x = Tensor(X)
                y = f(x)
                y.backward(create_graph=create_graph)
                node = weakref.ref(y)
                x.grad = None
                del y
                assert node() is None
        hessian(lambda x: CubeAndSlope.apply(x)[0].sum())(np.ones(3))
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_threads_do_not_disturb_each_other():
    found = {}

    def work(i):
        for _ in range(20):
            found[i] = hessian(lambda x: (CubeAndSlope.apply(x)[0] * Exp.apply(x)).sum())(np.full(2, i / 5))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for i in range(4):
        exact = hessian(lambda x: (x**3 * autograd.exp(x)).sum())(np.full(2, i / 5))
        np.testing.assert_allclose(found[i], exact, rtol=1e-12, atol=1e-15)


def test_apply_is_pickled_with_its_class():
    assert pickle.loads(pickle.dumps(Exp.apply)) is Exp.apply
    assert Exp.apply.__name__ == "Exp"
    assert Exp.apply.__doc__ == "Keeps its result."


def test_inside_no_grad_results_are_constants():
    with autograd.no_grad():
        assert not Exp.apply(Tensor(X)).requires_grad
        assert not any(y.requires_grad for y in CubeAndSlope.apply(Tensor(X)))


def test_anomalies_are_detected():
    with autograd.detect_anomaly():
        x = Tensor([1.0, 2.0])
        y = Exp.apply(x).sum()
        x.data[0] = 5.0
        with pytest.raises(autograd.MutationError, match="operand 0 of Exp"):
            y.backward()


# Mistakes, told in words


def made(forward, backward=None, jvp=None):
    """A Function called F."""
    methods = {"forward": forward, "backward": backward, "jvp": jvp}
    return type("F", (Function,), {name: staticmethod(m) for name, m in methods.items() if m is not None})


def swept(*methods, x=(1.0, -2.0), more=()):
    made(*methods).apply(Tensor(list(x)), *more)[...].sum().backward()


def saves(ctx, x):
    ctx.save_for_backward(x)
    return x * x


def intermediate(ctx, x):
    ctx.half = x / 2
    return ctx.half * 4


def writes_into_its_argument(ctx, x):
    x.numpy()[0] = 7.0
    return x * 2


def dirty(ctx, x):
    ctx.mark_dirty(x)
    return x


def with_numpy(ctx, g):
    (x,) = ctx.saved_tensors
    return g * 2 * x.numpy()


def writes_into_g(ctx, g):
    g[g > 0] = 0
    return g


OUTSIDE = Tensor([3.0, 4.0], label="factor")
MISTAKES = {
    "no forward": (lambda: type("F", (Function,), {}).apply(Tensor([1.0])), NotImplementedError, ["forward(ctx"]),
    "no backward": (lambda: swept(saves), RuntimeError, ["F has no backward(ctx, g)"]),
    "too few": (
        lambda: swept(lambda ctx, x, w: x * w, lambda ctx, g: g, more=(Tensor([1.0, 2.0]),)),
        RuntimeError,
        ["F.backward returned 1 gradient for 2 operands (x, w)"],
    ),
    "too many": (
        lambda: swept(saves, lambda ctx, g: (g, g)),
        RuntimeError,
        ["F.backward returned 2 gradients for 1 operand (x)"],
    ),
    "order": (
        lambda: swept(lambda ctx, x, mode: x * 2, lambda ctx, g: (None, g), more=("fast",)),
        RuntimeError,
        ["returned a gradient for mode, which is str 'fast'", "(x, mode)"],
    ),
    "None": (lambda: swept(saves, lambda ctx, g: (None,)), RuntimeError, ["F.backward returned None for x"]),
    "nothing": (lambda: swept(saves, lambda ctx, g: None), RuntimeError, ["F.backward returned None", "`return`"]),
    "shape": (
        lambda: swept(lambda ctx, x: x + np.zeros((3, 2)), lambda ctx, g: g),
        ValueError,
        ["F.backward returned a gradient for x", "(3, 2); operand 0 has shape (2,): sum it over axis 0"],
    ),
    "precision": (
        lambda: made(saves, lambda ctx, g: g.double()).apply(Tensor([1.0], dtype=np.float32)).backward(),
        TypeError,
        ["a gradient of float64 for x, which is float32"],
    ),
    "forgot g": (
        lambda: swept(saves, lambda ctx, g: 2 * ctx.saved_tensors[0]),
        RuntimeError,
        ["F.backward never uses g"],
    ),
    "second by NumPy": (
        lambda: hessian(lambda x: made(saves, with_numpy).apply(x).sum())(np.ones(2)),
        RuntimeError,
        ["F.backward cannot be differentiated itself", "2 * x.numpy()"],
    ),
    "second of an intermediate": (
        lambda: hessian(lambda x: made(intermediate, lambda ctx, g: g * 2 * ctx.half / ctx.half).apply(x).sum())(
            np.ones(2)
        ),
        RuntimeError,
        ["left in ctx.half, Tensor(2,)", "neither an argument nor a result", "Return it as one more result"],
    ),
    "nothing made": (lambda: swept(lambda ctx, x: None, lambda ctx, g: g), TypeError, ["F.forward returned None"]),
    "a list made": (lambda: swept(lambda ctx, x: [x], lambda ctx, g: g), TypeError, ["F.forward returned a list"]),
    "from outside": (
        lambda: swept(lambda ctx, x: x * OUTSIDE, lambda ctx, g: g),
        RuntimeError,
        ["F.forward uses OUTSIDE from outside", "'factor'"],
    ),
    "writes": (
        lambda: swept(writes_into_its_argument, lambda ctx, g: g),
        RuntimeError,
        ["F.forward writes into", "x.numpy()[0] = 7.0"],
    ),
    "dirty": (lambda: swept(dirty, lambda ctx, g: g), RuntimeError, ["return a new array"]),
    "writes back": (lambda: swept(saves, writes_into_g), TypeError, ["cannot be written into", "t.clone()"]),
    "a tangent": (
        lambda: jvp(made(lambda ctx, x: x.sum(), None, lambda ctx, t: t).apply, np.ones(2), np.ones(2)),
        ValueError,
        ["F.jvp returned a tangent for y that has shape (2,); the result has shape ()"],
    ),
    "forward without a rule": (
        lambda: jvp(made(saves, lambda ctx, g: g.detach() * 2).apply, np.ones(2), np.ones(2)),
        RuntimeError,
        ["F has no jvp, and none follows", "cut off"],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_in_words(name):
    fail, kind, parts = MISTAKES[name]
    with pytest.raises((AutogradError, NotImplementedError)) as error:
        fail()
    text = str(error.value)
    for part in parts:
        assert part in text, text
    assert isinstance(error.value, kind)
    if isinstance(error.value, AutogradError):
        assert re.search(r"at test_function\.py:\d+: ", text), text


def test_a_shape_may_be_asked_of_something_from_outside():
    f = made(lambda ctx, x: x * OUTSIDE.size + OUTSIDE.detach().data * 0, lambda ctx, g: g * 2)
    assert grad(lambda x: f.apply(x).sum())(np.ones(2)).tolist() == [2.0, 2.0]
