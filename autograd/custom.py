"""custom_function: a function of the user's, with a derivative of their own, made a primitive like the built-in ones.

It stands high in the house because it is a door: what it makes is a `Primitive`, recorded, swept, drawn and checked as
any other. It is not in `REGISTRY`, which holds the operations of the library: so the cell of a notebook that defines a
function may be run again, and two functions may have one name. A graph that was recorded keeps the rules it was
recorded with.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

import numpy as np

import autograd.tree as tree
from autograd.contract import Rule, defined, reason
from autograd.errors import ConversionError, GradientError, OperandError, describe, place
from autograd.modes import keep_gradients
from autograd.numerical import CENTRAL, METHODS
from autograd.opaque import differentiated, refuse_static
from autograd.primitive import Primitive, Slope
from autograd.scalar import elementwise, numerical_partials, partials
from autograd.whole import Whole

Function = Callable[..., Any]


@overload
def custom_function(
    function: Function, /, *, name: str = "", numerical: str = "", elementwise: bool = False
) -> CustomFunction: ...
@overload
def custom_function(
    *, name: str = "", numerical: str = "", elementwise: bool = False
) -> Callable[[Function], CustomFunction]: ...
def custom_function(
    function: Function | None = None, /, *, name: str = "", numerical: str = "", elementwise: bool = False
) -> Any:
    """Make a function one that can be given a derivative of its own: a decorator.

    Positional parameters are operands, numbers or arrays; keyword-only ones are static. Then give it one of these:

    - `@f.partials`, when it works on each element by itself: ∂y/∂operand as formulas of `(y, *operands)`. This gives
      everything: Values and Tensors, both modes, any order, broadcasting, text.
    - `@f.vjp`, `(g, y, *operands)` to a gradient for each operand, or `@f.jvp`, `(*tangents, y, *operands)` to the
      tangent of the result. Of functions with several results there are several `g`, and `y` is a tuple. From one of
      the two the other follows, at about twice the cost, as the transpose of a linear map; give both to save that.
    - nothing, when its body is made of operations that have a derivative: it is differentiated through.
    - `numerical="complex step"` or `"central differences"`, see `autograd.numerical`. Reverse mode then runs the
      function once or more often for each element of the operands; with `elementwise=True`, for each operand.

    The body of a function with a rule is run on plain floats and arrays, and may do with them what it likes.

    >>> import math, autograd
    >>> @autograd.custom_function
    ... def softclip(x):
    ...     return math.tanh(x)
    >>> @softclip.partials
    ... def _(y, x):
    ...     return 1 - y * y
    >>> round(autograd.grad(softclip)(0.5), 6), round(autograd.grad(autograd.grad(softclip))(0.5), 6)
    (0.786448, -0.726862)
    >>> autograd.formula(softclip, 0)
    Symbol('1 - y * y')
    """
    if function is None:
        return lambda function: CustomFunction(function, name, numerical, elementwise)
    return CustomFunction(function, name, numerical, elementwise)


class CustomFunction:
    """A function made by `custom_function`; `primitive` is what it is in graphs, once it has a rule."""

    primitive: Primitive | None = None

    def __init__(self, function: Function, name: str, numerical: str, is_elementwise: bool) -> None:
        functools.update_wrapper(self, function)
        self.name = name or getattr(function, "__name__", type(function).__name__).replace("<lambda>", "lambda")
        self.function = function
        self._read_signature()
        if numerical and numerical not in METHODS:
            known = " or ".join(f'"{method}"' for method in METHODS)
            raise OperandError(f"{self.name}: numerical is {known}, not {numerical!r}.{place()}")
        body = Rule(function, self.name)
        if numerical and is_elementwise:
            self.primitive = elementwise(body, numerical_partials(body, self._fixed(), numerical), self.static)
        elif numerical:
            self.primitive = Whole(body, self.operands, self.rest)
        if self.primitive is not None:
            self.primitive.method = numerical
            self.primitive.notation = f"{self.name}, {numerical}"

    def _read_signature(self) -> None:
        try:
            parameters = list(inspect.signature(self.function).parameters.values())
        except (TypeError, ValueError):  # it does not say
            parameters = [inspect.Parameter("x", inspect.Parameter.VAR_POSITIONAL)]
        if isinstance(self.function, np.ufunc):  # all else that it takes is not for operands
            names = ["x"] if self.function.nin == 1 else [f"x{i}" for i in range(1, self.function.nin + 1)]
            parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names]
        self.signature = inspect.Signature(parameters)
        self.operands = [p.name for p in parameters if p.kind <= inspect.Parameter.POSITIONAL_OR_KEYWORD]
        self.rest = next((p.name for p in parameters if p.kind is inspect.Parameter.VAR_POSITIONAL), "")
        self.static = any(p.kind >= inspect.Parameter.KEYWORD_ONLY for p in parameters)

    def _fixed(self) -> list[str]:
        """Its operands, when their number is fixed."""
        if self.rest:
            raise GradientError(
                f"{self.name} takes any number of operands, *{self.rest}, so it cannot have partials.{place()}\n"
                "  Name its operands, or give it a vjp."
            )
        return self.operands

    def __repr__(self) -> str:
        p = self.primitive
        how = "no rule" if p is None else p.method or ("partials" if p.partials else "a rule")
        return f"<custom function {self.name}{self.signature} with {how}>"

    def __reduce__(self) -> str:
        return self.__qualname__  # type: ignore[no-any-return, attr-defined]  # pickled by its place in its module

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        params: dict[str, Any] = {}
        if kwargs or self.static or len(args) != len(self.operands):
            try:
                bound = self.signature.bind(*args, **kwargs)
            except TypeError as error:
                raise OperandError(f"{self.name}() {error}.{defined(self.function)}") from None
            bound.apply_defaults()
            args, params = bound.args, bound.kwargs
            refuse_static(self.name, params)
        if self.primitive is None:
            return self._through(args, params)
        return self.primitive(*args, **params)

    # Rules

    def partials(self, *rules: Slope) -> Any:
        """Give ∂y/∂operand for each operand, as formulas of the result and the operands, `(y, *operands)`.

        As a decorator, a function that returns the partial, or for several operands a tuple of them. Or called with
        one for each operand: a function, a number where the slope is constant, None where there is no derivative.
        """
        operands = self._fixed()
        together = len(rules) == 1 and len(operands) > 1 and callable(rules[0])
        if len(rules) != len(operands) and not together:
            raise GradientError(
                f"{self.name} was given {len(rules)} partials, and has {len(operands)} operands, "
                f"{', '.join(operands)}.{place()}\n"
                f"  Give one for each: a function of ({', '.join(self._called())}), a number, or None."
            )
        given = [
            self._rule(rule, f"the partial of {self.name} by {operand}", self._called()) if callable(rule) else rule
            for rule, operand in zip(rules * len(operands) if together else rules, operands)
        ]
        self._differentiate(elementwise(Rule(self.function, self.name), partials(given, together), self.static))
        return rules[0]

    def vjp(self, rule: Function) -> Function:
        """Give the reverse rule, `(g, y, *operands)`: a gradient for each operand, a tuple if there are several.

        `g` is the cotangent of the result `y`. In a second derivative they all are Values or Tensors: use operations
        that have a derivative. None stands for an operand that has none.
        """
        self._as_whole().reverse = self._rule(rule, f"the vjp of {self.name}", ["g", *self._called()])
        return rule

    def jvp(self, rule: Function) -> Function:
        """Give the forward rule, `(*tangents, y, *operands)`: the tangent of the result, or a tuple of them."""
        tangents = [f"t_{name}" for name in self.operands]
        self._as_whole().forward = self._rule(rule, f"the jvp of {self.name}", [*tangents, *self._called()])
        return rule

    def _called(self) -> list[str]:
        return ["y", *self.operands]

    def _rule(self, function: Function, name: str, called: list[str]) -> Rule:
        rule = Rule(function, name)
        if not rule.takes(called):
            raise OperandError(
                f"{name} must take ({', '.join(called)}), and takes {inspect.signature(function)}.{rule.at}\n"
                "  y is the result, which is paid for already; g its cotangent, t a tangent."
            )
        return rule

    def _as_whole(self) -> Whole:
        """Its primitive, when that has a vjp or a jvp, or has nothing yet."""
        if not isinstance(self.primitive, Whole) or self.primitive.method:
            self._differentiate(Whole(Rule(self.function, self.name), self.operands, self.rest))
        assert isinstance(self.primitive, Whole)
        return self.primitive

    def _differentiate(self, primitive: Primitive) -> None:
        if self.primitive is not None:
            raise GradientError(
                f"{self.name} has {self.primitive.method or ('partials' if self.primitive.partials else 'a rule')} "
                f"already: one way is enough, and two could disagree.{place()}"
            )
        self.primitive = primitive

    # Without a rule

    def _through(self, args: Sequence[Any], params: Mapping[str, Any]) -> Any:
        if not differentiated(tree.leaves(list(args))):
            return self.function(*args, **params)
        try:
            with keep_gradients():
                found = self.function(*args, **params)
        except (ConversionError, OperandError) as error:
            raise self._no_rule(reason(error), Rule(self.function, self.name).line_of(error)) from None
        for y in tree.leaves(found):
            if isinstance(y, float | np.ndarray | np.floating):
                raise self._no_rule(
                    f"what it returned, {describe(y)}, does not come from its arguments by operations that have one",
                    defined(self.function),
                )
        return found

    def _no_rule(self, why: str, at: str) -> GradientError:
        called = ", ".join(self._called())
        left, right = f"@{self.name}.partials", f"@{self.name}.vjp"
        below, beside = f"def _({called}): ...", f"def _(g, {called}): ..."
        width = max(len(left), len(below)) + 4
        return GradientError(
            f"{self.name} has no rule of its own, and its body cannot be differentiated: {why}.{at}\n"
            "  Write its body with autograd's functions or NumPy's, or give it a rule, one of\n"
            f"      {left:{width}}{right}\n"
            f"      {below:{width}}{beside}\n"
            f'  or let it be found numerically: @custom_function(numerical="{CENTRAL}").'
        )
