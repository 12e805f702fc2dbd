"""LAMB, Adafactor and Muon: they look at a parameter as a whole, its norm or its matrix, not at each element alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy import ndarray

from nn.optim.cohort import Cohort
from nn.optim.optimizer import Optimizer
from nn.optim.setting import Setting

__all__ = ["LAMB", "Adafactor", "Muon"]


class LAMB(Optimizer):
    """Adam whose steps are as long as the layers ask for: for very large batches (You et al., 2020, algorithm 2).

    With Adam's m̂ and v̂, the step of each parameter is r = m̂ / (√v̂ + eps) + weight_decay · p, made as long as p:

        p -= lr · ‖p‖ / ‖r‖ · r

    where both norms are above 0; else p -= lr · r.
    """

    states = ("exp_avg", "exp_avg_sq")

    betas, eps, weight_decay, maximize = (Setting() for _ in range(4))

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize)

    def update(self, moved: Cohort, group: Mapping[str, Any]) -> None:
        """One step."""
        beta1, beta2 = group["betas"]
        for p, g, _, m, v in moved.each("exp_avg", "exp_avg_sq", maximize=group["maximize"]):
            m += (1 - beta1) * (g - m)
            v += (1 - beta2) * (g * g - v)
            r = v.copy()
            r /= 1 - beta2**moved.step
            np.sqrt(r, out=r)
            r += group["eps"]
            np.divide(m, r, out=r)
            r /= 1 - beta1**moved.step
            r += group["weight_decay"] * p
            length, step = norm(p), norm(r)
            r *= group["lr"] * (length / step if length and step else 1.0)
            p -= r


class Adafactor(Optimizer):
    """Adam without its memory: of the mean squares v of a matrix only those of rows and columns are kept.

    v is taken to be the outer product of the two; vectors keep all of v (Shazeer and Stern, 2018).
    The step g / √v is cut down to a root mean square of at most `d`, and taken times that of p: `lr` is relative.
    In step t, v's memory is 1 - t^beta2_decay, and lr at most 1 / √t. eps[0] is the least v (None: the precision of
    the dtype), eps[1] the least root mean square of p. `weight_decay` takes lr times its multiple off p.
    """

    beta2_decay, eps, d, weight_decay, maximize = (Setting() for _ in range(5))

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params, lr=lr, beta2_decay=beta2_decay, eps=eps, d=d, weight_decay=weight_decay, maximize=maximize
        )

    def arrays(self, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """Means of rows and columns of what has two axes or more."""
        if len(shape) < 2:
            return {"variance": shape}
        return {"row_var": (*shape[:-1], 1), "col_var": (*shape[:-2], 1, shape[-1])}

    def update(self, moved: Cohort, group: Mapping[str, Any]) -> None:
        """One step."""
        t = moved.step
        new = t ** group["beta2_decay"]
        lr = min(group["lr"], 1 / math.sqrt(t))
        for (
            p,
            g,
            memory,
        ) in moved.each(maximize=group["maximize"]):
            for name, shape in self.arrays(p.shape).items():
                memory.setdefault(name, np.zeros(shape, p.dtype))
            if not p.size:
                continue
            least = np.finfo(p.dtype).eps.item() if group["eps"][0] is None else group["eps"][0]
            size = lr * max(group["eps"][1], norm(p) / math.sqrt(p.size))
            p *= 1 - group["lr"] * group["weight_decay"]
            square = g * g
            if p.ndim < 2:
                v = memory["variance"]
                v += new * (square - v)
                step = v.copy()
            else:
                rows, columns = memory["row_var"], memory["col_var"]
                rows += new * (square.mean(-1, keepdims=True) - rows)
                columns += new * (square.mean(-2, keepdims=True) - columns)
                step = rows * columns / np.maximum(rows.mean(-2, keepdims=True), least)
            np.maximum(step, least**2, out=step)
            np.sqrt(step, out=step)
            np.divide(g, step, out=step)
            step *= size / max(1.0, norm(step) / (math.sqrt(p.size) * group["d"]))
            p -= step


class Muon(Optimizer):
    """Muon: momentum made orthogonal, so that every direction of a matrix moves alike (Jordan et al., 2024).

    For the weights of hidden layers, which have two axes; move biases, embeddings and the rest by AdamW. b = momentum
    · b + (1 - momentum) · g; the step O is b (or, with `nesterov`, momentum · b + (1 - momentum) · g) with its
    singular values brought near 1 by `ns_steps` rounds of X ← aX + b(XXᵀ)X + c(XXᵀ)²X with `ns_coefficients`. Then

        p -= lr · weight_decay · p + lr · k · O

    with k = √max(1, rows / columns), or 0.2 √max(rows, columns) for `adjust_lr_fn="match_rms_adamw"`, with which the
    lr and weight_decay of AdamW can be kept. It is computed in the precision of the parameters, where PyTorch rounds
    to bfloat16.
    """

    states = ("momentum_buffer",)

    weight_decay, momentum, nesterov, ns_coefficients, eps, ns_steps, adjust_lr_fn = (Setting() for _ in range(7))

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            weight_decay=weight_decay,
            momentum=momentum,
            nesterov=nesterov,
            ns_coefficients=ns_coefficients,
            eps=eps,
            ns_steps=ns_steps,
            adjust_lr_fn=adjust_lr_fn,
        )

    def check(self, group: dict[str, Any]) -> None:
        """Only matrices can be made orthogonal."""
        for p in group["params"]:
            if np.ndim(p.data) != 2:
                raise ValueError(
                    f"Muon moves parameters with two axes, and got one of shape {np.shape(p.data)}.\n"
                    "  Give it [p for p in model.parameters() if p.ndim == 2], and the others to nn.optim.AdamW."
                )

    def update(self, moved: Cohort, group: Mapping[str, Any]) -> None:
        """One step."""
        for p, g, _, b in moved.each("momentum_buffer"):
            b += (1 - group["momentum"]) * (g - b)
            ahead = g + group["momentum"] * (b - g) if group["nesterov"] else b
            rows, columns = p.shape
            k = math.sqrt(max(1.0, rows / columns))
            if group["adjust_lr_fn"] == "match_rms_adamw":
                k = 0.2 * math.sqrt(max(rows, columns))
            p *= 1 - group["lr"] * group["weight_decay"]
            p -= group["lr"] * k * orthogonalized(ahead, group["ns_coefficients"], group["ns_steps"], group["eps"])


def orthogonalized(x: ndarray, coefficients: tuple[float, float, float], steps: int, eps: float) -> ndarray:
    """A matrix with the singular vectors of x and singular values near 1, by the iteration of Newton and Schulz.

    With Muon's coefficients they end between about 0.7 and 1.2. Cost: `steps` times three products of matrices.
    """
    a, b, c = coefficients
    flipped = x.shape[0] > x.shape[1]
    y = x.T if flipped else x
    y = y / max(norm(y), eps)
    for _ in range(steps):
        square = y @ y.T
        y = a * y + (b * square + c * (square @ square)) @ y
    return y.T if flipped else y


def norm(x: ndarray) -> float:
    """The Euclidean norm of all elements."""
    flat = x.ravel("K")
    return math.sqrt(np.dot(flat, flat))
