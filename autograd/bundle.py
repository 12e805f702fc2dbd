"""Bundle: one node for a call that has several results. Each result is a node of its own on top of it.

So the sweeps, which know nodes of one result, need not know of any other: what flows back into a bundle is a bundle of
cotangents, and adds up like one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.operand import plain
from autograd.primitive import Primitive


class Results(tuple[Any, ...]):
    """The data of a bundle: what a call returned."""

    __slots__ = ()

    @property
    def size(self) -> int:
        """How many numbers there are in all of them."""
        return sum(np.size(x) for x in self)

    @property
    def nbytes(self) -> int:
        """How many bytes they take."""
        return sum(np.asarray(x).nbytes for x in self)

    def tobytes(self) -> bytes:
        """All of it, to be told from what it may become later."""
        return b"".join(np.asarray(x).tobytes() for x in self)

    def __repr__(self) -> str:
        return f"{len(self)} results"


class Bundle(Node):
    """A node whose data are several results. It is a step on the way, and has no shape and no operations."""

    __slots__ = ()

    data: Results

    @property
    def grad(self) -> Any:
        """What has arrived for the results, as plain numbers: nodes would hold on to this one, which they come from."""
        return _grad.__get__(self)

    @grad.setter
    def grad(self, g: Any) -> None:
        _grad.__set__(self, Cotangents(map(plain, g.parts)) if isinstance(g, Cotangents) else g)

    def __init__(self, results: Sequence[Any]) -> None:
        self.data = Results(results)
        self.grad = None
        self.primitive = None
        self.parents = ()

    def __repr__(self) -> str:
        return f"Bundle of {self.data!r}"


_grad: Any = Node.__dict__["grad"]  # the slot itself


class Cotangents:
    """What has arrived for each result of a bundle: None where nothing has."""

    __slots__ = ("parts",)

    def __init__(self, parts: Iterable[Any]) -> None:
        self.parts = tuple(parts)

    @classmethod
    def of(cls, g: Any, index: int, count: int) -> Cotangents:
        """A cotangent of one result."""
        return cls([g if i == index else None for i in range(count)])

    def __add__(self, other: Cotangents) -> Cotangents:
        pairs = zip(self.parts, other.parts, strict=True)
        return Cotangents([b if a is None else a if b is None else a + b for a, b in pairs])

    def __repr__(self) -> str:
        return f"{sum(part is not None for part in self.parts)} of {len(self.parts)}"


# Made by hand, not called: its result is of the kind that the call returned.
part = Primitive("result", None, lambda x, index: x[index], domain=(), doc="One result of a call that has several.")
part.crosses = True
part.vjps = (lambda g, y, x, index: Cotangents.of(g, index, len(x.data if isinstance(x, Node) else x)),)
part.jvps = (lambda t, y, x, index: t[index],)
