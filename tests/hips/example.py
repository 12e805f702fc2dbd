"""HIPS autograd's example programs, run as they are with ours: no line of them is changed.

Some would train for hours: they are stopped after a while, and what they have printed until then is what counts. Those
that want the MNIST digits find files of the same form, made of scikit-learn's, where they look for them.
"""

from __future__ import annotations

import gzip
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tests.hips.source import HERE, source

ROOT = HERE.parents[1]
NEEDS = {"matplotlib": "matplotlib", "data_mnist": "sklearn"}  # what a program with this word in it needs
UNABLE = {"rkhs": "it differentiates with respect to objects of a class of its own"}
NOT_PROGRAMS = {"__init__", "data", "data_mnist"}


@dataclass
class Outcome:
    """What a program printed, and how it ended: 0, an exit status, or None when it was stopped."""

    name: str
    status: int | None
    output: str
    errors: str


def names() -> list[str]:
    """All of its example programs, without the ending."""
    found = {path.stem for path in (source() / "examples").glob("*.py")} - NOT_PROGRAMS
    return sorted(found | {"fluidsim/fluidsim"})


def needs(name: str) -> list[str]:
    """The packages that a program imports beside ours, also by way of its neighbours."""
    text = (source() / "examples" / f"{name}.py").read_text()
    borrowed = "from data import" in text
    return [package for word, package in NEEDS.items() if word in text or borrowed]


def missing(name: str) -> str:
    """Why a program cannot be run here, or nothing."""
    absent = [package for package in needs(name) if not find_spec(package)]
    return UNABLE.get(name) or (f"it needs {' and '.join(absent)}" if absent else "")


def run(name: str, seconds: float) -> Outcome:
    """Run one for so long at most, in a folder of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "examples"
        shutil.copytree(source() / "examples", folder)
        if "sklearn" in needs(name):
            digits(folder / "data")
        environment = os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg", "PYTHONUNBUFFERED": "1"}
        output, errors = Path(scratch) / "output", Path(scratch) / "errors"
        with output.open("w") as out, errors.open("w") as err:
            program = subprocess.Popen(
                [sys.executable, f"{name}.py"], cwd=folder, env=environment, stdout=out, stderr=err
            )
            try:
                status: int | None = program.wait(seconds)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
                status = None
        return Outcome(name, status, output.read_text(errors="replace"), errors.read_text(errors="replace"))


def digits(folder: Path) -> None:
    """Files like those of MNIST, of the digits that come with scikit-learn, three times as large and padded."""
    from sklearn.datasets import load_digits

    folder.mkdir()
    found = load_digits()
    images = np.pad(np.kron(found.images, np.ones((1, 3, 3))), ((0, 0), (2, 2), (2, 2))) * (255 / 16)
    for part, rows in (("train", slice(0, 1500)), ("t10k", slice(1500, None))):
        pixels, labels = images[rows].astype(np.uint8), found.target[rows].astype(np.uint8)
        with gzip.open(folder / f"{part}-images-idx3-ubyte.gz", "wb") as file:
            file.write(struct.pack(">IIII", 2051, *pixels.shape) + pixels.tobytes())
        with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(struct.pack(">II", 2049, len(labels)) + labels.tobytes())
