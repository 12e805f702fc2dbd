"""The busiest code, third part: the reverse sweep over a graph of Values.

It is written for speed and is not pretty. What it does is said by `sweep.pull_back`, with which it agrees to the last
bit (tests/autograd/test_fast.py). It reads the slots in which Values keep their parents, and not the tuple of them.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from autograd.fast_record import NOT_YET
from autograd.fast_sweep import contributions, one, sweep_arrays


def sweep_values(root: Any, seed: float) -> None:
    """`backward()` of a graph of Values: `sweep.pull_back` with floats, the adjoints kept on the nodes.

    As long as nodes have one interior parent each, that parent has no other consumer in the graph, and needs no
    topological order. From the first node with more on, the rest is put in order. Where Tensors take part,
    `sweep_arrays` goes on from there.
    """
    zero = float("0")  # this very object in `grad` means: visited, and nothing has arrived yet
    order: list[Any] | None = None  # below the trunk, what is still to come, the next one last
    node = root
    if root._left is None:
        root.receive(seed)
        return
    root.grad = seed
    while True:
        g = node.grad
        primitive = node.primitive
        p = primitive.first_slope
        q = primitive.second_slope
        a = node._left
        inner = None  # the one interior parent, on the trunk
        try:
            if q is not None:
                b = node._right
                if order is None:
                    if a._left is None:
                        inner = None if b._left is None else b
                    elif b._left is None:
                        inner = a
                    else:
                        order = order_values(node, zero)
                        if order is None:
                            sweep_arrays(node, g, True)
                            return
                    if inner is not None:
                        inner.grad = zero
                if g is zero:
                    pass
                elif a.primitive is not None:
                    if b.primitive is not None:
                        s = g if p is one else g * p(node.data, a.data, b.data)
                        t = g if q is one else g * q(node.data, a.data, b.data)
                        a.grad += s
                        b.grad += t
                    else:
                        a.grad += g if p is one else g * p(node.data, a.data, b.data)
                else:
                    b.grad += g if q is one else g * q(node.data, a.data, b.data)
            elif p is not None:
                if order is None and a._left is not None:
                    inner = a
                    inner.grad = zero
                if g is not zero:
                    a.grad += g if p is one else g * p(node.data, a.data)
            elif primitive.crosses:
                if g is not zero:
                    sweep_arrays(node, g, True)
                return
            else:
                parents = node.parents
                if order is None:
                    many = [parent for parent in parents if parent._left is not None]
                    if len(many) > 1:
                        order = order_values(node, zero)
                        if order is None:
                            sweep_arrays(node, g, True)
                            return
                    elif many:
                        (inner,) = many
                        inner.grad = zero
                if g is not zero:
                    pull_many(node, g, parents, zero)
        except (ArithmeticError, ValueError):  # such as 1 / 0.0: nothing has been added yet
            for parent, c in zip(node.parents, contributions(node, g)):
                if c is not None:
                    parent.grad += c
        if order:
            node = order.pop()
        elif inner is not None:
            node = inner
        else:
            return


def pull_many(node: Any, g: float, parents: tuple[Any, ...], zero: float) -> None:
    """Send on the adjoint of a Value that is not an elementwise function of one or two."""
    primitive = node.primitive
    if not primitive.bilinear:
        wanted = [parent.primitive is not None for parent in parents]
        args = [parent.data for parent in parents]
        found = primitive.pull(g, node.data, args, wanted, node.params)
        for parent, c, want in zip(parents, found, wanted, strict=True):
            if want and c is not None:
                parent.grad += c
    elif g == 0.0 and isfinite(node.data):  # behind a dead relu; all operands are finite, so products with 0 are 0
        for parent in parents:
            sofar = parent.grad
            if (sofar is zero or sofar is NOT_YET) and parent.primitive is not None:
                parent.grad = 0.0  # it is computed, and pictures are to show it
    else:
        n = len(parents) // 2
        for a, b in zip(parents[:n], parents[n:]):
            if a.primitive is not None:
                a.grad += g * b.data
            if b.primitive is not None:
                b.grad += g * a.data
        if len(parents) % 2 and parents[-1].primitive is not None:
            parents[-1].grad += g


def order_values(node: Any, mark: Any) -> list[Any] | None:
    """As `order_below`, of Values alone; None when Tensors take part."""
    order: list[Any] = []
    stack = [p for p in node.parents if p._left is not None]
    pop, push, emit = stack.pop, stack.append, order.append
    while stack:
        below = pop()
        if below is None:
            emit(pop())
        elif below.grad is not mark:
            primitive = below.primitive
            if primitive.crosses:
                return None
            below.grad = mark
            push(below)
            push(None)
            a = below._left
            b = below._right
            if b is not None:
                if a._left is not None and a.grad is not mark:
                    push(a)
                if b._left is not None and b.grad is not mark:
                    push(b)
            elif type(a) is tuple:
                stack += [p for p in a if p._left is not None and p.grad is not mark]
            elif a._left is not None and a.grad is not mark:
                push(a)
    return order
