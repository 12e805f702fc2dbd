"""Recipe: the right formula of a gradient, as a line of NumPy made of the user's names.

It is the backward pass once more, with texts in place of numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.rules.reduction import count
from autograd.tutor.outline import Outline
from autograd.tutor.wording import Wording

LONGEST = 100  # letters: a longer formula says nothing at a glance
SUM, PRODUCT, ATOM = 1, 2, 3  # how tightly a text holds together


@dataclass(frozen=True)
class Term:
    """A number times a text. The number is kept apart, for it may stand anywhere: -1/6 of `y / a` is `-y / a / 6`."""

    text: str
    strength: int = ATOM
    factor: Fraction = Fraction(1)

    def held(self, strength: int) -> str:
        """The text, in brackets where it would fall apart."""
        return self.text if self.strength >= strength else f"({self.text})"

    def cancelled(self) -> Term:
        """The same without a number that its factor takes away: a - y, not 2 * (a - y) / 2."""
        number, _, rest = self.text.partition(" * ")
        if self.strength == PRODUCT and abs(self.factor.numerator) == 1 and number == str(self.factor.denominator):
            bracketed = rest.startswith("(") and rest.index(")") == len(rest) - 1
            text, strength = (rest[1:-1], SUM) if bracketed else (rest, ATOM if rest.isidentifier() else PRODUCT)
            return Term(text, strength, Fraction(self.factor.numerator))
        return self

    def whole(self) -> Term:
        """The same with the number written out."""
        top, bottom = self.factor.numerator, self.factor.denominator
        if self.factor == 1:
            return self
        if self.text == "1":
            return Term(str(top) if bottom == 1 else f"{top} / {bottom}", PRODUCT)
        if max(abs(top), bottom) > 10**6:
            return Term(f"{float(self.factor):.6g} * {self.held(PRODUCT)}", PRODUCT)
        front = {1: "", -1: "-"}.get(top, f"{top} * ")
        return Term(f"{front}{self.held(PRODUCT)}" + (f" / {bottom}" if bottom != 1 else ""), PRODUCT)


def recipe(
    outline: Outline, wording: Wording, within: Sequence[Node], scale: Mapping[Node, float], target: Node
) -> str | None:
    """The gradient of `target` from gradients further up; None where there is no short formula.

    `within` are the nodes on the way, consumers first. `scale` are the gradients to start from, and how many times too
    large each is on purpose. Nodes without a name in what they hold have no formula.
    """
    arriving: dict[Node, list[Term]] = {outline.root: [Term("1")]}
    for node in within:
        total = _total(arriving.get(node, []))
        if node in scale:
            total = Term(wording.gradient(node), ATOM, 1 / Fraction(scale[node]).limit_denominator(10**6))
        if total is None:
            continue
        for slot, parent in enumerate(node.parents):
            if parent.primitive is not None:
                part = _part(wording, node, slot, total)
                if part is None or len(part.text) > LONGEST:
                    return None
                arriving.setdefault(parent, []).append(part)
    found = _total(arriving.get(target, []))
    text = "" if found is None else found.whole().text
    return text if text and len(text) <= LONGEST and "..." not in text and "array" not in text else None


def _total(terms: Sequence[Term]) -> Term | None:
    """What arrives, of parts of which some may be equal: those of `W * W` are."""
    sums: dict[str, Term] = {}
    for term in terms:
        before = sums.get(term.text)
        sums[term.text] = term if before is None else replace(term, factor=before.factor + term.factor)
    if len(sums) < 2:
        return next(iter(sums.values()), None)
    texts = [term.whole().held(PRODUCT) for term in sums.values()]
    return Term(" + ".join(texts).replace(" + -", " - "), SUM)


def _part(wording: Wording, node: Node, slot: int, g: Term) -> Term | None:
    """What a node sends to an operand, given the text of its own gradient."""
    primitive: Any = node.primitive
    name, x = primitive.name, node.parents[slot]
    if primitive.partials:
        return g if primitive.partials[slot] == 1 else _times(g, wording.derivative(node, slot)[1])
    if name == "mean":
        g = replace(g, factor=g.factor / count(x.data, node.params["axis"]))
    if name in ("sum", "mean"):
        spreads = g.text == "1" or node.params["axis"] is None or node.params["keepdims"]  # NumPy does it by itself
        return g if spreads else None
    if name in ("astype", "positive"):
        return g
    if g.text == "1":  # a number has no shape to go on with
        return None
    if name == "transpose":
        return Term(f"{g.held(ATOM)}.T", ATOM, g.factor)
    if name == "matmul" and all(np.ndim(parent.data) == 2 for parent in node.parents):
        other = wording.transposed(node.parents[1 - slot])
        return Term(f"{g.held(ATOM)} @ {other}" if slot == 0 else f"{other} @ {g.held(ATOM)}", PRODUCT, g.factor)
    if name == "broadcast_to":
        return _summed(g, np.shape(node.data), np.shape(x.data))
    if name == "softmax" and g.strength == ATOM:
        y = wording.name(node)
        text = f"{y} * ({g.text} - ({g.text} * {y}).sum(axis={node.params['axis']}, keepdims=True))"
        return Term(text, PRODUCT, g.factor)
    return None


def _times(g: Term, formula: str) -> Term:
    """A gradient times a local derivative."""
    try:
        return replace(g, factor=g.factor * Fraction(formula.replace(" ", "")).limit_denominator(10**6))
    except ValueError:
        pass
    if formula.startswith("1 / ") and _is_product(f"1 * {formula[4:]}"):
        return Term(f"{g.held(PRODUCT)} / {formula[4:]}", PRODUCT, g.factor)
    if g.text == "1":
        return Term(formula, PRODUCT if _is_product(formula) else SUM, g.factor).cancelled()
    return Term(f"{g.held(PRODUCT)} * {formula if _is_product(formula) else f'({formula})'}", PRODUCT, g.factor)


def _is_product(formula: str) -> bool:
    """Whether a formula may stand in a product as it is: `a * (1 - a)`, `2 * x`, but not `1 - a * a`."""
    depth = 0
    for i, letter in enumerate(formula):
        depth += (letter in "([") - (letter in ")]")
        if depth == 0 and (letter in "+-><=" and (i == 0 or formula[i - 1] == " ")):
            return False
    return " / " not in formula


def _summed(g: Term, shape: tuple[int, ...], own: tuple[int, ...]) -> Term | None:
    """A gradient summed over what an operand of this shape was broadcast along."""
    ahead = len(shape) - len(own)
    axes = tuple(range(ahead)) or tuple(i for i, n in enumerate(own) if n != shape[i])
    if shape[ahead:] != own and ahead:
        return None
    axis, keep = axes[0] if len(axes) == 1 else axes, "" if ahead else ", keepdims=True"
    return Term(f"{g.held(ATOM)}.sum(axis={axis}{keep})", ATOM, g.factor) if axes else g
