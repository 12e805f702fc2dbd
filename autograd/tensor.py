"""Tensor: an array that remembers. NumPy's methods and attributes, NumPy's promotion, NumPy's speed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy import asarray, ndarray

from autograd.array_operand import plain_index
from autograd.backward import backward
from autograd.dialect import Dialect
from autograd.errors import ConversionError, OperandError, describe, place
from autograd.fast_record import new, tensor_binary, tensor_total
from autograd.fast_sweep import sweep_arrays
from autograd.hook import hooked
from autograd.modes import exceptional, leaving, recording
from autograd.node import Node
from autograd.origin import observe
from autograd.primitive import _ADOPTERS, KINDS, LEAF, READINGS, SCALAR, TENSOR, Primitive, on_arrays
from autograd.rules import arithmetic, indexing, reduction, shaping
from autograd.sequence import flatten, holds_nodes
from autograd.sweep import witnesses
from autograd.value import Value
from autograd.value import constant as value_constant


class Tensor(Dialect, Node):
    """An array that remembers how it was computed.

    `data` is a NumPy array, a copy of what it was made from; `grad` is None until `backward()` leaves an array of the
    same shape. Floats require grad unless told otherwise; integers and booleans never do. Arrays and numbers that meet
    a Tensor are constants. Nested sequences may hold Values, and the Tensor differentiates into them.

    >>> w = Tensor([1.0, 2.0, 3.0])
    >>> y = (w * w).sum()
    >>> y.backward()
    >>> w.grad
    array([2., 4., 6.])
    """

    __slots__ = ("__weakref__", "parents")
    __array_priority__ = 100

    data: ndarray
    grad: Any

    def __init__(self, data: Any, dtype: Any = None, *, requires_grad: bool | None = None, label: str = "") -> None:
        if isinstance(data, list | tuple):
            data = _adopt_sequence(data)
        self.grad, self.parents = None, ()
        if isinstance(data, Node):
            source = data if isinstance(data, Tensor) else _of_values([data], ())
            data = source.data
            if source.parents:  # made of Values or Tensors just now: stay connected to them
                self.primitive, self.parents, self.params = source.primitive, source.parents, source.params
                self.origin, self.witness = source.origin, source.witness
        self.data = _real(np.array(data, dtype=dtype))
        if not self.parents:
            floating = self.data.dtype.kind == "f"
            if requires_grad and not floating:
                raise OperandError(
                    f"a Tensor of {self.data.dtype} cannot require grad: derivatives need floats.{place()}\n"
                    f"  Write the numbers with a point (2.0), or give dtype=float."
                )
            self.primitive = LEAF if floating and requires_grad is not False else None
        if label:
            self.label = label

    def backward(self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False) -> None:
        """Compute the derivative of this Tensor by everything it was made from.

        The `grad` of leaves is added to; the `grad` of results in between is set afresh. `gradient` is the cotangent
        to start with, of this Tensor's shape; a single number starts with 1. With `create_graph` the gradients are
        Tensors that can be differentiated again.

        A graph of up to a mebibyte stays, to be drawn or swept again. A larger one is let go as the sweep passes it,
        interior gradients included, as in PyTorch; `retain_graph=True` keeps it, `retain_graph=False` lets any go.

        Errors: GradientError when nothing requires grad, when this is not a single number and no gradient is given,
        or when the graph has been let go. Cost: two to three times the forward pass.
        """
        if gradient is not None or create_graph or hooked or witnesses or self.data.ndim or self.primitive is None:
            backward(self, gradient, retain_graph, create_graph)
        else:
            sweep_arrays(self, _ONE[self.data.dtype], retain_graph)

    # To plain numbers and arrays

    def numpy(self) -> ndarray:
        """The array itself (not a copy), cut off from the graph on purpose."""
        return leaving(self).data  # type: ignore[no-any-return]

    def item(self) -> Any:
        """The plain number, of a Tensor that has one element."""
        return leaving(self).data.item()

    def tolist(self) -> Any:
        """Nested lists of plain numbers."""
        return leaving(self).data.tolist()

    def detach(self) -> Tensor:
        """A constant that shares this Tensor's array."""
        return constant(self.data)

    def to_values(self) -> Any:
        """Nested lists of Values, one for each element, that differentiate into this Tensor."""

        def build(prefix: tuple[int, ...]) -> Any:
            if len(prefix) == self.ndim:
                return element(self, index=prefix)
            return [build((*prefix, i)) for i in range(self.shape[len(prefix)])]

        return build(())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> ndarray:
        if self.primitive is not None and recording() and np.dtype(dtype).kind not in "iub":
            raise ConversionError(
                f"{describe(self)} is under differentiation; as a bare array its gradient would be lost.{place()}\n"
                "  Use autograd's functions, or NumPy's that have a rule. To cut it off on purpose, write t.numpy() "
                "or t.detach()."
            )
        return np.array(self.data, dtype=dtype, copy=copy)

    def __float__(self) -> float:
        return float(leaving(self).data)

    def __int__(self) -> int:
        return int(self.data)

    def __index__(self) -> int:
        return self.data.__index__()

    def __bool__(self) -> bool:
        return bool(self.data)

    def __repr__(self) -> str:
        inside = np.array2string(self.data, separator=", ", prefix="Tensor(")
        dtype = "" if self.data.dtype == np.float64 else f", dtype={self.data.dtype}"
        made = f", op={self.primitive.word}" if self.parents and self.primitive else ""
        return f"Tensor({inside}{dtype}{made}{'' if self.requires_grad else ', requires_grad=False'})"

    def __format__(self, spec: str) -> str:
        return format(self.data.item(), spec) if spec and self.size == 1 else repr(self)

    # A sequence of its rows

    def __len__(self) -> int:
        if not self.data.ndim:
            raise TypeError(f"len of {describe(self)}, which has no axes.")
        return len(self.data)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __contains__(self, x: Any) -> bool:
        return bool((self == x).any())

    def __getitem__(self, index: Any) -> Tensor:
        return indexing.getitem(self, index=plain_index(index))  # type: ignore[no-any-return]

    def __setitem__(self, index: Any, value: Any) -> None:
        raise OperandError(
            f"{describe(self)} cannot be written into: its graph needs the old elements.{place()}\n"
            "  Make a new one with t = t.at[i].set(v) (or .add(v)), or write into a copy, t.clone()."
        )

    # NumPy's functions given Tensors

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        from autograd.protocol import apply_ufunc  # the floor above, met only when NumPy is called

        return apply_ufunc(ufunc, method, inputs, settings)

    def __array_function__(self, function: Any, types: Any, args: Any, settings: Any) -> Any:
        from autograd.protocol import apply_function

        return apply_function(function, args, settings)

    # What the sweeps ask of a node

    @staticmethod
    def wrap(x: Any) -> Tensor:
        """A plain array as a constant."""
        return constant(x)

    def receive(self, g: Any) -> None:
        """Add an adjoint that has arrived at this leaf: in place, so that views of a common buffer stay."""
        if isinstance(g, Node) or isinstance(self.grad, Node):
            self.grad = g if self.grad is None else self.grad + g
        elif self.grad is None:
            self.grad = asarray(g)
        else:
            self.grad += g

    def seed(self, gradient: Any) -> Any:
        """A cotangent to start with, as the rules want it."""
        if isinstance(gradient, Node):
            gradient = as_tensor(gradient)
            return gradient if gradient.shape == self.shape else shaping.broadcast(gradient, shape=self.shape)
        if type(gradient) is ndarray and gradient.dtype == self.data.dtype and gradient.shape == self.data.shape:
            return gradient
        found = ndarray(self.data.shape, self.data.dtype)
        found[...] = gradient
        return found


_ONE = {np.dtype(name): np.ones((), name) for name in ("float16", "float32", "float64")}  # to start sweeps with
for _array in _ONE.values():
    _array.flags.writeable = False


def constant(x: Any) -> Tensor:
    """An array as a node that no derivative flows into; it shares the array."""
    node = new(Tensor)
    node.data = x if type(x) is ndarray else asarray(x)
    node.grad = None
    node.primitive = None
    node.parents = ()
    return node


def record(primitive: Primitive, args: Sequence[Any], params: dict[str, Any]) -> Any:
    """Compute a primitive on Tensors, Values, arrays and numbers, and remember it.

    Operands that are differentiated are first brought to one shape and dtype, by nodes of their own: so rules see
    equal shapes, and the reader sees it happen. Of constants NumPy takes care.
    """
    if len(args) == 1 and not exceptional:
        (x,) = args
        if x.primitive is not None:
            try:
                data = primitive.on_array(x.data, **params)
            except (ValueError, IndexError, TypeError):
                data = on_arrays(primitive, [x.data], params, args)
            node = new(Tensor)
            node.data = data if type(data) is ndarray else asarray(data)
            node.grad = None
            if not primitive.smooth:
                return data
            if node.data.dtype.kind == "f":
                node.primitive = primitive
                node.parents = args  # type: ignore[assignment]  # it is the tuple of the call
                if params:
                    node.params = params
            else:
                node.primitive = None
                node.parents = ()
            return node
    plain = [x.data if isinstance(x, Node) else x for x in args]
    try:
        data = primitive.on_array(*plain, **params)
    except (ValueError, IndexError, TypeError):
        return on_arrays(primitive, plain, params, args)  # the same error, in words; or a batch among the parameters
    if not primitive.smooth:
        return data
    node = constant(data)
    shape, dtype = node.data.shape, node.data.dtype
    if dtype.kind != "f":
        for x in plain:
            _real(asarray(x))
        return node
    if not recording():
        return node
    parents, needed = [], False
    for x in args:
        if not isinstance(x, Tensor):
            x = _lift(x)
        if x.primitive is not None:
            needed = True
            if x.data.dtype is not dtype and x.data.dtype != dtype and len(args) > 1:
                x = shaping.cast(x, dtype=dtype)
            if primitive.broadcasts and x.data.shape != shape:
                x = shaping.broadcast(x, shape=shape)
        elif primitive.partials and type(x.data) is ndarray and x.data.dtype.kind in "iu":
            x = constant(x.data.astype(dtype))  # so that slopes have the precision of the result
        parents.append(x)
    if not needed:
        return node
    node.primitive = primitive
    node.parents = tuple(parents)
    if params:
        node.params = params
    if exceptional:
        observe(node)
    return node


def _lift(x: Any) -> Node:
    """An operand that is no Tensor as a node: a number stays a Python number, so that float32 stays float32."""
    if isinstance(x, Value):
        return x if x.primitive is None else _of_values([x], ())
    if isinstance(x, int | float):
        node = value_constant(0.0)
        node.data = x
        return node
    return constant(x)


def _real(x: ndarray) -> ndarray:
    if x.dtype.kind in "fiub":
        return x
    if x.dtype.kind == "c":
        raise OperandError(f"complex numbers are not supported: got an array of {x.dtype}.{place()}")
    raise OperandError(f"a Tensor needs numbers, and got an array of {x.dtype}: {describe(x.tolist())}.{place()}")


# Where Values and Tensors meet: two primitives, each the transpose of the other


def _of_values(values: Sequence[Any], shape: tuple[int, ...]) -> Tensor:
    """A Tensor whose elements are these Values and numbers."""
    return collect(*values, shape=shape)  # type: ignore[no-any-return]


def _collect(primitive: Primitive, args: Sequence[Any], params: dict[str, Any]) -> Tensor:
    parents = tuple(x if isinstance(x, Value) else value_constant(x) for x in args)
    node = constant(np.array([x.data for x in parents], dtype=float).reshape(params["shape"]))
    if recording() and any(x.primitive is not None for x in parents):
        node.primitive, node.parents, node.params = primitive, parents, params
    return node


def _element(primitive: Primitive, args: Sequence[Any], params: dict[str, Any]) -> Value:
    (x,) = args
    node = value_constant(float(x.data[params["index"]]))
    if recording() and x.primitive is not None:
        node.primitive, node.parents, node.params = primitive, (x,), params
    return node


def _cells(g: Any, shape: tuple[int, ...]) -> list[Any]:
    if isinstance(g, Tensor):
        return [element(g, index=index) for index in np.ndindex(shape)]
    return asarray(g).ravel().tolist()


class _Crossing(Primitive):
    """A primitive between Values and Tensors: it decides itself which kind it makes."""

    make: Any

    def __call__(self, *args: Any, **params: Any) -> Any:
        if not any(isinstance(x, Node) for x in args):
            return self.on_array(*args, **params)
        node = self.make(self, args, params)
        if exceptional and node.parents:
            observe(node)
        return node


collect = _Crossing(
    "collect", None, lambda *xs, shape: np.array(xs, dtype=float).reshape(shape), domain=(), doc="Values as one Tensor."
)
collect.make = _collect
collect.vjps = lambda g, y, *xs, wanted, shape: _cells(g, shape)
collect.jvps = lambda ts, y, *xs, shape: collect(*(0.0 if t is None else t for t in ts), shape=shape)

element = _Crossing("element", None, lambda x, index: float(x[index]), domain=(), doc="One element as a Value.")
element.make = _element
element.crosses = True
element.vjps = (
    lambda g, y, x, index: (
        shaping.cast(indexing.index_add(np.zeros(x.shape, x.dtype), as_tensor(g), index=index), dtype=x.dtype)
        if isinstance(g, Node)
        else indexing.scatter(np.float64(g), x, index)
    ),
)
element.jvps = (lambda t, y, x, index: element(t, index=index),)


def as_tensor(x: Any) -> Tensor:
    """A Value as a Tensor without axes that differentiates into it, a number or an array as a constant."""
    if isinstance(x, Value):
        return _of_values([x], ())
    return x if isinstance(x, Tensor) else constant(asarray(x))


def _adopt_sequence(x: Any) -> Any:
    """A nested sequence with Values or Tensors inside as a Tensor; one of plain numbers as it is."""
    if not holds_nodes(x):
        return x
    parts, shape = flatten(x)
    if all(isinstance(part, Value | float | int | np.number) for part in parts):
        return _of_values(parts, shape)
    tensors = list(map(as_tensor, parts))
    if len({t.shape for t in tensors}) > 1:  # rows written in different ways, as in [t, [1.0, 2.0]]
        return shaping.stack([as_tensor(_adopt_sequence(row)) for row in x])
    return shaping.reshape(shaping.stack(tensors), shape)


KINDS[Tensor] = TENSOR
READINGS[TENSOR] = READINGS[TENSOR | SCALAR] = record
_ADOPTERS.append(_adopt_sequence)

for _name, _primitive in {"add": arithmetic.add, "sub": arithmetic.subtract, "mul": arithmetic.multiply}.items():
    setattr(Tensor, f"__{_name}__", tensor_binary(_primitive, Tensor))
for _name, _primitive in {"sum": reduction.sum_all, "mean": reduction.mean_all}.items():
    setattr(Tensor, _name, tensor_total(_primitive, Tensor, getattr(Dialect, _name)))
