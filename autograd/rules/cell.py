"""One step of a recurrent network, as one writes it: what the whole sequences of `recurrent` stand for.

    rnn     h' = tanh(a + b)                                             a = W x + bias_ih,  b = U h + bias_hh
    lstm    c' = σ(f) c + σ(i) tanh(k),   h' = σ(o) tanh(c')             i, f, k, o = a + b
    gru     h' = n + z (h - n),   n = tanh(aₙ + r bₙ)                    r, z = σ(a + b),  in a and b before n

(Elman, 1990; Hochreiter and Schmidhuber, 1997; Gers, Schmidhuber and Cummins, 2000; Cho et al., 2014.)
"""

from __future__ import annotations

from typing import Any

from autograd.errors import OperandError, place
from autograd.rules.contraction import affine
from autograd.rules.exponential import sigmoid
from autograd.rules.piecewise import relu
from autograd.rules.shaping import shape_of
from autograd.rules.trigonometric import tanh

__all__ = ["gru_cell", "lstm_cell", "rnn_cell"]


def rnn_cell(
    x: Any,
    hx: Any,
    weight_ih: Any,
    weight_hh: Any,
    bias_ih: Any = None,
    bias_hh: Any = None,
    nonlinearity: str = "tanh",
) -> Any:
    """One step of `rnn`: x (N, I) and the state hx (N, H) give the next state (N, H)."""
    a = _layer(x, weight_ih, bias_ih) + _layer(hx, weight_hh, bias_hh)
    return tanh(a) if is_tanh(nonlinearity) else relu(a)


def lstm_cell(
    x: Any, hx: tuple[Any, Any], weight_ih: Any, weight_hh: Any, bias_ih: Any = None, bias_hh: Any = None
) -> tuple[Any, Any]:
    """One step of `lstm`: x (N, I) and the state hx = (h, c), each (N, H), give the next h and c."""
    h, c = hx
    i, f, k, o = parts(_layer(x, weight_ih, bias_ih) + _layer(h, weight_hh, bias_hh), 4)
    c = sigmoid(f) * c + sigmoid(i) * tanh(k)
    return sigmoid(o) * tanh(c), c


def gru_cell(x: Any, hx: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any = None, bias_hh: Any = None) -> Any:
    """One step of `gru`: x (N, I) and the state hx (N, H) give the next state (N, H)."""
    a, b = parts(_layer(x, weight_ih, bias_ih), 3), parts(_layer(hx, weight_hh, bias_hh), 3)
    r, z = sigmoid(a[0] + b[0]), sigmoid(a[1] + b[1])
    n = tanh(a[2] + r * b[2])
    return n + z * (hx - n)


def _layer(x: Any, weight: Any, bias: Any) -> Any:
    return x @ weight.T if bias is None else affine(x, weight, bias)


def parts(x: Any, count: int) -> list[Any]:
    """The gates, which lie side by side along the last axis."""
    size = shape_of(x)[-1] // count
    return [x[..., k * size : (k + 1) * size] for k in range(count)]


def is_tanh(nonlinearity: str) -> bool:
    if nonlinearity not in ("tanh", "relu"):
        raise OperandError(f'the nonlinearity of rnn is "tanh" or "relu", not {nonlinearity!r}.{place()}')
    return nonlinearity == "tanh"
