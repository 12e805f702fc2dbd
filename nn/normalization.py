"""Normalising layers: mean 0 and variance 1 in each channel, example or group, then a scale and a shift to be learned.

| layer | has mean 0 and variance 1 | over |
|---|---|---|
| `BatchNorm` | each channel | the batch and the places |
| `LayerNorm` | each example | its last axes |
| `GroupNorm` | each group of channels of each example | the channels of the group and the places |
| `InstanceNorm` | each channel of each example | the places |
| `RMSNorm` | no mean, but the root of the mean square is 1 | the last axes |
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, ClassVar

import numpy as np

import nn.functional as functional
from autograd import ShapeError
from nn.functional.shape import shape_of
from nn.module import Module
from nn.parameter import Parameter

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "CrossMapLRN2d",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LayerNorm",
    "LocalResponseNorm",
    "RMSNorm",
]


class _Scaled(Module):
    """One with a weight, which starts as 1, and a bias, which starts as 0; or without."""

    weight: Parameter | None
    bias: Parameter | None

    def _scale(self, shape: int | tuple[int, ...], weight: bool, bias: bool, dtype: Any) -> None:
        self.weight = Parameter(np.ones(shape, dtype)) if weight else None
        self.bias = Parameter(np.zeros(shape, dtype)) if bias else None

    def reset_parameters(self) -> None:
        """Start anew: weight 1, bias 0."""
        if self.weight is not None:
            self.weight.data[...] = 1
        if self.bias is not None:
            self.bias.data[...] = 0


class _Running(_Scaled):
    """One that keeps running statistics: what BatchNorm and InstanceNorm have in common."""

    ranks: ClassVar[tuple[int, ...]]  # how many axes an input may have
    running_mean: Any
    running_var: Any
    num_batches_tracked: Any
    momentum: Any

    def _set(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        dtype: Any,
        bias: bool,
    ) -> None:
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self._scale(num_features, affine, affine and bias, dtype)
        kept = track_running_stats
        self.register_buffer("running_mean", np.zeros(num_features, dtype) if kept else None)
        self.register_buffer("running_var", np.ones(num_features, dtype) if kept else None)
        self.register_buffer("num_batches_tracked", np.zeros((), np.int64) if kept else None)

    def reset_running_stats(self) -> None:
        """Forget what the inputs were like."""
        if self.track_running_stats:
            self.running_mean[...] = 0
            self.running_var[...] = 1
            self.num_batches_tracked[...] = 0

    def reset_parameters(self) -> None:
        """Start anew, running statistics included."""
        self.reset_running_stats()
        super().reset_parameters()

    def _channel(self, shape: tuple[int, ...]) -> int:
        """The axis of the channels of an input of this shape."""
        return 1

    def _check_rank(self, shape: tuple[int, ...]) -> None:
        if len(shape) not in self.ranks:
            kind, wanted = type(self).__name__, " or ".join(map(str, self.ranks))
            other = {2: 1, 3: 1, 4: 2, 5: 3}.get(len(shape))
            hint = f"\n  For {len(shape)} axes there is {kind[:-2]}{other}d." if other else ""
            raise ShapeError(f"{kind} takes inputs with {wanted} axes, and got shape {shape}.{hint}")

    def _check(self, shape: tuple[int, ...]) -> None:
        self._check_rank(shape)
        axis, n = self._channel(shape), self.num_features
        if shape[axis] != n:
            hint = "\n  The channels seem to be last: they come before the other axes." if shape[-1] == n else ""
            raise ShapeError(
                f"{type(self).__name__} of {n} channels got an input of shape {shape}: axis {axis} must be {n}.{hint}"
            )

    def extra_repr(self) -> str:
        """The settings."""
        names = "eps", "momentum", "affine", "bias", "track_running_stats"
        settings = vars(self) | {"bias": self.bias is not None}
        return ", ".join([f"{self.num_features}", *(f"{name}={settings[name]}" for name in names)])


class _BatchNorm(_Running):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        dtype: Any = np.float32,
        *,
        bias: bool = True,
    ) -> None:
        self._set(num_features, eps, momentum, affine, track_running_stats, dtype, bias)

    def forward(self, input: Any) -> Any:
        """The same shape."""
        shape = shape_of(input)
        self._check(shape)
        factor = 0.0 if self.momentum is None else self.momentum
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked += 1
            if self.momentum is None:
                factor = 1 / int(self.num_batches_tracked)
        kept = self.running_mean is not None
        batch = self.training or not kept
        mean, var = (self.running_mean, self.running_var) if kept else (None, None)
        if batch and prod(shape) == shape[1]:
            raise ShapeError(
                f"{type(self).__name__} got a batch of shape {shape}: one value a channel has no variance.\n"
                "  To train, give it more examples at a time; to use what it has learned, call model.eval() before."
            )
        return functional.batch_norm(input, mean, var, self.weight, self.bias, batch, factor, self.eps)


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of vectors (N, C) and sequences (N, C, L): see `BatchNorm2d`."""

    ranks = 2, 3


class BatchNorm2d(_BatchNorm):
    """Each channel of images (N, C, H, W) brought to mean 0 and variance 1, then scaled and shifted.

    y = (x - μ) / √(σ² + eps) · weight + bias, with μ and σ² of the channel over batch and places while training.
    Meanwhile the buffers `running_mean` and `running_var` follow them, running = (1 - momentum) running + momentum now
    (`momentum` None: the mean of all batches), and take their place after `eval()`, if `track_running_stats`.

    So train() and eval() matter. The running variance is the unbiased one, as in PyTorch (Ioffe and Szegedy, 2015).

    >>> import nn, numpy as np
    >>> layer = nn.BatchNorm2d(3)
    >>> y = layer(np.random.default_rng(0).normal(5, 2, (8, 3, 4, 4)))
    >>> bool(abs(y.data.mean((0, 2, 3))).max() < 1e-6), layer.running_mean.round(1)
    (True, array([0.5, 0.5, 0.5], dtype=float32))
    """

    ranks = (4,)


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of volumes (N, C, D, H, W): see `BatchNorm2d`."""

    ranks = (5,)


class _InstanceNorm(_Running):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        dtype: Any = np.float32,
        *,
        bias: bool = True,
    ) -> None:
        self._set(num_features, eps, momentum, affine, track_running_stats, dtype, bias)

    def _channel(self, shape: tuple[int, ...]) -> int:
        return 0 if len(shape) == min(self.ranks) else 1

    def forward(self, input: Any) -> Any:
        """The same shape."""
        shape = shape_of(input)
        self._check(shape)
        single = self._channel(shape) == 0
        y = functional.instance_norm(
            input[None] if single else input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            self.momentum,
            self.eps,
        )
        return y[0] if single else y


class InstanceNorm1d(_InstanceNorm):
    """Instance normalisation of sequences (N, C, L) or (C, L): see `InstanceNorm2d`."""

    ranks = 2, 3


class InstanceNorm2d(_InstanceNorm):
    """Each channel of each image (N, C, H, W) or (C, H, W) brought to mean 0 and variance 1 (Ulyanov et al., 2016).

    By default without weight and bias (`affine`) and without running statistics (`track_running_stats`).
    """

    ranks = 3, 4


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of volumes (N, C, D, H, W) or (C, D, H, W): see `InstanceNorm2d`."""

    ranks = 4, 5


class LayerNorm(_Scaled):
    """The last axes, which are of `normalized_shape`, brought to mean 0 and variance 1, then scaled and shifted.

    `weight` and `bias` are of `normalized_shape`. Each example is by itself, so train() and eval() are the same (Ba,
    Kiros and Hinton, 2016).

    >>> import nn, numpy as np
    >>> nn.LayerNorm(2, elementwise_affine=False)(np.array([[1.0, 3.0], [10.0, 30.0]])).round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        self.normalized_shape = _shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self._scale(self.normalized_shape, elementwise_affine, elementwise_affine and bias, dtype)

    def forward(self, input: Any) -> Any:
        """The same shape."""
        return functional.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The settings."""
        settings = f"eps={self.eps}, elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        return f"{self.normalized_shape}, {settings}"


class RMSNorm(_Scaled):
    """The last axes, which are of `normalized_shape`, divided by the root of their mean square, and then scaled.

    `eps` None is the smallest step of the input's precision at 1 (Zhang and Sennrich, 2019).
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        self.normalized_shape = _shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self._scale(self.normalized_shape, elementwise_affine, False, dtype)

    def forward(self, input: Any) -> Any:
        """The same shape."""
        return functional.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """The settings."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


def _shape(given: int | Sequence[int]) -> tuple[int, ...]:
    return (given,) if isinstance(given, int) else tuple(given)


class GroupNorm(_Scaled):
    """`num_groups` groups of channels of each example (N, C, ...) brought to mean 0 and variance 1 (Wu and He, 2018).

    Then each channel is scaled and shifted. It does not depend on the other examples of the batch, as BatchNorm does.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        dtype: Any = np.float32,
        *,
        bias: bool = True,
    ) -> None:
        if num_groups < 1 or num_channels % num_groups:
            raise ShapeError(f"GroupNorm({num_groups}, {num_channels}): the groups do not share out the channels.")
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self._scale(num_channels, affine, affine and bias, dtype)

    def forward(self, input: Any) -> Any:
        """The same shape."""
        shape = shape_of(input)
        if len(shape) < 2 or shape[1] != self.num_channels:
            raise ShapeError(f"GroupNorm got an input of shape {shape}: it wants (N, {self.num_channels}, ...).")
        return functional.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The settings."""
        settings = f"eps={self.eps}, affine={self.affine}, bias={self.bias is not None}"
        return f"{self.num_groups}, {self.num_channels}, {settings}"


class LocalResponseNorm(Module):
    """Each element divided by a power of the squares in `size` channels around it (Krizhevsky et al., 2012).

    y = x / (k + alpha · mean of the squares)ᵝ, for inputs (N, C, ...).
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Any) -> Any:
        """The same shape."""
        return functional.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """The settings."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class CrossMapLRN2d(LocalResponseNorm):
    """The old name of LocalResponseNorm for images."""

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> None:
        super().__init__(size, alpha, beta, k)
