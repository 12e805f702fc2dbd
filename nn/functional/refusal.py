"""How bad input is refused: what is wrong, where in the user's code, and what to do."""

from __future__ import annotations

from typing import NoReturn

import autograd


def refuse(kind: type[Exception], what: str, remedy: str = "") -> NoReturn:
    """Raise an error of this kind that says all three."""
    raise kind(what + autograd.errors.place() + (f"\n  {remedy}" if remedy else "")) from None
