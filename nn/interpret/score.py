"""The score that is to be explained: one output of each example, and its gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from autograd import Node, OperandError, ShapeError, no_grad
from nn.module import Module
from nn.training.evaluate import in_eval_mode

Model = Callable[[Any], Any]


def inputs(x: Any) -> ndarray:
    """A batch as an array of floats. Errors: OperandError, ShapeError."""
    found = np.asarray(x.data if isinstance(x, Node) else x)
    if found.dtype.kind != "f":
        raise OperandError(
            f"an attribution asks what small changes would do, and x has dtype {found.dtype}.\n"
            "  Give x.astype(numpy.float32). For words, explain the part of the model that follows the embedding."
        )
    if not found.ndim or not found.size:
        raise ShapeError(f"an attribution is of a batch of examples, (N, ...), and x has shape {found.shape}.")
    return found


@contextmanager
def asked(model: Model) -> Iterator[None]:
    """Inside, the model is in eval mode, and nothing is recorded but what is asked for."""
    if isinstance(model, Module):
        with in_eval_mode(model), no_grad():
            yield
    else:
        with no_grad():
            yield


def chosen(model: Model, x: ndarray, target: Any) -> Any:
    """The target for each example: that which was given, checked, or the largest output. Within `asked`."""
    output = model(x)
    shape = np.shape(output)
    if not shape or shape[0] != len(x):
        raise ShapeError(f"the model makes {shape} of {len(x)} examples: an attribution needs an output for each.")
    if len(shape) == 1 or shape[1:] == (1,):
        if target is not None and np.any(target):
            raise ShapeError(f"the model has one output for each example, shape {shape}, and the target is {target!r}.")
        return (0,) * (len(shape) - 1)
    if target is None:
        plain = np.asarray(output.data if isinstance(output, Node) else output)
        return (plain.reshape(*shape[:2], -1).sum(2).argmax(1),)
    places = tuple(_index(part) for part in (target if isinstance(target, tuple) else (target,)))
    for axis, part in enumerate(places, start=1):
        if axis >= len(shape) or part.shape not in ((), (len(x),)):
            raise ShapeError(
                f"the target {target!r:.80} does not fit outputs of shape {shape}.\n"
                f"  It is an index for all, or an array of {len(x)}, one for each example; or a tuple, for more axes."
            )
        if (part < 0).any() or (part >= shape[axis]).any():
            raise IndexError(
                f"the target {target!r:.80} lies outside of the outputs, which are 0 to {shape[axis] - 1}."
            )
    return places


def _index(target: Any) -> ndarray:
    found = np.asarray(target.data if isinstance(target, Node) else target)
    if found.dtype.kind not in "iu":
        raise OperandError(f"a target is the index of an output, a whole number, and not {target!r:.80}.")
    return found


def scores(output: Any, places: Any) -> Any:
    """The chosen output of each example, (N,)."""
    output = autograd.Tensor(output) if isinstance(output, ndarray) else output
    picked = output[(np.arange(len(output)), *places)] if places else output
    return picked.sum(tuple(range(1, picked.ndim))) if picked.ndim > 1 else picked


def slopes(model: Model, x: ndarray, places: Any) -> ndarray:
    """The gradient of each example's score by the example. Within `asked`.

    One gradient of the sum of all scores, since in eval mode no example has to do with another.
    """
    found: ndarray = autograd.grad(lambda batch: scores(model(batch), places).sum())(x)
    return found
