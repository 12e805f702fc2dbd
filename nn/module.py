"""Module: a function with parameters, made of smaller ones. PyTorch's interface.

Nothing has to be registered: the parameters and the modules inside are found by looking through the attributes, and
through lists, tuples and dicts there. A subclass need not even call `super().__init__()`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import indent
from typing import Any, NamedTuple, Self

import numpy as np
from numpy import ndarray

from autograd import AutogradError, Node, Value, is_annotating, scope
from nn.parameter import Parameter

__all__ = ["Module", "StateError"]


class StateError(AutogradError, RuntimeError):
    """A state that does not fit the model or optimizer it was to be loaded into."""


class Mismatch(NamedTuple):
    """What `load_state_dict(strict=False)` passed over."""

    missing: list[str]
    unexpected: list[str]


class Module:
    """The parent of every layer and model: define `forward`, and call the module like a function.

    >>> import nn
    >>> class Residual(nn.Module):
    ...     def __init__(self, n):
    ...         self.layers = [nn.Linear(n, n), nn.ReLU(), nn.Linear(n, n)]
    ...     def forward(self, x):
    ...         y = x
    ...         for layer in self.layers:
    ...             y = layer(y)
    ...         return x + y
    >>> model = Residual(8)
    >>> [name for name, _ in model.named_parameters()]
    ['layers.0.weight', 'layers.0.bias', 'layers.2.weight', 'layers.2.bias']
    >>> model.num_parameters
    144
    """

    training: bool = True

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes."""
        raise NotImplementedError(f"{type(self).__name__} has no forward method: define what it computes.")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if is_annotating():
            return scope(self)(self.forward)(*args, **kwargs)
        return self.forward(*args, **kwargs)

    # What is inside

    def _contents(self) -> Iterable[tuple[str, Any]]:
        """The names and things to search for parameters and modules."""
        return vars(self).items()

    def _held(self) -> Iterator[tuple[str, Any]]:
        for name, thing in self._contents():
            yield from _unpack(name, thing)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly inside, with their names."""
        return ((name, thing) for name, thing in self._held() if isinstance(thing, Module))

    def children(self) -> Iterator[Module]:
        """The modules directly inside."""
        return (child for _, child in self.named_children())

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """This module, named "", and all modules inside at any depth, each once, parents first."""
        seen: set[Module] = set()
        stack: list[tuple[str, Module]] = [("", self)]
        while stack:
            name, module = stack.pop()
            if module not in seen:
                seen.add(module)
                yield name, module
                stack += reversed([(_join(name, part), child) for part, child in module.named_children()])

    def modules(self) -> Iterator[Module]:
        """This module and all modules inside, at any depth."""
        return (module for _, module in self.named_modules())

    def named_parameters(self, remove_duplicate: bool = True) -> Iterator[tuple[str, Parameter | Value]]:
        """All parameters with their names, `layers.0.weight`; one that is shared has its first name only."""
        seen: set[Node] = set()
        for path, module in self.named_modules():
            for name, thing in module._held():
                if _is_parameter(thing) and thing not in seen:
                    if remove_duplicate:
                        seen.add(thing)
                    yield _join(path, name), thing

    def parameters(self) -> list[Any]:
        """All parameters: every `Parameter`, and every `Value` that the user made and that requires grad."""
        return [parameter for _, parameter in self.named_parameters()]

    @property
    def num_parameters(self) -> int:
        """How many numbers can be trained."""
        return sum(np.size(parameter.data) for parameter in self.parameters())

    # Buffers: arrays that belong to the state and are not trained, such as a running mean

    _buffers: tuple[str, ...] = ()

    def register_buffer(self, name: str, array: Any) -> None:
        """Make `array` the attribute `name`, saved and loaded with the parameters but not trained."""
        setattr(self, name, np.asarray(array))
        self._buffers = (*self._buffers, name)

    def named_buffers(self) -> Iterator[tuple[str, ndarray]]:
        """All buffers with their names."""
        for path, module in self.named_modules():
            for name in module._buffers:
                yield _join(path, name), getattr(module, name)

    # Training

    def zero_grad(self) -> None:
        """Forget all gradients: those of Tensors become None, those of Values 0.0."""
        for parameter in self.parameters():
            parameter.grad = 0.0 if isinstance(parameter, Value) else None

    def train(self, mode: bool = True) -> Self:
        """Set `training` here and in all modules inside, for those that behave otherwise when used (dropout)."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """The opposite of `train()`."""
        return self.train(False)

    # State

    def state_dict(self) -> dict[str, ndarray]:
        """Copies of all parameters and buffers as arrays, by name: what `numpy.savez` takes and PyTorch understands."""
        return {name: np.array(_plain(thing)) for name, thing in self._state().items()}

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> Mismatch:
        """Take parameters and buffers from arrays by name. All or nothing: when it fails, the model is as before.

        Errors: StateError, listing all that does not fit: names that are missing or that the model does not have
        (with `strict=False` these are returned instead), shapes and dtypes.
        """
        own = self._state()
        mismatch = Mismatch([name for name in own if name not in state], [name for name in state if name not in own])
        problems = [f"{name} is missing" for name in mismatch.missing if strict]
        problems += [f"{name} is not in the model" for name in mismatch.unexpected if strict]
        arrays = {name: np.asarray(_plain(state[name])) for name in own if name in state}
        problems += [
            problem for name, x in arrays.items() if (problem := _misfit(name, x, np.asarray(_plain(own[name]))))
        ]
        if problems:
            raise StateError(
                f"the state does not fit {type(self).__name__}, which is left as it was:\n  " + "\n  ".join(problems)
            )
        for name, x in arrays.items():
            thing = own[name]
            if isinstance(thing, Value):
                thing.data = float(x)
            else:
                _plain(thing)[...] = x
        return mismatch

    def _state(self) -> dict[str, Any]:
        return dict(self.named_parameters(remove_duplicate=False)) | dict(self.named_buffers())

    # Appearance

    def extra_repr(self) -> str:
        """What stands between the parentheses for a module with nothing inside."""
        return ""

    def __repr__(self) -> str:
        lines = [f"({name}): {child!r}" for name, child in self.named_children()]
        inside = "\n" + indent("\n".join(lines), "  ") + "\n" if lines else self.extra_repr()
        return f"{type(self).__name__}({inside})"


def _unpack(name: str, thing: Any) -> Iterator[tuple[str, Any]]:
    """A thing under its name, or what a list, tuple or dict holds under `name.0`, `name.key`."""
    if isinstance(thing, dict):
        for key, part in thing.items():
            yield from _unpack(f"{name}.{key}", part)
    elif isinstance(thing, list | tuple):
        for i, part in enumerate(thing):
            yield from _unpack(f"{name}.{i}", part)
    else:
        yield name, thing


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _is_parameter(thing: Any) -> bool:
    return isinstance(thing, Parameter) or (isinstance(thing, Value) and thing.is_leaf and thing.requires_grad)


def _plain(thing: Any) -> Any:
    return thing.data if isinstance(thing, Node) else thing


def _misfit(name: str, given: ndarray, own: ndarray) -> str:
    """Why an array cannot become this parameter or buffer; nothing when it can."""
    if given.shape != own.shape:
        return f"{name} has shape {own.shape}, and the state has {given.shape}"
    if not np.can_cast(given.dtype, own.dtype, "same_kind"):
        return f"{name} is of {own.dtype}, and the state has {given.dtype}"
    return ""
