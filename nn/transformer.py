"""The Transformer: layers of attention and of a small network for each place, with a short cut around each of them.

    x = norm(x + attention(x))        as published (Vaswani et al., 2017), or with `norm_first`
    x = x + attention(norm(x))        which is easier to train when there are many (Xiong et al., 2020)

Shapes are (L, N, d_model), with `batch_first` (N, L, d_model), or (L, d_model) for a single sequence. Masks are those
of `MultiheadAttention`: what is True in one of booleans is not seen.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

import nn.functional as functional
from autograd import OperandError, ShapeError
from nn.attention import MultiheadAttention
from nn.container import ModuleList
from nn.dropout import Dropout
from nn.init import xavier_uniform_
from nn.linear import Linear
from nn.module import Module
from nn.normalization import LayerNorm

__all__ = [
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
]

Activation = str | Callable[[Any], Any]


class _Layer(Module):
    """What the layers of encoder and decoder have in common: how parts are put together."""

    norm_first: bool
    linear1: Linear
    linear2: Linear
    dropout: Dropout
    activation: Callable[[Any], Any]

    def _feed(self, x: Any) -> Any:
        """The small network: wider, bent, and back."""
        return self.linear2(self.dropout(self.activation(self.linear1(x))))

    def _around(self, x: Any, norm: Module, part: Callable[[Any], Any], dropout: Module) -> Any:
        """A part with a short cut around it."""
        if self.norm_first:
            return x + dropout(part(norm(x)))
        return norm(x + dropout(part(x)))

    def _set(
        self, d_model: int, dim_feedforward: int, dropout: float, activation: Activation, bias: bool, dtype: Any
    ) -> None:
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype=dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype=dtype)
        self.activation = _activation(activation)


class TransformerEncoderLayer(_Layer):
    """Attention of a sequence to itself, then a network of `dim_feedforward` hidden units for each place.

    >>> import nn, numpy as np
    >>> layer = nn.TransformerEncoderLayer(8, nhead=2, dim_feedforward=16, batch_first=True)
    >>> layer(np.ones((4, 5, 8), np.float32)).shape
    (4, 5, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
    ) -> None:
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype)
        self._set(d_model, dim_feedforward, dropout, activation, bias, dtype)
        self.norm_first = norm_first
        self.norm1, self.norm2 = (LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype) for _ in range(2))
        self.dropout1, self.dropout2 = Dropout(dropout), Dropout(dropout)

    def forward(self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False) -> Any:
        """The same shape. `src_mask` (L, L) hides places from places, `src_key_padding_mask` (N, L) from all."""

        def attend(x: Any) -> Any:
            masks = {"key_padding_mask": src_key_padding_mask, "attn_mask": src_mask, "is_causal": is_causal}
            return self.self_attn(x, x, x, need_weights=False, **masks)[0]

        x = self._around(src, self.norm1, attend, self.dropout1)
        return self._around(x, self.norm2, self._feed, self.dropout2)


class TransformerDecoderLayer(_Layer):
    """Attention of a sequence to itself, then to `memory`, what the encoder made, then a network for each place.

    >>> import nn, numpy as np
    >>> layer = nn.TransformerDecoderLayer(8, nhead=2, dim_feedforward=16, batch_first=True)
    >>> layer(np.ones((4, 5, 8), np.float32), memory=np.ones((4, 3, 8), np.float32)).shape
    (4, 5, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
    ) -> None:
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype)
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype)
        self._set(d_model, dim_feedforward, dropout, activation, bias, dtype)
        self.norm_first = norm_first
        self.norm1, self.norm2, self.norm3 = (
            LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype) for _ in range(3)
        )
        self.dropout1, self.dropout2, self.dropout3 = (Dropout(dropout) for _ in range(3))

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        """The shape of tgt (L, N, d_model); memory (S, N, d_model)."""

        def attend(x: Any) -> Any:
            masks = {"key_padding_mask": tgt_key_padding_mask, "attn_mask": tgt_mask, "is_causal": tgt_is_causal}
            return self.self_attn(x, x, x, need_weights=False, **masks)[0]

        def look(x: Any) -> Any:
            masks = {"key_padding_mask": memory_key_padding_mask, "attn_mask": memory_mask}
            return self.multihead_attn(x, memory, memory, need_weights=False, is_causal=memory_is_causal, **masks)[0]

        x = self._around(tgt, self.norm1, attend, self.dropout1)
        x = self._around(x, self.norm2, look, self.dropout2)
        return self._around(x, self.norm3, self._feed, self.dropout3)


class _Stack(Module):
    """Copies of a layer, one after the other, and at the end a normalisation, if any."""

    def __init__(self, layer: Module, num_layers: int, norm: Module | None = None) -> None:
        self.layers = ModuleList([copy.deepcopy(layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm

    def _through(self, x: Any, call: Callable[[Module, Any], Any]) -> Any:
        for layer in self.layers:
            x = call(layer, x)
        return x if self.norm is None else self.norm(x)


class TransformerEncoder(_Stack):
    """`num_layers` copies of an encoder layer. They start with equal weights: draw others, if that is not wanted.

    `enable_nested_tensor` and `mask_check` are taken as PyTorch has them, and mean nothing here.
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__(encoder_layer, num_layers, norm)

    def forward(
        self, src: Any, mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool | None = None
    ) -> Any:
        """The same shape: see `TransformerEncoderLayer`."""
        return self._through(src, lambda layer, x: layer(x, mask, src_key_padding_mask, is_causal=bool(is_causal)))


class TransformerDecoder(_Stack):
    """`num_layers` copies of a decoder layer. They start with equal weights."""

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__(decoder_layer, num_layers, norm)

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        """The shape of tgt: see `TransformerDecoderLayer`."""
        masks = tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask
        causal = bool(tgt_is_causal), memory_is_causal
        return self._through(tgt, lambda layer, x: layer(x, memory, *masks, *causal))


class Transformer(Module):
    """An encoder that reads `src`, and a decoder that writes after `tgt` while it looks at what was read.

    >>> import nn, numpy as np
    >>> model = nn.Transformer(8, 2, 1, 1, dim_feedforward=16, batch_first=True)
    >>> src, tgt = np.ones((4, 6, 8), np.float32), np.ones((4, 5, 8), np.float32)
    >>> model(src, tgt, tgt_mask=nn.Transformer.generate_square_subsequent_mask(5)).shape
    (4, 5, 8)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
    ) -> None:
        how: Any = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)

        self.encoder = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(*how, dtype=dtype), num_encoder_layers, norm()
        )
        self.decoder = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(*how, dtype=dtype), num_decoder_layers, norm()
        )
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all matrices anew (Glorot and Bengio, 2010)."""
        for p in self.parameters():
            if p.ndim > 1:
                xavier_uniform_(p)

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        """src (S, N, d_model) and tgt (L, N, d_model) to (L, N, d_model)."""
        if {np.shape(src)[-1:], np.shape(tgt)[-1:]} != {(self.d_model,)}:
            raise ShapeError(
                f"Transformer reads src and tgt whose last axis is d_model={self.d_model}, and got {np.shape(src)} and "
                f"{np.shape(tgt)}."
            )
        memory = self.encoder(src, src_mask, src_key_padding_mask, is_causal=src_is_causal)
        return self.decoder(
            tgt,
            memory,
            tgt_mask,
            memory_mask,
            tgt_key_padding_mask,
            memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )

    @staticmethod
    def generate_square_subsequent_mask(sz: int, dtype: Any = np.float32) -> ndarray:
        """A mask (sz, sz) that hides what is to come: -inf above the diagonal, else 0.

        >>> import nn
        >>> nn.Transformer.generate_square_subsequent_mask(3)
        array([[  0., -inf, -inf],
               [  0.,   0., -inf],
               [  0.,   0.,   0.]], dtype=float32)
        """
        return np.triu(np.full((sz, sz), -np.inf, dtype), 1)


def _activation(activation: Activation) -> Callable[[Any], Any]:
    if callable(activation):
        return activation
    if activation not in ("relu", "gelu"):
        raise OperandError(f'activation is "relu", "gelu" or a function, not {activation!r}.')
    found: Callable[[Any], Any] = getattr(functional, activation)
    return found
