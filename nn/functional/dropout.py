"""Dropout as functions, under PyTorch's names: while training, elements or whole channels are left out by chance.

What is drawn comes from the generator that `nn.manual_seed` restarts.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd
from autograd import Node, OperandError, ShapeError
from nn.functional.inplace import anew
from nn.functional.shape import shape_of
from nn.random import generator

__all__ = ["alpha_dropout", "dropout", "dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout"]

FLOOR = -1.7580993408473766  # what selu goes to, far below 0: its scale times its alpha


def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Each element 0 with probability p, and the others divided by 1 - p, so that the mean stays (Srivastava, 2014).

    >>> import nn
    >>> import numpy as np
    >>> nn.manual_seed(0)
    >>> nn.functional.dropout(np.ones(6))
    array([2., 2., 2., 0., 0., 0.])
    """
    anew(inplace)
    return autograd.dropout(input, _probability(p), training, rng=generator())


def dropout1d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """The same with whole channels of sequences (N, C, L), or of one (C, L)."""
    anew(inplace)
    return _channels("dropout1d", input, p, training, {2: (0,), 3: (0, 1)})


def dropout2d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """The same with whole channels of images (N, C, H, W). What has three axes counts as sequences (N, C, L)."""
    anew(inplace)
    return _channels("dropout2d", input, p, training, {3: (0, 1), 4: (0, 1)})


def dropout3d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """The same with whole channels of volumes (N, C, D, H, W), or of one (C, D, H, W)."""
    anew(inplace)
    return _channels("dropout3d", input, p, training, {4: (0,), 5: (0, 1)})


def _channels(name: str, input: Any, p: float, training: bool, axes: dict[int, tuple[int, ...]]) -> Any:
    ndim = len(shape_of(input))
    if ndim not in axes:
        raise ShapeError(
            f"{name} leaves out whole channels of inputs with {' or '.join(map(str, axes))} axes: got {ndim}."
        )
    return autograd.dropout(input, _probability(p), training, rng=generator(), axes=axes[ndim])


def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Dropout that goes with selu: what is left out gets selu's floor, and mean and variance stay as they are.

    With q = 1 - p and the floor f the result is a (x, or f with probability p) + b, where a = 1 / √(q + f² p q) and
    b = -a p f (Klambauer et al., 2017).
    """
    anew(inplace)
    return _floored(input, p, training, len(shape_of(input)))


def feature_alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """The same with whole channels of examples (N, C, ...)."""
    if len(shape_of(input)) < 2:
        raise ShapeError(f"feature_alpha_dropout leaves out channels of (N, C, ...), and got shape {shape_of(input)}.")
    anew(inplace)
    return _floored(input, p, training, 2)


def _floored(input: Any, p: float, training: bool, drawn: int) -> Any:
    """`drawn` axes have a draw for each place."""
    p = _probability(p)
    if not training or p == 0:
        return input
    if p == 1:
        return input * 0.0
    x = input.data if isinstance(input, Node) else np.asarray(input)
    draws = autograd.sample(generator().random, (*x.shape[:drawn], *(1,) * (x.ndim - drawn)))
    kept = (draws >= p).astype(x.dtype)
    scale = 1 / math.sqrt((1 - p) * (1 + p * FLOOR * FLOOR))
    return input * (scale * kept) + (scale * FLOOR) * ((1 - p) - kept)


def _probability(p: float) -> float:
    if not 0 <= p <= 1:
        raise OperandError(f"dropout leaves out with a probability between 0 and 1, and got p={p}.")
    return p
