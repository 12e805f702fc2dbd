"""Guard: the sweeps under `detect_anomaly`. What they compute is the same; before and after, it is looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.anomaly.finding import Finding
from autograd.anomaly.forward import first_bad_result
from autograd.anomaly.number import is_finite
from autograd.anomaly.report import Report
from autograd.anomaly.reverse import first_bad_gradient, first_bad_tangent, refuse_bad_seed
from autograd.errors import AnomalyError, MutationError
from autograd.node import Node
from autograd.origin import watch_here
from autograd.sweep import See, nodes, numbers, pulled, pushed


def guarded_pull(
    order: list[Node],
    cotangents: Mapping[Node, Any],
    see: See,
    among: Collection[Node] | None,
    ends: Collection[Node],
) -> Iterator[tuple[Node, Any]]:
    """`sweep.pull_back`. The whole graph is kept until all of it is known to be good.

    Errors: MutationError, AnomalyError.
    """
    every = list(order)
    if not every:
        return pulled(order, cotangents, see, among, ends)
    _refuse_changed(every, every[-1])
    checking = _is_checking(every)
    if checking:
        _refuse(first_bad_result(cotangents))
        refuse_bad_seed(cotangents)
    with _at_rest(see):
        found = list(pulled(order, cotangents, see, among, ends))

    def is_end(node: Node) -> bool:
        return node in ends or not any(p.primitive is not None if among is None else p in among for p in node.parents)

    if checking and not all(is_finite(g) for node, g in found if is_end(node)):
        _refuse(first_bad_gradient(every, cotangents, among, is_end))
    return iter(found)


def guarded_push(order: Iterable[Node], tangents: Mapping[Node, Any], see: See) -> dict[Node, Any]:
    """`sweep.push_forward`. Errors: MutationError, AnomalyError."""
    every = list(order)
    if not every:
        return pushed(every, tangents, see)
    _refuse_changed(every, every[-1])
    with _at_rest(see):
        found = pushed(every, tangents, see)
    if _is_checking(every):
        used = {parent for node in every for parent in node.parents}
        outputs = [node for node in every if node not in used]
        _refuse(first_bad_result(outputs))
        if not all(is_finite(found.get(node, 0.0)) for node in outputs):
            plain = pushed(every, {x: t.data if isinstance(t, Node) else t for x, t in tangents.items()}, numbers)
            _refuse(first_bad_tangent(every, tangents, plain))
    return found


def _refuse(finding: Finding | None) -> None:
    if finding is not None:
        watch = watch_here()
        if watch is not None:
            watch.ends.clear()  # it is told now
        report = Report(finding)
        raise AnomalyError(str(report), report)


def _refuse_changed(order: list[Node], root: Node) -> None:
    for node in order:
        slot = node.witness.changed(node) if node.witness is not None else None
        if slot is not None:
            report = Report(Finding("stale", "", node, node.parents[slot].data, root, [node], slot))
            raise MutationError(str(report), report)


def _is_checking(order: Iterable[Node]) -> bool:
    """Whether NaN are looked for: as the mode says, and outside of it as the nodes remember."""
    watch = watch_here()
    if watch is not None:
        return bool(watch.check_nan)
    return any(node.witness is not None and node.witness.check_nan for node in order)


@contextmanager
def _at_rest(see: See) -> Iterator[None]:
    """While a sweep records what it computes: that is judged by its results, not by what is left over on the way."""
    watch = watch_here()
    with np.errstate(all="ignore"):  # what NumPy would warn of is told in full
        if watch is None:
            yield
            return
        watch.sweeps += 1
        watch.recorded += see is nodes
        try:
            yield
        finally:
            watch.sweeps -= 1
            watch.recorded -= see is nodes
