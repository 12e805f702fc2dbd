"""Optimizers against their formulas written out, one parameter at a time, without any of their devices for speed."""

import numpy as np
import pytest

import nn
from autograd import Tensor, Value

SHAPES = [(3, 4), (4,), (), (2, 1, 2)]
SQUARES = [(3, 4), (4, 4), (5, 2)]


def decoupled(p, lr, weight_decay):
    return p * (1 - lr * weight_decay)


def means(s, g, beta1, beta2):
    s["t"] = s.get("t", 0) + 1
    s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
    s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * g * g
    return s["t"], s["m"], s["v"]


def sgd(p, g, s, lr, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, maximize=False):
    g = (-g if maximize else g) + weight_decay * p
    if momentum:
        s["b"] = momentum * s["b"] + (1 - dampening) * g if "b" in s else g
        g = g + momentum * s["b"] if nesterov else s["b"]
    return p - lr * g


def asgd(p, g, s, lr=0.01, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0.0):
    s["t"] = t = s.get("t", 0) + 1
    eta, mu = s.get("eta", lr), s.get("mu", 1.0)
    p = p * (1 - lambd * eta) - eta * (g + weight_decay * p)
    s["ax"] = s.get("ax", 0) + (p - s.get("ax", 0)) * mu
    s["eta"], s["mu"] = lr / (1 + lambd * lr * t) ** alpha, 1 / max(1, t - t0)
    return p


def adam(p, g, s, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False, maximize=False):
    t, m, v = means(s, (-g if maximize else g) + weight_decay * p, *betas)
    if amsgrad:
        s["max"] = v = np.maximum(s.get("max", 0), v)
    return p - lr * m / (1 - betas[0] ** t) / (np.sqrt(v / (1 - betas[1] ** t)) + eps)


def adamw(p, g, s, lr=1e-3, weight_decay=0.01, **settings):
    return adam(decoupled(p, lr, weight_decay), g, s, lr, **settings)


def adamax(p, g, s, lr=2e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, _ = means(s, g, *betas)
    s["u"] = np.maximum(betas[1] * s.get("u", 0), abs(g) + eps)
    return p - lr / (1 - betas[0] ** t) * m / s["u"]


def nadam(p, g, s, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, momentum_decay=4e-3):
    t, m, v = means(s, g, *betas)
    mu, ahead = (betas[0] * (1 - 0.96 ** (k * momentum_decay) / 2) for k in (t, t + 1))
    s["mu"] = s.get("mu", 1) * mu
    step = (1 - mu) / (1 - s["mu"]) * g + ahead / (1 - s["mu"] * ahead) * m
    return p - lr * step / (np.sqrt(v / (1 - betas[1] ** t)) + eps)


def radam(p, g, s, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, v = means(s, g, *betas)
    m = m / (1 - betas[0] ** t)
    full = 2 / (1 - betas[1]) - 1
    rho = full - 2 * t * betas[1] ** t / (1 - betas[1] ** t)
    if rho <= 5:
        return p - lr * m
    r = np.sqrt((rho - 4) * (rho - 2) * full / ((full - 4) * (full - 2) * rho))
    return p - lr * m * r * np.sqrt(1 - betas[1] ** t) / (np.sqrt(v) + eps)


def adagrad(p, g, s, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
    s["t"] = t = s.get("t", 0) + 1
    s["h"] = s.get("h", initial_accumulator_value) + g * g
    return p - lr / (1 + (t - 1) * lr_decay) * g / (np.sqrt(s["h"]) + eps)


def rmsprop(p, g, s, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False):
    s["a"] = alpha * s.get("a", 0) + (1 - alpha) * g
    s["v"] = alpha * s.get("v", 0) + (1 - alpha) * g * g
    s["b"] = momentum * s.get("b", 0) + g / (np.sqrt(s["v"] - s["a"] ** 2 * centered) + eps)
    return p - lr * s["b"]


def adadelta(p, g, s, lr=1.0, rho=0.9, eps=1e-6):
    s["v"] = rho * s.get("v", 0) + (1 - rho) * g * g
    delta = g * np.sqrt(s.get("u", 0) + eps) / np.sqrt(s["v"] + eps)
    s["u"] = rho * s.get("u", 0) + (1 - rho) * delta**2
    return p - lr * delta


def rprop(p, g, s, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50.0)):
    sign = np.sign(g * s.get("g", 0))
    factor = np.where(sign > 0, etas[1], np.where(sign < 0, etas[0], 1))
    s["size"] = np.clip(s.get("size", lr) * factor, *step_sizes)
    s["g"] = np.where(sign < 0, 0, g)
    return p - np.sign(s["g"]) * s["size"]


def lion(p, g, s, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0, maximize=False):
    g = -g if maximize else g
    m = s.get("m", 0)
    s["m"] = betas[1] * m + (1 - betas[1]) * g
    return decoupled(p, lr, weight_decay) - lr * np.sign(betas[0] * m + (1 - betas[0]) * g)


def lamb(p, g, s, lr=1e-3, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.0):
    t, m, v = means(s, g, *betas)
    r = m / (1 - betas[0] ** t) / (np.sqrt(v / (1 - betas[1] ** t)) + eps) + weight_decay * p
    return p - lr * np.sqrt((p**2).sum() / (r**2).sum()) * r


def adafactor(p, g, s, lr=1e-2, beta2_decay=-0.8, eps=(None, 1e-3), d=1.0, weight_decay=0.0):
    def rms(x):
        return np.sqrt((x**2).mean())

    s["t"] = t = s.get("t", 0) + 1
    new, least = t**beta2_decay, 2.0**-52 if eps[0] is None else eps[0]
    if p.ndim < 2:
        s["v"] = v = (1 - new) * s.get("v", 0) + new * g * g
    else:
        s["r"] = (1 - new) * s.get("r", 0) + new * (g * g).mean(-1, keepdims=True)
        s["c"] = (1 - new) * s.get("c", 0) + new * (g * g).mean(-2, keepdims=True)
        v = s["r"] * s["c"] / np.maximum(s["r"].mean(-2, keepdims=True), least)
    u = g / np.sqrt(np.maximum(v, least**2))
    return decoupled(p, lr, weight_decay) - min(lr, t**-0.5) * max(eps[1], rms(p)) * u / max(1, rms(u) / d)


def muon(p, g, s, lr=1e-3, weight_decay=0.1, momentum=0.95, nesterov=True, ns_steps=5, adjust_lr_fn=None):
    s["b"] = b = momentum * s.get("b", 0) + (1 - momentum) * g
    u, sigma, vt = np.linalg.svd(momentum * b + (1 - momentum) * g if nesterov else b, full_matrices=False)
    sigma = sigma / np.linalg.norm(sigma)
    for _ in range(ns_steps):  # the polynomial acts on singular values alone
        sigma = 3.4445 * sigma - 4.775 * sigma**3 + 2.0315 * sigma**5
    k = 0.2 * np.sqrt(max(p.shape)) if adjust_lr_fn else np.sqrt(max(1, p.shape[0] / p.shape[1]))
    return decoupled(p, lr, weight_decay) - lr * k * (u * sigma) @ vt


CASES = [
    ("SGD", sgd, {"lr": 0.1}),
    ("SGD", sgd, {"lr": 0.1, "weight_decay": 0.01}),
    ("SGD", sgd, {"lr": 0.1, "momentum": 0.9}),
    ("SGD", sgd, {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01}),
    ("SGD", sgd, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01, "maximize": True}),
    ("ASGD", asgd, {"lr": 0.1, "lambd": 0.01, "t0": 30, "weight_decay": 0.1}),
    ("Adam", adam, {}),
    ("Adam", adam, {"lr": 0.1, "betas": (0.7, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    ("Adam", adam, {"lr": 0.1, "betas": (0.0, 0.9), "maximize": True}),
    ("Adam", adam, {"lr": 0.1, "betas": (0.5, 0.6), "amsgrad": True}),
    ("AdamW", adamw, {"lr": 0.1, "weight_decay": 0.3}),
    ("Adamax", adamax, {"lr": 0.1, "betas": (0.9, 0.5)}),
    ("NAdam", nadam, {"lr": 0.1, "momentum_decay": 0.1}),
    ("RAdam", radam, {"lr": 0.1, "betas": (0.9, 0.95)}),
    ("Adagrad", adagrad, {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.3}),
    ("RMSprop", rmsprop, {"lr": 0.1}),
    ("RMSprop", rmsprop, {"lr": 0.1, "alpha": 0.8, "momentum": 0.7, "centered": True}),
    ("Adadelta", adadelta, {"eps": 1e-2}),
    ("Rprop", rprop, {"lr": 0.1, "step_sizes": (1e-3, 0.4)}),
    ("Lion", lion, {"lr": 0.1}),
    ("Lion", lion, {"lr": 0.01, "betas": (0.5, 0.8), "weight_decay": 0.5, "maximize": True}),
    ("LAMB", lamb, {"lr": 0.1}),
    ("LAMB", lamb, {"lr": 0.1, "weight_decay": 0.1, "betas": (0.5, 0.8)}),
    ("Adafactor", adafactor, {}),
    ("Adafactor", adafactor, {"lr": 0.3, "d": 1.5, "eps": (1e-3, 0.1), "weight_decay": 0.1, "beta2_decay": -0.5}),
    ("Muon", muon, {"lr": 0.1}),
    ("Muon", muon, {"lr": 0.1, "nesterov": False, "adjust_lr_fn": "match_rms_adamw", "ns_steps": 3}),
]
every_case = pytest.mark.parametrize(
    ("name", "formula", "settings"), CASES, ids=[f"{n}-{'-'.join(s)}" for n, _, s in CASES]
)


def test_every_optimizer_has_a_case():
    assert {name for name, _, _ in CASES} | {"LBFGS", "Optimizer", "lr_scheduler"} == set(nn.optim.__all__)


def shapes(name):
    return SQUARES if name == "Muon" else SHAPES


def gradients(step, name=""):
    rng = np.random.default_rng(step)
    return [rng.normal(size=shape) for shape in shapes(name)]


def parameters(name="", dtype=np.float64):
    return [Tensor(np.random.default_rng(9).normal(size=shape), dtype) for shape in shapes(name)]


@every_case
def test_two_hundred_steps_follow_the_formula(name, formula, settings):
    """With gradients missing here and there, whose parameters and momenta stay as they are."""
    ps = parameters(name)
    expected, states = [p.data.copy() for p in ps], [{} for _ in ps]
    optimizer = getattr(nn.optim, name)(ps, **settings)
    for step in range(200):
        optimizer.zero_grad()
        for i, g in enumerate(gradients(step, name)):
            if (step + i) % 5 or step < 3:
                ps[i].grad = g
                expected[i] = formula(expected[i], g, states[i], **settings)
        optimizer.step()
    for p, x in zip(ps, expected, strict=True):
        np.testing.assert_allclose(p.data, x, rtol=1e-9, atol=1e-11)


@every_case
def test_single_precision_stays_single_and_near(name, formula, settings):
    single, double = parameters(name, np.float32), parameters(name)
    for ps in (single, double):
        optimizer = getattr(nn.optim, name)(ps, **settings)
        for step in range(20):
            for p, g in zip(ps, gradients(step, name), strict=True):
                p.grad = g.astype(p.dtype)
            optimizer.step()
    for p, q in zip(single, double, strict=True):
        assert p.dtype == np.float32
        np.testing.assert_allclose(p.data, q.data, rtol=2e-4, atol=2e-5)


@every_case
def test_large_parameters_are_moved_like_small_ones(name, formula, settings):
    """Cut into blocks, gradients laid out in any way: each element as in a parameter of its own size."""
    if name in ("LAMB", "Adafactor", "Muon"):
        pytest.skip("its elements depend on each other")
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=(300, 701)), rng.normal(size=(300, 701))
    large = [Tensor(x), Tensor(np.asfortranarray(x)), Tensor(x.T), Tensor(x[0, :7]), Tensor(x[1, :7])]
    small = Tensor(x[0, :7])
    optimizer = getattr(nn.optim, name)([*large, small], **settings)
    for _ in range(3):
        for p in (*large[:2], large[2]):
            p.grad = g.T.copy().T if p is large[0] else g if p is large[1] else g.T
        large[3].grad, large[4].grad, small.grad = g[0, :7], g[1, :7], g[0, :7].copy()
        optimizer.step()
        g = g * 0.9
    for p in (large[0].data, large[1].data, large[2].data.T):
        np.testing.assert_allclose(p[0, :7], small.data, rtol=1e-12)
        np.testing.assert_allclose(p[1, :7], large[4].data, rtol=1e-12)
        np.testing.assert_allclose(p, large[0].data, rtol=1e-12)
    assert np.isfortran(large[1].data)


@every_case
def test_values_move_like_tensors(name, formula, settings):
    if name == "Muon":
        pytest.skip("moves matrices")
    numbers = (1.0, -2.0, 0.5)
    values, tensors = [Value(x) for x in numbers], [Tensor(np.array(x)) for x in numbers]
    both = getattr(nn.optim, name)([*values, *tensors], **settings)
    for step in range(20):
        for v, t, g in zip(values, tensors, np.random.default_rng(step).normal(size=3), strict=True):
            v.grad, t.grad = float(g), np.array(g)
        both.step()
    assert [v.data for v in values] == pytest.approx([t.item() for t in tensors], rel=1e-12)
    assert all(type(v.data) is float for v in values)
    both.zero_grad()
    assert [t.grad for t in tensors] == [None] * 3
    assert [v.grad for v in values] == [0.0] * 3


def run(optimizer, ps, steps, name):
    for step in steps:
        for i, (p, g) in enumerate(zip(ps, gradients(step, name), strict=True)):
            p.grad = g if step != 2 or i else None
        optimizer.step()


@every_case
def test_training_goes_on_where_it_stopped(name, formula, settings):
    """Bit for bit as the training from which the state was taken."""
    whole = parameters(name)
    optimizer = getattr(nn.optim, name)(whole, **settings)
    run(optimizer, whole, range(5), name)
    ps = [Tensor(p.data) for p in whole]
    continued = getattr(nn.optim, name)(ps, **(settings | {"lr": 99.0}))
    state = optimizer.state_dict()
    assert all(type(x) is np.ndarray and x.dtype.kind in "fib" for x in state.values())
    continued.load_state_dict(state)
    assert repr(continued) == repr(optimizer)
    run(optimizer, whole, range(5, 10), name)
    run(continued, ps, range(5, 10), name)
    for p, x in zip(ps, whole, strict=True):
        np.testing.assert_array_equal(p.data, x.data)


@every_case
def test_the_gradient_is_not_changed(name, formula, settings):
    ps = parameters(name)
    optimizer = getattr(nn.optim, name)(ps, **settings)
    for p, g in zip(ps, gradients(0, name), strict=True):
        p.grad = g
        p.grad.flags.writeable = False
    optimizer.step()
    for p, g in zip(ps, gradients(0, name), strict=True):
        np.testing.assert_array_equal(p.grad, g)


@every_case
def test_not_a_number_stays_where_it_is(name, formula, settings):
    """A gradient that is not a number spoils its own element, as in PyTorch, or its own parameter; no other."""
    ps = parameters(name)
    optimizer = getattr(nn.optim, name)(ps, **settings)
    run(optimizer, ps, range(3), name)
    for p, g in zip(ps, gradients(4, name), strict=True):
        p.grad = g
    ps[0].grad[1, 2] = np.nan
    optimizer.step()
    assert np.isnan(ps[0].data[1, 2])
    if name not in ("LAMB", "Adafactor", "Muon"):
        assert np.isnan(ps[0].data).sum() == 1
    assert not any(np.isnan(p.data).any() for p in ps[1:])


@every_case
def test_it_goes_down(name, formula, settings):
    """From far away towards the minimum of a bowl, with settings as they come."""
    if settings.get("maximize"):
        pytest.skip("goes up")
    start = np.array([[3.0, -2.0], [0.5, 1.5]])
    w = Tensor(start)
    optimizer = getattr(nn.optim, name)([w], **(settings | {"lr": 0.05} if name != "Adadelta" else settings))
    for _ in range(150):
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()
    assert (w.data**2).sum() < 0.75 * (start**2).sum()
