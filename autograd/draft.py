"""Draft: a Tensor that may be written into, as long as nobody has used it.

A Tensor that others were computed from must stay as it is, since their gradients need it. A fresh copy is nobody's
operand yet: `y = x.clone(); y[mask] = 0` is harmless, and recorded as what it is, a copy with elements replaced. The
first use of a draft, any reading of its data, makes it a Tensor like any other.
"""

from __future__ import annotations

from typing import Any

from numpy import ndarray

from autograd.modes import recording
from autograd.node import Node
from autograd.rules import arithmetic, indexing
from autograd.tensor import Tensor, constant

_data: Any = Node.__dict__["data"]  # the slot itself, which can be read without that being a use


class Draft(Tensor):
    """A Tensor that may be written into until it is used; inside `no_grad`, where nothing is recorded, for good.

    >>> x = Tensor([1.0, -2.0, 3.0])
    >>> y = x.clone()
    >>> y[x < 0] = 0.0
    >>> y.sum().backward()
    >>> y.data, x.grad
    (array([1., 0., 3.]), array([1., 0., 1.]))
    """

    __slots__ = ()

    @property
    def data(self) -> ndarray:
        """The array. Where operations are recorded, reading it makes this an ordinary Tensor."""
        if recording():
            self.__class__ = Tensor  # type: ignore[assignment]
        found: ndarray = _data.__get__(self)
        return found

    @data.setter
    def data(self, x: ndarray) -> None:
        _data.__set__(self, x)

    def __setitem__(self, index: Any, value: Any) -> None:
        index = index.data if isinstance(index, Node) else index
        mine: ndarray = _data.__get__(self)
        if self.parents or (isinstance(value, Node) and value.primitive is not None and recording()):
            after = indexing.index_set(_as_it_is(self), value, index=index)
            self.primitive, self.parents, self.params = after.primitive, after.parents, after.params
            _data.__set__(self, after.data)
        else:
            mine[index] = value.data if isinstance(value, Node) else value

    def __repr__(self) -> str:
        return repr(_as_it_is(self))


def _as_it_is(x: Draft) -> Tensor:
    """What a draft is at this moment, as a Tensor of its own."""
    found = constant(_data.__get__(x))
    found.primitive, found.parents, found.params = x.primitive, x.parents, x.params
    return found


def draft(x: Any) -> Any:
    """A copy that may be written into: of a Tensor under differentiation one that differentiates into it."""
    node: Any = arithmetic.positive(x) if isinstance(x, Tensor) else constant(x)
    node.__class__ = Draft
    return node
