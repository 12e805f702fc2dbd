"""Dropout layers: while training, elements or whole channels are left out by chance, so that none is relied upon.

After `eval()` they do nothing. What is drawn comes from the generator that `nn.manual_seed` restarts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import nn.functional as functional
from autograd import OperandError
from nn.module import Module

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"]


class _Dropout(Module):
    """What all have in common: a subclass has the function. `inplace` is taken as PyTorch has it, and means nothing."""

    function: ClassVar[Callable[..., Any]]
    _shown = ("p", "inplace")

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        if not 0 <= p <= 1:
            raise OperandError(f"{type(self).__name__}: p is a probability, between 0 and 1, and not {p}.")
        self.p = p
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """The same shape; the input itself after `eval()`."""
        return self.function(input, self.p, self.training) if self.training else input


class Dropout(_Dropout):
    """Each element 0 with probability p, and the others divided by 1 - p, so that the mean stays (Srivastava, 2014).

    >>> import nn, numpy as np
    >>> nn.manual_seed(0)
    >>> layer = nn.Dropout(0.5)
    >>> layer(np.ones(6)), layer.eval()(np.ones(6))
    (array([2., 2., 2., 0., 0., 0.]), array([1., 1., 1., 1., 1., 1.]))
    """

    function = staticmethod(functional.dropout)


class Dropout1d(_Dropout):
    """Dropout of whole channels of sequences (N, C, L) or (C, L), where neighbours tell the same."""

    function = staticmethod(functional.dropout1d)


class Dropout2d(_Dropout):
    """Dropout of whole channels of images (N, C, H, W) (Tompson et al., 2015). Three axes count as (N, C, L)."""

    function = staticmethod(functional.dropout2d)


class Dropout3d(_Dropout):
    """Dropout of whole channels of volumes (N, C, D, H, W) or (C, D, H, W)."""

    function = staticmethod(functional.dropout3d)


class AlphaDropout(_Dropout):
    """Dropout that goes with SELU, and keeps mean 0 and variance 1 (Klambauer et al., 2017)."""

    function = staticmethod(functional.alpha_dropout)


class FeatureAlphaDropout(_Dropout):
    """AlphaDropout of whole channels of examples (N, C, ...)."""

    function = staticmethod(functional.feature_alpha_dropout)
