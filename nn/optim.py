"""Optimizers: what moves the parameters against their gradients. PyTorch's names, arguments and formulas."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy import ndarray

from autograd import Node, OperandError, Value
from nn.flat import Flat, FlatValues
from nn.module import StateError


class Optimizer:
    """The parent of all optimizers; a subclass says how one stretch of elements moves, in `_move`.

    The parameters are Tensors and Values that the user made (`model.parameters()`). A Tensor whose `grad` is None
    stays where it is. The settings (`lr`, ...) are attributes and may be changed between steps.
    """

    settings: ClassVar[tuple[str, ...]] = ("lr",)

    def __init__(self, parameters: Iterable[Any], lr: float) -> None:
        self.lr = _not_negative(lr=lr)
        if isinstance(parameters, Node):
            raise OperandError(f"{type(self).__name__} takes a list of parameters: write [tensor] for a single one.")
        self.parameters = list(dict.fromkeys(_leaf(p) for p in parameters))
        if not self.parameters:
            raise ValueError(
                f"{type(self).__name__} got no parameters: the model has none, or a generator was given that had been "
                "used up.\n  Give a list: list(model.parameters())."
            )
        kinds: dict[Any, list[Any]] = defaultdict(list)
        for p in self.parameters:
            kinds[Value if isinstance(p, Value) else p.dtype].append(p)
        self._flats = [FlatValues(ps) if kind is Value else Flat(ps) for kind, ps in kinds.items()]

    def step(self) -> None:
        """Move every parameter that has a gradient, in place. Its array stays the same object."""
        for flat in self._flats:
            for at, step in flat.advance(self._scale()):
                self._move(flat, at, step)
            flat.spread()

    def zero_grad(self) -> None:
        """Forget all gradients: those of Tensors become None, those of Values 0.0."""
        for p in self.parameters:
            p.grad = 0.0 if isinstance(p, Value) else None

    def _scale(self) -> float:
        """What `_move` wants the gradients multiplied by: it costs nothing where they are copied anyway."""
        return 1.0

    def _move(self, flat: Flat, at: slice, step: int) -> None:
        """Change `flat.data[at]` in step number `step` (from 1), given `flat.grad[at]`, which may be overwritten."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, ndarray]:
        """Copies of settings and momenta as arrays by name, `lr`, `0.step`, `0.exp_avg`: what `numpy.savez` takes.

        The numbers are those of the parameters, in the order in which they were given.
        """
        state = {name: np.array(getattr(self, name)) for name in self.settings}
        for i, (flat, k) in enumerate(self._places()):
            state[f"{i}.step"] = np.array(flat.steps[k])
            for name, array in flat.states.items():
                state[f"{i}.{name}"] = flat.views(array)[k].copy()
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where another optimizer of the same kind and the same parameters stopped. All or nothing.

        Errors: StateError when settings or parameters are missing, or shapes differ.
        """
        places = list(self._places())
        missing = [name for name in (*self.settings, *(f"{i}.step" for i in range(len(places)))) if name not in state]
        if missing:
            raise StateError(f"the state does not fit this {type(self).__name__}: it lacks {', '.join(missing)}.")
        moves: list[tuple[Flat, int, str, ndarray]] = []
        for key, given in state.items():
            number, _, name = key.partition(".")
            if key in self.settings or name == "step":
                continue
            array = np.asarray(given)
            if not number.isdecimal() or int(number) >= len(places):
                raise StateError(f"the state does not fit this {type(self).__name__}: it has no place for {key}.")
            shape = np.shape(self.parameters[int(number)].data)
            if array.shape != shape:
                raise StateError(f"{key} has shape {array.shape}, and the parameter has {shape}.")
            moves.append((*places[int(number)], name, array))
        for name in self.settings:
            setattr(self, name, _number(np.asarray(state[name]).tolist()))
        for i, (flat, k) in enumerate(places):
            flat.steps[k] = int(state[f"{i}.step"])
            for array in flat.states.values():
                array[flat.slices[k]] = 0
        for flat, k, name, array in moves:
            flat.views(flat.state(name))[k][...] = array

    def _places(self) -> list[tuple[Flat, int]]:
        """In which flat array each parameter is, and under which number."""
        found = {p: (flat, k) for flat in self._flats for k, p in enumerate(flat.parameters)}
        return [found[p] for p in self.parameters]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)}' for name in self.settings)})"


class SGD(Optimizer):
    """Stochastic gradient descent: p -= lr · g, with momentum p -= lr · b where b = momentum · b + (1 - dampening) · g.

    In the first step b is g itself. `nesterov` moves by g + momentum · b, and `weight_decay` adds its multiple of p
    to the gradient (Sutskever et al., 2013, as PyTorch writes it).

    >>> import autograd, nn
    >>> w = autograd.Tensor([1.0, 2.0])
    >>> optimizer = nn.optim.SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step(); w.data
    array([0.8, 1.6])
    """

    settings = ("lr", "momentum", "dampening", "weight_decay", "nesterov")

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(parameters, lr)
        self.momentum = _not_negative(momentum=momentum)
        self.dampening = dampening
        self.weight_decay = _not_negative(weight_decay=weight_decay)
        self.nesterov = nesterov
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError(
                f"SGD: nesterov needs a momentum above 0 and no dampening, and got momentum={momentum}, "
                f"dampening={dampening}."
            )

    def _move(self, flat: Flat, at: slice, step: int) -> None:
        p, g = flat.data[at], flat.grad[at]
        if self.weight_decay:
            _add_multiple(g, self.weight_decay, p, flat.spare[at])
        if self.momentum:
            b = flat.state("momentum_buffer")[at]
            if step == 1:
                b[...] = g
            else:
                b *= self.momentum
                _add_multiple(b, 1 - self.dampening, g, flat.spare[at])
            if self.nesterov:
                _add_multiple(g, self.momentum, b, flat.spare[at])
            else:
                g[...] = b
        g *= self.lr
        p -= g


class Adam(Optimizer):
    """Adam: each element moves by about `lr` a step, whatever the size of its gradient (Kingma and Ba, 2015).

    With m and v the running means of g and g², and t the number of the step:

        m = β₁ m + (1 - β₁) g        v = β₂ v + (1 - β₂) g²
        p -= lr · m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + eps)

    `weight_decay` adds its multiple of p to the gradient.

    >>> import autograd, nn
    >>> w = autograd.Tensor([1.0, 200.0])
    >>> optimizer = nn.optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step(); w.data.round(6)
    array([  0.9, 199.9])
    """

    settings = ("lr", "betas", "eps", "weight_decay")

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr)
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"Adam: betas must be at least 0 and below 1, and are {betas}.")
        self.betas = betas
        self.eps = _not_negative(eps=eps)
        self.weight_decay = _not_negative(weight_decay=weight_decay)

    def _scale(self) -> float:
        return 1 - self.betas[0]

    def _move(self, flat: Flat, at: slice, step: int) -> None:
        p, g = flat.data[at], flat.grad[at]
        m, v = flat.state("exp_avg")[at], flat.state("exp_avg_sq")[at]
        beta1, beta2 = self.betas
        correction = math.sqrt(1 - beta2**step)
        # The array g holds one product after the other: first (1 - β₁) g, which is how it comes.
        if self.weight_decay:
            _add_multiple(g, self.weight_decay * (1 - beta1), p, flat.spare[at])
        m *= beta1
        m += g
        g *= g
        g *= (1 - beta2) / (1 - beta1) ** 2
        v *= beta2
        v += g
        np.sqrt(v, out=g)
        g += self.eps * correction
        np.divide(m, g, out=g)
        g *= self.lr * correction / (1 - beta1**step)
        p -= g


def _add_multiple(out: ndarray, factor: float, x: ndarray, spare: ndarray) -> None:
    """out += factor · x, without making a new array."""
    np.multiply(x, factor, out=spare)
    out += spare


def _leaf(p: Any) -> Any:
    if not isinstance(p, Node) or not p.is_leaf:
        raise OperandError(
            f"an optimizer moves Tensors and Values that you made, and got {p!r}.\n"
            "  Give model.parameters(), or a list of them."
        )
    return p


def _not_negative(**setting: float) -> float:
    ((name, x),) = setting.items()
    if not x >= 0:
        raise ValueError(f"{name} must not be negative, and is {x}.")
    return x


def _number(x: Any) -> Any:
    return tuple(x) if isinstance(x, list) else x
