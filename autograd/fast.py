"""The busiest code: recording and sweeping graphs of Values alone, and recording two equal Tensors.

It is written for speed and is not pretty; what it does is said by `Value`, `Tensor` and `sweep.pull_back`, with which
it agrees to the last bit (tests/autograd/test_fast.py).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import wraps
from typing import Any

from numpy import asarray, ndarray

from autograd.errors import GradientError, describe, place
from autograd.graph import topological_order
from autograd.modes import exceptional
from autograd.node import Node
from autograd.primitive import Primitive, ieee
from autograd.scatter import Scatter
from autograd.sweep import check_unchanged, witnesses

NOT_YET = float("0")  # a Value's gradient before any sweep: 0.0, as in micrograd, but told apart from a computed 0.0

new = object.__new__
one = 1  # a partial that is this very object passes the cotangent on

KEPT_BYTES = 1 << 20  # graphs up to this size stay after backward(), to be looked at


def _let_go(g: Any, y: Any, x: Any) -> Any:
    raise GradientError(
        f"the graph behind {describe(y)} was let go by an earlier backward().{place()}\n"
        "  Call backward(retain_graph=True) the first time if you need it again."
    )


RELEASED = Primitive("released", None, asarray, domain=(), doc="Marks a result whose graph backward() has let go.")
RELEASED.vjps = RELEASED.jvps = (_let_go,)
_GONE: Any = (Node(),)  # in the place of the parents of such a result
_GONE[0].data, _GONE[0].grad, _GONE[0].primitive, _GONE[0].parents = 0.0, None, RELEASED, ()


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

    Leaves receive their gradients at the end, so that an error half way leaves them as they were. With `keep` False,
    or None and more than `KEPT_BYTES` of gradients, nodes are cut from the graph as the sweep passes them.

    As long as nodes have one interior parent each, that parent has no other consumer in the graph, and needs no
    topological order: many networks are one such trunk from the loss to the first layer.
    """
    mark = object()  # in the place of a gradient: nothing has arrived yet
    arrived: dict[Any, Any] = {}  # leaf: the sum of its contributions, an array of its own
    order: list[Any] | None = None  # below the trunk, what is still to come, the next one last
    cut = keep is False
    size = 0 if keep is None else -1 << 62
    node = root
    if root.parents:
        root.grad = seed
    else:
        root.receive(seed.copy() if type(seed) is ndarray else seed)
        return
    try:
        while True:
            g = node.grad
            parents = node.parents
            primitive = node.primitive
            slopes = primitive.slopes
            inner = None
            if order is None:
                for p in parents:
                    if p.parents:
                        if inner is not None:
                            order = order_below(node, mark)
                            break
                        inner = p
                else:
                    if inner is not None:
                        inner.grad = mark
            if len(slopes) == 2 and type(g) is ndarray and not witnesses:
                size += g.nbytes
                p, q = parents
                y, a, b = node.data, p.data, q.data
                for p, slope in zip(parents, slopes):
                    if p.primitive is None:
                        continue
                    c = g if slope is one else g * slope(y, a, b)
                    if p.parents:
                        sofar = p.grad
                        p.grad = c if sofar is mark else sofar + c
                    elif p in arrived:
                        arrived[p] += c
                    elif c is g:
                        arrived[p] = c.copy()  # it is shared, with this node or a sibling
                    else:
                        arrived[p] = c
            elif g is mark:
                node.grad = node.no_gradient
            else:
                if type(g) is Scatter:
                    node.grad = g = g.dense()
                if type(g) is ndarray:
                    size += g.nbytes
                if node.witness is not None:
                    check_unchanged(node)
                transpose = primitive.transpose
                if transpose:
                    found: Any = (transpose(g, parents[0].data, **node.params),)
                elif len(slopes) == 1 and type(g) is ndarray:
                    found = (g if slopes[0] is one else g * slopes[0](node.data, parents[0].data),)
                else:
                    found = contributions(node, g)
                for p, c in zip(parents, found):
                    if c is None:
                        continue
                    if p.parents:
                        sofar = p.grad
                        p.grad = c if sofar is mark else sofar + c
                    elif p in arrived:
                        arrived[p] += c
                    elif type(c) is ndarray and (c is g or c.base is not None):
                        arrived[p] = c.copy()  # it is shared, or a view of what is
                    else:
                        arrived[p] = c
            if cut:
                release(node)
            elif size > KEPT_BYTES:
                cut = True
                coming = {inner, *(order or ())}
                for passed in topological_order([root], stop=coming):
                    if passed.parents and passed not in coming:
                        release(passed)
            if order:
                node = order.pop()
            elif inner is not None and order is None:
                node = inner
            else:
                break
    except BaseException:
        for waiting in (node, *(order or ()), *([inner] if inner is not None else ())):
            waiting.grad = waiting.no_gradient
        raise
    for leaf, g in arrived.items():
        if leaf.grad is None and type(g) is ndarray:
            leaf.grad = g
        else:
            leaf.receive(g.dense() if type(g) is Scatter else g)


def order_below(node: Any, mark: Any) -> list[Any]:
    """The interior nodes that a node was made from, in the order of `graph.topological_order`; `grad` marks them."""
    order: list[Any] = []
    stack = [p for p in node.parents if p.parents]
    pop, push, emit = stack.pop, stack.append, order.append
    while stack:
        below = pop()
        if below is None:
            emit(pop())
        elif below.grad is not mark:
            below.grad = mark
            push(below)
            push(None)
            for p in below.parents:
                if p.parents:
                    push(p)
    return order


def release(node: Any) -> None:
    """Cut a result from the graph, so that what it was made from can be freed."""
    node.grad, node.primitive, node.parents, node.params = node.no_gradient, RELEASED, _GONE, {}


def contributions(node: Any, g: Any) -> Any:
    """What one Value sends to its parents; where Python's floats raise an error, what IEEE 754 says."""
    args = [parent.data for parent in node.parents]
    wanted = [parent.primitive is not None for parent in node.parents]
    try:
        found = node.primitive.pull(g, node.data, args, wanted, node.params)
    except ArithmeticError:
        found = node.primitive.pull_ieee(g, node.data, args, wanted, node.params)
    return [c if want else None for c, want in zip(found, wanted, strict=True)]


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


def tensor_total(primitive: Primitive, kind: Any, total: Callable[[Any], Any], method: Callable[..., Any]) -> Any:
    """A method that records the sum (or mean) of all elements, and passes on everything else to `method`."""
    whole = {"axis": None, "keepdims": False}

    @wraps(method)
    def reduction(self: Any, axis: Any = None, keepdims: bool = False) -> Any:
        if axis is not None or keepdims or exceptional or self.primitive is None:
            return method(self, axis, keepdims)
        node: Any = new(kind)
        node.data = asarray(total(self.data, None))
        node.grad = None
        node.primitive = primitive
        node.parents = (self,)
        node.params = whole
        return node

    return reduction
