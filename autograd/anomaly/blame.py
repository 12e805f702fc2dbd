"""blame: run a step once more under watch, and hand back what was found instead of raising it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.anomaly.detect import detect_anomaly
from autograd.anomaly.report import Report
from autograd.backward import seed_of
from autograd.errors import OperandError, describe, place
from autograd.graph import topological_order
from autograd.node import Node
from autograd.sweep import pull_back


def blame(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Report | None:
    """Who makes the first NaN or infinity of a step; None when there is none.

    `function(*args, **kwargs)` is run inside `detect_anomaly()`. When it returns a loss, the backward pass is run, too,
    and touches no `grad`; it may also run one itself. It should compute the loss and no more: with an optimizer's step
    inside, the parameters move. Random numbers are drawn anew.

    Printed, the report says what happened, where, why, and what people do about it; see `Report`. It is what a
    training loop calls when its loss is no number: `print(autograd.blame(lambda: loss(model(x), y)))`.

    Errors: those of the function that have nothing to do with bad numbers; OperandError when it is no function.
    Cost: some times that of a step.

    >>> import autograd
    >>> x = autograd.Tensor([0.0, 4.0], label="x")
    >>> report = autograd.blame(lambda: autograd.log(x).sum())
    >>> report.operation, report.nature, report.cause
    ('log', 'inf', 'log of 0')
    """
    if not callable(function):
        raise OperandError(
            f"blame runs a step again: it needs the function that computes it, not {describe(function)}.{place()}\n"
            "  Write blame(lambda: loss(model(x), y))."
        )
    try:
        with np.errstate(all="ignore"), detect_anomaly():
            result = function(*args, **kwargs)
            if isinstance(result, Node) and result.parents and np.size(result.data) == 1:
                list(pull_back(topological_order([result]), {result: seed_of(result, None, False)}))
    except Exception as error:
        report = getattr(error, "report", None)
        if not isinstance(report, Report):
            raise
        return report
    return None
