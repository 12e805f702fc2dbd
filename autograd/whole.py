"""Whole: a function of the user's with a rule for the whole of it, a vjp, a jvp, or a numerical derivative.

One rule is enough. Both are linear maps, each the transpose of the other, and the engine transposes linear maps: the
reverse sweep through t ↦ jvp(t) is the vjp, and the reverse sweep through g ↦ vjp(g) is the jvp (Townsend, 2017).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy import ndarray

import autograd.numerical as numerical
import autograd.transform as transform
from autograd.bundle import Bundle, as_node, is_float
from autograd.contract import Rule, gradients, reason, result, tangents
from autograd.errors import GradientError, OperandError, describe, place
from autograd.node import Node
from autograd.numerical import CENTRAL
from autograd.opaque import Layout, Opaque, as_array, differentiated, each_cotangent, each_example, record, zero
from autograd.operand import plain
from autograd.primitive import is_batched
from autograd.symbol import Symbol

Function = Callable[..., Any]

_OPERANDS = (Node, ndarray, int, float, np.number)


class Whole(Opaque):
    """A function that is simply run on plain numbers and arrays, and put into the graph as one node."""

    reverse: Rule | None = None
    forward: Rule | None = None

    def __init__(self, body: Rule, operands: Sequence[str], rest: str = "") -> None:
        super().__init__(body, None, body.function)
        self.body = body
        self.operands = operands  # what they are called,
        self.rest = rest  # and what those beyond them are

    def names(self, count: int) -> list[str]:
        """What so many operands are called."""
        return [*self.operands, *(f"{self.rest}[{i}]" for i in range(count - len(self.operands)))][:count]

    def __call__(self, *args: Any, **params: Any) -> Any:
        if any(isinstance(x, Symbol) for x in args):
            return super().__call__(*args, **params)
        if any(map(is_batched, args)):
            return each_example(partial(self, **params), args)
        args = tuple(map(as_array, args))
        layout = Layout(args, _OPERANDS)
        operands = layout.operands(args)
        for x in operands:
            if getattr(getattr(x, "dtype", None), "kind", "f") not in "fiub":
                raise OperandError(f"{self.name} needs real numbers, and got {describe(x)}.{place()}")
        numbers = list(map(plain, operands))
        found = self.body(*layout.fill(numbers), **params)
        several = isinstance(found, tuple)
        found = tuple(result(self.body, y, numbers) for y in (found if several else (found,)))
        if not any(isinstance(x, Node) for x in operands):
            found = tuple(y[()] if isinstance(y, ndarray) else y for y in found)
        elif not differentiated(operands) or not any(map(is_float, found)):
            found = tuple(map(as_node, found))
        else:
            if layout.between:
                params["layout"] = layout
            if several:
                params["bundle"] = Bundle(found)
            return record(self, operands, params, found if several else found[0], params.get("bundle"))
        return found if several else found[0]

    def pull(self, g: Any, y: Any, args: Sequence[Any], wanted: Sequence[bool], params: Any) -> list[Any]:
        """The vjp: the user's, the transpose of their jvp, or a numerical one."""
        if is_batched(g):
            return each_cotangent(self.pull, g, y, args, wanted, params)
        call = _Call(y, args, params)
        gs = [zero(plain(y)) if i in call.beside else part for i, (part, y) in enumerate(zip(call.parts(g), call.ys))]
        wanted = call.layout.fill(wanted, between=False)
        if self.method:
            found = self._pull_nearby(gs, call, wanted)
        elif self.reverse is not None:
            returned = self.reverse(*gs, call.y, *call.args, **call.params)
            found = gradients(self.reverse, returned, gs, call.args, wanted, self.names(len(wanted)))
        else:
            found = self._pull_transposed(gs, call, wanted)
        return call.layout.operands(found)

    def push(self, arriving: Sequence[Any], y: Any, args: Sequence[Any], params: Any) -> Any:
        """The jvp: the user's, the transpose of their vjp, or a numerical one."""
        call = _Call(y, args, params)
        ts = call.layout.fill(arriving, between=None)
        if self.method:
            found = self._push_nearby(ts, call)
        elif self.forward is not None:
            found = self._push_given(ts, call)
        else:
            found = self._push_transposed(ts, call)
        return call.whole(found)

    def _push_given(self, ts: Sequence[Any], call: _Call) -> tuple[Any, ...]:
        assert self.forward is not None
        filled = [zero(plain(x)) if t is None else t for t, x in zip(ts, call.args, strict=True)]
        returned = self.forward(*filled, call.y, *call.args, **call.params)
        return tangents(self.forward, returned, filled, call.ys, call.beside)

    # The transpose of the other rule

    def _pull_transposed(self, gs: Sequence[Any], call: _Call, wanted: Sequence[bool]) -> list[Any]:
        slots = [i for i, want in enumerate(wanted) if want]

        def forward(*ts: Any) -> tuple[Any, ...]:
            known = dict(zip(slots, ts, strict=True))
            return self._push_given([known.get(i) for i in range(len(wanted))], call)

        zeros = [zero(plain(call.args[i])) for i in slots]
        found = dict(zip(slots, transpose(forward, zeros, gs, f"{self.name} has no vjp"), strict=True))
        return [found.get(i) for i in range(len(wanted))]

    def _push_transposed(self, ts: Sequence[Any], call: _Call) -> tuple[Any, ...]:
        assert self.reverse is not None
        rule, moved = self.reverse, [t is not None for t in ts]

        def reverse(*gs: Any) -> tuple[Any, ...]:
            returned = rule(*gs, call.y, *call.args, **call.params)
            found = gradients(rule, returned, gs, call.args, moved, self.names(len(ts)))
            return tuple(g for g in found if g is not None)

        zeros = [zero(plain(y)) for y in call.ys]
        return transpose(reverse, zeros, [t for t in ts if t is not None], f"{self.name} has no jvp")

    # Numerically

    def _pull_nearby(self, gs: Sequence[Any], call: _Call, wanted: Sequence[bool]) -> list[Any]:
        slots = [i for i, want in enumerate(wanted) if want]

        def compute(*xs: Any) -> tuple[Any, ...]:
            cotangents, args = xs[: len(gs)], xs[len(gs) :]
            found = numerical.pull(self.method, self.name, self._bound(call.params), cotangents, args, wanted)
            return tuple(_like(found[i], args[i]) for i in slots)

        found = dict(zip(slots, self._nearby(compute, [*gs, *call.args]), strict=True))
        return [found.get(i) for i in range(len(wanted))]

    def _push_nearby(self, ts: Sequence[Any], call: _Call) -> tuple[Any, ...]:
        def compute(*xs: Any) -> tuple[Any, ...]:
            given, args = xs[: len(ts)], xs[len(ts) :]
            found = numerical.push(self.method, self.name, self._bound(call.params), args, given)
            return tuple(_like(t, plain(y)) for t, y in zip(found, call.ys, strict=True))

        return self._nearby(compute, [*ts, *call.args])

    def _nearby(self, compute: Any, xs: Sequence[Any]) -> tuple[Any, ...]:
        """A numerical derivative; of nodes as a node, which then is differentiated in the same way."""
        if not any(isinstance(x, Node) for x in xs):
            return compute(*xs)  # type: ignore[no-any-return]
        again = Whole(Rule(compute, f"∂{self.name}"), [], "x")
        again.method, again.notation = CENTRAL, f"∂{self.name}, {self.method}"
        return again(*xs)  # type: ignore[no-any-return]

    def _bound(self, params: Mapping[str, Any]) -> Any:
        return lambda *args: self.body(*args, **params)


def transpose(linear: Function, like: Sequence[Any], given: Sequence[Any], why: str) -> tuple[Any, ...]:
    """The transpose of a linear function, which takes arguments like these, applied to one array for each result.

    That it is one is checked, at no cost, by what makes it one: ⟨given, linear(x)⟩ = ⟨transpose(given), x⟩.

    Errors: GradientError, which says `why` the transpose was asked for, when the function does not have it.
    """
    xs = [_probe(x) for x in like]
    try:
        results, pull = transform.vjp(linear, *xs)
        found = pull(tuple(given))
    except GradientError as error:
        _, *rest = str(error).split("\n")
        what = f"{why}, and none follows from its other rule: {reason(error)}."
        raise GradientError("\n".join([what, *rest])) from None
    left, right = ([_number(a) * _number(b) for a, b in zip(u, v)] for u, v in ((given, results), (found, xs)))
    size = sum(float(np.sum(np.abs(product))) for product in (*left, *right))
    rounding = max(_ROUNDING[np.asarray(x).dtype] for x in xs)
    if abs(sum(map(np.sum, left)) - sum(map(np.sum, right))) > rounding * size:
        raise GradientError(
            f"{why}, and none follows from its other rule, which is not linear, or loses on its way what it is given."
            f"{place()}\n  Is it cut off inside, by detach(), data or numpy()?"
        )
    return found


_ROUNDING = {np.dtype("float16"): 0.03, np.dtype("float32"): 3e-4, np.dtype("float64"): 1e-8}


def _probe(x: Any) -> Any:
    """Numbers of the kind of x that no symmetry makes cancel."""
    return np.linspace(1.0, 2.0, x.size, dtype=x.dtype).reshape(x.shape) if isinstance(x, ndarray) else 1.0


def _number(x: Any) -> Any:
    return np.asarray(plain(x), float)


class _Call:
    """One call as a sweep reads it: its arguments, its results, and its static parameters."""

    def __init__(self, y: Any, operands: Sequence[Any], params: Mapping[str, Any]) -> None:
        self.params = dict(params)
        self.layout: Layout = self.params.pop("layout", None) or Layout(operands, (object,))
        self.bundle: Bundle | None = self.params.pop("bundle", None)
        self.args = self.layout.fill(operands)
        self.ys = self.parts(y)
        self.y = y if self.bundle is None else tuple(self.ys)

    @property
    def beside(self) -> Collection[int]:
        """Which of the results are not differentiated."""
        return () if self.bundle is None else self.bundle.others

    def parts(self, whole: Any) -> list[Any]:
        """What belongs to each result, given what belongs to all of them."""
        return [whole] if self.bundle is None else self.bundle.split(whole)

    def whole(self, parts: Sequence[Any]) -> Any:
        """The other way round."""
        return parts[0] if self.bundle is None else self.bundle.join([parts[i] for i in self.bundle.places])


def _like(g: Any, x: Any) -> Any:
    """A derivative in the precision of what it belongs to."""
    return np.asarray(g, x.dtype) if isinstance(x, ndarray) else float(g)
