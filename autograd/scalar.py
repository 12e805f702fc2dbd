"""Scalar: a formula written for one number, run on arrays as well.

Where the formula is made of operators and of NumPy's or autograd's functions, it runs on whole arrays as it is. Where
it uses `math` or an `if`, which know one number at a time, it is run on each element: right, and about a microsecond an
element. Which of the two is found out at the first array and remembered.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy import ndarray

import autograd.numerical as numerical
from autograd.contract import Rule, owned, result
from autograd.errors import GradientError, OperandError, ShapeError, describe, place
from autograd.node import Node
from autograd.numerical import CENTRAL
from autograd.opaque import Custom, each_example
from autograd.primitive import Primitive, Slope, give_partials, is_batched
from autograd.symbol import Symbol


class Scalar:
    """A formula of the user's, for each of the kinds of number that there are."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.by_element = False

    def on_number(self, *args: Any, **params: Any) -> float:
        """The formula of Python floats."""
        y = self.rule(*args, **params)
        return y if type(y) is float else self._number(y, args)

    def _number(self, y: Any, args: tuple[Any, ...]) -> float:
        if isinstance(y, ndarray) and not y.ndim:
            y = y[()]
        if isinstance(y, ndarray):
            raise ShapeError(f"{self.rule.name} returned an array of shape {y.shape} for numbers.{self.rule.at}")
        return float(result(self.rule, y, ()))

    def on_array(self, *args: Any, **params: Any) -> Any:
        """The formula of arrays and numbers, element by element, in their precision."""
        if len(args) == 1 and type(args[0]) is ndarray and args[0].dtype.kind == "f":
            shape, dtype = args[0].shape, args[0].dtype
        else:
            shape, dtype = np.broadcast_shapes(*map(np.shape, args)), np.result_type(*args)
            dtype = dtype if dtype.kind == "f" else np.result_type(dtype, float)
        single = [x.reshape(()) if isinstance(x, ndarray) and x.size == 1 else x for x in args]
        if not self.by_element:
            try:
                return self._array(self.rule(*single, **params), single, shape, dtype)
            except (TypeError, ValueError) as error:
                if isinstance(error, ShapeError | OperandError):
                    raise
                found = self._each(args, params, shape, dtype)  # and if that fails, too, it is no matter of arrays
                self.by_element = True
                return found
        return self._each(args, params, shape, dtype)

    def _array(self, y: Any, args: list[Any], shape: tuple[int, ...], dtype: Any) -> Any:
        if type(y) is ndarray and y.shape == shape and y.dtype == dtype:
            return owned(y)
        same = isinstance(y, ndarray) and not y.flags.writeable and y.shape in map(np.shape, args)  # an operand itself
        same |= type(y) in (bool, int, float) or all(np.size(x) == 1 for x in args)  # a constant; or a single number
        y = np.asarray(result(self.rule, y, args))
        if y.shape != shape:
            if not same:
                raise ShapeError(
                    f"{self.rule.name} returned shape {y.shape} for operands of shape {shape}: with partials it must "
                    f"work on each element by itself.{self.rule.at}\n"
                    "  For sums, products of matrices and the like give it a vjp."
                )
            y = np.broadcast_to(y, shape)
        return owned(y.astype(dtype, copy=False))

    def _each(self, args: tuple[Any, ...], params: dict[str, Any], shape: tuple[int, ...], dtype: Any) -> ndarray:
        columns = [np.broadcast_to(x, shape).ravel().tolist() for x in args]
        ys = [self.on_number(*row, **params) for row in zip(*columns)]
        return np.array(ys, dtype).reshape(shape)


def elementwise(body: Rule, slopes: Sequence[Slope], static: bool) -> Primitive:
    """A function of the user's that works on each element by itself, as a primitive; see `primitive.elementwise`."""
    formula = Scalar(body)
    primitive = Custom(body, formula.on_number, formula.on_array, broadcasts=True)
    give_partials(primitive, slopes, static=static)
    return primitive


def partials(rules: Sequence[Rule | float | None], together: bool) -> list[Slope]:
    """The user's partials as the engine reads them; `together`, each is the one function that returns all."""
    count = len(rules)
    return [Partial(r, i if together else None, count) if isinstance(r, Rule) else r for i, r in enumerate(rules)]


class Partial:
    """A partial of the user's, fed with what the engine reads rules with: floats, arrays, nodes or symbols."""

    def __init__(self, rule: Rule, index: int | None, count: int) -> None:
        self.rule = rule
        self.index = index  # of a function that returns all partials together
        self.count = count
        self.scalar = Scalar(rule if index is None else Rule(self._one, rule.name))

    def __call__(self, y: Any, *args: Any, **params: Any) -> Any:
        if isinstance(y, Symbol):
            try:
                return self._one(y, *args, **params)
            except TypeError as error:
                raise OperandError(
                    f"{self.rule.name} cannot be read as text: {error}.{self.rule.at}\n"
                    "  Write it with autograd's functions or NumPy's, and not with math's."
                ) from None
        if isinstance(y, Node):
            found = self._one(y, *args, **params)
            return found if isinstance(found, Node) else result(self.rule, found, ())
        if any(map(is_batched, (y, *args))):
            return each_example(partial(self, **params), (y, *args))
        if any(isinstance(x, ndarray) for x in (y, *args)):
            return self.scalar.on_array(y, *args, **params)
        return self.scalar.on_number(y, *args, **params)

    def _one(self, *args: Any, **params: Any) -> Any:
        found = self.rule(*args, **params)
        if self.index is None:
            return found
        if not isinstance(found, tuple) or len(found) != self.count:
            raise GradientError(
                f"{self.rule.name.split(' by ')[0]} returned {describe(found)}: it must be a tuple of {self.count}, "
                f"one for each operand.{self.rule.at}"
            )
        return found[self.index]


def numerical_partials(body: Rule, operands: Sequence[str], method: str) -> list[Slope]:
    """The partials of a function, found by evaluating it nearby."""
    return [NumericalPartial(body, operands, slot, method) for slot in range(len(operands))]


class NumericalPartial:
    """A partial found by evaluating the function nearby; a derivative of it is found in the same way."""

    def __init__(self, body: Rule, operands: Sequence[str], slot: int, method: str) -> None:
        self.name, self.operands, self.slot, self.method = body.name, operands, slot, method
        self.body = Scalar(body).on_array if method == CENTRAL else body

    def __call__(self, y: Any, *args: Any, **params: Any) -> Any:
        by = f"∂{self.name}/∂{self.operands[self.slot]}"
        if isinstance(y, Symbol):
            raise OperandError(f"{by} has no formula: it is found by {self.method}.{place()}")
        compute = partial(self._compute, params)
        if isinstance(y, Node):
            again = Rule(compute, by)
            primitive = elementwise(again, numerical_partials(again, self.operands, CENTRAL), static=False)
            primitive.method, primitive.notation = CENTRAL, f"{by}, {self.method}"
            return primitive(*args)
        if any(map(is_batched, (y, *args))):
            return each_example(partial(self, **params), (y, *args))
        found = compute(*args)
        return found.astype(y.dtype) if isinstance(y, ndarray) else float(found)

    def _compute(self, params: dict[str, Any], *args: Any) -> Any:
        return numerical.partial(self.method, self.name, partial(self.body, **params), self.slot, args)
