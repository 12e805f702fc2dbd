"""Dense, Input and Activation: layers as Keras writes them down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

import autograd
import nn.functional as functional
import nn.init as init
from autograd import OperandError, ShapeError
from nn.functional.shape import shape_of
from nn.linear import Linear
from nn.module import Module

__all__ = ["Activation", "Dense", "Input"]

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "elu": functional.elu,
    "exponential": autograd.exp,
    "gelu": functional.gelu,
    "hard_sigmoid": functional.hardsigmoid,
    "leaky_relu": lambda x: functional.leaky_relu(x, 0.2),  # Keras's slope
    "linear": lambda x: x,
    "log_softmax": lambda x: functional.log_softmax(x, -1),
    "mish": functional.mish,
    "relu": autograd.relu,
    "selu": functional.selu,
    "sigmoid": autograd.sigmoid,
    "silu": functional.silu,
    "softmax": lambda x: functional.softmax(x, -1),
    "softplus": functional.softplus,
    "softsign": functional.softsign,
    "swish": functional.silu,
    "tanh": autograd.tanh,
}
INITIALIZERS: dict[str, Callable[[Any], Any]] = {
    "glorot_normal": init.xavier_normal_,
    "glorot_uniform": init.xavier_uniform_,
    "he_normal": lambda w: init.kaiming_normal_(w, nonlinearity="relu"),
    "he_uniform": lambda w: init.kaiming_uniform_(w, nonlinearity="relu"),
    "lecun_normal": init.lecun_normal_,
    "lecun_uniform": init.lecun_uniform_,
    "ones": init.ones_,
    "orthogonal": init.orthogonal_,
    "random_normal": lambda w: init.normal_(w, 0.0, 0.05),
    "random_uniform": lambda w: init.uniform_(w, -0.05, 0.05),
    "zeros": init.zeros_,
}


def named(kind: str, table: dict[str, Callable[..., Any]], thing: Any) -> Callable[..., Any]:
    """A function by its name, or itself. Errors: OperandError."""
    if callable(thing):
        return thing  # type: ignore[no-any-return]
    if thing not in table:
        near = get_close_matches(str(thing), table, 1)
        hint = f"; is {near[0]!r} meant?" if near else f": {', '.join(table)}."
        raise OperandError(f"there is no {kind} {thing!r}{hint}")
    return table[thing]


class Input(Module):
    """The shape of the examples, as the first layer of a Sequential: what comes in goes out.

    >>> import nn
    >>> model = nn.Sequential([nn.Input(shape=(784,)), nn.Dense(10)])
    >>> nn.summary(model.build()).parameters
    7850
    """

    _shown = ("shape",)

    def __init__(self, shape: Sequence[int]) -> None:
        self.shape = _shape(shape)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The same: where other layers have theirs."""
        return self.shape

    def forward(self, input: Any) -> Any:
        """The input. Errors: ShapeError when its examples have another shape."""
        shape = shape_of(input)
        if shape[1:] != self.shape:
            raise ShapeError(
                f"{self!r} got {shape}: it takes a batch of examples, (N, {', '.join(map(str, self.shape))})."
            )
        return input


class Activation(Module):
    """A function of each element, or of the last axis for softmax, by its name in Keras: "relu", "softmax", "tanh"."""

    def __init__(self, activation: str | Callable[[Any], Any]) -> None:
        named("activation", ACTIVATIONS, activation)
        self.activation = activation

    def forward(self, input: Any) -> Any:
        """What comes of it, in the input's shape."""
        return named("activation", ACTIVATIONS, self.activation)(input)

    def extra_repr(self) -> str:
        """Its name."""
        return _name(self.activation)


class Dense(Linear):
    """A Linear with an activation, as Keras has it; how many features its input has, it learns from the first one.

    `activation` is a name ("relu", "softmax", "sigmoid", "tanh", ...) or a function. The weights start as Keras's,
    uniform in ±√(6 / (in + out)) (Glorot and Bengio, 2010), and the bias at 0; `kernel_initializer` and
    `bias_initializer` are names, such as "he_normal", or functions that fill a Tensor, those of `nn.init`. With
    `input_shape=(784,)`, or `input_dim=784`, the layer has its weights at once. `weight` is (units, in), as in Linear:
    the transpose of Keras's kernel.

    >>> import nn, numpy as np
    >>> layer = nn.Dense(64, activation="relu")
    >>> layer(np.ones((32, 784), np.float32)).shape
    (32, 64)
    >>> layer
    Dense(64, activation='relu', in_features=784)
    """

    def __init__(
        self,
        units: int,
        activation: str | Callable[[Any], Any] | None = None,
        use_bias: bool = True,
        kernel_initializer: str | Callable[[Any], Any] = "glorot_uniform",
        bias_initializer: str | Callable[[Any], Any] = "zeros",
        *,
        input_shape: Sequence[int] | None = None,
        input_dim: int | None = None,
        name: str | None = None,
        dtype: Any = np.float32,
    ) -> None:
        if not isinstance(units, int | np.integer) or units < 1:
            raise ShapeError(f"Dense: units is how many outputs there are, a whole number above 0, and not {units!r}.")
        named("activation", ACTIVATIONS, activation or "linear")
        for initializer in (kernel_initializer, bias_initializer):
            named("initializer", INITIALIZERS, initializer)
        self.activation = activation
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.name = name
        self.input_shape = (input_dim,) if input_dim is not None else input_shape and _shape(input_shape)
        super().__init__(self.input_shape[-1] if self.input_shape else 0, int(units), use_bias, dtype)

    @property
    def units(self) -> int:
        """How many outputs there are."""
        return self.out_features

    def reset_parameters(self) -> None:
        """Draw new weights, by the initializers."""
        if self.in_features:
            named("initializer", INITIALIZERS, self.kernel_initializer)(self.weight)
            if self.bias is not None:
                named("initializer", INITIALIZERS, self.bias_initializer)(self.bias)

    def forward(self, input: Any) -> Any:
        """Shape (..., in) to (..., units)."""
        if not self.in_features:
            self.in_features = shape_of(input)[-1]
            self.weight.data = np.empty((self.in_features, self.out_features), self.weight.dtype).T
            self.reset_parameters()
        y = super().forward(input)
        return y if self.activation is None else named("activation", ACTIVATIONS, self.activation)(y)

    def extra_repr(self) -> str:
        """The sizes, and the activation."""
        parts = [str(self.out_features)]
        parts += [f"activation={_name(self.activation)}"] if self.activation is not None else []
        parts += ["use_bias=False"] if self.bias is None else []
        return ", ".join([*parts, f"in_features={self.in_features or '?'}"])


def _shape(shape: Any) -> tuple[int, ...]:
    found = (shape,) if isinstance(shape, int) else tuple(shape)
    if not found or not all(isinstance(n, int | np.integer) and n > 0 for n in found):
        raise ShapeError(f"the shape of an example is a tuple of positive numbers, (784,), and not {shape!r}.")
    return found


def _name(activation: Any) -> str:
    return repr(activation) if isinstance(activation, str) else getattr(activation, "__name__", repr(activation))
