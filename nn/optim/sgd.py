"""Gradient descent: SGD, with momentum if wanted, and ASGD, which averages where it has been."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nn.optim.axpy import axpy
from nn.optim.cohort import Cohort
from nn.optim.optimizer import Optimizer
from nn.optim.setting import Setting

__all__ = ["ASGD", "SGD"]


class SGD(Optimizer):
    """Stochastic gradient descent: p -= lr · g. Plain gradient descent when g is the gradient over all data.

    With `momentum`, p -= lr · b where b = momentum · b + (1 - dampening) · g, and in the first step b = g (Polyak,
    1964). `nesterov` moves by g + momentum · b instead (Sutskever et al., 2013). `weight_decay` adds its multiple of p
    to the gradient, and `maximize` goes uphill.

    >>> import autograd, nn
    >>> w = autograd.Tensor([1.0, 2.0])
    >>> optimizer = nn.optim.SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step(); w.data
    array([0.8, 1.6])
    """

    states = ("momentum_buffer",)

    momentum, dampening, weight_decay, nesterov, maximize = (Setting() for _ in range(5))

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
            maximize=maximize,
        )

    def check(self, group: dict[str, Any]) -> None:
        """Nesterov's step is defined for a momentum that nothing dampens."""
        if group["nesterov"] and (group["momentum"] == 0 or group["dampening"] != 0):
            raise ValueError(
                f"SGD: nesterov needs a momentum above 0 and no dampening, and got momentum={group['momentum']}, "
                f"dampening={group['dampening']}."
            )

    def needs(self, group: dict[str, Any]) -> tuple[str, ...]:
        """Nothing: a momentum that has just been switched on has no past."""
        return ()

    def update(self, moved: Cohort, group: Mapping[str, Any]) -> None:
        """One step: a pass over each block, or two with momentum."""
        change = {"weight_decay": group["weight_decay"], "maximize": group["maximize"]}
        if not group["momentum"]:
            for p, g, *_ in moved.blocks(**change):
                axpy(-group["lr"], g, p)
            return
        first = "momentum_buffer" not in moved.units
        new, unit = moved.fade("momentum_buffer", group["momentum"], 1 if first else 1 - group["dampening"])
        for p, g, _, _, b in moved.blocks("momentum_buffer", **change):
            axpy(new, g, b)
            if group["nesterov"]:
                axpy(-group["lr"], g, p)
            axpy(-group["lr"] * unit * (group["momentum"] if group["nesterov"] else 1), b, p)


class ASGD(Optimizer):
    """Averaged stochastic gradient descent: the mean of where it has been is kept, too (Polyak and Juditsky, 1992).

    p ← (1 - lambd · η) p - η g, with η = lr / (1 + lambd · lr · t)^alpha after step t. From step `t0` on the mean of
    the parameters is taken; before, it is p itself. Read it as `optimizer.state[p]["ax"]`.
    """

    states = ("ax",)
    numbers = ("eta", "mu")

    lambd, alpha, t0, weight_decay, maximize = (Setting() for _ in range(5))

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, lambd=lambd, alpha=alpha, t0=t0, weight_decay=weight_decay, maximize=maximize)

    def update(self, moved: Cohort, group: Mapping[str, Any]) -> None:
        """One step."""
        eta, mu = moved.numbers.setdefault("eta", group["lr"]), moved.numbers.setdefault("mu", 1.0)
        for p, g, s, _, mean in moved.blocks("ax", weight_decay=group["weight_decay"], maximize=group["maximize"]):
            p *= 1 - group["lambd"] * eta
            axpy(-eta, g, p)
            if mu == 1:
                mean[:] = p
            else:
                np.subtract(p, mean, out=s)
                axpy(mu, s, mean)
        moved.numbers["eta"] = group["lr"] / (1 + group["lambd"] * group["lr"] * moved.step) ** group["alpha"]
        moved.numbers["mu"] = 1 / max(1, moved.step - group["t0"])
