"""HIPS autograd's small helpers, for programs that import them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from autograd.test_util import check_grads

Function = Callable[..., Any]


def subvals(x: Iterable[Any], ivs: Iterable[tuple[int, Any]]) -> tuple[Any, ...]:
    """A sequence with other values in some places, as a tuple."""
    parts = list(x)
    for i, v in ivs:
        parts[i] = v
    return tuple(parts)


def subval(x: Iterable[Any], i: int, v: Any) -> tuple[Any, ...]:
    """A sequence with another value in one place, as a tuple."""
    return subvals(x, [(i, v)])


def func(f: Function) -> Function:
    """The function itself: what Python 2 needed for a method of a class."""
    return f


def toposort(end_node: Any, parents: Function = attrgetter("parents")) -> Iterator[Any]:
    """A node and all it was made from, each after everything that was made from it. No recursion."""
    uses: dict[Any, int] = {}
    stack = [end_node]
    while stack:
        node = stack.pop()
        uses[node] = uses.get(node, 0) + 1
        if uses[node] == 1:
            stack += parents(node)
    ready = [end_node]
    while ready:
        node = ready.pop()
        yield node
        for parent in parents(node):
            uses[parent] -= 1
            if not uses[parent]:
                ready.append(parent)


def quick_grad_check(
    fun: Function, arg0: Any, extra_args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None, **_: Any
) -> None:
    """HIPS autograd's old name for a check of the gradient by the first argument; see `test_util.check_grads`."""
    check_grads(lambda x: fun(x, *extra_args, **(kwargs or {})), modes=["rev"], order=1)(arg0)
