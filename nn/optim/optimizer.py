"""Optimizer: the parent of all optimizers. It has groups of parameters with settings, a step, and a state to save."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, ClassVar

import numpy as np
from numpy import ndarray

from autograd import Node, OperandError, Value, enable_grad
from nn.optim.cohort import Cohort
from nn.optim.flat import Flat, FlatValues
from nn.optim.setting import Group, Setting, checked
from nn.optim.state import dump, load, memories


class Optimizer:
    """The parent of all optimizers. PyTorch's interface; a subclass says in `update` how parameters move.

    `params` are Tensors and Values that the user made: `model.parameters()`, a list, `model.named_parameters()`, or a
    list of dicts, groups with settings of their own: `[{"params": [w], "lr": 0.1}, {"params": [b]}]`. What follows,
    by name or as a dict, are the settings of all others. A Tensor whose `grad` is None, or a Value that does not
    require grad, stays where it is.

    Settings may be changed between steps: `optimizer.lr = 0.1` in all groups, `optimizer.param_groups[0]["lr"] = 0.1`
    in one. The `data` of Tensors become views of one array, and steps change it in place.

    An optimizer of your own takes a few lines:

    >>> import autograd, nn
    >>> class Descent(nn.optim.Optimizer):
    ...     def __init__(self, params, lr):
    ...         super().__init__(params, lr=lr)
    ...     def update(self, moved, group):
    ...         for p, g, *_ in moved.blocks():
    ...             p -= group["lr"] * g
    >>> w = autograd.Tensor([1.0, 2.0])
    >>> (w * w).sum().backward()
    >>> Descent([w], lr=0.1).step(); w.data
    array([0.8, 1.6])
    """

    states: ClassVar[tuple[str, ...]] = ()  # the names of arrays that may be kept of a parameter, in its shape
    numbers: ClassVar[tuple[str, ...]] = ()  # the names of numbers that are kept of a parameter, beside `step`

    lr = Setting()

    def __init__(self, params: Any, defaults: Mapping[str, Any] | None = None, **settings: Any) -> None:
        given = {**(defaults or {}), **settings}
        self.defaults = {name: checked(type(self).__name__, name, x) for name, x in given.items()}
        self.param_groups: list[Group] = []
        self.parameters: list[Any] = []  # of all groups
        self.flats: list[tuple[Group, Flat]] = []  # those of a group beside the group
        self.stepped = False  # whether step() has been called: a schedule's first step comes after it
        for group in self._groups(params):
            self.add_param_group(group)

    # Parameters

    def _groups(self, params: Any) -> list[dict[str, Any]]:
        kind = type(self).__name__
        if isinstance(params, Node):
            raise OperandError(f"{kind} takes a list of parameters: write [tensor] for a single one.")
        if not isinstance(params, Iterable) or isinstance(params, Mapping | str):
            whole = hasattr(params, "parameters") or callable(params)
            wanted = "model.parameters(), with its parentheses" if whole else "a list of them, or a list of dicts"
            raise OperandError(f"{kind} takes parameters, and got {params!r:.80}.\n  Give {wanted}.")
        found = list(params)
        if not found:
            raise ValueError(
                f"{kind} got no parameters: the model has none, or a generator was given that had been used up.\n"
                "  Give a list: list(model.parameters())."
            )
        return found if isinstance(found[0], dict) else [{"params": found}]

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Move more parameters from now on: a dict with "params" and the settings that are not to be the defaults."""
        kind = type(self).__name__
        if not isinstance(param_group, dict) or "params" not in param_group:
            raise OperandError(f'{kind}: a group is a dict with "params" and settings, and not {param_group!r:.80}.')
        for name in param_group.keys() - self.defaults.keys() - {"params"}:
            for meant in get_close_matches(str(name), self.defaults, 1, 0.8):
                raise ValueError(f"{kind} has no setting {name!r}: {meant!r} is meant?")
        given = param_group["params"]
        if isinstance(given, set | frozenset):
            raise OperandError(f"{kind}: a set has no order, and the state is saved by number. Give a list.")
        pairs = [p if isinstance(p, tuple) else ("", p) for p in ([given] if isinstance(given, Node) else given)]
        parameters = list(dict.fromkeys(_leaf(p) for _, p in pairs))
        known = set(self.parameters)
        if any(p in known for p in parameters):
            raise ValueError(f"{kind}: a parameter is in more than one group.")
        group = Group(kind, {**self.defaults, **param_group, "params": parameters})
        if any(name for name, _ in pairs):
            names = {p: name for name, p in reversed(pairs)}
            group["param_names"] = [names[p] for p in parameters]
        self.check(group)
        self.param_groups.append(group)
        self.parameters += parameters
        self.flats += [(group, flat) for flat in self.flatten(parameters)]

    def check(self, group: dict[str, Any]) -> None:
        """Raise an error where settings or parameters of a group do not go together."""

    def flatten(self, parameters: Sequence[Any]) -> list[Flat]:
        """Parameters of one kind and dtype as one array each."""
        kinds: dict[Any, list[Any]] = defaultdict(list)
        for p in parameters:
            kinds[Value if isinstance(p, Value) else p.dtype].append(p)
        return [FlatValues(ps) if kind is Value else Flat(ps) for kind, ps in kinds.items()]

    # Training

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient, in place: its array stays the same object.

        `closure` is called first, to compute the loss and the gradients; what it returns is returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        self.stepped = True
        for _, flat in self.flats:
            flat.gather()
        for group, flat in self.flats:
            for cohort in flat.moving():
                self.update(cohort, group)
            flat.spread()
        return loss

    def update(self, moved: Cohort, group: Mapping[str, Any]) -> None:
        """Move parameters that have made equally many steps (`moved.step`, this one included), block by block.

        `group` has their settings. See `Cohort.blocks` for the arrays that there are, and
        `Cohort.each` for whole parameters.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say how parameters move: define update().")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients: those of Tensors become None (or zeros), those of Values 0.0."""
        for p in self.parameters:
            p.grad = p.no_gradient if set_to_none or isinstance(p, Value) else np.zeros_like(p.data)

    # State

    @property
    def state(self) -> dict[Any, dict[str, Any]]:
        """For each parameter that has been moved, copies of what is remembered of it, by name: `step`, `exp_avg`..."""
        return memories(self)

    def state_dict(self) -> dict[str, ndarray]:
        """Copies of settings and memories as arrays by name, `lr`, `0.step`, `0.exp_avg`: what `numpy.savez` takes.

        The numbers are those of the parameters, in the order in which they were given. Where there are several
        groups, `lr` has an entry for each. Settings that are words (`line_search_fn`) are not part of the state.
        """
        return dump(self)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue where another optimizer of the same kind and the same parameters stopped. All or nothing.

        Errors: StateError, listing what is missing, what there is no place for, and shapes that differ.
        """
        load(self, state_dict)

    def needs(self, group: dict[str, Any]) -> Sequence[str]:
        """Those of `states` that every parameter of a group has once it has been moved."""
        return self.states

    def arrays(self, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """What is kept of a parameter of this shape in other shapes."""
        return {}

    def __repr__(self) -> str:
        lines = [", ".join(f"{name}={group[name]!r}" for name in self.defaults) for group in self.param_groups]
        inside = lines[0] if len(lines) == 1 else "".join(f"\n  group {i}: {line}" for i, line in enumerate(lines))
        return f"{type(self).__name__}({inside}{'' if len(lines) == 1 else chr(10)})"


def _leaf(p: Any) -> Any:
    if not isinstance(p, Node) or not p.is_leaf:
        raise OperandError(
            f"an optimizer moves Tensors and Values that you made, and got {p!r:.200}.\n"
            "  Give model.parameters(), or a list of them."
        )
    return p
