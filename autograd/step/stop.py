"""Stop: where to stop on the way through the events: at a name, an operation, a line, at `|grad| > 10`, at nan."""

from __future__ import annotations

import math
import operator
import os
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import OperandError, place
from autograd.node import Node
from autograd.origin import Origin
from autograd.step.event import Event
from autograd.step.record import Recording

Holds = Callable[[Event], bool]

_COMPARED = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
_CONDITION = re.compile(r"\s*(\|?)\s*(grad|value)\s*\|?\s*(>=|<=|>|<)\s*([-+.\w]+)\s*")


class Stop(NamedTuple):
    """A condition on events, and how it was said."""

    text: str
    holds: Holds


def at_place(recording: Recording, where: Any) -> Stop:
    """Events at a node (or its name), an operation (`tanh`, `*`), a line (`12`, `train.py:12`), or by a function."""
    if isinstance(where, Node):
        still = recording.find(where)
        return Stop(recording.names.get(still, "a constant"), lambda event: event.still is still)
    if callable(where):
        return Stop(getattr(where, "__name__", "a condition"), where)
    if isinstance(where, int):
        return Stop(f"line {where}", lambda event: _is_line(event.origin, "", where))
    name = str(where).strip()
    if recording.knows(name):
        still = recording.find(name)
        return Stop(name, lambda event: event.still is still)
    if any(name in _operations(node) for node in recording.nodes):
        return Stop(name, lambda event: event.phase != "seed" and name in _operations(event.operation))
    file, _, line = name.rpartition(":")
    if line.isdigit():
        number = int(line)
        return Stop(f"line {name}", lambda event: _is_line(event.origin, file, number))
    raise OperandError(
        f"{name!r} is no node, operation or line of this graph.{place()}\n"
        f"  Names: {_listed(recording.given_names.values())}. "
        f"Operations: {_listed({node.operation for node in recording.nodes if node.parents})}."
    )


def on_condition(recording: Recording, what: Any) -> Stop:
    """Events where a condition holds: `|grad| > 10`, `value < 0`, `nan`; a name: its gradient changes; a function."""
    if isinstance(what, Node) or (isinstance(what, str) and recording.knows(what)):
        still = recording.find(what)
        return Stop(f"the gradient of {recording.names[still]}", lambda e: e.still is still and e.phase != "forward")
    if callable(what):
        return Stop(getattr(what, "__name__", "a condition"), what)
    if str(what).strip().lower() in ("nan", "inf"):
        return Stop("nan or inf", lambda event: not _finite(_result(event)))
    found = _CONDITION.fullmatch(str(what))
    try:
        limit = float(found[4]) if found else math.nan
    except ValueError:
        found = None
    if not found:
        raise OperandError(
            f"{what!r} is not a condition that can be watched.{place()}\n"
            "  Write |grad| > 10, grad < 0, |value| > 1e3, nan, the name of a node, or give a function of an event."
        )
    bars, quantity, sign, _ = found.groups()
    compare = _COMPARED[sign]

    def holds(event: Event) -> bool:
        if (event.phase == "forward") != (quantity == "value"):
            return False
        x = _result(event)
        return x is not None and bool(np.any(compare(np.abs(x) if bars else x, limit)))

    return Stop(str(what).strip(), holds)


def _operations(node: Any) -> tuple[str, str]:
    return (node.operation, node.primitive.name) if node.parents else ("", "")


def _is_line(origin: Origin | None, file: str, number: int) -> bool:
    if origin is None or origin.line != number:
        return False
    return not file or os.path.basename(origin.file) == os.path.basename(file)


def _result(event: Event) -> Any:
    return event.still.data if event.phase == "forward" else event.after


def _finite(x: Any) -> bool:
    return x is None or bool(np.all(np.isfinite(x)))


def _listed(names: Any) -> str:
    names = sorted(names)
    return ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
