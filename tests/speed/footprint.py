"""How much memory training steps of LeNet need: `python tests/speed/footprint.py chainrule` or `torch`, on Linux.

What is counted is by how much the process grows at most while it makes five steps with 64 images, after steps with one
image have read what is read at the first use.
"""

from __future__ import annotations

import pathlib
import sys
from typing import Any

import numpy as np

STATUS, CLEAR = pathlib.Path("/proc/self/status"), pathlib.Path("/proc/self/clear_refs")


def lenet(lib: Any) -> Any:
    """The network, made of a library's layers."""
    return lib.Sequential(
        *(lib.Conv2d(1, 6, 5, padding=2), lib.ReLU(), lib.MaxPool2d(2)),
        *(lib.Conv2d(6, 16, 5), lib.ReLU(), lib.MaxPool2d(2), lib.Flatten()),
        *(lib.Linear(400, 120), lib.ReLU(), lib.Linear(120, 84), lib.ReLU(), lib.Linear(84, 10)),
    )


def batch(n: int) -> tuple[np.ndarray, np.ndarray]:
    """n images and their classes."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 1, 28, 28)).astype(np.float32), rng.integers(0, 10, n)


def size(what: str) -> int:
    """Bytes of this process: VmRSS now, VmHWM at most."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) * 1024


def main(name: str) -> None:
    """Print the growth in bytes."""
    if name == "torch":
        import torch

        torch.set_num_threads(1)
        lib, optim, take = torch.nn, torch.optim, torch.tensor
    else:
        sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
        import nn

        lib, optim, take = nn, nn.optim, np.asarray
    model = lenet(lib)
    optimizer = optim.Adam(model.parameters())

    def steps(count: int, images: int) -> None:
        x, target = map(take, batch(images))
        for _ in range(count):
            optimizer.zero_grad()
            lib.functional.cross_entropy(model(x), target).backward()
            optimizer.step()

    steps(3, 1)
    CLEAR.write_text("5")  # forget the peak so far
    before = size("VmRSS")
    steps(5, 64)
    print(size("VmHWM") - before)


if __name__ == "__main__":
    main(sys.argv[1])
