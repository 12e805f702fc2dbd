"""Functions with kinks and steps: each says in its doc which slope it takes where there is none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.domain import DISTINCT, NONZERO, REAL, case
from autograd.primitive import Primitive, elementwise, general

where: Primitive = general(
    "where",
    np.where,
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
    lambda x: float(round(x)),
    np.rint,
    0,
    domain=(DISTINCT,),
    doc="to the nearest integer, halves to even; slope 0",
)

relu = elementwise(
    "relu",
    lambda x: x if x > 0 or x != x else 0.0,
    lambda x: np.maximum(x, 0),
    lambda y, x: x > 0,
    domain=(NONZERO,),
    doc="y = max(x, 0); slope 0 at 0",
)
leaky_relu_of = elementwise(
    "leaky_relu",
    lambda x, negative_slope: x if x > 0 else negative_slope * x,
    lambda x, negative_slope: np.where(x > 0, x, negative_slope * x),
    lambda y, x, negative_slope: where(x > 0, sign(x), negative_slope),
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


def _clip_number(x: Any, low: Any, high: Any) -> Any:
    return _min_number(_max_number(x, low), high)


clip_between = elementwise(
    "clip",
    _clip_number,
    np.clip,
    lambda y, x, low, high: (x >= low) * (x <= high),
    None,
    None,
    domain=[case(REAL(2, 3), -1.05, 1.05)],
    doc="x kept between low and high, which are not differentiated; the bounds themselves have slope 1.",
)


def clip(x: Any, a_min: Any = None, a_max: Any = None) -> Any:
    """x kept between a_min and a_max (None: no bound). The bounds are not differentiated.

    >>> import autograd
    >>> autograd.clip(autograd.Value(2.0), -1, 1).data
    1.0
    """
    return clip_between(x, -math.inf if a_min is None else a_min, math.inf if a_max is None else a_max)
