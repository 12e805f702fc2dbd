"""The state of a model: its numbers by name, copied out, and copied in all or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

from autograd import AutogradError, Node, Value

__all__ = ["StateError"]

SHOWN = 20  # problems in one error


class StateError(AutogradError, RuntimeError):
    """A state that does not fit the model or optimizer it was to be loaded into."""


class Mismatch(NamedTuple):
    """What `load_state_dict(strict=False)` passed over."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def copied(own: Mapping[str, Any], prefix: str = "") -> dict[str, ndarray]:
    """Copies of parameters and buffers as arrays."""
    return {prefix + name: np.array(plain(thing)) for name, thing in own.items()}


def load(kind: str, own: Mapping[str, Any], state: Mapping[str, Any], strict: bool) -> Mismatch:
    """Write the arrays of a state into parameters and buffers of the same names, unless something does not fit.

    The arrays stay where they are, so that views of them (an optimizer's) see the new numbers.
    """
    if not isinstance(state, Mapping):
        raise StateError(f"a state is a dict of arrays by name, such as state_dict() returns, and not {state!r:.80}.")
    mismatch = Mismatch([name for name in own if name not in state], [name for name in state if name not in own])
    problems = [f"{name} is missing" for name in mismatch.missing_keys if strict]
    problems += [f"{name} is not in the model" for name in mismatch.unexpected_keys if strict]
    hint = _behind_prefix(own, state) if problems else ""
    arrays: dict[str, ndarray] = {}
    for name in own.keys() & state.keys():
        try:
            arrays[name] = np.asarray(plain(state[name]))
        except Exception as error:  # whatever a foreign object raises when it is asked for its numbers
            problems.append(f"{name} is no array: {error}")
    names = [name for name in own if name in arrays]
    problems += [problem for name in names if (problem := _misfit(name, arrays[name], np.asarray(plain(own[name]))))]
    problems += _untied({name: own[name] for name in names}, arrays)
    if problems:
        listed = "\n  ".join(problems[:SHOWN]) + (f"\n  and {len(problems) - SHOWN} more" if problems[SHOWN:] else "")
        raise StateError(f"the state does not fit {kind}, which is left as it was:\n  {listed}{hint}")
    for name in names:
        thing = own[name]
        if isinstance(thing, Value):
            thing.data = float(arrays[name])
        else:
            plain(thing)[...] = arrays[name]
    return mismatch


def plain(thing: Any) -> Any:
    """The numbers of a parameter or buffer."""
    return thing.data if isinstance(thing, Node) else thing


def _misfit(name: str, given: ndarray, own: ndarray) -> str:
    """Why an array cannot become this parameter or buffer; nothing when it can."""
    if given.shape != own.shape:
        return f"{name} has shape {own.shape}, and the state has {given.shape}"
    if not np.can_cast(given.dtype, own.dtype, "same_kind"):
        return f"{name} is of {own.dtype}, and the state has {given.dtype}"
    return "" if own.flags.writeable else f"{name} is an array that cannot be written into"


def _untied(own: Mapping[str, Any], arrays: Mapping[str, ndarray]) -> list[str]:
    """Names of one and the same parameter that the state has different numbers for."""
    first: dict[int, str] = {}
    return [
        f"{first[id(thing)]} and {name} are one parameter, and the state has different numbers for them"
        for name, thing in own.items()
        if not np.array_equal(arrays[first.setdefault(id(thing), name)], arrays[name], equal_nan=_has_nan(arrays[name]))
    ]


def _has_nan(x: ndarray) -> bool:
    return x.dtype.kind == "f"


def _behind_prefix(own: Mapping[str, Any], state: Mapping[str, Any]) -> str:
    """A hint where all names are there, but behind a prefix: one that a wrapper around the model has left."""
    name = next(iter(own), "")
    for given in state:
        prefix = str(given).removesuffix(name)
        if prefix and prefix != given and all(prefix + each in state for each in own):
            strip = f"{{name.removeprefix({prefix!r}): x for name, x in state.items()}}"
            return f"\n  The model's names are all there behind {prefix!r}. Take it off: {strip}."
    return ""
