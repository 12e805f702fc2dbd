"""Order: why the backward pass needs a topological order, seen by trying another one."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.step.mathematics import TEXT, figure
from autograd.step.record import Recording
from autograd.step.still import Still

MANY = 8  # lines, at most, of each kind


def verdict(tried: Recording, right: Recording) -> str:
    """Which gradients come out wrong in an order that was tried, and why."""
    late: dict[Still, list[Still]] = {}
    for number in range(tried.backward_start, len(tried)):
        event = tried.event(number)
        if event.late and event.by is not None and event.contribution is not None:
            late.setdefault(event.still, []).append(event.by)
    last, names = len(right) - 1, right.names
    wrong = []
    for node in right.nodes:
        if node.primitive is not None:
            found, expected = tried.gradient(node, len(tried) - 1), right.gradient(node, last)
            if not _agree(found, expected):
                shown = "· (nothing)" if found is None else figure(found, TEXT)
                wrong.append(f"∂{right.root_name}/∂{names[node]} = {shown}, and should be {figure(expected, TEXT)}")
    missing = [node for node in right.consumers if node not in set(tried.consumers)]
    reasons = [
        f"{names[node]} had passed its gradient on before all of it was there: "
        f"what {_listed([names[by] for by in dict.fromkeys(makers)])} sent came too late"
        for node, makers in late.items()
    ] + [f"{names[node]} was left out, and passed nothing on" for node in missing]
    if not wrong and not reasons:
        return "Every gradient is right: each node passed its gradient on after all of its consumers had."
    right_count = sum(node.primitive is not None for node in right.nodes)
    if not wrong:
        return "\n".join(["Every gradient is right, by luck.", *_some(reasons)])
    return "\n".join([f"{len(wrong)} of {right_count} gradients are wrong.", *_some(reasons), *_some(wrong)])


def _agree(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b
    return bool(np.allclose(a, b, rtol=1e-9, atol=0.0, equal_nan=True))


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _some(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines[:MANY]] + [f"  … and {len(lines) - MANY} more"] * (len(lines) > MANY)
