"""Relatives of Adam: Adamax, NAdam and RAdam take other measures of size, look ahead, or start with care."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nn.optim.adam import decays
from nn.optim.axpy import axpy
from nn.optim.cohort import Cohort
from nn.optim.optimizer import Optimizer
from nn.optim.setting import Setting

__all__ = ["Adamax", "NAdam", "RAdam"]


class Adamax(Optimizer):
    """Adam with the largest gradient in the place of the mean square (Kingma and Ba, 2015, section 7.1).

    m = β₁ m + (1 - β₁) g        u = max(β₂ u, |g| + eps)        p -= lr / (1 - β₁ᵗ) · m / u
    """

    states = ("exp_avg", "exp_inf")

    betas, eps, weight_decay, maximize = (Setting() for _ in range(4))

    def __init__(
        self,
        params: Any,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize)

    def update(self, moved: Cohort, group: Mapping[str, Any]) -> None:
        """One step."""
        beta1, beta2 = group["betas"]
        new, unit = moved.fade("exp_avg", beta1, 1 - beta1)
        size = group["lr"] * unit / (1 - beta1**moved.step)
        change = {"weight_decay": group["weight_decay"], "maximize": group["maximize"]}
        for p, g, s, _, m, u in moved.blocks("exp_avg", "exp_inf", **change):
            axpy(new, g, m)
            np.abs(g, out=s)
            s += group["eps"]
            u *= beta2
            np.maximum(u, s, out=u)
            np.divide(m, u, out=s)
            axpy(-size, s, p)


class NAdam(Optimizer):
    """Adam with Nesterov's momentum: it moves by the mean that the next step would see (Dozat, 2016).

    With Adam's m and v, and the momentum of step t, μₜ = β₁ (1 - 0.96^(t · momentum_decay) / 2):

        p -= lr · ((1 - μₜ) / (1 - μ₁···μₜ) · g + μₜ₊₁ / (1 - μ₁···μₜ₊₁) · m) / (√(v / (1 - β₂ᵗ)) + eps)
    """

    states = ("exp_avg", "exp_avg_sq")
    numbers = ("mu_product",)

    betas, eps, weight_decay, momentum_decay, maximize, decoupled_weight_decay = (Setting() for _ in range(6))

    def __init__(
        self,
        params: Any,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            momentum_decay=momentum_decay,
            maximize=maximize,
            decoupled_weight_decay=decoupled_weight_decay,
        )

    def update(self, moved: Cohort, group: Mapping[str, Any]) -> None:
        """One step."""
        (beta1, beta2), t = group["betas"], moved.step
        new_m, unit_m = moved.fade("exp_avg", beta1, 1 - beta1)
        new_v, unit_v = moved.fade("exp_avg_sq", beta2, 1 - beta2)
        mu, ahead = (beta1 * (1 - 0.5 * 0.96 ** (step * group["momentum_decay"])) for step in (t, t + 1))
        product = moved.numbers["mu_product"] = moved.numbers.get("mu_product", 1.0) * mu
        root = math.sqrt(unit_v / (1 - beta2**t))
        of_g = group["lr"] * (1 - mu) / (1 - product) / root
        of_m = group["lr"] * ahead / (1 - product * ahead) / root * unit_m
        decay, shrink = decays(group)
        change = {"weight_decay": decay, "maximize": group["maximize"]}
        for p, g, s, u, m, v in moved.blocks("exp_avg", "exp_avg_sq", **change):
            axpy(new_m, g, m)
            np.multiply(g, g, out=s)
            axpy(new_v, s, v)
            np.sqrt(v, out=s)
            s += group["eps"] / root
            np.multiply(g, of_g, out=u)
            axpy(of_m, m, u)
            u /= s
            if shrink != 1:
                p *= shrink
            p -= u


class RAdam(Optimizer):
    """Adam that does not divide by √v before v rests on enough gradients, and then by degrees (Liu et al., 2020).

    ρ∞ = 2 / (1 - β₂) - 1 steps are the length of v's memory, and after t of them it holds ρ = ρ∞ - 2 t β₂ᵗ / (1 -
    β₂ᵗ). Up to ρ = 5 it is momentum alone, p -= lr · m / (1 - β₁ᵗ); beyond, Adam's step times

        √((ρ - 4) (ρ - 2) ρ∞ / ((ρ∞ - 4) (ρ∞ - 2) ρ)).
    """

    states = ("exp_avg", "exp_avg_sq")

    betas, eps, weight_decay, maximize, decoupled_weight_decay = (Setting() for _ in range(5))

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            maximize=maximize,
            decoupled_weight_decay=decoupled_weight_decay,
        )

    def update(self, moved: Cohort, group: Mapping[str, Any]) -> None:
        """One step."""
        (beta1, beta2), t = group["betas"], moved.step
        new_m, unit_m = moved.fade("exp_avg", beta1, 1 - beta1)
        new_v, unit_v = moved.fade("exp_avg_sq", beta2, 1 - beta2)
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * t * beta2**t / (1 - beta2**t)
        size = group["lr"] * unit_m / (1 - beta1**t)
        root = math.sqrt(unit_v)
        if length > 5:
            size *= math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
            size *= math.sqrt(1 - beta2**t) / root
        decay, shrink = decays(group)
        change = {"weight_decay": decay, "maximize": group["maximize"]}
        for p, g, s, _, m, v in moved.blocks("exp_avg", "exp_avg_sq", **change):
            axpy(new_m, g, m)
            np.multiply(g, g, out=s)
            axpy(new_v, s, v)
            if shrink != 1:
                p *= shrink
            if length > 5:
                np.sqrt(v, out=s)
                s += group["eps"] / root
                np.divide(m, s, out=s)
                axpy(-size, s, p)
            else:
                axpy(-size, m, p)
