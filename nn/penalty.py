"""Penalties on large weights, to be added to a loss: L1, L2 and both, over any number of parameters.

>>> import autograd, nn
>>> model = nn.Linear(2, 1)
>>> x, y = [[0.0, 1.0], [1.0, 0.0]], [[1.0], [0.0]]
>>> loss = nn.functional.mse_loss(model(x), y) + nn.l2_penalty([model.weight], 1e-3)  # and not the bias
>>> loss.backward()

An L2 penalty of strength λ pulls a weight w with 2λw, in proportion: weights become small. It is what the optimizers'
`weight_decay=2 * λ` does for SGD; for Adam it is not, and `AdamW` is meant. An L1 penalty pulls every weight with λ,
however small it is, until it is 0: of many inputs few are left.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd
from autograd import Node, OperandError, Value
from nn.functional.refusal import refuse
from nn.module import Module

__all__ = ["elastic_penalty", "l1_penalty", "l2_penalty"]


def l1_penalty(parameters: Any, strength: float = 1.0) -> Any:
    """strength · Σ|w| (the lasso, Tibshirani, 1996). Slope 0 where a weight is 0.

    `parameters` is a module, a list of Tensors or Values, or one of these.

    >>> import autograd, nn
    >>> nn.l1_penalty([autograd.Tensor([3.0, -4.0]), autograd.Tensor([[1.0]])], 0.5).item()
    4.0
    """
    return strength * _total(parameters, "l1_penalty", autograd.absolute, lambda values: [abs(v) for v in values])


def l2_penalty(parameters: Any, strength: float = 1.0) -> Any:
    """strength · Σw² (the ridge, Hoerl and Kennard, 1970).

    `parameters` is a module, a list of Tensors or Values, or one of these.

    >>> import autograd, nn
    >>> nn.l2_penalty([autograd.Tensor([3.0, -4.0]), autograd.Tensor([[1.0]])], 0.5).item()
    13.0
    """
    return strength * _total(parameters, "l2_penalty", autograd.square, lambda values: [autograd.dot(values, values)])


def elastic_penalty(parameters: Any, l1: float = 1.0, l2: float = 1.0) -> Any:
    """l1 · Σ|w| + l2 · Σw² (the elastic net, Zou and Hastie, 2005).

    scikit-learn's `ElasticNet(alpha, l1_ratio)` has l1 = alpha · l1_ratio and l2 = alpha · (1 - l1_ratio) / 2, beside
    half of the mean squared error.

    >>> import autograd, nn
    >>> nn.elastic_penalty([autograd.Tensor([3.0, -4.0])], l1=1.0, l2=0.1).item()
    9.5
    """
    parameters = _all(parameters)
    return l1_penalty(parameters, l1) + l2_penalty(parameters, l2)


def _total(parameters: Any, name: str, of_tensor: Any, of_values: Any) -> Any:
    """The sum over all elements: the Values among them together, in one node."""
    found = _all(parameters)
    values = [p for p in found if isinstance(p, Value)]
    terms = [autograd.sum(of_tensor(p)) for p in found if not isinstance(p, Value)]
    terms += of_values(values) if values else []
    if not terms:
        refuse(OperandError, f"{name}: there are no parameters to put a penalty on.")
    return autograd.sum(terms) if len(terms) > 1 else terms[0]


def _all(parameters: Any) -> list[Any]:
    """The parameters of a module, or those given. Errors: OperandError for anything else."""
    if isinstance(parameters, Module):
        return parameters.parameters()
    alone = isinstance(parameters, Node) or not isinstance(parameters, Iterable)
    found = [parameters] if alone else list(parameters)
    for p in found:
        if not isinstance(p, Node):
            given = autograd.errors.describe(p)
            refuse(OperandError, f"a penalty is on parameters, which are Tensors or Values, and got {given}.")
    return found
