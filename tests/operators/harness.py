"""One sample on both sides: what agrees, what does not."""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

import autograd
from autograd import Node, Tensor
from tests.operators.adapter import HERE, Pair, adapters
from tests.operators.closeness import difference
from tests.operators.peer import DTYPES, Answer, Sample, ask, database, flat, rebuild, samples, seeds, torch

PARTS = ("values", "gradients", "second", "forward")


@dataclass
class Outcome:
    """How one sample went. `wrong`: of each part that differs, what; `excused`: why it may."""

    sample: Sample
    dtype: str
    wrong: dict[str, str] = field(default_factory=dict)
    excused: dict[str, str] = field(default_factory=dict)
    compared: set[str] = field(default_factory=set)

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.wrong and not self.excused


def compare(name: str, dtype: Any, move: str = "as given", seed: int = 0, most: int | None = None) -> Iterator[Outcome]:
    """The outcomes of an operator's samples; of `most` of each variant, spread evenly."""
    adapter = adapters()[name]
    for info in database()[name]:
        found = list(samples(info, dtype, move, seed))
        step = 1 if most is None else -(-len(found) // most) or 1
        for sample in found[::step]:
            outcome = _compare(sample, adapter, dtype)
            if outcome is not None:
                yield outcome


def _compare(sample: Sample, adapter: Any, dtype: Any) -> Outcome | None:
    """None where PyTorch itself raises an error."""
    ours, theirs = (adapter.ours, adapter.theirs) if isinstance(adapter, Pair) else (adapter, sample.info)
    outcome = Outcome(sample, np.dtype(dtype).name)
    with _quietly():
        try:
            expected = ask(sample, theirs, dtype)
        except Exception as error:
            outcome.wrong["torch"] = repr(error)[:100]
            return None
        try:
            found = answer(sample, ours, expected, dtype)
        except Exception as error:
            outcome.wrong["error"] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        else:
            for part in PARTS:
                wanted, got = getattr(expected, part), getattr(found, part)
                if wanted is not None:
                    outcome.compared.add(part)
                    _hold(outcome, part, got, wanted)
            if outcome.wrong and dtype is np.float32:
                _arbitrate(outcome, theirs, found)
    for part, what in list(outcome.wrong.items()):
        reason = excuse(outcome, part)
        if reason:
            outcome.excused[part] = f"{what}; {reason}"
            del outcome.wrong[part]
    return outcome


def _hold(outcome: Outcome, part: str, found: list[Any], wanted: list[Any]) -> None:
    if len(found) != len(wanted):
        outcome.wrong[part] = f"{len(found)} results are not {len(wanted)}"
        return
    moved = outcome.sample.move == "tiny"
    for i, (a, b) in enumerate(zip(found, wanted, strict=True)):
        what = difference(a, b, scale=0.0 if moved else 1.0, unknown=part != "values")
        if what:
            outcome.wrong[part] = f"{i}: {what}" if len(found) > 1 else what
            return


def _arbitrate(outcome: Outcome, theirs: Any, found: Answer) -> None:
    """In float32 both round: float64 decides which of them was wrong."""
    try:
        truth = ask(outcome.sample, theirs, np.float32, precise=True)
    except Exception:
        return
    for part in [p for p in PARTS if p in outcome.wrong]:
        exact = [x.astype(np.float32) if getattr(x, "dtype", 0) == np.float64 else x for x in getattr(truth, part)]
        again = Outcome(outcome.sample, outcome.dtype)
        _hold(again, part, getattr(found, part), exact)
        if not again.wrong:
            del outcome.wrong[part]


# Our side


def answer(sample: Sample, ours: Callable[..., Any], expected: Answer, dtype: Any) -> Answer:
    """What we find, of what PyTorch found."""
    found = Answer([], expected.differentiable)

    def at(*leaves: Any) -> list[Any]:
        """The results that PyTorch differentiates; all are left in `found`."""
        nodes = {id(x): y for x, y in zip(sample.leaves, leaves, strict=True)}

        def replace(x: Any) -> Any:
            return nodes[id(x)] if id(x) in nodes else Tensor(x.numpy(), requires_grad=False)

        positional, named = _translated(rebuild(sample.arguments, replace))
        results = flat(ours(*positional, **named))
        found.values = [y.data if isinstance(y, Node) else y for y in results]
        if len(results) != len(expected.differentiable):
            raise AssertionError(f"{len(results)} results are not {len(expected.differentiable)}")
        return [y for y, chosen in zip(results, expected.differentiable, strict=True) if chosen]

    arrays = [x.numpy() for x in sample.leaves]
    if expected.gradients is None:
        at(*map(Tensor, arrays))
        return found
    shapes = [v.shape for v, chosen in zip(expected.values, expected.differentiable, strict=True) if chosen]
    cotangents, tangents = seeds(shapes, 0.5, dtype), seeds([x.shape for x in arrays], -1.0, dtype)

    def slopes(*leaves: Any) -> tuple[Any, ...]:
        return autograd.vjp(at, *leaves)[1](cotangents)

    found.gradients = list(slopes(*arrays))
    if expected.second is not None:
        found.second = list(autograd.vjp(slopes, *arrays)[1](tuple(tangents)))
    if expected.forward is not None:
        found.forward = autograd.jvp(at, tuple(arrays), tuple(tangents))[1]
    return found


def _translated(x: Any) -> Any:
    if isinstance(x, torch.dtype):
        return DTYPES[x]
    if isinstance(x, tuple | list):
        return type(x)(map(_translated, x))
    return {name: _translated(part) for name, part in x.items()} if isinstance(x, dict) else x


@contextmanager
def _quietly() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


# Exceptions


@cache
def exceptions() -> list[dict[str, Any]]:
    """The table of where we differ on purpose."""
    path = HERE / "exceptions.toml"
    found: list[dict[str, Any]] = tomllib.loads(path.read_text()).get("exception", [])
    return found


def excuse(outcome: Outcome, part: str) -> str:
    """Why this part may differ; empty where it must not."""
    sample = outcome.sample
    facts = {
        "operator": sample.info.name.replace("nn.functional.", "F."),
        "variant": sample.info.variant_test_name,
        "sample": sample.index,
        "move": sample.move,
        "part": part,
        "dtype": outcome.dtype,
    }
    for exception in exceptions():
        asked = {key: value for key, value in exception.items() if key != "reason"}
        if all(facts[key] in value if isinstance(value, list) else facts[key] == value for key, value in asked.items()):
            return str(exception["reason"])
    return ""
