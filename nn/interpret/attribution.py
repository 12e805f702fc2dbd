"""Attributions by gradients: saliency, gradient times input, SmoothGrad and integrated gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, overload

import numpy as np
from numpy import ndarray

from autograd import Node, ShapeError
from nn.interpret.score import Model, asked, chosen, inputs, scores, slopes
from nn.random import generator

__all__ = ["input_x_gradient", "integrated_gradients", "saliency", "smooth_grad"]


def saliency(model: Model, x: Any, target: Any = None, *, abs: bool = True) -> ndarray:
    """How steep the score is in each number of x: the gradient, or its absolute value. An array like x.

    (Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks", 2014; they show, of the channels of a pixel,
    the largest: `.max(1)`.)

    >>> import nn, numpy as np
    >>> model = nn.Linear(3, 2)
    >>> model.weight.data[...] = [[1, -2, 3], [0, 0, 0]]
    >>> saliency(model, np.ones((1, 3), np.float32), 0)
    array([[1., 2., 3.]], dtype=float32)
    """
    x = inputs(x)
    with asked(model):
        found = slopes(model, x, chosen(model, x, target))
    return np.asarray(np.abs(found)) if abs else found


def input_x_gradient(model: Model, x: Any, target: Any = None) -> ndarray:
    """The gradient times x: what each number contributes, where the model is straight. An array like x.

    (Shrikumar and others, "Not just a black box", 2016.) For a linear model without biases the sum is the score.
    """
    x = inputs(x)
    return np.asarray(x * saliency(model, x, target, abs=False))


def smooth_grad(
    model: Model,
    x: Any,
    target: Any = None,
    *,
    n_samples: int = 25,
    noise_level: float = 0.15,
    method: Callable[..., ndarray] = saliency,
    **settings: Any,
) -> ndarray:
    """The mean of another attribution over noisy copies of x, which takes the gradient's own noise out of it.

    (Smilkov and others, "SmoothGrad: removing noise by adding noise", 2017.) The noise is normal, with a standard
    deviation of `noise_level` times the range of each example; it comes from `nn`'s generator. `settings` are for
    `method`, any function of this module. The target is chosen once, for x as it is.

    >>> import nn, numpy as np
    >>> smooth_grad(nn.Linear(3, 2), np.ones((4, 3), np.float32), 1, abs=False).shape
    (4, 3)
    """
    x = inputs(x)
    if n_samples < 1:
        raise ValueError(f"smooth_grad takes the mean over at least one sample, and not over {n_samples}.")
    with asked(model):
        places = chosen(model, x, target)
    axes = tuple(range(1, x.ndim))
    deviation = noise_level * (x.max(axes, keepdims=True) - x.min(axes, keepdims=True))
    total = np.zeros_like(x)
    for _ in range(n_samples):
        noise = np.asarray(generator().standard_normal(x.shape), x.dtype)
        total += method(model, x + deviation * noise, places or None, **settings)
    return np.asarray(total / n_samples)


@overload
def integrated_gradients(
    model: Model, x: Any, target: Any = None, baseline: Any = 0.0, *, n_steps: int = 50, batch_size: int = 512
) -> ndarray: ...
@overload
def integrated_gradients(
    model: Model,
    x: Any,
    target: Any = None,
    baseline: Any = 0.0,
    *,
    n_steps: int = 50,
    batch_size: int = 512,
    return_convergence_delta: Literal[True],
) -> tuple[ndarray, ndarray]: ...
def integrated_gradients(
    model: Model,
    x: Any,
    target: Any = None,
    baseline: Any = 0.0,
    *,
    n_steps: int = 50,
    batch_size: int = 512,
    return_convergence_delta: bool = False,
) -> Any:
    """What each number contributes to the difference between the scores of x and of a baseline. An array like x.

    (x - baseline) times the mean of the gradient on the straight line between the two (Sundararajan, Taly and Yan,
    "Axiomatic attribution for deep networks", 2017). All contributions of an example together are score(x) -
    score(baseline). By how much they miss that, (N,), is the convergence delta: where it is not small, more `n_steps`
    help. The integral is taken by the rule of Gauss and Legendre, exact for polynomials of degree 2 · n_steps - 1.

    `baseline` is an example without content, such as a black image: a number, one example, or an array like x.

    >>> import autograd, numpy as np
    >>> model = lambda x: (x ** 3).sum(1)
    >>> shares, delta = integrated_gradients(model, np.array([[1.0, 2.0]]), n_steps=2, return_convergence_delta=True)
    >>> shares.round(6), delta.round(6)
    (array([[1., 8.]]), array([0.]))
    """
    x = inputs(x)
    if n_steps < 1:
        raise ValueError(f"integrated_gradients takes at least one step, and not {n_steps}.")
    start = np.asarray(baseline.data if isinstance(baseline, Node) else baseline, x.dtype)
    if start.shape not in ((), x.shape, x.shape[1:]):
        raise ShapeError(
            f"integrated_gradients: the baseline has shape {start.shape}; it is a number, one example, "
            f"{x.shape[1:]}, or a batch like x, {x.shape}."
        )
    start = np.broadcast_to(start, x.shape)
    nodes, weights = np.polynomial.legendre.leggauss(n_steps)
    total = np.zeros_like(x)
    with asked(model):
        places = chosen(model, x, target)
        at_once = max(1, batch_size // len(x))  # points of the line
        for i in range(0, n_steps, at_once):
            t = ((nodes[i : i + at_once] + 1) / 2).astype(x.dtype).reshape(-1, *(1,) * x.ndim)
            line = start + t * (x - start)
            many = tuple(np.tile(place, len(t)) if np.ndim(place) else place for place in places)
            found = slopes(model, line.reshape(-1, *x.shape[1:]), many).reshape(line.shape)
            total += np.tensordot((weights[i : i + at_once] / 2).astype(x.dtype), found, 1)
        shares = (x - start) * total
        if not return_convergence_delta:
            return shares
        ends = [np.asarray(_data(scores(model(end), places))) for end in (x, start)]
    return shares, shares.reshape(len(x), -1).sum(1) - (ends[0] - ends[1])


def _data(y: Any) -> Any:
    """A node's number."""
    return y.data if isinstance(y, Node) else y
