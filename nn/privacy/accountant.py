"""The accountant: how much many noisy steps together may tell about one example.

A mechanism is (ε, δ)-private when leaving any one example out changes the probability of no result by more than a
factor of e^ε, but for δ. Steps are added up in another currency, Rényi differential privacy (Mironov, 2017), in which
they simply add, and the sum is changed back at the end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

__all__ = ["ORDERS", "RDPAccountant", "compute_epsilon", "compute_rdp", "get_noise_multiplier"]

ORDERS = (*(i / 10 for i in range(11, 110)), *range(11, 64), 64, 80, 96, 128, 192, 256, 512, 1024)


def compute_rdp(noise_multiplier: float, sample_rate: float, order: float) -> float:
    """The Rényi divergence, of an order α > 1, that one step of the sampled Gaussian mechanism costs.

    Each example takes part with probability q, `sample_rate`, by a vector no longer than 1, and every element of the
    sum gets noise of the standard deviation σ, `noise_multiplier`. The cost is log(A) / (α - 1), where

        A = E[((1 - q) + q exp((2z - 1) / (2σ²)))^α],  z normal with mean 0 and standard deviation σ

    (Mironov, Talwar and Zhang, "Rényi differential privacy of the sampled Gaussian mechanism", 2019, section 3). The
    integral is taken by the trapezoidal rule, which for a function like this one, smooth and soon 0 on both sides, is
    as exact as floats are, for whole orders and others alike. α / (2σ²) when q = 1.

    >>> compute_rdp(2.0, 1.0, 8)
    1.0
    >>> round(compute_rdp(1.0, 0.01, 5.5), 8)
    0.0005247
    """
    if not (noise_multiplier >= 0 and 0 <= sample_rate <= 1 and order > 1):
        raise ValueError(
            f"compute_rdp: noise_multiplier is at least 0, sample_rate from 0 to 1 and order above 1; "
            f"they are {noise_multiplier}, {sample_rate} and {order}."
        )
    if sample_rate == 0 or noise_multiplier == 0:
        return math.inf if sample_rate else 0.0
    if sample_rate == 1:
        return order / (2 * noise_multiplier**2)
    # The integrand has two humps at most, around 0 and around α, both as wide as σ, and its nearest singularity lies
    # πσ² off the real axis: the error of a step h is about exp(-2π · πσ² / h), and exp(-2π² σ² / h²) of the Gaussian.
    sigma = float(noise_multiplier)
    h = min(sigma / 4, sigma**2 / 2)
    z = np.arange(-12 * sigma, order + 12 * sigma, h)
    ratio = np.logaddexp(math.log1p(-sample_rate), math.log(sample_rate) + (2 * z - 1) / (2 * sigma**2))
    logs = order * ratio - z**2 / (2 * sigma**2)
    highest = float(logs.max())
    total = highest + math.log(float(np.exp(logs - highest).sum()) * h / (sigma * math.sqrt(2 * math.pi)))
    return max(total, 0.0) / (order - 1)


def compute_epsilon(
    noise_multiplier: float, sample_rate: float, steps: int, delta: float, orders: Sequence[float] = ORDERS
) -> float:
    """The ε that so many steps have come to, at this δ; see RDPAccountant.

    >>> round(compute_epsilon(1.1, 256 / 60000, 60 * 234, 1e-5), 2)  # 60 epochs of MNIST
    2.59
    """
    return RDPAccountant([(noise_multiplier, sample_rate, steps)]).get_epsilon(delta, orders)


class RDPAccountant:
    """Adds up what steps cost. Opacus's interface; `history` is a list of (noise_multiplier, sample_rate, steps).

    >>> accountant = RDPAccountant()
    >>> for _ in range(300):
    ...     accountant.step(noise_multiplier=1.0, sample_rate=0.01)
    >>> accountant.history
    [(1.0, 0.01, 300)]
    >>> round(accountant.get_epsilon(delta=1e-5), 2)
    1.45
    """

    def __init__(self, history: Sequence[tuple[float, float, int]] = ()) -> None:
        self.history = list(history)

    def step(self, *, noise_multiplier: float, sample_rate: float) -> None:
        """One step more."""
        if self.history and self.history[-1][:2] == (noise_multiplier, sample_rate):
            self.history[-1] = (noise_multiplier, sample_rate, self.history[-1][2] + 1)
        else:
            self.history.append((noise_multiplier, sample_rate, 1))

    def get_epsilon(self, delta: float, orders: Sequence[float] = ORDERS) -> float:
        """ε, the smallest that any of the orders proves.

        At order α it is R + log((α - 1) / α) - (log δ + log α) / (α - 1), where R is the sum of all steps' costs
        (Canonne, Kamath and Steinke, "The discrete Gaussian for differential privacy", 2020, proposition 12).
        """
        if not 0 < delta < 1:
            raise ValueError(f"delta lies between 0 and 1, well below one over the number of examples; it is {delta}.")
        found = []
        for order in orders:
            spent = math.fsum(n * compute_rdp(sigma, q, order) for sigma, q, n in self.history)
            found.append(spent + math.log1p(-1 / order) - (math.log(delta) + math.log(order)) / (order - 1))
        return max(0.0, min(found)) if self.history else 0.0


def get_noise_multiplier(
    target_epsilon: float, target_delta: float, sample_rate: float, steps: int, tolerance: float = 0.001
) -> float:
    """The least noise, to within `tolerance`, with which so many steps stay below `target_epsilon`. By bisection.

    >>> round(get_noise_multiplier(2.0, 1e-5, sample_rate=0.01, steps=1000), 2)
    1.02
    """
    if not target_epsilon > 0:
        raise ValueError(f"target_epsilon must be positive, and is {target_epsilon}: 0 would take infinite noise.")
    low, high = 0.0, 1.0
    while compute_epsilon(high, sample_rate, steps, target_delta) > target_epsilon:
        low, high = high, 2 * high
        if high > 1e6:
            raise ValueError(f"no noise makes {steps} steps with delta={target_delta} as private as {target_epsilon}.")
    while high - low > tolerance:
        middle = (low + high) / 2
        if compute_epsilon(middle, sample_rate, steps, target_delta) > target_epsilon:
            low = middle
        else:
            high = middle
    return high
