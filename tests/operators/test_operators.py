"""PyTorch's operator database: every operator of the list, in both precisions."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is installed by hand, for comparison")

from tests.operators.adapter import adapters, names
from tests.operators.harness import compare
from tests.operators.peer import MOVES
from tests.operators.table import failures

LISTED = [*names("core"), *names("extended")]
COVERED = [name for name in LISTED if name in adapters()]


def hold(name, dtype, **how):
    outcomes = list(compare(name, dtype, **how))
    wrong = [outcome for outcome in outcomes if outcome.wrong]
    assert not wrong, "\n" + failures(wrong)
    return outcomes


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", COVERED)
def test_some_samples_agree_with_pytorch(name, dtype):
    assert hold(name, dtype, most=20), "PyTorch has no sample that it can answer"


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("name", COVERED)
def test_all_samples_wherever_they_are_moved_agree_with_pytorch(name, move, dtype):
    for seed in (0, 1, 2):
        hold(name, dtype, move=move, seed=seed)


def test_only_what_is_listed_has_an_adapter():
    assert set(adapters()) <= set(LISTED)
