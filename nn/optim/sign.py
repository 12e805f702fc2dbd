"""Rprop and Lion: only the signs of gradients count, not their sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nn.optim.axpy import axpy
from nn.optim.cohort import Cohort
from nn.optim.optimizer import Optimizer
from nn.optim.setting import Setting

__all__ = ["Lion", "Rprop"]


class Rprop(Optimizer):
    """Resilient backpropagation: each element has a step size of its own (Riedmiller and Braun, 1993).

    It starts at `lr`, grows by etas[1] while the sign of the gradient stays, and shrinks by etas[0] when the sign
    changes; then that element rests for a step. For gradients over all data: a batch's noise changes signs.
    """

    states = ("prev", "step_size")

    etas, step_sizes, maximize = (Setting() for _ in range(3))

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0),
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, etas=etas, step_sizes=step_sizes, maximize=maximize)

    def update(self, moved: Cohort, group: Mapping[str, Any]) -> None:
        """One step."""
        shrink, grow = group["etas"]
        for p, g, s, _, before, size in moved.blocks("prev", "step_size", maximize=group["maximize"]):
            if moved.step == 1:
                size.fill(group["lr"])
            np.multiply(g, before, out=s)
            turned = s < 0
            np.multiply(size, grow, out=size, where=s > 0)
            np.multiply(size, shrink, out=size, where=turned)
            np.clip(size, *group["step_sizes"], out=size)
            before[:] = g
            before[turned] = 0
            np.sign(before, out=s)
            s *= size
            p -= s


class Lion(Optimizer):
    """Lion: p -= lr · sign(β₁ m + (1 - β₁) g), then m = β₂ m + (1 - β₂) g (Chen et al., 2023).

    Every element moves by lr each step: take a third to a tenth of Adam's lr. `weight_decay` takes lr times its
    multiple directly off p, as in AdamW; take three to ten times AdamW's. It keeps one array, where Adam keeps two.
    """

    states = ("exp_avg",)

    betas, weight_decay, maximize = (Setting() for _ in range(3))

    def __init__(
        self,
        params: Any,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, weight_decay=weight_decay, maximize=maximize)

    def update(self, moved: Cohort, group: Mapping[str, Any]) -> None:
        """One step."""
        beta1, beta2 = group["betas"]
        for p, g, s, _, m in moved.blocks("exp_avg", maximize=group["maximize"]):
            np.multiply(m, beta1, out=s)
            axpy(1 - beta1, g, s)
            np.sign(s, out=s)
            m *= beta2
            axpy(1 - beta2, g, m)
            p *= 1 - group["lr"] * group["weight_decay"]
            axpy(-group["lr"], s, p)
