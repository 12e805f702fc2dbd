"""Training steps of networks as people build them, against PyTorch's of the same layers."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import Any

import footprint
import numpy as np
from harness import Contender, compare

import nn

rng = np.random.default_rng(0)


def lenet() -> None:
    """LeNet with max pooling, images 28×28, batches of 64, with Adam: time, and how much memory."""
    x, target = footprint.batch(64)
    _versus("LeNet, (64, 1, 28, 28), one step with Adam", footprint.lenet, x, target, rounds=15, repeat=10)
    if not footprint.CLEAR.exists():
        print("  memory: measured on Linux only")
        return
    for name in ("chainrule", "torch"):
        done = subprocess.run([sys.executable, footprint.__file__, name], capture_output=True, text=True)
        grown = f"{int(done.stdout) / 1e6:.1f} MB" if done.returncode == 0 else "not installed"
        print(f"  peak memory of training steps, {name}: {grown}")


def gpt_block() -> None:
    """A block of a GPT: attention that does not look ahead and a layer of neurons, batch 8, length 128, width 128."""
    x = rng.normal(size=(8, 128, 128)).astype(np.float32)

    def masked(lib: Any, layer: Any) -> Any:
        mask = lib.Transformer.generate_square_subsequent_mask(128)
        return lambda x: layer(x, src_mask=mask, is_causal=True)

    for how, name in (("tanh", "GPT-2's gelu"), ("none", "exact gelu")):

        def build(lib: Any, how: str = how) -> Any:
            gelu = partial(lib.functional.gelu, approximate=how)
            return lib.TransformerEncoderLayer(128, 4, 512, 0.0, gelu, batch_first=True, norm_first=True)

        title = f"GPT block, {name}, (8, 128, 128), 4 heads, forward and backward"
        _versus(title, build, x, None, masked, rounds=15, repeat=3)


def _versus(
    title: str, build: Any, x: np.ndarray, target: np.ndarray | None, call: Any = None, *, rounds: int, repeat: int
) -> None:
    """A step of the network that `build` makes of our layers and of torch's: with a target it is a training step."""
    nn.manual_seed(0)
    model = build(nn)
    forward = call(nn, model) if call else model
    adam = nn.optim.Adam(model.parameters())

    def ours() -> None:
        adam.zero_grad()
        y = forward(x)
        (y.sum() if target is None else nn.functional.cross_entropy(y, target)).backward()
        if target is not None:
            adam.step()

    contenders: dict[str, Contender] = {"chainrule": ours}
    try:
        import torch

        torch.set_num_threads(1)
        theirs = build(torch.nn)
        run = call(torch.nn, theirs) if call else theirs
        optimizer = torch.optim.Adam(theirs.parameters())
        px, pt = torch.tensor(x), None if target is None else torch.tensor(target)

        def step() -> None:
            optimizer.zero_grad()
            y = run(px)
            (y.sum() if pt is None else torch.nn.functional.cross_entropy(y, pt)).backward()
            if pt is not None:
                optimizer.step()

        contenders["torch eager"] = step
    except ImportError:
        print("  torch is not installed: left out")
    compare(title, contenders, unit=1e-3, rounds=rounds, repeat=repeat)
