"""Optimizers as functions, with HIPS autograd's names: sgd, rmsprop and adam, of parameters in nested containers.

`grad(x, i)` gives the gradient in step i, `callback(x, i, g)` is called before each step. They are made of operations
that have a derivative, so the result of training can be differentiated by what it was trained with.

>>> from autograd import grad
>>> trained = sgd(grad(lambda x, i: (x["a"] - 3.0) ** 2), {"a": 0.0}, num_iters=400)
>>> round(trained["a"], 6)
3.0
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autograd.misc.flatten import flatten
from autograd.rules.exponential import sqrt

Function = Callable[..., Any]


def unflatten_optimizer(optimize: Function) -> Function:
    """Make an optimizer of vectors one of nested containers."""

    @wraps(optimize)
    def optimizer(grad: Function, x0: Any, callback: Function | None = None, *args: Any, **kwargs: Any) -> Any:
        vector, unflatten = flatten(x0)

        def told(x: Any, i: int, g: Any) -> None:
            if callback:
                callback(unflatten(x), i, unflatten(g))

        found = optimize(lambda x, i: flatten(grad(unflatten(x), i))[0], vector, told, *args, **kwargs)
        return unflatten(found)

    return optimizer


@unflatten_optimizer
def sgd(
    grad: Function, x: Any, callback: Function, num_iters: int = 200, step_size: float = 0.1, mass: float = 0.9
) -> Any:
    """Stochastic gradient descent with momentum `mass`."""
    velocity: Any = np.zeros(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        callback(x, i, g)
        velocity = mass * velocity - (1 - mass) * g
        x = x + step_size * velocity
    return x


@unflatten_optimizer
def rmsprop(
    grad: Function,
    x: Any,
    callback: Function,
    num_iters: int = 100,
    step_size: float = 0.1,
    gamma: float = 0.9,
    eps: float = 1e-8,
) -> Any:
    """Steps divided by the root of a moving average of squared gradients, which starts from 1 (Hinton, 2012)."""
    average: Any = np.ones(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        callback(x, i, g)
        average = gamma * average + (1 - gamma) * g**2
        x = x - step_size * g / (sqrt(average) + eps)
    return x


@unflatten_optimizer
def adam(
    grad: Function,
    x: Any,
    callback: Function,
    num_iters: int = 100,
    step_size: float = 0.001,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
) -> Any:
    """Moving averages of gradients and squared gradients, both freed of their start at 0 (Kingma and Ba, 2015)."""
    mean: Any = np.zeros(len(x))
    square: Any = np.zeros(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        callback(x, i, g)
        mean = b1 * mean + (1 - b1) * g
        square = b2 * square + (1 - b2) * g**2
        unbiased, scale = mean / (1 - b1 ** (i + 1)), sqrt(square / (1 - b2 ** (i + 1)))
        x = x - step_size * unbiased / (scale + eps)
    return x
