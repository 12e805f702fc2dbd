"""nn's front door: what not every program needs waits until it is asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

import nn

ROOT = Path(__file__).parents[2]
LATER = ["adversarial", "interpret", "privacy", "pruning", "quantization", "search"]


def test_it_is_there_when_asked_for():
    assert set(LATER) <= set(dir(nn))
    for name in LATER:
        assert getattr(nn, name).__name__ == f"nn.{name}"
    with pytest.raises(AttributeError, match="no attribute 'serch'"):
        nn.serch


def test_nobody_waits_for_it():
    code = f"import sys, nn; print(*(name for name in {LATER} if 'nn.' + name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
