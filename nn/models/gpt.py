"""GPT: a Transformer that writes, one token after the other; with GPT-2's parts, names and counts.

"Improving language understanding by generative pre-training" (Radford et al., 2018), and GPT-2, "Language models are
unsupervised multitask learners" (Radford et al., 2019). B blocks of width d, V tokens and T places have

    V·d + T·d + B·(12 d² + 13 d) + 2 d

parameters: the output layer has none of its own, for it is the table of embeddings once more (Press and Wolf, 2017).

| `GPT.gpt2(...)` | blocks | heads | width | parameters |
|---|---|---|---|---|
| `"gpt2"` | 12 | 12 | 768 | 124,439,808 |
| `"gpt2-medium"` | 24 | 16 | 1,024 | 354,823,168 |
| `"gpt2-large"` | 36 | 20 | 1,280 | 774,030,080 |
| `"gpt2-xl"` | 48 | 25 | 1,600 | 1,557,611,200 |
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

import autograd
from autograd import OperandError, ShapeError
from nn.activation import GELU
from nn.container import ModuleList
from nn.dropout import Dropout
from nn.embedding import Embedding
from nn.functional import linear, scaled_dot_product_attention
from nn.init import normal_
from nn.models.language import LanguageModel
from nn.module import Module
from nn.normalization import LayerNorm
from nn.parameter import Parameter

__all__ = ["GPT"]

SIZES = {"gpt2": (12, 12, 768), "gpt2-medium": (24, 16, 1024), "gpt2-large": (36, 20, 1280), "gpt2-xl": (48, 25, 1600)}


class GPT(LanguageModel):
    """Tokens (N, L), L up to `block_size`, to scores of the next (N, L, vocab_size); what is to come is not seen.

    The names of the parameters and their shapes are those of GPT-2's own checkpoints: `wte.weight` (tokens, width),
    `wpe.weight` (places, width), `h.0.ln_1.weight`, `h.0.attn.c_attn.weight` (width, 3 · width), and so on.
    `load_gpt2` takes these, and what others made of them.

    >>> import nn, numpy as np
    >>> nn.manual_seed(0)
    >>> model = nn.models.GPT(65, block_size=32, n_layer=2, n_head=4, n_embd=32)
    >>> model.num_parameters
    28576
    >>> model(np.zeros((4, 10), int)).shape
    (4, 10, 65)
    >>> model.generate([0], 40, temperature=0.8, top_k=10).shape
    (41,)
    """

    def __init__(
        self,
        vocab_size: int,
        block_size: int,
        n_layer: int = 12,
        n_head: int = 12,
        n_embd: int = 768,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
    ) -> None:
        if n_embd % n_head:
            raise ShapeError(f"GPT: {n_head} heads share a width of n_embd={n_embd}, which they do not divide.")
        self.context = block_size
        self.wte = Embedding(vocab_size, n_embd, dtype=dtype)
        self.wpe = Embedding(block_size, n_embd, dtype=dtype)
        self.drop = Dropout(dropout)
        self.h = ModuleList([Block(n_embd, n_head, dropout, bias, dtype) for _ in range(n_layer)])
        self.ln_f = LayerNorm(n_embd, bias=bias, dtype=dtype)
        self.reset_parameters()

    @classmethod
    def gpt2(cls, size: str = "gpt2", dropout: float = 0.0) -> GPT:
        """GPT-2 of 50,257 tokens and 1,024 places, in one of its four sizes, with random weights."""
        if size not in SIZES:
            raise OperandError(f"GPT-2 comes as {', '.join(map(repr, SIZES))}, and not as {size!r}.")
        return cls(50257, 1024, *SIZES[size], dropout=dropout)

    def reset_parameters(self) -> None:
        """Draw all weights anew, with standard deviation 0.02, over √(2 · blocks) where they add to the stream."""
        for name, p in self.named_parameters():
            if p.ndim > 1:
                normal_(p, 0.0, 0.02 / math.sqrt(2 * len(self.h)) if name.endswith("c_proj.weight") else 0.02)

    def advance(self, tokens: Any, past: Any = None) -> tuple[Any, Any]:
        """Logits (N, L, vocabulary), and keys and values (N, heads, places, size) of every block for those to come."""
        before = 0 if past is None else past[0][0].shape[-2]
        shape = np.shape(tokens)
        if len(shape) != 2 or not before < before + shape[-1] <= (self.context or 0):
            raise ShapeError(
                f"GPT reads tokens (N, L) with L from 1 to block_size={self.context}, and got {shape}"
                + (f" behind {before} others." if before else ".")
            )
        x = self.drop(self.wte(tokens) + self.wpe(np.arange(before, before + shape[-1])))
        present = []
        for i, block in enumerate(self.h):
            x, seen = block(x, None if past is None else past[i])
            present.append(seen)
        return linear(self.ln_f(x), self.wte.weight), present

    def load_gpt2(self, state: Mapping[str, Any]) -> None:
        """Take the weights of a GPT-2: `model.load_gpt2(nn.load("model.safetensors"))`. All or nothing: StateError.

        Names may stand behind "transformer.", as in a GPT2LMHeadModel. Matrices may lie the other way round, as
        `torch.nn.Linear` has them in nanoGPT. Buffers with masks, and the output layer, are not needed.
        """
        own, found = self.state_dict(), {}
        for name, array in state.items():
            name = name.removeprefix("transformer.")
            if name.endswith((".attn.bias", ".attn.masked_bias")) or name == "lm_head.weight":
                continue
            found[name] = array
        # A square matrix does not show how it lies, but its neighbours do.
        wide = "h.0.attn.c_attn.weight"
        if wide in own and np.shape(found.get(wide, ())) == own[wide].shape[::-1]:
            flat = ("c_attn.weight", "c_proj.weight", "c_fc.weight")
            found = {name: np.transpose(a) if name.endswith(flat) else a for name, a in found.items()}
        self.load_state_dict(found)

    def extra_repr(self) -> str:
        """How far it looks back."""
        return f"block_size={self.context}"


class Block(Module):
    """x + attention(norm(x)), and then x + network(norm(x)): (N, L, width) to the same shape."""

    def __init__(self, width: int, heads: int, dropout: float, bias: bool, dtype: Any) -> None:
        self.ln_1 = LayerNorm(width, bias=bias, dtype=dtype)
        self.attn = CausalSelfAttention(width, heads, dropout, bias, dtype)
        self.ln_2 = LayerNorm(width, bias=bias, dtype=dtype)
        self.mlp = FeedForward(width, dropout, bias, dtype)

    def forward(self, x: Any, past: Any = None) -> tuple[Any, Any]:
        """The stream, and keys and values."""
        y, present = self.attn(self.ln_1(x), past)
        x = x + y
        return x + self.mlp(self.ln_2(x)), present


class CausalSelfAttention(Module):
    """Every place asks itself and those before it (Vaswani et al., 2017), in several heads."""

    def __init__(self, width: int, heads: int, dropout: float, bias: bool, dtype: Any) -> None:
        self.heads = heads
        self.c_attn = Conv1D(width, 3 * width, bias, dtype)
        self.c_proj = Conv1D(width, width, bias, dtype)
        self.attn_dropout, self.resid_dropout = Dropout(dropout), Dropout(dropout)

    def forward(self, x: Any, past: Any = None) -> tuple[Any, Any]:
        """What was found (N, L, width); keys and values (N, heads, places, size), those of the past in front."""
        batch, length, width = x.shape
        all_three = autograd.reshape(self.c_attn(x), (batch, length, 3, self.heads, width // self.heads))
        q, k, v = (autograd.swapaxes(all_three[:, :, i], 1, 2) for i in range(3))
        mask = None
        if past is not None:
            k, v = (autograd.concatenate([old, new], -2) for old, new in zip(past, (k, v), strict=True))
            mask = np.tri(length, k.shape[-2], k.shape[-2] - length, bool)
        p = self.attn_dropout.p if self.training else 0.0
        y = scaled_dot_product_attention(q, k, v, mask, p, is_causal=mask is None)
        y = autograd.reshape(autograd.swapaxes(y, 1, 2), (batch, length, width))
        return self.resid_dropout(self.c_proj(y)), (k, v)


class FeedForward(Module):
    """A network for each place: four times as wide, bent, and back."""

    def __init__(self, width: int, dropout: float, bias: bool, dtype: Any) -> None:
        self.c_fc = Conv1D(width, 4 * width, bias, dtype)
        self.act = GELU(approximate="tanh")
        self.c_proj = Conv1D(4 * width, width, bias, dtype)
        self.dropout = Dropout(dropout)

    def forward(self, x: Any) -> Any:
        """(N, L, width) to (N, L, width)."""
        return self.dropout(self.c_proj(self.act(self.c_fc(x))))


class Conv1D(Module):
    """A linear layer as GPT-2's checkpoints have it: `weight` is (in, out), and stands for a convolution of width 1."""

    def __init__(self, n_in: int, n_out: int, bias: bool, dtype: Any) -> None:
        self.weight = Parameter(np.zeros((n_in, n_out), dtype))
        self.bias = Parameter(np.zeros(n_out, dtype)) if bias else None

    def forward(self, x: Any) -> Any:
        """(..., in) to (..., out)."""
        return linear(x, self.weight.T, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        return "{}, {}".format(*self.weight.shape)
