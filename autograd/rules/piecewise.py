"""Functions with kinks and steps: each says in its doc which slope it takes where there is none."""

from __future__ import annotations

import builtins
import math
import sys
from typing import Any

import numpy as np

from autograd.domain import DISTINCT, NONZERO, REAL, case
from autograd.primitive import Primitive, elementwise, general
from autograd.rules.choosing import choose

__all__ = [
    "absolute",
    "ceil",
    "clip",
    "copysign",
    "floor",
    "fmax",
    "fmin",
    "frac",
    "heaviside",
    "leaky_relu",
    "maximum",
    "minimum",
    "modf",
    "nan_to_num",
    "nextafter",
    "relu",
    "rint",
    "round",
    "sign",
    "trunc",
    "where",
]

where: Primitive = general(
    "where",
    choose,
    (None, lambda g, y, c, a, b: where(c, g, 0.0), lambda g, y, c, a, b: where(c, 0.0, g)),
    (None, lambda t, y, c, a, b: where(c, t, 0.0), lambda t, y, c, a, b: where(c, 0.0, t)),
    on_number=lambda c, a, b: a if c else b,
    domain=[case(np.array([[True, False, True]]), REAL(2, 3), REAL(2, 3))],
    broadcasts=True,
    doc="a where the condition holds, else b. The branch not taken receives a cotangent of exactly 0.",
)

sign = elementwise(
    "sign",
    lambda x: float((x > 0) - (x < 0)) if x == x else x,
    np.sign,
    0,
    domain=(NONZERO,),
    doc="-1, 0 or 1; slope 0",
)
absolute = elementwise(
    "absolute", abs, np.absolute, lambda y, x: sign(x), domain=(NONZERO,), doc="y = |x|; slope 0 at 0"
)
floor = elementwise("floor", lambda x: float(math.floor(x)), np.floor, 0, domain=(DISTINCT,), doc="⌊x⌋; slope 0")
ceil = elementwise("ceil", lambda x: float(math.ceil(x)), np.ceil, 0, domain=(DISTINCT,), doc="⌈x⌉; slope 0")
trunc = elementwise("trunc", lambda x: float(math.trunc(x)), np.trunc, 0, domain=(DISTINCT,), doc="towards 0; slope 0")
rint = elementwise(
    "rint",
    lambda x: float(builtins.round(x)),
    np.rint,
    0,
    domain=(DISTINCT,),
    doc="to the nearest integer, halves to even; slope 0",
)
frac = elementwise(
    "frac",
    lambda x: math.fmod(x, 1.0),
    lambda x: x - np.trunc(x),
    1,
    domain=(DISTINCT,),
    doc="What stands behind the point, y = x - trunc(x), with the sign of x; slope 1",
)


def modf(x: Any) -> tuple[Any, Any]:
    """What stands behind the point, and what stands before it: `frac(x)` and `trunc(x)`."""
    return frac(x), trunc(x)


def round(x: Any, decimals: int = 0) -> Any:
    """To so many digits behind the point, halves to even; slope 0."""
    return rint(x) if not decimals else rint(x * 10.0**decimals) / 10.0**decimals


relu = elementwise(
    "relu",
    lambda x: x if x > 0 or x != x else 0.0,
    lambda x: np.maximum(x, 0),
    lambda y, x: x > 0,
    domain=(NONZERO,),
    doc="y = max(x, 0); slope 0 at 0",
)


def _leaky_relu_array(x: Any, negative_slope: float) -> Any:
    return np.maximum(x, negative_slope * x) if 0 < negative_slope <= 1 else choose(x > 0, x, negative_slope * x)


def _leaky_relu_slope(y: Any, x: Any, negative_slope: float) -> Any:
    if type(x) is np.ndarray and 0 < negative_slope <= 1:
        return np.maximum(x > 0, x.dtype.type(negative_slope))
    return where(x > 0, sign(x), negative_slope)


leaky_relu_of = elementwise(
    "leaky_relu",
    lambda x, negative_slope: x if x > 0 else negative_slope * x,
    _leaky_relu_array,
    _leaky_relu_slope,
    domain=[case(NONZERO(2, 3), negative_slope=0.01)],
    doc="y = x above 0, negative_slope · x from 0 down.",
)


def leaky_relu(x: Any, negative_slope: float = 0.01) -> Any:
    """y = x above 0, negative_slope · x from 0 down.

    >>> import autograd
    >>> autograd.leaky_relu(-2.0)
    -0.02
    """
    return leaky_relu_of(x, negative_slope=negative_slope)


def _max_number(a: Any, b: Any) -> Any:
    return a if a >= b or a != a else b


def _min_number(a: Any, b: Any) -> Any:
    return a if a <= b or a != a else b


def _share(a: Any, b: Any) -> Any:
    # 1 where a > b, 0 where a < b; made of sign, which has the precision of its operand, while a bare 1.0 has not.
    return where(a == b, 0.5, 0.5 + 0.5 * sign(a - b))


maximum = elementwise(
    "maximum",
    _max_number,
    np.maximum,
    lambda y, a, b: _share(a, b),
    lambda y, a, b: _share(b, a),
    domain=(DISTINCT, DISTINCT),
    doc="The larger of a and b, nan if either is; at a tie each takes half of the slope.",
)
minimum = elementwise(
    "minimum",
    _min_number,
    np.minimum,
    lambda y, a, b: _share(b, a),
    lambda y, a, b: _share(a, b),
    domain=(DISTINCT, DISTINCT),
    doc="The smaller of a and b, nan if either is; at a tie each takes half of the slope.",
)


fmax = elementwise(
    "fmax",
    lambda a, b: a if a >= b or b != b else b,
    np.fmax,
    lambda y, a, b: (a >= b) + (b != b),
    lambda y, a, b: ((a >= b) + (b != b)) == 0,
    domain=(DISTINCT, DISTINCT),
    doc="The larger of a and b, where a nan loses; at a tie a has the whole slope, as in PyTorch.",
)
fmin = elementwise(
    "fmin",
    lambda a, b: a if a <= b or b != b else b,
    np.fmin,
    lambda y, a, b: (a <= b) + (b != b),
    lambda y, a, b: ((a <= b) + (b != b)) == 0,
    domain=(DISTINCT, DISTINCT),
    doc="The smaller of a and b, where a nan loses; at a tie a has the whole slope, as in PyTorch.",
)
copysign = elementwise(
    "copysign",
    math.copysign,
    np.copysign,
    lambda y, a, b: sign(a) * sign(y),
    0,
    domain=(NONZERO, NONZERO),
    doc="y = |a| with the sign of b (of -0.0, too); slope in a 0 at 0, in b 0 everywhere.",
)
nextafter = elementwise(
    "nextafter",
    math.nextafter,
    np.nextafter,
    lambda y, a, b: a != b,
    0,
    domain=(REAL, REAL),
    doc="The number next to a on the way to b; slope 1 in a, or 0 where both are equal, and 0 in b.",
)
heaviside = elementwise(
    "heaviside",
    lambda a, b: b if a == 0 else float(a > 0) if a == a else a,
    np.heaviside,
    0,
    lambda y, a, b: a == 0,
    domain=(NONZERO, REAL),
    doc="The step: 0 below 0, 1 above, and b at 0, which is all that b does; slope in a 0.",
)


def _clip_number(x: Any, low: Any, high: Any) -> Any:
    return _min_number(_max_number(x, low), high)


clip_between = elementwise(
    "clip",
    _clip_number,
    np.clip,
    lambda y, x, low, high: (x >= low) * (x <= high),
    lambda y, x, low, high: (x < low) * (low < high),
    lambda y, x, low, high: (x > high) + (low > high) > 0,
    domain=[case(REAL(2, 3), -1.05, 1.05), case(DISTINCT(2, 3), DISTINCT(2, 3), DISTINCT(2, 3))],
    doc="x kept between low and high. At a bound x has the slope, as in PyTorch; beyond it the bound has.",
)


def clip(x: Any, a_min: Any = None, a_max: Any = None) -> Any:
    """x kept between a_min and a_max (None: no bound), which may be arrays and are differentiated as x is.

    >>> import autograd
    >>> autograd.clip(autograd.Value(2.0), -1, 1).data
    1.0
    """
    return clip_between(x, -math.inf if a_min is None else a_min, math.inf if a_max is None else a_max)


def _finite_number(x: float, nan: float, posinf: float | None, neginf: float | None) -> float:
    if x != x:
        return nan
    largest = sys.float_info.max
    if x == math.inf:
        return largest if posinf is None else posinf
    if x == -math.inf:
        return -largest if neginf is None else neginf
    return x


nan_to_num_of = elementwise(
    "nan_to_num",
    _finite_number,
    lambda x, nan, posinf, neginf: np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf),
    lambda y, x, nan, posinf, neginf: absolute(x) < math.inf,
    domain=[case(REAL(2, 3), nan=0.0, posinf=None, neginf=None)],
    doc="x, with numbers in place of nan, inf and -inf; there the slope is 0.",
)


def nan_to_num(
    x: Any, copy: bool = True, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Any:
    """x, with numbers in place of nan, inf and -inf (None: the largest there are), where the slope is 0.

    It always is a copy.
    """
    return nan_to_num_of(x, nan=nan, posinf=posinf, neginf=neginf)
