"""Context: `ctx`, what the forward of a Function leaves for its backward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray

import autograd.tree as tree
from autograd.bundle import Bundle, as_node, is_float
from autograd.contract import Rule, frozen
from autograd.errors import GradientError, MutationError, describe, place
from autograd.node import Node
from autograd.opaque import Layout, zero
from autograd.operand import plain


class Context:
    """What forward leaves for backward: `ctx`. Attributes of your own are welcome.

    What it is given of the arguments and results of the call it keeps as their places in the graph, wherever you put
    it: so second derivatives reach them, and nothing is held that the graph does not hold.
    """

    __slots__ = (
        "__dict__",
        "_fixed",
        "_forward",
        "_moving",
        "_saved",
        "bundle",
        "layout",
        "materialize",
        "needs_input_grad",
    )

    def __init__(self, needs_input_grad: tuple[bool, ...], layout: Layout) -> None:
        self.needs_input_grad = needs_input_grad
        self.layout = layout
        self.bundle: Bundle | None = None  # of several results
        self.materialize = True
        self._saved: tuple[Any, ...] = ()
        self._forward: tuple[Any, ...] | None = None
        self._fixed: tuple[Any, ...] = ()
        self._moving: list[str] = []  # attributes that hold arguments or results

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` was given; in a jvp, what `save_for_forward` was."""
        return self._saved

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep arguments, results, and whatever else backward needs, for `ctx.saved_tensors`."""
        self._saved = tensors

    def save_for_forward(self, *tensors: Any) -> None:
        """The same for a jvp that needs something else than backward."""
        self._forward = tensors

    def mark_non_differentiable(self, *results: Any) -> None:
        """Results that are constants: indices, masks, counts."""
        self._fixed = results

    def mark_dirty(self, *args: Any) -> None:
        """PyTorch's way to say that forward writes into its arguments. Errors: MutationError, always."""
        raise MutationError(f"arguments are not written into: return a new array instead.{place()}")

    def set_materialize_grads(self, value: bool) -> None:
        """With False, backward gets None, and not zeros, for results that nothing flows into."""
        self.materialize = value

    def parts(self, whole: Any) -> list[Any]:
        """The results, given what the node of the call holds."""
        return [whole] if self.bundle is None else self.bundle.split(whole)

    def cotangents(self, g: Any, y: Any) -> list[Any]:
        """The cotangent of each result; zeros (or None) for those that nothing flows into."""
        if self.bundle is None:
            return [g]
        found = self.bundle.split(g)
        for i, part in enumerate(self.bundle.split(y)):
            idle = not isinstance(g, Node) and np.any(g) and not np.any(found[i])
            if idle or i in self.bundle.others:
                found[i] = zero(plain(part)) if self.materialize else None
        return found

    def settle(self, inputs: Sequence[Any], made: Sequence[Any]) -> set[int]:
        """Put places for the arguments and results that it was given; which of the results are fixed."""
        fixed = {i for i, y in enumerate(made) if any(y is z for z in self._fixed)}
        places: dict[int, int] = {id(y): _Made(i) for i, y in enumerate(made) if isinstance(y, Node | ndarray | float)}
        places |= {id(x): _Given(i) for i, x in enumerate(inputs) if isinstance(x, Node)}

        def placed(x: Any) -> Any:
            return places.get(id(x), x)

        self._saved = tuple(map(placed, self._saved))
        self._forward = self._forward and tuple(map(placed, self._forward))
        for key, value in self.__dict__.items():
            if any(id(x) in places for x in tree.leaves(value)):
                self.__dict__[key] = tree.transform(placed, value)
                self._moving.append(key)
        self._fixed = ()
        return fixed

    def bound(self, args: Sequence[Any], ys: Sequence[Any], forward: bool = False) -> Context:
        """The same with these arguments and results in their places."""

        def found(x: Any) -> Any:
            return args[x] if type(x) is _Given else ys[x] if type(x) is _Made else x

        bound = Context(self.needs_input_grad, self.layout)
        bound._saved = tuple(map(found, self._forward if forward and self._forward is not None else self._saved))
        bound.__dict__.update(self.__dict__)
        for key in self._moving:
            bound.__dict__[key] = tree.transform(found, self.__dict__[key])
        return bound

    def refuse_intermediates(self, rule: Rule) -> None:
        """Errors: GradientError when it holds a Tensor that a second derivative would take for a constant."""
        for key, value in (("save_for_backward", self._saved), *self.__dict__.items()):
            for x in tree.leaves(value):
                if isinstance(x, Node) and is_float(x.data):
                    raise GradientError(
                        f"{rule.name} cannot be differentiated: what forward left in ctx.{key}, {describe(x)}, is "
                        "neither an argument nor a result, so a second derivative would take it for a constant."
                        f"{rule.at}\n  Return it as one more result, or compute it again in backward. If it is a "
                        "constant, leave its array there, x.numpy()."
                    )


class _Given(int):
    """The place of an argument."""


class _Made(int):
    """The place of a result."""


def as_constant(x: Any) -> Any:
    """A plain number or array as a node that cannot be written into; a node, and anything else, as it is."""
    return as_node(frozen(x))
