"""Adam and AdamW: the running mean of the gradient, divided by the root of that of its square."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

import autograd
from nn.optim import kernel as loop
from nn.optim.axpy import axpy
from nn.optim.cohort import Cohort
from nn.optim.optimizer import Optimizer
from nn.optim.setting import Setting

__all__ = ["Adam", "AdamW"]


class Adam(Optimizer):
    """Adam: each element moves by about `lr` a step, whatever the size of its gradient (Kingma and Ba, 2015).

    With m and v the running means of g and g², and t the number of the step:

        m = β₁ m + (1 - β₁) g        v = β₂ v + (1 - β₂) g²
        p -= lr · m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + eps)

    `weight_decay` adds its multiple of p to the gradient, or takes lr times its multiple directly off p with
    `decoupled_weight_decay` (see AdamW). `amsgrad` divides by the largest v so far (Reddi et al., 2018).

    >>> import autograd, nn
    >>> w = autograd.Tensor([1.0, 200.0])
    >>> optimizer = nn.optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step(); w.data.round(6)
    array([  0.9, 199.9])
    """

    states = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")

    betas, eps, weight_decay, amsgrad, maximize, decoupled_weight_decay = (Setting() for _ in range(6))

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
            decoupled_weight_decay=decoupled_weight_decay,
        )

    def needs(self, group: dict[str, Any]) -> tuple[str, ...]:
        """The two means, and the maximum where it is wanted."""
        return self.states if group["amsgrad"] else self.states[:2]

    def update(self, moved: Cohort, group: Mapping[str, Any]) -> None:
        """One step: seven passes over a block, or one where there are kernels."""
        beta1, beta2 = group["betas"]
        new_m, unit_m = moved.fade("exp_avg", beta1, 1 - beta1)
        new_v, unit_v = moved.fade("exp_avg_sq", beta2, 1 - beta2)
        root = math.sqrt((1 if group["amsgrad"] else unit_v) / (1 - beta2**moved.step))  # √v̂ = root · √(numbers kept)
        floor = group["eps"] / root
        size = group["lr"] * unit_m / (1 - beta1**moved.step) / root
        decay, shrink = decays(group)
        kept = self.states if group["amsgrad"] else self.states[:2]
        for p, g, s, _, m, v, *maxima in moved.blocks(*kept, weight_decay=decay, maximize=group["maximize"]):
            if autograd.kernel.fits(p, g, m, v) and not maxima:
                loop.adam(p, g, m, v, *map(np.float32, (new_m, new_v, size, floor, shrink)))
                continue
            axpy(new_m, g, m)
            np.multiply(g, g, out=s)
            axpy(new_v, s, v)
            if maxima:
                np.multiply(v, unit_v, out=s)
                v = np.maximum(maxima[0], s, out=maxima[0])
            np.sqrt(v, out=s)
            s += floor
            np.divide(m, s, out=s)
            if shrink != 1:
                p *= shrink
            axpy(-size, s, p)


class AdamW(Adam):
    """Adam with decoupled weight decay: p shrinks by lr · weight_decay of itself (Loshchilov and Hutter, 2019).

    So weights decay alike, whatever the size of their gradients. For Adam's formula see there.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True)


def decays(group: Mapping[str, Any]) -> tuple[float, float]:
    """What of p goes into the gradient as weight decay, and the factor by which p shrinks directly."""
    if group["decoupled_weight_decay"]:
        return 0.0, 1 - group["lr"] * group["weight_decay"]
    return group["weight_decay"], 1.0
