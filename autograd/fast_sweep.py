"""The busiest code, second part: the reverse sweep over any graph. (Third: over Values alone, `fast_value_sweep`.)

It is written for speed and is not pretty. What it does is said by `sweep.pull_back`, with which it agrees to the last
bit (tests/autograd/test_fast.py).
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from numpy import asarray, ndarray

import autograd.sweep as sweep
from autograd.errors import GradientError, describe, place
from autograd.graph import topological_order
from autograd.node import Node
from autograd.primitive import Primitive
from autograd.scattered import Scatter

data_of, primitive_of = attrgetter("data"), attrgetter("primitive")
one = 1  # a partial that is this very object passes the cotangent on

WANTED = (True,)  # the only parent is
KEPT_BYTES = 1 << 20  # graphs up to this size stay after backward(), to be looked at


def _let_go(g: Any, y: Any, x: Any) -> Any:
    raise GradientError(
        f"the graph behind {describe(y)} was let go by an earlier backward().{place()}\n"
        "  Call backward(retain_graph=True) the first time if you need it again."
    )


RELEASED = Primitive("released", None, asarray, domain=(), doc="Marks a result whose graph backward() has let go.")
RELEASED.vjps = RELEASED.jvps = (_let_go,)
RELEASED.crosses = True  # no sweep of Values looks into it
_GONE: Any = (Node(),)  # in the place of the parents of such a result
_GONE[0].data, _GONE[0].grad, _GONE[0].primitive, _GONE[0].parents = 0.0, None, RELEASED, ()


def sweep_arrays(root: Any, seed: Any, keep: bool | None) -> None:
    """`backward()` of any graph, Tensors and Values mixed: `sweep.pull_back` with the adjoints kept on the nodes.

    Leaves receive their gradients at the end, so that an error half way leaves them as they were. With `keep` False,
    or None and more than `KEPT_BYTES` of gradients, nodes are cut from the graph as the sweep passes them.

    As long as nodes have one interior parent each, that parent has no other consumer in the graph, and needs no
    topological order: many networks are one such trunk from the loss to the first layer. From the first node with
    more on, the rest is put in order.
    """
    if not root.parents:
        root.receive(seed.copy() if type(seed) is ndarray else seed)
        return
    arrived: dict[Any, Any] = {}  # leaf: the sum of its contributions, an array of its own
    order: list[Any] = []  # below the trunk, what is still to come, the next one last
    limit = KEPT_BYTES if keep is None else 1 << 62 if keep else -1  # bytes of gradients from which on nodes are cut
    size = 0
    nbytes = 8  # of one gradient: elementwise operations do not change it
    node = top = root  # what is above `top` has been cut
    inner = None
    root.grad = seed
    try:
        while True:  # down the trunk, to the one interior parent each time
            g = node.grad
            if type(g) is not ndarray:
                break
            parents = node.parents
            primitive = node.primitive
            other = primitive.second_slope
            if other is not None:
                p, q = parents
                if p.parents and q.parents:
                    break
                inner = None
                if p.primitive is not None:
                    slope = primitive.first_slope
                    c = g if slope is one else g * slope(node.data, p.data, q.data)
                    if p.parents:
                        p.grad = c
                        inner = p
                    elif p in arrived:
                        arrived[p] += c
                    else:
                        arrived[p] = c.copy() if c is g else c  # g is shared, with this node or a sibling
                if q.primitive is not None:  # the same for the other operand: a loop over both costs a tenth more
                    c = g if other is one else g * other(node.data, p.data, q.data)
                    if q.parents:
                        q.grad = c
                        inner = q
                    elif q in arrived:
                        arrived[q] += c
                    else:
                        arrived[q] = c.copy() if c is g else c
            elif len(parents) == 1 and parents[0].parents:
                (inner,) = parents
                slope = primitive.first_slope
                if slope is not None:
                    inner.grad = g if slope is one else g * slope(node.data, inner.data)
                else:
                    nbytes = getattr(inner.data, "nbytes", 8)  # a Value has a float
                    transpose = primitive.transpose
                    joint = primitive.joint_vjp
                    if transpose and not node.params:
                        inner.grad = transpose(g, inner.data)
                    elif joint is not None:
                        (inner.grad,) = joint(g, node.data, inner.data, wanted=WANTED, **node.params)
                    else:
                        (inner.grad,) = sent(node, g)
            else:
                inner = None
                many = 0
                for p in parents:
                    if p.parents:
                        inner = p
                        many += 1
                if many > 1:
                    break
                joint = primitive.joint_vjp
                if joint is not None:
                    wanted = list(map(primitive_of, parents))  # None, which counts as False, is a constant's
                    found = joint(g, node.data, *map(data_of, parents), wanted=wanted, **node.params)
                else:
                    found = sent(node, g)
                for p, c in zip(parents, found):
                    if p.parents:
                        p.grad = c
                        nbytes = getattr(p.data, "nbytes", 8)
                    elif c is not None:
                        if type(c) is ndarray and c.base is None and c is not g and p not in arrived:
                            arrived[p] = c
                        else:
                            arrive(arrived, p, c, g)
            size += nbytes
            if size > limit:
                while top is not inner:
                    (below,) = [p for p in top.parents if p.parents] or (None,)
                    release(top)
                    top = below
            node = inner
            if inner is None:
                break
        if node is not None:
            inner = None
            mark = object()  # in the place of a gradient: nothing has arrived yet
            order = order_below(node, mark)
        while node is not None:
            g = node.grad
            parents = node.parents
            primitive = node.primitive
            other = primitive.second_slope
            if other is not None and type(g) is ndarray:
                size += g.nbytes
                p, q = parents
                if p.primitive is not None:
                    slope = primitive.first_slope
                    c = g if slope is one else g * slope(node.data, p.data, q.data)
                    if p.parents:
                        sofar = p.grad
                        p.grad = c if sofar is mark else sofar + c
                    elif p in arrived:
                        arrived[p] += c
                    else:
                        arrived[p] = c.copy() if c is g else c
                if q.primitive is not None:
                    c = g if other is one else g * other(node.data, p.data, q.data)
                    if q.parents:
                        sofar = q.grad
                        q.grad = c if sofar is mark else sofar + c
                    elif q in arrived:
                        arrived[q] += c
                    else:
                        arrived[q] = c.copy() if c is g else c
            elif g is mark or g is None:
                node.grad = node.no_gradient
            else:
                if type(g) is Scatter:
                    node.grad = g = g.dense()
                if type(g) is ndarray:
                    size += g.nbytes
                for p, c in zip(parents, sent(node, g)):
                    if c is None:
                        continue
                    if p.parents:
                        sofar = p.grad
                        p.grad = c if sofar is mark else sofar + c
                    else:
                        arrive(arrived, p, c, g)
            if size > limit:
                coming = set(order)
                for passed in topological_order([top], stop=coming) if top is not node else [node]:
                    if passed.parents and passed not in coming:
                        release(passed)
                top = order[-1] if order else None
            node = order.pop() if order else None
    except BaseException:
        for waiting in (node, inner, *order):
            if waiting is not None:
                waiting.grad = waiting.no_gradient
        raise
    for leaf, g in arrived.items():
        if leaf.grad is None and type(g) is ndarray:
            leaf.grad = g
        else:
            leaf.receive(g.dense() if type(g) is Scatter else g)


def arrive(arrived: dict[Any, Any], leaf: Any, c: Any, g: Any) -> None:
    """Add a contribution to what a leaf has got so far."""
    if leaf in arrived:
        arrived[leaf] += c
    elif type(c) is ndarray and (c is g or c.base is not None):
        arrived[leaf] = c.copy()  # it is shared, or a view of what is
    else:
        arrived[leaf] = c


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


def sent(node: Any, g: Any) -> Any:
    """What one node sends to its parents, asked of its rule in the shortest way."""
    parents: Any = node.parents
    primitive: Any = node.primitive
    if type(g) is float and primitive.slopes:
        y, args = node.data, [p.data for p in parents]
        try:
            return [
                None if p.primitive is None else g if slope is one else g * slope(y, *args)
                for p, slope in zip(parents, primitive.slopes)
            ]
        except (ArithmeticError, ValueError):  # such as 1 / 0.0
            return contributions(node, g)
    if primitive.transpose:
        return (primitive.transpose(g, parents[0].data, **node.params),)
    if type(g) is ndarray:
        if len(primitive.slopes) == 1:
            (slope,) = primitive.slopes
            return (g if slope is one else g * slope(node.data, parents[0].data),)
        if primitive.joint_vjp:
            wanted = [p.primitive is not None for p in parents]
            return primitive.joint_vjp(g, node.data, *[p.data for p in parents], wanted=wanted, **node.params)
    return contributions(node, g)


def contributions(node: Any, g: Any) -> Any:
    """What one node sends to its parents, none of it shared with another node."""
    parents = node.parents
    wanted = [p.primitive is not None for p in parents]
    found = sweep.contributions(node, g, wanted)
    if len(parents) == 1 and type(found[0]) is float:
        return found
    known = {id(g), id(node.data), *(id(p.data) for p in parents)}
    own = []
    for c, want in zip(found, wanted, strict=True):
        if type(c) is ndarray and c is not g and id(c) in known:
            c = c.copy()  # a rule may return one array twice, or an operand itself
        known.add(id(c))
        own.append(c if want else None)
    return own
