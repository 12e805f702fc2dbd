"""Recipes: networks trained on real data by one command, each a small file to read, to run and to change.

    python -m nn list
    python -m nn train digits --epochs 50 --seed 1 --out somewhere

or, in a notebook, `nn.recipe.train("digits")`. A recipe is a module of this package with a function `train(run)`. The
first line of its docstring is what `list` shows. What it needs beyond `nn` is its `nn.recipe.run.Run`: the settings,
and a place for figures and files.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from autograd import OperandError
from nn.recipe.run import Run

__all__ = ["all_recipes", "recipe", "train"]

_TOOLS = {"baseline", "picture", "reading", "run"}


def all_recipes() -> list[str]:
    """The names of all recipes.

    >>> from nn import recipe
    >>> "digits" in recipe.all_recipes()
    True
    """
    return sorted(found.name for found in iter_modules(__path__) if found.name not in _TOOLS)


def recipe(name: str) -> tuple[Callable[[Run], None], str]:
    """A recipe's function, and what it is about in one line."""
    known = all_recipes()
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"is {near[0]!r} meant?" if near else f"there are {', '.join(known)}"
        raise OperandError(f"there is no recipe {name!r}: {hint}")
    module: Any = import_module(f"{__name__}.{name}")
    return module.train, (module.__doc__ or "").partition("\n")[0]


def train(
    name: str, out: Path | str | None = None, *, epochs: int | None = None, seed: int = 0, quick: bool = False
) -> Run:
    """Train a recipe as `python -m nn train` does: figures and time are printed, files go to `out`, or runs/NAME.

    What comes back has the `figures`, the trained `model`, and `show()` for the pictures. `quick` takes a few seconds,
    on a small part of the data. Errors: OperandError when there is no such recipe; `nn.datasets.DataNotFoundError`,
    which says how to get it, when its data is not on this machine.

        run = nn.recipe.train("resnet")
        run.show()
        run.figures["accuracy"], run.model
    """
    function, words = recipe(name)
    run = Run(name, out or Path("runs") / name, epochs=epochs, seed=seed, quick=quick)
    run.say(words)
    run.out.mkdir(parents=True, exist_ok=True)  # now, and not after an hour of training
    function(run)
    run.finish()
    return run
