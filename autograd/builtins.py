"""Containers, as HIPS autograd names them. Here a list is a list: functions get Python's own, with nodes inside.

Only `isinstance` and `type` differ: they see through a node to the number or array that it stands for.
"""

from __future__ import annotations

import builtins
from typing import Any

from autograd.operand import plain

__all__ = ["DictBox", "dict", "isinstance", "list", "tuple", "type"]

DictBox = dict = builtins.dict  # what a function under differentiation gets for a dict is a dict
list = builtins.list
tuple = builtins.tuple  # type: ignore[type-arg]


def isinstance(x: Any, kinds: Any) -> bool:
    """As Python's, and a Tensor is an ndarray, a Value a float."""
    return builtins.isinstance(plain(x), kinds)


def type(x: Any) -> Any:
    """As Python's, and that of a Tensor is ndarray, that of a Value float."""
    return builtins.type(plain(x))
