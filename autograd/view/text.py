"""How numbers, arrays and settings are written in pictures: short, and always in the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

FEW = 6  # an array of up to so many elements is written out
NOT_COMPUTED = "·"


def number(x: Any) -> str:
    """A number with four digits; floats keep a point, and the minus sign is one that can be seen from the last row.

    >>> number(2.0), number(-0.70710678), number(3), number(1e-5)
    ('2.0', '−0.7071', '3', '1.0e−5')
    """
    return plain_number(x).replace("-", "−")


def plain_number(x: Any) -> str:
    """The same in Python's notation, for use inside formulas.

    >>> plain_number(-1234567.0)
    '-1.235e6'
    """
    if not isinstance(x, float | np.floating):
        return str(x)
    text, _, exponent = f"{x:.4g}".partition("e")
    if text.lstrip("-").isdigit():
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


def settings(operation: str, params: Mapping[str, Any]) -> str:
    """Static parameters, shortly: those that the operation's sign or the shape of the result do not show already.

    >>> settings("sum", {"axis": 0, "keepdims": False})
    'axis=0'
    >>> settings("getitem", {"index": (slice(1, None), None, 2)})
    '[1:, None, 2]'
    """
    shown = {
        key: value
        for key, value in params.items()
        if key not in ("shape", "dtype") and value is not None and value is not False and str(value) not in operation
    }
    if set(shown) == {"index"}:
        return f"[{_setting(shown['index']).strip('()').rstrip(',')}]"
    return _cut(", ".join(f"{key}={_setting(value)}" for key, value in shown.items()))


def _setting(x: Any) -> str:
    if isinstance(x, tuple):
        return f"({', '.join(map(_setting, x))}{',' * (len(x) == 1)})"
    if isinstance(x, slice):
        parts = ["" if part is None else str(part) for part in (x.start, x.stop, x.step)]
        return ":".join(parts if parts[2] else parts[:2])
    if x is Ellipsis:
        return "..."
    if isinstance(x, ndarray) and x.size > FEW:
        return f"{x.dtype}{x.shape}"
    return str(x.tolist() if isinstance(x, ndarray) else x)


def _cut(text: str, length: int = 32) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
