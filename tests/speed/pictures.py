"""Pictures and steps of large graphs: how long from the call to the picture."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import nn
from autograd import Stepper, Value, draw
from autograd.step.player.pack import pack
from autograd.step.player.page import page
from autograd.step.script import script


def pictures() -> None:
    """A scalar network of ten thousand Values, and a chain of a million."""
    nn.manual_seed(0)
    model = nn.MLP(2, [16, 16, 1], fused=False)
    loss = sum((model(list(x)) for x in np.random.default_rng(0).normal(size=(10, 2))), Value(0.0))

    def played() -> str:
        recording = Stepper(loss).recording
        return page(pack(recording, script(recording)))

    chain = x = Value(1.0)
    for _ in range(500_000):
        chain = chain * 0.999999 + x
    print(f"\npictures: {len(Stepper(loss).recording.nodes):,} nodes of a scalar MLP, and a chain of 1,000,000")
    _timed("the player's page", played)
    _timed("drawn and folded, as SVG", lambda: draw(loss).svg())
    _timed("the chain, drawn and folded", lambda: draw(chain).svg())
    _timed("the chain, recorded for stepping", lambda: Stepper(chain, names=False).recording)


def _timed(title: str, make: Callable[[], Any]) -> None:
    start = time.perf_counter()
    made = make()
    size = f", {len(made) / 1024:,.0f} KiB" if isinstance(made, str) else ""
    print(f"  {title:34}{time.perf_counter() - start:>8.2f} s{size}")
