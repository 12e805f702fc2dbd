"""Recurrent layers over whole sequences: RNN, LSTM and GRU, in PyTorch's shapes; and with `lengths` for a padded batch.

Each layer and direction is one operation of `autograd`, which stands for the steps of the cell of the same name.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

import autograd
import nn.functional as functional
from autograd import OperandError, ShapeError
from nn.init import fan_in_uniform_
from nn.module import Module
from nn.parameter import Parameter

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNBase", "RNNCell", "RNNCellBase"]


class _Recurrent(Module):
    """What layers and cells have in common: how many gates there are, and where their weights start."""

    gates: ClassVar[int] = 1
    pair: ClassVar[bool] = False  # whether the state is a pair (h, c)
    hidden_size: int

    def reset_parameters(self) -> None:
        """Draw new weights and biases, uniform in ±1/√hidden_size."""
        for p in self.parameters(recurse=False):
            fan_in_uniform_(p.data, self.hidden_size)

    def _add(self, ending: str, sizes: dict[str, tuple[int, ...]], dtype: Any) -> None:
        """Make the weights of one layer and direction."""
        for name, shape in sizes.items():
            order: Any = "F" if len(shape) == 2 else "C"  # as in Linear
            setattr(self, name + ending, Parameter(np.empty(shape, dtype, order=order)))

    def _states(self, hx: Any, expected: Sequence[tuple[int, ...]]) -> tuple[Any, ...]:
        """The first states, checked: h, or h and c."""
        name, found = type(self).__name__, tuple(hx) if self.pair and isinstance(hx, tuple | list) else (hx,)
        shapes = [np.shape(h) for h in found]
        if shapes != list(expected):
            of = "a pair (h, c)" if self.pair else "a state"
            raise ShapeError(
                f"{name} with this input needs {of} of shape {' and '.join(map(str, expected))}, and got "
                f"{' and '.join(map(str, shapes))}.\n  Without one it starts from zeros."
            )
        return found


class RNNBase(_Recurrent):
    """The parent of RNN, LSTM and GRU. Shapes, with L steps, N sequences, D directions and H hidden units:

    | | shape | with `batch_first` | of one sequence |
    |---|---|---|---|
    | input | (L, N, input_size) | (N, L, input_size) | (L, input_size) |
    | output: h after each step, of the last layer | (L, N, D · H) | (N, L, D · H) | (L, D · H) |
    | first and last states h (and c) | (D · num_layers, N, H) | the same | (D · num_layers, H) |

    The second of the D = 2 directions of a `bidirectional` layer reads the sequence from its end. `dropout` is the
    probability that an output between two layers is left out. `recurrent_dropout` leaves out parts of the state h on
    its way to the next step, the same ones at every step of a sequence (Gal and Ghahramani, 2016); it makes the layer
    go step by step, which is slower.

    The module is called with input, first states (zeros when left out), and `lengths`: after how many steps each of N
    sequences of a padded batch ends. Behind its end the outputs are 0, and its last state is that of its last step.

    Weights are called as in PyTorch, `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`; with `_reverse`
    behind for the second direction, and `weight_hr_l0` for the projection of an LSTM.
    """

    _function: ClassVar[Callable[..., Any]]
    _cell: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        recurrent_dropout: float = 0.0,
        dtype: Any = np.float32,
    ) -> None:
        name = type(self).__name__
        if hidden_size < 1 or num_layers < 1 or input_size < 0:
            raise ShapeError(
                f"{name}({input_size}, {hidden_size}, num_layers={num_layers}): sizes and layers are positive numbers."
            )
        if not 0 <= proj_size < hidden_size:
            raise ShapeError(f"{name}: proj_size must be smaller than hidden_size={hidden_size}, and is {proj_size}.")
        for p in (dropout, recurrent_dropout):
            if not 0 <= p <= 1:
                raise OperandError(f"{name}: dropout is a probability, between 0 and 1, and not {p}.")
        if dropout and num_layers == 1:
            warnings.warn(
                f"{name}: dropout lies between two layers, and there is only one; recurrent_dropout works inside one.",
                stacklevel=2,
            )
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = dropout
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self.recurrent_dropout = recurrent_dropout
        rows, out = self.gates * hidden_size, proj_size or hidden_size
        for layer in range(num_layers):
            for ending in self._endings(layer):
                width = out * (1 + bidirectional) if layer else input_size
                sizes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, width), "weight_hh": (rows, out)}
                sizes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
                sizes |= {"weight_hr": (proj_size, hidden_size)} if proj_size else {}
                self._add(ending, sizes, dtype)
        self.reset_parameters()

    def forward(self, input: Any, hx: Any = None, *, lengths: Sequence[int] | None = None) -> tuple[Any, Any]:
        """Outputs and last states: (output, h_n), of an LSTM (output, (h_n, c_n))."""
        shape = np.shape(input)
        if len(shape) not in (2, 3) or shape[-1] != self.input_size:
            raise ShapeError(
                f"{type(self).__name__} reads {self._expected()} with input_size={self.input_size}, and got an input "
                f"of shape {shape}."
            )
        turned = self.batch_first and len(shape) == 3
        x = autograd.swapaxes(input, 0, 1) if turned else input
        many, out = self.num_layers * (1 + self.bidirectional), self.proj_size or self.hidden_size
        batch = np.shape(x)[1:-1]
        sizes = [(many, *batch, out), (many, *batch, self.hidden_size)][: 1 + self.pair]
        states = None if hx is None else self._states(hx, sizes)
        lasts: list[Any] = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = functional.dropout(x, self.dropout, self.training)
            outputs = []
            for reverse, ending in enumerate(self._endings(layer)):
                first = None if states is None else tuple(h[len(lasts)] for h in states)
                y, last = self._run(x, first, ending, bool(reverse), lengths)
                outputs.append(y)
                lasts.append(last)
            x = autograd.concatenate(outputs, -1) if len(outputs) > 1 else outputs[0]
        y = autograd.swapaxes(x, 0, 1) if turned else x
        stacked = tuple(autograd.stack(parts) for parts in zip(*lasts, strict=True))
        return y, stacked if self.pair else stacked[0]

    def _run(self, x: Any, first: Any, ending: str, reverse: bool, lengths: Any) -> tuple[Any, tuple[Any, ...]]:
        """One layer in one direction: every h, and the last h (and c)."""
        weights = [getattr(self, name + ending, None) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        if self.proj_size or (self.recurrent_dropout and self.training):
            return self._steps(x, first, weights, getattr(self, f"weight_hr{ending}", None), reverse, lengths)
        first = first if first is None or self.pair else first[0]
        y, last = self._function(x, first, *weights, **self._how(), lengths=lengths, reverse=reverse)
        return y, last if self.pair else (last,)

    def _steps(
        self, x: Any, first: Any, weights: Sequence[Any], project: Any, reverse: bool, lengths: Any
    ) -> tuple[Any, tuple[Any, ...]]:
        """The same, one step after the other, with what one operation cannot do."""
        shape, dtype = np.shape(x), weights[0].dtype
        sizes = [self.proj_size or self.hidden_size, self.hidden_size][: 1 + self.pair]
        states = first or tuple(np.zeros((*shape[1:-1], size), dtype) for size in sizes)
        ends = None if lengths is None else np.asarray(lengths)[:, None]
        kept = functional.dropout(
            np.ones((*shape[1:-1], sizes[0]), dtype), self.recurrent_dropout, self.training
        )  # drawn once: the same for every step
        outputs: list[Any] = [None] * shape[0]
        for t in reversed(range(shape[0])) if reverse else range(shape[0]):
            h, *c = states
            before = (h * kept, *c)
            after = self._cell(x[t], before if self.pair else before[0], *weights, **self._how())
            after = after if self.pair else (after,)
            if project is not None:
                after = (after[0] @ project.T, *after[1:])
            if ends is not None:
                after = tuple(autograd.where(t < ends, new, old) for new, old in zip(after, states, strict=True))
            states = after
            outputs[t] = after[0] if ends is None else autograd.where(t < ends, after[0], 0.0)
        return autograd.stack(outputs), states

    def _how(self) -> dict[str, Any]:
        return {}

    def _endings(self, layer: int) -> list[str]:
        return [f"_l{layer}", f"_l{layer}_reverse"][: 1 + self.bidirectional]

    def _expected(self) -> str:
        return f"({'N, L' if self.batch_first else 'L, N'}, input_size) or (L, input_size)"

    def flatten_parameters(self) -> None:
        """Nothing to do: here for programs that call it."""

    def extra_repr(self) -> str:
        """The settings that are not as usual."""
        told = f"{self.input_size}, {self.hidden_size}"
        usual = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0}
        usual |= {"bidirectional": False, "recurrent_dropout": 0.0}
        for name, value in usual.items():
            if getattr(self, name) != value:
                told += f", {name}={getattr(self, name)}"
        return told


class RNN(RNNBase):
    """Elman's recurrent network: h' = tanh(W x + b + U h + b'), or relu; see `RNNBase` for shapes and options.

    Its gradients vanish or explode over long sequences, which is why there are LSTM and GRU.

    >>> import nn, numpy as np
    >>> layer = nn.RNN(3, 5, num_layers=2, bidirectional=True)
    >>> output, h = layer(np.ones((7, 4, 3), np.float32))
    >>> output.shape, h.shape
    ((7, 4, 10), (4, 4, 5))
    """

    _function = staticmethod(autograd.rnn)
    _cell = staticmethod(autograd.rnn_cell)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        **more: Any,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise OperandError(f'RNN: nonlinearity is "tanh" or "relu", not {nonlinearity!r}.')
        self.nonlinearity = nonlinearity
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, **more)

    def _how(self) -> dict[str, Any]:
        return {"nonlinearity": self.nonlinearity}


class LSTM(RNNBase):
    """Long short-term memory: a cell c that is added to, and gates that say what enters, stays and leaves.

        i, f, o = σ(W x + U h + b) of each        k = tanh(W x + U h + b)
        c' = f c + i k                            h' = o tanh(c')

    The rows of the weights are those of i, f, k and o (Hochreiter and Schmidhuber, 1997; Gers et al., 2000). With
    `proj_size` the state is h = R o tanh(c') of that size (Sak et al., 2014). See `RNNBase` for shapes and options.

    >>> import nn, numpy as np
    >>> layer = nn.LSTM(3, 5, batch_first=True)
    >>> output, (h, c) = layer(np.ones((4, 7, 3), np.float32), lengths=[7, 5, 1, 2])
    >>> output.shape, h.shape, c.shape
    ((4, 7, 5), (1, 4, 5), (1, 4, 5))
    """

    gates = 4
    pair = True
    _function = staticmethod(autograd.lstm)
    _cell = staticmethod(autograd.lstm_cell)


class GRU(RNNBase):
    """Gated recurrent units: one state, an update gate z that keeps it, a reset gate r that forgets it.

        r, z = σ(W x + b + U h + b') of each      n = tanh(W x + b + r (U h + b'))
        h' = (1 - z) n + z h

    The rows of the weights are those of r, z and n (Cho et al., 2014). See `RNNBase` for shapes and options.

    >>> import nn, numpy as np
    >>> output, h = nn.GRU(3, 5)(np.ones((7, 3), np.float32))
    >>> output.shape, h.shape, bool((output[-1] == h[0]).all())
    ((7, 5), (1, 5), True)
    """

    gates = 3
    _function = staticmethod(autograd.gru)
    _cell = staticmethod(autograd.gru_cell)


# Cells: one step


class RNNCellBase(_Recurrent):
    """The parent of the cells: one step, from input (N, input_size) and state (N, hidden_size), or both without N.

    The weights are `weight_ih`, `weight_hh`, `bias_ih` and `bias_hh`. Without a state it starts from zeros.
    """

    _cell: ClassVar[Callable[..., Any]]

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, *, dtype: Any = np.float32) -> None:
        if hidden_size < 1 or input_size < 0:
            raise ShapeError(f"{type(self).__name__}({input_size}, {hidden_size}): sizes are positive numbers.")
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows = self.gates * hidden_size
        biases: dict[str, tuple[int, ...]] = {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
        self._add("", {"weight_ih": (rows, input_size), "weight_hh": (rows, hidden_size)} | biases, dtype)
        if not bias:
            self.bias_ih = self.bias_hh = None
        self.reset_parameters()

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The next state h; of an LSTMCell the pair (h, c)."""
        shape = np.shape(input)
        if len(shape) not in (1, 2) or shape[-1] != self.input_size:
            raise ShapeError(
                f"{type(self).__name__} reads one step, (N, {self.input_size}) or ({self.input_size},), and got an "
                f"input of shape {shape}."
            )
        size = (*shape[:-1], self.hidden_size)
        weights: Any = self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh  # type: ignore[attr-defined]
        if hx is None:
            states: Any = (np.zeros(size, weights[0].dtype),) * (1 + self.pair)
        else:
            states = self._states(hx, [size] * (1 + self.pair))
        return self._cell(input, states if self.pair else states[0], *weights, **self._how())

    def _how(self) -> dict[str, Any]:
        return {}

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else f", bias={self.bias}")


class RNNCell(RNNCellBase):
    """One step of `RNN`.

    >>> import nn, numpy as np
    >>> cell, h = nn.RNNCell(3, 5), None
    >>> for x in np.ones((7, 4, 3), np.float32):
    ...     h = cell(x, h)
    >>> h.shape
    (4, 5)
    """

    _cell = staticmethod(autograd.rnn_cell)

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", **more: Any
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise OperandError(f'RNNCell: nonlinearity is "tanh" or "relu", not {nonlinearity!r}.')
        self.nonlinearity = nonlinearity
        super().__init__(input_size, hidden_size, bias, **more)

    def _how(self) -> dict[str, Any]:
        return {"nonlinearity": self.nonlinearity}

    def extra_repr(self) -> str:
        """The sizes, and the nonlinearity when it is not the usual one."""
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")


class LSTMCell(RNNCellBase):
    """One step of `LSTM`: its state is a pair (h, c)."""

    gates = 4
    pair = True
    _cell = staticmethod(autograd.lstm_cell)


class GRUCell(RNNCellBase):
    """One step of `GRU`."""

    gates = 3
    _cell = staticmethod(autograd.gru_cell)
