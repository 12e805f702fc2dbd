"""The derivatives, one file a family. A rule is ordinary arithmetic: it knows neither the engine nor its caller.

`rules.ordering` is read when it is first asked for.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any


def __getattr__(name: str) -> Any:
    if not name.startswith("_") and name in (family for _, family, _ in iter_modules(__path__)):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def families() -> list[Any]:
    """All families that have names for the front door, read now."""
    found = [import_module(f"{__name__}.{name}") for _, name, _ in iter_modules(__path__)]
    return [family for family in found if hasattr(family, "__all__")]
