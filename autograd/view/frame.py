"""Frame: the open modules around the pieces of a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from autograd.origin import Scope

Path = tuple[str, ...]


@dataclass(slots=True, eq=False)
class Frame:
    """An open call of a module; in a folded picture all of its calls, and those of modules that are alike."""

    outer: Frame | None = None
    scopes: dict[Scope, None] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        """The number of modules around what is inside."""
        return 1 + (self.outer.depth if self.outer else 0)


class Frames:
    """The frames of a picture. Two scopes have one frame when they have one key."""

    def __init__(self, key: Callable[[Scope], object]) -> None:
        self._key = key
        self._found: dict[object, Frame] = {}

    def around(self, scopes: Iterable[Scope | None]) -> Frame | None:
        """The innermost frame around all of these."""
        common: Sequence[object] | None = None
        chains = [scope.chain if scope else () for scope in dict.fromkeys(scopes)]
        for chain in chains:
            keys = [self._key(scope) for scope in chain]
            if common is None:
                common = keys
            same = next((i for i, (a, b) in enumerate(zip(common, keys)) if a != b), min(len(common), len(keys)))
            common = common[:same]
        frame: Frame | None = None
        for i, key in enumerate(common or ()):
            frame = self._found.setdefault(key, Frame(frame))
            frame.scopes.update(dict.fromkeys(chain[i] for chain in chains))
        return frame


class Paths:
    """A key for scopes: the path, where of paths that are united only the first one counts."""

    def __init__(self) -> None:
        self._same: dict[Path, Path] = {}
        self._known: dict[Scope, Path] = {}

    def __call__(self, scope: Scope) -> Path:
        found = self._known.get(scope)
        if found is None:
            path = (*self(scope.outer), scope.name) if scope.outer else (scope.name,)
            found = self._known[scope] = self._same.get(path, path)
        return found

    def unite(self, scopes: Iterable[Scope]) -> None:
        """Give all of these the path of the first."""
        paths = [self(scope) for scope in scopes]
        self._same.update(dict.fromkeys(paths, paths[0]))
        self._known.clear()


def worth_drawing(frames: Iterable[Frame | None]) -> dict[Frame, int]:
    """Of the frames of some pieces, and those around them, all that have two things or more inside, with their numbers.

    Outer ones come first.
    """
    inside: Counter[Frame] = Counter()
    every: dict[Frame, None] = {}
    for frame in frames:
        if frame is not None:
            inside[frame] += 1
        while frame is not None and frame not in every:
            every[frame] = None
            frame = frame.outer
            if frame is not None:
                inside[frame] += 1
    kept = sorted((frame for frame in every if inside[frame] > 1), key=lambda frame: frame.depth)
    return {frame: i for i, frame in enumerate(kept)}
