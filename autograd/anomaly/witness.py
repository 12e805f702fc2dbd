"""Witness: what the operands of a watched node were when it was made, and when that was."""

from __future__ import annotations

from itertools import count
from typing import Any

from autograd.node import Node
from autograd.primitive import Primitive
from autograd.sweep import witnesses

_numbers = count()


class Witness:
    """Fingerprints of the operands of one node, before anybody wrote into them. `turn` counts up as nodes are made, and
    what a sweep recorded is `derived`.
    """

    __slots__ = ("check_nan", "derived", "prints", "turn")

    def __init__(self, node: Node, check_nan: bool, derived: bool) -> None:
        witnesses.append(None)
        self.prints = [fingerprint(parent.data) for parent in node.parents]
        self.check_nan = check_nan
        self.derived = derived
        self.turn = next(_numbers)

    def __len__(self) -> int:
        return len(self.prints)

    def __del__(self) -> None:
        witnesses.pop()

    def changed(self, node: Node) -> int | None:
        """The first operand that is no longer what it was, if the derivative of the node depends on it."""
        if reads_nothing(node.primitive):
            return None
        for slot, (parent, before) in enumerate(zip(node.parents, self.prints, strict=False)):
            if fingerprint(parent.data) != before:
                return slot
        return None


def reads_nothing(primitive: Primitive | None) -> bool:
    """Whether the derivative is the same for all operands, as that of a sum: then they may be written into."""
    if primitive is None or primitive.transpose is not None:
        return True
    return bool(primitive.partials) and all(slope is None or isinstance(slope, int) for slope in primitive.partials)


def fingerprint(data: Any) -> int:
    """A number that changes when the data does (with all but certainty)."""
    return hash(data.tobytes()) if hasattr(data, "tobytes") else hash(data)
