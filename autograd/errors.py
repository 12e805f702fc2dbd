"""The errors of this library. Each says what went wrong, where in the user's code, and what to do about it.

Every class also is the built-in exception a NumPy or PyTorch user would catch, so `except ValueError` still works.
"""

from __future__ import annotations

import linecache
import os
import sys
import threading
from types import FrameType
from typing import Any

from numpy.linalg import LinAlgError

from autograd.source import where

_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_OWN = (*(os.path.join(_ROOT, package) + os.sep for package in ("autograd", "nn")), threading.__file__, "<frozen")


class AutogradError(Exception):
    """The parent of every error raised here."""


class ShapeError(AutogradError, ValueError):
    """Shapes that do not fit the operation."""


class MatrixError(AutogradError, LinAlgError):
    """A matrix that the operation cannot take: singular, not square, not positive definite."""


class OperandError(AutogradError, TypeError):
    """An operand of a kind or dtype that the operation cannot take."""


class RuleError(OperandError, NotImplementedError):
    """A function that has no derivative here was given something under differentiation."""


class GradientError(AutogradError, RuntimeError):
    """A derivative was asked for that does not exist, or in a way that cannot work."""


class BlameError(AutogradError):
    """An error that knows the graph it stands for.

    `report` has everything in parts: the culprit `node`, the likely `cause`, the `advice`, the statistics of the
    operands; see `autograd.blame`.
    """

    def __init__(self, message: str = "", report: Any = None) -> None:
        super().__init__(message)
        self.report = report

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self),)  # a graph is not copied

    def picture(self, **settings: Any) -> Any:
        """The way from the culprit to the result, drawn: what is bad is red. In a notebook it shows itself."""
        return self._known().picture(**settings)

    draw = picture

    def script(self) -> str:
        """A small program that fails in the same way, with the operation and those operands that matter."""
        return self._known().script()  # type: ignore[no-any-return]

    def _known(self) -> Any:
        if self.report is None:
            raise AutogradError(
                "nothing is known of the graph of this error: it was not raised inside detect_anomaly()."
            )
        return self.report

    def _repr_html_(self) -> str | None:
        return None if self.report is None else self.report._repr_html_()


class AnomalyError(BlameError, RuntimeError):
    """A NaN or an infinity was computed, in the forward or in the backward pass."""


class MutationError(BlameError, RuntimeError):
    """An array changed between the forward and the backward pass, so its gradient would be wrong."""


class ConversionError(AutogradError, TypeError):
    """A tensor under differentiation would have become a bare array, and its gradient would have been lost."""


def is_own(frame: FrameType) -> bool:
    """Whether a frame is of this library, or of what begins a thread, and not of its user."""
    return frame.f_code.co_filename.startswith(_OWN)


def user_frame() -> tuple[str, int] | None:
    """File and line of the innermost frame outside this library, or None when there is none."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_own(frame):
        frame = frame.f_back
    return frame and (frame.f_code.co_filename, frame.f_lineno)


def place(at: tuple[str, int] | None = None) -> str:
    """The user's line as a sentence, `at train.py:12: y = a @ b`, or nothing when it is not known."""
    at = at or user_frame()
    if at is None:
        return ""
    path, line = at
    text = linecache.getline(path, line).strip()
    return f"\n  at {where(path, line)}" + (f": {text}" if text else "")


def describe(x: Any) -> str:
    """One operand in words: its kind, shape and dtype, e.g. `Tensor(3, 4) float32` or `int 2`."""
    shape, dtype = getattr(x, "shape", None), getattr(x, "dtype", None)
    if shape is not None and dtype is not None and not isinstance(getattr(x, "data", None), float):
        label = getattr(x, "label", "")
        return f"{type(x).__name__}{tuple(shape)} {dtype}" + (f" {label!r}" if label else "")
    text = repr(x)
    text = text if len(text) <= 40 else text[:37] + "..."
    return text if text.startswith(type(x).__name__) else f"{type(x).__name__} {text}"
