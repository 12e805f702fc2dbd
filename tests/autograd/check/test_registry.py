"""Every registered rule passes gradcheck in both modes to second order, and no rule that is a little wrong does."""

from __future__ import annotations

import zlib
from typing import NamedTuple

import numpy as np
import pytest

import autograd
from autograd import REGISTRY
from autograd.check.examination import Examination
from autograd.check.gradcheck import gradcheck, gradgradcheck
from autograd.check.report import Failure
from autograd.check.verdict import Verdict
from autograd.domain import Case, Operand
from autograd.primitive import Primitive
from autograd.scattered import Scatter


class Law(NamedTuple):
    """One case of one primitive."""

    primitive: Primitive
    case: Case

    def draw(self, primitive=None):
        """The function of the operands that have a derivative, and their values."""
        rng = np.random.default_rng(zlib.crc32((self.primitive.name + repr(self.case.params)).encode()))
        args, params = self.case.draw(rng)
        p = self.primitive
        rules = p.partials or (None if callable(p.vjps) else p.vjps)
        drawn = [i for i, x in enumerate(self.case.operands) if isinstance(x, Operand)]
        slots = [i for i in drawn if rules is None or rules[i] is not None]

        def function(*xs):
            filled = list(args)
            for i, x in zip(slots, xs, strict=True):
                filled[i] = x
            return (primitive or p)(*filled, **params)

        return function, [np.asarray(args[i], float) for i in slots]

    def __str__(self):
        return self.primitive.name


LAWS = [Law(p, case) for p in REGISTRY.values() if p.smooth for case in p.cases()]
each = pytest.mark.parametrize("law", LAWS, ids=str)


def test_the_whole_registry_is_checked():
    assert len({law.primitive.name for law in LAWS}) == sum(p.smooth for p in REGISTRY.values()) >= 60


@each
def test_every_rule_is_right_in_both_modes(law):
    function, xs = law.draw()
    assert gradcheck(function, *xs, check_forward_ad=True)


@each
def test_every_rule_is_right_to_second_order_in_both_modes(law):
    function, xs = law.draw()
    assert gradgradcheck(function, *xs, check_forward_ad=True)


@pytest.mark.parametrize("law", [law for law in LAWS if law.primitive.on_number is not None], ids=str)
def test_every_rule_is_right_on_single_numbers(law):
    args, params = law.case.draw(np.random.default_rng(1))
    _, xs = law.draw()
    first = [np.asarray(x).flat[0].item() for x in args]
    slots = [i for i, x in enumerate(law.case.operands) if isinstance(x, Operand)][: len(xs)]

    def function(*xs):
        filled = list(first)
        for i, x in zip(slots, xs, strict=True):
            filled[i] = x
        return law.primitive(*filled, **params)

    numbers = [first[i] for i in slots]
    assert gradcheck(function, *numbers, check_forward_ad=True)
    assert gradgradcheck(function, *numbers, check_forward_ad=True)


class Mutant(Primitive):
    """A primitive whose reverse rule is made a little wrong."""

    def __init__(self, of, change):
        self.__dict__.update(of.__dict__)
        self.of, self.change = of, change

    def pull(self, g, y, args, wanted, params):
        found = self.of.pull(g, y, args, wanted, params)
        return [None if c is None else self.change(np.asarray(c.dense() if type(c) is Scatter else c)) for c in found]


def off_in_one_element(c):
    c = np.array(c, float)
    c.flat[np.argmax(np.abs(c))] *= 1.001
    return c


CHANGES = {
    "a factor off by 1e-5": lambda c: c * (1 + 1e-5),
    "a sign": lambda c: -c,
    "one element": off_in_one_element,
    "a little more": lambda c: c + 1e-4 * np.max(np.abs(c), initial=0.0),
}


def slopes(law):
    """The gradients of a case by all its operands, with a cotangent drawn at random."""
    function, xs = law.draw()
    g = np.random.default_rng(0).uniform(0.5, 1.5, np.shape(function(*xs)))
    return np.concatenate([np.ravel(c) for c in autograd.vjp(function, *xs)[1](g)])


STEEP = [law for law in LAWS if slopes(law).any()]
FLAT = [law for law in LAWS if not slopes(law).any()]  # sign, floor and their kin, whose slope is zero


@pytest.fixture
def finding_only(monkeypatch):
    """That something is wrong is enough: what it is need not be found out."""
    wrong = Failure("f", Verdict("found", "wrong.", ""))
    monkeypatch.setattr(Examination, "_explained", lambda self, mismatch: wrong)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("law", STEEP, ids=str)
def test_no_rule_that_is_a_little_wrong_passes(law, change, finding_only):
    function, xs = law.draw(Mutant(law.primitive, CHANGES[change]))
    assert not gradcheck(function, *xs, raise_exception=False)


@pytest.mark.parametrize("law", FLAT, ids=str)
def test_a_slope_where_there_is_none_does_not_pass(law, finding_only):
    function, xs = law.draw(Mutant(law.primitive, lambda c: c + 1e-3))
    assert not gradcheck(function, *xs, raise_exception=False)


def test_nearly_all_rules_have_a_slope():
    assert len(STEEP) >= 120
    assert len(FLAT) <= 12
