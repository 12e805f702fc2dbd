"""Circular and hyperbolic functions, and their inverses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.domain import ABOVE_ONE, NONZERO, REAL, UNIT
from autograd.primitive import Primitive, elementwise
from autograd.rules.exponential import sqrt
from autograd.rules.piecewise import where

__all__ = [
    "acos",
    "acosh",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "deg2rad",
    "hypot",
    "logcosh",
    "one_minus_square",
    "rad2deg",
    "sin",
    "sinh",
    "square_minus_one_root",
    "tan",
    "tanh",
]

sin = elementwise("sin", math.sin, np.sin, lambda y, x: cos(x), domain=(REAL,), doc="y = sin x")
cos: Primitive = elementwise("cos", math.cos, np.cos, lambda y, x: -sin(x), domain=(REAL,), doc="y = cos x")
tan = elementwise("tan", math.tan, np.tan, lambda y, x: 1 + y * y, domain=(UNIT,), doc="y = tan x")
one_minus_square = elementwise(
    "one_minus_square",
    lambda x: (1 - x) * (1 + x),
    lambda x: (1 - x) * (1 + x),
    lambda y, x: -2 * x,
    domain=(REAL,),
    doc="y = 1 - x², computed as (1 - x)(1 + x), which keeps its digits near 1.",
)
square_minus_one_root = elementwise(
    "square_minus_one_root",
    lambda x: math.sqrt(x - 1) * math.sqrt(x + 1),
    lambda x: np.sqrt(x - 1) * np.sqrt(x + 1),
    lambda y, x: x / y,
    domain=(ABOVE_ONE,),
    doc="y = √(x² - 1), computed as √(x - 1) √(x + 1), which keeps its digits near 1 and does not overflow.",
)
arcsin = elementwise(
    "arcsin",
    math.asin,
    np.arcsin,
    lambda y, x: 1 / sqrt(one_minus_square(x)),
    domain=(UNIT,),
    doc="y = arcsin x, |x| ≤ 1; slope inf at the ends",
)
arccos = elementwise(
    "arccos",
    math.acos,
    np.arccos,
    lambda y, x: -1 / sqrt(one_minus_square(x)),
    domain=(UNIT,),
    doc="y = arccos x, |x| ≤ 1; slope -inf at the ends",
)
arctan = elementwise("arctan", math.atan, np.arctan, lambda y, x: 1 / (1 + x * x), domain=(REAL,), doc="y = arctan x")
arctan2 = elementwise(
    "arctan2",
    math.atan2,
    np.arctan2,
    lambda y, a, b: b / _radius(a, b) / _radius(a, b),  # a * a + b * b would overflow, or vanish
    lambda y, a, b: -a / _radius(a, b) / _radius(a, b),
    domain=(NONZERO, NONZERO),
    doc="The angle of the point (b, a), from -π to π; slopes 0 at the origin.",
)
hypot: Primitive = elementwise(
    "hypot",
    math.hypot,
    np.hypot,
    lambda y, a, b: where(y == 0, 0.0, a / where(y == 0, 1.0, y)),
    lambda y, a, b: where(y == 0, 0.0, b / where(y == 0, 1.0, y)),
    domain=(NONZERO, NONZERO),
    doc="Length of (a, b), y = √(a² + b²); slopes 0 at the origin.",
)


def _radius(a: Any, b: Any) -> Any:
    """The distance from the origin; 1 at the origin itself, to divide by."""
    r = hypot(a, b)
    return where(r == 0, 1.0, r)


deg2rad = elementwise(
    "deg2rad", math.radians, np.deg2rad, math.pi / 180.0, domain=(REAL,), doc="Degrees as radians, y = x π / 180."
)
rad2deg = elementwise(
    "rad2deg", math.degrees, np.rad2deg, 180.0 / math.pi, domain=(REAL,), doc="Radians as degrees, y = x 180 / π."
)

sinh = elementwise("sinh", math.sinh, np.sinh, lambda y, x: cosh(x), domain=(REAL,), doc="y = sinh x")
cosh: Primitive = elementwise("cosh", math.cosh, np.cosh, lambda y, x: sinh(x), domain=(REAL,), doc="y = cosh x")
tanh = elementwise("tanh", math.tanh, np.tanh, lambda y, x: 1 - y * y, domain=(REAL,), doc="y = tanh x")
logcosh = elementwise(
    "logcosh",
    lambda x: (
        0.5 * math.log1p(math.sinh(x) ** 2)
        if -1 < x < 1
        else math.fabs(x) + math.log1p(math.expm1(-2 * math.fabs(x)) / 2)
    ),
    lambda x: np.where(
        np.abs(x) < 1,
        np.log1p(np.square(np.sinh(np.clip(x, -1, 1)))) / 2,
        np.abs(x) + np.log1p(np.expm1(-2 * np.abs(x)) / 2),
    ),
    lambda y, x: tanh(x),
    domain=(REAL,),
    doc="y = ln cosh x, without the overflow of cosh: x² / 2 near 0, |x| - ln 2 far out.",
)
arcsinh = elementwise(
    "arcsinh", math.asinh, np.arcsinh, lambda y, x: 1 / hypot(x, 1.0), domain=(REAL,), doc="y = arsinh x"
)
arccosh = elementwise(
    "arccosh",
    math.acosh,
    np.arccosh,
    lambda y, x: 1 / square_minus_one_root(x),
    domain=(ABOVE_ONE,),
    doc="y = arcosh x, x ≥ 1; slope inf at 1",
)
arctanh = elementwise(
    "arctanh",
    math.atanh,
    np.arctanh,
    lambda y, x: 1 / one_minus_square(x),
    domain=(UNIT,),
    doc="y = artanh x, |x| < 1; slope inf at the ends",
)

# The math module's names
asin, acos, atan, atan2, asinh, acosh, atanh = arcsin, arccos, arctan, arctan2, arcsinh, arccosh, arctanh
