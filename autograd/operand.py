"""Operand: the operators and elementwise methods that numbers of our own kinds share, each written once.

They call the primitives, which record by the kind of number they meet. Value and Tensor replace the busiest of them
by faster ones that do the same (see `fast_record.py`).
"""

from __future__ import annotations

from typing import Any, Self

from autograd.node import Node
from autograd.rules import arithmetic, exponential, piecewise, special, trigonometric


class Operand:
    """A number one can calculate with: `data` is what it is compared by."""

    __slots__ = ()

    data: Any

    # Arithmetic. What the other operand is decides the kind of the result, hence Any.

    def __add__(self, other: Any) -> Any:
        return arithmetic.add(self, other)

    def __radd__(self, other: Any) -> Any:
        return arithmetic.add(other, self)

    def __sub__(self, other: Any) -> Any:
        return arithmetic.subtract(self, other)

    def __rsub__(self, other: Any) -> Any:
        return arithmetic.subtract(other, self)

    def __mul__(self, other: Any) -> Any:
        return arithmetic.multiply(self, other)

    def __rmul__(self, other: Any) -> Any:
        return arithmetic.multiply(other, self)

    def __truediv__(self, other: Any) -> Any:
        return arithmetic.divide(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return arithmetic.divide(other, self)

    def __floordiv__(self, other: Any) -> Any:
        return arithmetic.floor_divide(self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return arithmetic.floor_divide(other, self)

    def __mod__(self, other: Any) -> Any:
        return arithmetic.remainder(self, other)

    def __rmod__(self, other: Any) -> Any:
        return arithmetic.remainder(other, self)

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __pow__(self, other: Any) -> Any:
        return arithmetic.power(self, other)

    def __rpow__(self, other: Any) -> Any:
        return arithmetic.power(other, self)

    def __neg__(self) -> Self:
        return arithmetic.negative(self)  # type: ignore[no-any-return]

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Self:
        return piecewise.absolute(self)  # type: ignore[no-any-return]

    # Comparisons have no derivative: they give plain booleans, or arrays of them.

    def __lt__(self, other: Any) -> Any:
        return self.data < plain(other)

    def __le__(self, other: Any) -> Any:
        return self.data <= plain(other)

    def __gt__(self, other: Any) -> Any:
        return self.data > plain(other)

    def __ge__(self, other: Any) -> Any:
        return self.data >= plain(other)

    def __eq__(self, other: Any) -> Any:
        return self.data == plain(other)

    def __ne__(self, other: Any) -> Any:
        return self.data != plain(other)

    __hash__ = object.__hash__

    # Elementwise functions, as methods

    def exp(self) -> Self:
        return exponential.exp(self)  # type: ignore[no-any-return]

    def exp2(self) -> Self:
        return exponential.exp2(self)  # type: ignore[no-any-return]

    def expm1(self) -> Self:
        return exponential.expm1(self)  # type: ignore[no-any-return]

    def log(self) -> Self:
        return exponential.log(self)  # type: ignore[no-any-return]

    def log2(self) -> Self:
        return exponential.log2(self)  # type: ignore[no-any-return]

    def log10(self) -> Self:
        return exponential.log10(self)  # type: ignore[no-any-return]

    def log1p(self) -> Self:
        return exponential.log1p(self)  # type: ignore[no-any-return]

    def sqrt(self) -> Self:
        return exponential.sqrt(self)  # type: ignore[no-any-return]

    def cbrt(self) -> Self:
        return exponential.cbrt(self)  # type: ignore[no-any-return]

    def sigmoid(self) -> Self:
        return exponential.sigmoid(self)  # type: ignore[no-any-return]

    def softplus(self) -> Self:
        return exponential.softplus(self)  # type: ignore[no-any-return]

    def log_sigmoid(self) -> Self:
        return exponential.log_sigmoid(self)  # type: ignore[no-any-return]

    def sin(self) -> Self:
        return trigonometric.sin(self)  # type: ignore[no-any-return]

    def cos(self) -> Self:
        return trigonometric.cos(self)  # type: ignore[no-any-return]

    def tan(self) -> Self:
        return trigonometric.tan(self)  # type: ignore[no-any-return]

    def arcsin(self) -> Self:
        return trigonometric.arcsin(self)  # type: ignore[no-any-return]

    def arccos(self) -> Self:
        return trigonometric.arccos(self)  # type: ignore[no-any-return]

    def arctan(self) -> Self:
        return trigonometric.arctan(self)  # type: ignore[no-any-return]

    def sinh(self) -> Self:
        return trigonometric.sinh(self)  # type: ignore[no-any-return]

    def cosh(self) -> Self:
        return trigonometric.cosh(self)  # type: ignore[no-any-return]

    def tanh(self) -> Self:
        return trigonometric.tanh(self)  # type: ignore[no-any-return]

    def arcsinh(self) -> Self:
        return trigonometric.arcsinh(self)  # type: ignore[no-any-return]

    def arccosh(self) -> Self:
        return trigonometric.arccosh(self)  # type: ignore[no-any-return]

    def arctanh(self) -> Self:
        return trigonometric.arctanh(self)  # type: ignore[no-any-return]

    def absolute(self) -> Self:
        return piecewise.absolute(self)  # type: ignore[no-any-return]

    def sign(self) -> Self:
        return piecewise.sign(self)  # type: ignore[no-any-return]

    def floor(self) -> Self:
        return piecewise.floor(self)  # type: ignore[no-any-return]

    def ceil(self) -> Self:
        return piecewise.ceil(self)  # type: ignore[no-any-return]

    def trunc(self) -> Self:
        return piecewise.trunc(self)  # type: ignore[no-any-return]

    def relu(self) -> Self:
        return piecewise.relu(self)  # type: ignore[no-any-return]

    def square(self) -> Self:
        return arithmetic.square(self)  # type: ignore[no-any-return]

    def reciprocal(self) -> Self:
        return arithmetic.reciprocal(self)  # type: ignore[no-any-return]

    def erf(self) -> Self:
        return special.erf(self)  # type: ignore[no-any-return]

    def erfc(self) -> Self:
        return special.erfc(self)  # type: ignore[no-any-return]

    def gelu(self, approximate: str = "none") -> Self:
        return special.gelu(self, approximate)  # type: ignore[no-any-return]

    def silu(self) -> Self:
        return special.silu(self)  # type: ignore[no-any-return]

    def leaky_relu(self, negative_slope: float = 0.01) -> Self:
        return piecewise.leaky_relu(self, negative_slope)  # type: ignore[no-any-return]

    def abs(self) -> Self:
        """y = |x|; slope 0 at 0."""
        return piecewise.absolute(self)  # type: ignore[no-any-return]

    def clip(self, min: Any = None, max: Any = None) -> Self:
        return piecewise.clip(self, min, max)  # type: ignore[no-any-return]

    # The math module's names
    asin, acos, atan = arcsin, arccos, arctan
    asinh, acosh, atanh = arcsinh, arccosh, arctanh


def plain(x: Any) -> Any:
    """The number or array behind a node; anything else as it is."""
    return x.data if isinstance(x, Node) else x


for _family in (arithmetic, exponential, piecewise, special, trigonometric):
    for _name, _method in vars(Operand).items():
        if callable(_method) and not _method.__doc__ and hasattr(_family, _name):
            _method.__doc__ = getattr(_family, _name).__doc__
