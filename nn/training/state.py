"""A state as arrays by name, as files take it: nested dicts and lists of arrays, numbers and words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy import ndarray

from nn.module import StateError

__all__ = ["pack", "unpack"]

OUTLINE = "outline"  # the array that holds all but the arrays, as JSON
ARRAY = "\0array:"  # what stands in the outline for an array, before its name


def pack(state: Mapping[str, Any]) -> dict[str, ndarray]:
    """The arrays of a state by their paths, `model.0.weight`, and an outline of the rest.

    >>> from nn.training.state import pack, unpack
    >>> import numpy as np
    >>> arrays = pack({"model": {"0.weight": np.ones(2)}, "epoch": 3, "rows": [{"loss": 0.5}]})
    >>> sorted(arrays)
    ['model.0.weight', 'outline']
    >>> unpack(arrays)
    {'model': {'0.weight': array([1., 1.])}, 'epoch': 3, 'rows': [{'loss': 0.5}]}
    """
    arrays: dict[str, ndarray] = {}
    outline = json.dumps(_outlined(state, "", arrays))
    arrays[OUTLINE] = np.frombuffer(outline.encode(), np.uint8)
    return arrays


def unpack(arrays: Mapping[str, ndarray]) -> dict[str, Any]:
    """The state that `pack` took. Errors: StateError."""
    try:
        return _filled(json.loads(arrays[OUTLINE].tobytes()), arrays)  # type: ignore[no-any-return]
    except (KeyError, ValueError) as error:
        raise StateError(f"this is no checkpoint of a training: {error!r}.") from None


def _outlined(thing: Any, path: str, arrays: dict[str, ndarray]) -> Any:
    if isinstance(thing, ndarray):
        name = path
        while name in arrays or name == OUTLINE:
            name += "_"
        arrays[name] = thing
        return ARRAY + name
    if isinstance(thing, Mapping):
        return {str(key): _outlined(part, f"{path}.{key}" if path else str(key), arrays) for key, part in thing.items()}
    if isinstance(thing, list | tuple):
        return [_outlined(part, f"{path}.{i}", arrays) for i, part in enumerate(thing)]
    if isinstance(thing, np.generic):
        return thing.item()
    if thing is None or isinstance(thing, bool | int | float | str):
        return thing
    raise StateError(f"{path} cannot be saved: a state is made of arrays, numbers and words, and not of {thing!r:.80}.")


def _filled(outline: Any, arrays: Mapping[str, ndarray]) -> Any:
    if isinstance(outline, dict):
        return {key: _filled(part, arrays) for key, part in outline.items()}
    if isinstance(outline, list):
        return [_filled(part, arrays) for part in outline]
    if isinstance(outline, str) and outline.startswith(ARRAY):
        return arrays[outline.removeprefix(ARRAY)]
    return outline
