"""Function: custom functions in PyTorch's style, a class with a forward and a backward.

>>> import autograd
>>> class Exp(autograd.Function):
...     @staticmethod
...     def forward(ctx, x):
...         y = x.exp()
...         ctx.save_for_backward(y)
...         return y
...
...     @staticmethod
...     def backward(ctx, g):
...         (y,) = ctx.saved_tensors
...         return g * y
>>> x = autograd.Value(1.0)
>>> Exp.apply(x).backward(); round(x.grad, 4)
2.7183
>>> round(autograd.grad(autograd.grad(Exp.apply))(1.0), 4)
2.7183

It is the other door to what `custom_function` makes: one node for a call, and rules that are held to a contract.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy import ndarray

from autograd import tree
from autograd.bundle import Cotangents
from autograd.contract import Rule, frozen, gradients, owned, refuse_captured, result, tangents
from autograd.errors import GradientError, MutationError, describe, place
from autograd.general import transpose
from autograd.modes import enable_grad, no_grad
from autograd.node import Node
from autograd.opaque import Custom, Layout, differentiated, record, result_node, results_of, zero
from autograd.operand import plain
from autograd.primitive import Primitive
from autograd.tensor import constant as tensor_constant
from autograd.value import constant as value_constant

F = TypeVar("F", bound=Callable[..., Any])


def once_differentiable(backward: F) -> F:
    """Mark a backward that is not made of differentiable operations: a second derivative is then an error.

    Inside it `numpy()` and `item()` may be used freely. It stands under `@staticmethod`.
    """
    backward.once_differentiable = True  # type: ignore[attr-defined]
    return backward


class Function:
    """A function with a derivative of its own: subclass it, and call `YourFunction.apply(...)`.

    | static method | |
    |---|---|
    | `forward(ctx, *args)` | computes the result, or a tuple of them |
    | `forward(*args)` and `setup_context(ctx, inputs, output)` | the same in two parts |
    | `backward(ctx, *gs)` | given a cotangent of each result, returns one of each argument; None where there is none |
    | `jvp(ctx, *ts)` | given a tangent of each argument, returns one of each result; or follows from backward |

    Arguments that are arrays or Tensors arrive in `forward` as Tensors, Values as Values; nothing is recorded there.
    All else (numbers, strings, None) is static and arrives as it is. When `backward` is made of differentiable
    operations there are derivatives of any order: what it needs of the arguments and results it gets from `ctx`.

    Errors: those of the contract (see `autograd.contract`). Cost: ten microseconds or so beside what the methods do.
    """

    apply: ClassVar[Callable[..., Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.apply = Applied(cls)

    @staticmethod
    def forward(*args: Any) -> Any:
        """To be written."""
        raise NotImplementedError("a Function needs a forward(ctx, *args).")

    @staticmethod
    def setup_context(ctx: Context, inputs: tuple[Any, ...], output: Any) -> None:
        """To be written when `forward` takes no `ctx`."""

    @staticmethod
    def backward(ctx: Context, *cotangents: Any) -> Any:
        """To be written, for reverse mode."""
        raise NotImplementedError

    @staticmethod
    def jvp(ctx: Context, *tangents: Any) -> Any:
        """May be written, for forward mode."""
        raise NotImplementedError


class Applied(Custom):
    """A Function as a primitive: what `YourFunction.apply` is."""

    crosses = True

    def __init__(self, owner: type[Function]) -> None:
        name = owner.__name__
        self.body = Rule(owner.forward, f"{name}.forward")
        super().__init__(self.body, None, owner.forward)
        self.name = self.__name__ = self.__qualname__ = name
        self.__doc__ = owner.__doc__
        self.owner = owner
        self.setup = owner.setup_context if owner.setup_context is not Function.setup_context else None
        self.reverse = Rule(owner.backward, f"{name}.backward", 1) if owner.backward is not Function.backward else None
        self.forward = Rule(owner.jvp, f"{name}.jvp") if owner.jvp is not Function.jvp else None
        self.once = getattr(owner.backward, "once_differentiable", False)
        self.parameters = list(inspect.signature(owner.forward).parameters.values())[0 if self.setup else 1 :]
        self.used = False

    def __reduce__(self) -> tuple[Any, ...]:
        return getattr, (self.owner, "apply")

    def names(self, count: int) -> list[str]:
        """What `forward` calls its arguments."""
        names = [p.name for p in self.parameters if p.kind is not p.VAR_POSITIONAL]
        rest = next((p.name for p in self.parameters if p.kind is p.VAR_POSITIONAL), "argument ")
        return [*names, *(f"{rest}[{i}]" for i in range(count - len(names)))][:count]

    def __call__(self, *args: Any) -> Any:
        if not self.used:
            refuse_captured(self.body)
        layout = Layout(args, (Node, ndarray))
        operands = layout.operands(args)
        recorded = differentiated(operands)
        ctx = Context(tuple(recorded and isinstance(x, Node) and x.primitive is not None for x in args), layout)
        inputs = tuple(layout.fill(_constant(plain(x)) for x in operands))
        with no_grad():
            made = self.body(*inputs) if self.setup else self.body(ctx, *inputs)
            if self.setup:
                self.setup(ctx, inputs, made)
        self.used = True
        numbers = list(map(plain, operands))
        if isinstance(made, tuple):
            results: Any = tuple(result(self.body, y, numbers) if _is_number(y) else y for y in made)
        else:
            results = result(self.body, made, numbers)
        if not any(isinstance(x, Node) for x in operands):
            return tree.transform(lambda y: y[()] if isinstance(y, ndarray) else y, results)
        if not recorded:
            return tree.transform(lambda y: result_node(y) if _is_number(y) else y, results)
        fixed = ctx.settle(inputs, made if isinstance(made, tuple) else (made,))
        names = self.names(len(args))
        static = {names[i]: x for i, x in layout.between.items() if x is not None}
        return record(self, operands, {**static, "ctx": ctx}, results, fixed)

    def pull(self, g: Any, y: Any, args: Sequence[Any], wanted: Sequence[bool], params: Any) -> list[Any]:
        """The user's backward."""
        if self.reverse is None:
            raise GradientError(
                f"{self.name} has no backward(ctx, g), which reverse mode needs.{self.body.at}\n"
                "  Write one, or use forward mode (jvp)."
            )
        ctx: Context = params["ctx"]
        ys = results_of(y)
        gs = [
            zero(plain(y)) if part is None and ctx.materialize else part
            for part, y in zip(g.parts if isinstance(g, Cotangents) else [g], ys, strict=True)
        ]
        if self.once and isinstance(y, Node):
            return self._once(gs, ys, args, wanted, ctx)
        return self._backward(gs, ys, args, wanted, ctx)

    def _backward(
        self, gs: Sequence[Any], ys: Sequence[Any], operands: Sequence[Any], wanted: Sequence[bool], ctx: Context
    ) -> list[Any]:
        assert self.reverse is not None
        again = _differentiated((*gs, *ys, *operands))
        if again and isinstance(ys[0], Node):
            ctx.refuse_intermediates(self.reverse)
        args = ctx.layout.fill(map(_constant, operands))
        cotangents = [g if g is None else _constant(g) for g in gs]
        bound = ctx.bound(args, list(map(_constant, ys)))
        with enable_grad() if again else no_grad():
            returned = self.reverse.call(again, (bound, *cotangents))
        needed = ctx.layout.fill(wanted, between=False)
        if any(g is None for g in gs) and isinstance(returned, tuple):  # then None may say that nothing flows here
            needed = [need and c is not None for need, c in zip(needed, returned)]
        found = gradients(self.reverse, returned, gs, args, needed, self.names(len(args)))
        return [c if again else _plain(c) for c in ctx.layout.operands(found)]

    def _once(
        self, gs: Sequence[Any], ys: Sequence[Any], operands: Sequence[Any], wanted: Sequence[bool], ctx: Context
    ) -> list[Any]:
        """Gradients as nodes that say, when they are differentiated, that they cannot be."""
        found = self._backward([*map(plain, gs)], [*map(plain, ys)], [*map(plain, operands)], wanted, ctx)
        parents = tuple(x for x in (*gs, *operands) if isinstance(x, Node) and x.primitive is not None)
        nodes = [c if c is None else result_node(c) for c in found]
        for node in nodes:
            if node is not None and parents:
                node.primitive, node.parents = _ONCE, parents
                node.params = {"rule": self.reverse}
        return nodes

    def push(self, arriving: Sequence[Any], y: Any, args: Sequence[Any], params: Any) -> Any:
        """The user's jvp, or what follows from their backward."""
        ctx: Context = params["ctx"]
        ys = results_of(y)
        smooth = [i for i, y in enumerate(ys) if _is_float(plain(y))]
        found = dict(zip(smooth, (self._jvp if self.forward else self._transposed)(arriving, ys, smooth, args, ctx)))
        return found[0] if len(ys) == 1 and ys[0] is y else tuple(found.get(i) for i in range(len(ys)))

    def _jvp(
        self, arriving: Sequence[Any], ys: Sequence[Any], smooth: list[int], operands: Sequence[Any], ctx: Context
    ) -> list[Any]:
        assert self.forward is not None
        again = _differentiated((*arriving, *ys, *operands))
        ts = [zero(plain(x)) if t is None and ctx.materialize else t for t, x in zip(arriving, operands, strict=True)]
        given = ctx.layout.fill([t if t is None else _constant(t) for t in ts], between=None)
        bound = ctx.bound(ctx.layout.fill(map(_constant, operands)), list(map(_constant, ys)), forward=True)
        with enable_grad() if again else no_grad():
            returned = self.forward.call(again, (bound, *given))
        if isinstance(returned, tuple) and len(returned) == len(ys):
            returned = tuple(returned[i] for i in smooth)
        found = tangents(self.forward, returned, ts, [ys[i] for i in smooth])
        return [t if again else _plain(t) for t in found]

    def _transposed(
        self, arriving: Sequence[Any], ys: Sequence[Any], smooth: list[int], operands: Sequence[Any], ctx: Context
    ) -> Sequence[Any]:
        moved = [t is not None for t in arriving]

        def backward(*gs: Any) -> tuple[Any, ...]:
            known = dict(zip(smooth, gs, strict=True))
            parts = [known[i] if i in known else zero(plain(y)) for i, y in enumerate(ys)]
            return tuple(c for c in self._backward(parts, ys, operands, moved, ctx) if c is not None)

        zeros = [zero(plain(ys[i])) for i in smooth]
        return transpose(backward, zeros, [t for t in arriving if t is not None], f"{self.name} has no jvp")


class Context:
    """What forward leaves for backward: `ctx`. Attributes of your own are welcome.

    What it is given of the arguments and results of the call it keeps as their places in the graph, wherever you put
    it: so second derivatives reach them, and nothing is held that the graph does not hold.
    """

    __slots__ = ("__dict__", "_fixed", "_forward", "_moving", "_saved", "layout", "materialize", "needs_input_grad")

    def __init__(self, needs_input_grad: tuple[bool, ...], layout: Layout) -> None:
        self.needs_input_grad = needs_input_grad
        self.layout = layout
        self.materialize = True
        self._saved: tuple[Any, ...] = ()
        self._forward: tuple[Any, ...] | None = None
        self._fixed: tuple[Any, ...] = ()
        self._moving: list[str] = []  # attributes that hold arguments or results

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` was given; in a jvp, what `save_for_forward` was."""
        return self._saved

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep arguments, results, and whatever else backward needs, for `ctx.saved_tensors`."""
        self._saved = tensors

    def save_for_forward(self, *tensors: Any) -> None:
        """The same for a jvp that needs something else than backward."""
        self._forward = tensors

    def mark_non_differentiable(self, *results: Any) -> None:
        """Results that are constants: indices, masks, counts."""
        self._fixed = results

    def mark_dirty(self, *args: Any) -> None:
        """PyTorch's way to say that forward writes into its arguments. Errors: MutationError, always."""
        raise MutationError(f"arguments are not written into: return a new array instead.{place()}")

    def set_materialize_grads(self, value: bool) -> None:
        """With False, backward gets None, and not zeros, for results that nothing flows into."""
        self.materialize = value

    def settle(self, inputs: Sequence[Any], made: Sequence[Any]) -> set[int]:
        """Put places for the arguments and results that it was given; which of the results are fixed."""
        fixed = {i for i, y in enumerate(made) if any(y is z for z in self._fixed)}
        places: dict[int, int] = {id(y): _Made(i) for i, y in enumerate(made) if isinstance(y, Node | ndarray | float)}
        places |= {id(x): _Given(i) for i, x in enumerate(inputs) if isinstance(x, Node)}

        def placed(x: Any) -> Any:
            return places.get(id(x), x)

        self._saved = tuple(map(placed, self._saved))
        self._forward = self._forward and tuple(map(placed, self._forward))
        for key, value in self.__dict__.items():
            if any(id(x) in places for x in tree.leaves(value)):
                self.__dict__[key] = tree.transform(placed, value)
                self._moving.append(key)
        self._fixed = ()
        return fixed

    def bound(self, args: Sequence[Any], ys: Sequence[Any], forward: bool = False) -> Context:
        """The same with these arguments and results in their places."""

        def found(x: Any) -> Any:
            return args[x] if type(x) is _Given else ys[x] if type(x) is _Made else x

        bound = Context(self.needs_input_grad, self.layout)
        bound._saved = tuple(map(found, self._forward if forward and self._forward is not None else self._saved))
        bound.__dict__.update(self.__dict__)
        for key in self._moving:
            bound.__dict__[key] = tree.transform(found, self.__dict__[key])
        return bound

    def refuse_intermediates(self, rule: Rule) -> None:
        """Errors: GradientError when it holds a Tensor that a second derivative would take for a constant."""
        for key, value in (("save_for_backward", self._saved), *self.__dict__.items()):
            for x in tree.leaves(value):
                if isinstance(x, Node) and _is_float(x.data):
                    raise GradientError(
                        f"{rule.name} cannot be differentiated: forward saved {describe(x)} (ctx.{key}), which is "
                        "neither an argument nor a result, so a second derivative would take it for a constant."
                        f"{rule.at}\n  Return it as one more result, or compute it again in backward. If it is a "
                        "constant, save its array, x.numpy()."
                    )


class _Given(int):
    """The place of an argument."""


class _Made(int):
    """The place of a result."""


def _refuse_again(*args: Any, rule: Rule, **params: Any) -> Any:
    raise GradientError(
        f"{rule.name} is marked once_differentiable, and what it returned was differentiated again.{rule.at}\n"
        "  Make backward of operations that have a derivative, and take the mark off."
    )


_ONCE = Primitive("once_differentiable", None, lambda *xs: None, domain=(), doc="A gradient that has no derivative.")
_ONCE.vjps = _ONCE.jvps = _refuse_again


def _constant(x: Any) -> Any:
    """A plain number or array as a node that cannot be written into; a node, and anything else, as it is."""
    if isinstance(x, ndarray):
        return tensor_constant(frozen(x))
    return value_constant(x) if isinstance(x, int | float | np.number) else x


def _plain(x: Any) -> Any:
    x = plain(x)
    return owned(x) if isinstance(x, ndarray) else x


def _differentiated(xs: Iterable[Any]) -> bool:
    return any(isinstance(x, Node) and x.primitive is not None for x in xs)


def _is_number(x: Any) -> bool:
    return isinstance(x, Node | ndarray | int | float | np.number | np.bool_)


def _is_float(x: Any) -> bool:
    return isinstance(x, float) or (isinstance(x, ndarray) and x.dtype.kind == "f")
