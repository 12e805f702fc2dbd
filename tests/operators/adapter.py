"""The adapters of all families, and how our side of a sample is run."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass
class Pair:
    """An adapter whose results must be brought to what is determined, on both sides."""

    ours: Callable[..., Any]
    theirs: Callable[..., Any]


@cache
def names(part: str) -> dict[str, str]:
    """The family of every operator of `core` or `extended`."""
    families = tomllib.loads((HERE / "names.toml").read_text())[part]
    return {name: family for family, words in families.items() for name in words.split()}


@cache
def adapters() -> dict[str, Any]:
    """Of every operator that has one, its adapter."""
    found: dict[str, Any] = {}
    for part in ("core", "extended"):
        for path in sorted((HERE / part).glob("[a-z]*.py")):
            family = import_module(f"tests.operators.{part}.{path.stem}").ADAPTERS
            twice = set(found) & set(family)
            assert not twice, f"{path}: {twice} have an adapter already"
            found |= family
    return found
