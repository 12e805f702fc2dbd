"""Recipes: networks trained on real data from the command line, each a small file to read, to run and to change.

    python -m nn list
    python -m nn train digits --epochs 50 --seed 1 --out somewhere

A recipe is a module of this package with a function `train(run)`. The first line of its docstring is what `list` shows.
What it needs beyond `nn` is its `nn.recipe.run.Run`: the settings, and a place for figures and files.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

__all__ = ["all_recipes", "recipe"]

_TOOLS = {"baseline", "picture", "reading", "run"}


def all_recipes() -> list[str]:
    """The names of all recipes.

    >>> from nn import recipe
    >>> "digits" in recipe.all_recipes()
    True
    """
    return sorted(found.name for found in iter_modules(__path__) if found.name not in _TOOLS)


def recipe(name: str) -> tuple[Callable[[Any], None], str]:
    """A recipe's function, and what it is about in one line."""
    module = import_module(f"{__name__}.{name}")
    return module.train, (module.__doc__ or "").partition("\n")[0]
