"""Data: what every dataset of `nn.datasets` is, and the error when one is not on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograd import AutogradError

__all__ = ["Data", "DataNotFoundError"]


class DataNotFoundError(AutogradError, FileNotFoundError):
    """Data that is not on this machine. The message has the command that brings it."""


@dataclass(frozen=True)
class Data:
    """Examples to learn from and examples to test with, and what is to be known about them."""

    name: str
    train: Any
    test: Any
    classes: tuple[str, ...] = ()
    source: str = ""
    licence: str = ""
    description: str = ""
