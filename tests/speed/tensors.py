"""Graphs of arrays: a small expression, a large one, and a training step."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Contender, compare

import autograd
import nn


def expression(size: int, rounds: int, repeat: int) -> None:
    """(x*y+z).sum() and its three gradients."""
    rng = np.random.default_rng(0)
    x, y, z = rng.normal(size=(3, size))
    tx, ty, tz = (autograd.Tensor(a) for a in (x, y, z))

    def ours() -> None:
        tx.grad = ty.grad = tz.grad = None
        (tx * ty + tz).sum().backward()

    def by_hand() -> Any:
        value = np.add.reduce(x * y + z)
        g = np.ones(size)
        return value, g * y, g * x, g

    contenders: dict[str, Contender] = {"chainrule": ours, "NumPy by hand": by_hand}
    try:
        import mygrad

        mx, my, mz = (mygrad.tensor(a) for a in (x, y, z))
        contenders["MyGrad"] = lambda: (mx * my + mz).sum().backward()
    except ImportError:
        print("  MyGrad is not installed: left out")
    try:
        import torch

        torch.set_num_threads(1)
        px, py, pz = (torch.tensor(a, requires_grad=True) for a in (x, y, z))

        def theirs() -> None:
            px.grad = py.grad = pz.grad = None
            (px * py + pz).sum().backward()

        contenders["torch eager"] = theirs
    except ImportError:
        print("  torch is not installed: left out")
    compare(f"(x*y+z).sum() and its gradients, {size:,} elements, float64", contenders, rounds=rounds, repeat=repeat)


class ByHand:
    """784-64-64-10 with relu, softmax cross-entropy and Adam, as one writes it in NumPy, in place where it is easy."""

    def __init__(self, weights: list[np.ndarray]) -> None:
        sizes = [w.size for w in weights]
        self.flat = np.concatenate([w.ravel() for w in weights])
        cuts = np.cumsum([0, *sizes])
        self.w = [self.flat[a:b].reshape(w.shape) for a, b, w in zip(cuts, cuts[1:], weights, strict=False)]
        self.g = np.zeros_like(self.flat)
        self.gw = [self.g[a:b].reshape(w.shape) for a, b, w in zip(cuts, cuts[1:], weights, strict=False)]
        self.m, self.v, self.t = np.zeros_like(self.flat), np.zeros_like(self.flat), 0
        self.s, self.u = np.empty_like(self.flat), np.empty_like(self.flat)

    def step(self, x: np.ndarray, target: np.ndarray) -> float:
        w1, b1, w2, b2, w3, b3 = self.w
        z1 = x @ w1.T + b1
        a1 = np.maximum(z1, 0)
        z2 = a1 @ w2.T + b2
        a2 = np.maximum(z2, 0)
        z3 = a2 @ w3.T + b3
        z3 -= z3.max(1, keepdims=True)
        e = np.exp(z3)
        total = e.sum(1, keepdims=True)
        rows = np.arange(len(x))
        loss = (np.log(total[:, 0]) - z3[rows, target]).mean()
        d3 = e / total
        d3[rows, target] -= 1
        d3 /= len(x)
        g1, h1, g2, h2, g3, h3 = self.gw
        np.matmul(d3.T, a2, out=g3)
        np.sum(d3, 0, out=h3)
        d2 = (d3 @ w3) * (a2 > 0)
        np.matmul(d2.T, a1, out=g2)
        np.sum(d2, 0, out=h2)
        d1 = (d2 @ w2) * (a1 > 0)
        np.matmul(d1.T, x, out=g1)
        np.sum(d1, 0, out=h1)
        self.adam()
        return float(loss)

    def adam(self, lr: float = 1e-3, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> None:
        self.t += 1
        m, v, s, u, g = self.m, self.v, self.s, self.u, self.g
        m *= b1
        np.multiply(g, 1 - b1, out=s)
        m += s
        v *= b2
        np.multiply(g, g, out=s)
        s *= 1 - b2
        v += s
        np.sqrt(v, out=u)
        u /= np.float32((1 - b2**self.t) ** 0.5)
        u += np.float32(eps)
        np.divide(m, u, out=s)
        s *= np.float32(lr / (1 - b1**self.t))
        self.flat -= s


def training_step(batch: int, rounds: int, repeat: int) -> None:
    """One step of the 784-64-64-10 MLP with Adam, float32: forward, backward, update, gradients cleared."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batch, 784)).astype(np.float32)
    target = rng.integers(0, 10, batch)
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = nn.optim.Adam(model.parameters())
    loss_of = nn.CrossEntropyLoss()

    def ours() -> None:
        optimizer.zero_grad()
        loss = loss_of(model(x), target)
        loss.backward()
        optimizer.step()

    hand = ByHand([p.data.copy() for p in model.parameters()])
    contenders: dict[str, Contender] = {"chainrule": ours, "NumPy by hand": lambda: hand.step(x, target)}
    try:
        import torch

        torch.set_num_threads(1)
        layers = torch.nn
        theirs = layers.Sequential(
            layers.Linear(784, 64), layers.ReLU(), layers.Linear(64, 64), layers.ReLU(), layers.Linear(64, 10)
        )
        adam = torch.optim.Adam(theirs.parameters())
        px, pt = torch.tensor(x), torch.tensor(target)

        def torch_step() -> None:
            adam.zero_grad()
            layers.functional.cross_entropy(theirs(px), pt).backward()
            adam.step()

        contenders["torch eager"] = torch_step
    except ImportError:
        print("  torch is not installed: left out")
    compare(f"MLP 784-64-64-10, Adam, float32, batch {batch:,}, one step", contenders, rounds=rounds, repeat=repeat)
