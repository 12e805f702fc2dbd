"""Our side: what we answer to a sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import Node, Tensor
from tests.operators.peer import DTYPES, Answer, Sample, flat, rebuild, seeds, torch


def answer(sample: Sample, ours: Callable[..., Any], expected: Answer, dtype: Any) -> Answer:
    """What we find, of what PyTorch found. Errors: whatever we raise."""
    found = Answer([], expected.differentiable)

    def at(*leaves: Any) -> list[Any]:
        """The results that PyTorch differentiates; all are left in `found`."""
        nodes = {id(x): y for x, y in zip(sample.leaves, leaves, strict=True)}

        def replace(x: Any) -> Any:
            return nodes[id(x)] if id(x) in nodes else Tensor(x.numpy(), requires_grad=False)

        positional, named = _translated(rebuild(sample.arguments, replace))
        results = flat(ours(*positional, **named))
        found.values = [y.data if isinstance(y, Node) else y for y in results]
        if len(results) != len(expected.differentiable):
            raise ValueError(f"{len(results)} results are not {len(expected.differentiable)}")
        return [y for y, chosen in zip(results, expected.differentiable, strict=True) if chosen]

    arrays = [x.numpy() for x in sample.leaves]
    before = [x.copy() for x in arrays]
    if expected.gradients is None:
        at(*map(Tensor, arrays))
        return found
    cotangents = expected.cotangents(dtype)
    tangents = seeds([x.shape for x in arrays], -1.0, dtype)

    def slopes(*leaves: Any) -> tuple[Any, ...]:
        return autograd.vjp(at, *leaves)[1](cotangents)

    found.gradients = list(slopes(*arrays))
    if expected.second is not None:
        found.second = list(autograd.vjp(slopes, *arrays)[1](tuple(tangents)))
    if expected.forward is not None:
        found.forward = autograd.jvp(at, tuple(arrays), tuple(tangents))[1]
    if not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(arrays, before, strict=True)):
        raise ValueError("the operator has written into an argument")
    return found


def _translated(x: Any) -> Any:
    if isinstance(x, torch.dtype):
        return DTYPES[x]
    if isinstance(x, tuple | list):
        return type(x)(map(_translated, x))
    return {name: _translated(part) for name, part in x.items()} if isinstance(x, dict) else x
