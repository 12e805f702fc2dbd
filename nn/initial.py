"""Where the first weights come from: one generator of random numbers for all layers, which `manual_seed` restarts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy import ndarray

_generator = np.random.default_rng()


def manual_seed(seed: int) -> None:
    """Make the initial weights of all layers built from now on repeatable.

    >>> import nn
    >>> nn.manual_seed(7); a = nn.Linear(2, 2)
    >>> nn.manual_seed(7); b = nn.Linear(2, 2)
    >>> bool((a.weight == b.weight).all())
    True
    """
    global _generator
    _generator = np.random.default_rng(seed)


def fan_in_uniform(shape: tuple[int, ...], fan_in: int, dtype: Any) -> ndarray:
    """Uniform numbers in ±1/√fan_in, where fan_in is how many inputs each output has. PyTorch's choice.

    So a layer neither blows up nor dies out what passes it (He et al., 2015, with the gain that PyTorch takes, 1/√3).
    """
    bound = 1 / math.sqrt(fan_in) if fan_in else 0.0
    return _generator.uniform(-bound, bound, shape).astype(dtype)
