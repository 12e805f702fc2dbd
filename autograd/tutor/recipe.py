"""Recipe: the right formula of a gradient, as a line of NumPy made of the user's names.

It is the backward pass once more, with texts in place of numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.rules.reduction import count
from autograd.tutor.outline import Outline
from autograd.tutor.wording import Wording

LONGEST = 110  # letters: a longer formula says nothing at a glance

# How tightly a text holds together
_SUM, _PRODUCT, _ATOM = 1, 2, 3
Text = tuple[str, int]


def recipe(
    outline: Outline, wording: Wording, within: Sequence[Node], scale: Mapping[Node, float], target: Node
) -> str | None:
    """The gradient of `target` from the nearest given gradients; None where there is no short formula.

    `within` are the nodes on the way, consumers first. `scale` are the given gradients, and how many times too large
    each is on purpose. Nodes without a name in what they hold have no formula.
    """
    texts: dict[Node, list[Text]] = {outline.root: [("1", _ATOM)]}
    for node in within:
        text = _given(wording.gradient(node), scale[node]) if node in scale else _total(texts.get(node, []))
        if text is None:
            continue
        for slot, parent in enumerate(node.parents):
            if parent.primitive is None:
                continue
            part = _part(wording, node, slot, text)
            if part is None or len(part[0]) > LONGEST:
                return None
            texts.setdefault(parent, []).append(part)
    found = _total(texts.get(target, []))
    if found is None or len(found[0]) > LONGEST or "..." in found[0] or "array" in found[0]:
        return None
    return found[0]


def _given(name: str, scale: float) -> Text:
    if scale == 1:
        return name, _ATOM
    return (f"-{name}", _PRODUCT) if scale == -1 else (f"{name} / {scale:.6g}", _PRODUCT)


def _total(parts: Sequence[Text]) -> Text | None:
    """What arrives, of parts of which some may be equal: those of `W * W` are."""
    counts = Counter(parts)
    terms = [part if n == 1 else (f"{n} * {_held(part, _PRODUCT)}", _PRODUCT) for part, n in counts.items()]
    if len(terms) < 2:
        return terms[0] if terms else None
    return " + ".join(_held(term, _PRODUCT) for term in terms), _SUM


def _part(wording: Wording, node: Node, slot: int, g: Text) -> Text | None:
    """What a node sends to an operand, given the text of its own gradient."""
    primitive: Any = node.primitive
    name, params = primitive.name, node.params
    x = node.parents[slot]
    if primitive.partials:
        slope = primitive.partials[slot]
        if slope == 1:
            return g
        _, formula = wording.derivative(node, slot)
        if formula == "-1":
            return f"-{_held(g, _PRODUCT)}", _PRODUCT
        return _times(g, formula)
    if name == "matmul":
        if not _speaks(g) or any(np.ndim(parent.data) != 2 for parent in node.parents):
            return None
        other = wording.transposed(node.parents[1 - slot])
        return (f"{_held(g, _ATOM)} @ {other}" if slot == 0 else f"{other} @ {_held(g, _ATOM)}"), _PRODUCT
    if name == "transpose":
        return f"{_held(g, _ATOM)}.T", _ATOM
    if name in ("astype", "positive"):
        return g
    if name == "broadcast_to":
        shape, own = np.shape(node.data), np.shape(x.data)
        if not _speaks(g):
            return None
        if len(shape) == len(own):
            axes = tuple(i for i, n in enumerate(own) if n != shape[i])
            keep = ", keepdims=True" if axes else ""
        else:
            axes, keep = tuple(range(len(shape) - len(own))), ""
            if shape[len(axes) :] != own:
                return None
        axis = str(axes[0]) if len(axes) == 1 else str(axes)
        return (f"{_held(g, _ATOM)}.sum(axis={axis}{keep})", _ATOM) if axes else g
    if name in ("sum", "mean"):
        if _speaks(g) and params["axis"] is not None and not params["keepdims"]:
            return None
        return g if name == "sum" else (f"{_held(g, _PRODUCT)} / {count(x.data, params['axis'])}", _PRODUCT)
    if name == "softmax":
        if not g[0].isidentifier():
            return None
        y = wording.name(node)
        return f"{y} * ({g[0]} - ({g[0]} * {y}).sum(axis={params['axis']}, keepdims=True))", _PRODUCT
    return None


def _speaks(g: Text) -> bool:
    """Whether a text is more than a number."""
    return any(letter.isalpha() for letter in g[0])


def _times(g: Text, formula: str) -> Text:
    held = formula if _is_product(formula) else f"({formula})"
    if g[0] == "1":
        return formula, _PRODUCT if held == formula else _SUM
    if g[0].startswith("1 / ") and not _speaks(g):
        return f"{held} / {g[0][4:]}", _PRODUCT
    return f"{_held(g, _PRODUCT)} * {held}", _PRODUCT


def _is_product(formula: str) -> bool:
    """Whether a formula may stand in a product as it is: `a * (1 - a)`, `2 * x`."""
    depth = 0
    for i, letter in enumerate(formula):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and letter in "+-></=" and formula[i - 1] == " ":
            return False
    return True


def _held(text: Text, strength: int) -> str:
    return text[0] if text[1] >= strength else f"({text[0]})"
