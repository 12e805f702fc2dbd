"""Modes: settings that hold inside a `with` block, such as whether operations are recorded. Context variables, so that
every thread and every async task has its own.

Asking a context variable at each operation would cost a tenth of recording it. So `exceptional` counts the modes
entered anywhere: while it is empty, which is nearly always, the recorders need not ask.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from types import TracebackType
from typing import Any, ClassVar, ParamSpec, TypeVar

from autograd.errors import ConversionError, describe, place

P = ParamSpec("P")
R = TypeVar("R")

exceptional: list[object] = []

# A setting and the one it covers, and so on down: leaving a block uncovers it again.
Setting = tuple[Any, Any]
_recording: ContextVar[Setting] = ContextVar("recording", default=(True, None))
_keeping: ContextVar[Setting] = ContextVar("keeping", default=(False, None))
_noted: ContextVar[Setting] = ContextVar("noted", default=(None, None))


def recording() -> bool:
    """Whether operations on nodes are recorded here and now."""
    return not exceptional or bool(_recording.get()[0])


class Mode:
    """A setting that holds inside a `with` block, or in a decorated function; it may be nested, reused and shared."""

    _variable: ClassVar[ContextVar[Setting]]
    _setting: ClassVar[Any] = None

    def _value(self) -> Any:
        """What the setting is inside."""
        return self._setting

    def __enter__(self) -> None:
        self._variable.set((self._value(), self._variable.get()))
        exceptional.append(self)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        exceptional.pop()
        self._variable.set(self._variable.get()[1])

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def inside(*args: P.args, **kwargs: P.kwargs) -> R:
            with self:
                return function(*args, **kwargs)

        return inside


class no_grad(Mode):
    """Inside, results are constants: nothing is recorded, and memory is freed at once.

    >>> import autograd
    >>> x = autograd.Value(3.0)
    >>> with autograd.no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """

    _variable, _setting = _recording, False


class enable_grad(Mode):
    """Inside, results are recorded again, even within `no_grad`."""

    _variable, _setting = _recording, True


class keep_gradients(Mode):
    """Inside, what is under differentiation cannot become a plain number: `math.tanh(v)` would lose the gradient.

    The functions given to grad and its kin run in it, and rules of the user's when they are differentiated themselves.
    Outside, `float(v)` is how loops print.
    """

    _variable, _setting = _keeping, True


class noting(Mode):
    """Inside, recorders note what they make, in `made`: of each node its birthmark."""

    _variable = _noted

    def __init__(self) -> None:
        self.made: list[Any] = []

    def _value(self) -> Any:
        return self.made


def noted() -> list[Any] | None:
    """Where nodes are noted here and now, if they are."""
    found: list[Any] | None = _noted.get()[0]
    return found


def leaving(node: Any) -> Any:
    """A node that is about to become a plain number. Errors: ConversionError where gradients are to be kept."""
    if exceptional and node.primitive is not None and _keeping.get()[0]:
        raise ConversionError(
            f"{describe(node)} is under differentiation; as a plain number its derivative would be lost.{place()}\n"
            "  Use autograd's functions, or NumPy's, in place of math's and of float(), item() and numpy(). What is "
            "printed or looked at only is in .data."
        )
    return node


def is_grad_enabled() -> bool:
    """Whether operations are recorded here and now (PyTorch's name for `recording`)."""
    return recording()
