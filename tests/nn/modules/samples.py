"""Samples of PyTorch's module database, and of our own for modules that it leaves out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import torch
from torch.testing._internal.common_modules import module_db


@dataclass
class Sample:
    """How to make a module and how to call it."""

    name: str
    number: int
    note: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    inputs: tuple[Any, ...]
    named: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name} {self.number}{f' ({self.note})' if self.note else ''}"


@cache
def names() -> list[str]:
    """All modules of PyTorch that have samples."""
    return sorted({info.module_cls.__name__ for info in module_db} | set(OWN))


def samples(name: str, dtype: Any, training: bool, seed: int) -> Iterator[Sample]:
    """The samples of a module, the same for the same seed."""
    torch.manual_seed(seed)
    how = {"device": "cpu", "dtype": dtype, "requires_grad": True, "training": training}
    infos = [info for info in module_db if info.module_cls.__name__ == name]
    number = 0
    for info in infos:
        with _remembering():
            found = list(info.module_inputs_func(info, **how))
        for each in found:
            made, called = each.constructor_input, each.forward_input
            yield Sample(name, number, each.desc, made.args, made.kwargs, called.args, called.kwargs)
            number += 1
    for args, kwargs, *shapes in OWN.get(name, []):
        with _remembering():
            args = args() if callable(args) else args
        named = shapes.pop() if isinstance(shapes[-1], dict) else {}
        inputs = tuple(shape(dtype) if callable(shape) else _normal(shape, dtype) for shape in shapes)
        yield Sample(name, number, "", args, kwargs, inputs, named)
        number += 1


def _normal(shape: tuple[int, ...], dtype: Any) -> Any:
    return torch.randn(shape, dtype=dtype, requires_grad=True)


@contextmanager
def _remembering() -> Iterator[None]:
    """Inside, layers that other modules are made of remember their arguments, so that ours can be made like them."""
    kinds = torch.nn.TransformerEncoderLayer, torch.nn.TransformerDecoderLayer
    originals = [kind.__init__ for kind in kinds]

    def wrapped(original: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(original)
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            object.__setattr__(self, "made_with", (args, kwargs))

        return init

    try:
        for kind, original in zip(kinds, originals, strict=True):
            kind.__init__ = wrapped(original)  # type: ignore[method-assign]
        yield
    finally:
        for kind, original in zip(kinds, originals, strict=True):
            kind.__init__ = original  # type: ignore[method-assign]


def _pooled(size: tuple[int, ...], *args: Any) -> list[Any]:
    """The two results of max pooling of something of this size."""
    pool = getattr(torch.nn.functional, f"max_pool{len(size) - 2}d")
    made: dict[Any, Any] = {}

    def values(dtype: Any) -> Any:
        made["found"] = pool(torch.randn(size, dtype=dtype), *args, return_indices=True)
        return made["found"][0].requires_grad_()

    return [values, lambda dtype: made["found"][1]]


def _numbers(below: int, *size: int) -> Callable[[Any], Any]:
    return lambda dtype: torch.randint(below, size)


_IMAGES = (2, 6, 5, 4)

# Of modules and settings that the database leaves out: the arguments, or a function that makes them; then the inputs
# (shapes, or functions of the dtype that make one); and in a dict at the end what the call is given by name.
OWN: dict[str, list[Any]] = {
    "AdaptiveAvgPool2d": [((1,), {}, _IMAGES), (((7, 3),), {}, _IMAGES), (((None, 2),), {}, _IMAGES)],
    "AdaptiveMaxPool2d": [(((3, 2),), {"return_indices": True}, _IMAGES), (((5, 2),), {}, _IMAGES)],
    "AdaptiveLogSoftmaxWithLoss": [
        ((8, 20, [4, 10]), {}, (5, 8), _numbers(20, 5)),
        ((8, 20, [4]), {"div_value": 2.0, "head_bias": True}, (5, 8), _numbers(20, 5)),
    ],
    "AlphaDropout": [((0.5,), {}, _IMAGES), ((0.0,), {}, _IMAGES)],
    "AvgPool2d": [((3,), {"padding": 1, "ceil_mode": True, "count_include_pad": False}, _IMAGES)],
    "BatchNorm2d": [((6,), {"momentum": None}, _IMAGES), ((6,), {"bias": False}, _IMAGES)],
    "ChannelShuffle": [((3,), {}, _IMAGES), ((1,), {}, _IMAGES)],
    "Conv1d": [
        ((4, 6, 3), {"padding": "same", "padding_mode": mode, "dilation": 2}, (2, 4, 9))
        for mode in ("zeros", "reflect", "replicate", "circular")
    ],
    "Conv2d": [
        ((4, 6, (3, 2)), {"stride": (2, 1), "padding": (1, 2), "groups": 2}, (2, 4, 7, 6)),
        ((4, 4, 3), {"groups": 4, "bias": False}, (2, 4, 7, 6)),
        ((4, 8, 3), {"groups": 4, "dilation": 2}, (2, 4, 7, 6)),
        ((4, 6, (2, 4)), {"padding": "same", "padding_mode": "reflect"}, (2, 4, 7, 6)),
        ((4, 6, (2, 3)), {"padding": "valid", "padding_mode": "circular"}, (2, 4, 7, 6)),
        ((4, 6, 3), {"padding": (2, 1), "padding_mode": "circular"}, (4, 7, 6)),
        ((4, 6, 3), {"padding": (2, 1), "padding_mode": "replicate", "stride": 2}, (2, 4, 7, 6)),
        ((8, 9, 3), {"padding": 1}, (2, 8, 12, 11)),
        ((4, 6, 1), {"stride": 2}, (2, 4, 7, 6)),
    ],
    "Conv3d": [
        ((4, 6, (3, 1, 2)), {"stride": (2, 1, 1), "padding": (1, 0, 2), "groups": 2}, (2, 4, 5, 4, 6)),
        ((2, 3, 3), {"padding": "same", "padding_mode": "circular"}, (2, 2, 5, 4, 6)),
    ],
    "ConvTranspose1d": [((4, 6, 3), {"stride": 3, "padding": 1, "output_padding": 2, "groups": 2}, (2, 4, 5))],
    "ConvTranspose2d": [
        ((4, 6, 3), {"stride": 2, "padding": 1}, (2, 4, 5, 3), {"output_size": (10, 5)}),
        ((4, 6, (3, 2)), {"stride": (2, 3), "padding": (1, 0), "output_padding": (1, 2)}, (2, 4, 5, 3)),
        ((4, 6, 3), {"dilation": 2, "groups": 2, "bias": False}, (2, 4, 5, 3)),
        ((4, 6, 2), {"stride": 2}, (4, 5, 3)),
    ],
    "ConvTranspose3d": [((4, 6, 2), {"stride": 2, "padding": 1, "output_padding": 1}, (2, 4, 3, 2, 4))],
    "CosineSimilarity": [((), {}, (3, 5), (3, 5)), ((0, 1e-3), {}, (3, 5), (3, 5)), ((-1,), {}, (2, 3, 4), (2, 3, 4))],
    "CrossMapLRN2d": [((3,), {}, _IMAGES), ((4, 0.3, 0.6, 2), {}, _IMAGES)],
    "Dropout": [((0.5,), {}, _IMAGES), ((0.0,), {}, _IMAGES)],
    "Dropout1d": [((0.5,), {}, (3, 4, 5)), ((0.0,), {}, (3, 4, 5))],
    "Dropout2d": [((0.5,), {}, _IMAGES), ((0.0,), {}, _IMAGES)],
    "Dropout3d": [((0.5,), {}, (2, 3, 4, 3, 2)), ((0.0,), {}, (2, 3, 4, 3, 2))],
    "EmbeddingBag": [
        ((7, 4), {}, _numbers(7, 3, 5)),
        ((7, 4), {"mode": "max"}, _numbers(7, 3, 5)),
        ((7, 4), {"mode": "sum", "padding_idx": 2}, _numbers(7, 3, 5)),
        ((7, 4), {"mode": "sum"}, _numbers(7, 8), lambda dtype: torch.tensor([0, 3, 3])),
    ],
    "FeatureAlphaDropout": [((0.5,), {}, _IMAGES), ((0.0,), {}, _IMAGES)],
    "Flatten": [((), {}, _IMAGES), ((0, 1), {}, _IMAGES), ((-2,), {}, _IMAGES)],
    "Fold": [
        (((4, 5), (2, 2)), {}, (2, 12, 12)),
        ((6, 3), {"padding": 1, "stride": 2}, (2, 18, 9)),
        (((4, 5), (2, 3)), {"dilation": (2, 1)}, (12, 6)),
    ],
    "GroupNorm": [((3, 6), {}, _IMAGES), ((6, 6, 1e-3, False), {}, _IMAGES), ((2, 6), {"bias": False}, (2, 6))],
    "Hardsigmoid": [((), {}, _IMAGES)],
    "Identity": [((54,), {"unused": 1}, _IMAGES)],
    "InstanceNorm2d": [((6,), {"affine": True, "track_running_stats": True}, _IMAGES)],
    "LazyLinear": [((5,), {}, (3, 4)), ((5,), {"bias": False}, (2, 3, 4))],
    "LazyBatchNorm1d": [((), {}, (5, 4, 3))],
    "LazyBatchNorm2d": [((), {"momentum": None}, _IMAGES)],
    "LazyBatchNorm3d": [((), {"affine": False}, (2, 3, 4, 3, 2))],
    "LazyInstanceNorm1d": [((), {}, (5, 4, 3))],
    "LazyInstanceNorm2d": [((), {}, _IMAGES)],
    "LazyInstanceNorm3d": [((), {}, (2, 3, 4, 3, 2))],
    "LayerNorm": [(((5, 4),), {}, _IMAGES), ((4, 1e-3, True, False), {}, _IMAGES)],
    "Linear": [((4, 5), {}, _IMAGES), ((4, 0), {}, (3, 4)), ((4, 5), {}, (0, 4))],
    "LocalResponseNorm": [((2,), {}, _IMAGES), ((4, 0.3, 0.6, 2.0), {}, _IMAGES), ((3,), {}, (2, 5, 4))],
    "MaxPool2d": [
        ((3,), {"stride": 2, "padding": 1, "dilation": 2, "return_indices": True}, (2, 3, 9, 8)),
        (((3, 2),), {"stride": (2, 3), "ceil_mode": True}, (2, 3, 9, 8)),
    ],
    "MaxUnpool1d": [
        ((2,), {}, *_pooled((2, 3, 8), 2)),
        ((3, 2, 1), {}, *_pooled((2, 3, 7), 3, 2, 1)),
        ((2,), {}, *_pooled((2, 3, 9), 2), {"output_size": (2, 3, 9)}),
    ],
    "MaxUnpool2d": [
        ((2,), {}, *_pooled((2, 3, 8, 6), 2)),
        (((3, 2), 2, (1, 0)), {}, *_pooled((2, 3, 7, 6), (3, 2), 2, (1, 0))),
        ((2,), {}, *_pooled((2, 3, 9, 7), 2), {"output_size": (9, 7)}),
    ],
    "MaxUnpool3d": [((2,), {}, *_pooled((2, 3, 8, 6, 4), 2)), (((3, 2, 1),), {}, *_pooled((2, 3, 6, 6, 4), (3, 2, 1)))],
    "PairwiseDistance": [((), {}, (3, 5), (3, 5)), ((1.0, 1e-3, True), {}, (3, 5), (3, 5)), ((3.0,), {}, (5,), (3, 5))],
    "PixelShuffle": [((2,), {}, (2, 8, 3, 4)), ((3,), {}, (9, 3, 4))],
    "PixelUnshuffle": [((2,), {}, (2, 3, 4, 6)), ((3,), {}, (3, 3, 6))],
    "RReLU": [((), {}, _IMAGES), ((0.3, 0.3), {}, _IMAGES)],
    "RMSNorm": [(((5, 4),), {}, _IMAGES), ((4, 1e-3, False), {}, _IMAGES)],
    "TransformerDecoder": [
        (lambda: (torch.nn.TransformerDecoderLayer(8, 2, 16, 0.0), 2), {}, (5, 3, 8), (4, 3, 8)),
        (lambda: (torch.nn.TransformerDecoderLayer(8, 2, 16, 0.0, batch_first=True), 1), {}, (3, 5, 8), (3, 4, 8)),
    ],
    "TripletMarginLoss": [
        ((), {}, (5, 4), (5, 4), (5, 4)),
        ((0.5, 1.0), {"swap": True, "reduction": "sum"}, (5, 4), (5, 4), (5, 4)),
    ],
    "TripletMarginWithDistanceLoss": [
        ((), {}, (5, 4), (5, 4), (5, 4)),
        ((), {"margin": 0.5, "swap": True, "reduction": "none"}, (5, 4), (5, 4), (5, 4)),
    ],
    "Unflatten": [((1, (2, 3)), {}, _IMAGES), ((-1, (2, -1)), {}, _IMAGES)],
    "Unfold": [
        ((2,), {}, _IMAGES),
        (((2, 3),), {"padding": 1, "stride": 2, "dilation": (2, 1)}, _IMAGES),
        ((2,), {}, (6, 5, 4)),
    ],
    "Upsample": [
        ((9,), {}, (2, 3, 4)),
        ((), {"scale_factor": 2}, _IMAGES),
        ((), {"scale_factor": (1.7, 2.3), "mode": "bilinear"}, _IMAGES),
        ((), {"scale_factor": 1.7, "mode": "bilinear", "recompute_scale_factor": True}, _IMAGES),
        (((7, 3),), {"mode": "bilinear", "align_corners": True}, _IMAGES),
        (((7, 3),), {"mode": "bicubic"}, _IMAGES),
        (((7, 3),), {"mode": "nearest-exact"}, _IMAGES),
        ((6,), {"mode": "linear"}, (2, 3, 4)),
        ((), {"scale_factor": 1.5, "mode": "trilinear"}, (1, 2, 3, 4, 2)),
    ],
    "UpsamplingBilinear2d": [((), {"scale_factor": 2}, _IMAGES), (((7, 3),), {}, _IMAGES)],
    "UpsamplingNearest2d": [((), {"scale_factor": 3}, _IMAGES), (((7, 3),), {}, _IMAGES)],
}
