"""Caption: what folded boxes and frames are called, and what is in them, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby, takewhile

from autograd.origin import Scope

MANY = 5  # operations, at most, are listed


def title(scopes: Sequence[Scope], depth: int) -> str:
    """What modules are called, the first and the last one of them, inside a frame of so many levels; and their class.

    >>> model = Scope("model")
    >>> title([Scope(f"blocks.{i}", "Block", outer=model) for i in range(100)], depth=1)
    'blocks.0 … 99 · Block'
    """
    first, last = (".".join(scope.path[depth:]) for scope in (scopes[0], scopes[-1]))
    kinds = {scope.kind for scope in scopes}
    kind = kinds.pop() if len(kinds) == 1 else ""
    name = " · ".join(dict.fromkeys(filter(None, [span(first, last), kind])))
    return f"{name}, call {scopes[0].call + 1}" if len(scopes) == 1 and scopes[0].call else name


def span(first: str, last: str) -> str:
    """From one name to another, without what both begin with; nothing when one of them is missing.

    >>> span("w[0]", "w[9]"), span("layers.0.w", "layers.3.w"), span("b", "b"), span("", "b")
    ('w[0] … w[9]', 'layers.0.w … 3.w', 'b', '')
    """
    if first == last:
        return first
    parts, other = first.split("."), last.split(".")
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(parts[:-1], other[:-1]))))
    return f"{first} … {'.'.join(other[same:])}" if first and last else ""


def contents(parts: Iterable[str]) -> str:
    """What follows one another, `* → + → tanh`; of too many parts how many of each."""
    parts = list(parts)
    groups = [(part, len(list(group))) for part, group in groupby(parts)]
    return _listed(groups, " → ") if len(groups) <= MANY else counted(parts)


def counted(parts: Iterable[str]) -> str:
    """How many there are of each: `+ ×200, * ×100`."""
    common = Counter(parts).most_common()
    return _listed(common[:MANY], ", ") + (", …" if len(common) > MANY else "")


def _listed(groups: Sequence[tuple[str, int]], between: str) -> str:
    return between.join(part if count == 1 else f"{part} ×{count:,}" for part, count in groups)


def amount(number: int, thing: str) -> str:
    """`1 node`, `2,700 nodes`, or nothing."""
    return f"{number:,} {thing}{'s' * (number != 1)}" if number else ""
