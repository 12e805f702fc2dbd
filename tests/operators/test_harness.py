"""The comparison finds what is planted: a test that could not fail would hold nothing."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is installed by hand, for comparison")

import autograd
from tests.operators import harness
from tests.operators.adapter import adapters


def one_element(x):
    y = autograd.sin(x)
    return autograd.concatenate([y.ravel()[:-1], y.ravel()[-1:] * 1.001]).reshape(x.shape)


def at_its_value(x):
    """Value and slope are right; nothing curves."""
    fixed = x.detach()
    return autograd.sin(fixed) + autograd.cos(fixed) * (x - fixed)


def in_place(x):
    y = autograd.sin(x)
    x.data[...] = 0.0
    return y


FAULTS = {
    "a factor": (lambda x: autograd.sin(x) * (1 + 1e-5), {"values", "gradients", "second", "forward"}),
    "a slope": (lambda x: autograd.sin(x) + 1e-4 * (x - x.detach()), {"gradients", "forward"}),
    "no slope": (lambda x: autograd.sin(x.detach()), {"gradients", "second", "forward"}),
    "no curve": (at_its_value, {"second"}),
    "one element": (one_element, {"values", "gradients", "second", "forward"}),
    "half the precision": (lambda x: autograd.sin(x.astype(np.float32)).astype(x.dtype), {"values"}),
    "another dtype": (lambda x: autograd.sin(x).astype(np.float16), {"values"}),
    "another shape": (lambda x: autograd.sin(x)[None], {"error"}),
    "two results": (lambda x: (autograd.sin(x), x), {"error"}),
    "an error": (lambda x: 1 / 0, {"error"}),
    "a mutation": (in_place, {"error"}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(name, monkeypatch):
    fault, parts = FAULTS[name]
    monkeypatch.setitem(adapters(), "sin", fault)
    (outcome,) = harness.compare("sin", np.float64)
    assert set(outcome.wrong) >= parts, outcome.wrong
    assert not outcome.agrees
    assert not outcome.excused


def test_a_dtype_that_drifts_is_found_in_float32(monkeypatch):
    monkeypatch.setitem(adapters(), "sin", lambda x: autograd.sin(x.astype(np.float64)))
    (outcome,) = harness.compare("sin", np.float32)
    assert "dtype float64 is not float32" in outcome.wrong["values"]


def test_the_tie_that_pytorch_shares_must_be_shared(monkeypatch):
    """At ties, where its forward mode and its gradient are one."""
    first = lambda a, b: autograd.where(a >= b, a, b)  # noqa: E731
    assert not any(outcome.wrong for outcome in harness.compare("maximum", np.float64, "zeros"))
    monkeypatch.setitem(adapters(), "maximum", first)
    assert any("gradients" in outcome.wrong for outcome in harness.compare("maximum", np.float64, "zeros"))


def test_an_exception_covers_what_it_names_and_nothing_else(monkeypatch):
    entries = [{"operator": ["cos", "sin"], "part": "values", "move": "as given", "reason": "planted"}]
    monkeypatch.setattr("tests.operators.excuse.exceptions", lambda: entries)
    monkeypatch.setitem(adapters(), "sin", lambda x: autograd.sin(x) + 1.0)
    (outcome,) = harness.compare("sin", np.float64)
    assert outcome.excused == {"values": 0}
    assert not outcome.wrong
    (outcome,) = harness.compare("sin", np.float64, "ties")
    assert set(outcome.wrong) == {"values"}
