"""The one generator of random numbers that all of `nn` draws from, and `manual_seed`, which restarts it."""

from __future__ import annotations

import numpy as np

__all__ = ["manual_seed"]

_generator = np.random.default_rng()


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


def generator() -> np.random.Generator:
    """The generator of this moment. Ask for it each time: `manual_seed` puts another in its place."""
    return _generator
