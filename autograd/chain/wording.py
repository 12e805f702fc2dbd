"""Wording: how names, numbers, arrays and formulas are written in LaTeX that MathJax and TeX both know."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.node import Node
from autograd.primitive import Primitive
from autograd.symbol import LATEX, Part, Style, Symbol, latex_name, write
from autograd.view.names import all_names, names_of
from autograd.view.text import number

WIDE = 220  # letters of LaTeX: a longer sum has a row for each term
SETTINGS = 2  # of an operation with more none are written
FEW = 12  # elements of an array that are written out
ATOM, FACTOR, ELEMENTS, TERM = 6, 3.5, 3, 2  # how tightly it holds: a name, a product, one by elements, a sum
SPACE, DOTS = r"\,", r"\ldots"
_SAFE = re.compile(r"[\w'\[\]()]*")
_ESCAPES = {
    **{c: "\\" + c for c in "_%&#$ "},
    **{c: f"{{{c}}}" for c in ".,:;"},  # no space behind them
    "\\": r"\backslash ",
    "{": r"\lbrace ",
    "}": r"\rbrace ",
    "^": r"\wedge ",
    "~": r"\sim ",
    "`": "'",
}
_MOVES = {"broadcast_to", "astype", "reshape", "copy", "collect"}  # the same numbers in another form: not worth a word
_NUMBER = re.compile(r"-?[\d.]+( \\times 10\^\{-?\d+\})?")
_WORDS = {"sigmoid": r"\sigma", "log_softmax": r"\log\operatorname{softmax}", "max": r"\max", "min": r"\min"}


class Section(NamedTuple):
    """A part of what is written: a title, and rows of a left and a right side."""

    title: str
    rows: list[tuple[str, str]]


def equal(left: str, *cells: str) -> tuple[str, str]:
    """A row: left = cell = cell, each different cell once."""
    return left, " = ".join(["", *dict.fromkeys(cells)]).strip()


def document(sections: Sequence[Section]) -> str:
    """The sections one below the other."""
    parts = []
    for title, rows in sections:
        if rows:
            lines = " \\\\[4pt]\n".join(f"{left} &{right}" for left, right in rows)
            parts += [rf"\textbf{{{title}}}", f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"]
    return "\\begin{array}{l}\n" + " \\\\[6pt]\n".join(parts) + "\n\\end{array}"


def called(order: Sequence[Node], variables: Mapping[str, Any]) -> dict[Node, str]:
    """A name for each result and leaf, no two alike; constants have one when a variable or label gives it."""
    found: dict[Node, str] = {}
    taken: set[str] = set()
    visible = [node for node in order if not moves(node)]
    given = all_names([*visible, *filter(moves, order)], names_of(order, variables))
    models = {name.partition(".")[0] for name in given.values() if "." in name}
    start = f"{models.pop()}." if len(models) == 1 else "."  # of parameters of one model, its name is not said
    short = not any(name.removeprefix(start)[:1].isdigit() for name in given.values())
    for node, name in given.items():
        name = name.removeprefix(start if short else "")
        known, turn = name, 1
        while known in taken:
            turn += 1
            known = f"{name}_{turn}"
        taken.add(known)
        found[node] = known
    return found


def moves(node: Node) -> bool:
    """Whether a node is its operand in the shape or dtype of others: formulas go on with the operand."""
    return bool(node.parents) and node.primitive is not None and node.primitive.name in ("broadcast_to", "astype")


def tex(name: str) -> str:
    """A name in LaTeX, whatever letters are in it.

    >>> tex("w_1"), tex("h[0]"), tex("50 % {sure}")
    ('w_{1}', 'h_{0}', '\\\\mathrm{50\\\\ \\\\%\\\\ \\\\lbrace sure\\\\rbrace }')
    """
    if _SAFE.fullmatch(name):
        return latex_name(name)
    return r"\mathrm{" + "".join(_ESCAPES.get(c, c) for c in name) + "}"


def partial(y: str, x: str) -> str:
    """∂y/∂x, of names in LaTeX."""
    return rf"\frac{{\partial {y}}}{{\partial {x}}}"


def scalar(x: Any) -> str:
    """A single number."""
    return LATEX.atom(number(float(x) + 0.0))[0]  # -0.0 is written as 0.0


def array(x: Any) -> str:
    """A number; the elements of a small array; of a larger one its shape and its length."""
    x = np.asarray(x)
    if not x.ndim:
        return scalar(x) if x.dtype.kind == "f" else str(x.item())
    if x.size > FEW or x.ndim > 2 or not x.size:
        return rf"({shape(x.shape)}),\ \lVert\cdot\rVert = {scalar(np.linalg.norm(x.astype(float)))}"
    if x.ndim == 1:
        return r"\left[" + r",\ ".join(f"{{{_entry(e)}}}" for e in x) + r"\right]"  # a minus in braces is a sign
    return r"\begin{bmatrix} " + r" \\ ".join(" & ".join(map(_entry, row)) for row in x) + r" \end{bmatrix}"


def _entry(x: Any) -> str:
    return scalar(x) if isinstance(x, np.floating) else str(x.item())


def shape(lengths: Sequence[int]) -> str:
    """The shape of an array, 32 × 10."""
    return r" \times ".join(map(str, lengths)) or "1"


# Formulas


def formula(x: Any, texts: Mapping[str, str], scalars: Collection[str] | None = None) -> str:
    """An expression with these texts in place of its letters.

    With `scalars`, the texts that stand for single numbers, it is one on arrays: ⊙ multiplies element by element, and
    what stands side by side is a product of matrices.
    """
    x = x if isinstance(x, Symbol) else Symbol(number(x))
    return write(x, texts, LATEX if scalars is None else _arrays(scalars))


def _arrays(scalars: Collection[str]) -> Style:
    def operation(primitive: Primitive, parts: list[Part], params: dict[str, str]) -> Part:
        name, word = primitive.name, primitive.word
        if name == "broadcast_to" and (parts[0][0] in scalars or _NUMBER.fullmatch(parts[0][0])):
            return rf"{parts[0][0]} \cdot \mathbf{{1}}", ELEMENTS  # an array of ones
        if name in _MOVES:
            return parts[0]
        if name == "multiply":
            sign = r"\cdot" if any(text in scalars or _NUMBER.fullmatch(text) for text, _ in parts) else r"\odot"
            second = (parts[1][0], 0.0) if parts[1][0].startswith("-") else parts[1]
            return f"{_hold(parts[0], ELEMENTS)} {sign} {_hold(second, FACTOR)}", ELEMENTS
        if name == "matmul":
            return r" \, ".join(_hold(part, FACTOR) for part in parts), FACTOR
        if name == "transpose" and params.get("axes", "None") in ("None", r"\mathrm{(1, 0)}"):
            return rf"{_hold(parts[0], ATOM)}^{{\top}}", ATOM
        if name == "affine":
            whole = rf"{_hold(parts[0], FACTOR)} \, {_hold(parts[1], ATOM)}^{{\top}}"
            return (f"{whole} + {_hold(parts[2], ELEMENTS)}", TERM) if parts[2:] else (whole, FACTOR)
        if name == "index_add" and parts[0][0] == "0" and "index" in params:
            return rf"\left(\mathbf{{0}}{_index(params)} \mathrel{{+}}= {parts[1][0]}\right)", ATOM
        if word in ("sum", "mean") and len(parts) == 1:
            sign = r"\sum" if word == "sum" else r"\operatorname{mean}"
            axis = re.sub(r"\\mathrm\{(.*)\}", r"\1", params.get("axis", ""))
            below = rf"_{{\mathrm{{axis}}\,{axis}}}" if axis not in ("", "None") else ""
            return rf"{sign}{below}\left({parts[0][0]}\right)", ATOM
        if name == "getitem" and "index" in params:
            return _hold(parts[0], ATOM) + _index(params), ATOM
        if name == "norm":
            return rf"\left\lVert {parts[0][0]} \right\rVert", ATOM
        if word in _WORDS:
            return rf"{_WORDS[word]}\left({parts[0][0]}\right)", ATOM
        shown = {key: x for key, x in params.items() if key not in ("shape", "dtype")}
        text, own = LATEX.operation(primitive, parts, shown if len(shown) <= SETTINGS else {})
        return text.replace(rf"\operatorname{{{_escaped(word)}}}", rf"\operatorname{{{word.replace('_', SPACE)}}}"), own

    return Style(LATEX.atom, operation)


def _index(params: Mapping[str, str]) -> str:
    """An index in brackets."""
    inside = re.sub(r"\\mathrm\{(.*)\}", r"\1", params["index"]).strip("[]")
    return f"[{inside.replace('…', DOTS)}]"


def _escaped(word: str) -> str:
    return word.replace("_", r"\_")


def _hold(part: Part, strength: float) -> str:
    return part[0] if part[1] >= strength else rf"\left({part[0]}\right)"


def total(terms: Iterable[str]) -> str:
    """A sum, of which terms may begin with a minus."""
    first, *others = terms
    return "".join([first, *(f" - {term[1:]}" if term.startswith("-") else f" + {term}" for term in others)])


def lines(terms: Sequence[str]) -> list[str]:
    """A sum as right sides of rows: one when it is short, else one for each term."""
    whole = total(terms or ["0"])
    if len(whole) <= WIDE or len(terms) < 2:
        return [f"= {whole}"]
    first, *others = terms
    return [f"= {first}", *(f"- {term[1:]}" if term.startswith("-") else f"+ {term}" for term in others)]
