"""What all losses have in common as modules: they keep their settings, and hand them to a function."""

from __future__ import annotations

from typing import Any, NoReturn

import autograd
from autograd import OperandError
from nn.functional.reduction import Reduction, check_reduction
from nn.functional.refusal import refuse
from nn.module import Module


class Loss(Module):
    """A loss that keeps its reduction."""

    _shown: tuple[str, ...] = ("reduction",)

    def __init__(self, reduction: Reduction = "mean") -> None:
        if not isinstance(reduction, str):
            self._refuse_call("reduction", reduction)
        check_reduction(reduction)
        self.reduction = reduction

    def _keep(self, **weights: Any) -> None:
        """Make weights buffers: they are saved and loaded with the model, and not trained."""
        for name, weight in weights.items():
            if isinstance(weight, str):
                what = f"{type(self).__name__}: the {name} is {weight!r}, and must be numbers."
                refuse(OperandError, what, f"Write reduction={weight!r}.")
            self.register_buffer(name, weight)

    def _refuse_call(self, name: str, given: Any) -> NoReturn:
        """Errors: OperandError, for one who hands over what is to be compared where settings belong."""
        kind = type(self).__name__
        refuse(
            OperandError,
            f"{kind}: {name} is a setting, and got {autograd.errors.describe(given)}.",
            f"A loss is first made and then called: loss = nn.{kind}(); loss(input, target).",
        )
