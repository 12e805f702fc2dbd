"""The state of an optimizer as plain arrays by name: taken out, and put back in all or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import ndarray

from nn.module import StateError
from nn.optim.cohort import Cohort
from nn.optim.flat import Flat
from nn.optim.setting import checked

if TYPE_CHECKING:
    from nn.optim.optimizer import Optimizer

WORDS = {"adjust_lr_fn", "line_search_fn"}  # settings that are not numbers: they are left to the constructor
SCHEDULED = {"initial_lr", "max_lr", "min_lr", "max_momentum", "base_momentum", "swa_lr"}  # entries made by schedules
SHOWN = 20  # problems in one error

Arrays = dict[str, ndarray]


# Taken out


def dump(optimizer: Optimizer) -> Arrays:
    """Settings and memories."""
    return settings(optimizer) | memory(optimizer)


def settings(optimizer: Optimizer) -> Arrays:
    """The numbers among the entries of the groups: as they are when there is one group, else one for each."""
    groups = optimizer.param_groups
    names = [name for name, x in groups[0].items() if _is_numbers(name, x)]
    common = [name for name in names if all(name in group for group in groups)]
    columns = {name: [_encoded(group[name]) for group in groups] for name in common}
    return {name: np.array(column if len(groups) > 1 else column[0]) for name, column in columns.items()}


def memories(optimizer: Optimizer) -> dict[Any, dict[str, Any]]:
    """For each parameter that has been moved, copies of what is remembered of it."""
    found: dict[Any, dict[str, Any]] = {}
    for _, flat in optimizer.flats:
        for cohort in flat.cohorts:
            for i in cohort.members if cohort.step else ():
                states = {name: flat.shaped(flat.state(name), i) * unit for name, unit in cohort.units.items()}
                arrays = {name: x.copy() for name, x in flat.arrays[i].items()}
                found[flat.parameters[i]] = {"step": cohort.step, **cohort.numbers, **states, **arrays}
    return found


def memory(optimizer: Optimizer) -> Arrays:
    """The same by the number of the parameter.

    The units of the states become 1 on the way, so that the optimizer goes on with the very numbers that are saved.
    """
    for _, flat in optimizer.flats:
        for cohort in flat.cohorts:
            for name in cohort.units:
                cohort.settle(name)
    found = memories(optimizer)
    return {
        f"{i}.{name}": np.array(x)
        for i, p in enumerate(optimizer.parameters)
        for name, x in found.get(p, {"step": 0}).items()
    }


# Put back


def load(optimizer: Optimizer, state: Mapping[str, Any]) -> None:
    """Put a state back, unless something does not fit."""
    numbered, named = split(state)
    groups, problems = regrouped(optimizer, named)
    memory: list[Arrays] = [{} for _ in optimizer.parameters]
    for (number, name), x in numbered.items():
        if number < len(memory):
            memory[number][name] = x
        else:
            problems.append(f"there is no place for {number}.{name}")
    of_group = [group for group in groups for _ in group["params"]]
    for i, (group, p, found) in enumerate(zip(of_group, optimizer.parameters, memory)):
        problems += [f"{i}.{text}" for text in _misfits(optimizer, group, np.shape(p.data), found)]
    refuse(optimizer, problems)
    for group, new in zip(optimizer.param_groups, groups):
        group.update(new)
    of_parameter = dict(zip(optimizer.parameters, memory))
    for _, flat in optimizer.flats:
        _remember(optimizer, flat, [of_parameter[p] for p in flat.parameters])


def split(state: Mapping[str, Any]) -> tuple[dict[tuple[int, str], ndarray], Arrays]:
    """The arrays of a state: those named `3.exp_avg`, by number and name, and the others."""
    if not isinstance(state, Mapping):
        raise StateError(f"a state is a dict of arrays by name, such as state_dict() returns, and not {state!r:.80}.")
    numbered: dict[tuple[int, str], ndarray] = {}
    named: Arrays = {}
    for key, x in state.items():
        number, _, name = str(key).partition(".")
        if number.isdecimal():
            numbered[int(number), name] = np.asarray(x)
        else:
            named[str(key)] = np.asarray(x)
    return numbered, named


def regrouped(optimizer: Optimizer, named: Arrays) -> tuple[list[dict[str, Any]], list[str]]:
    """Copies of the groups with settings from a state, and what is wrong with these."""
    own, n = settings(optimizer), len(optimizer.param_groups)
    groups = [dict(group) for group in optimizer.param_groups]
    required = [name for name in optimizer.defaults if name in own]
    problems = [f"{name} is missing" for name in required if name not in named]
    for name, x in named.items():
        shape = own[name].shape if name in own else (n,) if n > 1 else ()
        if name not in own and name not in SCHEDULED:
            problems.append(f"there is no place for {name}")
        elif x.shape != shape or x.dtype.kind not in "fiub":
            kind = "group" if n == 1 else f"{n} groups"
            problems.append(f"{name} has shape {x.shape} and dtype {x.dtype}; for {kind} it must have {shape}")
        else:
            for group, entry in zip(groups, x if n > 1 else [x]):
                try:
                    group[name] = checked("the state", name, _decoded(entry.tolist()))
                except ValueError as error:
                    problems.append(str(error))
    return groups, problems


def refuse(optimizer: Optimizer, problems: list[str]) -> None:
    """Raise an error that lists problems, if there are any."""
    if problems:
        more = [f"and {len(problems) - SHOWN} more"] if problems[SHOWN:] else []
        listed = "\n  ".join(problems[:SHOWN] + more)
        raise StateError(f"the state does not fit this {type(optimizer).__name__}, left as it was:\n  {listed}")


def _misfits(optimizer: Optimizer, group: Any, shape: tuple[int, ...], found: Arrays) -> Iterator[str]:
    """What is wrong with the memory of one parameter."""
    own = optimizer.arrays(shape)
    places = {"step": (), **dict.fromkeys(optimizer.numbers, ()), **dict.fromkeys(optimizer.states, shape), **own}
    moved = "step" in found and found["step"].shape == () and found["step"] > 0
    needed = [*optimizer.numbers, *optimizer.needs(group), *own] if moved else []
    yield from (f"{name} is missing" for name in ["step", *needed] if name not in found)
    for name, x in found.items():
        if name not in places:
            yield f"{name} has no place"
        elif x.shape != places[name] or x.dtype.kind not in "fiu":
            yield f"{name} has shape {x.shape} and dtype {x.dtype}; here it must have {places[name]}"
        elif name == "step" and not (x >= 0 and x % 1 == 0):
            yield f"step is {x}, and must be a whole number"


def _remember(optimizer: Optimizer, flat: Flat, memory: list[Arrays]) -> None:
    """Write the memories of one Flat, and make cohorts of the parameters that are equally far."""
    alike: dict[Any, list[int]] = defaultdict(list)
    for array in flat.states.values():
        array.fill(0)
    for i, found in enumerate(memory):
        states = tuple(name for name in found if name in optimizer.states)
        for name in states:
            flat.shaped(flat.state(name), i)[...] = found[name]
        own = optimizer.arrays(flat.shapes[i])
        flat.arrays[i] = {name: found[name].astype(flat.dtype) for name in found if name in own}
        numbers = tuple((name, found[name].item()) for name in optimizer.numbers if name in found)
        alike[int(found["step"]), numbers, states].append(i)
    flat.regroup(
        [
            Cohort(flat, members, step, dict(numbers), dict.fromkeys(states, 1.0))
            for (step, numbers, states), members in alike.items()
        ]
    )


# Settings as numbers: None becomes NaN, which no setting may be


def _is_numbers(name: str, x: Any) -> bool:
    if isinstance(x, tuple):
        return all(_is_numbers("", part) for part in x)
    return name not in WORDS and (x is None or isinstance(x, float | int))


def _encoded(x: Any) -> Any:
    return [_encoded(part) for part in x] if isinstance(x, tuple) else float("nan") if x is None else x


def _decoded(x: Any) -> Any:
    return tuple(_decoded(part) for part in x) if isinstance(x, list) else None if x != x else x
