"""What a network must be better than: pairs of letters, counted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

__all__ = ["pairs_loss"]


def pairs_loss(train: Any, test: Any, size: int) -> float:
    """Nats a token, where the next one is foretold by how often it followed this one in `train`, each once more.

    Both are pairs (tokens, their successors) of one shape; negative successors do not count.

    >>> import numpy as np
    >>> from nn.recipe.baseline import pairs_loss
    >>> print(round(pairs_loss(([0, 1, 0], [1, 0, 1]), ([0], [1]), size=2), 4) == round(-np.log(3 / 4), 4))
    True
    """
    counts: ndarray = np.ones((size, size))
    here, there = _counted(*train)
    np.add.at(counts, (here, there), 1)
    chance = counts / counts.sum(1, keepdims=True)
    return float(-np.log(chance[_counted(*test)]).mean())


def _counted(here: Any, there: Any) -> tuple[ndarray, ndarray]:
    here, there = np.ravel(here), np.ravel(there)
    return here[there >= 0], there[there >= 0]
