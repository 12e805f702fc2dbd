"""Pruning: weights that hardly matter become zeros and stay so, by masks that are kept through further training.

>>> import nn
>>> nn.manual_seed(0)
>>> model = nn.models.MLP(64, 32, 10)
>>> weights = nn.pruning.prunable(model)
>>> nn.pruning.global_unstructured(weights, amount=0.8)
>>> round(nn.pruning.sparsity(model), 2)
0.8
>>> x, y = nn.datasets.digits().train[:300]
>>> history = nn.fit(model, nn.CrossEntropyLoss(), (x.reshape(300, 64), y), epochs=3, progress=False)
>>> for module, name in weights:
...     nn.pruning.remove(module, name)
>>> round(nn.pruning.sparsity(model), 2), nn.pruning.is_pruned(model)
(0.8, False)

The names are those of torch.nn.utils.prune. A mask is a parametrization of the weight (`nn.parametrization`): what is
trained is the whole weight, the layer reads weight · mask, and so no gradient reaches what is left out. The mask is a
buffer of the model, `parametrizations.weight.0.mask`, and is saved with it. Zeros are multiplied like other numbers: a
pruned model is smaller when it is compressed, and not faster.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import ndarray

from autograd import Node, OperandError, no_grad
from nn.convolution import _Convolution
from nn.linear import Linear
from nn.module import Module
from nn.parametrization import is_parametrized, register_parametrization, remove_parametrizations
from nn.random import generator
from nn.training.callback import Callback

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = [
    "GradualPruning",
    "custom_from_mask",
    "global_unstructured",
    "is_pruned",
    "l1_unstructured",
    "ln_structured",
    "prunable",
    "random_structured",
    "random_unstructured",
    "remove",
    "sparsity",
]

Place = tuple[Module, str]


class Mask(Module):
    """The parametrization x · mask. A mask has ones, and zeros where x is left out."""

    mask: ndarray

    def __init__(self, mask: ndarray) -> None:
        self.register_buffer("mask", mask)

    def forward(self, x: Any) -> Any:
        """x without what is left out."""
        return x * self.mask


def prunable(model: Module) -> list[Place]:
    """The weights of all linear and convolutional layers, as pairs of module and name. Biases are too few to matter."""
    return [(module, "weight") for module in model.modules() if isinstance(module, Linear | _Convolution)]


def sparsity(model: Module | Iterable[Place]) -> float:
    """The share of zeros among the weights of a model, those of `prunable`, or among the given pairs."""
    zeros, total = 0, 0
    for module, name in prunable(model) if isinstance(model, Module) else model:
        found = _weight(module, name)
        zeros, total = zeros + int((found == 0).sum()), total + found.size
    return zeros / total if total else 0.0


def is_pruned(module: Module) -> bool:
    """Whether this module, or one inside, has a mask."""
    return any(isinstance(each, Mask) for each in module.modules())


def custom_from_mask(module: Module, name: str, mask: Any) -> None:
    """Leave out where `mask` is 0, besides what is left out already."""
    weight = _weight(module, name)
    keep = np.asarray(mask) != 0
    if keep.shape != weight.shape:
        raise OperandError(f"custom_from_mask: {name} has shape {weight.shape}, and the mask {keep.shape}.")
    found = _mask(module, name)
    if found is None:
        register_parametrization(module, name, Mask(keep.astype(weight.dtype)))
    else:
        found.mask[...] *= keep


def l1_unstructured(module: Module, name: str, amount: float) -> None:
    """Leave the smallest numbers of a weight out (Han, Pool, Tran and Dally, 2015).

    `amount` is a share of those that are left, from 0.0 to 1.0, or how many, a whole number.

    >>> import nn
    >>> layer = nn.Linear(4, 1)
    >>> layer.weight.data[...] = [[3, -1, 2, -4]]
    >>> l1_unstructured(layer, "weight", 0.5)
    >>> layer.weight.data
    array([[ 3., -0.,  0., -4.]], dtype=float32)
    """
    _prune([(module, name)], amount, np.abs)


def random_unstructured(module: Module, name: str, amount: float) -> None:
    """Leave numbers of a weight out by chance, from `nn`'s generator; `amount` as in `l1_unstructured`."""
    _prune([(module, name)], amount, _chance)


def global_unstructured(parameters: Sequence[Place], amount: float) -> None:
    """Leave the smallest numbers of several weights together out, so that some layers lose more than others.

    `parameters` are pairs of module and name, as `prunable` gives them; `amount` as in `l1_unstructured`, of all.
    """
    _prune(list(parameters), amount, np.abs)


def ln_structured(module: Module, name: str, amount: float, n: float = 2, dim: int = 0) -> None:
    """Leave whole slices along axis `dim` out, those with the smallest n-norm (Li and others, 2017).

    Along axis 0 a slice is what makes one output unit or channel, along axis 1 what reads one of the input. `amount`
    is a share of the slices that are left, or how many.

    >>> import nn
    >>> layer = nn.Linear(2, 3)
    >>> layer.weight.data[...] = [[1, 1], [0, 5], [2, 2]]
    >>> ln_structured(layer, "weight", 1)
    >>> layer.weight.data
    array([[0., 0.],
           [0., 5.],
           [2., 2.]], dtype=float32)
    """
    _prune_slices(module, name, amount, dim, lambda rows: np.linalg.norm(rows, n, axis=1))


def random_structured(module: Module, name: str, amount: float, dim: int = 0) -> None:
    """Leave whole slices along axis `dim` out by chance; see `ln_structured`."""
    _prune_slices(module, name, amount, dim, lambda rows: _chance(rows[:, 0]))


def remove(module: Module, name: str) -> None:
    """Make what is left of a weight an ordinary parameter, zeros and all. Make optimizers anew afterwards.

    Errors: OperandError when it has no mask, or other parametrizations besides.
    """
    if _mask(module, name) is None:
        raise OperandError(f"remove: {name!r} of this {type(module).__name__} is not pruned.")
    if len(list(module.parametrizations[name].children())) > 1:  # type: ignore[attr-defined]
        raise OperandError(f"remove: {name} has other parametrizations besides: nn.remove_parametrizations takes all.")
    remove_parametrizations(module, name)


class GradualPruning(Callback):
    """Prune a model while it is trained, first fast and then slowly, the smallest weights of all layers together.

    After step t the share of zeros is s_f + (s_i - s_f) (1 - (t - t_0) / (t_1 - t_0))³, from `initial_sparsity` at
    `begin_step` to `final_sparsity` at `end_step` (Zhu and Gupta, "To prune, or not to prune", 2017). It is brought
    there every `frequency` steps. `end_step` is three quarters of the training unless given, so that what is left can
    recover. `parameters` are pairs of module and name, or all of `prunable`.

    >>> import nn
    >>> nn.manual_seed(0)
    >>> x, y = nn.datasets.digits().train[:320]
    >>> model = nn.models.MLP(64, 32, 10)
    >>> pruning = nn.pruning.GradualPruning(0.9, frequency=5)
    >>> history = nn.fit(model, nn.CrossEntropyLoss(), (x.reshape(320, 64), y), epochs=8, callbacks=[pruning],
    ...                  progress=False)
    >>> [round(row["sparsity"], 2) for row in history]
    [0.38, 0.63, 0.79, 0.87, 0.9, 0.9, 0.9, 0.9]
    """

    def __init__(
        self,
        final_sparsity: float,
        *,
        initial_sparsity: float = 0.0,
        begin_step: int = 0,
        end_step: int | None = None,
        frequency: int = 20,
        parameters: Sequence[Place] | None = None,
    ) -> None:
        if not 0 <= initial_sparsity <= final_sparsity <= 1:
            raise ValueError(
                "GradualPruning: 0 ≤ initial_sparsity ≤ final_sparsity ≤ 1, and they are "
                f"{initial_sparsity} and {final_sparsity}."
            )
        if frequency < 1 or begin_step < 0 or (end_step is not None and end_step <= begin_step):
            raise ValueError(
                f"GradualPruning: it goes from begin_step={begin_step} to a later end_step, {end_step}, every "
                f"{frequency} steps."
            )
        self.final_sparsity = final_sparsity
        self.initial_sparsity = initial_sparsity
        self.begin_step = begin_step
        self.end_step = end_step
        self.end = end_step or 0  # known when the training begins
        self.places = list(parameters or ())
        self.frequency = frequency
        self.parameters = parameters

    def sparsity_at(self, step: int) -> float:
        """The share of zeros that is wanted after a step; without an `end_step`, once the training has begun."""
        done = min(max((step - self.begin_step) / max(self.end - self.begin_step, 1), 0.0), 1.0)
        return self.final_sparsity + (self.initial_sparsity - self.final_sparsity) * (1 - done) ** 3

    def on_begin(self, trainer: Trainer) -> None:
        """Put masks on, with nothing left out yet, so that a checkpoint has a place for its own."""
        self.places = prunable(trainer.model) if self.parameters is None else list(self.parameters)
        if self.end_step is None:
            if trainer.steps is None:
                raise OperandError("GradualPruning: it is not known how many steps there are: give end_step.")
            self.end = max(self.begin_step + 1, trainer.epochs * trainer.steps * 3 // 4)
        for module, name in self.places:
            custom_from_mask(module, name, np.ones_like(_weight(module, name)))

    def on_step_end(self, trainer: Trainer) -> None:
        """Prune as far as it is time to."""
        step = trainer.total_steps
        if step == self.end or (self.begin_step <= step < self.end and (step - self.begin_step) % self.frequency == 0):
            alive = [_alive(module, name) for module, name in self.places]
            total, left = sum(mask.size for mask in alive), sum(int(mask.sum()) for mask in alive)
            more = left - (total - round(self.sparsity_at(step) * total))
            global_unstructured(self.places, max(more, 0))

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Write the share of zeros into the history."""
        trainer.history[-1]["sparsity"] = sparsity(self.places)


def _weight(module: Module, name: str) -> ndarray:
    """The weight as it is read, an array. Errors: OperandError."""
    with no_grad():
        found = getattr(module, name, None)
    if not isinstance(found, Node) or not isinstance(found.data, ndarray):
        raise OperandError(
            f"pruning: {type(module).__name__} has no weight {name!r} to leave parts of out.\n"
            "  nn.pruning.prunable(model) finds the layers of a model that have one."
        )
    return found.data


def _mask(module: Module, name: str) -> Mask | None:
    if not is_parametrized(module, name):
        return None
    steps = module.parametrizations[name].children()  # type: ignore[attr-defined]
    return next((step for step in steps if isinstance(step, Mask)), None)


def _alive(module: Module, name: str) -> ndarray:
    """Where a weight is not left out yet."""
    mask = _mask(module, name)
    return np.ones(_weight(module, name).shape, bool) if mask is None else mask.mask != 0


def _prune(places: Sequence[Place], amount: float, score: Callable[[ndarray], ndarray]) -> None:
    """Leave those out that have the lowest scores, of all weights together."""
    alive = [_alive(module, name) for module, name in places]
    if not alive:
        raise OperandError("pruning: there are no parameters: give pairs of module and name.")
    scores = np.concatenate([score(_weight(*place))[mask] for place, mask in zip(places, alive)])
    keep = _keep(scores, amount)
    parts = np.split(keep, np.cumsum([mask.sum() for mask in alive])[:-1])
    for (module, name), mask, part in zip(places, alive, parts):
        mask[mask] = part
        custom_from_mask(module, name, mask)


def _prune_slices(module: Module, name: str, amount: float, dim: int, score: Callable[[ndarray], ndarray]) -> None:
    weight, alive = _weight(module, name), _alive(module, name)
    if not -weight.ndim <= dim < weight.ndim or weight.ndim < 2:
        raise OperandError(f"pruning: {name} has shape {weight.shape}, of which no axis {dim} has slices.")
    rows = np.moveaxis(weight, dim, 0).reshape(weight.shape[dim], -1)
    living = np.asarray(np.moveaxis(alive, dim, 0).reshape(rows.shape).any(axis=1))
    living[np.flatnonzero(living)] = _keep(score(rows)[living], amount)
    shape = [1] * weight.ndim
    shape[dim] = -1
    custom_from_mask(module, name, np.broadcast_to(living.reshape(shape), weight.shape))


def _keep(scores: ndarray, amount: float) -> ndarray:
    """Truths, and a false for each of the `amount` lowest scores. Errors: ValueError."""
    whole = isinstance(amount, int | np.integer) and not isinstance(amount, bool)
    count = int(amount) if whole else round(amount * len(scores)) if math.isfinite(amount) else -1
    if not 0 <= amount <= (len(scores) if whole else 1):
        raise ValueError(
            f"pruning: amount={amount!r}: it is a share from 0.0 to 1.0, or a whole number up to {len(scores)}, "
            "as many as are left."
        )
    keep = np.ones(len(scores), bool)
    keep[np.argsort(scores, kind="stable")[:count]] = False
    return keep


def _chance(x: ndarray) -> ndarray:
    return generator().random(x.shape)
