"""Addition, multiplication and their kin, powers, and comparisons."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import NONZERO, POSITIVE, REAL, case
from autograd.errors import OperandError, place
from autograd.primitive import Primitive, elementwise
from autograd.rules.exponential import log
from autograd.rules.piecewise import absolute, where
from autograd.rules.shaping import astype

__all__ = [
    "abs",
    "add",
    "addcdiv",
    "addcmul",
    "div",
    "divide",
    "divmod",
    "equal",
    "float_power",
    "floor_divide",
    "fmod",
    "greater",
    "greater_equal",
    "lerp",
    "less",
    "less_equal",
    "multiply",
    "negative",
    "not_equal",
    "positive",
    "pow",
    "power",
    "reciprocal",
    "remainder",
    "square",
    "subtract",
    "trunc_divide",
]

add = elementwise("add", operator.add, np.add, 1, 1, domain=(REAL, REAL), notation="+", doc="y = a + b")
subtract = elementwise("subtract", operator.sub, np.subtract, 1, -1, domain=(REAL, REAL), notation="-", doc="y = a - b")
multiply = elementwise(
    "multiply",
    operator.mul,
    np.multiply,
    lambda y, a, b: b,
    lambda y, a, b: a,
    domain=(REAL, REAL),
    notation="*",
    doc="y = a b",
)
divide = elementwise(
    "divide",
    operator.truediv,
    np.divide,
    lambda y, a, b: 1 / b,
    lambda y, a, b: -y / b,
    domain=(REAL, NONZERO),
    notation="/",
    doc="y = a / b",
)
negative = elementwise("negative", operator.neg, np.negative, -1, domain=(REAL,), notation="-{0}", doc="y = -x")
positive = elementwise("positive", operator.pos, np.positive, 1, domain=(REAL,), doc="y = x")
reciprocal = elementwise(
    "reciprocal", lambda x: 1.0 / x, np.reciprocal, lambda y, x: -y * y, domain=(NONZERO,), doc="y = 1 / x"
)
square = elementwise("square", lambda x: x * x, np.square, lambda y, x: 2 * x, domain=(REAL,), doc="y = x²")

floor_divide = elementwise(
    "floor_divide",
    operator.floordiv,
    np.floor_divide,
    0,
    0,
    domain=(NONZERO, NONZERO),
    notation="//",
    doc="y = ⌊a / b⌋, a staircase: its slope is 0 (at the steps too, by convention).",
)
remainder = elementwise(
    "remainder",
    operator.mod,
    np.remainder,
    1,
    lambda y, a, b: -(a // b),  # ⌊a / b⌋ without the rounding of a / b: 1 // 0.1 is 9
    domain=(NONZERO, NONZERO),
    notation="%",
    doc="y = a - b ⌊a / b⌋, Python's %, with the sign of b.",
)


def _trunc_divide_array(a: Any, b: Any) -> Any:
    rest = np.fmod(a, b)
    return np.where(rest == rest, np.rint((a - rest) / b), np.trunc(a / b))


trunc_divide = elementwise(
    "trunc_divide",
    lambda a, b: float(round((a - math.fmod(a, b)) / b)),  # a whole number already, but for its rounding
    _trunc_divide_array,
    0,
    0,
    domain=(NONZERO, NONZERO),
    doc="y = a / b without what stands behind the point, a staircase: its slope is 0.",
)
fmod = elementwise(
    "fmod",
    math.fmod,
    np.fmod,
    1,
    lambda y, a, b: -trunc_divide(a, b),
    domain=(NONZERO, NONZERO),
    doc="y = a - b trunc(a / b), C's %, with the sign of a.",
)


def div(a: Any, b: Any, rounding_mode: str | None = None) -> Any:
    """a / b, rounded towards zero with "trunc" and downwards with "floor", where its slope is 0.

    >>> import autograd
    >>> autograd.div(-7.0, 2.0), autograd.div(-7.0, 2.0, "trunc"), autograd.div(-7.0, 2.0, "floor")
    (-3.5, -3.0, -4.0)
    """
    if rounding_mode not in (None, "trunc", "floor"):
        raise OperandError(f'div: rounding_mode is None, "trunc" or "floor", not {rounding_mode!r}.{place()}')
    return {None: divide, "trunc": trunc_divide, "floor": floor_divide}[rounding_mode](a, b)


def divmod(a: Any, b: Any) -> tuple[Any, Any]:
    """⌊a / b⌋ and what remains, as `a // b` and `a % b`."""
    return floor_divide(a, b), remainder(a, b)


def _whole_power(x: Any, *, n: Any) -> Any:
    # x ** 3 on float32 with negative bases is 400 times slower than x * x * x.
    if type(x) is ndarray and x.dtype.kind == "f" and isinstance(n, int) and 1 <= n <= 8:
        y = x
        for bit in bin(n)[3:]:
            y = y * y
            if bit == "1":
                y = y * x
        return y.copy() if y is x else y
    if isinstance(n, int) and n < 0:
        return np.power(x, float(n))  # integers to negative integer powers are an error in NumPy
    return np.power(x, n)


def _number_power(x: Any, *, n: Any) -> Any:
    y = x**n
    if isinstance(y, complex):
        raise ValueError("a negative base to a fractional power is not real")
    return y


power_of: Primitive = elementwise(
    "power_of",
    _number_power,
    _whole_power,
    lambda y, x, n: n * power_of(x, n=n - 1) if n not in (0, 1) else n,
    domain=[
        case(REAL(2, 3), n=3),
        case(REAL(2, 3), n=0),
        case(REAL(2, 3), n=1),
        case(NONZERO(2, 3), n=-2),
        case(POSITIVE(2, 3), n=0.5),
    ],
    notation="**{n}",
    doc="y = xⁿ for a number n that is not differentiated. The slope of x⁰ is 0 everywhere, of x¹ it is 1.",
)

pow_ab: Primitive = elementwise(
    "power",
    lambda a, b: _number_power(a, n=b),
    np.power,
    lambda y, a, b: where(b == 0, 0.0, b * pow_ab(where(b == 0, 1.0, a), b - 1)),
    lambda y, a, b: where(a == 0, where(b >= 0, 0.0, -y), y * log(where(a == 0, 1.0, a))),
    domain=(POSITIVE, REAL),
    notation="**",
    doc="y = aᵇ. At b = 0 the slope in a is 0; at a = 0 the slope in b is 0, or -inf for negative b.",
)


def power(a: Any, b: Any) -> Any:
    """a to the power of b, elementwise.

    A plain number as exponent is not differentiated, and whole ones are computed by multiplication. Of an exponent
    that is a Value or a Tensor the derivative is y log(a), which is nan for a negative base.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> (x ** 2).backward(); x.grad
    6.0
    """
    if isinstance(b, np.generic) and np.result_type(getattr(a, "dtype", b), b) != getattr(a, "dtype", b.dtype):
        return pow_ab(a, b)  # a NumPy scalar of more precision than a: the result has its precision
    if isinstance(b, int | float | np.integer | np.floating) and not isinstance(a, int | float):
        return power_of(a, n=b.item() if isinstance(b, np.generic) else b)
    return pow_ab(a, b)


def float_power(a: Any, b: Any) -> Any:
    """a to the power of b in double precision, whatever a is: whole numbers may have negative powers."""
    return power(astype(a, float) if hasattr(a, "dtype") else a, b)


# Products and sums in one call, as PyTorch has them

lerp = elementwise(
    "lerp",
    lambda a, b, weight: a + weight * (b - a) if math.fabs(weight) < 0.5 else b - (b - a) * (1.0 - weight),
    lambda a, b, weight: np.where(np.abs(weight) < 0.5, a + weight * (b - a), b - (b - a) * (1 - weight)),
    lambda y, a, b, weight: 1 - weight,
    lambda y, a, b, weight: weight,
    lambda y, a, b, weight: b - a,
    domain=(REAL, REAL, REAL),
    doc="y = a + weight (b - a): a where the weight is 0, b where it is 1, and a straight line between.",
)


def addcmul(x: Any, a: Any, b: Any, value: float = 1.0) -> Any:
    """x + value · a · b"""
    return x + value * a * b


def addcdiv(x: Any, a: Any, b: Any, value: float = 1.0) -> Any:
    """x + value · a / b"""
    return x + value * a / b


def _comparison(name: str, on_number: Any, on_array: Any, notation: str) -> Any:
    return elementwise(
        name,
        on_number,
        on_array,
        None,
        None,
        domain=(REAL, REAL),
        notation=notation,
        doc=f"y = a {notation} b; true or false, with no derivative.",
    )


greater = _comparison("greater", operator.gt, np.greater, ">")
greater_equal = _comparison("greater_equal", operator.ge, np.greater_equal, ">=")
less = _comparison("less", operator.lt, np.less, "<")
less_equal = _comparison("less_equal", operator.le, np.less_equal, "<=")
equal = _comparison("equal", operator.eq, np.equal, "==")
not_equal = _comparison("not_equal", operator.ne, np.not_equal, "!=")

# Python's names
abs, pow = absolute, power
