"""HIPS autograd's helpers for rules of functions that broadcast: a gradient in the shape of its argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.rules.shaping import shape_of, sum_to

__all__ = ["unbroadcast", "unbroadcast_f"]


def unbroadcast(x: Any, target: Any) -> Any:
    """x summed over the axes along which `target` has been broadcast.

    >>> import numpy as np
    >>> unbroadcast(np.ones((2, 3)), np.zeros((1, 3)))
    array([[2., 2., 2.]])
    """
    return sum_to(x, shape=shape_of(target)) if shape_of(x) != shape_of(target) else x


def unbroadcast_f(target: Any, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The rule g ↦ f(g), summed back to the shape of `target`."""
    return lambda g: unbroadcast(f(g), target)
