"""Choice: which modules are drawn as one box, and whether what is alike is: what the user said, in one form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from autograd.errors import OperandError, place
from autograd.origin import Scope

Closes = Callable[[Scope], bool]
Fold = Literal["auto", "modules", "repeats"] | float | str | Sequence[str] | Closes | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be folded.

    | attribute | what it is |
    |---|---|
    | `limit` | graphs of more nodes are folded |
    | `repeats` | whether what is alike or repeats is one box: always, never, or (None) in large graphs |
    | `closes` | whether a module is one box; None where that depends on how much there is to draw |
    | `expand` | patterns of modules that are opened all the same |
    """

    limit: float = 300
    repeats: bool | None = None
    closes: Closes | None = None
    expand: tuple[str, ...] = ()

    def closed(self, also: Closes | None = None, scopes: Iterable[Scope | None] = ()) -> Closes | None:
        """Which scopes are closed: those that were said to be, and those that are `also`; None when all are open.

        Among `scopes` are those that are opened all the same.
        """
        closing = [closes for closes in (self.closes, also) if closes]
        opened = self._opened(scopes)
        return (
            (lambda scope: scope.path not in opened and any(closes(scope) for closes in closing)) if closing else None
        )

    def _opened(self, scopes: Iterable[Scope | None]) -> set[tuple[str, ...]]:
        """The paths of what `expand` names, and of all around it."""
        found: set[tuple[str, ...]] = set()
        for scope in set(scopes) if self.expand else ():
            chain = scope.chain if scope else ()
            for i, outer in enumerate(chain):
                if outer.path not in found and matches(outer, self.expand):
                    found.update(around.path for around in chain[: i + 1])
        return found


AUTO = Choice()


def choice(fold: Fold, depth: int | None, expand: str | Sequence[str], limit: float | None) -> Choice:
    """The arguments of `draw`, checked. Errors: OperandError."""
    repeats: bool | None = None
    closing = [] if depth is None else [below(depth)]
    if fold is None:
        repeats = False
    elif fold == "repeats":
        repeats = True
    elif fold == "modules":
        closing = closing or [below(1)]
    elif isinstance(fold, int | float) and not isinstance(fold, bool):
        limit = fold
    elif callable(fold):
        closing.append(fold)
    elif isinstance(fold, str | Sequence):
        names = _several(fold)
        closing += [] if fold == "auto" else [lambda scope: matches(scope, names)]
    else:
        raise OperandError(
            f'fold must be None, "auto", "modules", "repeats", a number of nodes, names of modules or a function of a '
            f"Scope, and is {fold!r}.{place()}"
        )
    return Choice(
        float("inf") if limit is None else limit,
        repeats,
        (lambda scope: any(closes(scope) for closes in closing)) if closing else None,
        _several(expand),
    )


def _several(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def below(depth: int) -> Closes:
    """Whether a scope lies deeper than so many levels; an outermost one is at level 1."""
    return lambda scope: len(scope.path) > depth


def matches(scope: Scope, patterns: Iterable[str]) -> bool:
    """Whether a scope is meant: by its class, its path, or the end of its path; `*` stands for anything.

    >>> block = Scope("blocks.3", "Block", outer=Scope("model"))
    >>> [matches(block, [pattern]) for pattern in ("model.blocks.3", "blocks.*", "Block", "3", "model")]
    [True, True, True, False, False]
    """
    path = scope.path
    ends = [scope.kind, *(".".join(path[i:]) for i in range(len(path)))]
    return any(fnmatchcase(end, pattern) for pattern in patterns for end in ends)
