"""The operations that networks spend their time in, forward and backward, float32: against PyTorch, and their room."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
from harness import Contender, compare

import autograd
import nn
from autograd import Tensor

rng = np.random.default_rng(0)


def normal(*shape: int) -> np.ndarray:
    """Random numbers in float32."""
    return rng.normal(size=shape).astype(np.float32)


def versus(
    title: str, ours: Callable[..., Any], theirs: Callable[..., Any], *arrays: np.ndarray, repeat: int = 1
) -> Contender:
    """Our function and torch's of these arrays, forward and backward with a cotangent of ones, taking turns."""
    xs = [Tensor(x) for x in arrays]
    g = np.ones(ours(*xs).shape, np.float32)

    def run() -> Any:
        for x in xs:
            x.grad = None
        y = ours(*xs)
        y.backward(g)
        return y

    contenders: dict[str, Contender] = {"chainrule": run}
    try:
        import torch

        torch.set_num_threads(1)
        ts = [torch.tensor(x, requires_grad=True) for x in arrays]
        h = torch.tensor(g)

        def run_torch() -> None:
            for t in ts:
                t.grad = None
            theirs(torch, *ts).backward(h)

        contenders["torch eager"] = run_torch
    except ImportError:
        print("  torch is not installed: left out")
    compare(title, contenders, repeat=repeat)
    return run


def convolution() -> None:
    """Images 28×28, 32 channels to 64, kernels 3×3, a batch of 32: time, and memory beyond operands and results."""
    x, w, b = normal(32, 32, 28, 28), normal(64, 32, 3, 3), normal(64)
    run = versus(
        "conv2d 32→64, 3×3, of (32, 32, 28, 28), forward and backward",
        lambda x, w, b: autograd.conv2d(x, w, b, padding=1),
        lambda torch, x, w, b: torch.nn.functional.conv2d(x, w, b, padding=1),
        x,
        w,
        b,
    )
    tracemalloc.start()
    y = run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    needed = y.nbytes + x.nbytes + w.nbytes + b.nbytes  # the result and three gradients
    print(f"  peak memory of one run beyond results and gradients: {(peak - needed) / 1e6:.1f} MB")


def pooling() -> None:
    """2×2 and 3×3 windows."""
    x = normal(32, 64, 28, 28)
    versus(
        "max_pool2d, 2×2, of (32, 64, 28, 28), forward and backward",
        lambda x: autograd.max_pool2d(x, 2),
        lambda torch, x: torch.nn.functional.max_pool2d(x, 2),
        x,
    )
    versus(
        "max_pool2d, 3×3, stride 2, padding 1, of (32, 64, 28, 28), forward and backward",
        lambda x: autograd.max_pool2d(x, 3, 2, 1),
        lambda torch, x: torch.nn.functional.max_pool2d(x, 3, 2, 1),
        x,
    )


def layer_norm() -> None:
    """Rows as a small transformer has them, and longer ones."""
    for rows, width in ((1024, 128), (1024, 768)):
        versus(
            f"layer_norm of ({rows:,}, {width}), forward and backward",
            lambda x, w, b: autograd.layer_norm(x, x.shape[-1:], w, b),
            lambda torch, x, w, b: torch.nn.functional.layer_norm(x, x.shape[-1:], w, b),
            normal(rows, width),
            normal(width),
            normal(width),
            repeat=20,
        )


def cross_entropy() -> None:
    """Classes of digits, and of words."""
    for rows, classes in ((256, 10), (1024, 1000)):
        target = rng.integers(0, classes, rows)
        versus(
            f"softmax cross-entropy of ({rows:,}, {classes:,}), forward and backward",
            lambda z, target=target: autograd.softmax_cross_entropy(z, target),
            lambda torch, z, target=target: torch.nn.functional.cross_entropy(
                z, torch.from_numpy(target), reduction="none"
            ),
            normal(rows, classes),
            repeat=20,
        )


def activations() -> None:
    """What networks put between their layers, and binary cross-entropy: of 128 images, and of a million numbers."""
    for shape in ((128, 784), (1000, 1000)):
        x, target = 3 * normal(*shape), rng.random(shape, np.float32)
        for name in ("relu", "leaky_relu", "elu", "tanh", "sigmoid", "silu", "softplus"):
            versus(
                f"{name}, {shape}, forward and backward",
                getattr(autograd, name),
                lambda torch, t, name=name: getattr(torch.nn.functional, name)(t),
                x,
                repeat=10,
            )
        versus(
            f"binary cross-entropy of logits, {shape}, forward and backward",
            lambda z, target=target: nn.functional.binary_cross_entropy_with_logits(z, target),
            lambda torch, z, target=target: torch.nn.functional.binary_cross_entropy_with_logits(
                z, torch.from_numpy(target)
            ),
            x,
            repeat=10,
        )


def attention() -> None:
    """A batch of 8, 4 heads of width 32, length 128: all seen, and causal."""
    for causal in (False, True):
        versus(
            f"attention of (8, 4, 128, 32){', causal' if causal else ''}, forward and backward",
            lambda q, k, v, causal=causal: autograd.scaled_dot_product_attention(q, k, v, is_causal=causal),
            lambda torch, q, k, v, causal=causal: torch.nn.functional.scaled_dot_product_attention(
                q, k, v, is_causal=causal
            ),
            *(normal(8, 4, 128, 32) for _ in range(3)),
        )


def recurrent() -> None:
    """50 steps, a batch of 32, 128 units."""
    for name, gates in (("lstm", 4), ("gru", 3), ("rnn", 1)):
        size = 128
        arrays = [normal(gates * size, size), normal(gates * size, size), normal(gates * size), normal(gates * size)]

        def theirs(torch: Any, x: Any, *ws: Any, name: str = name, size: int = size) -> Any:
            first = torch.zeros(1, x.shape[1], size)
            hx: Any = (first, first) if name == "lstm" else first
            call = torch.rnn_tanh if name == "rnn" else getattr(torch, name)
            return call(x, hx, ws, True, 1, 0.0, True, False, False)[0]

        versus(
            f"{name} of 50 steps, batch 32, 128 units, forward and backward",
            lambda x, *ws, name=name: getattr(autograd, name)(x, None, *ws)[0],
            theirs,
            normal(50, 32, size),
            *(a * 0.1 for a in arrays),
        )
