"""L-BFGS: Newton's method with a curvature that is learned from the last steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import OperandError, Value, enable_grad
from nn.optim.flat import Flat
from nn.optim.line_search import Point, strong_wolfe
from nn.optim.optimizer import Optimizer
from nn.optim.setting import Setting
from nn.optim.state import refuse, regrouped, settings, split

__all__ = ["LBFGS"]


class LBFGS(Optimizer):
    """L-BFGS: for few parameters and a loss without noise it needs far fewer steps (Nocedal and Wright, 2006, 7.4).

    A step is up to `max_iter` iterations or `max_eval` evaluations of the loss (None: 1.25 max_iter), and ends early
    where no gradient is above `tolerance_grad`, or loss and parameters change by less than `tolerance_change`. The
    curvature is that of the last `history_size` iterations, which takes two arrays each. Each goes `lr` times the
    direction, or as far as a line search finds good with `line_search_fn="strong_wolfe"`.

    `step` needs a closure that computes the loss and its gradients, and returns its first loss. One group only.

    >>> import autograd, nn
    >>> x = autograd.Tensor([-1.5, 2.0])
    >>> optimizer = nn.optim.LBFGS([x], line_search_fn="strong_wolfe", max_iter=100)
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2  # Rosenbrock's valley
    ...     loss.backward()
    ...     return loss
    >>> _ = optimizer.step(closure); x.data.round(4)
    array([1., 1.])
    """

    max_iter, max_eval, tolerance_grad, tolerance_change, history_size, line_search_fn = (Setting() for _ in range(6))

    def __init__(
        self,
        params: Any,
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            max_iter=max_iter,
            max_eval=max_iter * 5 // 4 if max_eval is None else max_eval,
            tolerance_grad=tolerance_grad,
            tolerance_change=tolerance_change,
            history_size=history_size,
            line_search_fn=line_search_fn,
        )
        self._memory = Memory()

    def check(self, group: dict[str, Any]) -> None:
        """One direction for all parameters: one group."""
        if self.param_groups:
            raise ValueError("LBFGS takes one group: its direction is one of all parameters together.")

    def flatten(self, parameters: Sequence[Any]) -> list[Flat]:
        """No arrays for blocks: the closure changes the parameters many times a step."""
        return []

    # The parameters as one vector

    def _vector(self, parts: Sequence[Any]) -> ndarray:
        dtype = np.result_type(*(p.data for p in self.parameters))
        return np.concatenate([np.asarray(part, dtype).reshape(-1) for part in parts])

    def _gradient(self) -> ndarray:
        grads = [np.zeros_like(p.data) if p.grad is None else p.grad for p in self.parameters]
        return self._vector([getattr(g, "data", g) for g in grads])

    def _put(self, x: ndarray) -> None:
        at = 0
        for p in self.parameters:
            size = np.size(p.data)
            if isinstance(p, Value):
                p.data = x[at].item()
            else:
                p.data[...] = x[at : at + size].reshape(p.data.shape)
            at += size

    # Training

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Iterate as described above; the loss before it."""
        if closure is None:
            raise OperandError(
                "LBFGS.step needs a closure, a function that clears the gradients, computes the loss, calls its "
                "backward() and returns it: optimizer.step(closure)."
            )
        self.stepped = True
        group = self.param_groups[0]
        memory = self._memory
        evaluations = 0

        def evaluate() -> tuple[Any, float, ndarray]:
            nonlocal evaluations
            with enable_grad():
                result = closure()
            evaluations += 1
            return result, float(result), self._gradient()

        first, loss, g = evaluate()
        for iteration in range(1, group["max_iter"] + 1):
            if _largest(g) <= group["tolerance_grad"]:
                break
            d = memory.direction(g, group["history_size"])
            t = group["lr"] * (min(1.0, 1 / np.abs(g).sum().item()) if memory.n_iter == 1 else 1.0)
            slope, before, x = float(g @ d), loss, self._vector([p.data for p in self.parameters])
            memory.t, memory.prev_loss = t, before
            if slope > -group["tolerance_change"]:
                break
            if group["line_search_fn"]:

                def at(t: float, x: ndarray = x, d: ndarray = d) -> Point:
                    self._put(x + t * d)
                    _, loss, g = evaluate()
                    return Point(t, loss, g, float(g @ d))

                trials = group["max_eval"] - evaluations
                start = Point(0.0, loss, g, slope)
                t, loss, g, _ = strong_wolfe(at, start, t, _largest(d), trials, group["tolerance_change"])
                self._put(x + t * d)
            else:
                self._put(x + t * d)
                if iteration < group["max_iter"]:  # the last point is evaluated by the next step, on its data
                    _, loss, g = evaluate()
            memory.t = t
            small = _largest(t * d) <= group["tolerance_change"] or abs(loss - before) < group["tolerance_change"]
            if evaluations >= group["max_eval"] or small:
                break
        memory.func_evals += evaluations
        return first

    # State

    @property
    def state(self) -> dict[Any, dict[str, Any]]:
        """What is remembered of all parameters together, under the first of them."""
        return {self.parameters[0]: self._memory.arrays()} if self._memory.n_iter else {}

    def state_dict(self) -> dict[str, ndarray]:
        """Copies of settings and memory as arrays by name, `lr`, `0.n_iter`, `0.old_dirs`: what `numpy.savez` takes."""
        return settings(self) | {f"0.{name}": np.array(x) for name, x in self._memory.arrays().items()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue where another LBFGS of the same parameters stopped. All or nothing. Errors: StateError."""
        numbered, named = split(state_dict)
        (group,), problems = regrouped(self, named)
        found = {f"{i}.{name}": x for (i, name), x in numbered.items()}
        begun = "0.n_iter" in found and found["0.n_iter"].any()
        n = sum(np.size(p.data) for p in self.parameters) if begun else 0
        rows = len(found.get("0.old_dirs", np.zeros((0, n))))
        shapes = {f"0.{name}": shape for name, shape in Memory().shapes(rows, n).items()}
        problems += [f"{name} is missing" for name in shapes if name not in found]
        for name, x in found.items():
            if name not in shapes:
                problems.append(f"there is no place for {name}")
            elif x.shape != shapes[name] or x.dtype.kind not in "fiu":
                problems.append(f"{name} has shape {x.shape} and dtype {x.dtype}; here it must have {shapes[name]}")
        refuse(self, problems)
        self.param_groups[0].update(group)
        self._memory = Memory.of({name: x for (_, name), x in numbered.items()})


class Memory:
    """What L-BFGS remembers of its past, by PyTorch's names.

    | attribute | what it is |
    |---|---|
    | `n_iter`, `func_evals` | how many iterations and evaluations there have been |
    | `d`, `t` | the last direction, and how far it was gone |
    | `old_stps`, `old_dirs` | of recent iterations, the change of the parameters, s, and of the gradient, y |
    | `H_diag` | the inverse curvature where nothing is known of it: s · y / y · y of the last |
    | `prev_flat_grad`, `prev_loss` | gradient and loss where the last direction began |
    """

    def __init__(self) -> None:
        self.n_iter = self.func_evals = 0
        self.t = self.H_diag = 1.0
        self.prev_loss = 0.0
        self.d = self.prev_flat_grad = np.zeros(0)
        self.old_dirs: list[ndarray] = []
        self.old_stps: list[ndarray] = []

    def direction(self, g: ndarray, history_size: int) -> ndarray:
        """Where to go from a point with gradient g: -H g, with the inverse curvature H of the recent iterations."""
        self.n_iter += 1
        if self.n_iter > 1:
            y, s = g - self.prev_flat_grad, self.d * self.t
            product = float(y @ s)
            if product > 1e-10:  # else the curvature is not positive, and says nothing of a minimum
                full = max(0, len(self.old_dirs) - history_size + 1)
                del self.old_dirs[:full], self.old_stps[:full]
                self.old_dirs.append(y)
                self.old_stps.append(s)
                self.H_diag = product / float(y @ y)
        d = -g
        pairs = [(y, s, 1 / float(y @ s)) for y, s in zip(self.old_dirs, self.old_stps)]
        shares = []
        for y, s, rho in reversed(pairs):
            shares.append(float(s @ d) * rho)
            d -= shares[-1] * y
        d *= self.H_diag
        for (y, s, rho), share in zip(pairs, reversed(shares)):
            d += (share - float(y @ d) * rho) * s
        self.d, self.prev_flat_grad = d, g.copy()
        return d

    def arrays(self) -> dict[str, Any]:
        """Copies of it all by name; the lists as arrays with one row for each."""
        found = {name: np.array(x) for name, x in vars(self).items()}
        return {name: x.reshape(len(x), self.d.size) if name in LISTS else x for name, x in found.items()}

    def shapes(self, rows: int, n: int) -> dict[str, tuple[int, ...]]:
        """The shapes of these arrays, for n parameters and so many recent iterations."""
        lists = dict.fromkeys(LISTS, (rows, n))
        return {**dict.fromkeys(vars(self), ()), "d": (n,), "prev_flat_grad": (n,), **lists}

    @staticmethod
    def of(arrays: Mapping[str, ndarray]) -> Memory:
        """The memory with these arrays."""
        memory = Memory()
        for name, x in arrays.items():
            setattr(memory, name, list(x.copy()) if name in LISTS else x.copy() if x.ndim else x.item())
        return memory


LISTS = ("old_dirs", "old_stps")


def _largest(x: ndarray) -> float:
    return float(np.abs(x).max(initial=0.0))
