"""Where the first weights come from."""

from __future__ import annotations

import math
from typing import Any

from numpy import ndarray

from nn.random import generator


def fan_in_uniform(shape: tuple[int, ...], fan_in: int, dtype: Any) -> ndarray:
    """Uniform numbers in ±1/√fan_in, where fan_in is how many inputs each output has. PyTorch's choice.

    So a layer neither blows up nor dies out what passes it (He et al., 2015, with the gain that PyTorch takes, 1/√3).
    """
    bound = 1 / math.sqrt(fan_in) if fan_in else 0.0
    return generator().uniform(-bound, bound, shape).astype(dtype)
