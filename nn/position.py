"""Where in a sequence something stands: attention does not know it by itself, and these tell it.

| module | what it does | source |
|---|---|---|
| `PositionalEncoding` | adds sines and cosines of many wavelengths | Vaswani et al., 2017 |
| `LearnedPositionalEncoding` | adds a vector to be learned for each place | Gehring et al., 2017 |
| `RotaryPositionalEncoding` | turns queries and keys, so that products depend on distances alone | Su et al., 2021 |
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from autograd import ShapeError
from nn.dropout import Dropout
from nn.init import normal_
from nn.module import Module
from nn.parameter import Parameter

__all__ = ["LearnedPositionalEncoding", "PositionalEncoding", "RotaryPositionalEncoding"]


class _Added(Module):
    """Adds rows of a table (max_len, d_model) to an input (L, N, d_model), or (N, L, d_model) with `batch_first`."""

    def _set(self, d_model: int, max_len: int, dropout: float, batch_first: bool) -> None:
        self.d_model = d_model
        self.max_len = max_len
        self.batch_first = batch_first
        self.dropout = Dropout(dropout)

    def _add(self, x: Any, table: Any) -> Any:
        shape = np.shape(x)
        if len(shape) not in (2, 3) or shape[-1] != self.d_model:
            raise ShapeError(
                f"{type(self).__name__} adds to sequences whose last axis is d_model={self.d_model}, and got {shape}."
            )
        length = shape[-2] if self.batch_first or len(shape) == 2 else shape[0]
        if length > self.max_len:
            raise ShapeError(
                f"{type(self).__name__} knows {self.max_len} places, and the sequence has {length}: raise max_len."
            )
        rows = table[:length]
        if len(shape) == 3 and not self.batch_first:
            rows = autograd.expand_dims(rows, 1)
        return self.dropout(x + rows)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.d_model}, max_len={self.max_len}"


class PositionalEncoding(_Added):
    """Adds sin(t / 10000^(2i/d)) to feature 2i of place t, and the cosine to feature 2i + 1, then leaves some out.

    Nothing is learned, and nothing saved. Every shift by k places is one and the same rotation of these vectors, which
    a linear layer can learn.

    >>> import nn, numpy as np
    >>> layer = nn.PositionalEncoding(4)
    >>> layer(np.zeros((3, 4))).round(2)
    array([[ 0.  ,  1.  ,  0.  ,  1.  ],
           [ 0.84,  0.54,  0.01,  1.  ],
           [ 0.91, -0.42,  0.02,  1.  ]])
    """

    def __init__(self, d_model: int, dropout: float = 0.0, max_len: int = 5000, batch_first: bool = False) -> None:
        self._set(d_model, max_len, dropout, batch_first)
        self.register_buffer("pe", _waves(max_len, d_model).astype(np.float32), persistent=False)

    def forward(self, input: Any) -> Any:
        """The same shape."""
        return self._add(input, self.pe)  # type: ignore[attr-defined]


class LearnedPositionalEncoding(_Added):
    """Adds row t of `weight` (max_len, d_model) to place t. The rows start small, with standard deviation 0.02.

    >>> import nn, numpy as np
    >>> layer = nn.LearnedPositionalEncoding(4, max_len=10, batch_first=True)
    >>> layer(np.zeros((2, 3, 4), np.float32)).shape
    (2, 3, 4)
    """

    def __init__(
        self,
        d_model: int,
        dropout: float = 0.0,
        max_len: int = 512,
        batch_first: bool = False,
        *,
        dtype: Any = np.float32,
    ) -> None:
        self._set(d_model, max_len, dropout, batch_first)
        self.weight = Parameter(np.empty((max_len, d_model), dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the rows anew."""
        normal_(self.weight, 0.0, 0.02)

    def forward(self, input: Any) -> Any:
        """The same shape."""
        return self._add(input, self.weight)


class RotaryPositionalEncoding(Module):
    """Turns each pair of features (2i, 2i + 1) of place t by the angle t / base^(2i/d), in queries and keys alike.

    The product of a query at place s with a key at place t then depends on t - s alone. Input (..., L, dim), as
    attention takes it; `offset` is the place of the first one, for sequences that are continued.

    >>> import nn, numpy as np
    >>> turn = nn.RotaryPositionalEncoding(2)
    >>> turn(np.array([[1.0, 0.0], [1.0, 0.0]])).round(4)
    array([[1.    , 0.    ],
           [0.5403, 0.8415]])
    """

    def __init__(self, dim: int, base: float = 10000.0) -> None:
        if dim < 2 or dim % 2:
            raise ShapeError(f"RotaryPositionalEncoding({dim}): features are turned in pairs, so dim must be even.")
        self.dim = dim
        self.base = base

    def forward(self, input: Any, offset: int = 0) -> Any:
        """The same shape."""
        shape = np.shape(input)
        if len(shape) < 2 or shape[-1] != self.dim:
            raise ShapeError(f"RotaryPositionalEncoding reads (..., L, {self.dim}), and got shape {shape}.")
        angles = _angles(np.arange(offset, offset + shape[-2]), self.dim, self.base)
        dtype = getattr(input, "dtype", np.dtype(float))
        cos, sin = np.cos(angles).astype(dtype), np.sin(angles).astype(dtype)
        even, odd = input[..., 0::2], input[..., 1::2]
        turned = autograd.stack([even * cos - odd * sin, even * sin + odd * cos], -1)
        return autograd.reshape(turned, shape)

    def extra_repr(self) -> str:
        """The settings."""
        return f"{self.dim}, base={self.base:g}"


def _angles(places: ndarray, dim: int, base: float) -> ndarray:
    """place / base^(2i/dim): (places, dim / 2)."""
    found: ndarray = places[:, None] / base ** (np.arange(0, dim, 2) / dim)
    return found


def _waves(length: int, dim: int) -> ndarray:
    angles = _angles(np.arange(length), dim, 10000.0)
    waves = np.stack([np.sin(angles), np.cos(angles)], -1).reshape(length, -1)
    return waves[:, :dim]
