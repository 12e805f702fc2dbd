"""Where numbers are so small that squares of them vanish: what PyTorch answers to larger ones decides.

Many functions are homogeneous: f(c x) = cᵏ f(x), a norm with k = 1, an angle with k = 0; their gradients are so with
k - 1, and so on. Whether one is, and with which k, is asked of PyTorch, at two scales where nothing vanishes; what it
must then be at 1e-170 follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tests.operators.peer import TINY, Answer, Sample, ask, rebuild, torch


def from_larger_scale(sample: Sample, theirs: Callable[..., Any], dtype: Any) -> Answer | None:
    """What PyTorch's answers to a larger sample say of this one; None where they say nothing."""
    tiny = TINY[torch.float64]
    whole, half = (ask(_scaled(sample, factor / tiny), theirs, dtype) for factor in (1.0, 0.5))
    found = Answer(_part(whole.values, half.values, tiny), whole.differentiable)
    for part in ("gradients", "second", "forward"):
        one, other = getattr(whole, part), getattr(half, part)
        if one is not None and other is not None:
            setattr(found, part, _part(one, other, tiny))
    return found


def _scaled(sample: Sample, factor: float) -> Sample:
    new: dict[int, Any] = {}

    def scale(x: Any) -> Any:
        return new.setdefault(id(x), x * factor if x.is_floating_point() else x)

    arguments = rebuild(sample.arguments, scale)
    return replace(sample, arguments=arguments, leaves=[new[id(x)] for x in sample.leaves])


def _part(whole: list[Any], half: list[Any], tiny: float) -> list[Any]:
    """Each array at the tiny scale; nan where it is not homogeneous."""
    return [_array(a, b, tiny) for a, b in zip(whole, half, strict=True)]


def _array(whole: Any, half: Any, tiny: float) -> Any:
    if not isinstance(whole, np.ndarray) or whole.dtype.kind != "f":
        return whole
    with np.errstate(all="ignore"):
        degree = np.log2(whole / half)
        known = (whole == 0) & (half == 0) | (np.abs(degree - np.round(degree)) < 1e-9)
        degrees = np.where(whole == 0, 0, np.round(degree))
        return np.where(known, whole * np.float64(tiny) ** degrees, np.nan)
