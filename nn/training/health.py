"""GradientHealth: looks at the gradients while a model is trained, and says what ails them and what helps."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy import ndarray

from nn.convolution import Conv1d, Conv2d, Conv3d
from nn.linear import Linear
from nn.training.callback import Callback

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["GradientHealth", "GradientWarning"]


class GradientWarning(UserWarning):
    """Gradients with which a model hardly learns."""


class GradientHealth(Callback):
    """Warn of vanishing and exploding gradients and of dead units, once each, and say what helps.

    Every `every`-th step is looked at, and judged at the end of an epoch:

    - vanishing: the gradients of a layer's weights are, in the mean, less than `vanishing` times the largest layer's;
    - exploding: all gradients together were once longer than `exploding`, before clipping;
    - dead: more than the share `dead` of a layer's units had no gradient at all in any of these steps, as behind a ReLU
      that is never positive.

    `findings` has them as text, and `sizes` the mean |gradient| of each weight in the last epoch, from input to output.

    >>> import nn, numpy as np, warnings
    >>> nn.manual_seed(0)
    >>> model = nn.models.MLP(4, *[8] * 12, 2, activation=nn.Sigmoid)
    >>> x = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
    >>> health = nn.GradientHealth()
    >>> with warnings.catch_warnings(action="ignore"):
    ...     history = nn.fit(model, nn.CrossEntropyLoss(), (x, (x[:, 0] > 0) * 1), callbacks=[health], progress=False)
    >>> health.findings[0].splitlines()[0]
    'vanishing gradients in epoch 1: those of 0.weight (and of ... more) are ... times smaller than those of 24.weight'
    """

    states: ClassVar[tuple[str, ...]] = ("findings", "told")

    def __init__(self, *, every: int = 10, vanishing: float = 1e-4, exploding: float = 1e3, dead: float = 0.25) -> None:
        if every < 1:
            raise ValueError(f"GradientHealth: every must be at least 1, and is {every}.")
        self.every = every
        self.vanishing = vanishing
        self.exploding = exploding
        self.dead = dead

    def on_begin(self, trainer: Trainer) -> None:
        """Find the layers to look at."""
        kinds = Linear, Conv1d, Conv2d, Conv3d
        modules = [(n, m) for n, m in trainer.model.named_modules() if isinstance(m, kinds)]
        self._layers = [(f"{name}.weight".lstrip("."), module.weight) for name, module in modules]
        self.findings: list[str] = []
        self.sizes: dict[str, float] = {}
        self.told: list[str] = []
        self._begin()

    def _begin(self) -> None:
        self._sums = {name: 0.0 for name, _ in self._layers}
        self._alive: dict[str, ndarray] = {}
        self._longest = 0.0
        self._looks = 0

    def on_step_end(self, trainer: Trainer) -> None:
        """Look at the gradients of a step."""
        if trainer.step % self.every and trainer.step != 1:
            return
        self._looks += 1
        square = 0.0
        for p in trainer.optimizer.parameters:
            if p.grad is not None:
                g = _plain(p.grad)
                square += float(np.vdot(g, g))
        length = math.sqrt(square) if math.isnan(trainer.norm_now) else trainer.norm_now
        self._longest = max(self._longest, length)
        for name, weight in self._layers:
            if weight.grad is not None:
                g = np.abs(_plain(weight.grad))
                self._sums[name] += float(g.mean())
                units = g.reshape(len(g), -1).any(1)
                self._alive[name] = self._alive.get(name, False) | units

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Judge what was seen in the epoch."""
        self.sizes = {name: total / max(self._looks, 1) for name, total in self._sums.items() if name in self._alive}
        if self._longest > self.exploding:
            self._tell(trainer, "exploding", f"together they are {self._longest:.3g} long", EXPLODING)
        largest = max(self.sizes, key=self.sizes.__getitem__, default="")
        small = [n for n, size in self.sizes.items() if 0 < size < self.vanishing * self.sizes[largest]]
        if small:
            times = self.sizes[largest] / self.sizes[small[0]]
            what = f"those of {_listed(small)} are {times:.0e} times smaller than those of {largest}"
            self._tell(trainer, "vanishing", what, VANISHING)
        for name, alive in self._alive.items():
            gone = int((~alive).sum())
            if gone > self.dead * len(alive):
                what = f"{gone} of the {len(alive)} units of {name} had none in the whole epoch"
                self._tell(trainer, "dead", what, DEAD, name)
        self._begin()

    def _tell(self, trainer: Trainer, kind: str, what: str, advice: str, about: str = "") -> None:
        if kind + about in self.told:
            return
        self.told.append(kind + about)
        head = "dead units" if kind == "dead" else f"{kind} gradients"
        text = f"{head} in epoch {trainer.epoch}: {what}\n  {advice}"
        self.findings.append(text)
        warnings.warn(text, GradientWarning, stacklevel=2)


EXPLODING = "Clip them (clip_norm=1.0), take a smaller lr, scale the inputs, or normalize between the layers."
VANISHING = (
    "Take ReLU or its kin instead of sigmoid and tanh, weights that fit them (nn.init.kaiming_normal_), normalization "
    "between the layers, or connections that skip layers."
)
DEAD = "Take a smaller lr, LeakyReLU or GELU instead of ReLU, or normalization before it; begin with smaller biases."


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} (and of {len(names) - 1} more)"


def _plain(x: Any) -> ndarray:
    return np.asarray(getattr(x, "data", x) if not isinstance(x, ndarray) else x)
