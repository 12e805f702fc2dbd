"""Sequential: modules one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autograd import OperandError
from nn.module import Module

__all__ = ["Sequential"]


class Sequential(Module):
    """The output of each module is the input of the next.

    Given one by one they are named 0, 1, 2, ...; a dict gives names of your own.

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

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            named = dict(modules[0])
        else:
            named = {str(i): module for i, module in enumerate(modules)}  # type: ignore[misc]
        for module in named.values():
            if not isinstance(module, Module):
                raise OperandError(
                    f"Sequential is made of modules, and got {module!r}.\n"
                    "  Functions have modules of the same name: nn.ReLU() for relu."
                )
        self._named: dict[str, Module] = named
        self._steps = list(named.values())

    def _contents(self) -> Iterable[tuple[str, Any]]:
        return self._named.items()

    def forward(self, input: Any) -> Any:
        """The input, passed through all modules."""
        for module in self._steps:
            input = module(input)
        return input

    def append(self, module: Module) -> Sequential:
        """Add a module at the end."""
        self.__init__(self._named | {str(len(self)): module})  # type: ignore[misc]
        return self

    def __len__(self) -> int:
        return len(self._steps)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._steps)

    def __getitem__(self, index: int | slice) -> Any:
        return Sequential(*self._steps[index]) if isinstance(index, slice) else self._steps[index]
