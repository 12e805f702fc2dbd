"""Where an answer of PyTorch's differs from ours, and PyTorch itself shows that it is not to be trusted.

- Its forward mode may contradict its gradient: both are one linear map.
- In float32 both sides round: its answer in float64 says who was right.
- At 1e-170 its squares vanish. Many functions are homogeneous, f(c x) = cᵏ f(x), a norm with k = 1, an angle with
  k = 0, and so are their derivatives; whether one is, and with which k, its answers at two larger scales say, and with
  that what it must be at this one.
- What cancels leaves rounding errors, and a singular matrix has singular vectors that are arbitrary: its answer then
  changes as much when all numbers are multiplied by 1 + 2⁻⁴⁰, which breaks no tie.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tests.operators.closeness import largest, nearer
from tests.operators.peer import TINY, Answer, Sample, ask, rebuild, seeds, torch

PARTS = ("values", "gradients", "second", "forward")


def settle(
    wrong: dict[str, str], sample: Sample, theirs: Callable[..., Any], found: Answer, expected: Answer, dtype: Any
) -> dict[str, str]:
    """Why the parts of an answer that differ do so; the parts that are settled so are taken out of `wrong`."""
    reasons: dict[str, str] = {}
    for try_to in (_by_the_adjoint, _by_precision, _by_scale, _by_conditioning):
        if wrong:
            for part, reason in try_to(wrong, sample, theirs, found, expected, dtype).items():
                reasons[part] = reason
                del wrong[part]
    return reasons


Parts = dict[str, str]


def _by_the_adjoint(wrong: Parts, sample: Sample, theirs: Any, found: Answer, expected: Answer, dtype: Any) -> Parts:
    if "forward" not in wrong or "gradients" in wrong or "error" in wrong:
        return {}
    ours_belongs, theirs_belongs = (_adjoint(side, sample.leaves, dtype) for side in (found, expected))
    reason = "its forward mode contradicts its gradient, which is ours"
    return {"forward": reason} if ours_belongs and not theirs_belongs else {}


def _adjoint(answer: Answer, leaves: list[Any], dtype: Any) -> bool:
    """Whether gradient and forward mode belong together: ⟨cotangent, J t⟩ = ⟨Jᵀ cotangent, t⟩."""
    tangents = seeds([x.shape for x in leaves], -1.0, dtype)
    pushed = [np.ravel(g * t) for g, t in zip(answer.cotangents(dtype), answer.forward or [], strict=True)]
    pulled = [np.ravel(g * t) for g, t in zip(answer.gradients or [], tangents, strict=True)]
    a, b = (np.concatenate(parts).astype(float) for parts in (pushed, pulled))
    size = np.sum(np.abs(a)) + np.sum(np.abs(b))
    return bool(abs(np.sum(a) - np.sum(b)) <= (1e-9 if dtype is np.float64 else 1e-4) * size)


def _by_precision(wrong: Parts, sample: Sample, theirs: Any, found: Answer, expected: Answer, dtype: Any) -> Parts:
    if dtype is not np.float32:
        return {}
    truth = _asked(sample, theirs, dtype, precise=True)
    return _near_the_truth(wrong, found, expected, truth, "its float64 is as near to ours")


def _by_scale(wrong: Parts, sample: Sample, theirs: Any, found: Answer, expected: Answer, dtype: Any) -> Parts:
    if dtype is not np.float64 or sample.move != "tiny":
        return {}
    tiny = TINY[torch.float64]
    whole, half = (_asked(_scaled(sample, factor / tiny), theirs, dtype) for factor in (1.0, 0.5))
    if whole is None or half is None:
        return {}
    truth = Answer([], whole.differentiable)
    for part in PARTS:
        pair = getattr(whole, part), getattr(half, part)
        if None not in pair:
            setattr(truth, part, [_homogeneous(a, b, tiny) for a, b in zip(*pair, strict=True)])
    return _near_the_truth(wrong, found, expected, truth, "its answers to larger samples, scaled, are ours")


def _homogeneous(whole: Any, half: Any, scale: float) -> Any:
    """What an array that is known at scales 1 and 1/2 is at another; nan where it is not homogeneous."""
    if not isinstance(whole, np.ndarray) or whole.dtype.kind != "f":
        return whole
    degree = np.log2(whole / half)
    zero = (whole == 0) & (half == 0)
    known = zero | (np.abs(degree - np.round(degree)) < 1e-9)
    return np.where(known, whole * np.float64(scale) ** np.where(zero, 0, np.round(degree)), np.nan)


def _near_the_truth(wrong: Parts, found: Answer, expected: Answer, truth: Answer | None, reason: str) -> Parts:
    return {
        part: reason
        for part in wrong
        if getattr(truth, part, None) is not None
        and all(map(nearer, getattr(found, part), getattr(expected, part), getattr(truth, part)))
    }


def _by_conditioning(wrong: Parts, sample: Sample, theirs: Any, found: Answer, expected: Answer, dtype: Any) -> Parts:
    again = _asked(_scaled(sample, 1 + 2.0 ** (-40 if dtype is np.float64 else -20)), theirs, dtype)
    reason = "its answer changes as much when all numbers are multiplied by 1 + 2⁻⁴⁰"
    return {
        part: reason
        for part in wrong
        if getattr(again, part, None) is not None
        and all(
            largest(a, b) <= 4 * largest(c, b)
            for a, b, c in zip(getattr(found, part), getattr(expected, part), getattr(again, part), strict=True)
        )
    }


def _scaled(sample: Sample, factor: float) -> Sample:
    new: dict[int, Any] = {}

    def scale(x: Any) -> Any:
        return new.setdefault(id(x), x * factor if x.is_floating_point() else x)

    arguments = rebuild(sample.arguments, scale)
    return replace(sample, arguments=arguments, leaves=[new[id(x)] for x in sample.leaves])


def _asked(sample: Sample, theirs: Any, dtype: Any, **how: Any) -> Answer | None:
    try:
        return ask(sample, theirs, dtype, **how)
    except Exception:  # whatever PyTorch raises: then it says nothing
        return None
