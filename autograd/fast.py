"""The busiest code: recording and sweeping graphs of Values alone, and recording two equal Tensors.

It is written for speed and is not pretty; what it does is said by `Value`, `Tensor` and `sweep.pull_back`, with which
it agrees to the last bit (tests/autograd/test_fast.py).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from numpy import asarray, ndarray

from autograd.errors import GradientError, describe, place
from autograd.modes import exceptional
from autograd.primitive import Primitive, ieee
from autograd.scatter import Scatter
from autograd.sweep import check_unchanged

NOT_YET = float("0")  # a Value's gradient before any sweep: 0.0, as in micrograd, but told apart from a computed 0.0

new = object.__new__
one = 1  # a partial that is this very object passes the cotangent on

KEPT_BYTES = 1 << 20  # graphs up to this size stay after backward(), to be looked at
RELEASED = Primitive("released", None, asarray, domain=(), doc="Marks a result whose graph backward() has let go.")


def value_recorders(
    primitive: Primitive, kind: Any, constant: Callable[[Any], Any]
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Functions that record an elementwise primitive of one argument, or of two (and of two, the other way round)."""
    on_number: Any = primitive.on_number

    def unary(x: Any) -> Any:
        if exceptional or x.primitive is None:
            return primitive(x)
        try:
            data = on_number(x.data)
        except (ArithmeticError, ValueError):
            data = ieee(primitive, (x.data,), {})
        node: Any = new(kind)
        node.data = data
        node.grad = NOT_YET
        node.primitive = primitive
        node.parents = (x,)
        return node

    def binary(a: Any, b: Any) -> Any:
        if type(b) is not kind:
            if type(b) is not float and type(b) is not int:
                return primitive(a, b)
            b = constant(b)
        if exceptional or (a.primitive is None and b.primitive is None):
            return primitive(a, b)
        try:
            data = on_number(a.data, b.data)
        except (ArithmeticError, ValueError):
            data = ieee(primitive, (a.data, b.data), {})
        node: Any = new(kind)
        node.data = data
        node.grad = NOT_YET
        node.primitive = primitive
        node.parents = (a, b)
        return node

    def reflected(b: Any, a: Any) -> Any:
        if type(a) is float or type(a) is int:
            return binary(constant(a), b)
        return primitive(a, b)

    return (unary, unary) if len(primitive.partials) == 1 else (binary, reflected)


def sweep_values(root: Any, seed: float) -> bool:
    """The reverse sweep of a graph of Values alone; False, with no leaf touched, when something else takes part.

    A node counts as visited when its `grad` is the very object `zero` made here: clearing the gradients of the last
    sweep and marking nodes are one store. The order is that of `graph.topological_order`.
    """
    kind = type(root)
    zero = float("0")
    order: list[Any] = []
    stack = [root]
    pop, emit = stack.pop, order.append
    while stack:
        node = pop()
        if node is None:
            emit(pop())
        elif type(node) is not kind:
            return False
        elif node.grad is not zero:
            parents = node.parents
            if parents:
                node.grad = zero
                stack += (node, None)
                stack += parents
    if root.parents:
        root.grad = seed
    else:
        root.grad += seed
    for node in reversed(order):
        g = node.grad
        if g is zero:
            continue
        primitive = node.primitive
        slopes = primitive.slopes
        parents = node.parents
        try:
            if len(slopes) == 2:
                a, b = parents
                p, q = slopes
                if a.primitive is not None:
                    if b.primitive is not None:
                        s = g if p is one else g * p(node.data, a.data, b.data)
                        t = g if q is one else g * q(node.data, a.data, b.data)
                        a.grad += s
                        b.grad += t
                    else:
                        a.grad += g if p is one else g * p(node.data, a.data, b.data)
                else:
                    b.grad += g if q is one else g * q(node.data, a.data, b.data)
                continue
            if slopes:
                (a,) = parents
                (p,) = slopes
                a.grad += g if p is one else g * p(node.data, a.data)
                continue
        except (ArithmeticError, ValueError):
            pass
        for parent, c in zip(parents, contributions(node, g), strict=True):
            if c is not None and parent.primitive is not None:
                parent.grad += c
    return True


def sweep_arrays(root: Any, seed: Any, keep: bool | None) -> None:
    """`backward()` of any graph, Tensors and Values mixed: `sweep.pull_back` with the adjoints kept on the nodes.

    A node counts as visited when its `grad` is the very object `mark` made here. Leaves receive their gradients at
    the end, so that an error half way leaves them as they were. With `keep` False, or None and more than
    `KEPT_BYTES` of results, nodes are cut from the graph as the sweep passes them.
    """
    mark = object()
    order: list[Any] = []
    arrived: dict[Any, Any] = {}  # leaf: the sum of its contributions, an array of its own
    stack = [root] if root.parents else []
    size = 0
    pop, emit = stack.pop, order.append
    try:
        while stack:
            node = pop()
            if node is None:
                emit(pop())
            elif node.grad is not mark:
                node.grad = mark
                if keep is None and type(node.data) is ndarray:
                    size += node.data.nbytes
                inner = [p for p in node.parents if p.parents]
                if inner:
                    stack += (node, None)
                    stack += inner
                else:
                    emit(node)
        cut = not keep and (keep is not None or size > KEPT_BYTES)
        if root.parents:
            root.grad = seed
        else:
            arrived[root] = seed
        while order:
            node = order[-1]
            g = node.grad
            if g is mark:
                node.grad = node.no_gradient
                order.pop()
                continue
            if type(g) is Scatter:
                node.grad = g = g.dense()
            if node.witness is not None:
                check_unchanged(node)
            primitive = node.primitive
            parents = node.parents
            slopes = primitive.slopes
            if len(slopes) == 2 and type(g) is ndarray:
                a, b = parents
                p, q = slopes
                found: Any = (
                    None if a.primitive is None else g if p is one else g * p(node.data, a.data, b.data),
                    None if b.primitive is None else g if q is one else g * q(node.data, a.data, b.data),
                )
            elif len(parents) == 1 and type(g) is ndarray:
                (a,) = parents
                if slopes:
                    (p,) = slopes
                    found = (g if p is one else g * p(node.data, a.data),)
                elif primitive.partials:
                    found = (g * primitive.partials[0](node.data, a.data, **node.params),)
                else:
                    found = (primitive.vjps[0](g, node.data, a.data, **node.params),)
            else:
                found = contributions(node, g)
            for parent, c in zip(parents, found):
                if c is None or parent.primitive is None:
                    continue
                if parent.parents:
                    sofar = parent.grad
                    parent.grad = c if sofar is mark else sofar + c
                elif parent in arrived:
                    arrived[parent] += c
                elif parent.primitive is RELEASED:
                    raise GradientError(
                        f"the graph behind {describe(parent)} was let go by an earlier backward().{place()}\n"
                        "  Call backward(retain_graph=True) the first time if you need it again."
                    )
                elif type(c) is ndarray and (c is g or c.base is not None):
                    arrived[parent] = c.copy()  # it is shared: with a sibling, an interior node, or a view's base
                else:
                    arrived[parent] = c
            order.pop()
            if cut:
                node.grad, node.primitive, node.parents = node.no_gradient, RELEASED, ()
    finally:
        for node in order:  # only after an error
            node.grad = node.no_gradient
    for leaf, g in arrived.items():
        if leaf.grad is None and type(g) is ndarray:
            leaf.grad = g
        else:
            leaf.receive(g.dense() if type(g) is Scatter else g)


def contributions(node: Any, g: Any) -> Any:
    """What one Value sends to its parents; where Python's floats raise an error, what IEEE 754 says."""
    args = [parent.data for parent in node.parents]
    wanted = [parent.primitive is not None for parent in node.parents]
    try:
        return node.primitive.pull(g, node.data, args, wanted, node.params)
    except ArithmeticError:
        return node.primitive.pull_ieee(g, node.data, args, wanted, node.params)


def tensor_recorder(primitive: Primitive, kind: Any) -> Callable[..., Any]:
    """A function that records an elementwise primitive of two Tensors of one shape and dtype, passing on the rest."""
    on_array: Any = getattr(operator, primitive.on_number.__name__)  # x * w is quicker than np.multiply(x, w)

    def binary(a: Any, b: Any) -> Any:
        if type(b) is not kind or exceptional:
            return primitive(a, b)
        x, w = a.data, b.data
        if (a.primitive is None and b.primitive is None) or x.shape != w.shape or x.dtype is not w.dtype:
            return primitive(a, b)
        data = on_array(x, w)
        node: Any = new(kind)
        node.data = data if type(data) is ndarray else asarray(data)
        node.grad = None
        node.primitive = primitive
        node.parents = (a, b)
        return node

    return binary
