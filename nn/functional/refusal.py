"""How bad input is refused, or wondered at: what is wrong, where in the user's code, and what to do."""

from __future__ import annotations

import warnings
from typing import NoReturn

import autograd


def _said(what: str, remedy: str) -> str:
    return what + autograd.errors.place() + (f"\n  {remedy}" if remedy else "")


def refuse(kind: type[Exception], what: str, remedy: str = "") -> NoReturn:
    """Raise an error of this kind that says all three."""
    raise kind(_said(what, remedy)) from None


def wonder(what: str, remedy: str = "") -> None:
    """Warn, once for each line of the user's, of what is likely to be a mistake, but need not be one."""
    warnings.warn(_said(what, remedy), stacklevel=3)
