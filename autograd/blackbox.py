"""Black box: a function with rules in HIPS autograd's style, as one node in the graph. `extend` is its front.

Its operands are the numbers and arrays among its arguments, also those in containers; so its rules see arguments and
results in the form in which the function has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from functools import wraps
from types import MethodType
from typing import Any

from numpy import ndarray

import autograd.tree as tree
from autograd.bundle import Bundle, as_node, is_float
from autograd.contract import Rule, fitted, result
from autograd.errors import RuleError, ShapeError, place
from autograd.node import Node
from autograd.opaque import (
    Layout,
    Opaque,
    differentiated,
    each_cotangent,
    each_example,
    record,
    refuse_static,
    zero,
)
from autograd.operand import plain
from autograd.primitive import is_batched
from autograd.whole import transpose

Function = Callable[..., Any]

primitive_vjps: dict[Function, Function] = {}  # (argnums, ans, args, kwargs) -> g -> a gradient for each argnum
primitive_jvps: dict[Function, Function] = {}  # (argnums, gs, ans, args, kwargs) -> tangent of ans
_transposed: ContextVar[frozenset[Extended]] = ContextVar("transposed", default=frozenset())  # whose jvp is just now


def name_of(fun: Function) -> str:
    """What a function is called in errors and graphs."""
    return getattr(fun, "__name__", type(fun).__name__)


class Extended(Opaque):
    """A function made by `primitive`. Numbers and arrays among its arguments, also in containers, are its operands."""

    def __init__(self, f: Function) -> None:
        super().__init__(Rule(f, name_of(f)), None, f)
        self.body = Rule(f, self.name)
        self.fun = self.__wrapped__ = f

    def __get__(self, obj: Any, kind: type | None = None) -> Any:
        return self if obj is None else MethodType(self, obj)

    def __getattr__(self, name: str) -> Any:
        how = f": HIPS autograd's way until 2017. Write defvjp({self.name}, lambda ans, *args: lambda g: ...)"
        hint = how if name in ("defgrad", "defvjp", "defvjp_is_zero") else ""
        raise AttributeError(f"primitive {self.__dict__.get('name')} has no attribute {name!r}{hint}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        leaves = tree.leaves(args)
        refuse_static(self.name, kwargs)
        if any(map(is_batched, leaves)):
            return self._each(args, kwargs)
        if not any(isinstance(x, Node) for x in leaves):
            return self.fun(*args, **kwargs)
        layout = Layout(leaves, (Node, ndarray, float))
        operands = layout.operands(leaves)
        numbers = list(map(plain, operands))
        ans = self.body(*tree.fill(args, iter(layout.fill(numbers))), **kwargs)
        several = isinstance(ans, tuple | list | dict)
        results = [result(self.body, y, numbers) for y in tree.leaves(ans)]
        if not differentiated(operands) or not any(map(is_float, results)):
            return tree.fill(ans, map(as_node, results))
        call = _Call(args, kwargs, layout, ans, Bundle(results) if several else None)
        found = record(self, operands, {"call": call}, results if several else results[0], call.bundle)
        return tree.fill(ans, iter(found)) if several else found

    def _each(self, args: Any, kwargs: dict[str, Any]) -> Any:
        """A call inside `vmap`: one for each example, since the function takes plain arrays."""
        forms: list[Any] = []

        def flat(*leaves: Any) -> Any:
            y = self(*tree.fill(args, iter(leaves)), **kwargs)
            forms.append(tree.transform(lambda x: None, y))
            return tuple(tree.leaves(y)) if isinstance(y, tuple | list | dict) else y

        found = each_example(flat, tree.leaves(args))
        return tree.fill(forms[0], iter(found)) if isinstance(found, tuple) else found

    def pull(self, g: Any, y: Any, args: Sequence[Any], wanted: Sequence[bool], params: Any) -> list[Any]:
        """The rule of `defvjp`, or the transpose of that of `defjvp`."""
        if is_batched(g):
            return each_cotangent(self.pull, g, y, args, wanted, params)
        call: _Call = params["call"]
        if self in primitive_vjps:
            return self._pull(call.of_result(g), y, args, wanted, call)
        if self not in primitive_jvps:
            raise self._without("vjp", "defvjp(..., lambda ans, *args: lambda g: ...)")
        if self in _transposed.get():
            raise self._without("vjp, and none follows from its jvp, which calls it", "defvjp(..., ...)")
        moved = [i for i, want in enumerate(wanted) if want]

        def forward(*ts: Any) -> Any:
            known = dict(zip(moved, ts, strict=True))
            return tuple(call.flat(self._push([known.get(i) for i in range(len(args))], y, args, call)))

        like = [zero(plain(args[i])) for i in moved]
        token = _transposed.set(_transposed.get() | {self})
        try:
            found = transpose(forward, like, call.smooth(g), f"{self.name} has no vjp")
        finally:
            _transposed.reset(token)
        known = dict(zip(moved, found, strict=True))
        return [known.get(i) for i in range(len(args))]

    def _pull(self, g: Any, y: Any, args: Sequence[Any], wanted: Sequence[bool], call: _Call) -> list[Any]:
        filled, needed = call.of_arguments(args), call.of_arguments(wanted, between=False)
        argnums = tuple(i for i, part in enumerate(needed) if any(tree.leaves(part)))
        again = _under_way((*tree.leaves(g), y, *args))
        ans = call.of_result(y)
        maker = Rule(primitive_vjps[self], f"the vjp of {self.name}")
        vjp = Rule(maker.call(again, (argnums, ans, filled, call.kwargs)), maker.name)
        gradients = dict(zip(argnums, vjp.call(again, (g,)), strict=True))
        found: list[Any] = []
        for i, arg in enumerate(filled):
            leaves = tree.leaves(arg)
            gradient = gradients.get(i)
            parts = [None] * len(leaves) if gradient is None else self._leaves(arg, gradient, i)
            found += [
                fitted(maker, c, x, "a gradient", f"argument {i}", "it", None) if c is not None and want else None
                for c, x, want in zip(parts, leaves, tree.leaves(needed[i]), strict=True)
            ]
        return call.layout.operands(found)

    def _leaves(self, arg: Any, gradient: Any, i: int) -> list[Any]:
        try:
            return tree.leaves_like(arg, gradient)
        except (TypeError, KeyError, ValueError):
            raise ShapeError(
                f"the vjp of {self.name} returned {gradient!r} for argument {i}, which is a container of another form"
                f".{Rule(primitive_vjps[self], '').at}"
            ) from None

    def push(self, arriving: Sequence[Any], y: Any, args: Sequence[Any], params: Any) -> Any:
        """The rule of `defjvp`, or the transpose of that of `defvjp`."""
        call: _Call = params["call"]
        if self in primitive_jvps:
            return call.join(self._push(arriving, y, args, call))
        if self not in primitive_vjps:
            raise self._without("jvp", "defjvp(..., lambda g, ans, *args: ...)")
        moved = [t is not None for t in arriving]

        def backward(*gs: Any) -> tuple[Any, ...]:
            return tuple(c for c in self._pull(call.unflat(gs), y, args, moved, call) if c is not None)

        like = [zero(plain(part)) for part in call.smooth(y)]
        found = transpose(backward, like, [t for t in arriving if t is not None], f"{self.name} has no jvp")
        return call.join(call.unflat(found))

    def _push(self, arriving: Sequence[Any], y: Any, args: Sequence[Any], call: _Call) -> Any:
        filled, given = call.of_arguments(args), call.of_arguments(arriving, between=None)
        argnums = tuple(i for i, part in enumerate(given) if any(t is not None for t in tree.leaves(part)))
        tangents = [
            tree.fill(
                given[i],
                (zero(plain(x)) if t is None else t for t, x in zip(tree.leaves(given[i]), tree.leaves(filled[i]))),
            )
            for i in argnums
        ]
        again = _under_way((*tree.leaves(tangents), y, *args))
        rule = Rule(primitive_jvps[self], f"the jvp of {self.name}")
        return rule.call(again, (argnums, tangents, call.of_result(y), filled, call.kwargs))

    def presented(self, node: Node) -> tuple[Function, list[Any], dict[str, Any], list[tuple[int, int]]]:
        """How the value of a node of this primitive is computed: a function, its arguments, and which are parents.

        Pairs (number of the argument, number of the parent). Arguments in containers are arguments by themselves.
        """
        call: _Call = node.params["call"]
        leaves = call.layout.fill([p.data for p in node.parents])
        places = [i for i, x in enumerate(call.layout.form) if i not in call.layout.between]

        @wraps(self.fun)
        def flat(*leaves: Any) -> Any:
            return call.join(self.fun(*tree.fill(call.form, iter(leaves)), **call.kwargs))

        return flat, leaves, {}, list(zip(places, range(len(places))))

    def _without(self, rule: str, how: str) -> RuleError:
        return RuleError(
            f"{self.name} has no {rule}, and is under differentiation.{self.body.at or place()}\n"
            f"  Give it one: {how.replace('...', self.name, 1)}."
        )


class _Call:
    """One call: the form of its arguments and of its result, and how to get from them to operands and back."""

    def __init__(self, args: Any, kwargs: dict[str, Any], layout: Layout, ans: Any, bundle: Bundle | None) -> None:
        self.form = tree.transform(lambda x: None, args)
        self.kwargs = kwargs
        self.layout = layout
        self.result = tree.transform(lambda x: None, ans)
        self.bundle = bundle  # of several results

    def of_arguments(self, operands: Sequence[Any], between: Any = ...) -> Any:
        """The arguments, given the operands."""
        return tree.fill(self.form, iter(self.layout.fill(operands, between)))

    def of_result(self, whole: Any) -> Any:
        """The result, in its containers, given what the node holds."""
        return whole if self.bundle is None else tree.fill(self.result, iter(self.bundle.split(whole)))

    def smooth(self, whole: Any) -> list[Any]:
        """The parts of the result that are differentiated, given what the node holds."""
        if self.bundle is None:
            return [whole]
        parts = self.bundle.split(whole)
        return [parts[i] for i in self.bundle.places]

    def flat(self, result: Any) -> list[Any]:
        """The parts that are differentiated, given the result in its containers."""
        leaves = tree.leaves_like(self.result, result)
        return leaves if self.bundle is None else [leaves[i] for i in self.bundle.places]

    def unflat(self, parts: Sequence[Any]) -> Any:
        """The result in its containers, given the parts that are differentiated."""
        if self.bundle is None:
            return parts[0]
        known: dict[int, Any] = {i: zero(x) for i, x in self.bundle.others.items()}
        known |= zip(self.bundle.places, parts, strict=True)
        return tree.fill(self.result, (known[i] for i in range(len(known))))

    def join(self, result: Any) -> Any:
        """What the node holds, given the result in its containers."""
        parts = self.flat(result)
        return parts[0] if self.bundle is None else self.bundle.join(parts)


def _under_way(xs: Iterable[Any]) -> bool:
    return any(isinstance(x, Node) and x.primitive is not None for x in xs)
