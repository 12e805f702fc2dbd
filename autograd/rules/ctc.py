"""Connectionist temporal classification: how likely a sequence of labels is, however it is spread over time.

Graves, Fernández, Gomez and Schmidhuber, "Connectionist Temporal Classification", 2006. In each frame a network says
how likely each class is, one of which is the *blank*. A path picks a class for each frame. What it spells is left when
repetitions are merged and then blanks dropped: `a a - a b` spells `a a b`. The likelihood of the labels is the sum
over all paths that spell them. Such a path is a walk through the *states* blank, label, blank, label, ..., blank: in
each frame it stays, goes on to the next state, or skips a blank that stands between two different labels. All walks
are summed up by going through the frames once forwards, once backwards.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, case
from autograd.errors import ShapeError, describe, place
from autograd.primitive import general
from autograd.rules.contraction import einsum
from autograd.rules.exponential import exp, logaddexp
from autograd.rules.indexing import getitem, whole_numbers
from autograd.rules.library import as_array
from autograd.rules.piecewise import maximum, where
from autograd.rules.reduction import logsumexp, sum
from autograd.rules.shaping import concatenate, reshape, shape_of, stack

__all__ = ["ctc"]

_NEVER = -1e30  # ln 0, but finite: there is no inf - inf to look out for


class _States(NamedTuple):
    """What N sequences may walk through. A step that must not be taken costs `_NEVER`, any other nothing."""

    classes: ndarray  # (N, states): which class each state is of
    skip: ndarray  # (N, states): the cost of reaching it over the blank before it
    stop: ndarray  # (N, states): the cost of ending in it
    last: ndarray  # (N,): the number of the last frame

    def read(self, log_probs: Any) -> Any:
        """Of log-probabilities of classes (T, N, C) those of the states (T, N, states)."""
        return getitem(log_probs, index=(slice(None), np.arange(len(self.last))[:, None], self.classes))


def _states(dtype: Any, labels: ndarray, frames: ndarray, lengths: ndarray, blank: int) -> _States:
    classes = np.full((len(labels), 2 * labels.shape[1] + 1), blank)
    classes[:, 1::2] = np.where(np.arange(labels.shape[1]) < lengths[:, None], labels, blank)
    skip, stop = np.full((2, *classes.shape), _NEVER, dtype)
    skip[:, 3::2][classes[:, 3::2] != classes[:, 1:-2:2]] = 0
    number, end = np.arange(classes.shape[1]), 2 * lengths[:, None]
    stop[(number == end) | (number == end - 1)] = 0
    return _States(classes, skip, stop, frames - 1)


def _any(a: Any, b: Any, c: Any) -> Any:
    """ln(eᵃ + eᵇ + eᶜ)"""
    if not type(a) is type(b) is type(c) is ndarray:
        return logaddexp(logaddexp(a, b), c)
    top = np.maximum(np.maximum(a, b), c)
    return top + np.log(np.exp(a - top) + np.exp(b - top) + np.exp(c - top))


def _before(at: Any, states: _States) -> Any:
    """ln of the likelihood of all walks up to each frame and state, which are included (T, N, states)."""
    outside = np.full((len(states.last), 2), _NEVER, at.dtype)
    x = where(np.arange(states.classes.shape[1]) < 2, at[0], _NEVER)
    found = [x]
    for t in range(1, len(at)):
        x = concatenate([outside, x], 1)
        x = at[t] + _any(x[:, 2:], x[:, 1:-1], x[:, :-2] + states.skip)
        found.append(x)
    return stack(found)


def _after(at: Any, states: _States) -> Any:
    """ln of the likelihood of all walks from each frame and state, which are not included, to the end."""
    outside = np.full((len(states.last), 2), _NEVER, at.dtype)
    skip = np.concatenate([states.skip, outside], 1)[:, 2:]
    here = np.where(states.last == np.arange(len(at))[:, None], 0, _NEVER).astype(at.dtype)
    x = np.full_like(states.stop, _NEVER)
    found = []
    for t in reversed(range(len(at))):
        x = maximum(x, states.stop + here[t, :, None])
        found.append(x)
        x = concatenate([at[t] + x, outside], 1)
        x = _any(x[:, :-2], x[:, 1:-1], x[:, 2:] + skip)
    return stack(found[::-1])


def _ctc_array(log_probs: ndarray, saved: list[ndarray] | None, **labels: Any) -> ndarray:
    states = _states(log_probs.dtype, **labels)
    before = _before(np.maximum(states.read(log_probs), _NEVER), states)
    if saved is not None:
        saved[:] = [before]  # for the backward pass
    likelihood = logsumexp(before[states.last, np.arange(len(states.last))] + states.stop, 1)
    likelihood = np.where(states.last < 0, np.where(labels["lengths"] == 0, 0, _NEVER), likelihood)  # no frames at all
    return np.where(likelihood > _NEVER / 2, -likelihood, np.inf).astype(log_probs.dtype)


def _share(y: Any, log_probs: Any, saved: list[ndarray] | None, **labels: Any) -> tuple[Any, _States]:
    """Which share of the likelihood goes through each frame and state: e to the power of minus the slope there."""
    states = _states(log_probs.dtype, **labels)
    at = maximum(states.read(log_probs), _NEVER)
    before = saved[0] if saved and type(at) is ndarray else _before(at, states)
    return exp(before + _after(at, states) + where(y == np.inf, 0.0, y)[:, None]), states


def _ctc_back(g: Any, y: Any, log_probs: Any, **how: Any) -> Any:
    share, states = _share(y, log_probs, **how)
    of_class = (states.classes[:, :, None] == np.arange(log_probs.shape[2])).astype(log_probs.dtype)
    return einsum("tns,nsc->tnc", share * reshape(-g, (-1, 1)), of_class)


def _ctc_forward(t: Any, y: Any, log_probs: Any, **how: Any) -> Any:
    share, states = _share(y, log_probs, **how)
    return -sum(share * states.read(t), (0, 2))


_SEVERAL = {"labels": np.array([[1, 2], [2, 2], [0, 0]]), "frames": np.array([4, 5, 2]), "lengths": np.array([2, 2, 0])}
ctc_of = general(
    "ctc",
    _ctc_array,
    [_ctc_back],
    [_ctc_forward],
    domain=[
        case(REAL(5, 3, 3), blank=0, saved=None, **_SEVERAL),
        case(REAL(3, 1, 2), blank=1, saved=None, labels=np.array([[0]]), frames=np.array([3]), lengths=np.array([1])),
    ],
    doc="-ln of the likelihood of labels, given those of classes in each frame; inf where no path spells the labels.",
)


def ctc(log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int = 0) -> Any:
    """-ln of the likelihood of labels under log-probabilities of classes in each frame; one number for each sequence.

    Shapes: log_probs (T, N, C); targets (N, S), class numbers; input_lengths and target_lengths (N,), how many frames
    and labels each sequence has. Result (N,), inf where the labels do not fit into the frames; its slope is 0 there.
    Every log-probability is a variable by itself here: `nn.functional.ctc_loss` has PyTorch's slope.

    Cost: time and room of T · N · (2S + 1) numbers, in a few NumPy calls for each frame.

    >>> import autograd, numpy as np
    >>> log_probs = np.log(np.full((3, 1, 2), 0.5))
    >>> float(np.exp(-autograd.ctc(log_probs, [[1]], [3], [1]))[0])  # 6 of 8 paths: 100 010 001 110 011 111
    0.75
    """
    log_probs = as_array(log_probs)
    labels, frames, lengths = (whole_numbers(x, "ctc") for x in (targets, input_lengths, target_lengths))
    shape = shape_of(log_probs)
    if len(shape) != 3 or not shape[0] or labels.shape[:1] != shape[1:2] or labels.ndim != 2:
        raise ShapeError(
            f"ctc of {describe(log_probs)} with targets {describe(labels)}: log_probs is (T, N, C), with at least one "
            f"frame, and targets is (N, S).{place()}"
        )
    for name, count, most in (("input", frames, shape[0]), ("target", lengths, labels.shape[1])):
        if count.shape != shape[1:2] or not 0 <= count.min(initial=0) <= count.max(initial=0) <= most:
            raise ShapeError(
                f"ctc: {name}_lengths are {shape[1]} numbers from 0 to {most}, not {describe(count.tolist())}.{place()}"
            )
    known = labels[np.arange(labels.shape[1]) < lengths[:, None]]
    if not 0 <= min(known.min(initial=blank), blank) <= max(known.max(initial=blank), blank) < shape[2]:
        raise ShapeError(
            f"ctc: targets and the blank are class numbers from 0 to {shape[2] - 1}; the targets are "
            f"{describe(known.tolist())}, the blank is {blank}.{place()}"
        )
    return ctc_of(log_probs, labels=labels, frames=frames, lengths=lengths, blank=blank, saved=[])
