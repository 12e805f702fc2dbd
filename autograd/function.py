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

from autograd.bundle import Bundle, as_node
from autograd.context import Context, as_constant
from autograd.contract import Rule, gradients, owned, refuse_captured, result, tangents
from autograd.errors import GradientError
from autograd.modes import enable_grad, no_grad
from autograd.node import Node
from autograd.opaque import Layout, Opaque, differentiated, each_cotangent, each_example, record, zero
from autograd.operand import plain
from autograd.primitive import Primitive, is_batched
from autograd.whole import transpose

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


class Applied(Opaque):
    """A Function as a primitive: what `YourFunction.apply` is."""

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
        if any(map(is_batched, args)):
            return each_example(self, args)
        layout = Layout(args, (Node, ndarray))
        operands = layout.operands(args)
        recorded = differentiated(operands)
        ctx = Context(tuple(recorded and isinstance(x, Node) and x.primitive is not None for x in args), layout)
        inputs = tuple(layout.fill(as_constant(plain(x)) for x in operands))
        with no_grad():
            made = self.body(*inputs) if self.setup else self.body(ctx, *inputs)
            if self.setup:
                self.setup(ctx, inputs, made)
        self.used = True
        several = isinstance(made, tuple)
        made = made if several else (made,)
        numbers = list(map(plain, operands))
        results = tuple(result(self.body, y, numbers) if _is_number(y) or not several else y for y in made)
        if not any(isinstance(x, Node) for x in operands):
            results = tuple(y[()] if isinstance(y, ndarray) else y for y in results)
        elif not recorded:
            results = tuple(map(as_node, results))
        else:
            fixed = ctx.settle(inputs, made)
            ctx.bundle = Bundle(results, fixed) if several or fixed else None
            names = self.names(len(args))
            static = {names[i]: x for i, x in layout.between.items() if x is not None}
            found = record(self, operands, {**static, "ctx": ctx}, results if ctx.bundle else results[0], ctx.bundle)
            results = found if ctx.bundle else (found,)
        return results if several else results[0]

    def pull(self, g: Any, y: Any, args: Sequence[Any], wanted: Sequence[bool], params: Any) -> list[Any]:
        """The user's backward."""
        if is_batched(g):
            return each_cotangent(self.pull, g, y, args, wanted, params)
        ctx: Context = params["ctx"]
        if self.reverse is None:
            raise GradientError(
                f"{self.name} has no backward(ctx, g), which reverse mode needs.{self.body.at}\n"
                "  Write one, or use forward mode (jvp)."
            )
        gs, ys = ctx.cotangents(g, y), ctx.parts(y)
        if self.once and isinstance(y, Node):
            return self._once(gs, ys, args, wanted, ctx)
        return self._backward(gs, ys, args, wanted, ctx)

    def _backward(
        self, gs: Sequence[Any], ys: Sequence[Any], operands: Sequence[Any], wanted: Sequence[bool], ctx: Context
    ) -> list[Any]:
        assert self.reverse is not None
        again = _differentiated((*gs, *ys, *operands))
        if again and _differentiated((*ys, *operands)):
            ctx.refuse_intermediates(self.reverse)
        args = ctx.layout.fill(map(as_constant, operands))
        bound = ctx.bound(args, list(map(as_constant, ys)))
        with enable_grad() if again else no_grad():
            returned = self.reverse.call(again, (bound, *map(as_constant, gs)))
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
        nodes = list(map(as_node, found))
        for node in nodes:
            if node is not None and parents:
                node.primitive, node.parents, node.params = _ONCE, parents, {"rule": self.reverse}
        return nodes

    def push(self, arriving: Sequence[Any], y: Any, args: Sequence[Any], params: Any) -> Any:
        """The user's jvp, or what follows from their backward."""
        ctx: Context = params["ctx"]
        found = (self._jvp if self.forward else self._transposed)(arriving, ctx.parts(y), args, ctx)
        return found[0] if ctx.bundle is None else ctx.bundle.join([found[i] for i in ctx.bundle.places])

    def _jvp(self, arriving: Sequence[Any], ys: Sequence[Any], operands: Sequence[Any], ctx: Context) -> list[Any]:
        assert self.forward is not None
        again = _differentiated((*arriving, *ys, *operands))
        ts = [zero(plain(x)) if t is None and ctx.materialize else t for t, x in zip(arriving, operands, strict=True)]
        bound = ctx.bound(ctx.layout.fill(map(as_constant, operands)), list(map(as_constant, ys)), forward=True)
        with enable_grad() if again else no_grad():
            returned = self.forward.call(again, (bound, *ctx.layout.fill(map(as_constant, ts), between=None)))
        found = tangents(self.forward, returned, ts, ys, ctx.bundle.others if ctx.bundle else ())
        return [t if again else _plain(t) for t in found]

    def _transposed(
        self, arriving: Sequence[Any], ys: Sequence[Any], operands: Sequence[Any], ctx: Context
    ) -> Sequence[Any]:
        moved = [t is not None for t in arriving]
        smooth = list(ctx.bundle.places) if ctx.bundle else [0]

        def backward(*gs: Any) -> tuple[Any, ...]:
            known = dict(zip(smooth, gs, strict=True))
            parts = [known[i] if i in known else zero(plain(y)) for i, y in enumerate(ys)]
            return tuple(c for c in self._backward(parts, ys, operands, moved, ctx) if c is not None)

        like = [zero(plain(ys[i])) for i in smooth]
        found = transpose(backward, like, [t for t in arriving if t is not None], f"{self.name} has no jvp")
        known = dict(zip(smooth, found, strict=True))
        return [known.get(i) for i in range(len(ys))]


def _refuse_again(*args: Any, rule: Rule, **params: Any) -> Any:
    raise GradientError(
        f"{rule.name} is marked once_differentiable, and what it returned was differentiated again.{rule.at}\n"
        "  Make backward of operations that have a derivative, and take the mark off."
    )


_ONCE = Primitive("once_differentiable", None, lambda *xs: None, domain=(), doc="A gradient that has no derivative.")
_ONCE.vjps = _ONCE.jvps = _refuse_again


def _plain(x: Any) -> Any:
    x = plain(x)
    return owned(x) if isinstance(x, ndarray) else x


def _differentiated(xs: Iterable[Any]) -> bool:
    return any(isinstance(x, Node) and x.primitive is not None for x in xs)


def _is_number(x: Any) -> bool:
    return isinstance(x, Node | ndarray | int | float | np.number | np.bool_)
