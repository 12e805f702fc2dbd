"""The one generator of random numbers that all of `nn` draws from, and `manual_seed`, which restarts it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from numpy import ndarray

from nn.state import StateError

__all__ = ["get_rng_state", "manual_seed", "set_rng_state"]

_generator = np.random.default_rng()
_instead: ContextVar[np.random.Generator | None] = ContextVar("instead", default=None)


def manual_seed(seed: int) -> None:
    """Make everything random that `nn` does from now on repeatable: initial weights, dropout, shuffling.

    >>> import nn
    >>> nn.manual_seed(7); a = nn.Linear(2, 2)
    >>> nn.manual_seed(7); b = nn.Linear(2, 2)
    >>> bool((a.weight == b.weight).all())
    True
    """
    global _generator
    _generator = np.random.default_rng(seed)


def get_rng_state() -> ndarray:
    """Where the generator stands, as an array of bytes that `nn.save` takes: for a run that is to be continued.

    >>> import nn
    >>> state = nn.get_rng_state(); a = nn.Linear(2, 2)
    >>> nn.set_rng_state(state); b = nn.Linear(2, 2)
    >>> bool((a.weight == b.weight).all())
    True
    """
    return dump(generator())


def set_rng_state(state: Any) -> None:
    """Put the generator where it stood when `get_rng_state` was asked.

    Errors: StateError when this is no such state.
    """
    load(generator(), state)


def generator() -> np.random.Generator:
    """The generator of this moment. Ask for it each time: `manual_seed` puts another in its place."""
    instead = _instead.get()
    return _generator if instead is None else instead


@contextmanager
def drawing_from(generator: np.random.Generator) -> Iterator[None]:
    """Inside, all of `nn` draws from this generator, in this thread only."""
    token = _instead.set(generator)
    try:
        yield
    finally:
        _instead.reset(token)


def dump(generator: np.random.Generator) -> ndarray:
    """Where a generator stands, as an array of bytes: JSON, which has room for the numbers of any kind of generator."""
    text = json.dumps(generator.bit_generator.state, default=lambda array: array.tolist())
    return np.frombuffer(text.encode(), np.uint8).copy()


def load(generator: np.random.Generator, state: Any) -> None:
    """Put a generator where another of its kind stood."""
    try:
        generator.bit_generator.state = json.loads(np.asarray(state, np.uint8).tobytes())
    except (ValueError, TypeError, KeyError) as error:
        kind = type(generator.bit_generator).__name__
        raise StateError(f"this is no state of a generator of kind {kind}: {error}.") from None
