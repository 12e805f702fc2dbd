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


def leaves_like(form: Any, tree: Any) -> list[Any]:
    """What `tree` holds, in the order of `form`, a container of the same form whose dicts may be in another order.

    Errors: TypeError, KeyError or ValueError where the forms differ.

    >>> leaves_like({"w": None, "b": None}, {"b": 3.0, "w": 1.0})
    [1.0, 3.0]
    """
    if isinstance(form, dict):
        pairs = [(part, tree[key]) for key, part in form.items()]
    elif isinstance(form, list | tuple):
        pairs = list(zip(form, tree, strict=True))
    elif isinstance(tree, dict | list | tuple):
        raise TypeError(f"{tree!r} stands where {form!r} does in a container of the other form")
    else:
        return [tree]
    return [leaf for part, other in pairs for leaf in leaves_like(part, other)]
