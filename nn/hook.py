"""Hooks: functions of the user's that are called before and after a module, and when gradients pass it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from autograd import OperandError

if TYPE_CHECKING:
    from nn.module import Module

__all__ = ["RemovableHandle"]

Around = tuple[tuple[Any, ...], Mapping[str, Any]]


class Hook:
    """A function and when to call it: "before" or "after" forward, or the same of "backward"."""

    def __init__(self, when: str, function: Callable[..., Any], with_kwargs: bool = False, always: bool = False):
        if not callable(function):
            raise OperandError(f"a hook is a function, and not {function!r}.")
        self.when = when
        self.function = function
        self.with_kwargs = with_kwargs
        self.always = always


class RemovableHandle:
    """What registering a hook returns: `remove()` takes the hook off. As a `with` block, at its end.

    >>> import nn
    >>> model = nn.Linear(2, 2)
    >>> with model.register_forward_hook(lambda module, args, output: print(output.shape)):
    ...     y = model([[1.0, 2.0]])
    (1, 2)
    >>> y = model([[1.0, 2.0]])
    """

    def __init__(self, hooks: list[Hook], hook: Hook) -> None:
        self._hooks = hooks
        self._hook = hook

    def remove(self) -> None:
        """Take the hook off; once is enough."""
        if self._hook in self._hooks:
            self._hooks.remove(self._hook)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


def call(module: Module, hooks: list[Hook], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """`module.forward`, with all hooks around it."""
    for hook in of(hooks, "before"):
        args, kwargs = _before(module, hook, args, kwargs)
    passage = None
    if any(hook.when.endswith("backward") for hook in hooks):
        from nn.passage import Passage  # so that only those wait for it who use it

        passage = Passage(module, of(hooks, "before backward"), of(hooks, "after backward"))
        args = passage.enter(args)
    result, waiting = None, of(hooks, "after")
    try:
        result = module.forward(*args, **kwargs)
        while waiting:
            hook = waiting.pop(0)
            found = _after(module, hook, args, kwargs, result)
            result = result if found is None else found
    except Exception:
        for hook in waiting:
            if hook.always:
                _after(module, hook, args, kwargs, result)
        raise
    return result if passage is None else passage.leave(result)


def of(hooks: list[Hook], when: str) -> list[Hook]:
    """The hooks of one kind, in the order in which they are called."""
    return [hook for hook in hooks if hook.when == when]


def _before(module: Module, hook: Hook, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Around:
    if not hook.with_kwargs:
        found = hook.function(module, args)
        args = args if found is None else found if isinstance(found, tuple) else (found,)
        return args, kwargs
    found = hook.function(module, args, kwargs)
    if found is None:
        return args, kwargs
    if not (isinstance(found, tuple) and len(found) == 2):
        raise OperandError(
            f"a forward pre-hook with kwargs returns None, or the new (args, kwargs), and returned {found!r:.80}."
        )
    return found


def _after(module: Module, hook: Hook, args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any) -> Any:
    return hook.function(module, args, kwargs, result) if hook.with_kwargs else hook.function(module, args, result)
