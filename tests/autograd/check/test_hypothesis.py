"""Hypotheses: each known mistake is named, alone and in pairs; what is no mistake of these kinds is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd.check.hypothesis import Clue, Suspect, Tolerance, Verdict, explain, explanations

rng = np.random.default_rng(7)
RIGHT = rng.normal(size=(4, 3))
SQUARE = rng.normal(size=(3, 3))
CUBE = rng.normal(size=(2, 3, 4))
Y = rng.uniform(0.1, 0.9, (4, 3))
G = rng.normal(size=(4, 3))
CLUES = [Clue("y", Y), Clue("σ'(z)", Y * (1 - Y)), Clue("the upstream gradient", G, "missing upstream")]
PARTS = {"what comes through a": RIGHT, "what comes through b": G}


def changed(where, what):
    out = RIGHT.copy()
    out[where] = what
    return out


MISTAKES = [  # expected, found, what is told, the kind, words of the text, words of the remedy
    (RIGHT, None, {}, "no gradient", "None", "return"),
    (RIGHT, 0 * RIGHT, {}, "zero gradient", "zero everywhere", ""),
    (RIGHT, changed((1, 2), np.nan), {}, "not finite", "nan at [1, 2]", "0/0"),
    (RIGHT, -RIGHT, {}, "sign", "wrong sign", "sign"),
    (RIGHT, 2 * RIGHT, {}, "constant factor", "2 times", "1/2"),
    (RIGHT, -RIGHT / 2, {}, "constant factor", "-1/2 of", "-2"),
    (RIGHT, RIGHT / np.log(2), {}, "constant factor", "1/ln 2 of", "ln 2"),
    (RIGHT, RIGHT * 180 / np.pi, {}, "constant factor", "180/π of", "π/180"),
    (RIGHT, RIGHT * 0.37, {}, "constant factor", "0.37 times", "2.703"),
    (RIGHT, RIGHT / 50, {"sizes": {"the batch size": 50}}, "constant factor", "50 is the batch size", "by 50"),
    (RIGHT, RIGHT * 50, {"sizes": {"the batch size": 50}}, "constant factor", "50 times", "1/50"),
    (RIGHT, RIGHT / 2, {"sizes": {"the batch size": 2}}, "constant factor", "2 is also the batch size", "by 2"),
    (SQUARE, SQUARE.T, {}, "transposed", "transposed", ".T"),
    (RIGHT, RIGHT.T, {}, "transposed", "has shape (3, 4), and must have (4, 3)", ".T"),
    (RIGHT, RIGHT.T.reshape(4, 3), {}, "transposed", "reshaped", ".transpose(1, 0)"),
    (CUBE, CUBE.transpose(2, 0, 1), {}, "transposed", "axes in another order", ".transpose(1, 2, 0)"),
    (RIGHT, RIGHT.ravel(), {}, "wrong shape", "has shape (12,)", "Reshape it to (4, 3)"),
    (RIGHT.sum(0), RIGHT, {}, "unsummed broadcast", "not summed over axis 0", ".sum(axis=0)"),
    (RIGHT.sum(1, keepdims=True), RIGHT, {}, "unsummed broadcast", "over axis 1", ".sum(axis=1, keepdims=True)"),
    (CUBE.sum((0, 1)), CUBE, {}, "unsummed broadcast", "axes (0, 1)", ".sum(axis=(0, 1))"),
    (RIGHT.sum(0), np.broadcast_to(RIGHT.sum(0), (4, 3)), {}, "wrong shape", "repeated along axis 0", "once"),
    (RIGHT, RIGHT.sum(0), {}, "summed too much", "summed over axis 0", "Leave out"),
    (RIGHT, RIGHT.mean(1), {}, "summed too much", "averaged over axis 1", "Leave out"),
    (RIGHT, np.broadcast_to(RIGHT.sum(0), (4, 3)), {}, "summed too much", "summed over axis 0", "Leave out"),
    (RIGHT, RIGHT[::-1], {}, "permuted", "reversed along axis 0", "np.flip(g, 0)"),
    (RIGHT, np.roll(RIGHT, 1, 1), {}, "permuted", "shifted by one along axis 1", "np.roll(g, -1, 1)"),
    (RIGHT, abs(RIGHT), {}, "absolute value", "minus signs", "abs"),
    (RIGHT, RIGHT**2, {}, "squared", "square", ""),
    (3 * RIGHT, np.trunc(3 * RIGHT), {}, "whole numbers", "whole numbers", "integer"),
    (RIGHT * Y * (1 - Y), RIGHT, {"clues": CLUES}, "missing factor", "lacks σ'(z)", "Multiply by σ'(z)"),
    (RIGHT * G, RIGHT, {"clues": CLUES}, "missing upstream", "lacks the upstream gradient", "Multiply"),
    (RIGHT, RIGHT * Y, {"clues": CLUES}, "surplus factor", "has y as a factor once too often", "y out"),
    (RIGHT * Y, RIGHT * Y * (1 - Y), {"clues": CLUES}, "wrong factor", "σ'(z) where y belongs", "Write y"),
    (RIGHT + G, RIGHT, {"terms": PARTS}, "overwritten", "holds what comes through a alone", "+="),
    (RIGHT + G, RIGHT, {"terms": {"the weight decay": G}}, "missing term", "lacks the weight decay", "Add"),
    (RIGHT, RIGHT + G, {"terms": {"the weight decay": G}}, "surplus term", "once too often", "Leave out"),
    (RIGHT, G, {"suspects": [Suspect("swapped", "is that of b", "Swap.", G)]}, "swapped", "is that of b", "Swap"),
    (RIGHT, changed((1, 2), 0), {}, "some elements", "wrong is at [1, 2], which got zero", "leaves them out"),
    (changed(2, 0), RIGHT, {}, "some elements", "those with index [2, :], which should be zero", ""),
    (RIGHT, changed(1, -RIGHT[1]), {}, "some elements", "[1, :]. There it has the wrong sign", "sign"),
    (RIGHT, np.where(G < 0, RIGHT / 3, RIGHT), {"clues": [Clue("x", G)]}, "some elements", "where x is negative", "3"),
    (SQUARE, SQUARE + np.diag([1.0, 2.0, 5.0]), {}, "some elements", "those on the diagonal", ""),
    # of two parts
    (RIGHT * G, -RIGHT, {"clues": CLUES}, "sign and missing upstream", "and it lacks the upstream", "Change its sign."),
    (SQUARE, -SQUARE.T, {}, "sign and transposed", "wrong sign, and it is transposed", ".T"),
    (RIGHT.sum(0), RIGHT / 4, {"sizes": {"n": 4}}, "constant factor and unsummed broadcast", "1/4 of", ".sum(axis=0)"),
    (RIGHT * Y * G, RIGHT, {"clues": CLUES}, "missing factor and missing upstream", "lacks y", "upstream"),
    ((RIGHT * Y).sum(0), RIGHT, {"clues": CLUES}, "missing factor and unsummed broadcast", "lacks y", ".sum(axis=0)"),
    (RIGHT * G * 0.3, RIGHT, {"clues": CLUES}, "missing upstream and constant factor", "3.333 times", "0.3"),
]


@pytest.mark.parametrize(("expected", "found", "told", "kind", "says", "remedy"), MISTAKES)
def test_each_mistake_is_named(expected, found, told, kind, says, remedy):
    verdict = explain(expected, found, **told, name="dW")
    assert verdict is not None
    assert verdict.kind == kind
    assert verdict.text.startswith("dW ")
    assert says in verdict.text
    assert remedy in verdict.remedy


@pytest.mark.parametrize(("expected", "found", "told", "kind"), [m[:4] for m in MISTAKES])
def test_noise_within_the_tolerance_changes_no_verdict(expected, found, told, kind):
    noisy = expected * (1 + 1e-9 * np.random.default_rng(0).normal(size=expected.shape))
    assert explain(noisy, found, **told).kind == kind


def test_the_factor_is_found_over_expected():
    assert explain(RIGHT, -RIGHT).factor == -1.0
    assert explain(RIGHT, RIGHT / 50, sizes={"n": 50}).factor == 1 / 50
    assert explain(RIGHT, RIGHT * 0.37).factor == pytest.approx(0.37, rel=1e-9)
    assert explain(RIGHT, RIGHT.T).factor is None


def test_nothing_is_said_of_what_is_right():
    assert explain(RIGHT, RIGHT) is None
    assert explain(RIGHT, RIGHT * (1 + 1e-8)) is None
    assert explain(0.0, 0.0) is None
    assert explain(np.zeros((0, 3)), np.zeros((0, 3))) is None


def test_one_number_cannot_tell_an_unknown_factor_but_a_known_one():
    assert explain(0.3, 0.11) is None
    assert explain(0.3, -0.3).kind == "sign"
    assert explain(0.3, 0.6).kind == "constant factor"
    assert explain(0.3, 0.3 / 7, sizes={"n": 7}).kind == "constant factor"
    assert explain(0.3, 0.3 / 0.37, clues=[Clue("w", np.array(0.37))]).kind == "missing factor"


def test_elements_that_repeat_each_other_say_no_more_than_one():
    assert explain(np.full(100, 0.3), np.full(100, 0.11)) is None
    assert explain(np.full(100, 0.3), np.full(100, 0.6)).kind == "constant factor"


def test_what_was_right_already_is_no_evidence():
    symmetric = SQUARE + SQUARE.T
    found = symmetric.copy()
    found[0, 1] += 0.1
    assert explain(symmetric, found).kind == "some elements"


def test_a_loose_tolerance_asks_for_more_elements():
    loose = Tolerance(relative=0.1, absolute=0.0)
    few, many = np.array([1.0, 2.0]), rng.normal(size=30)
    assert explain(few, few * 0.37, tolerance=loose) is None
    assert explain(many, many * 0.37, tolerance=loose).kind == "constant factor"


def test_rivals_are_named_where_one_point_cannot_tell():
    x = np.array([2.0, 2.0, 2.0])  # d(x²)/dx with the 2 forgotten, or the x?
    verdict = explain(2 * x, x, clues=[Clue("x", x)])
    assert verdict.kind == "constant factor"
    assert verdict.rivals == ("it lacks x as a factor",)
    assert [v.kind for v in explanations(2 * x, x, clues=[Clue("x", x)])][:2] == ["constant factor", "missing factor"]


def test_a_wrong_shape_that_nothing_explains_is_still_told():
    verdict = explain(RIGHT, rng.normal(size=(2, 2)))
    assert verdict.kind == "wrong shape"
    assert "(2, 2), and must have (4, 3)" in verdict.text


def test_clues_and_terms_that_do_not_fit_are_passed_over():
    odd = [
        Clue("a table", rng.normal(size=(5, 7))),
        Clue("zeros", np.zeros((4, 3))),
        Clue("nan", np.full((4, 3), np.nan)),
    ]
    assert explain(RIGHT * Y, RIGHT, clues=[*odd, *CLUES]).kind == "missing factor"


def test_a_factor_that_is_zero_somewhere_is_still_found():
    mask = np.where(G > 0, 1.5, 0.0)
    assert explain(RIGHT * mask, RIGHT, clues=[Clue("relu'(z)", mask)]).kind == "missing factor"
    assert explain(RIGHT * mask, RIGHT * mask**2, clues=[Clue("relu'(z)", mask)]).kind == "surplus factor"


def test_verdicts_are_plain_data():
    verdict = Verdict("sign", "a", "b")
    assert verdict == Verdict("sign", "a", "b", None, ())
    with pytest.raises(AttributeError):
        verdict.kind = "other"


SHAPES = st.lists(st.integers(1, 4), min_size=0, max_size=3).map(tuple)


@given(SHAPES, SHAPES, st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_random_numbers_are_not_explained(shape, other, seed):
    rng = np.random.default_rng(seed)
    expected, found = rng.normal(size=shape), rng.normal(size=shape)
    clues = [Clue(f"clue {i}", rng.normal(size=s)) for i, s in enumerate((shape, shape, other))]
    told = {
        "clues": clues,
        "sizes": {"n": 3, "m": 100},
        "terms": {"a": rng.normal(size=shape), "b": rng.normal(size=shape)},
    }
    assert explain(expected, found, **told) is None


@given(SHAPES.filter(lambda s: np.prod(s) >= 2), st.sampled_from([-1.0, 2.0, 0.25, -3.0]), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_a_constant_is_found_in_any_shape(shape, factor, seed):
    expected = np.random.default_rng(seed).normal(size=shape)
    verdict = explain(expected, factor * expected)
    assert verdict.factor == pytest.approx(factor)
