"""How numbers, arrays and settings are written in pictures: short, and always in the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

FEW = 6  # an array of up to so many elements is written out
NOT_COMPUTED = "·"
_SHOWN = ("shape", "dtype")  # beside the result
SIMPLE = (bool, int, float, str, tuple, slice, type(...), ndarray, np.generic)


def number(x: Any) -> str:
    """A number with four digits; floats keep a point, unless all four stand before it and more would follow.

    >>> number(2.0), number(-0.70710678), number(3), number(1234.5), number(-1234567.0), number(1e-5)
    ('2.0', '-0.7071', '3', '1234', '-1.235e6', '1.0e-5')
    """
    if not isinstance(x, float | np.floating):
        return str(x)
    text, _, exponent = f"{x:.4g}".partition("e")
    whole = text.lstrip("-")
    if whole.isdigit() and (len(whole) < 4 or float(text) == x):
        text += ".0"
    return f"{text}e{int(exponent)}" if exponent else text


def entries(x: Any) -> list[str]:
    """A number, all elements of a small array, or the smallest, the mean and the largest element of a larger one.

    >>> entries(np.array([[1.0, 2.0], [3.0, 4.0]]))
    ['[[1.0, 2.0], [3.0, 4.0]]']
    >>> entries(np.arange(10))
    ['0', '4.5', '9']
    """
    if not isinstance(x, ndarray):
        return [number(x)]
    return [_nested(x.tolist())] if x.size <= FEW else spread([x])


def spread(arrays: Sequence[ndarray]) -> list[str]:
    """The smallest, the mean and the largest element of several arrays together."""
    with np.errstate(all="ignore"):
        low, high = np.min([a.min() for a in arrays]), np.max([a.max() for a in arrays])
        mean = sum(float(a.sum(dtype=float)) for a in arrays) / sum(a.size for a in arrays)
    return [number(low.item()), number(mean), number(high.item())]


def _nested(x: Any) -> str:
    return f"[{', '.join(map(_nested, x))}]" if isinstance(x, list) else number(x)


def settings(notation: str, params: Mapping[str, Any]) -> str:
    """Static parameters, shortly: those that the operation's sign or the shape of the result do not show already.

    >>> settings("", {"axis": 0, "keepdims": False})
    'axis=0'
    >>> settings("**{n}", {"n": 2})
    ''
    >>> settings("", {"index": (slice(1, None), None, 2)})
    '[1:, None, 2]'
    """
    shown = {
        key: value
        for key, value in params.items()
        if key not in _SHOWN and f"{{{key}}}" not in notation and isinstance(value, SIMPLE) and value is not False
    }
    if set(shown) == {"index"}:
        index = shown["index"]
        text = f"[{', '.join(map(setting, index)) if isinstance(index, tuple) else setting(index)}]"
        return text if len(text) <= 32 else "[…]"
    return cut(", ".join(f"{key}={setting(value)}" for key, value in shown.items()), 32)


def setting(x: Any) -> str:
    """One static parameter: tuples, slices and small arrays as one would type them."""
    if isinstance(x, tuple):
        return f"({', '.join(map(setting, x))}{',' * (len(x) == 1)})"
    if isinstance(x, slice):
        parts = ["" if part is None else str(part) for part in (x.start, x.stop, x.step)]
        return ":".join(parts if parts[2] else parts[:2])
    if x is Ellipsis:
        return "..."
    if isinstance(x, ndarray) and x.size > FEW:
        return f"{x.dtype}{x.shape}"
    return str(x.tolist() if isinstance(x, ndarray) else x)


def cut(text: str, length: int) -> str:
    """A text of at most so many letters."""
    return text if len(text) <= length else text[: length - 1] + "…"
