"""One sample on both sides: what agrees, what does not."""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.modules.lazy import LazyModuleMixin

import nn
from tests.nn.modules.peer import DTYPES, fresh, leaves, make, ours, plain, scatter
from tests.nn.modules.samples import Sample, samples

TOLERANCE = {"float64": (1e-7, 1e-7), "float32": (1.3e-6, 1e-5)}  # torch.testing's own: relative, absolute
ROUNDING = 2.0**-24  # of float32
NUMBERS = "outputs", "gradients", "state"


@dataclass
class Outcome:
    """How one sample went: of each part that differs, what; `excused`: why it may; `settled`: only by rounding."""

    sample: Sample
    dtype: str
    training: bool
    wrong: dict[str, str] = field(default_factory=dict)
    excused: dict[str, str] = field(default_factory=dict)
    settled: dict[str, str] = field(default_factory=dict)
    error: float = 0.0  # the largest of those that are small enough, as a part of what is allowed

    def __str__(self) -> str:
        mode = "train" if self.training else "eval"
        return f"{self.sample} {self.dtype} {mode}: " + "; ".join(
            f"{part}: {what}" for part, what in self.wrong.items()
        )


@dataclass
class Answer:
    """What one side gives: outputs, gradients of inputs and parameters by name, the state before and after."""

    outputs: dict[str, Any]
    gradients: dict[str, Any]
    before: dict[str, Any]
    state: dict[str, Any]


def compare(name: str, dtype: str, training: bool, seed: int = 0, most: int | None = None) -> Iterator[Outcome]:
    """The outcomes of a module's samples; of `most` of them, spread evenly. None where PyTorch raises an error."""
    with _quietly("ignore"):
        found = list(samples(name, DTYPES[dtype], training, seed))
    for sample in found[:: 1 if most is None else -(-len(found) // most) or 1]:
        outcome = Outcome(sample, dtype, training)
        torch.manual_seed(1000 * seed + sample.number)  # so that each sample is the same in any company
        with _quietly("ignore"):
            try:
                theirs = _theirs(sample, dtype, training)
                expected = _run(theirs, fresh(sample.inputs), fresh(sample.named), seed)
            except Exception as error:
                print(f"PyTorch cannot answer {sample}: {error}")
                continue
        with _quietly("error"):
            try:
                found_by_us = _ours(outcome, expected, repr(theirs), seed)
            except Exception as error:
                outcome.wrong["error"] = f"{type(error).__name__}: {(str(error) or ' ').splitlines()[0]}"
            else:
                _hold(outcome, found_by_us, expected)
        if outcome.wrong.keys() & set(NUMBERS) and dtype == "float32":
            with _quietly("ignore"):
                _settle(outcome, found_by_us, expected, theirs, seed)
        for part in list(outcome.wrong):
            reason = excuse(outcome, part)
            if reason:
                outcome.excused[part] = f"{outcome.wrong.pop(part)} ({reason})"
        yield outcome


@contextmanager
def _quietly(action: Any) -> Iterator[None]:
    """Inside, what numbers do that are not numbers is no news; other warnings are ignored, or are errors."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter(action)
        yield


def _theirs(sample: Sample, dtype: str, training: bool) -> torch.nn.Module:
    kind: Any = getattr(torch.nn, sample.name)
    module = kind(*deepcopy(sample.args), **deepcopy(sample.kwargs)).to(DTYPES[dtype])
    if isinstance(module, LazyModuleMixin):
        module(*sample.inputs, **sample.named)
    scatter(module)
    return module.train(training)  # type: ignore[no-any-return]


def _ours(outcome: Outcome, expected: Answer, printed: str, seed: int) -> Answer:
    sample = outcome.sample
    inputs, named = ours(sample.inputs), ours(sample.named)
    module = make(sample.name, sample.args, sample.kwargs).to(outcome.dtype).train(outcome.training)
    if sample.name.startswith("Lazy"):
        module(*inputs, **named)
    module.load_state_dict(expected.before)
    printed = printed.replace("NonDynamicallyQuantizableLinear", "Linear")  # which is what it is
    if repr(module) != printed:
        outcome.wrong["print"] = f"{module!r} is not {printed}"
    given = plain([inputs, list(named.values())])
    copies = [x.copy() for x in given]
    found = _run(module, inputs, named, seed)
    for x, copy in zip(given, copies, strict=True):
        if not np.array_equal(x, copy, equal_nan=x.dtype.kind == "f"):
            outcome.wrong["inputs"] = "an input was written into"
    return found


def _run(module: Any, inputs: Any, named: Any, seed: int) -> Answer:
    """What one side gives, ours or theirs."""
    before = {name: np.array(x) for name, x in module.state_dict().items()}
    given = leaves((inputs, named))
    for x in [*given, *module.parameters()]:
        x.grad = None
    results = module(*inputs, **named)
    outputs = {str(i): np.array(x) for i, x in enumerate(plain(results))}
    random = np.random.default_rng(seed)
    total: Any = None
    for y in leaves(results):
        weight = random.standard_normal(y.shape).astype(np.float32).astype(str(y.dtype).removeprefix("torch."))
        part = (y * (torch.from_numpy(np.asarray(weight)) if isinstance(y, torch.Tensor) else weight)).sum()
        total = part if total is None else total + part
    if total is not None:
        total.backward()
    gradients = {f"input {i}": x.grad for i, x in enumerate(given)}
    gradients |= {name: p.grad for name, p in module.named_parameters()}
    state = {name: np.array(x) for name, x in module.state_dict().items()}
    return Answer(outputs, {name: g if g is None else plain(g)[0] for name, g in gradients.items()}, before, state)


# What differs


def _hold(outcome: Outcome, found: Answer, expected: Answer) -> None:
    for part in NUMBERS:
        a, b = getattr(found, part), getattr(expected, part)
        problems = [f"{[*a]} are not {[*b]}"] if [*a] != [*b] else []
        problems += [f"{name} {what}" for name in b if name in a and (what := _differing(outcome, a[name], b[name]))]
        if problems:
            outcome.wrong[part] = ", ".join(problems)


def _differing(outcome: Outcome, a: Any, b: Any) -> str:
    """What differs between two arrays; nothing (None) is the same as zeros."""
    if a is None or b is None:
        return "" if not np.any(a) and not np.any(b) else f"{a} is not {b}"
    if a.shape != b.shape:
        return f"of shape {a.shape} is not {b.shape}"
    if a.dtype.kind != b.dtype.kind or (b.dtype.kind == "f" and a.dtype != b.dtype):
        return f"of {a.dtype} is not {b.dtype}"
    if b.dtype.kind != "f":
        return "" if np.array_equal(a, b) else "differs"
    relative, absolute = TOLERANCE[outcome.dtype]
    same = (a == b) | (np.isnan(b) & ~np.isfinite(a))  # PyTorch's nan decides nothing, but that there is no number
    error = np.where(same, 0.0, np.abs(a - b) / (absolute + relative * np.abs(b)))
    error = np.where(np.isnan(error), np.inf, error)
    worst = np.max(error, initial=0.0)
    if worst <= 1:
        outcome.error = max(outcome.error, float(worst))
        return ""
    at = np.unravel_index(np.argmax(error), error.shape)
    return f"{tuple(map(int, at))}: {a[at]} is not {b[at]} ({worst:.2g} × the tolerance)"


def _settle(outcome: Outcome, found: Answer, expected: Answer, theirs: torch.nn.Module, seed: int) -> None:
    """Where both only round, PyTorch's own answer in float64 decides.

    Settled is where the largest error of ours is no more than four times theirs, or than what comes of inputs and
    weights that are rounded to float32, or than a unit in the last place of the largest number: rounding is chance, and
    in thousands of samples one of two equals is three times as lucky. (That the formulas are right, float64 says.)
    """
    truth, others = _precise(outcome.sample, expected, theirs, seed, 0.0), []
    for _ in range(2):
        with suppress(Exception):  # what is moved may leave the domain, such as probabilities of 1
            others.append(_precise(outcome.sample, expected, theirs, seed, ROUNDING))
    for part in [part for part in NUMBERS if part in outcome.wrong]:
        mine, exact = getattr(found, part), getattr(truth, part)
        rest = [getattr(answer, part) for answer in (expected, *others)]
        largest = max((np.max(np.abs(x), initial=0.0) for x in exact.values() if x is not None), default=0.0)
        allowed = max(2 * ROUNDING * largest, *(_error(x, exact) for x in rest))
        alike = all(getattr(mine[name], "dtype", None) == getattr(x, "dtype", None) for name, x in rest[0].items())
        if alike and _error(mine, exact) <= 4 * allowed and allowed <= 1e-2 * largest:  # more is drawn by chance
            outcome.settled[part] = outcome.wrong.pop(part)


def _precise(sample: Sample, expected: Answer, theirs: torch.nn.Module, seed: int, moved: float) -> Answer:
    """Theirs in float64, with inputs and weights moved by this part of each."""
    double = deepcopy(theirs).double()
    state = {name: torch.from_numpy(np.array(x)) for name, x in expected.before.items()}
    double.load_state_dict(fresh(state, torch.float64, moved))
    return _run(double, *(fresh(x, torch.float64, moved) for x in (sample.inputs, sample.named)), seed)


def _error(found: dict[str, Any], truth: dict[str, Any]) -> float:
    """The largest of all arrays; infinite where anything else than numbers differs."""
    worst = 0.0 if [*found] == [*truth] else np.inf
    for a, b in zip(found.values(), truth.values(), strict=False):
        if a is None or b is None:
            error = 0.0 if not np.any(a) and not np.any(b) else np.inf
        else:
            error = np.max(np.abs(a - b), initial=0.0) if a.shape == b.shape and np.isfinite(b).all() else np.inf
        worst = max(worst, float(error))
    return worst


# Exceptions


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "exceptions.toml").read_text())


def absent() -> dict[str, str]:
    """Modules of PyTorch that we do not have on purpose, each with the reason."""
    return _table().get("absent", {})  # type: ignore[no-any-return]


def excuse(outcome: Outcome, part: str) -> str:
    """Why this part may differ; empty where it must not."""
    facts = {
        "module": outcome.sample.name,
        "sample": outcome.sample.number,
        "note": outcome.sample.note,
        "part": part,
        "dtype": outcome.dtype,
        "training": outcome.training,
    }
    for exception in _table().get("exception", []):
        asked = {key: value for key, value in exception.items() if key != "reason"}
        if all(_covers(value, facts[key]) for key, value in asked.items()):
            return str(exception["reason"])
    return ""


def _covers(value: Any, fact: Any) -> bool:
    if isinstance(value, list):
        return fact in value
    return fnmatch(fact, value) if isinstance(value, str) else bool(fact == value)


def is_ours(name: str) -> bool:
    """Whether `nn` has the module."""
    return hasattr(nn, name)
