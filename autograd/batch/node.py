"""BatchTensor: a node whose numbers are batches. With it a function is differentiated for all examples at once.

Inside `vmap`, grad replaces its arguments by these. The rules that a sweep then reads compute with batches, as they
compute with arrays otherwise: so what arrives is a gradient for each example, of shared arguments, too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd.batch.level import Level
from autograd.batch.number import Batch
from autograd.errors import OperandError
from autograd.fast_record import new
from autograd.modes import leaving, recording
from autograd.node import Node
from autograd.operand import Operand
from autograd.origin import observe
from autograd.primitive import BATCH, KINDS, LEAF, Primitive
from autograd.rules.arithmetic import positive
from autograd.rules.shaping import broadcast, cast
from autograd.tensor import Tensor
from autograd.tensor import constant as tensor_constant
from autograd.value import Value
from autograd.value import constant as value_constant


class BatchTensor(Tensor):
    """A Tensor of which `data` is a `Batch`."""

    __slots__ = ()

    data: Any

    # The fast ways of Tensor know nothing of batches.
    __add__, __sub__, __mul__ = Operand.__add__, Operand.__sub__, Operand.__mul__
    sum, mean = Tensor.__mro__[1].sum, Tensor.__mro__[1].mean  # type: ignore[attr-defined]

    def __init__(self, data: Any) -> None:
        raise OperandError("a BatchTensor is made by grad inside vmap.")

    def detach(self) -> Any:
        """The batch itself, as a constant."""
        return self.data.detach()

    def seed(self, gradient: Any) -> Any:
        """A cotangent to start with, as the rules want it."""
        batched = isinstance(gradient, Batch | Tensor)
        g: Any = gradient if batched else Batch(self.data.level, np.asarray(gradient), False)
        g = g if g.dtype == self.dtype else cast(g, dtype=self.dtype)
        return g if g.shape == self.shape else broadcast(g, shape=self.shape)

    def numpy(self) -> ndarray:
        """The array, where it is every example's."""
        return leaving(self).data.numpy()  # type: ignore[no-any-return]

    def __bool__(self) -> bool:
        return bool(self.data)

    def __repr__(self) -> str:
        return repr(self.data)

    def backward(self, *args: Any, **settings: Any) -> None:
        """No: use grad inside vmap."""
        self.data.backward()


def node_of(data: Any) -> BatchTensor:
    """A batch as a node that no derivative flows into."""
    node = new(BatchTensor)
    node.data, node.grad, node.primitive, node.parents = data, None, None, ()
    return node


def fresh(x: Any, level: Level, connected: bool) -> BatchTensor:
    """A node of a transform's own for an argument, of the level that it runs in.

    What is not batched is the same for every example; its derivatives differ.
    """
    if isinstance(x, BatchTensor) and x.data.level is level and x.primitive is not None and connected:
        return positive(x)  # type: ignore[no-any-return]
    if isinstance(x, Node) and not (x.primitive is not None and connected):
        x = x.data
    if not (isinstance(x, Batch) and x.level is level):
        x = Batch(level, float(x) if isinstance(x, int | np.integer) else x, False)
    node = node_of(x)
    node.primitive = LEAF
    return node


def record(primitive: Primitive, args: Any, params: dict[str, Any], level: Level) -> Any:
    """Compute a primitive on the batches behind nodes of a level, and remember it, as `tensor.record` does."""
    nodes = [lift(x, level) for x in args]
    data = primitive(*(x.data for x in nodes), **params)
    if not primitive.smooth or type(data) is tuple or data.dtype.kind != "f" or not recording():
        return data
    shape, dtype = data.shape, data.dtype
    for i, x in enumerate(nodes):
        if x.primitive is None:
            continue
        if x.dtype != dtype and len(nodes) > 1:
            x = cast(x, dtype=dtype)
        if primitive.broadcasts and x.shape != shape:
            x = broadcast(x, shape=shape)
        nodes[i] = x
    if all(x.primitive is None for x in nodes):
        return data
    node = node_of(data)
    node.primitive, node.parents = primitive, tuple(nodes)
    if params:
        node.params = params
    observe(node)  # inside vmap a mode always is on
    return node


def lift(x: Any, level: Level) -> Any:
    """An operand as a node of a level; one that belongs to a level outside is a constant here."""
    if isinstance(x, BatchTensor) and x.data.level is level:
        return x
    if isinstance(x, Batch):
        return node_of(x)
    if isinstance(x, Value | Tensor):
        return node_of(Batch(level, x, False)) if x.primitive is not None else x
    if isinstance(x, ndarray | np.generic):
        return tensor_constant(x)
    node = value_constant(0.0)
    node.data = x
    return node


KINDS[BatchTensor] = BATCH
