"""What adapters share: PyTorch's `dim` where NumPy's `axis` is meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def axis(x: Any, dim: Any) -> Any:
    """In PyTorch a number has an axis, 0, to go along, and no axes are all of them."""
    return None if not x.ndim or dim in ((), []) else tuple(dim) if isinstance(dim, list) else dim


def scanned(scan: Callable[..., Any]) -> Callable[..., Any]:
    """A scan along `dim`; of a number it is the number."""

    def adapted(x: Any, dim: int, *, dtype: Any = None) -> Any:
        x = x if dtype is None else x.astype(dtype)
        return scan(x, dim) if x.ndim else scan(x.reshape(1), 0).reshape(())

    return adapted


def with_axis(x: Any) -> Any:
    """A number as a row of one."""
    return x if x.ndim else x.reshape(1)
