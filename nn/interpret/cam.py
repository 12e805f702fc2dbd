"""Grad-CAM: which places of a convolutional layer speak for an output."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from autograd import Node, OperandError, ShapeError
from nn.functional import interpolate
from nn.interpret.score import asked, chosen, inputs, scores
from nn.module import Module

__all__ = ["grad_cam"]

MODES = {1: "linear", 2: "bilinear", 3: "trilinear"}


def grad_cam(
    model: Module, x: Any, target: Any = None, layer: Module | str = "", *, relu: bool = True, resize: bool = True
) -> ndarray:
    """The places of a layer whose channels speak for the score, (N, 1, ...) in the size of x.

    Each channel of the layer's output counts by the mean of its gradient; the sum of the channels, so weighted, is the
    map, and what is negative speaks for other outputs and is left out, unless `relu` is False (Selvaraju and others,
    "Grad-CAM: visual explanations from deep networks via gradient-based localization", 2017). `layer` is a module
    inside the model or its name, mostly the last convolution: its output is (N, C, ...), for sequences, images or
    volumes. The map is enlarged by linear interpolation to the places of x, or kept as it is with `resize=False`.

    >>> import nn, numpy as np
    >>> model, x = nn.models.LeNet(), np.random.default_rng(0).random((2, 1, 28, 28))
    >>> grad_cam(model, x, 3, layer="features.3").shape
    (2, 1, 28, 28)
    >>> grad_cam(model, x, 3, layer=model.features[3], resize=False).shape
    (2, 1, 10, 10)
    """
    x = inputs(x)
    within = _layer(model, layer)
    kept: list[Any] = []

    def keep(module: Module, args: Any, output: Any) -> None:
        kept.append(output)

    with asked(model):
        with within.register_forward_hook(keep):
            places = chosen(model, x, target)
        if not kept:
            raise OperandError(f"grad_cam: the model does not call the layer {layer!r:.80} for this input.")
        if len(kept) > 1:
            raise OperandError(f"grad_cam: the model calls the layer {layer!r:.80} {len(kept)} times: which is meant?")
        output = kept[0].data if isinstance(kept[0], Node) else kept[0]
        if not isinstance(output, ndarray) or output.ndim < 3 or len(output) != len(x):
            shape = getattr(output, "shape", type(output).__name__)
            raise ShapeError(
                f"grad_cam: the layer's output is {shape}, and must be (N, C, ...), channels of places: "
                "take a convolution."
            )

        def rest(output: Any) -> Any:
            """The score as a function of what the layer gives, put in the place of its output."""
            with within.register_forward_hook(lambda *_: output):
                return scores(model(x), places).sum()

        slope = autograd.grad(rest)(output)
        axes = tuple(range(2, output.ndim))
        found = (slope.mean(axes, keepdims=True) * output).sum(1, keepdims=True)
        found = np.maximum(found, 0) if relu else found
        sizes = x.shape[2:]
        if resize and len(sizes) != len(axes):
            raise ShapeError(f"grad_cam: a map of {found.shape} cannot be brought to x, {x.shape}: resize=False.")
        if resize and sizes != found.shape[2:]:
            found = np.asarray(interpolate(found, sizes, mode=MODES[len(sizes)]))
    return np.asarray(found, x.dtype)


def _layer(model: Module, layer: Module | str) -> Module:
    """A module by its name, or itself. Errors: OperandError."""
    if not isinstance(model, Module):
        raise OperandError(f"grad_cam looks into a nn.Module, and {model!r:.80} is none.")
    if isinstance(layer, Module):
        if all(layer is not each for each in model.modules()):
            raise OperandError(f"grad_cam: this {type(layer).__name__} is not inside the model.")
        return layer
    if not layer:
        names = [name for name, each in model.named_modules() if type(each).__name__.startswith("Conv")]
        raise OperandError(f"grad_cam: which layer? Its convolutions are {', '.join(names) or 'none'}.")
    return model.get_submodule(layer)
