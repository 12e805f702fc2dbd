"""Neuron, Layer and MLP made of Values: every weight is one number with a gradient to look at.

They take micrograd's arguments and draw the same random numbers, so its programs run unchanged and give the same
figures. For networks of real size use `nn.Linear` and `nn.models.MLP`, which are made of Tensors.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from autograd import ShapeError, Value, dot
from nn.module import Module

__all__ = ["MLP", "Layer", "Neuron"]


class Neuron(Module):
    """relu(w · x + b), or w · x + b with `nonlin=False`; x is a list of `nin` numbers or Values.

    w · x + b is one node. With `fused=False` every product and every partial sum is a node of its own: the same
    number, made four times slower, for graphs that show every step.

    >>> import random, nn
    >>> random.seed(0)
    >>> neuron = nn.Neuron(2)
    >>> neuron
    ReLUNeuron(2)
    >>> neuron([1.0, 0.5]).data == 0.6888437030500962 + 0.5 * 0.515908805880605
    True
    """

    def __init__(self, nin: int, nonlin: bool = True, fused: bool = True) -> None:
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin
        self.fused = fused

    def forward(self, x: Sequence[Any]) -> Value:
        """One Value, of `nin` numbers or Values."""
        if len(x) != len(self.w):
            raise ShapeError(f"a neuron with {len(self.w)} weights got {len(x)} inputs: it needs one for each weight.")
        if self.fused:
            y = dot(self.w, x if isinstance(x, list) else list(x), bias=self.b)
        else:
            y = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return y.relu() if self.nonlin else y  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.w)})"


class Layer(Module):
    """`nout` neurons that read the same `nin` inputs. A layer of one neuron gives a Value, any other a list of them.

    Further arguments (`nonlin`, `fused`) go to the neurons.
    """

    def __init__(self, nin: int, nout: int, **kwargs: Any) -> None:
        self.neurons = [Neuron(nin, **kwargs) for _ in range(nout)]

    def forward(self, x: Sequence[Any]) -> Any:
        """`nout` Values, of `nin` numbers or Values."""
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(repr, self.neurons))}]"


class MLP(Module):
    """Layers of neurons: `MLP(2, [16, 16, 1])` has 2 inputs, two hidden layers of 16, and 1 output without relu.

    >>> import nn
    >>> model = nn.MLP(2, [16, 16, 1])
    >>> len(model.parameters())
    337
    >>> type(model([0.5, -1.0])).__name__
    'Value'
    """

    def __init__(self, nin: int, nouts: Sequence[int], **kwargs: Any) -> None:
        sizes = [nin, *nouts]
        last = len(nouts) - 1
        self.layers = [Layer(sizes[i], sizes[i + 1], nonlin=i != last, **kwargs) for i in range(len(nouts))]

    def forward(self, x: Any) -> Any:
        """The outputs of the last layer, of `nin` numbers or Values."""
        for layer in self.layers:
            x = layer([x] if isinstance(x, Value) else x)
        return x

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]"
