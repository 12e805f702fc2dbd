"""Call: the operation of a recorded node, to be called again on other operands.

Built-in operations are called with their operands and static parameters. The user's own may have had other arguments
between the operands, and a context to keep things in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy import ndarray

from autograd.check.name import argument_names
from autograd.node import Node
from autograd.primitive import Primitive


class Call:
    """How one node was made."""

    def __init__(self, node: Node) -> None:
        self.primitive: Primitive = node.primitive  # type: ignore[assignment]
        self.count = len(node.parents)
        self.params = dict(node.params)
        context = self.params.get("ctx")  # of a Function, which has no other parameters
        if context is not None:
            self.params = {}
        self.context = context is not None and not getattr(self.primitive, "setup", None)
        self.layout: Any = self.params.pop("layout", None) or getattr(context, "layout", None)

    def again(self, operands: Sequence[Any]) -> Any:
        """The operation on other operands."""
        return self.primitive(*self._filled(operands), **self.params)

    def forward(self, operands: Sequence[Any]) -> Any:
        """Its forward function alone, on whatever it is given."""
        ahead = [_Nothing()] if self.context else []
        return self.primitive.on_array(*ahead, *self._filled(operands), **self.params)

    @property
    def names(self) -> list[str]:
        """What the operands are called."""
        if self.layout is None:
            return argument_names(self.primitive, self.count)
        names: list[str] = self.layout.operands(argument_names(self.primitive, len(self.layout.form)))
        return names

    def _filled(self, operands: Sequence[Any]) -> Sequence[Any]:
        filled: Sequence[Any] = self.layout.fill(operands) if self.layout else operands
        return filled


def is_operation(node: Node) -> bool:
    """Whether a node was made by an operation on numbers and arrays, which can be called again."""
    return bool(node.parents) and all(isinstance(parent.data, float | int | ndarray) for parent in node.parents)


class _Nothing:
    """A context that keeps nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None

    def __setattr__(self, name: str, value: Any) -> None:
        pass
