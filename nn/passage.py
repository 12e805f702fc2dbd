"""Passage: where gradients on their way back leave and enter a module, and its backward hooks see them.

What goes into a module, and what comes out, passes a function that changes nothing; in the backward pass the gradients
come by the other way round. All inputs pass it together, because a hook sees their gradients together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd import Function, Node, OperandError

if TYPE_CHECKING:
    from nn.hook import Hook
    from nn.module import Module


class Passage:
    """One call of a module that has backward hooks."""

    def __init__(self, module: Module, before: Sequence[Hook], after: Sequence[Hook]) -> None:
        self.module = module
        self.before = before
        self.after = after
        self.inputs = self.outputs = 0
        self.entrance: list[int] = []  # the numbers of the arguments, and of the results, that gradients flow into
        self.exit: list[int] = []
        self.grad_output: tuple[Any, ...] = ()

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, to be given to forward."""
        self.inputs = len(args)
        self.entrance = _differentiated(args)
        return _put(args, self.entrance, Entrance.apply(self, *(args[i] for i in self.entrance)))

    def leave(self, result: Any) -> Any:
        """The result, to be given to the caller."""
        single = isinstance(result, Node)
        parts = (result,) if single else result
        if not isinstance(parts, tuple | list):
            raise OperandError(
                f"{type(self.module).__name__} has a backward hook and returned {result!r:.80}.\n"
                "  Backward hooks work on modules that return a Tensor, or a tuple or list of them."
            )
        self.exit, self.outputs = _differentiated(parts), len(parts)
        found = _put(parts, self.exit, Exit.apply(self, *(parts[i] for i in self.exit)))
        return found[0] if single else type(result)(found)

    def left(self, gs: Sequence[Any]) -> Sequence[Any]:
        """Gradients of the results: those that have arrived, or that a hook has put in their place."""
        self.grad_output = _put((None,) * self.outputs, self.exit, gs)
        for hook in self.before:
            self.grad_output = self._replaced(self.grad_output, hook.function(self.module, self.grad_output))
        if not self.entrance:
            self._tell((None,) * self.inputs)
        return [self.grad_output[i] for i in self.exit]

    def entered(self, gs: Sequence[Any]) -> Sequence[Any]:
        """Gradients of the arguments, likewise."""
        found = self._tell(_put((None,) * self.inputs, self.entrance, gs))
        return [found[i] for i in self.entrance]

    def _tell(self, grad_input: tuple[Any, ...]) -> tuple[Any, ...]:
        for hook in self.after:
            grad_input = self._replaced(grad_input, hook.function(self.module, grad_input, self.grad_output))
        return grad_input

    def _replaced(self, gs: tuple[Any, ...], found: Any) -> tuple[Any, ...]:
        if found is None:
            return gs
        new = tuple(found) if isinstance(found, tuple | list) else (found,)
        if len(new) != len(gs):
            raise OperandError(
                f"a backward hook of {type(self.module).__name__} returned {len(new)} gradients, not {len(gs)}: "
                "it returns None to change nothing, or one gradient for each."
            )
        return new


class Entrance(Function):
    """What the inputs pass, unchanged, on their way in."""

    @staticmethod
    def forward(ctx: Any, passage: Passage, *xs: Any) -> Any:
        """They themselves."""
        ctx.passage = passage
        ctx.set_materialize_grads(False)
        return xs

    @staticmethod
    def backward(ctx: Any, *gs: Any) -> Any:
        """Their gradients, as the hooks leave them."""
        return None, *ctx.passage.entered(gs)


class Exit(Function):
    """What the results pass, unchanged, on their way out."""

    @staticmethod
    def forward(ctx: Any, passage: Passage, *xs: Any) -> Any:
        """They themselves."""
        ctx.passage = passage
        ctx.set_materialize_grads(False)
        return xs

    @staticmethod
    def backward(ctx: Any, *gs: Any) -> Any:
        """Their gradients, as the hooks leave them."""
        return None, *ctx.passage.left(gs)


def _differentiated(xs: Sequence[Any]) -> list[int]:
    return [i for i, x in enumerate(xs) if isinstance(x, Node) and x.requires_grad]


def _put(xs: Sequence[Any], places: Sequence[int], new: Sequence[Any]) -> tuple[Any, ...]:
    changed = dict(zip(places, new, strict=True))
    return tuple(changed.get(i, x) for i, x in enumerate(xs))
