"""Causes at the edge of where a function is defined: logarithms of 0, roots at 0, quotients by 0, masked branches."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from autograd.anomaly.cause import Cause, Scene, behind, is_softmax, line, operation, source
from autograd.anomaly.number import plain
from autograd.node import Node
from autograd.view.text import number

LOGARITHMS = {"log", "log2", "log10"}
MASKS = ("where", "clip", "relu", "maximum", "minimum", "multiply", "nan_to_num", "max", "min")
HARMLESS = {"exp": 0.0, "arcsin": 0.0, "arccos": 0.0, "arctanh": 0.0, "log1p": 0.0, "logit": 0.5, "arccosh": 2.0}


def masked(scene: Scene) -> Cause | None:
    """A branch that a mask throws away, and that poisons the gradient all the same: 0 times an infinite slope."""
    found = scene.finding
    if found.where != "backward" or found.nature != "nan" or found.cotangent != 0.0 or not scene.element:
        return None
    mask = next((node for node in scene.onward if operation(node) in MASKS), None)
    exponent = scene.name in ("exp", "exp2", "expm1", "sinh", "cosh")
    if mask is None or (exponent and operation(mask) != "where"):
        return None
    name, slot = scene.name, 1 if scene.name == "divide" else 0
    of, at = scene.called(slot), number(scene.element[slot])
    return Cause(
        f"a branch that is masked later, where {name} has an infinite slope",
        f"{operation(mask)}{line(mask)} throws the element away, so 0 arrives; but at {at} the slope is infinite, and "
        "0 · ∞ is nan. A mask behind an operation does not protect the gradient.",
        (
            f"mask in front as well (the double where): safe = autograd.where(mask, {of}, "
            f"{HARMLESS.get(name, 1.0)}), then autograd.where(mask, {scene.call('safe')}, 0.0)",
        ),
    )


def logarithm(scene: Scene) -> Cause | None:
    """log of 0, or of less."""
    if scene.name not in LOGARITHMS or not scene.element:
        return None
    (x,) = scene.element
    if x > 0 or math.isnan(x):
        return None
    of, name, made = scene.called(0, "p"), scene.name, scene.made_by()
    title = f"{name} of 0" if x == 0 else f"{name} of a negative number, {number(x)}"
    clipped = f"keep it away from 0: {scene.call(f'autograd.clip({of}, {scene.tiny}, None)')}"
    if x == 0:
        clipped += f", or {scene.call(f'{of} + {scene.tiny}')}"
    because, better = "", ""
    maker = scene.maker()
    quotient = maker is not None and made == "divide" and operation(source(maker.parents[0])) == "exp"
    if made == "softmax" or quotient:
        because = f"A probability of a softmax{_line(maker)} became 0 because its exponent is too small."
        better = "use autograd.log_softmax(z, axis=-1), or nn.functional.cross_entropy, on the logits z themselves"
    elif made == "sigmoid":
        because = f"The sigmoid{_line(maker)} is saturated there: it is 0."
        better = "use autograd.log_sigmoid(z), or nn.functional.binary_cross_entropy_with_logits, on the logits z"
    elif made == "subtract" and maker is not None and _is_of(maker.parents[1], "sigmoid"):
        because = "The sigmoid is saturated there: it is 1, and nothing of 1 - 1 is left."
        better = (
            "log(1 - sigmoid(z)) is autograd.log_sigmoid(-z); nn.functional.binary_cross_entropy_with_logits has both"
        )
    elif made == "relu":
        because = f"relu{_line(maker)} gave the 0: its input is not positive there (a unit that is dead, if always so)."
        better = "use a function that stays positive: autograd.softplus in place of relu"
    elif made == "exp":
        because = f"exp{_line(maker)} underflowed to 0: its operand is too negative."
        better = "leave log and exp away: log(exp(z)) is z, and of a sum autograd.logsumexp(z)"
    elif made in ("prod", "multiply", "power_of", "power") and x == 0 and maker is not None and _underflowed(scene):
        because = f"{made}{_line(maker)} of small numbers underflowed to 0."
        better = "add logarithms instead: the log of a product is the sum of the logs"
    elif made == "det":
        because = "The matrix is singular, or so large that its determinant underflows."
        better = "use autograd.linalg.slogdet(A), which gives the sign and the logarithm"
    elif x < 0:
        because = "It is defined for positive numbers only."
    return Cause(title, because, tuple(filter(None, (better, clipped))))


def _underflowed(scene: Scene) -> bool:
    """Whether the 0 was made of numbers that are not 0."""
    maker = scene.maker()
    assert maker is not None
    return all(x is not None and not (x == 0).any() for x in map(plain, maker.parents))


def _is_of(node: Node, name: str) -> bool:
    return operation(source(node)) == name


def _line(node: Node | None) -> str:
    return "" if node is None else line(node)


def root(scene: Scene) -> Cause | None:
    """A root at 0, where its slope is infinite, or of a negative number."""
    power = float(scene.finding.node.params.get("n", 0.5)) if scene.name == "power_of" else 0.5
    if scene.name not in ("sqrt", "power_of") or not scene.element or not 0 < power < 1:
        return None
    (x,) = scene.element
    of, name = scene.called(), "sqrt" if power == 0.5 else f"** {power:g}"
    if x < 0:
        rounding = "It may be 0 but for rounding, as in E[x²] - E[x]² (autograd.var has no such trouble)."
        return Cause(
            f"{name} of a negative number, {number(x)}",
            rounding if x > -1e-3 else "",
            (f"keep it positive: {scene.call(f'autograd.maximum({of}, {scene.tiny})')}",),
        )
    if not (scene.is_backward and x == 0):
        return None
    squares = any(_is_square(node) for node in _near(scene))
    norm = "it is a norm made by hand: use autograd.linalg.norm(x), whose slope at 0 is 0"
    return Cause(
        f"{name} at 0, where its slope is infinite",
        "The length of a vector of zeros." if squares else "",
        (
            *([norm] if squares else []),
            f"keep it away from 0: {scene.call(f'{of} + {scene.tiny}')}",
            f"mask in front and behind: autograd.where({of} > 0, "
            f"{scene.call(f'autograd.where({of} > 0, {of}, 1.0)')}, 0.0)",
        ),
    )


def _is_square(node: Node) -> bool:
    if operation(node) == "power_of":
        return bool(node.params["n"] == 2)
    twice = operation(node) in ("multiply", "dot", "matmul", "einsum")
    return operation(node) == "square" or (twice and len({id(source(parent)) for parent in node.parents}) == 1)


def _near(scene: Scene) -> list[Node]:
    """What the operand was made from, a few steps back."""
    found = []
    for node, _ in zip(behind(scene.finding.node.parents[0]), range(6), strict=False):
        found.append(node)
    return found


def quotient(scene: Scene) -> Cause | None:
    """A quotient by 0, or a negative power of it."""
    name, at = scene.name, scene.element
    power = float(scene.finding.node.params.get("n", 1)) if name == "power_of" else -1.0
    divides = name in ("divide", "reciprocal", "rsqrt", "remainder", "floor_divide", "fmod") or power < 0
    if name == "power" and len(at) == 2 and at[0] == 0 and at[1] < 0:
        return Cause(
            "0 to a negative power",
            "",
            (f"keep the base away from 0: {scene.call(f'{scene.called()} + {scene.tiny}')}",),
        )
    if not at or not (name in ("divide", "reciprocal", "rsqrt", "remainder", "fmod", "power_of") and divides):
        return None
    slot = len(at) - 1
    if at[slot] != 0:
        return None
    of, made = scene.called(slot, "b"), scene.made_by(slot)
    exponential = source(scene.finding.node.parents[0])
    if name == "divide" and operation(exponential) == "exp" and is_softmax(scene.finding.node, exponential):
        z = scene.names.get(exponential.parents[0], "z")
        return Cause(
            "0 / 0, in a softmax made by hand",
            f"All exponents of a row are so low that exp{line(exponential)} underflowed to 0.",
            (
                f"use autograd.softmax({z}, axis=-1), which subtracts the largest element first; for a loss, "
                f"autograd.log_softmax({z}, axis=-1) or nn.functional.cross_entropy",
                f"by hand: exp({z} - {z}.max(axis=-1, keepdims=True))",
            ),
        )
    both = name == "divide" and at[0] == 0
    because = "0 / 0 is nan." if both else ""
    because += {
        "std": " The standard deviation of equal numbers is 0: a constant column.",
        "var": " The variance of equal numbers is 0: a constant column.",
        "vector_norm": " The norm of a vector of zeros is 0.",
        "relu": " relu gave the 0: its input is not positive there.",
        "exp": " exp underflowed to 0: its operand is too negative.",
        "softmax": " A probability of a softmax underflowed to 0.",
    }.get(made, "")
    title = f"{number(power)} power of 0" if name == "power_of" and power != -1 else "division by 0"
    positive = made in ("std", "var", "vector_norm", "relu", "exp", "softmax", "absolute", "square", "sqrt", "sum_all")
    small = "1e-8" if scene.tiny == "1e-12" else scene.tiny  # slopes are as steep as 1 / small²
    shift = f"add a small number below: {scene.call(f'{of} + {small}')}"
    mask = (
        f"give it a harmless operand where it is 0: {scene.call(f'autograd.where({of} == 0, 1.0, {of})')}, and mask "
        "the result with the same condition"
    )
    return Cause(title, because.strip(), (shift, mask) if positive else (mask, shift))


# name: where the function is defined, and how an operand is brought there
_DOMAINS: dict[str, tuple[str, Callable[[float], bool], str]] = {
    "arcsin": ("between -1 and 1", lambda x: -1 < x < 1, "autograd.clip({}, -1 + 1e-7, 1 - 1e-7)"),
    "arccos": ("between -1 and 1", lambda x: -1 < x < 1, "autograd.clip({}, -1 + 1e-7, 1 - 1e-7)"),
    "arctanh": ("between -1 and 1", lambda x: -1 < x < 1, "autograd.clip({}, -1 + 1e-7, 1 - 1e-7)"),
    "erfinv": ("between -1 and 1", lambda x: -1 < x < 1, "autograd.clip({}, -1 + 1e-7, 1 - 1e-7)"),
    "arccosh": ("above 1", lambda x: x > 1, "autograd.maximum({}, 1 + 1e-7)"),
    "log1p": ("above -1", lambda x: x > -1, "autograd.maximum({}, -1 + 1e-7)"),
    "logit": ("between 0 and 1", lambda x: 0 < x < 1, "autograd.clip({}, 1e-7, 1 - 1e-7)"),
    "ndtri": ("between 0 and 1", lambda x: 0 < x < 1, "autograd.clip({}, 1e-7, 1 - 1e-7)"),
    "rsqrt": ("above 0", lambda x: x > 0, "autograd.maximum({}, 1e-12)"),
    "gammaln": ("above 0", lambda x: x > 0, "autograd.maximum({}, 1e-7)"),
    "digamma": ("above 0", lambda x: x > 0, "autograd.maximum({}, 1e-7)"),
}


def outside(scene: Scene) -> Cause | None:
    """An operand outside of the domain, or on its border, where slopes are infinite."""
    if scene.name == "power" and len(scene.element) == 2:
        base, power = scene.element
        if base < 0:
            return Cause(
                f"a negative number, {number(base)}, to the power {number(power)}",
                "It is real for whole powers only, and its derivative by the power is nowhere.",
                (f"raise its size: {scene.call(f'autograd.absolute({scene.called()})')}",),
            )
        if base == 0:
            return Cause(
                f"0 to the power {number(power)}, where a slope is infinite",
                "",
                (f"keep the base away from 0: {scene.call(f'{scene.called()} + {scene.tiny}')}",),
            )
    if scene.name not in _DOMAINS or not scene.element:
        return None
    words, holds, brought = _DOMAINS[scene.name]
    if scene.tiny == "1e-4":
        brought = brought.replace("1e-7", "1e-3").replace("1e-12", "1e-4")
    x = scene.element[0]
    if holds(x) or math.isnan(x):
        return None
    why = "There its slope is infinite." if scene.is_backward else ""
    return Cause(
        f"{scene.name} of {number(x)}",
        f"It is defined {words}. {why}".strip(),
        (f"bring the operand there: {scene.call(brought.format(scene.called()))}",),
    )


def steep(scene: Scene) -> Cause | None:
    """Any other operation whose slope is infinite, or undefined, where it was asked."""
    found = scene.finding
    if found.where != "backward" or not np.isfinite(found.cotangent if found.cotangent is not None else np.nan):
        return None
    at = ", ".join(map(number, scene.element))
    what = "infinite" if found.nature == "inf" else "not a number"
    return Cause(f"the slope of {scene.name} at {at} is {what}", "", ())
