"""Keras's optimizers: those of `nn.optim` with Keras's names and defaults, made before there are parameters."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import nn.optim as optim
from autograd import OperandError
from nn.optim import Optimizer

__all__ = ["SPECS", "Spec", "optimizer"]


class Spec:
    """An optimizer to be made as soon as the parameters are known: a function of them.

    >>> from nn.keras.optimizers import Adam
    >>> Adam(learning_rate=0.01)
    Adam(learning_rate=0.01, beta_1=0.9, beta_2=0.999, epsilon=1e-07)
    """

    kind: type[Optimizer]
    defaults: dict[str, Any]

    def __init__(self, learning_rate: float | None = None, **settings: Any) -> None:
        name = type(self).__name__
        for unknown in settings.keys() - self.defaults.keys():
            known = ["learning_rate", *self.defaults]
            raise OperandError(f"{name} has no setting {unknown!r}: it has {', '.join(known)}.")
        given = {} if learning_rate is None else {"learning_rate": learning_rate}
        self.settings = {**self.defaults, **given, **settings}

    def __call__(self, parameters: Any) -> Optimizer:
        """The optimizer of these parameters."""
        found = dict(self.settings)
        arguments = {"lr": found.pop("learning_rate")}
        if "beta_1" in found:
            arguments["betas"] = found.pop("beta_1"), found.pop("beta_2")
        names = {"epsilon": "eps", "rho": "alpha" if self.kind is optim.RMSprop else "rho"}
        arguments |= {names.get(name, name): x for name, x in found.items()}
        return self.kind(parameters, **arguments)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={x!r}' for name, x in self.settings.items())})"


def _spec(kind: type[Optimizer], name: str, learning_rate: float, **defaults: Any) -> type[Spec]:
    doc = f"Keras's {name}: `nn.optim.{kind.__name__}` with its names and defaults."
    contents = {"kind": kind, "defaults": {"learning_rate": learning_rate, **defaults}, "__doc__": doc}
    return type(name, (Spec,), {**contents, "__module__": "nn.keras.optimizers"})


_BETAS = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
SPECS: dict[str, type[Spec]] = {
    spec.__name__: spec
    for spec in (
        _spec(optim.SGD, "SGD", 0.01, momentum=0.0, nesterov=False, weight_decay=0.0),
        _spec(optim.RMSprop, "RMSprop", 0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False, weight_decay=0.0),
        _spec(optim.Adagrad, "Adagrad", 0.001, initial_accumulator_value=0.1, epsilon=1e-7),
        _spec(optim.Adadelta, "Adadelta", 0.001, rho=0.95, epsilon=1e-7),
        _spec(optim.Adam, "Adam", 0.001, **_BETAS),
        _spec(optim.AdamW, "AdamW", 0.001, weight_decay=0.004, **_BETAS),
        _spec(optim.Adamax, "Adamax", 0.001, **_BETAS),
        _spec(optim.NAdam, "Nadam", 0.001, **_BETAS),
        _spec(optim.Lion, "Lion", 0.001, beta_1=0.9, beta_2=0.99),
    )
}


def optimizer(thing: Any) -> Any:
    """An optimizer by Keras's name; another one, or a function that makes one, as it is."""
    if isinstance(thing, type) and issubclass(thing, Spec):
        return thing()
    if not isinstance(thing, str):
        return thing
    known = {name.lower(): spec for name, spec in SPECS.items()}
    if thing.lower() not in known:
        near = get_close_matches(thing.lower(), known, 1)
        hint = f"; is {near[0]!r} meant?" if near else f": {', '.join(known)}."
        raise OperandError(f"there is no optimizer {thing!r}{hint}")
    return known[thing.lower()]()
