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
    """A block as people write it for a GPT, with GPT-2's gelu and the exact one: batch 8, length 128, width 128."""
    x = rng.normal(size=(8, 128, 128)).astype(np.float32)
    for how in ("tanh", "none"):
        title = f'GPT block, gelu approximate="{how}", (8, 128, 128), 4 heads, forward and backward'
        _versus(title, partial(_block, how=how), x, None, rounds=15, repeat=10)


def _block(lib: Any, how: str) -> Any:
    """The same lines for our layers and for torch's."""
    width, heads = 128, 4
    attend, gelu = lib.functional.scaled_dot_product_attention, partial(lib.functional.gelu, approximate=how)

    class Block(lib.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.ln_1, self.ln_2 = lib.LayerNorm(width), lib.LayerNorm(width)
            self.c_attn, self.attn_proj = lib.Linear(width, 3 * width), lib.Linear(width, width)
            self.c_fc, self.c_proj = lib.Linear(width, 4 * width), lib.Linear(4 * width, width)

        def forward(self, x: Any) -> Any:
            n, length, _ = x.shape
            together = self.c_attn(self.ln_1(x))
            parts = (together[..., i * width : (i + 1) * width] for i in range(3))
            q, k, v = (part.reshape(n, length, heads, width // heads).swapaxes(1, 2) for part in parts)
            y = attend(q, k, v, is_causal=True).swapaxes(1, 2).reshape(n, length, width)
            x = x + self.attn_proj(y)
            return x + self.c_proj(gelu(self.c_fc(self.ln_2(x))))

    return Block()


def _versus(title: str, build: Any, x: np.ndarray, target: np.ndarray | None, *, rounds: int, repeat: int) -> None:
    """A step of the network that `build` makes of our layers and of torch's: with a target it is a training step."""
    nn.manual_seed(0)
    model = build(nn)
    adam = nn.optim.Adam(model.parameters())

    def ours() -> None:
        adam.zero_grad()
        y = model(x)
        (y.sum() if target is None else nn.functional.cross_entropy(y, target)).backward()
        if target is not None:
            adam.step()

    contenders: dict[str, Contender] = {"chainrule": ours}
    try:
        import torch

        torch.set_num_threads(1)
        theirs = build(torch.nn)
        optimizer = torch.optim.Adam(theirs.parameters())
        px, pt = torch.tensor(x), None if target is None else torch.tensor(target)

        def step() -> None:
            optimizer.zero_grad()
            y = theirs(px)
            (y.sum() if pt is None else torch.nn.functional.cross_entropy(y, pt)).backward()
            if pt is not None:
                optimizer.step()

        contenders["torch eager"] = step
    except ImportError:
        print("  torch is not installed: left out")
    compare(title, contenders, unit=1e-3, rounds=rounds, repeat=repeat)
