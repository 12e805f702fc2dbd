"""What all losses have in common as modules: they keep their settings, and hand them to a function."""

from __future__ import annotations

from typing import Any

from autograd import OperandError
from nn.functional.reduction import Reduction, check_reduction
from nn.module import Module


class Loss(Module):
    """A loss that keeps its reduction."""

    _shown: tuple[str, ...] = ("reduction",)

    def __init__(self, reduction: Reduction = "mean") -> None:
        check_reduction(reduction)
        self.reduction = reduction

    def keep(self, **weights: Any) -> None:
        """Make weights buffers: they are saved and loaded with the model, and not trained."""
        for name, weight in weights.items():
            if isinstance(weight, str):
                kind = type(self).__name__
                raise OperandError(
                    f"{kind}: the {name} is {weight!r}, and must be numbers.\n  Write reduction={weight!r}."
                )
            self.register_buffer(name, weight)
