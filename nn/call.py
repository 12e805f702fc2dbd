"""functional_call: a model called with other parameters than its own, as a function of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from difflib import get_close_matches
from types import MethodType
from typing import Any

import numpy as np

from autograd import stack
from nn.module import Module
from nn.state import StateError, plain

__all__ = ["functional_call", "stack_module_state"]


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    args: Any = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    strict: bool = False,
) -> Any:
    """`module(*args, **kwargs)`, with these parameters and buffers in the place of its own, as torch.func has it.

    They are given by name, as in `dict(module.named_parameters())` or `state_dict()`: Tensors, arrays, Values, or what
    `grad` and `vmap` make of them. Those not given are the module's own, unless `strict`; a parameter that has several
    names takes what is given for one of them. `args` is a tuple, or the only argument. The module itself stays as it
    is: a copy is called. Only what a layer writes into an array of its own, such as a running mean, stays written.

    Errors: StateError for names that the module does not have, and for other shapes.

    >>> import autograd, nn, numpy as np
    >>> model = nn.Linear(3, 1)
    >>> def loss(parameters, x, y):
    ...     return (nn.functional_call(model, parameters, x) - y).square().sum()
    >>> x, y = np.ones((5, 3)), np.zeros((5, 1))
    >>> for_each_example = autograd.vmap(autograd.grad(loss), in_axes=(None, 0, 0))
    >>> for_each_example(model.state_dict(), x, y)["weight"].shape
    (5, 1, 3)
    """
    given: dict[str, Any] = {}
    parts: Any = parameter_and_buffer_dicts
    for part in [parts] if isinstance(parts, Mapping) else parts:
        given.update(part)
    instead = _replacements(module, given, strict)
    return _rebuilt(module, instead, {})(*(args if isinstance(args, tuple) else (args,)), **(kwargs or {}))


def stack_module_state(models: Sequence[Module]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters and the buffers of models of one kind, each stacked along a new first axis: an ensemble.

    `vmap(lambda parameters, buffers, x: functional_call(models[0], (parameters, buffers), x), (0, 0, None))` then runs
    all models at once. The stacked parameters differentiate into the models' own.
    """
    if not models:
        raise StateError("stack_module_state: there are no models.")
    parameters = _stacked([dict(m.named_parameters()) for m in models])
    return parameters, _stacked([dict(m.named_buffers()) for m in models])


def _stacked(states: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if any(state.keys() != states[0].keys() for state in states):
        raise StateError("stack_module_state: the models differ in the names of their parameters or buffers.")
    return {name: stack([state[name] for state in states]) for name in states[0]}


def _replacements(module: Module, given: Mapping[str, Any], strict: bool) -> dict[int, Any]:
    """What each parameter or buffer is to be replaced by. Errors: StateError, listing what does not fit."""
    own: dict[str, Any] = dict(module.named_parameters(remove_duplicate=False))
    own |= module.named_buffers(remove_duplicate=False)
    problems = []
    for name in given.keys() - own.keys():
        near = get_close_matches(name, own, 1)
        problems.append(f"{name} is not in the model" + (f"; did you mean {near[0]}?" if near else ""))
    instead: dict[int, Any] = {}
    for name, thing in own.items():
        if name not in given:
            continue
        new = given[name]
        if np.shape(new) != np.shape(plain(thing)):
            problems.append(f"{name} has shape {np.shape(plain(thing))}, and is given {np.shape(new)}")
        elif instead.setdefault(id(thing), new) is not new:
            problems.append(f"{name} is shared under several names, which are given different things")
    if strict:
        problems += [f"{name} is missing" for name, thing in own.items() if id(thing) not in instead]
    if problems:
        raise StateError(f"functional_call of {type(module).__name__}:\n  " + "\n  ".join(sorted(problems)))
    return instead


def _rebuilt(thing: Any, instead: Mapping[int, Any], done: dict[int, Any]) -> Any:
    """A copy of a module, or of a container of such, with parameters replaced; anything else as it is."""
    if id(thing) in instead:
        return instead[id(thing)]
    if id(thing) in done:
        return done[id(thing)]
    if isinstance(thing, Module):
        done[id(thing)] = module = copy(thing)
        vars(module).update({name: _rebuilt(part, instead, done) for name, part in vars(thing).items()})
        return module
    if isinstance(thing, dict):
        new = copy(thing)
        new.update({key: _rebuilt(part, instead, done) for key, part in thing.items()})
        return new
    if isinstance(thing, list | tuple):
        parts = [_rebuilt(part, instead, done) for part in thing]
        return type(thing)(*parts) if hasattr(thing, "_fields") else type(thing)(parts)
    if isinstance(thing, MethodType) and isinstance(thing.__self__, Module):
        return MethodType(thing.__func__, _rebuilt(thing.__self__, instead, done))
    return thing
