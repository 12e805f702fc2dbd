"""Containers: modules or parameters in a list or a dict, and Sequential, which calls one after the other.

A plain list or dict in an attribute is found as well. These print like PyTorch's, and name what they hold as it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSequence
from itertools import groupby
from operator import index as as_index
from typing import Any, Self

import numpy as np

from autograd import OperandError, Tensor
from nn.compiled.model import Compiled
from nn.module import Module
from nn.parameter import Parameter

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]


class _Container(Module):
    """Things by name. They can be got, set and deleted as attributes, too, where there is no method of that name."""

    _items: dict[str, Any] = {}  # noqa: RUF012  # never written into: see _own

    def _own(self) -> dict[str, Any]:
        found: dict[str, Any] = vars(self).setdefault("_items", {})
        return found

    def _check(self, item: Any) -> Any:
        """What is to be held. Errors: OperandError when it is of another kind."""
        if isinstance(item, Module):
            return item
        if isinstance(item, type) and issubclass(item, Module):
            hint = f"It is a class: make one with parentheses, {item.__name__}()."
        else:
            hint = "Functions have modules of the same name: nn.ReLU() for relu."
        raise OperandError(f"{type(self).__name__} is made of modules, and got {item!r:.80}.\n  {hint}")

    def _contents(self) -> Iterable[tuple[str, Any]]:
        others = [(name, thing) for name, thing in vars(self).items() if name != "_items"]
        return [*self._items.items(), *others]

    def __getattr__(self, name: str) -> Any:
        try:
            return vars(self)["_items"][name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}") from None

    def __setattr__(self, name: str, thing: Any) -> None:
        if isinstance(thing, Module | Parameter):
            self._own()[name] = self._check(thing)
        else:
            super().__setattr__(name, thing)

    def __delattr__(self, name: str) -> None:
        if name in self._items:
            del self._items[name]
        else:
            super().__delattr__(name)

    def __len__(self) -> int:
        return len(self._items)

    __eq__ = object.__eq__
    __hash__ = object.__hash__


class _Numbered(_Container, MutableSequence[Any]):
    """Things in order, named 0, 1, 2, ..."""

    def _hold(self, things: Iterable[tuple[str, Any]]) -> None:
        """Hold these: what is named by a number is named by its place, names of other kinds stay."""
        found = {str(i) if name.isdecimal() else name: thing for i, (name, thing) in enumerate(things)}
        vars(self)["_items"] = found

    def _name(self, index: Any) -> str:
        i = as_index(index)
        if not -len(self) <= i < len(self):
            raise IndexError(f"{type(self).__name__} has {len(self)} elements, and no number {i}.")
        return [*self._items][i]

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)([*self._items.values()][index])  # type: ignore[call-arg]
        return self._items[self._name(index)]

    def __setitem__(self, index: Any, item: Any) -> None:
        if isinstance(index, slice):
            names = [*self._items][index]
            for name, each in zip(names, item, strict=True):
                self._items[name] = self._check(each)
        else:
            self._items[self._name(index)] = self._check(item)

    def __delitem__(self, index: Any) -> None:
        gone = {*[*self._items][index]} if isinstance(index, slice) else {self._name(index)}
        self._hold((name, thing) for name, thing in self._items.items() if name not in gone)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items.values())

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.isdecimal()]

    def insert(self, index: Any, value: Any) -> Self:  # type: ignore[override]
        """Put a new one before number `index`."""
        things = [*self._items.items()]
        things.insert(index, ("0", self._check(value)))
        self._hold(things)
        return self

    def append(self, value: Any) -> Self:  # type: ignore[override]
        """Put a new one at the end."""
        number = len(self)
        while str(number) in self._items:
            number += 1
        self._own()[str(number)] = self._check(value)
        return self

    def extend(self, values: Iterable[Any]) -> Self:  # type: ignore[override]
        """Put several new ones at the end."""
        for value in [*values]:
            self.append(value)
        return self

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def __add__(self, values: Iterable[Any]) -> Any:
        return self[:].extend(values)


class Sequential(Compiled, _Numbered):
    """The output of each module is the input of the next.

    Given one by one, or in a list, they are named 0, 1, 2, ...; a dict gives names of your own. It can be changed like
    a list. For Keras's program it has `compile`, `fit`, `evaluate`, `predict` and `summary`.

    >>> import nn
    >>> model = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
    >>> model
    Sequential(
      (0): Linear(in_features=784, out_features=64, bias=True)
      (1): ReLU()
      (2): Linear(in_features=64, out_features=10, bias=True)
    )
    >>> len(model), model[-1].out_features, len(model[:2])
    (3, 10, 2)
    """

    def __init__(self, *modules: Module | Mapping[str, Module] | list[Module]) -> None:
        if len(modules) == 1 and isinstance(modules[0], list):
            modules = (*modules[0],)
        if len(modules) == 1 and isinstance(modules[0], Mapping) and not isinstance(modules[0], Module):
            named: dict[str, Any] = dict(modules[0])
        else:
            named = {str(i): module for i, module in enumerate(modules)}
        vars(self)["_items"] = {name: self._check(module) for name, module in named.items()}

    def forward(self, input: Any) -> Any:
        """The input, passed through all modules."""
        try:
            for module in self._items.values():
                input = module(input)
        except Exception as error:
            at = next(i for i, each in enumerate(self) if each is module)
            names = [*self._items]
            error.add_note(f"  in ({names[at]}) of {type(self).__name__}: {module!r:.200}")
            if input is None and at:
                error.add_note(f"  ({names[at - 1]}) gave it None: does its forward end with a return?")
            raise
        return input

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return Sequential(dict([*self._items.items()][index]))
        return super().__getitem__(index)

    def add(self, layer: Module) -> None:
        """Put a layer at the end: Keras's name for `append`."""
        self.append(layer)

    def __mul__(self, times: int) -> Sequential:
        return Sequential(*[module for _ in range(times) for module in self])

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Self:
        return self.extend([module for _ in range(times - 1) for module in self])


class ModuleList(_Numbered):
    """Modules in a list, to be called by a forward of your own.

    >>> import nn
    >>> nn.ModuleList(nn.Linear(4, 4) for _ in range(3)).append(nn.Linear(4, 1))
    ModuleList(
      (0-2): 3 x Linear(in_features=4, out_features=4, bias=True)
      (3): Linear(in_features=4, out_features=1, bias=True)
    )
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        self.extend(modules or ())

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """There is none."""
        raise NotImplementedError(
            "ModuleList has no forward: call its modules yourself, or use Sequential to call one after the other."
        )

    def _pictured(self) -> Iterator[tuple[str, Any]]:
        for text, group in groupby(self._items.items(), lambda item: repr(item[1])):
            names = [name for name, _ in group]
            yield (
                (names[0], _Text(text))
                if len(names) == 1
                else (
                    f"{names[0]}-{names[-1]}",
                    _Text(f"{len(names)} x {text}"),
                )
            )


class _Text(str):
    """What prints as it is."""

    def __repr__(self) -> str:
        return str(self)


class _Named(_Container, MutableMapping[str, Any]):
    """Things by names of your own."""

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __setitem__(self, key: str, item: Any) -> None:
        if not isinstance(key, str):
            raise OperandError(f"{type(self).__name__} has strings for keys, and not {key!r:.80}.")
        self._own()[key] = self._check(item)

    def __delitem__(self, key: str) -> None:
        del self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)


class ModuleDict(_Named):
    """Modules by name, to be called by a forward of your own.

    >>> import nn
    >>> heads = nn.ModuleDict({"age": nn.Linear(8, 1), "name": nn.Linear(8, 20)})
    >>> heads["name"].out_features, [*heads]
    (20, ['age', 'name'])
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None) -> None:
        self.update(modules or {})

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """There is none."""
        raise NotImplementedError('ModuleDict has no forward: call the module that you want, modules["name"](x).')


def _parameter(thing: Any) -> Any:
    """What a container of parameters makes of what it is given."""
    is_array = isinstance(thing, np.ndarray) or type(thing) is Tensor
    return Parameter(thing) if is_array and thing.dtype.kind == "f" else thing


class ParameterList(_Numbered):
    """Parameters in a list; arrays and Tensors become parameters, anything else is held as it is.

    >>> import nn, numpy as np
    >>> class Polynomial(nn.Module):
    ...     def __init__(self, degree):
    ...         self.coefficients = nn.ParameterList(np.ones(1) for _ in range(degree + 1))
    ...     def forward(self, x):
    ...         return sum(c * x ** i for i, c in enumerate(self.coefficients))
    >>> [name for name, _ in Polynomial(1).named_parameters()]
    ['coefficients.0', 'coefficients.1']
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        self.extend(values if values is not None else ())

    def _check(self, item: Any) -> Any:
        return _parameter(item)

    def _pictured(self) -> Iterable[tuple[str, Any]]:
        return _pictured(self)


class ParameterDict(_Named):
    """Parameters by name; arrays and Tensors become parameters, anything else is held as it is.

    >>> import nn, numpy as np
    >>> nn.ParameterDict({"left": np.ones(2), "right": np.zeros((2, 3))})
    ParameterDict(
      (left): Parameter(2,) float64
      (right): Parameter(2, 3) float64
    )
    """

    def __init__(self, parameters: Any = None) -> None:
        self.update(parameters or {})

    def _check(self, item: Any) -> Any:
        return _parameter(item)

    def _pictured(self) -> Iterable[tuple[str, Any]]:
        return _pictured(self)


def _pictured(container: _Container) -> Iterator[tuple[str, Any]]:
    for name, thing in container._items.items():
        is_array = isinstance(thing, Tensor)
        yield name, _Text(f"{type(thing).__name__}{thing.shape} {thing.dtype}") if is_array else thing
