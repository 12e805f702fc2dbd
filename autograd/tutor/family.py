"""Family: what goes wrong in backward passes written by hand, at one node and for one operand of it.

Each function says how the part that a node sends to an operand may come out wrong, the commonest ways first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.primitive import REGISTRY
from autograd.rules.reduction import count
from autograd.tutor.slip import Move, Scene, nothing, replaced, sent_with

ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "softplus", "exp")
FEW = 6  # operations between a product and the activation that it goes into
SILENT = ("broadcast_to", "astype", "positive", "reshape", "transpose")


def _name(node: Node) -> str:
    return node.primitive.name if node.primitive is not None and node.parents else ""


def omitted(scene: Scene, node: Node, slot: int) -> Iterator[Move]:
    """The local derivative is left out: the cotangent goes on as it came."""
    primitive: Any = node.primitive
    x = node.parents[slot]
    if primitive.name == "mean":
        n = count(x.data, node.params["axis"])
        yield Move(
            "constant factor",
            f"is off by exactly n = {n}: the loss is a mean over {n} elements, and the division by {n} was forgotten",
            f"Divide by {n}.",
            lambda node, g, right: right * n,
        )
    elif primitive.name == "divide" and slot == 0 and np.size(node.parents[1].data) == 1:
        divisor = f"{np.asarray(node.parents[1].data).item():.6g}"
        says = f"is off by exactly {divisor}: the division by {divisor} was forgotten"
        yield Move("constant factor", says, f"Divide by {divisor}.", _as_it_came)
    elif primitive.partials:
        called, formula = scene.wording.derivative(node, slot)
        if formula == "-1":
            minus = f"has the wrong sign: the minus in {scene.wording.name(node)} was forgotten"
            yield Move("sign", minus, "Change its sign.", _as_it_came)
        elif primitive.partials[slot] != 1:
            told = called if called == formula else f"{called} = {formula}"
            if _is_number(formula):
                yield Move("constant factor", f"lacks the factor {told}", f"Multiply by {formula}.", _as_it_came)
                return
            yield Move("missing factor", f"lacks {told}", f"Multiply by {formula}.", _as_it_came)
    elif np.shape(x.data) == np.shape(node.data) and primitive.name not in SILENT:
        if primitive.name == "matmul":
            other = scene.wording.name(node.parents[1 - slot])
            left_out = f"lacks {other}: the product with it was left out"
            yield Move("missing factor", left_out, f"Multiply by {other}, transposed.", _as_it_came)
        else:
            called, _ = scene.wording.derivative(node, slot)
            yield Move("missing factor", f"lacks {called}", "Multiply by that derivative.", _as_it_came)


def _as_it_came(node: Node, g: Any, right: Any) -> Any:
    return g


def transposed(scene: Scene, node: Node, slot: int) -> Iterator[Move]:
    """The other operand of a product of matrices is not transposed, which goes unnoticed where it is square."""
    if _name(node) != "matmul":
        return
    other = node.parents[1 - slot]
    if np.ndim(other.data) == 2 and len(set(np.shape(other.data))) == 1:
        name = scene.wording.name(other)
        right = scene.wording.transposed(other)
        yield Move(
            "transposed",
            f"is multiplied by {name} where {right} belongs",
            f"Write {right} in place of {name}.",
            lambda node, g, part: sent_with(node, g, slot, node.data, replaced(node, 1 - slot, other.data.T)),
        )


def operand(scene: Scene, node: Node, slot: int) -> Iterator[Move]:
    """Another array of the same shape stands in the product: above all, what went into an activation for its output."""
    if _name(node) not in ("matmul", "multiply", "divide"):
        return
    outline, right = scene.rehearsal.outline, node.parents[1 - slot]
    consumers = [child for child, _ in outline.consumers[right]]
    wrong: dict[Node, Any] = {node.parents[slot]: "own"}
    if _name(right) in ACTIVATIONS:
        wrong[right.parents[0]] = "before"
    wrong |= {child: "after" for child in consumers if _name(child) in ACTIVATIONS}
    onward = _onward(scene, node)
    if onward is not None:
        wrong.setdefault(onward, "onward")
    for x in scene.others(right):
        wrong.setdefault(x, ("array", outline.position[x]))
    for x, role in wrong.items():
        if x.data is right.data or np.shape(x.data) != np.shape(right.data):
            continue
        name, belongs = scene.wording.name(x), scene.wording.name(right)
        yield Move(
            "wrong operand",
            f"is computed with {name} where {belongs} belongs",
            f"Write {belongs} in place of {name}.",
            lambda node, g, part, x=x.data: sent_with(node, g, slot, node.data, replaced(node, 1 - slot, x)),  # type: ignore[misc]
            role,
        )


def _onward(scene: Scene, node: Node) -> Node | None:
    """The activation that a product goes into, a few operations on: in a loop over time, the next state."""
    for _ in range(FEW):
        consumers = scene.rehearsal.outline.consumers[node]
        if _name(node) in ACTIVATIONS or len(consumers) != 1:
            break
        node = consumers[0][0]
    return node if _name(node) in ACTIVATIONS else None


def point(scene: Scene, node: Node, slot: int) -> Iterator[Move]:
    """The derivative of an activation, taken at another point, or its formula fed with another array."""
    if _name(node) not in ACTIVATIONS:
        return
    x = node.parents[0]
    called, formula = scene.wording.derivative(node, 0)
    letter = called.partition("(")[0]

    def taken_at(other: Node) -> Move:
        return Move(
            "wrong operand",
            f"has {letter}({scene.wording.name(other)}) where {called} belongs",
            f"Use {called} = {formula}.",
            lambda node, g, part: sent_with(node, g, 0, _again(node, other.data), [other.data]),
            _role(scene, node, other, "at"),
        )

    def fed_with(other: Node) -> Move:
        wrong = _slope_text(scene, node, other)
        return Move(
            "wrong operand",
            f"has {wrong} where {called} = {formula} belongs",
            f"Write {formula}: the formula wants {scene.wording.name(node)}, what {_name(node)} gave.",
            lambda node, g, part: sent_with(node, g, 0, other.data, [x.data]),
            _role(scene, node, other, "fed"),
        )

    yield fed_with(x)
    yield taken_at(node)
    alike = [other.parents[0] for other in scene.rehearsal.outline.order if other.primitive is node.primitive]
    for other in dict.fromkeys([*(z for z in alike if np.shape(z.data) == np.shape(x.data)), *scene.others(x)]):
        if other is not node and other is not x:
            yield taken_at(other)
            yield fed_with(other)


def _role(scene: Scene, node: Node, other: Node, how: str) -> Any:
    own = (
        "output" if other is node else "input" if other is node.parents[0] else scene.rehearsal.outline.position[other]
    )
    return how, own


def _again(node: Node, x: Any) -> Any:
    """An activation of another array."""
    primitive: Any = node.primitive
    return primitive.on_array(np.asarray(x), **node.params)[()]


def _slope_text(scene: Scene, node: Node, result: Node) -> str:
    primitive: Any = node.primitive
    y, (x,) = scene.wording.letters(node)
    y = x if result is node.parents[0] else scene.wording.symbols[result]
    return str(primitive.partials[0](y, x, **node.params))


def derivative(scene: Scene, node: Node, slot: int) -> Iterator[Move]:
    """The derivative of another activation, or half of the right one."""
    if _name(node) not in ACTIVATIONS:
        return
    called, formula = scene.wording.derivative(node, 0)
    y, (x,) = scene.wording.letters(node)
    wrong: list[tuple[Callable[[Any, Any], Any], str]] = [
        (REGISTRY[name].partials[0], f", the derivative of {name},")
        for name in ("sigmoid", "tanh", "relu")
        if name != _name(node)
    ]
    for slope, whose in [*wrong, (lambda y, x: 1 - y, ""), (lambda y, x: y, "")]:
        yield Move(
            "wrong factor",
            f"has {slope(y, x)}{whose} where {called} = {formula} belongs",
            f"Write {formula} in place of {slope(y, x)}.",
            lambda node, g, part, slope=slope: g * slope(node.data, node.parents[0].data),  # type: ignore[misc]
        )


def kink(scene: Scene, node: Node, slot: int) -> Iterator[Move]:
    """relu with slope 1 at 0, where it is 0 here: another convention."""
    x = node.parents[slot]
    if _name(node) == "relu" and np.any(np.equal(x.data, 0)):
        says = f"takes the slope 1 where {scene.wording.name(x)} is 0; here it is 0, and either will do"
        yield Move("convention", says, "", lambda node, g, part: g * np.greater_equal(x.data, 0), harmless=True)


def summed(scene: Scene, node: Node, slot: int) -> Iterator[Move]:
    """The sum over what an operand was broadcast along, done otherwise."""
    x, shape = node.parents[slot], np.shape(node.data)
    own = np.shape(x.data)
    if _name(node) != "broadcast_to" or not own or np.size(x.data) == np.size(node.data):
        return
    n = np.size(node.data) // np.size(x.data)
    yield Move(
        "averaged broadcast",
        f"is averaged over {n} samples, where it must be summed: it is 1/{n} of what it should be",
        "Sum over the batch: where the loss is a mean, that mean is in the gradient from above already.",
        lambda node, g, right: right / n,
    )
    for i, which in ((-1, "last"), (0, "first")):
        if own in (shape[1:], (1, *shape[1:])):
            yield Move(
                "overwritten",
                f"is that of the {which} sample alone, where the sum over all {n} belongs",
                "Sum over the batch: .sum(axis=0), or += in the loop over samples.",
                lambda node, g, right, i=i: np.asarray(g)[i].reshape(own),  # type: ignore[misc]
            )
    if len(shape) == 2:
        axis = int(own[-1] == shape[1])  # the one that stays
        dx = f".sum(axis={1 - axis}{', keepdims=True' if len(own) == 2 else ''})"
        for keep in (False, True) if shape[axis] > 1 else ():  # over one element it is no sum
            yield Move(
                "wrong axis",
                f"is summed over axis {axis} where it must be summed over axis {1 - axis}",
                f"Sum with {dx}.",
                lambda node, g, right, keep=keep: np.asarray(g).sum(axis=axis, keepdims=keep),  # type: ignore[misc]
            )
        yield Move(
            "summed too much",
            f"is summed over everything, to one number, where it must be summed over axis {1 - axis} alone",
            f"Sum with {dx}.",
            lambda node, g, right: np.asarray(g).sum(),
        )


def sample(scene: Scene, node: Node, slot: int) -> Iterator[Move]:
    """Of a product that sums over the batch, one sample."""
    if _name(node) != "matmul" or any(np.ndim(parent.data) != 2 for parent in node.parents):
        return
    other = node.parents[1 - slot].data
    n = other.shape[0] if slot else other.shape[1]
    for which, at in (("last", slice(-1, None)), ("first", slice(0, 1))):

        def alone(node: Node, g: Any, right: Any, at: slice = at) -> Any:
            return other[at].T @ g[at] if slot else g[:, at] @ other[:, at].T

        yield Move(
            "overwritten",
            f"is that of the {which} sample alone, where the sum over all {n} belongs",
            "Add up the samples: += in the loop over them.",
            alone,
        )


def diagonal(scene: Scene, node: Node, slot: int) -> Iterator[Move]:
    """The Jacobian of softmax taken for that of an elementwise function."""
    if _name(node) != "softmax":
        return
    y, g = scene.wording.name(node), scene.wording.gradient(node)
    g = g if g.isidentifier() else "g"
    remedy = f"Use {y} * ({g} - ({g} * {y}).sum(axis={node.params['axis']}, keepdims=True))."
    yield Move(
        "diagonal softmax",
        f"has {y} * (1 - {y}), as if softmax worked on each element by itself; each depends on its whole row",
        remedy,
        lambda node, g, right: g * node.data * (1 - node.data),
    )
    yield Move("missing term", "lacks the sum in softmax's derivative", remedy, lambda node, g, right: g * node.data)


def twice(scene: Scene, node: Node, slot: int) -> Iterator[Move]:
    """The local derivative of an activation, multiplied in twice."""
    if _name(node) in ACTIVATIONS:
        called, formula = scene.wording.derivative(node, slot)
        yield Move(
            "surplus factor",
            f"has {called} = {formula} twice",
            f"Multiply by {formula} once.",
            lambda node, g, right: sent_with(node, right, 0, node.data, [node.parents[0].data]),
        )


def upstream(scene: Scene, node: Node, slot: int) -> Iterator[Move]:
    """The gradient that comes from above is left out, or another one is taken for it."""
    wording = scene.wording
    own = wording.gradient(node)
    if _name(node) in ACTIVATIONS:
        called, _ = wording.derivative(node, slot)
        yield Move(
            "missing upstream",
            f"is {called} alone: it lacks {own}, the gradient that comes from above",
            f"Multiply by {own}.",
            lambda node, g, right: sent_with(node, np.ones_like(g), 0, node.data, [node.parents[0].data]),
        )
    for other, g in scene.adjoints.items():
        if other is not node and other.parents and np.ndim(g) and np.shape(g) == np.shape(node.data):
            yield Move(
                "wrong upstream",
                f"is computed from d{wording.name(other)} where {own} belongs",
                f"Write {own} in place of d{wording.name(other)}.",
                lambda node, _, right, g=g: sent_with(node, g, slot, node.data, [p.data for p in node.parents]),  # type: ignore[misc]
                ("upstream", scene.rehearsal.outline.position[other]),
            )


def forgotten(scene: Scene, node: Node, slot: int) -> Iterator[Move]:
    """One of several consumers of an operand is forgotten: the part that comes back through it is not added."""
    x = node.parents[slot]
    consumers = scene.rehearsal.outline.consumers[x]
    if len({child for child, _ in consumers}) > 1 or (len(consumers) > 1 and _name(node) != "multiply"):
        yield Move(
            "missing term",
            f"lacks the part that comes back through {scene.path(x, node)}",
            f"{scene.wording.name(x)} is used in {len(consumers)} places: add up what comes back from each.",
            nothing,
        )


def _is_number(text: str) -> bool:
    try:
        return bool(float(text) or True)
    except ValueError:
        return False


COMMON = (omitted, transposed, operand, point, derivative, kink, summed, sample, diagonal)
RARER = (twice, upstream)
SUMS = (forgotten,)
