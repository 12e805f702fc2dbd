"""Settings of optimizers: what each may be, by its name, and how `optimizer.lr` reads and sets it in all groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Rule = tuple[Callable[[Any], bool], str]

_NOT_NEGATIVE: Rule = (lambda x: x >= 0, "be a number of at least 0")
_COUNT: Rule = (lambda x: x >= 1 and x == int(x), "be a whole number of at least 1")
_FRACTION: Rule = (lambda x: 0 <= x <= 1, "be a number between 0 and 1")

RULES: dict[str, Rule] = {
    "lr": _NOT_NEGATIVE,
    "momentum": _NOT_NEGATIVE,
    "weight_decay": _NOT_NEGATIVE,
    "betas": (lambda x: len(x) == 2 and all(0 <= b < 1 for b in x), "be two numbers of at least 0 and below 1"),
    "eps": (lambda x: all(e is None or e >= 0 for e in (x if isinstance(x, tuple) else (x,))), "be at least 0"),
    "rho": _FRACTION,
    "alpha": _NOT_NEGATIVE,
    "lr_decay": _NOT_NEGATIVE,
    "initial_accumulator_value": _NOT_NEGATIVE,
    "momentum_decay": _NOT_NEGATIVE,
    "lambd": _NOT_NEGATIVE,
    "t0": _NOT_NEGATIVE,
    "etas": (lambda x: len(x) == 2 and 0 < x[0] < 1 < x[1], "be a number between 0 and 1 and a number above 1"),
    "step_sizes": (lambda x: len(x) == 2 and 0 <= x[0] <= x[1], "be two numbers, the smaller first"),
    "beta2_decay": (lambda x: x <= 0, "be a number of at most 0"),
    "d": (lambda x: x >= 1, "be a number of at least 1"),
    "ns_coefficients": (lambda x: len(x) == 3, "be three numbers"),
    "ns_steps": (lambda x: 0 <= x < 100 and x == int(x), "be a whole number of at least 0 and below 100"),
    "adjust_lr_fn": (lambda x: x in (None, "original", "match_rms_adamw"), "be 'original' or 'match_rms_adamw'"),
    "line_search_fn": (lambda x: x in (None, "strong_wolfe"), "be 'strong_wolfe' or None"),
    "max_iter": _COUNT,
    "max_eval": _COUNT,
    "history_size": _COUNT,
    "tolerance_grad": _NOT_NEGATIVE,
    "tolerance_change": _NOT_NEGATIVE,
}


def checked(owner: str, name: str, x: Any) -> Any:
    """A setting as a plain number (or tuple, text, None). Errors: ValueError where it is not what it may be."""
    if name not in RULES:
        return plain(x)
    allowed, words = RULES[name]
    found = plain(tuple(x) if isinstance(x, list) else x)
    try:
        fits = allowed(found)
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise ValueError(f"{owner}: {name} must {words}, and is {x!r}.")
    return found


def plain(x: Any) -> Any:
    """A setting as Python's own number: NumPy's among the factors would turn a step in float32 into one in float64."""
    if isinstance(x, tuple):
        return tuple(plain(part) for part in x)
    try:
        return x.item()  # of a Tensor or an array with one element, ours or another library's
    except (AttributeError, ValueError, RuntimeError):
        return x


class Group(dict[str, Any]):
    """A group of parameters, "params", and their settings: a dict that only takes what each setting may be."""

    owner = "a group of parameters"

    def __init__(self, owner: str, entries: Mapping[str, Any]) -> None:
        self.owner = owner
        self.update(entries)

    def __setitem__(self, name: str, x: Any) -> None:
        super().__setitem__(name, checked(self.owner, name, x))

    def update(self, entries: Mapping[str, Any]) -> None:  # type: ignore[override]
        """Set several entries."""
        for name, x in entries.items():
            self[name] = x

    def setdefault(self, name: str, default: Any = None) -> Any:
        """The entry, which is this if there has been none."""
        if name not in self:
            self[name] = default
        return self[name]

    def __reduce__(self) -> tuple[Any, ...]:
        return Group, (self.owner, dict(self))


class Setting:
    """An attribute of an optimizer that stands for an entry of all its groups."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, optimizer: Any, owner: type | None = None) -> Any:
        if optimizer is None:
            return self
        first, *others = (group[self.name] for group in optimizer.param_groups)
        if any(other != first for other in others):
            raise AttributeError(
                f"the groups of this {type(optimizer).__name__} differ in {self.name}: "
                f"read optimizer.param_groups[0][{self.name!r}] and so on."
            )
        return first

    def __set__(self, optimizer: Any, value: Any) -> None:
        for group in optimizer.param_groups:
            group[self.name] = value
