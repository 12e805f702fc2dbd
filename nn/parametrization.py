"""Parametrizations: a parameter that is computed from others each time it is read, as PyTorch has them.

`weight_norm` splits a weight into lengths and directions, `spectral_norm` divides it by its largest singular value. The
names of the state are PyTorch's: `parametrizations.weight.original0`, `parametrizations.weight.0._u`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from autograd import OperandError, ShapeError
from nn.container import ModuleDict
from nn.module import Module
from nn.parameter import Parameter
from nn.random import generator

__all__ = [
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "spectral_norm",
    "weight_norm",
]


class ParametrizationList(Module):
    """What a parameter starts from, `original`, or `original0` and so on; and the modules 0, 1, ... that make it."""

    def __init__(self, module: Module, original: Any) -> None:
        parts = {"original": original}
        if isinstance(original, tuple):
            parts = {f"original{i}": part for i, part in enumerate(original)}
        self._names = list(parts)
        for name, part in parts.items():
            setattr(self, name, part)
        setattr(self, "0", module)

    def _steps(self) -> list[Any]:
        return [thing for name, thing in vars(self).items() if name.isdecimal()]

    def append(self, module: Module) -> None:
        """One more, which goes on from what the others have made."""
        setattr(self, str(len(self._steps())), module)

    def pop(self) -> None:
        """Take the last one away."""
        delattr(self, str(len(self._steps()) - 1))

    def forward(self) -> Any:
        """The parameter, computed anew."""
        first, *rest = self._steps()
        x = first(*(getattr(self, name) for name in self._names))
        for module in rest:
            x = module(x)
        return x


def register_parametrization(module: Module, tensor_name: str, parametrization: Module) -> Module:
    """From now on `module.<tensor_name>` is `parametrization(original)`, and the original is what is trained.

    A parametrization with a method `right_inverse` chooses the original (or a tuple of several) so that the parameter
    starts as what it is; without one the original is the parameter itself. Several go one after the other.

    Errors: OperandError when the module has no parameter of that name; ShapeError when the shape would change.

    >>> import nn, autograd
    >>> class Positive(nn.Module):
    ...     def forward(self, x):
    ...         return autograd.exp(x)
    ...     def right_inverse(self, y):
    ...         return autograd.log(y)
    >>> layer = nn.Linear(2, 2)
    >>> layer.weight.data[...] = 3.0
    >>> nn.parametrization.register_parametrization(layer, "weight", Positive()).weight.data.round(6)
    array([[3., 3.],
           [3., 3.]], dtype=float32)
    """
    if is_parametrized(module, tensor_name):
        found: Any = module.parametrizations[tensor_name]  # type: ignore[attr-defined]
        shape = np.shape(getattr(module, tensor_name))
        found.append(parametrization)
        if np.shape(getattr(module, tensor_name)) != shape:
            found.pop()
            raise ShapeError(f"{type(parametrization).__name__} changes the shape of {tensor_name}, which is {shape}.")
        return module
    parameter = vars(module).get(tensor_name)
    if not isinstance(parameter, Parameter):
        names = [name for name, thing in vars(module).items() if isinstance(thing, Parameter)]
        raise OperandError(
            f"{type(module).__name__} has no parameter {tensor_name!r}: it has {', '.join(names) or 'none'}."
        )
    invert = getattr(parametrization, "right_inverse", None)
    with autograd.no_grad():
        original: Any = parameter if invert is None else invert(parameter.detach())
    many = isinstance(original, tuple)
    parts = tuple(
        part if part is parameter else Parameter(getattr(part, "data", part), requires_grad=parameter.requires_grad)
        for part in (original if many else (original,))
    )
    made = ParametrizationList(parametrization, parts if many else parts[0])
    if np.shape(made()) != parameter.shape:
        raise ShapeError(
            f"{type(parametrization).__name__} makes {np.shape(made())} of {tensor_name}, which has shape "
            f"{parameter.shape}: a parametrization keeps the shape."
        )
    delattr(module, tensor_name)
    if "parametrizations" not in vars(module):
        kind = type(module)
        name = f"Parametrized{kind.__name__}"
        module.__class__ = type(name, (kind,), {"__module__": kind.__module__, "__reduce_ex__": _reduced})
        module.parametrizations = ModuleDict({})  # type: ignore[attr-defined]
    module.parametrizations[tensor_name] = made  # type: ignore[attr-defined]
    setattr(type(module), tensor_name, _computed(tensor_name))
    return module


def _computed(name: str) -> property:
    return property(lambda self: self.parametrizations[name]())


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a parameter of this name is computed from others; without a name, whether any is."""
    found = vars(module).get("parametrizations")
    return found is not None and (tensor_name is None or tensor_name in found)


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Make it an ordinary parameter again: with the number that it has now, or, if it has one, the original."""
    if not is_parametrized(module, tensor_name):
        raise OperandError(f"{tensor_name!r} of this {type(module).__name__} is no parametrized parameter.")
    found: Any = module.parametrizations[tensor_name]  # type: ignore[attr-defined]
    if not leave_parametrized and not hasattr(found, "original"):
        raise OperandError(f"{tensor_name} has several originals: only what is made of them can be left.")
    with autograd.no_grad():
        number = getattr(module, tensor_name) if leave_parametrized else found.original
    del module.parametrizations[tensor_name]  # type: ignore[attr-defined]
    delattr(type(module), tensor_name)
    if not module.parametrizations:  # type: ignore[attr-defined]
        del module.parametrizations  # type: ignore[attr-defined]
        module.__class__ = type(module).__bases__[0]
    setattr(module, tensor_name, Parameter(number.data))
    return module


def _reduced(self: Module, protocol: Any) -> Any:
    """How copies and pickles are made of a module whose class was made for it alone."""
    kind = type(self).__bases__[0]
    return _rebuilt, (kind, [*vars(self)["parametrizations"]]), vars(self)


def _rebuilt(kind: type[Module], names: list[str]) -> Module:
    body: dict[str, Any] = {"__module__": kind.__module__, "__reduce_ex__": _reduced}
    body |= {name: _computed(name) for name in names}
    made: Module = object.__new__(type(f"Parametrized{kind.__name__}", (kind,), body))
    return made


# Those that people reach for


class _WeightNorm(Module):
    def __init__(self, dim: int | None) -> None:
        self.dim = dim

    def forward(self, g: Any, v: Any) -> Any:
        return v * (g / _length(v, self.dim))

    def right_inverse(self, weight: Any) -> Any:
        return _length(weight, self.dim), weight


def _length(v: Any, dim: int | None) -> Any:
    """The length of each slice along an axis, or of the whole, with as many axes as v."""
    if dim is None:
        return autograd.linalg.norm(autograd.ravel(v))
    axes = tuple(k for k in range(v.ndim) if k != dim % v.ndim)
    return autograd.sqrt(autograd.square(v).sum(axes, True))


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Train length and direction of a weight apart: weight = g v / |v| (Salimans and Kingma, 2016).

    Slices along axis `dim` have lengths of their own, those of output units by default; None is one length for all.
    `original0` is g, `original1` is v. Changes the module and returns it.

    >>> import nn
    >>> layer = nn.weight_norm(nn.Linear(3, 2))
    >>> [(name, p.shape) for name, p in layer.named_parameters() if "weight" in name]
    [('parametrizations.weight.original0', (2, 1)), ('parametrizations.weight.original1', (2, 3))]
    """
    return register_parametrization(module, name, _WeightNorm(dim))


class _SpectralNorm(Module):
    _u: ndarray
    _v: ndarray

    def __init__(self, weight: ndarray, n_power_iterations: int, dim: int, eps: float) -> None:
        self.n_power_iterations = n_power_iterations
        self.dim = dim
        self.eps = eps
        if weight.ndim > 1:
            matrix = self._matrix(weight)
            u, v = (_unit(generator().standard_normal(n), eps) for n in matrix.shape)
            for _ in range(15):  # near enough to begin with
                u, v = self._iterated(matrix, u, v)
            self.register_buffer("_u", u.astype(weight.dtype))
            self.register_buffer("_v", v.astype(weight.dtype))

    def _matrix(self, weight: Any) -> Any:
        """Axis dim first, all others as one."""
        order = (self.dim, *(k for k in range(weight.ndim) if k != self.dim))
        return autograd.reshape(autograd.transpose(weight, order), (weight.shape[self.dim], -1))

    def _iterated(self, matrix: ndarray, u: ndarray, v: ndarray) -> tuple[ndarray, ndarray]:
        u = _unit(matrix @ v, self.eps)
        return u, _unit(matrix.T @ u, self.eps)

    def forward(self, weight: Any) -> Any:
        if weight.ndim == 1:
            return weight / autograd.maximum(autograd.linalg.norm(weight), self.eps)
        matrix = self._matrix(weight)
        if self.training:
            plain = getattr(matrix, "data", matrix)
            for _ in range(self.n_power_iterations):
                u, v = self._iterated(plain, self._u, self._v)
                self._u[...], self._v[...] = u, v
        return weight / (self._u.copy() @ (matrix @ self._v.copy()))


def _unit(x: ndarray, eps: float) -> ndarray:
    found: ndarray = x / max(float(np.linalg.norm(x)), eps)
    return found


def spectral_norm(
    module: Module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Module:
    """Divide a weight by its largest singular value, so that the layer stretches nothing (Miyato et al., 2018).

    The value is found by power iteration, `n_power_iterations` steps each time the weight is read while training; the
    vectors are kept as buffers `_u` and `_v`. Axis `dim` counts as the rows: 0, and 1 of transposed convolutions.
    Changes the module and returns it.

    >>> import nn, numpy as np
    >>> nn.manual_seed(0)
    >>> layer = nn.spectral_norm(nn.Linear(3, 2)).eval()
    >>> bool(abs(np.linalg.norm(layer.weight.data, 2) - 1) < 1e-3)
    True
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Parameter):
        raise OperandError(f"{type(module).__name__} has no parameter {name!r}.")
    if n_power_iterations < 1:
        raise OperandError(f"spectral_norm: n_power_iterations must be positive, and is {n_power_iterations}.")
    if dim is None:
        dim = 1 if type(module).__name__.startswith("ConvTranspose") else 0
    return register_parametrization(module, name, _SpectralNorm(weight.data, n_power_iterations, dim, eps))
