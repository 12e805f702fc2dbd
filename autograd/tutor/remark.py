"""Remarks: what is no wrong gradient and still goes wrong, such as targets that the output cannot reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.tutor.finding import Remark
from autograd.tutor.objective import RANGES, Objective, met, unspread
from autograd.tutor.outline import Outline
from autograd.tutor.quantity import Quantity
from autograd.tutor.wording import Wording


def sizes(outline: Outline, goal: Objective | None) -> dict[int, str]:
    """Sizes that a gradient may be off by, and what they are called."""
    found: dict[int, str] = {}
    if goal is not None and goal.output.ndim:
        shape = goal.output.shape
        batch = shape[0] if goal.output.ndim == 1 or shape[0] > 1 else shape[-1]
        found[batch] = "the batch size"
        for n in shape:
            found.setdefault(n, "the number of outputs")
        found.setdefault(goal.output.size, "the number of elements of the output")
    for node in outline.order:
        if node.primitive is not None and node.primitive.name == "mean":
            n = np.size(node.parents[0].data) // max(np.size(node.data), 1)
            found.setdefault(n, "the number of elements in the mean")
    return found


def remarks(outline: Outline, wording: Wording, quantities: Sequence[Quantity], goal: Objective | None) -> list[Remark]:
    """All there is to remark."""
    return [*_loss(outline), *_range(wording, goal), *_spread(outline, wording), *_whole(quantities)]


def _loss(outline: Outline) -> Iterator[Remark]:
    if not np.isfinite(outline.root.data).all():
        yield Remark(
            "not finite",
            f"The loss is {np.asarray(outline.root.data).item()}.",
            "Look for log(0), a division by 0 or an overflow in the forward pass, before you look at gradients.",
        )


def _range(wording: Wording, goal: Objective | None) -> Iterator[Remark]:
    """Targets that the last activation cannot reach."""
    if goal is None or goal.activation not in RANGES:
        return
    low, high = RANGES[goal.activation]
    t = goal.target
    name = "The targets" if goal.named is None else f"The targets {wording.name(goal.named)}"
    if np.any(t < low) or np.any(t > high):
        ends = f"between {low:g} and {high:g}" if np.isfinite(high) else f"above {low:g}"
        yield Remark(
            "target out of range",
            f"{name} range from {t.min():.4g} to {t.max():.4g}, and {goal.activation} can only give numbers {ends}: "
            "the loss cannot come near 0, however right the gradients are.",
            f"Scale the targets to that range, or leave {goal.activation} out of the last layer.",
        )


def _spread(outline: Outline, wording: Wording) -> Iterator[Remark]:
    """(n, 1) - (n,): every prediction meets every target."""
    for node in outline.order:
        primitive: Any = node.primitive
        if primitive is None or not primitive.partials or len(node.parents) != 2:
            continue
        a, b = map(unspread, node.parents)
        if met(a, b, node):
            left, right = wording.name(a), wording.name(b)
            yield Remark(
                "broadcast",
                f"{left} has shape {np.shape(a.data)} and {right} has shape {np.shape(b.data)}, so "
                f"{wording.name(node)} has shape {np.shape(node.data)}: every element of the one meets every element "
                "of the other.",
                f"Give both the same shape, for instance with {right}.reshape({left}.shape).",
            )


def _whole(quantities: Sequence[Quantity]) -> Iterator[Remark]:
    """Parameters of whole numbers, which cannot be moved by a step of 0.1."""
    for q in quantities:
        dtype = getattr(q.given, "dtype", None)
        if q.is_leaf and dtype is not None and dtype.kind in "iub":
            yield Remark(
                "whole numbers",
                f"{q.name} is an array of {dtype}: an update in place would fail, or be rounded to whole numbers.",
                f"Make it of floats: {q.name} = {q.name}.astype(float).",
            )
