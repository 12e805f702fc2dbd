"""PyTorch's `inplace`: what functions that take it do when it is True."""

from __future__ import annotations

from autograd import OperandError


def anew(inplace: bool) -> None:
    """Errors: OperandError where it is True, lest somebody wait for x to change: graphs need the old elements."""
    if inplace:
        raise OperandError("nothing is written in place, so inplace=True cannot be done: write x = relu(x), and so on.")
