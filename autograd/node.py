"""Node: one number or array that remembers where it came from. It is data, and it knows no arithmetic.

A node holds its value, its gradient, the primitive that made it, the ordered nodes it was made from, and the static
parameters of that call. There is no closure and no reference back from a parent to its child, so a graph is freed
the moment nobody holds its output, without waiting for the garbage collector.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any, Self

from autograd.errors import GradientError, OperandError, describe, place
from autograd.hook import Hook, Hooks, RemovableHandle, hooked, hooks_of
from autograd.primitive import LEAF, Primitive


class _Nothing(dict[str, Any]):
    """No parameters, of most nodes. A mappingproxy, which guards as well, takes ten times as long in f(**params)."""

    def __setitem__(self, key: str, value: Any) -> None:
        raise TypeError("the static parameters of a node cannot be changed")


_NOTHING: Mapping[str, Any] = _Nothing()
_numbers = count(1)


class Node:
    """What `Value` and `Tensor` have in common.

    | attribute | what it is |
    |---|---|
    | `data` | the value: a Python float for `Value`, a NumPy array for `Tensor` |
    | `grad` | what `backward()` left here |
    | `primitive` | what made it: a `Primitive`, `LEAF` for what the user made, `None` for a constant |
    | `parents` | the nodes it was made from, in order and with repetition: `a * a` has two |
    | `params` | static parameters of the call that made it, such as `axis` |
    | `label` | the user's name for it |

    Attributes of your own are welcome (`p.momentum = 0.0`).
    """

    # The attributes with a default below live in __dict__ once they differ from it: most nodes have none.
    # How parents are kept is up to each kind of node: of Values there are so many that it matters.
    __slots__ = ("__dict__", "data", "grad", "primitive")

    data: Any
    grad: Any
    primitive: Primitive | None
    parents: tuple[Node, ...]
    params: Mapping[str, Any] = _NOTHING
    label: str = ""
    no_gradient: Any = None  # what `grad` is before any sweep
    origin: Any = None  # under annotate: where in the user's program it was recorded
    witness: Any = None  # under detect_anomaly: what the operands were
    hooks: Hooks | None = None  # what sweeps are to call when they pass
    _id: int | None = None
    _left: Any = None  # where a Value keeps its first parent

    __hash__ = object.__hash__  # nodes are compared by value and kept in sets by identity, as in PyTorch

    @property
    def requires_grad(self) -> bool:
        """Whether derivatives flow into this node. Settable on what you made yourself, not on results."""
        return self.primitive is not None

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if self.parents:
            raise GradientError(
                f"{describe(self)} is the result of {self.operation}: whether it requires grad follows from its "
                f"operands.{place()}\n  Cut it off with detach()."
            )
        dtype = getattr(self.data, "dtype", None)
        if wanted and dtype is not None and dtype.kind != "f":
            raise OperandError(f"{describe(self)} cannot require grad: derivatives need floats.{place()}")
        self.primitive = LEAF if wanted else None

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Require grad, or no longer."""
        self.requires_grad = requires_grad
        return self

    @property
    def birthmark(self) -> Any:
        """An object by which to tell this node, also where another one has taken its place: its tuple of parents."""
        return self.parents

    @property
    def is_leaf(self) -> bool:
        """Whether this node was made by the user (or is a constant), not by an operation."""
        return not self.parents

    @property
    def id(self) -> int:
        """A number for this node, given when first asked for and kept from then on."""
        if self._id is None:
            self._id = next(_numbers)
        return self._id

    @property
    def name(self) -> str:
        """The label, or `v12` when there is none."""
        return self.label or f"v{self.id}"

    @property
    def operation(self) -> str:
        """How the operation that made this node is written in a graph: `+`, `**2`, `tanh`; nothing for a leaf."""
        if self.primitive is None or not self.parents:
            return ""
        sign = self.primitive.notation.format(*[""] * len(self.parents), **self.params)
        return sign or self.primitive.name

    def __reduce__(self) -> tuple[Any, ...]:
        """Leaves can be copied and pickled, with their label and your attributes; a result is a place in a graph."""
        if self.parents:
            raise GradientError(
                f"{describe(self)} is the result of {self.operation}: part of a graph, which is not copied.{place()}\n"
                "  Copy its value: y.detach(), or y.data."
            )
        extras = {key: value for key, value in self.__dict__.items() if key not in ("_id", "hooks")}
        return _rebuild, (type(self), self.data, self.grad, self.requires_grad, extras)

    def register_hook(self, hook: Hook) -> RemovableHandle:
        """Have `hook(gradient)` called whenever a sweep has found the whole gradient of this node.

        The gradient is an array, of a Value a float, and under `create_graph` a node. What the hook returns, unless it
        is None, goes on in its place, to `grad` and to everything this was made from. The gradient itself must not be
        written into. The handle that comes back has `remove()`.

        Errors: GradientError for what does not require grad. Cost: `backward()` of a graph with hooks takes the plain
        way instead of the fast one, twice as long for small arrays and ten times for Values.

        >>> from autograd import Tensor
        >>> x = Tensor([1.0, 2.0])
        >>> handle = x.register_hook(lambda g: g.clip(-1, 1))
        >>> (x * [0.5, 3.0]).sum().backward(); x.grad
        array([0.5, 1. ])
        """
        hooks = hooks_of(self)
        return hooks.add(hooks.before, hook)

    def register_post_accumulate_grad_hook(self, hook: Hook) -> RemovableHandle:
        """Have `hook(node)` called whenever `backward()` has added to the `grad` of this leaf."""
        if self.parents:
            raise GradientError(
                f"{describe(self)} is the result of {self.operation}: only leaves accumulate gradients.{place()}"
            )
        hooks = hooks_of(self)
        return hooks.add(hooks.after, hook)

    def retain_grad(self) -> None:
        """Keep the `grad` of this result when the graph is let go. Small graphs, and those of Values, stay anyway."""
        hooks = hooks_of(self)
        if not hooks.retain:
            hooks.retain = True
            hooked.append(None)

    @staticmethod
    def wrap(x: Any) -> Any:
        """A plain number or array as a constant of this kind."""
        raise NotImplementedError

    def seed(self, gradient: Any) -> Any:
        """A cotangent to start a sweep from this node with, as the rules want it."""
        raise NotImplementedError

    def receive(self, g: Any) -> None:
        """Add an adjoint that has arrived at this leaf to its `grad`."""
        raise NotImplementedError


def _rebuild(kind: type[Node], data: Any, grad: Any, requires_grad: bool, extras: dict[str, Any]) -> Node:
    node = kind(data, requires_grad=requires_grad)  # type: ignore[call-arg]
    if grad is not None and (node.grad is None or grad != node.grad):  # a Value's 0.0 stays "not computed"
        node.grad = grad
    node.__dict__.update(extras)
    return node
