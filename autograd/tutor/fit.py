"""Fit: slips with one number in them that nobody told, such as the learning rate of an update that came too early.

The gradient depends on that number along a straight line. So the number is read off, and everything else must agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy import ndarray

from autograd.node import Node
from autograd.tutor.rehearsal import Change
from autograd.tutor.slip import Scene, Slip, at_slot, both, replaced, sent_with

Run = Callable[[Slip], ndarray | None]  # what would be found with a slip


def stale(scene: Scene, missing: ndarray, run: Run, steps: Mapping[Node, ndarray]) -> Iterator[Slip]:
    """A weight that the backward pass used after its update, W - lr * dW. `steps` are the gradients of the weights."""
    for node in scene.way.nodes:
        if node.primitive is None or node.primitive.name not in ("matmul", "multiply"):
            continue
        for slot, parent in enumerate(node.parents):
            weight = node.parents[1 - slot]
            turned = weight.primitive is not None and weight.primitive.name == "transpose"
            leaf = weight.parents[0] if turned else weight
            step = steps.get(leaf)
            if step is None or parent.primitive is None:
                continue
            step = step.T if turned else step
            name = scene.wording.name(leaf)

            def moved(value: ndarray, rate: float, node: Node = node, slot: int = slot, name: str = name) -> Slip:
                return Slip(
                    "stale weight",
                    f"is computed with {name} after its update, {name} - {rate:.3g} * d{name}",
                    f"Compute all gradients first; update {name} only then.",
                    node.parents[slot],
                    {
                        node: at_slot(
                            slot, lambda n, g, part: sent_with(n, g, slot, n.data, replaced(n, 1 - slot, value))
                        )
                    },
                    fitted=1,
                )

            rate = -share(missing, run(moved(step, 0.0)))
            if rate > 0:
                yield moved(weight.data - rate * step, rate)


def decay(scene: Scene, targets: Sequence[Node], missing: ndarray) -> Iterator[Slip]:
    """A multiple of the parameter itself: the gradient of a penalty that the loss lacks, or has with another factor."""
    if any(target.parents for target in targets):
        return
    rate = share(missing, np.array([target.data for target in targets]).reshape(missing.shape))
    changes: dict[Node, Change] = {}
    for target in targets:
        node, slot = next((n, k) for n in scene.way.nodes for k, p in enumerate(n.parents) if p is target)
        more = at_slot(slot, lambda n, g, part, target=target: part + rate * target.data)  # type: ignore[misc]
        changes[node] = both(changes.get(node), more)
    name = scene.wording.name(targets[0]) if len(targets) == 1 else "the parameter"
    term = f"{abs(rate):.4g} * {name}"
    if rate > 0:
        says = f"has {term} too much, as if the loss had a penalty on {name}, or a larger one"
        yield Slip(
            "surplus term", says, f"Leave {term} out, or add the penalty to the loss.", targets[0], changes, fitted=1
        )
    elif rate < 0:
        says = f"lacks {term}, the gradient of the penalty on {name}"
        yield Slip("missing term", says, f"Add {term}.", targets[0], changes, fitted=1)


def share(missing: ndarray, along: ndarray | None) -> float:
    """How much of one array the other is made of: the number r for which r * along is nearest."""
    if along is None or missing.shape != along.shape:
        return 0.0
    length = float(np.vdot(along, along))
    return float(np.vdot(along, missing)) / length if length and np.isfinite(length) else 0.0
