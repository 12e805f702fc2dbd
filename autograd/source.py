"""Source: what the user's program says about the instruction that a frame is at: its place, and where its result goes.

It stands at the bottom of the house: it knows frames, bytecode and files, and nothing of graphs.
"""

from __future__ import annotations

import ast
import dis
import linecache
import os
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from types import CodeType, FrameType

# First line, last line, first column, column after the last; columns count bytes of UTF-8, as Python's own do.
Span = tuple[int, int, int, int]


def where(file: str, line: int) -> str:
    """A place in words: `train.py:12`; in a notebook `In [3], line 12`, in marimo `cell Hbol, line 12`."""
    cell = _cell(file)
    return f"{cell}, line {line}" if cell else f"{os.path.basename(file)}:{line}"


def _cell(file: str) -> str:
    """The cell of a notebook that was compiled under this file name; nothing when there is none."""
    marimo = re.match(r"__marimo__cell_(\w+)_\.py", os.path.basename(file))
    if marimo:
        return f"cell {marimo[1]}"
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = get_ipython and get_ipython()
    name = getattr(getattr(shell, "compile", None), "format_code_name", None)
    number = re.search(r"\d+", " ".join(name(file) or ())) if name else None
    return f"In [{number[0]}]" if number else ""


def span(frame: FrameType) -> Span | None:
    """Where the expression stands that a frame is computing; None when Python was told not to keep it."""
    return _spans(frame.f_code)[frame.f_lasti // 2]


def returned(frame: FrameType) -> bool:
    """Whether a frame returns, just as it is, what it is computing now."""
    return frame.f_lasti in _returning(frame.f_code)


def assigned(frame: FrameType) -> str:
    """The variable that will hold what a frame is computing now, or nothing: `h` in `h = tanh(x)` while tanh is called.

    Of attributes the last name is given: `h` for `self.h = tanh(x)`. It is read from the source, so there is nothing
    where the source is not known, as in `python -c`.
    """
    at = span(frame)
    return _targets("".join(linecache.getlines(frame.f_code.co_filename))).get(at, "") if at else ""


@lru_cache(maxsize=1024)
def _spans(code: CodeType) -> list[Span | None]:
    """Of each two bytes of code."""
    found: list[Span | None] = []
    for line, last, first, end in code.co_positions():
        known = line is not None and last is not None and first is not None and end is not None
        found.append((line, last, first, end) if known else None)  # type: ignore[arg-type]  # none of them is None
    return found


@lru_cache(maxsize=1024)
def _returning(code: CodeType) -> frozenset[int]:
    """The offsets of instructions after which the code returns what they gave, with those of their caches."""
    steps = pairwise(dis.get_instructions(code))
    return frozenset(at for a, b in steps if b.opname == "RETURN_VALUE" for at in range(a.offset, b.offset, 2))


@lru_cache(maxsize=64)
def _targets(text: str) -> dict[Span, str]:
    """The variable that each assigned expression of a source is assigned to."""
    try:
        tree = ast.parse(text)
    except SyntaxError:  # a cell with magic commands, a file that has been changed
        return {}
    found: dict[Span, str] = {}
    for statement in ast.walk(tree):
        for target, value in _assignments(statement):
            name = target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")
            if name:
                found[_span(value)] = name
    return found


def _span(value: ast.expr | ast.stmt) -> Span:
    """Where an expression stands, for the instruction that computes it."""
    line, first = value.lineno, value.col_offset
    attribute = value.func if isinstance(value, ast.Call) else value
    if isinstance(attribute, ast.Attribute) and attribute.end_lineno != line:  # of a chain of methods the last one
        line, first = attribute.end_lineno or 0, (attribute.end_col_offset or 0) - len(attribute.attr)
    return line, value.end_lineno or 0, first, value.end_col_offset or 0


def _assignments(statement: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | ast.stmt]]:
    if isinstance(statement, ast.AugAssign):
        yield statement.target, statement  # the span of `h += x` is that of the whole statement
    elif isinstance(statement, ast.AnnAssign | ast.NamedExpr) and statement.value is not None:
        yield statement.target, statement.value
    elif isinstance(statement, ast.Assign):
        target, value = statement.targets[0], statement.value
        yield target, value
        if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
            yield from zip(target.elts, value.elts)  # q, k, v = f(x), g(x), h(x)
