"""PyTorch's operator database: every operator of the list, in both precisions.

Every test takes some of the samples; those marked as slow take all of them: as they are given with three seeds, and
wherever they are moved.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is installed by hand, for comparison")

from tests.operators.adapter import adapters, names
from tests.operators.excuse import exceptions
from tests.operators.harness import compare
from tests.operators.peer import MOVES
from tests.operators.table import Tally, failures

CORE, EXTENDED = names("core"), names("extended")
COVERED = [name for name in [*CORE, *EXTENDED] if name in adapters()]
MOVED = [move for move in MOVES if move != "as given"]
DTYPES = [np.float64, np.float32]


def hold(name, dtype, **how):
    """Fail where a sample differs that may not."""
    outcomes = list(compare(name, dtype, **how))
    wrong = [outcome for outcome in outcomes if outcome.wrong]
    assert not wrong, "\n" + failures(wrong)
    return outcomes


def test_all_of_core_and_nearly_all_of_the_rest_is_there():
    assert set(adapters()) <= {*CORE, *EXTENDED}
    assert not set(CORE) - set(adapters())
    assert len(set(EXTENDED) & set(adapters())) >= 0.95 * len(EXTENDED)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", COVERED)
def test_samples_agree(name, dtype):
    assert hold(name, dtype, most=20), "PyTorch has no sample that it can answer"


@pytest.mark.parametrize("move", MOVED)
@pytest.mark.parametrize("name", COVERED)
def test_moved_samples_agree(name, move):
    for dtype in DTYPES:
        hold(name, dtype, move=move, most=2)


AGREEING, USED = {}, set()  # of every operator how its samples as they are given went; exceptions that were needed


@pytest.mark.slow
@pytest.mark.parametrize("name", COVERED)
def test_all_samples_agree(name):
    tally = Tally()
    for dtype, seed in product(DTYPES, (0, 1, 2)):
        for outcome in hold(name, dtype, seed=seed):
            tally.add(outcome)
    USED.update(tally.excused)
    for dtype, (seed, move) in product(DTYPES, enumerate(MOVED)):
        for outcome in hold(name, dtype, move=move, seed=seed):
            USED.update(outcome.excused.values())
    AGREEING[name] = tally


@pytest.mark.slow
def test_99_of_100_samples_agree_and_no_exception_is_idle():
    if len(AGREEING) < len(COVERED):
        pytest.skip("only some operators were compared")
    for listed in (CORE, EXTENDED):
        total = Tally()
        for name in set(listed) & set(AGREEING):
            total += AGREEING[name]
        assert total.share >= 0.99
    assert not [entry for number, entry in enumerate(exceptions()) if number not in USED and not entry.get("chance")]
