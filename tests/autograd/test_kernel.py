"""Kernels agree with the formulas in NumPy that they stand for."""

from __future__ import annotations

import importlib
import subprocess
import sys

import numpy as np
import pytest

import autograd
from autograd import Tensor, kernel

numba = pytest.importorskip("numba", reason="numba is not installed: there are no kernels")
FAR = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-30, -1e-30, 50, -50, 1e38, -1e38, 1e-42], np.float32)


@pytest.fixture
def formula(monkeypatch):
    """A function that calls another one without kernels, and one that makes sure that there are some."""

    def apart(function, *args, **kwargs):
        with monkeypatch.context() as switched:
            switched.setattr(kernel, "enabled", False)
            return function(*args, **kwargs)

    monkeypatch.setattr(kernel, "LEAST", 1)
    return apart


def numbers(*shape, seed=0, scale=1.0):
    return (np.random.default_rng(seed).normal(size=shape) * scale).astype(np.float32)


def close(found, expected, tolerance=2e-6):
    assert found.dtype == expected.dtype == np.float32
    size = np.abs(expected).max(initial=1.0, where=np.isfinite(expected))
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * size)


def test_what_they_are_used_for(monkeypatch):
    large = np.zeros((kernel.LEAST, 2), np.float32)
    assert kernel.fits(large)
    assert kernel.fits(large, large[:1])
    assert not kernel.fits(large[: kernel.LEAST // 2 - 1])
    assert not kernel.fits(large.astype(float))
    assert not kernel.fits(large.T)
    assert not kernel.fits(large, large[:, 0])
    assert not kernel.fits(large, 1.0)
    monkeypatch.setattr(kernel, "enabled", False)
    assert not kernel.fits(large)


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu(formula, approximate):
    def both(a):
        x = Tensor(a)
        y = autograd.gelu(x, approximate)
        y.backward(numbers(*a.shape, seed=1))
        return y.data, x.grad

    x = np.concatenate([numbers(4000, scale=3), np.linspace(-12, 12, 4001, dtype=np.float32)])
    for found, expected in zip(both(x), formula(both, x), strict=True):
        close(found, expected, 5e-7)


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_far_out_and_at_what_is_no_number(formula, approximate):
    x = Tensor(FAR)
    y = autograd.gelu(x, approximate)
    y.sum().backward()
    value = np.where(FAR > 1, FAR, np.where(FAR < -1, 0, FAR / 2))
    slope = np.where(FAR > 1, 1, np.where(FAR < -1, 0, np.where(np.isnan(FAR), np.nan, 0.5)))
    np.testing.assert_allclose(y.data, value, rtol=1e-6, atol=1e-35)
    np.testing.assert_allclose(x.grad, slope, rtol=1e-6, atol=1e-30)


LOGISTIC = {
    "sigmoid": autograd.sigmoid,
    "silu": autograd.silu,
    "softplus": autograd.softplus,
    "log_sigmoid": autograd.log_sigmoid,
    "cross-entropy": lambda x: autograd.binary_cross_entropy_with_logits(x, TARGETS[: x.size]),
}
TARGETS = np.resize(np.array([0, 1, 0.25, 0.5, 1], np.float32), 8001)


@pytest.mark.parametrize("name", LOGISTIC)
def test_what_is_made_of_the_logistic_function(formula, name):
    def both(a):
        x = Tensor(a)
        y = LOGISTIC[name](x)
        y.backward(np.ones_like(a))
        return y.data, x.grad

    a = np.concatenate([numbers(4000, scale=3), np.linspace(-86, 86, 4001, dtype=np.float32)])
    (y, slope), (y0, slope0) = both(a), formula(both, a)
    np.testing.assert_allclose(y, y0, rtol=1e-6, atol=1e-37 if name != "cross-entropy" else 2e-6)
    np.testing.assert_allclose(slope, slope0, rtol=1e-6, atol=2e-7)  # near 0 it is a difference
    with np.errstate(all="ignore"):
        for found, expected in zip(both(FAR), formula(both, FAR), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-37)


def test_targets_may_be_of_another_shape_or_precision(formula):
    x = Tensor(numbers(40, 60))
    for t in (np.float32(0.5), numbers(60), np.zeros((40, 60)), np.zeros((60, 40), np.float32).T):
        found = autograd.binary_cross_entropy_with_logits(x, t)
        np.testing.assert_allclose(found.data, formula(autograd.binary_cross_entropy_with_logits, x, t).data, rtol=1e-6)


@pytest.mark.parametrize(
    ("layer", "given"),
    [("layer_norm", "weight bias"), ("layer_norm", "weight"), ("layer_norm", "bias"), ("rms_norm", "weight")],
)
@pytest.mark.parametrize("shape", [(200, 24), (3, 5, 4, 6), (1, 7), (65, 3)])
def test_normalization(formula, layer, given, shape):
    tail = shape[2:] if len(shape) > 2 else shape[1:]
    start = {name: numbers(*tail, seed=i + 1) for i, name in enumerate(given.split())}

    def both():
        x = Tensor(numbers(*shape, scale=2) + 0.5)
        rest = {name: Tensor(a.copy()) for name, a in start.items()}
        y = getattr(autograd, layer)(x, tail, **rest)
        y.backward(numbers(*shape, seed=9))
        return [y.data, x.grad, *(t.grad for t in rest.values())]

    for found, expected in zip(both(), formula(both), strict=True):
        close(found, expected, 5e-6)


def test_normalization_of_a_large_mean_keeps_its_digits():
    x = numbers(64, 512, seed=3) + np.float32(3000)
    exact = x.astype(float)
    exact = (exact - exact.mean(1, keepdims=True)) / np.sqrt(exact.var(1, keepdims=True) + 1e-5)
    assert kernel.fits(x)
    found = autograd.layer_norm(x, (512,), np.ones(512, np.float32), np.zeros(512, np.float32))
    assert np.abs(found - exact).max() < 2e-6


def test_a_row_that_is_no_number_stays_so_and_alone():
    x = numbers(64, 512)
    x[5, 7], x[9, 3] = np.nan, np.inf
    y = autograd.layer_norm(x, (512,), np.ones(512, np.float32))
    bad = np.isnan(y)
    assert bad[5].all()
    assert bad[9].any()
    assert not np.delete(bad, [5, 9], 0).any()


@pytest.mark.parametrize("lengths", [None, [6, 2, 4, 6, 1, 3]])
@pytest.mark.parametrize("with_state", [False, True])
def test_lstm(formula, lengths, with_state):
    size, batch = 10, 6

    def both():
        x = Tensor(numbers(6, batch, 3))
        shapes = ((4 * size, 3), (4 * size, size), (4 * size,), (4 * size,))
        weights = [Tensor(numbers(*shape, seed=i, scale=0.5)) for i, shape in enumerate(shapes)]
        state = tuple(Tensor(numbers(batch, size, seed=s)) for s in (7, 8)) if with_state else None
        y, (h, c) = autograd.lstm(x, state, *weights, lengths=lengths)
        (y * numbers(6, batch, size, seed=9)).sum().backward(retain_graph=True)
        (h * c).sum().backward()
        return [y.data, *(t.grad for t in (x, *weights, *(state or ())))]

    for found, expected in zip(both(), formula(both), strict=True):
        close(found, expected)


def test_exponential_function():
    from autograd.kernel.exponential import exp

    x = np.linspace(-87, 87, 20_001).astype(np.float32)
    found = np.array([exp(a) for a in x])
    assert np.abs(found / np.exp(x.astype(float)) - 1).max() < 2e-7
    assert exp(np.float32(0)) == 1
    assert np.isnan(exp(np.float32(np.nan)))
    assert 0 < exp(np.float32(-np.inf)) < 2e-38
    assert 1e38 < exp(np.float32(np.inf)) < np.inf


def test_they_can_be_left_off():
    code = "import autograd, numpy; print(autograd.kernel.fits(numpy.ones(1 << 15, numpy.float32)))"
    missing = "import sys; sys.modules['numba'] = None; "
    cases = [({}, "", "True"), ({}, missing, "False")]
    cases += [
        ({switch: value}, "", "False") for switch, value in (("CHAINRULE_KERNELS", "0"), ("NUMBA_DISABLE_JIT", "1"))
    ]
    for env, first, told in cases:
        found = subprocess.run(
            [sys.executable, "-c", first + code],
            env={"PYTHONPATH": ":".join(sys.path), **env},
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout.strip() == told


def test_numba_is_not_imported_before_it_is_needed():
    code = "import sys, autograd, nn; nn.LayerNorm(8)(autograd.ones((4, 8))); print('numba' in sys.modules)"
    env = {"PYTHONPATH": ":".join(sys.path)}
    found = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


@pytest.mark.parametrize("name", ["exponential", "gelu", "logistic", "normalization", "product", "recurrent"])
def test_kernels_have_a_name_and_a_word_about_them(name):
    family = importlib.import_module(f"autograd.kernel.{name}")
    found = [x for x in vars(family).values() if isinstance(x, kernel.Kernel)]
    assert found
    assert all(x.__doc__ and x.__name__ in repr(x.loop) for x in found)


def test_without_numba_a_kernel_is_its_loop(monkeypatch):
    monkeypatch.setattr(kernel, "_is_there", lambda: False)

    @kernel.reduction
    def total(x):
        found = 0.0
        for i in range(x.size):
            found += x[i]
        return found

    assert total.translated is total.loop
    assert total(np.arange(4.0)) == 6.0


def test_a_kernel_of_the_reader_is_translated():
    scope = {"kernel": kernel.kernel}
    exec("@kernel\ndef double(x, y):\n    for i in range(x.size):\n        y[i] = x[i] + x[i]\n", scope)
    x, y = np.arange(4.0), np.empty(4)
    scope["double"](x, y)
    assert y.tolist() == [0, 2, 4, 6]
    assert isinstance(scope["double"].translated, numba.core.dispatcher.Dispatcher)
