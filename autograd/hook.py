"""Hooks: functions of the user's that `backward()` and the transforms call on their way through a graph.

They hang on nodes. As long as there are none in the whole program, which `hooked` tells, sweeps need not look.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any
from weakref import ref

import numpy as np

from autograd.errors import GradientError, OperandError, ShapeError, describe, place

Hook = Callable[[Any], Any]

hooked: list[None] = []  # as long as the number of hooks that there are
_numbers = count()


class Hooks:
    """The hooks of one node, in the order in which they were registered. They go when the node goes."""

    __slots__ = ("__weakref__", "after", "before", "retain")

    def __init__(self) -> None:
        self.before: dict[int, Hook] = {}  # called with the gradient, before it goes on
        self.after: dict[int, Hook] = {}  # called with the node, after its `grad` has been added to
        self.retain = False  # whether the `grad` of a result stays when its graph is let go

    def add(self, hooks: dict[int, Hook], hook: Hook) -> RemovableHandle:
        """Register one more."""
        if not callable(hook):
            raise OperandError(f"a hook is a function of the gradient, not {describe(hook)}.{place()}")
        key = next(_numbers)
        hooks[key] = hook
        hooked.append(None)
        return RemovableHandle(self, hooks, key)

    def change(self, node: Any, g: Any) -> Any:
        """The gradient that has arrived at a node, as its hooks leave it."""
        for hook in list(self.before.values()):
            found = hook(g)
            if found is not None:
                g = _fitting(found, g, node, hook)
        return g

    def __del__(self) -> None:
        del hooked[: len(self.before) + len(self.after) + self.retain]


def _fitting(found: Any, g: Any, node: Any, hook: Hook) -> Any:
    """What a hook returned, in the form of the gradient it was given."""
    name = getattr(hook, "__name__", type(hook).__name__)
    if not hasattr(found, "shape") and not isinstance(found, int | float):
        raise GradientError(
            f"the hook {name} of {describe(node)} returned {describe(found)}: it must return a gradient, or None to "
            f"leave it as it is.{place()}"
        )
    if np.shape(found) != np.shape(g):
        raise ShapeError(
            f"the hook {name} of {describe(node)} returned a gradient of shape {np.shape(found)} for one of "
            f"{np.shape(g)}.{place()}"
        )
    if isinstance(g, np.ndarray):
        return np.asarray(found, g.dtype)
    return float(found) if isinstance(g, float) else found


class RemovableHandle:
    """What registering a hook returns: `remove()` takes it away; as a context manager, at the end of the block."""

    __slots__ = ("hooks", "key", "table")

    def __init__(self, hooks: Hooks, table: dict[int, Hook], key: int) -> None:
        self.hooks = ref(hooks)
        self.table = "before" if table is hooks.before else "after"
        self.key = key

    def remove(self) -> None:
        """Take the hook away. Doing so twice does no harm."""
        hooks = self.hooks()
        if hooks is not None and getattr(hooks, self.table).pop(self.key, None) is not None:
            hooked.pop()

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


def hooks_of(node: Any) -> Hooks:
    """The hooks of a node that has some, or is to have them."""
    if node.primitive is None:
        raise GradientError(
            f"{describe(node)} has no gradient that a hook could see: it does not require grad.{place()}"
        )
    if node.hooks is None:
        node.hooks = Hooks()
    found: Hooks = node.hooks
    return found
