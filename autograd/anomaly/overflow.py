"""Causes at the large end: exponents, recurrences, narrow floats, and arithmetic with infinities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from autograd.anomaly.cause import SUMS, Cause, Scene, is_softmax, line, operation, peak, source
from autograd.anomaly.number import is_finite, nature, plain
from autograd.node import Node
from autograd.origin import Origin
from autograd.view.text import number

EXPONENTIALS = {"exp", "exp2", "expm1", "sinh", "cosh", "ldexp"}
_POWERFUL = {"prod", "cumprod", "power", "power_of", "det", "recurrence", "gamma", "expm", "rnn"}
RECURRENT = {"rnn", "lstm", "gru", "recurrence"}
LEAST = 4  # rounds that make a recurrence
STEEP = 1e6  # growth over all rounds that makes it an exploding one
MOST = 100_000  # nodes of a way


def exploding(scene: Scene) -> Cause | None:
    """The same line again and again, and larger each time."""
    if scene.name in RECURRENT:
        return Cause(
            "an exploding recurrence",
            f"All steps of {scene.name} are in this one operation; their numbers grew until they overflowed.",
            (
                "clip the weights' growth: start from nn.init.orthogonal_, lower the learning rate, and call "
                "nn.utils.clip_grad_norm_(parameters, 1.0) before each step",
                "take shorter sequences, or normalise the inputs",
            ),
        )
    if scene.finding.where == "backward":
        way = [node for node in reversed(scene.finding.above) if node in scene.finding.adjoints]
        told = _growth(scene.finding.node, way, [peak(scene.finding.adjoints[node]) for node in way])
        if told is None:
            return None
        return Cause(
            "an exploding gradient",
            f"On its way back through the same line{line(scene.finding.node)} the gradient grew {told}.",
            (
                "make each round contract: a smaller or orthogonal recurrent weight (nn.init.orthogonal_, largest "
                "singular value at most 1), a bounded activation, or a gated cell (nn.LSTM, nn.GRU)",
                "cut the gradient every few rounds (truncated backpropagation): h = h.detach()",
                "while gradients are still finite, nn.utils.clip_grad_norm_(parameters, 1.0) before each step keeps "
                "weights from growing into this",
            ),
        )
    way = list(reversed(list(_back(scene.finding.node))))
    told = _growth(scene.finding.node, way, [peak(node) for node in way])
    if told is None:
        return None
    return Cause(
        "an exploding recurrence",
        f"Round after round through the same line{line(scene.finding.node)} the numbers grew {told}.",
        (
            "bound each round: h = autograd.tanh(...) around the step",
            "let it contract: divide the recurrent weight by its largest singular value (or start from "
            "nn.init.orthogonal_), use a gated cell (nn.LSTM, nn.GRU), normalise each round, or take fewer rounds",
        ),
    )


def _back(node: Node) -> list[Node]:
    """The way that the largest operand leads back each time."""
    found = [node]
    while len(found) < MOST:
        inner = [parent for parent in node.parents if parent.parents]
        if not inner:
            break
        node = max(inner, key=peak)
        found.append(node)
    return found


def _growth(culprit: Node, way: Sequence[Node], sizes: Sequence[float]) -> str | None:
    """How sizes grew over the nodes of a way that stand on the culprit's line, in words; None if they did not."""
    steps = [
        size
        for node, size in zip(way, sizes, strict=True)
        if operation(node) == operation(culprit) and _line(node) == _line(culprit) and math.isfinite(size) and size > 0
    ]
    if len(steps) < LEAST or steps[-1] < STEEP * steps[0]:
        return None
    rising = sum(a < b for a, b in pairwise(steps))
    if rising < 0.8 * (len(steps) - 1):
        return None
    factor = (math.log(steps[-1]) - math.log(steps[0])) / (len(steps) - 1)
    each = f", {number(math.exp(factor))} times each" if factor < 300 else ""
    return f"from {number(steps[0])} to {number(steps[-1])} in {len(steps) - 1:,} rounds{each}"


def _line(node: Node) -> tuple[str, int] | None:
    return (node.origin.file, node.origin.line) if isinstance(node.origin, Origin) else None


def exponential(scene: Scene) -> Cause | None:
    """exp of a large number, and which function it is a part of."""
    if scene.name not in EXPONENTIALS or is_finite(scene.finding.node):
        return None
    x = scene.element[0] if scene.element else float("nan")
    if not x < math.inf and not x > -math.inf:
        return None
    dtype = str(plain(scene.finding.node).dtype)  # type: ignore[union-attr]
    limit = math.log(float(np.finfo(dtype).max))
    title = f"overflow: {scene.name}({number(x)}) is larger than any {dtype}"
    because = f"{scene.name} overflows from {number(limit)} on." if scene.name == "exp" else ""
    of = scene.called(0, "z")
    onward = scene.onward[:8]
    quotient = next((node for node in onward if operation(node) == "divide"), None)
    if quotient is not None and is_softmax(quotient, scene.finding.node):
        above, below = map(source, quotient.parents)
        whole = "tanh" if operation(above) == "subtract" else ""
        if operation(below) == "add" and any(map(_is_one, below.parents)):
            whole = "sigmoid"
        if whole:
            return Cause(f"{title}, in a {whole} made by hand", because, (f"use autograd.{whole}({of})",))
        return Cause(
            f"{title}, in a softmax made by hand",
            because,
            (
                f"use autograd.softmax({of}, axis=-1), which subtracts the largest element first; for a loss, "
                f"autograd.log_softmax({of}, axis=-1) or nn.functional.cross_entropy",
                f"by hand: {scene.name}({of} - {of}.max(axis=-1, keepdims=True))",
            ),
        )
    names = [operation(node) for node in onward]
    sums = [node for node in onward[:3] if operation(node) == "add"]
    adds_one = bool(sums) and any(map(_is_one, sums[0].parents))
    if "log" in names and any(name in SUMS for name in names[: names.index("log")]):
        better = f"autograd.softplus({of})" if adds_one else f"autograd.logsumexp({of}, axis=-1)"
        return Cause(f"{title}, in a {better[9:].partition('(')[0]} made by hand", because, (f"use {better}",))
    if adds_one and {"divide", "reciprocal", "power_of"} & set(names[:6]):
        return Cause(
            f"{title}, in a sigmoid made by hand",
            because,
            (f"use autograd.sigmoid(x), which is exact for large numbers of both signs (here {of} is -x)",),
        )
    return Cause(
        title,
        because,
        (
            f"keep the exponent small: autograd.{scene.name}(autograd.minimum({of}, {int(min(limit, 700) * 0.9)})), "
            "or work with the logarithms themselves (logsumexp, log_softmax, log_sigmoid)",
        ),
    )


def _is_one(node: Node) -> bool:
    x = plain(source(node))
    return x is not None and x.size > 0 and bool((x == 1).all())


def infinities(scene: Scene) -> Cause | None:
    """A NaN of infinite operands: inf - inf, 0 * inf, inf / inf, a softmax of nothing but -inf."""
    found = scene.finding
    operands = found.operands
    if found.where != "forward" or found.nature != "nan" or not any(nature(x) == "inf" for x in operands):
        return None
    if scene.name in ("softmax", "log_softmax", "attention", "softmax_cross_entropy"):
        return Cause(
            f"{scene.name} over a row that is masked altogether",
            "Where all is -inf, nothing is left to share among.",
            (
                "leave at least one element of each row open, or mask with a large finite number: "
                f"autograd.where(mask, {scene.called(0, 'scores')}, -1e9)",
            ),
        )
    sign = {"add": "∞ - ∞", "subtract": "∞ - ∞", "multiply": "0 · ∞", "divide": "∞ / ∞"}.get(scene.name, "")
    return Cause(
        f"{sign or scene.name} of infinite numbers",
        "The infinity came in with a constant" + (", such as a mask." if scene.name != "divide" else "."),
        ("put a large finite number in its place (1e9), or choose with autograd.where instead of calculating with it",),
    )


def too_large(scene: Scene) -> Cause | None:
    """Finite operands whose result is beyond the largest float of its kind."""
    found = scene.finding
    if found.where != "forward" or not found.node.parents or any(not is_finite(x) for x in found.operands):
        return None
    y = plain(found.node)
    if y is None or (found.nature != "inf" and peak(found.node.parents[0]) < math.sqrt(float(np.finfo(y.dtype).max))):
        return None
    largest = max(peak(parent) for parent in found.node.parents)
    end = f"{y.dtype} ends at {float(np.finfo(y.dtype).max):.2g}"
    if y.dtype.itemsize < 8 and _fits_in_double(found.node):
        return Cause(
            f"overflow of {y.dtype}",
            f"{end}; in float64 the result is finite. The largest operand is {number(largest)}.",
            (
                "compute this part in float64: x.astype('float64')",
                "scale the operands down first, and the result up",
            ),
        )
    if largest < float(np.finfo(y.dtype).max) ** 0.3 and scene.name not in _POWERFUL:
        return None  # not the size of the operands makes it infinite
    return Cause(
        "overflow",
        f"{end}, and the largest operand is {number(largest)}.",
        (
            "scale the operands down, or work with logarithms",
            "if these are weights or activations of a network, training has diverged: a lower learning rate, "
            "normalisation, nn.utils.clip_grad_norm_(parameters, 1.0)",
        ),
    )


def _fits_in_double(node: Node) -> bool:
    primitive = node.primitive
    assert primitive is not None
    if "saved" in node.params:  # where the operation keeps what its derivative needs
        return False
    wide = [x.astype(float) if x is not None and x.dtype.kind == "f" else x for x in map(plain, node.parents)]
    try:
        with np.errstate(all="ignore"):
            return is_finite(primitive.on_array(*wide, **node.params))
    except Exception:  # of an operation that takes something else: then nothing is known
        return False


def large_gradient(scene: Scene) -> Cause | None:
    """A gradient that is too large for its kind of float, though the slope is finite."""
    found = scene.finding
    given = [found.given] if found.slot is not None else found.given
    c = plain(found.bad)
    if found.where != "backward" or c is None or c.dtype.kind != "f":
        return None
    limit = float(np.finfo(c.dtype).max)
    size = max(map(peak, given))
    largest = max([size, *(peak(parent) for parent in found.node.parents)])
    if largest < limit**0.4:
        return None
    return Cause(
        f"overflow of {c.dtype}",
        f"{c.dtype} ends at {limit:.2g}; "
        + ("the gradient that arrived is" if found.slot is not None else f"{len(given)} gradients are added that are")
        + f" up to {number(size)}.",
        (
            "scale the loss down (a mean in place of a sum), normalise the inputs, or start from smaller weights",
            *(["compute in float64: x.astype('float64')"] if c.dtype.itemsize < 8 else []),
        ),
    )
