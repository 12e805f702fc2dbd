"""Value: a float that remembers. What micrograd's Value does, to any order and several times faster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.backward import backward
from autograd.errors import OperandError, describe, place
from autograd.fast_record import NOT_YET, new, value_binary, value_dot, value_unary
from autograd.fast_sweep import contributions
from autograd.fast_value_sweep import sweep_values
from autograd.hook import hooked
from autograd.modes import exceptional, leaving, recording
from autograd.node import Node
from autograd.operand import Operand
from autograd.origin import observe
from autograd.primitive import KINDS, LEAF, READINGS, SCALAR, TENSOR, VALUE, Primitive, on_numbers
from autograd.rules import arithmetic, contraction, exponential, piecewise, trigonometric
from autograd.sweep import numbers, witnesses


class Value(Operand, Node):
    """A number that remembers how it was computed.

    `data` is its value, `grad` what `backward()` found, 0.0 before. Plain numbers that meet it are constants.
    Functions that Python raises an error for, such as log(0), give what IEEE 754 says, as in NumPy: -inf.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> y = (a * b + 10) ** 2
    >>> y.backward()
    >>> y.data, a.grad, b.grad
    (16.0, -24.0, 16.0)
    """

    # Two slots for two parents: a tuple for them would be a second object for each node, and the garbage collector
    # would spend on it as much as on the node. Of more than two, and of a sum of products, _left is the tuple.
    __slots__ = ("_left", "_right")

    data: float
    grad: Any
    _left: Any
    _right: Any
    no_gradient = NOT_YET
    shape: tuple[int, ...] = ()  # as of an array without axes, for programs that ask
    ndim = 0
    size = 1
    dtype = np.dtype(float)

    def __init__(self, data: Any, *, label: str = "", requires_grad: bool = True) -> None:
        self.data = data if type(data) is float else _number(data)
        self.grad = NOT_YET
        self.primitive = LEAF if requires_grad else None
        self._left = self._right = None
        if label:
            self.label = label

    @property
    def parents(self) -> tuple[Node, ...]:
        """The nodes that this was made from, in order and with repetition."""
        left, right = self._left, self._right
        if right is not None:
            return left, right
        if left is None:
            return ()
        return left if type(left) is tuple else (left,)

    @parents.setter
    def parents(self, parents: tuple[Node, ...]) -> None:
        self._left, self._right = (parents, None) if len(parents) > 2 else (*parents, None, None)[:2]

    @property
    def birthmark(self) -> Value:
        """Itself: no other takes the place of a Value."""
        return self

    def backward(self, gradient: Any = None, *, retain_graph: bool | None = None, create_graph: bool = False) -> None:
        """Compute the derivative of this Value by everything it was made from.

        The `grad` of leaves is added to; the `grad` of results in between is set afresh, so that calling it twice
        doubles the leaves only. `gradient` is the cotangent to start with, 1 by default. With `create_graph` the
        gradients are Values that can be differentiated again. Unless `retain_graph=False`, a graph of Values stays.

        An error in a rule of your own, or Ctrl-C, half way leaves some gradients added and others not: clear them.

        Errors: GradientError when nothing requires grad. Cost: about the time of the forward pass.
        """
        if not (create_graph or retain_graph is False or self.primitive is None or witnesses or hooked):
            sweep_values(self, 1.0 if gradient is None else float(gradient))
        else:
            backward(self, gradient, retain_graph is not False, create_graph)

    def item(self) -> float:
        """The plain float."""
        return leaving(self).data  # type: ignore[no-any-return]

    def detach(self) -> Value:
        """A constant of the same value."""
        return constant(self.data)

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __float__(self) -> float:
        return float(leaving(self).data)

    def __int__(self) -> int:
        return int(self.data)

    def __bool__(self) -> bool:
        return bool(self.data)

    def __round__(self, ndigits: int | None = None) -> float:
        return round(self.data, ndigits)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        from autograd.protocol import apply_ufunc  # the floor above, met only when a Value meets NumPy

        return apply_ufunc(ufunc, method, inputs, settings)

    def __array_function__(self, function: Any, types: Any, args: Any, settings: Any) -> Any:
        from autograd.protocol import apply_function

        return apply_function(function, args, settings)

    # micrograd's names, for stepping by hand and for the lectures' drawing code

    def _backward(self) -> None:
        """Add this node's contributions to the `grad` of its parents, and go no further."""
        if self.parents:
            for parent, c in zip(self.parents, contributions(self, self.grad), strict=True):
                if c is not None and parent.primitive is not None:
                    parent.grad += c

    @property
    def _prev(self) -> set[Node]:
        return set(self.parents)

    @property
    def _op(self) -> str:
        return self.operation

    # What the sweeps ask of a node

    @staticmethod
    def wrap(x: Any) -> Value:
        """A plain number as a constant."""
        return constant(x)

    def receive(self, g: Any) -> None:
        """Add an adjoint that has arrived at this leaf."""
        self.grad = g if self.grad is NOT_YET else self.grad + g

    def seed(self, gradient: Any) -> Any:
        """A cotangent to start with, as the rules want it."""
        return gradient if isinstance(gradient, Value) else float(gradient)


def _number(x: Any) -> float:
    if isinstance(x, Value):
        return x.data
    try:
        if isinstance(x, str | bytes) or np.size(x) != 1:
            raise TypeError
        return float(x.item() if hasattr(x, "item") else x)
    except (TypeError, ValueError):
        raise OperandError(
            f"Value needs one real number, and got {describe(x)}.{place()}\n  For arrays use Tensor."
        ) from None


def constant(x: Any) -> Value:
    """A plain number as a node that no derivative flows into."""
    node = new(Value)
    node.data = x if type(x) is float else float(x)
    node.grad = NOT_YET
    node.primitive = None
    node._left = node._right = None
    return node


def record(primitive: Primitive, args: Sequence[Any], params: dict[str, Any]) -> Any:
    """Compute a primitive on Values and plain numbers, and remember it. The fast recorders do the same."""
    if primitive.on_number is None:
        from autograd.tensor import as_tensor  # the floor above, met only when arrays are needed

        return READINGS[TENSOR](primitive, tuple(map(as_tensor, args)), params)
    parents = tuple(args) if set(map(type, args)) == _ONLY else tuple(map(_lift, args))
    data = on_numbers(primitive, list(map(numbers, parents)), params)
    if not primitive.smooth:
        return data
    node = constant(data)
    if recording() and any(x.primitive is not None for x in parents):
        node.primitive = primitive
        node.parents = parents
        if params:
            node.params = params
        if exceptional:
            observe(node)
    return node


def _lift(x: Any) -> Value:
    return x if isinstance(x, Value) else constant(x)


_ONLY = {Value}

KINDS[Value] = VALUE
READINGS[VALUE] = READINGS[VALUE | SCALAR] = record

for _name, _primitive in {
    "add": arithmetic.add,
    "sub": arithmetic.subtract,
    "mul": arithmetic.multiply,
    "truediv": arithmetic.divide,
}.items():
    _binary, _reflected = value_binary(_primitive, Value, constant)
    setattr(Value, f"__{_name}__", _binary)
    setattr(Value, f"__r{_name}__", _reflected)

for _name, _primitive in {
    "__neg__": arithmetic.negative,
    "relu": piecewise.relu,
    "exp": exponential.exp,
    "log": exponential.log,
    "sigmoid": exponential.sigmoid,
    "sqrt": exponential.sqrt,
    "sin": trigonometric.sin,
    "cos": trigonometric.cos,
    "tanh": trigonometric.tanh,
}.items():
    setattr(Value, _name, value_unary(_primitive, Value))

contraction.scalar_dot.of_values = value_dot(contraction.scalar_dot, Value)
