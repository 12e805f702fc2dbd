"""Adagrad, RMSprop, Adadelta: each element's step is divided by the size that its gradients have had."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nn.optim.axpy import axpy
from nn.optim.cohort import Cohort
from nn.optim.optimizer import Optimizer
from nn.optim.setting import Setting

__all__ = ["Adadelta", "Adagrad", "RMSprop"]


class Adagrad(Optimizer):
    """Adagrad: p -= lr' · g / (√h + eps), with h the sum of all g² so far (Duchi et al., 2011).

    Elements that seldom have a gradient, as those of rare words do, keep large steps. lr' = lr / (1 + (t - 1) ·
    lr_decay) in step t; h starts at `initial_accumulator_value`.
    """

    states = ("sum",)

    lr_decay, weight_decay, initial_accumulator_value, eps, maximize = (Setting() for _ in range(5))

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            lr_decay=lr_decay,
            eps=eps,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            maximize=maximize,
        )

    def update(self, moved: Cohort, group: Mapping[str, Any]) -> None:
        """One step."""
        lr = group["lr"] / (1 + (moved.step - 1) * group["lr_decay"])
        for p, g, s, _, h in moved.blocks("sum", weight_decay=group["weight_decay"], maximize=group["maximize"]):
            if moved.step == 1:
                h.fill(group["initial_accumulator_value"])
            np.multiply(g, g, out=s)
            h += s
            np.sqrt(h, out=s)
            s += group["eps"]
            np.divide(g, s, out=s)
            axpy(-lr, s, p)


class RMSprop(Optimizer):
    """RMSprop: p -= lr · g / (√v + eps), with v = α v + (1 - α) g², the running mean of g² (Hinton, 2012).

    `centered` takes the running mean of g, squared, off v: what is left is the variance (Graves, 2013). With
    `momentum`, p -= lr · b, where b = momentum · b + g / (√v + eps).
    """

    states = ("square_avg", "grad_avg", "momentum_buffer")

    alpha, eps, weight_decay, momentum, centered, maximize = (Setting() for _ in range(6))

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            momentum=momentum,
            alpha=alpha,
            eps=eps,
            centered=centered,
            weight_decay=weight_decay,
            maximize=maximize,
        )

    def needs(self, group: dict[str, Any]) -> tuple[str, ...]:
        """The mean of g², and that of g where the variance is wanted."""
        return self.states[: 2 if group["centered"] else 1]

    def update(self, moved: Cohort, group: Mapping[str, Any]) -> None:
        """One step."""
        new_v, unit_v = moved.fade("square_avg", group["alpha"], 1 - group["alpha"])
        new_a, unit_a = moved.fade("grad_avg", group["alpha"], 1 - group["alpha"]) if group["centered"] else (0.0, 1.0)
        new_b, unit_b = moved.fade("momentum_buffer", group["momentum"], 1.0) if group["momentum"] else (1.0, 1.0)
        root = math.sqrt(unit_v)
        floor = group["eps"] / root
        kept = [name for name, kept in zip(self.states, (True, group["centered"], group["momentum"])) if kept]
        for p, g, s, _, v, *more in moved.blocks(*kept, weight_decay=group["weight_decay"], maximize=group["maximize"]):
            np.multiply(g, g, out=s)
            axpy(new_v, s, v)
            if group["centered"]:
                a = more[0]
                axpy(new_a, g, a)
                np.multiply(a, a, out=s)
                s *= -(unit_a**2) / unit_v
                s += v
                np.maximum(s, 0, out=s)  # a variance, whatever rounding makes of it
                np.sqrt(s, out=s)
            else:
                np.sqrt(v, out=s)
            s += floor
            np.divide(g, s, out=s)
            if group["momentum"]:
                axpy(new_b / root, s, more[-1])
                axpy(-group["lr"] * unit_b, more[-1], p)
            else:
                axpy(-group["lr"] / root, s, p)


class Adadelta(Optimizer):
    """Adadelta: p -= lr · Δ with Δ = g · √(u + eps) / √(v + eps) (Zeiler, 2012).

    v is the running mean of g² and u that of Δ², both with the factor `rho`: so Δ has the units of p, and needs no
    learning rate of its own.
    """

    states = ("square_avg", "acc_delta")

    rho, eps, weight_decay, maximize = (Setting() for _ in range(4))

    def __init__(
        self,
        params: Any,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize)

    def update(self, moved: Cohort, group: Mapping[str, Any]) -> None:
        """One step."""
        rho, eps, change = (
            group["rho"],
            group["eps"],
            {"weight_decay": group["weight_decay"], "maximize": group["maximize"]},
        )
        new, unit = moved.fade("square_avg", rho, 1 - rho)
        for p, g, s, t, v, u in moved.blocks("square_avg", "acc_delta", **change):
            np.multiply(g, g, out=s)
            axpy(new, s, v)
            np.add(v, eps / unit, out=s)
            np.add(u, eps, out=t)
            t /= s
            np.sqrt(t, out=t)
            t *= g  # √unit · Δ
            np.multiply(t, t, out=s)
            u *= rho
            axpy((1 - rho) / unit, s, u)
            axpy(-group["lr"] / math.sqrt(unit), t, p)
