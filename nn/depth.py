"""How values and gradients fare on their way through a network: their spread, layer by layer.

Each layer multiplies the spread of what passes it. If that factor is 0.8, of a signal's spread a thousandth is left
after thirty layers; if it is 1.25, it is a thousand times as large. What the first weights are decides which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

import nn.init as init
from autograd import Node, OperandError, Tensor
from nn.activation import Tanh
from nn.container import Sequential
from nn.linear import Linear
from nn.module import Module

__all__ = ["Spread", "initial_spread", "plot_spread", "spread"]


class Spread(NamedTuple):
    """What came out of one module, and what came back to it."""

    name: str
    kind: str
    value: float  # the standard deviation of its outputs
    gradient: float  # that of the gradient by its outputs
    zero: float  # the share of outputs that are 0: dead units, after a relu


def spread(model: Module, *inputs: Any) -> list[Spread]:
    """The spread of values and gradients at the output of every module inside that has no others inside, in order.

    The gradients are those that normal numbers of spread 1 become which start at the model's output. The parameters'
    gradients stay as they are.

    >>> import nn, numpy as np
    >>> nn.manual_seed(0)
    >>> model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64))
    >>> x = np.random.default_rng(0).normal(size=(100, 64))
    >>> for layer in nn.spread(model, x):
    ...     print(f"{layer.kind:6} {layer.value:.2f} {layer.gradient:.2f} {layer.zero:.2f}")
    Linear 0.58 0.41 0.00
    ReLU   0.34 0.58 0.49
    Linear 0.25 1.00 0.00
    """
    seen: list[tuple[str, Module, Tensor]] = []
    names = {module: name for name, module in model.named_modules() if not any(True for _ in module.children())}

    def look(module: Module, args: Any, output: Any) -> None:
        first = output[0] if isinstance(output, tuple) else output
        if isinstance(first, Tensor) and first.requires_grad:
            seen.append((names[module], module, first))

    parameters = model.parameters()
    grads = [p.grad for p in parameters]
    model.zero_grad()
    handles = [module.register_forward_hook(look) for module in names]
    try:
        output = model(*inputs)
        last = output[0] if isinstance(output, tuple) else output
        if not isinstance(last, Tensor) or not last.requires_grad:
            raise OperandError(
                f"spread needs a model whose output is a Tensor that requires grad, and got {last!r:.80}."
            )
        start = np.random.default_rng(0).standard_normal(last.shape).astype(last.dtype)
        last.backward(start, retain_graph=True)
        return [_measured(name, module, y, start if y is last else y.grad) for name, module, y in seen]
    finally:
        for handle in handles:
            handle.remove()
        for p, g in zip(parameters, grads, strict=True):
            p.grad = g


def _measured(name: str, module: Module, y: Tensor, g: Any) -> Spread:
    gradient = 0.0 if g is None else float(np.std(g.data if isinstance(g, Node) else g, dtype=float))
    return Spread(
        name, type(module).__name__, float(np.std(y.data, dtype=float)), gradient, float(np.mean(y.data == 0))
    )


INITIALIZERS: dict[str, Callable[[Any], Any]] = {
    "half of lecun_normal_": lambda w: init.normal_(w, std=0.5 / w.shape[1] ** 0.5),
    "twice lecun_normal_": lambda w: init.normal_(w, std=2.0 / w.shape[1] ** 0.5),
    "xavier_normal_": init.xavier_normal_,
    "kaiming_normal_": init.kaiming_normal_,
    "orthogonal_": init.orthogonal_,
}


def initial_spread(
    initializers: Mapping[str, Callable[[Any], Any]] | None = None,
    activation: Callable[[], Module] = Tanh,
    depth: int = 30,
    width: int = 128,
    rows: int = 256,
) -> dict[str, list[Spread]]:
    """What different first weights do to a network of `depth` equal layers: for each, the spread after every layer.

    `initializers` are functions that fill a weight, by the names for the legend of `plot_spread`; some that do well and
    some that do not, unless given. Biases are 0.

    >>> import nn
    >>> nn.manual_seed(0)
    >>> for name, layers in nn.initial_spread(activation=nn.ReLU, depth=10).items():
    ...     print(f"{name:21} {layers[-1].value:.0e}")
    half of lecun_normal_ 4e-05
    twice lecun_normal_   3e+01
    xavier_normal_        2e-02
    kaiming_normal_       6e-01
    orthogonal_           2e-02
    """
    x = np.random.default_rng(0).standard_normal((rows, width)).astype(np.float32)
    found = {}
    for name, fill in (INITIALIZERS if initializers is None else initializers).items():
        layers = [Linear(width, width) for _ in range(depth)]
        for layer in layers:
            fill(layer.weight)
            init.zeros_(layer.bias)
        model = Sequential(*(module for layer in layers for module in (layer, activation())))
        found[name] = [one for one in spread(model, x) if one.kind != "Linear"]
    return found


def plot_spread(curves: Mapping[str, Sequence[Spread]] | Sequence[Spread], axes: Any = None) -> Any:
    """Draw what `spread` or `initial_spread` has found with matplotlib: values on the left, gradients on the right.

    The two axes. A spread of 0, which has no logarithm, is left out.
    """
    if axes is None:
        import matplotlib.pyplot as plt

        _, axes = plt.subplots(1, 2, figsize=(10, 4), sharex=True, layout="constrained")
    named = curves if isinstance(curves, Mapping) else {"": curves}
    for ax, what in zip(axes, ("value", "gradient"), strict=True):
        for name, layers in named.items():
            heights = np.array([getattr(layer, what) for layer in layers])
            ax.plot(np.arange(1, len(layers) + 1), np.where(heights > 0, heights, np.nan), ".-", label=name or None)
        ax.set(yscale="log", xlabel="depth", ylabel="standard deviation", title=f"spread of the {what}s")
        ax.grid(alpha=0.3)
    if isinstance(curves, Mapping):
        axes[0].legend()
    return axes
