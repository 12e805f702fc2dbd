"""Steps of optimizers alone: a million parameters in one array, float32."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Contender, compare

import nn

SIZE = 1_000_000


class ByHand:
    """Adam as one writes it in NumPy, in place, over the whole array."""

    def __init__(self, p: np.ndarray, g: np.ndarray) -> None:
        self.p, self.g, self.t = p, g, 0
        self.m, self.v, self.s = np.zeros_like(p), np.zeros_like(p), np.empty_like(p)

    def step(self, lr: float = 1e-3, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> None:
        self.t += 1
        m, v, s = self.m, self.v, self.s
        m *= b1
        np.multiply(self.g, 1 - b1, out=s)
        m += s
        v *= b2
        np.multiply(self.g, self.g, out=s)
        s *= 1 - b2
        v += s
        np.sqrt(v, out=s)
        s *= 1 / (1 - b2**self.t) ** 0.5
        s += eps
        np.divide(m, s, out=s)
        s *= lr / (1 - b1**self.t)
        self.p -= s


def adam() -> None:
    """Adam, against NumPy by hand and PyTorch's default."""
    contenders = _both("Adam", {})
    p, g = _arrays()
    hand = ByHand(p, g)
    contenders["NumPy by hand"] = hand.step
    compare(f"Adam, one step of {SIZE:,} parameters, float32", contenders, rounds=40, repeat=2)


def optimizers() -> None:
    """The others, against PyTorch's default."""
    for name, settings in [
        ("SGD", {"lr": 1e-3}),
        ("SGD", {"lr": 1e-3, "momentum": 0.9}),
        ("AdamW", {}),
        ("Adagrad", {}),
        ("RMSprop", {}),
        ("Adadelta", {}),
        ("Adamax", {}),
        ("NAdam", {}),
        ("RAdam", {}),
        ("Rprop", {}),
    ]:
        words = ", ".join([name, *settings])
        compare(f"{words}: one step of {SIZE:,} parameters, float32", _both(name, settings), rounds=15, repeat=2)


def _arrays() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=SIZE).astype(np.float32), rng.normal(size=SIZE).astype(np.float32)


def _both(name: str, settings: dict[str, Any]) -> dict[str, Contender]:
    data, gradient = _arrays()
    p = nn.Parameter(data)
    p.grad = gradient.copy()
    contenders: dict[str, Contender] = {"chainrule": getattr(nn.optim, name)([p], **settings).step}
    try:
        import torch

        torch.set_num_threads(1)
        q = torch.tensor(data, requires_grad=True)
        q.grad = torch.tensor(gradient)
        contenders["torch"] = getattr(torch.optim, name)([q], **settings).step
    except ImportError:
        print("  torch is not installed: left out")
    return contenders
