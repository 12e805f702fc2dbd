"""Run: a function or a script of the user's, with its lines recorded, to be stepped through afterwards."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from types import ModuleType
from typing import Any, NamedTuple

from numpy import ndarray

from autograd.errors import OperandError, describe, place
from autograd.node import Node
from autograd.origin import annotate
from autograd.step.record import Recording
from autograd.tensor import Tensor
from autograd.value import Value


def call(function: Callable[..., Any], args: Sequence[Any]) -> tuple[Node, dict[str, Any]]:
    """The result of a function, with the lines of its code recorded, and its arguments by name.

    Floats and arrays of floats among the arguments become leaves.
    """
    given = [_leaf(x) for x in args]
    with annotate():
        y = function(*given)
    if not isinstance(y, Node):
        raise OperandError(
            f"{getattr(function, '__name__', 'the function')} returned {describe(y)}, and stepping needs a Value or a "
            f"Tensor.{place()}\n  Return one result, such as the loss."
        )
    try:
        return y, dict(inspect.signature(function).bind(*given).arguments)
    except (TypeError, ValueError):  # of some functions written in C nothing is known
        return y, {}


def _leaf(x: Any) -> Any:
    if type(x) is float:
        return Value(x)
    if isinstance(x, ndarray) and x.dtype.kind == "f":
        return Tensor(x)
    return x


class Found(NamedTuple):
    """A `backward()` that a script called: its recording, which call it was, and how many there were."""

    recording: Recording
    number: int
    calls: int


class _Enough(BaseException):
    """The wanted call has been recorded; raised through the user's script, which need not go on."""


def script(path: str, arguments: Sequence[str], number: int | None = None) -> Found | None:
    """Run a script as `python path arguments` would, and record what its last `backward()`, or number `number`, sweeps.

    None when there was no such call. Errors of the script come through. Cost: of every call about 5 µs a node.
    """
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    main = ModuleType("__main__")
    main.__file__ = path
    before = sys.argv, sys.path, sys.modules["__main__"]
    sys.argv = [path, *arguments]
    sys.path = [os.path.dirname(os.path.abspath(path)), *sys.path]
    sys.modules["__main__"] = main
    found: list[Found] = []
    try:
        with annotate(), _listening(found, number):
            exec(code, main.__dict__)
    except _Enough:
        pass
    except SystemExit as leaving:
        if leaving.code not in (None, 0):
            raise
    finally:
        sys.argv, sys.path, sys.modules["__main__"] = before
    return found[0] if found and number in (None, found[0].number) else None


@contextmanager
def _listening(found: list[Found], number: int | None) -> Iterator[None]:
    """Inside, every `backward()` is recorded before it runs; `found` holds the last one, or the one wanted."""
    calls = 0

    def listened(kind: Any) -> Any:
        backward = kind.backward

        @wraps(backward)
        def inside(self: Node, gradient: Any = None, **settings: Any) -> None:
            nonlocal calls
            calls += 1
            if number in (None, calls):
                caller = sys._getframe(1)
                rest = {k: v for k, v in caller.f_globals.items() if k not in caller.f_locals}
                recording = Recording(self, gradient, {**caller.f_locals, **rest})
                found[:] = [Found(recording, calls, calls)]
                if number is not None:
                    raise _Enough
            backward(self, gradient, **settings)

        return inside

    own = {kind: kind.backward for kind in (Value, Tensor)}
    for kind in own:
        kind.backward = listened(kind)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for kind, backward in own.items():
            kind.backward = backward  # type: ignore[method-assign]
