"""Quantisation: numbers of 8 bits and fewer, and training that is used to them before they come.

>>> import nn
>>> nn.manual_seed(0)
>>> data, model = nn.datasets.digits(), nn.models.lenet_small()
>>> prepared = nn.quantization.prepare(model, weight_bits=4)
>>> history = nn.fit(prepared, nn.CrossEntropyLoss(), data.train[:600], epochs=4, lr=0.005, progress=False)
>>> small = nn.quantization.convert(prepared)
>>> small[0].weight.dtype
dtype('int8')
>>> nn.quantization.size_in_bytes(model), nn.quantization.size_in_bytes(small)
(54824, 14592)
>>> bool((nn.predict(small, data.test[:][0]).argmax(1) == data.test[:][1]).mean() > 0.85)
True

A number x is kept as a whole number q, and stands for (q - zero_point) · scale. `prepare` makes the layers of a model
read weights and inputs that have been through this rounding, but remain floats: fake quantisation. Rounding has the
slope 0 nearly everywhere; the straight-through estimator takes it for 1 (Bengio, Léonard and Courville, 2013), here
y + stop_gradient(round(y) - y), so that all learns as usual (Jacob and others, "Quantization and training of neural
networks for efficient integer-arithmetic-only inference", 2018). `convert` keeps the whole numbers. What is saved is
memory: NumPy multiplies whole numbers slowly, so that the layers still compute with the floats they stand for, and
give exactly what the prepared model gave.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from autograd import Node, OperandError, ShapeError, no_grad, stop_gradient
from nn.call import _rebuilt
from nn.convolution import _Convolution, _ConvTranspose
from nn.linear import Linear
from nn.module import Module
from nn.parametrization import is_parametrized, register_parametrization, remove_parametrizations
from nn.training.batch import inputs_and_target
from nn.training.evaluate import in_eval_mode

__all__ = [
    "FakeQuantize",
    "MinMaxObserver",
    "MovingAverageMinMaxObserver",
    "QuantizedLayer",
    "calibrate",
    "convert",
    "dequantize",
    "fake_quantize",
    "prepare",
    "quantization_parameters",
    "quantize",
    "size_in_bytes",
]


def round_straight_through(x: Any) -> Any:
    """The nearest whole number, halves to even; the derivative is taken for 1.

    >>> autograd.grad(round_straight_through)(0.7)
    1.0
    """
    return x + stop_gradient(autograd.round(x) - x)


def quantize(
    x: Any, scale: Any, zero_point: Any = 0, quant_min: int = -128, quant_max: int = 127, axis: int | None = None
) -> Any:
    """The whole numbers that stand for x, as floats: clip(round(x / scale) + zero_point, quant_min, quant_max).

    With an `axis` there are as many scales and zero points as places along it, one for each channel.
    """
    scale, zero_point = _along(scale, x, axis), _along(zero_point, x, axis)
    return autograd.clip(round_straight_through(x * (1 / scale)) + zero_point, quant_min, quant_max)


def dequantize(q: Any, scale: Any, zero_point: Any = 0, axis: int | None = None) -> Any:
    """What whole numbers stand for: (q - zero_point) · scale."""
    return (q - _along(zero_point, q, axis)) * _along(scale, q, axis)


def fake_quantize(
    x: Any, scale: Any, zero_point: Any = 0, quant_min: int = -128, quant_max: int = 127, axis: int | None = None
) -> Any:
    """x as it is after quantisation and back. The derivative by x is 1 within the range, and 0 where x was clipped.

    As torch.fake_quantize_per_tensor_affine, and with an `axis` ..._per_channel_affine. The scale may be a Tensor that
    is learned: its gradient is that of learned step sizes (Esser and others, 2020), round(x / scale) - x / scale within
    the range and its ends outside.

    >>> fake_quantize(np.array([-0.3, 0.26, 0.9]), 0.25, quant_min=-2, quant_max=1)
    array([-0.25,  0.25,  0.25])
    >>> autograd.grad(lambda x: fake_quantize(x, 0.25, quant_min=-2, quant_max=1).sum())(np.array([-0.3, 0.26, 0.9]))
    array([1., 1., 0.])
    """
    return dequantize(quantize(x, scale, zero_point, quant_min, quant_max, axis), scale, zero_point, axis)


def quantization_parameters(low: Any, high: Any, bits: int = 8, symmetric: bool = False) -> tuple[ndarray, ndarray]:
    """The scale and the zero point with which the numbers from `low` to `high`, and 0, find room; arrays.

    Symmetric, q is from -2^(bits - 1) to 2^(bits - 1) - 1 and the zero point 0; otherwise, affine, q is from 0 to
    2^bits - 1, and 0 is kept exactly. As torch.ao's observers choose them.

    >>> scale, zero_point = quantization_parameters(-1.0, 3.0, bits=2)
    >>> float(scale), float(zero_point)
    (1.3333333333333333, 1.0)
    """
    low, high = np.minimum(low, 0), np.maximum(high, 0)
    least, most = _range(bits, symmetric)
    kind = np.result_type(low, high)
    eps = np.finfo(np.float32).eps
    if symmetric:
        scale = np.maximum(np.maximum(-low, high) / ((most - least) / 2), eps)
        return np.asarray(scale, kind), np.zeros_like(scale, kind)
    scale = np.maximum((high - low) / (most - least), eps)
    return np.asarray(scale, kind), np.asarray(np.clip(least - np.round(low / scale), least, most), kind)


def _range(bits: int, symmetric: bool) -> tuple[int, int]:
    if not isinstance(bits, int | np.integer) or not 2 <= bits <= 16:
        raise ValueError(f"quantisation is to 2 to 16 bits, and not to {bits!r}.")
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if symmetric else (0, 2**bits - 1)


def _along(parameter: Any, x: Any, axis: int | None) -> Any:
    """Scales of channels in a shape that goes with x. Plain numbers take the dtype of x."""
    parameter = parameter if isinstance(parameter, Node) else np.asarray(parameter, _dtype(x))
    if axis is None or parameter.ndim == 0:
        return parameter
    shape = [1] * x.ndim
    shape[axis] = -1
    if parameter.shape != (x.shape[axis],):
        raise ShapeError(f"axis {axis} of {x.shape} has {x.shape[axis]} channels, and {parameter.shape} scales.")
    return parameter.reshape(shape)


def _dtype(x: Any) -> Any:
    kind = getattr(x, "dtype", np.dtype(float))
    return kind if kind.kind == "f" else np.dtype(np.float32)


class MinMaxObserver(Module):
    """Remembers the least and the greatest of all numbers that it is shown, along `axis` those of each channel."""

    min_val: ndarray
    max_val: ndarray

    def __init__(self, axis: int | None = None, channels: int = 1) -> None:
        self.axis = axis
        shape = () if axis is None else (channels,)
        self.register_buffer("min_val", np.full(shape, np.inf, np.float32))
        self.register_buffer("max_val", np.full(shape, -np.inf, np.float32))

    def forward(self, x: Any) -> Any:
        """x, which has been looked at."""
        plain = np.asarray(x.data if isinstance(x, Node) else x)
        if plain.size:
            others = None if self.axis is None else tuple(k for k in range(plain.ndim) if k != self.axis % plain.ndim)
            self.update(plain.min(others), plain.max(others))
        return x

    def update(self, low: ndarray, high: ndarray) -> None:
        """Take the extremes of a batch in."""
        self.min_val[...] = np.minimum(self.min_val, low)
        self.max_val[...] = np.maximum(self.max_val, high)

    def extra_repr(self) -> str:
        """What it has seen."""
        return f"min_val={self.min_val}, max_val={self.max_val}"


class MovingAverageMinMaxObserver(MinMaxObserver):
    """Follows the extremes of batches slowly: each moves them by `averaging_constant` of the way."""

    def __init__(self, averaging_constant: float = 0.01, axis: int | None = None, channels: int = 1) -> None:
        super().__init__(axis, channels)
        self.averaging_constant = averaging_constant

    def update(self, low: ndarray, high: ndarray) -> None:
        """Move towards the extremes of a batch; the first is taken whole."""
        if np.isinf(self.min_val).any():
            self.min_val[...], self.max_val[...] = low, high
        else:
            self.min_val += self.averaging_constant * (low - self.min_val)
            self.max_val += self.averaging_constant * (high - self.max_val)


class FakeQuantize(Module):
    """Quantises and takes back, with a scale that fits the numbers themselves, or those that an observer has seen.

    Without an observer the scale follows from the extremes of x each time, as it does for weights; with one it looks
    on in train mode, while `observing` is True, and in eval mode the scale stays. `axis` gives each channel its own.

    >>> import nn, numpy as np
    >>> nn.quantization.FakeQuantize(bits=2, symmetric=True)(np.array([-1.5, 0.4, 0.6, 1.5]))
    array([-2.,  0.,  1.,  1.])
    """

    def __init__(
        self, bits: int = 8, symmetric: bool = False, axis: int | None = None, observer: MinMaxObserver | None = None
    ) -> None:
        self.bits = bits
        self.symmetric = symmetric
        self.axis = axis
        self.quant_min, self.quant_max = _range(bits, symmetric)
        self.observer = observer
        self.observing = True

    def forward(self, x: Any) -> Any:
        """x, rounded."""
        if self.observer is not None and self.training and self.observing:
            self.observer(x)
        return fake_quantize(x, *self.parameters_for(x), self.quant_min, self.quant_max, self.axis)

    def parameters_for(self, x: Any) -> tuple[ndarray, ndarray]:
        """The scale and the zero point."""
        observer = self.observer
        if observer is None:
            observer = MinMaxObserver(self.axis, np.shape(x)[self.axis] if self.axis is not None else 1)
            observer(x)
        if np.isinf(observer.min_val).any():
            raise OperandError(
                "this FakeQuantize has not seen any numbers yet, and does not know how large they are.\n"
                "  Train the prepared model, or show it examples: nn.quantization.calibrate(model, x)."
            )
        low, high = (each.astype(_dtype(x)) for each in (observer.min_val, observer.max_val))
        return quantization_parameters(low, high, self.bits, self.symmetric)

    def extra_repr(self) -> str:
        """How fine it is."""
        return f"bits={self.bits}, symmetric={self.symmetric}, axis={self.axis}"


def prepare(
    model: Module, *, weight_bits: int = 8, activation_bits: int | None = 8, averaging_constant: float = 0.01
) -> Module:
    """A copy of the model whose linear and convolutional layers read quantised weights and inputs.

    Weights are symmetric, with a scale for each output channel; inputs are affine, with one scale that follows a moving
    average of their extremes, or stay as they are with `activation_bits=None`. Train the copy like any model, with an
    optimizer made of its own parameters: quantisation-aware training. Without training, `calibrate` it.
    """
    found = copy.deepcopy(model)
    layers = [layer for layer in found.modules() if isinstance(layer, Linear | _Convolution)]
    if not layers:
        raise OperandError(f"prepare: {type(model).__name__} has no linear or convolutional layer to quantise.")
    for layer in layers:
        if _quantizer(layer) is not None:
            raise OperandError(f"prepare: this {type(layer).__name__} is quantised already.")
        if activation_bits is not None:
            observer = MovingAverageMinMaxObserver(averaging_constant)
            layer.register_module("input_quantizer", FakeQuantize(activation_bits, observer=observer))
            layer.register_forward_pre_hook(_with_quantized_input)
        axis = 1 if isinstance(layer, _ConvTranspose) else 0
        register_parametrization(layer, "weight", FakeQuantize(weight_bits, symmetric=True, axis=axis))
    return found


def _with_quantized_input(layer: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    return (layer.input_quantizer(args[0]), *args[1:])


def _quantizer(layer: Module) -> FakeQuantize | None:
    """That of the layer's weight."""
    steps = layer.parametrizations["weight"].children() if is_parametrized(layer, "weight") else ()  # type: ignore[attr-defined]
    return next((step for step in steps if isinstance(step, FakeQuantize)), None)


def calibrate(model: Module, data: Any) -> None:
    """Let the observers of a prepared model see examples: an array of inputs, or batches (x, y). Nothing is trained.

    >>> import nn, numpy as np
    >>> prepared = prepare(nn.Linear(2, 1))
    >>> calibrate(prepared, np.array([[0.0, 1.0], [3.0, -1.0]], np.float32))
    >>> prepared.input_quantizer.observer
    MovingAverageMinMaxObserver(min_val=-1.0, max_val=3.0)
    """
    batches: Iterable[Any] = [(data, None)] if isinstance(data, ndarray | Node) else data
    with in_eval_mode(model), no_grad():
        for module in model.modules():
            module.training = isinstance(module, FakeQuantize)
        for batch in batches:
            model(*inputs_and_target(batch)[0])


class QuantizedLayer(Module):
    """A linear or convolutional layer whose weight is whole numbers: `weight` · `scale`. `convert` makes it."""

    weight: ndarray
    scale: ndarray

    def __init__(self, layer: Any) -> None:
        self.layer = copy.deepcopy(layer)
        quantizer, weight = _quantizer(self.layer), _before_rounding(self.layer)
        assert quantizer is not None
        scale, _ = quantizer.parameters_for(weight)
        whole = quantize(weight, scale, 0, quantizer.quant_min, quantizer.quant_max, quantizer.axis)
        self.bits = quantizer.bits
        self.register_buffer("weight", whole.astype(np.int8 if self.bits <= 8 else np.int16))
        self.register_buffer("scale", _along(scale, weight, quantizer.axis).copy())
        self.input_quantizer = vars(self.layer).pop("input_quantizer", None)
        if self.input_quantizer is not None:
            self.input_quantizer.observing = False
        self.layer._hooks = [hook for hook in self.layer._hooks if hook.function is not _with_quantized_input]
        remove_parametrizations(self.layer, "weight")
        self.layer.weight = None

    def forward(self, input: Any) -> Any:
        """What the layer gives with the weight that its numbers stand for."""
        input = input if self.input_quantizer is None else self.input_quantizer(input)
        layer = copy.copy(self.layer)
        layer.weight = self.weight * self.scale
        return layer(input)

    def extra_repr(self) -> str:
        """How its weight is kept."""
        return f"weight={self.weight.dtype} of {self.bits} bits"


def convert(model: Module) -> Module:
    """A copy of a prepared model that keeps whole numbers in the place of its weights.

    It answers as the prepared model does in eval mode, number for number, and is not to be trained any further. Its
    `state_dict` has the whole numbers.
    """
    found = copy.deepcopy(model)
    layers = [layer for layer in found.modules() if _quantizer(layer) is not None]
    if not layers:
        raise OperandError("convert: no layer of this model has been prepared: nn.quantization.prepare(model) first.")
    converted: Module = _rebuilt(found, {id(layer): QuantizedLayer(layer) for layer in layers}, {})
    return converted.eval()


def _before_rounding(layer: Any) -> ndarray:
    """The weight as the quantizer is given it, after other parametrizations, such as masks."""
    seen: list[Any] = []
    quantizer: Any = _quantizer(layer)
    with no_grad(), quantizer.register_forward_pre_hook(lambda _, args: seen.append(args[0])):
        _ = layer.weight
    return np.asarray(seen[0].data if isinstance(seen[0], Node) else seen[0])


def size_in_bytes(model: Module) -> int:
    """How much memory its parameters and buffers take."""
    arrays: list[Any] = [p.data for p in model.parameters()] + model.buffers()
    return sum(np.asarray(each).nbytes for each in arrays)
