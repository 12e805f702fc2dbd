"""A plugin of pytest for HIPS autograd's tests: what is excluded is not run, and complex numbers must be an error.

Many of its tests check real and complex arguments in one go. Each check of complex ones is held to the error that says
that they are out of scope.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from functools import wraps

import numpy as np
import pytest

import autograd.test_util as test_util
from autograd import OperandError, tree

counts: Counter[str] = Counter()
_check_grads = test_util.check_grads


@wraps(_check_grads)
def check_grads(f, argnum=0, *args, **settings):
    check = _check_grads(f, argnum, *args, **settings)

    def run(*args, **kwargs):
        if any(np.iscomplexobj(x) for x in tree.leaves(args)):
            counts["checks of complex numbers, an error each"] += 1
            with pytest.raises(OperandError, match=r"[Cc]omplex numbers are out of scope"):
                check(*args, **kwargs)
        else:
            counts["checks of derivatives"] += 1
            check(*args, **kwargs)

    return run


test_util.check_grads = check_grads  # before the tests import it


def pytest_collection_modifyitems(items):
    reasons = json.loads(os.environ["HIPS_EXCLUSIONS"])
    for item in items:
        name = item.nodeid.removeprefix("tests/")
        reason = reasons.get(name) or reasons.get(name.split("[")[0])
        if reason:
            item.add_marker(pytest.mark.skip(reason=f"excluded: {reason}"))


def pytest_sessionfinish(session):
    with open(os.environ["HIPS_COUNTS"], "w") as file:
        json.dump(counts, file)
