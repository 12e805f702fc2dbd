"""The busiest code, first part: recording the commonest operations of Values and Tensors.

It is written for speed and is not pretty. What it does is said by `value.record` and `tensor.record`, which take over
in every case that is not plain: other kinds of operands, modes, nothing to differentiate, shapes that differ.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from operator import mul
from typing import Any

from numpy import asarray, ndarray

from autograd.modes import exceptional
from autograd.primitive import Primitive, ieee

NOT_YET = float("0")  # a Value's gradient before any sweep: 0.0, as in micrograd, but told apart from a computed 0.0

new = object.__new__  # and partial(new, kind)() makes a node in two thirds of the time of new(kind)
Record = Callable[..., Any]

# An operator written out costs half of a call of the function for it, so the recorders of two operands are made from
# text, with the operator in its place.
_BINARY_VALUES = """
def binary(a, b):
    if type(b) is not kind:
        if type(b) is not float and type(b) is not int:
            return primitive(a, b)
        b = constant(b)
    if exceptional or (a.primitive is None and b.primitive is None):
        return primitive(a, b)
    try:
        data = a.data {sign} b.data
    except (ArithmeticError, ValueError):
        data = ieee(primitive, (a.data, b.data), {{}})
    node = make()
    node.data = data
    node.grad = NOT_YET
    node.primitive = primitive
    node._left = a
    node._right = b
    return node
"""
_BINARY_TENSORS = """
def binary(a, b):
    if type(b) is not kind or exceptional:
        return primitive(a, b)
    x = a.data
    w = b.data
    if x.shape != w.shape or x.dtype is not w.dtype or (a.primitive is None and b.primitive is None):
        return primitive(a, b)
    data = x {sign} w
    node = make()
    node.data = data if type(data) is ndarray else asarray(data)
    node.grad = None
    node.primitive = primitive
    node.parents = (a, b)
    return node
"""


_NAMES = {
    "NOT_YET": NOT_YET,
    "asarray": asarray,
    "exceptional": exceptional,
    "ieee": ieee,
    "ndarray": ndarray,
}


def _written(text: str, primitive: Primitive, **names: Any) -> Record:
    scope = {**_NAMES, **names, "primitive": primitive}
    exec(compile(text.format(sign=primitive.notation), __file__, "exec"), scope)
    made: Record = scope["binary"]
    return made


def value_unary(primitive: Primitive, kind: Any) -> Record:
    """A function that records an elementwise primitive of one Value."""
    on_number: Any = primitive.on_number
    make = partial(new, kind)

    def unary(x: Any) -> Any:
        if exceptional or x.primitive is None:
            return primitive(x)
        try:
            data = on_number(x.data)
        except (ArithmeticError, ValueError):
            data = ieee(primitive, (x.data,), {})
        node: Any = make()
        node.data = data
        node.grad = NOT_YET
        node.primitive = primitive
        node._left = x
        node._right = None
        return node

    unary.__doc__ = primitive.__doc__
    return unary


def value_binary(primitive: Primitive, kind: Any, constant: Record) -> tuple[Record, Record]:
    """Functions that record an operator on a Value and what stands right of it, and on what stands left of it."""
    binary = _written(_BINARY_VALUES, primitive, kind=kind, make=partial(new, kind), constant=constant)

    def reflected(b: Any, a: Any) -> Any:
        if type(a) is float or type(a) is int:
            return binary(constant(a), b)
        return primitive(a, b)

    return binary, reflected


def tensor_binary(primitive: Primitive, kind: Any) -> Record:
    """A function that records an operator on two Tensors of one shape and dtype."""
    return _written(_BINARY_TENSORS, primitive, kind=kind, make=partial(new, kind))


def tensor_total(primitive: Primitive, kind: Any, method: Record) -> Record:
    """A method that records the sum (or mean) of all elements, and passes on everything else to `method`."""
    total: Any = primitive.on_array
    make = partial(new, kind)

    @wraps(method)
    def reduction(self: Any, axis: Any = None, keepdims: bool = False) -> Any:
        if axis is not None or keepdims or exceptional or self.primitive is None:
            return method(self, axis, keepdims)
        node: Any = make()
        node.data = asarray(total(self.data))
        node.grad = None
        node.primitive = primitive
        node.parents = (self,)
        return node

    return reduction


def value_dot(primitive: Primitive, kind: Any) -> Record:
    """A function that records w₁x₁ + ... + wₙxₙ (+ b), given the w, then the x, then b; None if they are not plain."""
    make = partial(new, kind)

    def dot(operands: tuple[Any, ...]) -> Any:
        n = len(operands) // 2
        if exceptional or not n or not type(operands[0]) is type(operands[n]) is kind or operands[0].primitive is None:
            return None
        try:
            numbers = [x.data for x in operands]  # in half the time of map(attrgetter("data"), operands)
            data = sum(map(mul, numbers[:n], numbers[n:]), numbers[-1] if len(numbers) % 2 else 0.0)
        except (AttributeError, TypeError):  # a plain number, or an array
            return None
        if type(data) is not float:  # there is a Tensor among them
            return None
        node: Any = make()
        node.data = data
        node.grad = NOT_YET
        node.primitive = primitive
        node._left = operands
        node._right = None
        return node

    return dot
