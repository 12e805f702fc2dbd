"""Where a primitive may be sampled. A rule says where it holds; gradcheck and the tests draw their points there.

An elementwise primitive has one `Domain` for each argument. The others, whose arguments have shapes that must fit
together, list `case`s: a domain with a shape for each operand, and the static parameters that go with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import ndarray

if TYPE_CHECKING:  # numpy.random takes a while to import
    from collections.abc import Callable

    Sampler = Callable[[np.random.Generator, tuple[int, ...]], ndarray]


@dataclass(frozen=True)
class Domain:
    """A set of real numbers with a way to draw from it; `sample` keeps clear of kinks and poles at its border."""

    name: str
    sample: Sampler

    def __call__(self, *shape: int) -> Operand:
        """This domain as an operand of that shape: `POSITIVE(2, 3)`."""
        return Operand(self, shape)

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Operand:
    """An operand to draw: where from, and how large."""

    domain: Domain
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """One way to call a primitive: its operands (to draw, or given as they are) and its static parameters."""

    operands: tuple[Any, ...]
    params: dict[str, Any] = field(default_factory=dict)

    def draw(self, rng: np.random.Generator) -> tuple[list[Any], dict[str, Any]]:
        """Arguments and parameters for one call."""
        args = [op.domain.sample(rng, op.shape) if isinstance(op, Operand) else op for op in self.operands]
        return args, dict(self.params)


def case(*operands: Any, **params: Any) -> Case:
    """`case(REAL(2, 3), axis=0)`: a (2, 3) operand, called with axis=0."""
    return Case(operands, params)


def between(low: float, high: float, name: str | None = None) -> Domain:
    """Evenly drawn from the open interval (low, high)."""
    return Domain(name or f"({low}, {high})", lambda rng, shape: rng.uniform(low, high, shape))


def outside(radius: float, reach: float, name: str) -> Domain:
    """At least `radius` away from zero, on both sides, and at most `reach`."""

    def sample(rng: np.random.Generator, shape: tuple[int, ...]) -> ndarray:
        sign = np.where(rng.random(shape) < 0.5, -1.0, 1.0)
        return sign * rng.uniform(radius, reach, shape)

    return Domain(name, sample)


def _distinct(rng: np.random.Generator, shape: tuple[int, ...]) -> ndarray:
    size = int(np.prod(shape))
    return (rng.permutation(size) - size / 2 + rng.uniform(0.2, 0.8)).reshape(shape) * 0.5


def _regular(rng: np.random.Generator, shape: tuple[int, ...]) -> ndarray:
    diagonal = 1.5 * np.arange(1, shape[-1] + 1)
    return rng.uniform(-0.3, 0.3, shape) + np.eye(shape[-2], shape[-1]) * diagonal


REAL = between(-2.5, 2.5, "REAL")
POSITIVE = between(0.2, 3.0, "POSITIVE")
NONZERO = outside(0.2, 3.0, "NONZERO")
UNIT = between(-0.9, 0.9, "UNIT")  # the open interval (-1, 1)
PROBABILITY = between(0.05, 0.95, "PROBABILITY")
ABOVE_ONE = between(1.2, 4.0, "ABOVE_ONE")
REGULAR = Domain("REGULAR", _regular)  # matrices far from singular, no two of whose eigenvalues are close
DISTINCT = Domain("DISTINCT", _distinct)  # no two equal, none an integer: clear of ties and of floor's steps
