"""Gradients of each example alone, and their clipped sum: what noise is to hide must have a limit first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import OperandError, Value, value_and_grad, vmap
from nn.call import functional_call
from nn.module import Module
from nn.normalization import _Running

__all__ = ["clip_and_sum", "per_example_gradients"]

Gradients = dict[str, ndarray]


def per_example_gradients(
    model: Module, loss: Callable[[Any, Any], Any], *batch: Any, chunk_size: int | None = None
) -> tuple[ndarray, Gradients]:
    """The loss of each example of a batch, (N,), and its gradient by the name of the parameter, (N, *shape).

    Model and loss see one example at a time, as a batch of one, and all at once they are computed by `vmap` of `grad`.
    The last part of the batch is the target. Frozen parameters are left out. Memory: N times the parameters;
    `chunk_size` examples at a time take less.

    Errors: OperandError for layers that mix the examples of a batch, as batch normalisation does, so that there is no
    gradient of one alone; and for models of Values.

    >>> import nn, numpy as np
    >>> model = nn.Linear(3, 1)
    >>> losses, gradients = per_example_gradients(model, nn.MSELoss(), np.ones((5, 3)), np.zeros((5, 1)))
    >>> losses.shape, gradients["weight"].shape
    ((5,), (5, 1, 3))
    """
    mixing = [name for name, layer in model.named_modules() if isinstance(layer, _Running) and _mixes(layer)]
    if mixing:
        raise OperandError(
            f"layer {', '.join(mixing)} mixes the examples of a batch, and there is no gradient of one alone.\n"
            "  Take a normalisation that does not, such as nn.GroupNorm or nn.LayerNorm, in its place."
        )
    free = {name: p for name, p in model.named_parameters() if p.requires_grad}
    if not free or any(isinstance(p, Value) for p in free.values()):
        what = "all its parameters are frozen" if not free else "its parameters are Values, and a batch needs Tensors"
        raise OperandError(f"per_example_gradients of {type(model).__name__}: {what}.")

    def alone(parameters: Mapping[str, Any], *example: Any) -> Any:
        *inputs, target = (part[None] for part in example)
        return loss(functional_call(model, parameters, tuple(inputs)), target)

    axes = (None, *(0 for _ in batch))
    losses, found = vmap(value_and_grad(alone), axes, chunk_size=chunk_size)(
        {n: p.data for n, p in free.items()}, *batch
    )
    return np.asarray(losses), {name: np.asarray(found[name]) for name in free}


def _mixes(layer: Any) -> bool:
    return bool(layer.training or not layer.track_running_stats)


def clip_and_sum(gradients: Mapping[str, ndarray], max_grad_norm: float) -> tuple[Gradients, ndarray]:
    """The sum over the examples, none of them longer than `max_grad_norm`, and the lengths that they had, (N,).

    The length of an example is that of all its gradients as one vector. Those that are longer are multiplied by
    max_grad_norm / length (Abadi et al., "Deep learning with differential privacy", 2016).

    >>> import numpy as np
    >>> total, lengths = clip_and_sum({"w": np.array([[3.0, 4.0], [0.3, 0.4]])}, 1.0)
    >>> total["w"], lengths
    (array([0.9, 1.2]), array([5. , 0.5]))
    """
    if not max_grad_norm > 0:
        raise ValueError(f"max_grad_norm must be positive, and is {max_grad_norm}.")
    flat = {name: g.reshape(len(g), -1) for name, g in gradients.items()}
    lengths = np.sqrt(sum(np.einsum("ni,ni->n", g, g, dtype=np.float64) for g in flat.values()))
    factors = np.minimum(1.0, max_grad_norm / np.maximum(lengths, np.finfo(float).tiny))
    summed = {name: factors.astype(g.dtype) @ g for name, g in flat.items()}
    return {name: g.reshape(gradients[name].shape[1:]) for name, g in summed.items()}, lengths
