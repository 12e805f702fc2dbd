"""Containers of numbers: lists, tuples and dicts, nested as the user likes, taken apart and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def leaves(tree: Any) -> list[Any]:
    """What a container holds, in order; anything that is no list, tuple or dict is a leaf.

    >>> leaves({"w": [1.0, 2.0], "b": 3.0})
    [1.0, 2.0, 3.0]
    """
    if isinstance(tree, dict):
        tree = tree.values()
    elif not isinstance(tree, list | tuple):
        return [tree]
    return [leaf for part in tree for leaf in leaves(part)]


def fill(tree: Any, new: Iterator[Any]) -> Any:
    """A container of the same form with other leaves, taken in order."""
    if isinstance(tree, dict):
        return {key: fill(part, new) for key, part in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(fill(part, new) for part in tree))
    if isinstance(tree, list | tuple):
        return type(tree)(fill(part, new) for part in tree)
    return next(new)


def transform(function: Callable[[Any], Any], tree: Any) -> Any:
    """A container of the same form with `function` of each leaf."""
    return fill(tree, map(function, leaves(tree)))
