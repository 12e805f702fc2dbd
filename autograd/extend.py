"""Extend: HIPS autograd's way to give a function a derivative, `primitive` and then `defvjp`.

>>> import autograd.numpy as np
>>> from autograd import grad
>>> @primitive
... def logsumexp(x):
...     largest = np.max(x)
...     return largest + np.log(np.sum(np.exp(x - largest)))
>>> defvjp(logsumexp, lambda ans, x: lambda g: g * np.exp(x - ans))
>>> grad(logsumexp)(np.array([0.0, 0.0]))
array([0.5, 0.5])

A primitive is a black box: it is run on plain numbers and arrays, and is one node in the graph. Its rule is a function
of the result and the arguments, which returns the function that takes the cotangent back. Written with operations that
have a derivative it gives derivatives of any order, and forward mode by itself. The same rules may be given to a
function of NumPy that has none here. See `custom_function` for another way to write it, with more ways to be checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from functools import wraps
from types import MethodType
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import tree
from autograd.bundle import Bundle, as_node, is_float
from autograd.contract import Rule, fitted, result
from autograd.errors import GradientError, OperandError, RuleError, ShapeError, place
from autograd.node import Node
from autograd.opaque import Layout, Opaque, differentiated, record, refuse_static, zero
from autograd.operand import plain
from autograd.protocol import give_rule, has_rule
from autograd.vspace import VSpace, vspace
from autograd.whole import transpose

__all__ = [
    "VSpace",
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "defjvp_argnums",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "notrace_primitive",
    "primitive",
    "primitive_jvps",
    "primitive_vjps",
    "register_notrace",
    "vspace",
]

Function = Callable[..., Any]

_LACKING = {
    "Box": "nodes hold numbers and arrays only, so other objects cannot be boxed: put their numbers into a container",
    "JVPNode": "its place is taken by autograd.jvp",
    "SparseObject": "a gradient that is mostly zeros is made by getitem and index_add",
    "VJPNode": "its place is taken by autograd.vjp and autograd.Node",
}


def __getattr__(name: str) -> Any:
    if name in _LACKING:
        raise ImportError(f"HIPS autograd's {name} is not here: {_LACKING[name]}.")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


primitive_vjps: dict[Function, Function] = {}  # (argnums, ans, args, kwargs) -> g -> a gradient for each argnum
primitive_jvps: dict[Function, Function] = {}  # (argnums, gs, ans, args, kwargs) -> tangent of ans


def primitive(f: Function) -> Any:
    """Make a function a primitive: a black box that is given its derivative by `defvjp`, `defjvp` or both."""
    return f if isinstance(f, Extended) else Extended(f)


def notrace_primitive(f: Function) -> Function:
    """Make a function one that nothing is differentiated through: it is run on plain numbers, and gives plain ones."""

    @wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        return f(*map(plain, args), **kwargs)

    return run


def register_notrace(trace_type: Any, primitive_fun: Function) -> None:
    """Let nothing be differentiated through a primitive: its derivative is zero, in whatever mode."""
    defvjp_argnums(primitive_fun, lambda argnums, *_: lambda g: (None for _ in argnums))
    defjvp_argnums(primitive_fun, lambda argnums, gs, ans, args, kwargs: vspace(ans).zeros())


# Rules


def defvjp(fun: Function, *vjpmakers: Function | None, argnums: Iterable[int] | None = None) -> None:
    """Give a primitive its reverse rules, for its arguments in turn or for those that `argnums` names.

    Each is `lambda ans, *args, **kwargs: lambda g: ...` and gives the gradient of that argument, in its shape. None
    stands for an argument that the result does not depend on.
    """
    makers = dict(zip(range(len(vjpmakers)) if argnums is None else argnums, vjpmakers))

    def joint(argnums: Sequence[int], ans: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Function:
        missing = [i for i in argnums if i not in makers]
        if missing:
            raise RuleError(
                f"{_name(fun)} has no vjp for argument {missing[0]}, and it is under differentiation.{place()}\n"
                f"  Give it one, or None: defvjp({_name(fun)}, lambda ans, *args: lambda g: ..., "
                f"argnums=({missing[0]},))."
            )
        vjps = [maker and maker(ans, *args, **kwargs) for maker in (makers[i] for i in argnums)]
        return lambda g: [vjp and vjp(g) for vjp in vjps]

    defvjp_argnums(fun, joint)


def defvjp_argnum(fun: Function, vjpmaker: Function) -> None:
    """Give a primitive one reverse rule for all arguments, `vjpmaker(argnum, ans, args, kwargs)` to g ↦ gradient."""

    def joint(argnums: Sequence[int], *call: Any) -> Function:
        vjps = [vjpmaker(argnum, *call) for argnum in argnums]
        return lambda g: [vjp(g) for vjp in vjps]

    defvjp_argnums(fun, joint)


def defvjp_argnums(fun: Function, vjpmaker: Function) -> None:
    """Give a primitive its reverse rule, `vjpmaker(argnums, ans, args, kwargs)` to g ↦ a gradient for each argnum."""
    primitive_vjps[_extended(fun)] = vjpmaker


def defjvp(fun: Function, *jvpfuns: Function | str | None, argnums: Iterable[int] | None = None) -> None:
    """Give a primitive its forward rules, `lambda g, ans, *args, **kwargs: ...`, one for each argument.

    "same" stands for an argument that the result is linear in, None for one that it does not depend on.
    """
    rules = dict(zip(range(len(jvpfuns)) if argnums is None else argnums, jvpfuns))

    def one(argnum: int, g: Any, ans: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if argnum not in rules:
            raise RuleError(f"{_name(fun)} has no jvp for argument {argnum}.{place()}\n  Give it one with defjvp.")
        rule = rules[argnum]
        if rule is None:
            return vspace(ans).zeros()
        if rule == "same":
            return fun(*args[:argnum], g, *args[argnum + 1 :], **kwargs)
        assert callable(rule)
        return rule(g, ans, *args, **kwargs)

    defjvp_argnum(fun, one)


def defjvp_argnum(fun: Function, jvpmaker: Function) -> None:
    """Give a primitive one forward rule for all arguments, `jvpmaker(argnum, g, ans, args, kwargs)` to a tangent."""

    def joint(argnums: Sequence[int], gs: Sequence[Any], ans: Any, args: Sequence[Any], kwargs: Any) -> Any:
        total = None
        for argnum, g in zip(argnums, gs, strict=True):
            total = vspace(ans).mut_add(total, jvpmaker(argnum, g, ans, args, kwargs))
        return total

    defjvp_argnums(fun, joint)


def defjvp_argnums(fun: Function, jvpmaker: Function) -> None:
    """Give a primitive its forward rule, `jvpmaker(argnums, gs, ans, args, kwargs)` to the tangent of the result."""
    primitive_jvps[_extended(fun)] = jvpmaker


def def_linear(fun: Function) -> None:
    """Say that a primitive is linear in each of its arguments: so its forward rule is the function itself."""
    defjvp_argnum(fun, lambda argnum, g, ans, args, kwargs: fun(*args[:argnum], g, *args[argnum + 1 :], **kwargs))


def _name(fun: Function) -> str:
    return getattr(fun, "__name__", type(fun).__name__)


def _extended(fun: Function) -> Extended:
    """The primitive that a rule is given to; for a function of NumPy or SciPy one is made.

    Errors: OperandError for a function that is neither, GradientError for one that has a derivative here.
    """
    if isinstance(fun, Extended):
        return fun
    offered = getattr(fun, "__wrapped__", fun)
    module = "numpy" if isinstance(offered, np.ufunc) else getattr(offered, "__module__", None) or ""
    if module.split(".")[0] not in ("numpy", "scipy"):
        raise OperandError(
            f"{_name(fun)} is not a primitive, so it cannot be given a rule.{place()}\n  Write @primitive above it."
        )
    if has_rule(offered):
        raise GradientError(
            f"{_name(fun)} has a derivative already: one way is enough, and two could disagree.{place()}\n"
            "  For one of your own, write a function around it, with @primitive."
        )
    made: Extended = _of_numpy.setdefault(offered, Extended(offered))
    give_rule(offered, made)
    return made


_of_numpy: dict[Function, Extended] = {}


# The primitive itself

_transposed: ContextVar[frozenset[Extended]] = ContextVar("transposed", default=frozenset())  # whose jvp is just now


class Extended(Opaque):
    """A function made by `primitive`. Numbers and arrays among its arguments, also in containers, are its operands."""

    def __init__(self, f: Function) -> None:
        super().__init__(Rule(f, _name(f)), None, f)
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

    def pull(self, g: Any, y: Any, args: Sequence[Any], wanted: Sequence[bool], params: Any) -> list[Any]:
        """The rule of `defvjp`, or the transpose of that of `defjvp`."""
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
        again = _recorded((*tree.leaves(g), y, *args))
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
        again = _recorded((*tree.leaves(tangents), y, *args))
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


def _recorded(xs: Iterable[Any]) -> bool:
    return any(isinstance(x, Node) and x.primitive is not None for x in xs)
