"""Scalers: numbers of all sizes brought to a common scale, and back.

What a scaler knows comes from the training data alone; the test data, and all that is to come, are scaled with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy import ndarray

from autograd import Node, OperandError, ShapeError
from nn.functional.refusal import refuse
from nn.state import StateError

__all__ = ["MinMaxScaler", "StandardScaler", "normalize", "standardize"]


class _Scaler:
    """What is learned by `fit` are two arrays: y = (x - offset) / scale."""

    _settings: ClassVar[tuple[str, ...]] = ("axis",)

    def __init__(self, axis: int | tuple[int, ...] = 0) -> None:
        self.axis = axis
        self.offset: ndarray | None = None
        self.scale: ndarray | None = None

    def _measure(self, x: ndarray) -> tuple[ndarray, ndarray]:
        """Offset and scale of finite float64 data, where the axes are kept with length 1."""
        raise NotImplementedError

    def fit(self, x: Any) -> Self:
        """Learn from the training data: any shape with the axes of the scaler. Returns the scaler itself."""
        array = np.asarray(x.data if isinstance(x, Node) else x)
        if array.dtype.kind not in "biuf":
            refuse(OperandError, f"{type(self).__name__} takes real numbers, and got {array.dtype}.")
        if not array.size:
            refuse(ShapeError, f"{type(self).__name__} cannot learn from no data, an array {array.shape}.")
        array = array.astype(np.float64)
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            refuse(
                OperandError,
                f"{type(self).__name__}: {len(bad)} of {array.size} numbers are not finite, the first is "
                f"x[{', '.join(map(str, bad[0]))}] = {array[tuple(bad[0])]}.",
                "Fill them in or leave these examples out: x = x[np.isfinite(x).all(axis=1)].",
            )
        self.offset, scale = self._measure(array)
        self.scale = np.where(scale > 0, scale, 1.0)  # what is constant becomes 0, or the lower end
        return self

    def transform(self, x: Any) -> Any:
        """Scaled: an array or Tensor of the same shape and dtype (float32 for whole numbers)."""
        offset, scale = self._learned(x)
        return (_real(x) - offset) / scale

    def inverse_transform(self, y: Any) -> Any:
        """Back to what was before: for predictions of a scaled quantity."""
        offset, scale = self._learned(y)
        return _real(y) * scale + offset

    def fit_transform(self, x: Any) -> Any:
        """`fit`, and then `transform` of the same."""
        return self.fit(x).transform(x)

    __call__ = transform
    inverse = inverse_transform

    def _learned(self, x: Any) -> tuple[ndarray, ndarray]:
        """Offset and scale in the dtype of x."""
        if self.offset is None or self.scale is None:
            refuse(StateError, f"this {type(self).__name__} has not learned yet.", "First fit(x_train).")
        shape, dtype = np.shape(_real(x)), _real(x).dtype
        try:
            fits = np.broadcast_shapes(shape, self.offset.shape) == shape
        except ValueError:
            fits = False
        if not fits:
            refuse(
                ShapeError,
                f"{type(self).__name__} has learned numbers of shape {self.offset.shape}, and got an array {shape}.",
            )
        return self.offset.astype(dtype), self.scale.astype(dtype)

    def state_dict(self) -> dict[str, ndarray]:
        """What was learned, as arrays by name, which `nn.save` takes beside a model; nothing before `fit`."""
        if self.offset is None or self.scale is None:
            return {}
        return {"offset": self.offset.copy(), "scale": self.scale.copy()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Know what another scaler learned."""
        if not isinstance(state_dict, Mapping) or {*state_dict} not in ({"offset", "scale"}, set()):
            raise StateError(f"a scaler's state has an offset and a scale, and this is {state_dict!r:.80}.")
        learned = [np.array(state_dict[name], np.float64) for name in ("offset", "scale") if state_dict]
        self.offset, self.scale = learned or (None, None)

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._settings)
        return f"{type(self).__name__}({settings})"


class StandardScaler(_Scaler):
    """Mean 0 and standard deviation 1, of each feature; what is constant becomes 0.

    `axis` says over what the mean is taken: 0, the examples, gives each feature its own; (0, 2, 3), for images
    (N, C, H, W), each channel.

    >>> import nn, numpy as np
    >>> x = np.array([[1.0, 100.0], [3.0, 300.0]])
    >>> scaler = nn.data.StandardScaler().fit(x)
    >>> scaler.transform(x)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> scaler.inverse_transform([[0.0, 2.0]])
    array([[  2., 400.]])

    Errors: OperandError for numbers that are not finite; StateError before `fit`.
    """

    def _measure(self, x: ndarray) -> tuple[ndarray, ndarray]:
        mean, std = x.mean(self.axis, keepdims=True), x.std(self.axis, keepdims=True)
        return mean, np.where(std > 1e-12 * np.abs(mean), std, 0)  # less is the rounding of a constant's mean


class MinMaxScaler(_Scaler):
    """From the least to the largest, each feature goes from 0 to 1, or from end to end of `feature_range`.

    What comes later may be beyond. A constant becomes the lower end.

    >>> import nn, numpy as np
    >>> nn.data.MinMaxScaler((-1, 1)).fit_transform(np.array([[1.0], [2.0], [5.0]])).ravel()
    array([-1. , -0.5,  1. ])
    """

    _settings = ("feature_range", "axis")

    def __init__(self, feature_range: tuple[float, float] = (0, 1), axis: int | tuple[int, ...] = 0) -> None:
        super().__init__(axis)
        self.feature_range = feature_range
        if not feature_range[0] < feature_range[1]:
            refuse(OperandError, f"feature_range={feature_range}: the first is below the second.")

    def _measure(self, x: ndarray) -> tuple[ndarray, ndarray]:
        (low, high), least = self.feature_range, x.min(self.axis, keepdims=True)
        span = x.max(self.axis, keepdims=True) - least
        scale = np.where(span > 0, span, 1.0) / (high - low)
        return least - low * scale, scale


def standardize(x: Any, axis: int | tuple[int, ...] = 0) -> StandardScaler:
    """A `StandardScaler` that has learned from x: call it to scale, and its `inverse` to go back.

    >>> import nn, numpy as np
    >>> x_train, x_test = np.array([[0.0], [4.0]]), np.array([[6.0]])
    >>> scale = nn.data.standardize(x_train)
    >>> scale(x_test), scale.inverse(scale(x_test))
    (array([[2.]]), array([[6.]]))
    """
    return StandardScaler(axis).fit(x)


def normalize(x: Any, feature_range: tuple[float, float] = (0, 1), axis: int | tuple[int, ...] = 0) -> MinMaxScaler:
    """A `MinMaxScaler` that has learned from x: call it to scale, and its `inverse` to go back."""
    return MinMaxScaler(feature_range, axis).fit(x)


def _real(x: Any) -> Any:
    """Numbers with a floating dtype; a Tensor stays one."""
    array: Any = x if isinstance(x, Node) else np.asarray(x)
    return array if array.dtype.kind == "f" else array.astype(np.float32)
