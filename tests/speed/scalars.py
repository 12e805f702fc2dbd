"""Graphs of single numbers: a chain of operations, and micrograd's demo."""

from __future__ import annotations

import gc
import math
import random
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from harness import Contender, compare

import autograd
import nn

OPERATIONS = 10_000


class Slim:
    """A scalar of the design of 2026's microgpt, for comparison: slots, tuples, local gradients made going forward."""

    __slots__ = ("data", "grad", "local", "parents")

    def __init__(self, data: float, parents: tuple[Slim, ...] = (), local: tuple[float, ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.parents = parents
        self.local = local

    def __add__(self, other: Any) -> Slim:
        other = other if isinstance(other, Slim) else Slim(other)
        return Slim(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> Slim:
        other = other if isinstance(other, Slim) else Slim(other)
        return Slim(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, n: float) -> Slim:
        return Slim(self.data**n, (self,), (n * self.data ** (n - 1),))

    def tanh(self) -> Slim:
        y = math.tanh(self.data)
        return Slim(y, (self,), (1 - y * y,))

    def relu(self) -> Slim:
        return Slim(max(0.0, self.data), (self,), (float(self.data > 0),))

    def __neg__(self) -> Slim:
        return self * -1

    def __radd__(self, other: Any) -> Slim:
        return self + other

    def __rmul__(self, other: Any) -> Slim:
        return self * other

    def backward(self) -> None:
        order: list[Slim] = []
        seen: set[Slim] = set()

        def visit(node: Slim) -> None:
            if node not in seen:
                seen.add(node)
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for parent, local in zip(node.parents, node.local, strict=True):
                parent.grad += node.grad * local


def chain(make: Callable[[float], Any], tanh: Callable[[Any], Any]) -> None:
    """x ← tanh(x·a + b), again and again: every second operation a product or a tanh, every third a sum."""
    x, a, b = make(0.5), make(0.9), make(0.1)
    for _ in range(OPERATIONS // 3):
        x = tanh(x * a + b)
    x.backward()


def chains() -> None:
    """Recording and sweeping a chain, per operation."""
    import sys

    sys.setrecursionlimit(10 * OPERATIONS)  # for the contenders that recurse
    contenders: dict[str, Contender] = {
        "chainrule Value": lambda: chain(autograd.Value, autograd.Value.tanh),
        "microgpt's design": lambda: chain(Slim, Slim.tanh),
    }
    try:
        from micrograd.engine import Value as Micro

        def micro_tanh(x: Any) -> Any:
            out = Micro(math.tanh(x.data), (x,), "tanh")  # micrograd has no tanh; its users write this one

            def backward() -> None:
                x.grad += (1 - out.data**2) * out.grad

            out._backward = backward
            return out

        contenders["micrograd"] = lambda: chain(Micro, micro_tanh)
    except ImportError:
        print("  micrograd is not installed: left out")
    try:
        import torch

        torch.set_num_threads(1)
        contenders["torch 0-d"] = lambda: chain(lambda x: torch.tensor(x, requires_grad=True), torch.tanh)
    except ImportError:
        print("  torch is not installed: left out")
    title = f"Scalar chain of {OPERATIONS:,} operations, record + backward, per operation"
    compare(title, contenders, unit=1e-9, per=OPERATIONS, rounds=15, repeat=5)


def moons() -> tuple[Any, Any]:
    """micrograd's data: 100 points of two moons, classes -1 and 1."""
    from sklearn.datasets import make_moons

    np.random.seed(1337)
    points, classes = make_moons(n_samples=100, noise=0.1)
    return points, classes * 2 - 1


def demo_step(make: Callable[[float], Any], model: Any, points: Any, classes: Any) -> None:
    """One step of micrograd's demo: a max-margin loss over all 100 points, its gradients, a step downhill."""
    inputs = [[make(float(x)) for x in row] for row in points]
    scores = [model(row) for row in inputs]
    losses = [(1 + -yi * score).relu() for yi, score in zip(classes, scores, strict=True)]
    loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
    model.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.data -= 0.1 * p.grad


class SlimMLP:
    """micrograd's network of `Slim`s."""

    def __init__(self, sizes: list[int]) -> None:
        self.layers = [
            [([Slim(random.uniform(-1, 1)) for _ in range(n)], Slim(0.0), k < len(sizes) - 2) for _ in range(m)]
            for k, (n, m) in enumerate(pairwise(sizes))
        ]

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            sums = [(sum((w * xi for w, xi in zip(ws, x, strict=True)), b), bent) for ws, b, bent in layer]
            x = [s.relu() if bent else s for s, bent in sums]
        return x[0]

    def parameters(self) -> list[Slim]:
        return [p for layer in self.layers for ws, b, _ in layer for p in [*ws, b]]

    def zero_grad(self) -> None:
        for p in self.parameters():
            p.grad = 0.0


def demos() -> None:
    """micrograd's demo, one step, with the collector as a user has it and without."""
    points, classes = moons()
    random.seed(1337)
    fused, plain, slim = nn.MLP(2, [16, 16, 1]), nn.MLP(2, [16, 16, 1], fused=False), SlimMLP([2, 16, 16, 1])
    contenders: dict[str, Contender] = {
        "chainrule nn.MLP": lambda: demo_step(autograd.Value, fused, points, classes),
        "chainrule nn.MLP, fused=False": lambda: demo_step(autograd.Value, plain, points, classes),
        "microgpt's design": lambda: demo_step(Slim, slim, points, classes),
    }
    try:
        from micrograd.engine import Value as Micro
        from micrograd.nn import MLP

        micro = MLP(2, [16, 16, 1])
        contenders["micrograd"] = lambda: demo_step(Micro, micro, points, classes)
    except ImportError:
        print("  micrograd is not installed: left out")
    compare("micrograd's demo, one step", contenders, unit=1e-3, rounds=5, repeat=3)
    gc.disable()
    try:
        compare("micrograd's demo, one step, garbage collector off", contenders, unit=1e-3, rounds=5)
    finally:
        gc.enable()


def bytes_per_node() -> None:
    """Memory of a recorded chain of additions and products of two Values, and of one with tanh, per node."""
    for title, step in (
        ("x*a, x+b", lambda x, a, b: x * a + b),
        ("tanh(x*a+b)", lambda x, a, b: (x * a + b).tanh()),
    ):
        nodes = 20_000 * (2 if title == "x*a, x+b" else 3)
        a, b = autograd.Value(0.9), autograd.Value(0.1)
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        x: Any = autograd.Value(0.5)
        for _ in range(20_000):
            x = step(x, a, b)
        used = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        print(f"\nBytes per scalar node after recording, {title}: {used / nodes:.1f}")
        del x
