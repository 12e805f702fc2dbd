"""The table of exceptions: where we differ from PyTorch on purpose."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from tests.operators.adapter import HERE
from tests.operators.peer import Sample

ABOUT = {"reason", "chance"}  # what an entry says about itself


@cache
def exceptions() -> list[dict[str, Any]]:
    """The entries of `exceptions.toml`."""
    found: list[dict[str, Any]] = tomllib.loads((HERE / "exceptions.toml").read_text())["exception"]
    return found


def excuse(sample: Sample, part: str, dtype: str) -> int | None:
    """The number of the entry that lets this part of a sample differ; None where it must not."""
    facts = {
        "operator": sample.info.name.replace("nn.functional.", "F."),
        "variant": sample.info.variant_test_name,
        "sample": sample.index,
        "move": sample.move,
        "part": part,
        "dtype": dtype,
    }
    for number, entry in enumerate(exceptions()):
        asked = {key: value if isinstance(value, list) else [value] for key, value in entry.items() if key not in ABOUT}
        if all(facts[key] in values for key, values in asked.items()):
            return number
    return None
