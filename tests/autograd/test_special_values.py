"""What every function gives at 0, ±inf, nan, ties and far out: value and slopes, for Value, Tensor and float alike.

The tables are the conventions. Where mathematics has no slope (a kink, a tie, a pole), the doc of the primitive says
which one is taken; where it has one, that is what stands here.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value

inf, nan = math.inf, math.nan
ln2, pi = math.log(2.0), math.pi
E40 = math.exp(-40.0)
ZETA3 = 1.2020569031595942
SELU = 1.0507009873554805
EULER = 0.5772156649015329
LOG_E = math.log10(math.e)
STEEP = 2 / math.sqrt(pi)

# name: rows of (x, y, dy/dx)
ONE = {
    "exp": [(0.0, 1.0, 1.0), (-inf, 0, 0), (inf, inf, inf), (1000.0, inf, inf), (-1000.0, 0, 0)],
    "exp2": [(10.0, 1024.0, 1024 * ln2), (-inf, 0, 0), (inf, inf, inf), (2000.0, inf, inf), (-2000.0, 0, 0)],
    "expm1": [(0.0, 0, 1), (-inf, -1, 0), (inf, inf, inf), (1e-20, 1e-20, 1), (1000.0, inf, inf), (-1000.0, -1, 0)],
    "log": [(0.0, -inf, inf), (-1.0, nan, -1), (inf, inf, 0), (1e-300, math.log(1e-300), 1e300)],
    "log2": [(0.0, -inf, inf), (-1.0, nan, -1 / ln2), (inf, inf, 0), (8.0, 3, 1 / (8 * ln2))],
    "log10": [(0.0, -inf, inf), (inf, inf, 0), (1000.0, 3, 1 / (1000 * math.log(10)))],
    "log1p": [(-1.0, -inf, inf), (-2.0, nan, -1), (0.0, 0, 1), (1e-20, 1e-20, 1), (inf, inf, 0)],
    "sqrt": [(0.0, 0, inf), (-1.0, nan, nan), (inf, inf, 0), (1e-300, 1e-150, 5e149)],
    "cbrt": [(0.0, 0, inf), (-8.0, -2, 1 / 12), (inf, inf, 0), (-inf, -inf, 0), (1e-300, 1e-100, 1e200 / 3)],
    "sigmoid": [(0.0, 0.5, 0.25), (inf, 1, 0), (-inf, 0, 0), (1000.0, 1, 0), (-1000.0, 0, 0), (-40.0, E40, E40)],
    "softplus": [(0.0, ln2, 0.5), (inf, inf, 1), (-inf, 0, 0), (1000.0, 1000, 1), (-1000.0, 0, 0), (-40.0, E40, E40)],
    "log_sigmoid": [(0.0, -ln2, 0.5), (inf, 0, 0), (-inf, -inf, 1), (1000.0, 0, 0), (-1000.0, -1000, 1)],
    "relu": [(0.0, 0, 0), (-0.0, 0, 0), (inf, inf, 1), (-inf, 0, 0), (1000.0, 1000, 1), (1e-300, 1e-300, 1)],
    "leaky_relu": [(0.0, 0, 0.01), (inf, inf, 1), (-inf, -inf, 0.01), (-1000.0, -10, 0.01)],
    "absolute": [(0.0, 0, 0), (-0.0, 0, 0), (inf, inf, 1), (-inf, inf, -1), (-1000.0, 1000, -1)],
    "sign": [(0.0, 0, 0), (inf, 1, 0), (-inf, -1, 0), (-1e-300, -1, 0)],
    "floor": [(0.0, 0, 0), (-0.5, -1, 0), (2.0, 2, 0), (inf, inf, 0), (-inf, -inf, 0), (1e300, 1e300, 0)],
    "ceil": [(0.0, 0, 0), (-0.5, 0, 0), (2.0, 2, 0), (inf, inf, 0), (-inf, -inf, 0), (1e300, 1e300, 0)],
    "trunc": [(0.0, 0, 0), (-1.5, -1, 0), (1.5, 1, 0), (inf, inf, 0), (-inf, -inf, 0)],
    "rint": [(0.5, 0, 0), (1.5, 2, 0), (2.5, 2, 0), (-0.5, 0, 0), (inf, inf, 0), (-inf, -inf, 0)],
    "negative": [(0.0, 0, -1), (inf, -inf, -1)],
    "positive": [(0.0, 0, 1), (inf, inf, 1)],
    "reciprocal": [(0.0, inf, -inf), (-0.0, -inf, -inf), (inf, 0, 0), (-inf, 0, 0), (1e-200, 1e200, -inf)],
    "square": [(0.0, 0, 0), (inf, inf, inf), (-inf, inf, -inf), (1e200, inf, 2e200), (1e-200, 0, 2e-200)],
    "sin": [(0.0, 0, 1), (inf, nan, nan), (1000.0, math.sin(1000), math.cos(1000))],
    "cos": [(0.0, 1, 0), (inf, nan, nan), (-inf, nan, nan), (1000.0, math.cos(1000), -math.sin(1000))],
    "tan": [(0.0, 0, 1), (inf, nan, nan), (pi / 4, 1, 2)],
    "arcsin": [(0.0, 0, 1), (1.0, pi / 2, inf), (-1.0, -pi / 2, inf), (2.0, nan, nan)],
    "arccos": [(0.0, pi / 2, -1), (1.0, 0, -inf), (-1.0, pi, -inf), (2.0, nan, nan)],
    "arctan": [(0.0, 0, 1), (inf, pi / 2, 0), (-inf, -pi / 2, 0), (1000.0, math.atan(1000), 1 / 1000001)],
    "sinh": [(0.0, 0, 1), (1000.0, inf, inf), (-1000.0, -inf, inf), (inf, inf, inf), (-inf, -inf, inf)],
    "cosh": [(0.0, 1, 0), (1000.0, inf, inf), (-1000.0, inf, -inf), (inf, inf, inf), (-inf, inf, -inf)],
    "tanh": [(0.0, 0, 1), (1000.0, 1, 0), (-1000.0, -1, 0), (inf, 1, 0), (-inf, -1, 0), (1e-300, 1e-300, 1)],
    "arcsinh": [(0.0, 0, 1), (inf, inf, 0), (-inf, -inf, 0), (1e200, math.asinh(1e200), 1e-200)],
    "square_minus_one_root": [(1.0, 0, inf), (0.0, nan, nan), (1e200, 1e200, 1), (inf, inf, nan)],
    "arccosh": [(1.0, 0, inf), (0.0, nan, nan), (inf, inf, 0), (1e200, math.acosh(1e200), 1e-200)],
    "arctanh": [(0.0, 0, 1), (1.0, inf, inf), (-1.0, -inf, inf)],
    "erf": [(0.0, 0, STEEP), (inf, 1, 0), (-inf, -1, 0), (1000.0, 1, 0), (-1000.0, -1, 0)],
    "erfc": [(0.0, 1, -STEEP), (inf, 0, 0), (-inf, 2, 0), (1000.0, 0, 0)],
    "gelu": [(0.0, 0, 0.5), (1000.0, 1000, 1), (-1000.0, 0, 0), (1e200, 1e200, 1), (-1e200, 0, 0)],
    "rsqrt": [(0.0, inf, -inf), (4.0, 0.5, -1 / 16), (inf, 0, 0), (-1.0, nan, nan), (1e-200, 1e100, -5e299)],
    "logit": [(0.0, -inf, inf), (1.0, inf, inf), (0.5, 0, 4), (-0.1, nan, nan), (1e-300, -300 / LOG_E, 1e300)],
    "deg2rad": [(180.0, pi, pi / 180), (inf, inf, pi / 180), (-1e300, -1e300 * pi / 180, pi / 180)],
    "rad2deg": [(pi, 180, 180 / pi), (-inf, -inf, 180 / pi)],
    "frac": [(2.5, 0.5, 1), (-2.5, -0.5, 1), (3.0, 0, 1), (inf, nan, 1), (1e-300, 1e-300, 1)],
    "erfinv": [(0.0, 0, 1 / STEEP), (1.0, inf, inf), (-1.0, -inf, inf), (1.5, nan, nan)],
    "erfcinv": [(1.0, 0, -1 / STEEP), (0.0, inf, -inf), (2.0, -inf, -inf), (3.0, nan, nan)],
    "erfcx": [(0.0, 1, -STEEP), (inf, 0, 0), (-inf, inf, -inf), (1e8, STEEP / 2e8, -STEEP / 2e16)],
    "ndtr": [(0.0, 0.5, STEEP / 8**0.5), (inf, 1, 0), (-inf, 0, 0), (2000.0, 1, 0)],
    "log_ndtr": [(0.0, -ln2, STEEP / 2**0.5), (2000.0, 0, 0), (-inf, -inf, inf), (-1e10, -5e19, 1e10)],
    "ndtri": [(0.5, 0, 8**0.5 / STEEP), (0.0, -inf, inf), (1.0, inf, inf), (1.5, nan, nan)],
    "dawsn": [(0.0, 0, 1), (1e8, 5e-9, -5e-17), (-1e8, -5e-9, -5e-17), (inf, 0, 0)],
    "exp1": [(0.0, inf, -inf), (inf, 0, 0), (1000.0, 0, 0)],
    "expi": [(0.0, -inf, inf), (-inf, 0, 0), (1000.0, inf, inf), (-1000.0, 0, 0)],
    "gamma": [(1.0, 1, -EULER), (5.0, 24, 50 - 24 * EULER), (200.0, inf, inf)],
    "gammaln": [(1.0, 0, -EULER), (2.0, 0, 1 - EULER), (0.0, inf, -inf), (inf, inf, inf), (1e-99, 99 / LOG_E, -1e99)],
    "digamma": [(1.0, -EULER, pi**2 / 6), (0.0, -inf, inf), (-1.0, nan, inf), (inf, inf, 0)],
    "rgamma": [(1.0, 1, EULER), (0.0, 0, 1), (-1.0, 0, -1), (-2.0, 0, 2), (-3.0, 0, -6), (200.0, 0, 0)],
    "entr": [(0.0, 0, inf), (1.0, 0, -1), (-1.0, -inf, nan), (inf, -inf, -inf)],
    "sinc": [(0.0, 1, 0), (-0.0, 1, 0), (0.5, 2 / pi, -4 / pi), (1e-8, 1, -(pi**2) / 3e8), (1e-99, 1, -(pi**2) / 3e99)],
    "j0": [(0.0, 1, 0), (-0.0, 1, 0), (1e-170, 1, -5e-171)],
    "j1": [(0.0, 0, 0.5), (1e-170, 5e-171, 0.5)],
    "y0": [(0.0, -inf, inf), (-1.0, nan, nan)],
    "y1": [(0.0, -inf, nan), (-1.0, nan, nan)],
    "i0": [(0.0, 1, 0), (1000.0, inf, inf), (-1000.0, inf, -inf), (1e-170, 1, 5e-171)],
    "i1": [(0.0, 0, 0.5), (1000.0, inf, inf), (-1000.0, -inf, inf)],
    "k0": [(0.0, inf, -inf), (2000.0, 0, 0), (-1.0, nan, nan)],
    "k1": [(0.0, inf, -inf), (2000.0, 0, 0), (-1.0, nan, nan)],
    "i0e": [(0.0, 1, 0), (1e170, (2e170 * pi) ** -0.5, 0), (inf, 0, 0)],
    "i1e": [(0.0, 0, 0.5), (1e170, (2e170 * pi) ** -0.5, 0), (-inf, 0, 0)],
    "elu": [(0.0, 0, 1), (1000.0, 1000, 1), (-1000.0, -1, 0), (-inf, -1, 0), (inf, inf, 1), (-40.0, E40 - 1, E40)],
    "celu": [(0.0, 0, 1), (1000.0, 1000, 1), (-1000.0, -1, 0), (-inf, -1, 0), (inf, inf, 1), (-40.0, E40 - 1, E40)],
    "selu": [(0.0, 0, SELU * 1.6732632423543772), (2.0, 2 * SELU, SELU), (-1000.0, -SELU * 1.6732632423543772, 0)],
    "mish": [(0.0, 0, 0.6), (1000.0, 1000, 1), (-1000.0, 0, 0), (1e170, 1e170, 1), (-1e170, 0, 0)],
    "softsign": [(0.0, 0, 1), (1.0, 0.5, 0.25), (-1e170, -1, 0), (1e-170, 1e-170, 1), (3.0, 0.75, 0.0625)],
    "tanhshrink": [(0.0, 0, 0), (2000.0, 1999, 1), (-2000.0, -1999, 1), (inf, inf, 1)],
    "hardtanh": [(1.0, 1, 0), (-1.0, -1, 0), (0.5, 0.5, 1), (2.0, 1, 0), (inf, 1, 0), (-inf, -1, 0)],
    "relu6": [(0.0, 0, 0), (6.0, 6, 0), (3.0, 3, 1), (7.0, 6, 0), (-1.0, 0, 0), (inf, 6, 0)],
    "hardsigmoid": [(-3.0, 0, 0), (3.0, 1, 0), (0.0, 0.5, 1 / 6), (2000.0, 1, 0), (-inf, 0, 0)],
    "hardswish": [(-3.0, 0, 0), (3.0, 3, 1), (0.0, 0, 0.5), (2000.0, 2000, 1), (-2000.0, 0, 0), (-inf, 0, 0)],
    "softshrink": [(0.5, 0, 0), (-0.5, 0, 0), (0.0, 0, 0), (1.5, 1, 1), (-1.5, -1, 1), (inf, inf, 1), (-inf, -inf, 1)],
    "hardshrink": [(0.5, 0, 0), (-0.5, 0, 0), (0.0, 0, 0), (1.5, 1.5, 1), (-1.5, -1.5, 1), (-inf, -inf, 1)],
    "silu": [(0.0, 0, 0.5), (1000.0, 1000, 1), (-1000.0, 0, 0), (1e200, 1e200, 1), (-1e200, 0, 0)],
}  # fmt: skip

# nan in, nan out; and these slopes, where a slope does not come from x
AT_NAN = {
    "relu": 0,
    "leaky_relu": 0.01,
    "sign": 0,
    "floor": 0,
    "ceil": 0,
    "trunc": 0,
    "rint": 0,
    "negative": -1,
    "positive": 1,
    "deg2rad": pi / 180,
    "rad2deg": 180 / pi,
    "frac": 1,
    "hardtanh": 0,
    "relu6": 0,
    "softshrink": 1,
    "hardshrink": 1,
}

# name: rows of ((a, b), y, (dy/da, dy/db))
TWO = {
    "add": [((inf, -inf), nan, (1, 1)), ((1e308, 1e308), inf, (1, 1))],
    "subtract": [((inf, inf), nan, (1, -1)), ((0.0, nan), nan, (1, -1))],
    "multiply": [((0.0, inf), nan, (inf, 0)), ((0.0, nan), nan, (nan, 0)), ((1e200, 1e200), inf, (1e200, 1e200))],
    "divide": [
        ((1.0, 0.0), inf, (inf, -inf)),
        ((-1.0, 0.0), -inf, (inf, inf)),
        ((1.0, -0.0), -inf, (-inf, -inf)),
        ((0.0, 0.0), nan, (inf, nan)),
        ((1.0, inf), 0, (0, 0)),
        ((1e200, 1e-200), inf, (1e200, -inf)),
        ((0.0, 2.0), 0, (0.5, 0)),
    ],
    "floor_divide": [((7.0, 2.0), 3, (0, 0)), ((-7.0, 2.0), -4, (0, 0)), ((1.0, 0.0), inf, (0, 0))],
    "remainder": [
        ((5.0, 3.0), 2, (1, -1)),
        ((-5.0, 3.0), 1, (1, 2)),
        ((5.0, -3.0), -1, (1, 2)),
        ((5.0, 0.0), nan, (1, -inf)),
        ((inf, 3.0), nan, (1, nan)),
        ((1.0, 0.1), 0.1 - 5.551115123125783e-17, (1, -9)),
    ],
    "fmod": [
        ((5.0, 3.0), 2, (1, -1)),
        ((-5.0, 3.0), -2, (1, 1)),
        ((5.0, -3.0), 2, (1, 1)),
        ((6.0, 3.0), 0, (1, -2)),
        ((1.0, 0.1), 0.1 - 5.551115123125783e-17, (1, -9)),
        ((5.0, 0.0), nan, (1, -inf)),
        ((5.0, inf), 5, (1, 0)),
    ],
    "trunc_divide": [
        ((7.0, 2.0), 3, (0, 0)),
        ((-7.0, 2.0), -3, (0, 0)),
        ((1.0, 0.1), 9, (0, 0)),
        ((-1.0, 0.0), -inf, (0, 0)),
        ((0.0, 0.0), nan, (0, 0)),
        ((5.0, inf), 0, (0, 0)),
    ],
    "power": [
        ((0.0, 2.0), 0, (0, 0)),
        ((0.0, 1.0), 0, (1, 0)),
        ((0.0, 0.0), 1, (0, 0)),
        ((0.0, -1.0), inf, (-inf, -inf)),
        ((0.0, 0.5), 0, (inf, 0)),
        ((2.0, 0.0), 1, (0, ln2)),
        ((2.0, 3.0), 8, (12, 8 * ln2)),
        ((-2.0, 3.0), -8, (12, nan)),
        ((-2.0, 2.5), nan, (nan, nan)),
        ((-2.0, 0.0), 1, (0, nan)),
        ((1e200, 2.0), inf, (2e200, inf)),
        ((inf, 0.0), 1, (0, inf)),
        ((nan, 0.0), 1, (0, nan)),
    ],
    "maximum": [
        ((1.0, 1.0), 1, (0.5, 0.5)),
        ((0.0, -0.0), 0, (0.5, 0.5)),
        ((2.0, 1.0), 2, (1, 0)),
        ((inf, inf), inf, (0.5, 0.5)),
        ((-inf, -inf), -inf, (0.5, 0.5)),
        ((-inf, 0.0), 0, (0, 1)),
        ((inf, 0.0), inf, (1, 0)),
        ((nan, 1.0), nan, (nan, nan)),
        ((1.0, nan), nan, (nan, nan)),
    ],
    "minimum": [
        ((1.0, 1.0), 1, (0.5, 0.5)),
        ((2.0, 1.0), 1, (0, 1)),
        ((inf, inf), inf, (0.5, 0.5)),
        ((-inf, 0.0), -inf, (1, 0)),
        ((nan, 1.0), nan, (nan, nan)),
        ((1.0, nan), nan, (nan, nan)),
    ],
    "logaddexp": [
        ((1000.0, 1000.0), 1000 + ln2, (0.5, 0.5)),
        ((-1000.0, -1000.0), -1000 + ln2, (0.5, 0.5)),
        ((1000.0, -1000.0), 1000, (1, 0)),
        ((0.0, -inf), 0, (1, 0)),
        ((-inf, 0.0), 0, (0, 1)),
        ((-inf, -inf), -inf, (0.5, 0.5)),
        ((inf, inf), inf, (0.5, 0.5)),
        ((nan, 0.0), nan, (nan, nan)),
    ],
    "logaddexp2": [
        ((1000.0, 1000.0), 1001, (0.5, 0.5)),
        ((2000.0, -2000.0), 2000, (1, 0)),
        ((-inf, -inf), -inf, (0.5, 0.5)),
        ((inf, inf), inf, (0.5, 0.5)),
        ((0.0, -inf), 0, (1, 0)),
        ((nan, 0.0), nan, (nan, nan)),
    ],
    "fmax": [
        ((1.0, 1.0), 1, (1, 0)),
        ((2.0, 1.0), 2, (1, 0)),
        ((-inf, 0.0), 0, (0, 1)),
        ((nan, 1.0), 1, (0, 1)),
        ((1.0, nan), 1, (1, 0)),
        ((nan, nan), nan, (1, 0)),
    ],
    "fmin": [
        ((1.0, 1.0), 1, (1, 0)),
        ((2.0, 1.0), 1, (0, 1)),
        ((nan, 1.0), 1, (0, 1)),
        ((1.0, nan), 1, (1, 0)),
    ],
    "copysign": [
        ((2.0, -3.0), -2, (-1, 0)),
        ((-2.0, -3.0), -2, (1, 0)),
        ((2.0, -0.0), -2, (-1, 0)),
        ((0.0, -3.0), 0, (0, 0)),
        ((-inf, 1.0), inf, (-1, 0)),
    ],
    "nextafter": [
        ((0.0, 1.0), 5e-324, (1, 0)),
        ((1.0, 1.0), 1, (0, 0)),
        ((inf, 0.0), 1.7976931348623157e308, (1, 0)),
        ((1.0, nan), nan, (1, 0)),
    ],
    "heaviside": [
        ((0.0, 0.5), 0.5, (0, 1)),
        ((-0.0, 0.5), 0.5, (0, 1)),
        ((2.0, 0.5), 1, (0, 0)),
        ((-2.0, 0.5), 0, (0, 0)),
        ((nan, 0.5), nan, (0, 0)),
    ],
    "xlogy": [
        ((0.0, 0.0), 0, (0, nan)),
        ((0.0, 2.0), 0, (ln2, 0)),
        ((0.0, -1.0), 0, (0, 0)),
        ((0.0, inf), 0, (inf, 0)),
        ((2.0, 0.0), -inf, (-inf, inf)),
        ((0.0, nan), nan, (nan, nan)),
        ((3.0, 2.0), 3 * ln2, (ln2, 1.5)),
    ],
    "xlog1py": [
        ((0.0, -1.0), 0, (0, nan)),
        ((0.0, 1.0), 0, (ln2, 0)),
        ((2.0, -1.0), -inf, (-inf, inf)),
        ((3.0, 1e-20), 3e-20, (1e-20, 3)),
    ],
    "rel_entr": [((1.0, 1.0), 0, (1, -1)), ((0.0, 1.0), 0, (-inf, 0)), ((1.0, 0.0), inf, (inf, -inf))],
    "kl_div": [((1.0, 1.0), 0, (0, 0)), ((0.0, 1.0), 1, (-inf, 1)), ((2.0, 1.0), 2 * ln2 - 1, (ln2, -1))],
    "huber": [
        ((1.0, 0.5), 0.125, (0, 0.5)),
        ((1.0, 1.0), 0.5, (0, 1)),
        ((1.0, -3.0), 2.5, (2, -1)),
        ((1.0, inf), inf, (inf, 1)),
        ((inf, inf), inf, (0, inf)),
    ],
    "binary_cross_entropy": [
        ((0.0, 0.0), 0, (0, inf)),
        ((0.0, 1.0), 100, (-1e12, inf)),
        ((1.0, 0.0), 100, (1e12, -inf)),
        ((1e-170, 0.5), 50, (-5e11, -math.log(1e-170))),
        ((0.5, 1.0), ln2, (-2, 0)),
    ],
    "binary_cross_entropy_with_logits": [
        ((0.0, 0.25), ln2, (0.25, 0)),
        ((1e-170, 0.5), ln2, (0, -1e-170)),
        ((2000.0, 1.0), 0, (0, -2000)),
        ((2000.0, 0.25), 1500, (0.75, -2000)),
        ((-2000.0, 1.0), 2000, (-1, 2000)),
        ((40.0, 1.0), E40, (-E40, -40)),
        ((-40.0, 0.0), E40, (E40, 40)),
        ((inf, 0.0), inf, (1, -inf)),
    ],
    "pseudo_huber": [((1.0, 0.0), 0, (0, 0)), ((1.0, 1e170), 1e170, (1e170, 1)), ((2.0, 1e-170), 0, (0, 1e-170))],
    "prelu": [((0.0, 0.25), 0, (0.25, 0)), ((-2.0, 0.25), -0.5, (0.25, -2)), ((inf, 0.25), inf, (1, 0))],
    "beta": [((1.0, 1.0), 1, (-1, -1)), ((2.0, 3.0), 1 / 12, (-13 / 144, -7 / 144))],
    "betaln": [((1.0, 1.0), 0, (-1, -1)), ((2.0, 3.0), -math.log(12), (-13 / 12, -7 / 12))],
    "hypot": [
        ((0.0, 0.0), 0, (0, 0)),
        ((3.0, 4.0), 5, (0.6, 0.8)),
        ((0.0, -2.0), 2, (0, -1)),
        ((3e200, 4e200), 5e200, (0.6, 0.8)),
        ((3e-200, 4e-200), 5e-200, (0.6, 0.8)),
        ((1.0, inf), inf, (0, nan)),
    ],
    "arctan2": [
        ((0.0, 1.0), 0, (1, 0)),
        ((1.0, 0.0), pi / 2, (0, -1)),
        ((0.0, -1.0), pi, (-1, 0)),
        ((0.0, 0.0), 0, (0, 0)),
        ((1e200, 1e200), pi / 4, (5e-201, -5e-201)),
        ((1e-200, 1e-200), pi / 4, (5e199, -5e199)),
        ((nan, 1.0), nan, (nan, nan)),
    ],
}  # fmt: skip

# x ** n with a plain number n: rows of (x, n, y, dy/dx)
POWERS = [
    (0.0, 2, 0, 0),
    (0.0, 1, 0, 1),
    (0.0, 0, 1, 0),
    (0.0, -1, inf, -inf),
    (0.0, 0.5, 0, inf),
    (0.0, 1.5, 0, 0),
    (0.0, -0.5, inf, -inf),
    (-2.0, 3, -8, 12),
    (-2.0, 2.0, 4, -4),
    (-2.0, -1, -0.5, -0.25),
    (-8.0, 1 / 3, nan, nan),
    (inf, 0, 1, 0),
    (nan, 0, 1, 0),
    (nan, 2, nan, nan),
    (inf, -1, 0, 0),
    (1e200, 2, inf, 2e200),
    (2.0, 1.0, 2, 1),
    (3.0, 0.0, 1, 0),
]  # fmt: skip

CLIPS = [
    (1.0, 1, 1),
    (-1.0, -1, 1),
    (0.5, 0.5, 1),
    (2.0, 1, 0),
    (-2.0, -1, 0),
    (inf, 1, 0),
    (-inf, -1, 0),
    (nan, nan, 0),
]

BOUNDS = [
    (1.0, 1, 1, 0, 0),
    (-1.0, -1, 1, 0, 0),
    (2.0, 1, 0, 0, 1),
    (-2.0, -1, 0, 1, 0),
    (0.5, 0.5, 1, 0, 0),
]

FINITE = [(0.5, 0.5, 1), (nan, 0, 0), (inf, 1.7976931348623157e308, 0), (-inf, -1.7976931348623157e308, 0)]

# Three operands, and functions with parameters: rows of (name, function, operands, y, slopes)
MORE = [
    *(("clip", autograd.clip, (x, -1.0, 1.0), y, (slope, *bounds)) for x, y, slope, *bounds in BOUNDS),
    *(("nan_to_num", autograd.nan_to_num, (x,), y, (slope,)) for x, y, slope in FINITE),
    ("lerp", autograd.lerp, (1.0, 3.0, 0.25), 1.5, (0.75, 0.25, 2)),
    ("lerp", autograd.lerp, (1.0, 3.0, 1.0), 3, (0, 1, 2)),
    ("lerp", autograd.lerp, (0.1, 0.3, 0.0), 0.1, (1, 0, 0.3 - 0.1)),
    ("ldexp", lambda x: autograd.ldexp(x, 3), (5.0,), 40, (8,)),
    ("ldexp", lambda x: autograd.ldexp(x, -3), (0.0,), 0, (0.125,)),
    ("ldexp", lambda x: autograd.ldexp(x, 3), (inf,), inf, (8,)),
    ("ldexp", autograd.ldexp, (4.0, 0.5), 4 * math.sqrt(2.0), (math.sqrt(2.0), 4 * math.sqrt(2.0) * ln2)),
    ("ldexp", autograd.ldexp, (0.0, -inf), 0, (0, 0)),
    ("frexp", lambda x: autograd.frexp(x)[0], (5.0,), 0.625, (0.125,)),
    ("modf", lambda x: autograd.modf(x)[0], (-2.5,), -0.5, (1,)),
    ("softplus", lambda x: autograd.softplus(x, 2.0), (0.0,), ln2 / 2, (0.5,)),
    ("softplus", lambda x: autograd.softplus(x, 2.0, threshold=1.0), (0.6,), 0.6, (1,)),
    ("logit", lambda x: autograd.logit(x, eps=0.25), (0.1,), -math.log(3.0), (0,)),
    ("round", lambda x: autograd.round(x, 1), (2.25,), 2.2, (0,)),
    ("polygamma", lambda x: autograd.polygamma(1, x), (1.0,), pi**2 / 6, (-2 * ZETA3,)),
    ("polygamma", lambda x: autograd.polygamma(2, x), (1.0,), -2 * ZETA3, (pi**4 / 15,)),
    ("polygamma", lambda x: autograd.polygamma(1, x), (0.0,), inf, (-inf,)),
    ("zeta", lambda x: autograd.zeta(2.0, x), (1.0,), pi**2 / 6, (-2 * ZETA3,)),
    ("zeta", lambda x: autograd.zeta(2.0, x), (0.0,), inf, (-inf,)),
    ("multigammaln", lambda x: autograd.multigammaln(x, 2), (1.5,), math.log(pi / 2), (-2 * EULER - 2 * ln2 + 2,)),
    ("gammainc", lambda x: autograd.gammainc(1.0, x), (0.0,), 0, (1,)),
    ("gammainc", lambda x: autograd.gammainc(2.0, x), (0.0,), 0, (0,)),
    ("gammainc", lambda x: autograd.gammainc(0.5, x), (0.0,), 0, (inf,)),
    ("gammainc", lambda x: autograd.gammainc(3.0, x), (2000.0,), 1, (0,)),
    ("gammaincc", lambda x: autograd.gammaincc(1.0, x), (2.0,), math.exp(-2.0), (-math.exp(-2.0),)),
    ("betainc", lambda x: autograd.betainc(2.0, 2.0, x), (0.5,), 0.5, (1.5,)),
    ("betainc", lambda x: autograd.betainc(1.0, 2.0, x), (0.0,), 0, (2,)),
    ("stdtr", lambda t: autograd.stdtr(1.0, t), (0.0,), 0.5, (1 / pi,)),
    ("stdtr", lambda t: autograd.stdtr(1.0, t), (inf,), 1, (0,)),
    ("stdtr", lambda t: autograd.stdtr(1.0, t), (-1e170,), 0, (0,)),
    ("jv", lambda x: autograd.jv(2, x), (0.0,), 0, (0,)),
    ("iv", lambda x: autograd.iv(1, x), (0.0,), 0, (0.5,)),
    ("yv", lambda x: autograd.yv(2, x), (0.0,), -inf, (nan,)),
    ("kv", lambda x: autograd.kv(0.5, x), (1.0,), (pi / 2) ** 0.5 / math.e, (-1.5 * (pi / 2) ** 0.5 / math.e,)),
    ("kv", lambda x: autograd.kv(2, x), (2000.0,), 0, (0,)),
    ("ive", lambda x: autograd.ive(3, x), (-1e170,), -((2e170 * pi) ** -0.5), (0,)),
    ("spherical_jn", lambda x: autograd.spherical_jn(0, x), (0.0,), 1, (0,)),
    ("spherical_jn", lambda x: autograd.spherical_jn(1, x), (0.0,), 0, (1 / 3,)),
    ("elu", lambda x: autograd.elu(x, 0.5), (0.0,), 0, (0.5,)),
    ("celu", lambda x: autograd.celu(x, 0.5), (0.0,), 0, (1,)),
    ("threshold", lambda x: autograd.threshold(x, 0.5, 20.0), (0.5,), 20, (0,)),
    ("threshold", lambda x: autograd.threshold(x, 0.5, 20.0), (0.75,), 0.75, (1,)),
    ("threshold", lambda x: autograd.threshold(x, 0.5, 20.0), (nan,), nan, (1,)),
    ("rrelu", autograd.rrelu, (-1.0,), -11 / 48, (11 / 48,)),
    ("gelu_tanh", lambda x: autograd.gelu(x, "tanh"), (0.0,), 0, (0.5,)),
    ("gelu_tanh", lambda x: autograd.gelu(x, "tanh"), (1e170,), 1e170, (1,)),
    ("gelu_tanh", lambda x: autograd.gelu(x, "tanh"), (-1e170,), 0, (0,)),
    ("addcmul", lambda x, a, b: autograd.addcmul(x, a, b, value=0.5), (1.0, 2.0, 3.0), 4, (1, 1.5, 1)),
    ("addcdiv", lambda x, a, b: autograd.addcdiv(x, a, b, value=0.5), (1.0, 2.0, 4.0), 1.25, (1, 0.125, -0.0625)),
]

ROWS = [
    *((name, getattr(autograd, name), (x,), y, (slope,)) for name, rows in ONE.items() for x, y, slope in rows),
    *((name, getattr(autograd, name), (nan,), nan, (AT_NAN.get(name, nan),)) for name in ONE),
    *((name, getattr(autograd, name), xs, y, slopes) for name, rows in TWO.items() for xs, y, slopes in rows),
    *((f"**{n}", lambda x, n=n: x**n, (x,), y, (slope,)) for x, n, y, slope in POWERS),
    *(("clip", lambda x: autograd.clip(x, -1.0, 1.0), (x,), y, (slope,)) for x, y, slope in CLIPS),
    *MORE,
]  # fmt: skip

rows = pytest.mark.parametrize(
    ("function", "xs", "y", "slopes"), [r[1:] for r in ROWS], ids=[f"{r[0]}{r[2]}" for r in ROWS]
)


def same(found, expected, rtol=1e-14):
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=0 if rtol < 1e-10 else 1e-7)


def owes_a_row(primitive):
    """Whether it has a pole, a kink or a parameter: a smooth function has no convention to state."""
    if len(primitive.partials) > 1 or primitive.cases()[0].params:
        return True
    near = np.sort([s * (x + h) for x in (0.0, 0.5, 1.0, 3.0, 6.0, 2000.0) for h in (-1e-9, 1e-9) for s in (1.0, -1.0)])
    with np.errstate(all="ignore"):
        found = np.array([autograd.value_and_grad(primitive)(x) for x in [*near, 0.0, 1e-170, -1e-170]])
    if not np.isfinite(found).all():
        return True
    jumps = np.abs(np.diff(found[: len(near)], axis=0)) > 1e-6 * (1 + np.abs(found).max(0))
    return bool(jumps[np.diff(near) < 1e-6].any())


def test_every_elementwise_function_with_a_convention_has_its_row():
    named = {name for name, p in autograd.REGISTRY.items() if p.partials and p.smooth and owes_a_row(p)}
    assert len(named) >= 70
    assert named - {name for name, *_ in ROWS} <= {"power_of"}  # of which there are rows for each power
    assert len(ROWS) >= 350


@rows
def test_values(function, xs, y, slopes):
    values = [Value(x) for x in xs]
    result = function(*values)
    same(result.data, y)
    result.backward()
    same([v.grad for v in values], slopes)
    assert all(type(v.grad) is float for v in values)


@rows
def test_floats_backward_and_forward(function, xs, y, slopes):
    found, slope = autograd.value_and_grad(function, range(len(xs)))(*xs)
    same(found, y)
    same(slope, slopes)
    for i in range(len(xs)):
        alone = autograd.jvp(lambda x, i=i: function(*xs[:i], x, *xs[i + 1 :]), (xs[i],), (1.0,))
        same(alone, (y, slopes[i]))


@rows
@pytest.mark.parametrize("shape", [(), (2,)])
def test_tensors(function, xs, y, slopes, shape):
    tensors = [Tensor(np.full(shape, x)) for x in xs]
    with np.errstate(all="ignore"):
        result = function(*tensors)
        same(result.data, np.full(shape, y, float))
        result.backward(np.ones(shape))
        recorded = [Tensor(np.full(shape, x)) for x in xs]
        function(*recorded).backward(Tensor(np.ones(shape)), create_graph=True)
    for t, r, slope in zip(tensors, recorded, slopes, strict=True):
        same(t.grad, np.full(shape, slope, float))
        same(r.grad.data, t.grad)


@rows
def test_tensors_of_float32(function, xs, y, slopes):
    numbers = [*xs, y, *slopes]
    if any(1e30 < abs(n) < inf or 0 < abs(n) < 1e-30 for n in numbers):
        return  # beyond float32
    tensors = [Tensor(np.float32(x)) for x in xs]
    with np.errstate(all="ignore"):
        result = function(*tensors)
        result.backward()
    assert result.dtype == np.float32
    same(result.data, y, 2e-5)
    for t, slope in zip(tensors, slopes, strict=True):
        assert t.grad.dtype == np.float32
        same(t.grad, slope, 2e-5)


def test_near_a_border_the_slope_keeps_its_digits():
    """1 - x² cancels near 1; (1 - x)(1 + x) does not."""
    gap = 2.0**-40
    slope = {
        autograd.arcsin: (1 - gap, 1 / math.sqrt(gap * (2 - gap))),
        autograd.arccos: (1 - gap, -1 / math.sqrt(gap * (2 - gap))),
        autograd.arccosh: (1 + gap, 1 / math.sqrt(gap * (2 + gap))),
        autograd.arctanh: (1 - gap, 1 / (gap * (2 - gap))),
    }
    for function, (x, expected) in slope.items():
        same(autograd.grad(function)(x), expected)


# Functions along an axis: (function, x, y, gradient of the sum of y weighed by 1, 2, 3...)


def along(name, **settings):
    return lambda x: getattr(autograd, name)(x, **settings)


AXES = {
    "logsumexp": [
        ([1000.0, 1000.0], 1000 + ln2, [0.5, 0.5]),
        ([-1000.0, 0.0], 0, [0, 1]),
        ([-inf, 0.0], 0, [0, 1]),
        ([-inf, -inf], -inf, [0, 0]),
        ([nan, 0.0], nan, [nan, nan]),
        ([3.0], 3, [1]),
        ([], -inf, []),
    ],
    "max": [
        ([3.0, 3.0, 1.0], 3, [0.5, 0.5, 0]),
        ([0.0, -0.0], 0, [0.5, 0.5]),
        ([inf, inf, 0.0, inf], inf, [1 / 3, 1 / 3, 0, 1 / 3]),
        ([-inf, -inf], -inf, [0.5, 0.5]),
        ([5.0], 5, [1]),
    ],
    "min": [
        ([3.0, 1.0, 1.0], 1, [0, 0.5, 0.5]),
        ([-inf, 0.0, inf], -inf, [1, 0, 0]),
        ([2.0, 2.0, 2.0, 2.0], 2, [0.25] * 4),
    ],
    "prod": [
        ([2.0, 0.0, 3.0], 0, [0, 6, 0]),
        ([0.0, 0.0, 3.0], 0, [0, 0, 0]),
        ([0.0, 5.0], 0, [5, 0]),
        ([7.0], 7, [1]),
        ([], 1, []),
        ([1e200, 1e-200, 1e100], 1e100, [1e-100, 1e300, 1]),
    ],
    "std": [([2.0, 2.0, 2.0], 0, [0, 0, 0]), ([4.0], 0, [0]), ([1.0, 3.0], 1, [-0.5, 0.5])],
    "var": [([2.0, 2.0, 2.0], 0, [0, 0, 0]), ([4.0], 0, [0]), ([1.0, 3.0], 1, [-1, 1])],
    "sum": [([inf, -inf], nan, [1, 1]), ([], 0, []), ([nan, 1.0], nan, [1, 1])],
    "mean": [([inf, 1.0], inf, [0.5, 0.5]), ([4.0], 4, [1])],
}  # fmt: skip

LINES = [(name, *row) for name, table in AXES.items() for row in table]


@pytest.mark.parametrize(("name", "x", "y", "slopes"), LINES, ids=[f"{r[0]}{r[1]}" for r in LINES])
@pytest.mark.parametrize("axis", [None, 0, -1, (0,)])
def test_reductions(name, x, y, slopes, axis):
    function = along(name, axis=axis)
    t, r = Tensor(x, float), Tensor(x, float)
    with np.errstate(all="ignore"):
        found = function(t)
        found.backward()
        function(r).backward(Tensor(1.0), create_graph=True)
        pushed = [autograd.jvp(function, np.array(x, float), e)[1] for e in np.eye(len(x))]
    for gradient in (t.grad, r.grad.data, pushed):
        same(gradient, slopes, 1e-13)
    same(found.data, y)


@pytest.mark.parametrize("name", ["max", "min", "prod", "std", "logsumexp"])
def test_a_special_row_leaves_the_other_rows_alone(name):
    rows = np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 4.0], [-1.0, 3.0, 0.0]])
    function = along(name, axis=1)
    whole = Tensor(rows)
    function(whole).sum().backward()
    for row, grad in zip(rows, whole.grad, strict=True):
        alone = Tensor(row[None])
        function(alone).sum().backward()
        same(grad, alone.grad[0])


def test_with_too_few_elements_for_its_ddof_var_and_its_slope_are_nan():
    for name in ("var", "std"):
        t = Tensor([4.0])
        with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="Degrees of freedom"):
            y = along(name, ddof=1)(t)
        with np.errstate(all="ignore"):
            y.backward()
        same(y.data, nan)
        same(t.grad, [nan])


SOFTMAX = [
    ([1000.0, 0.0, -1000.0], [1, 0, 0]),
    ([0.0, 0.0], [0.5, 0.5]),
    ([-inf, 0.0], [0, 1]),
    ([-1000.0, -1000.0], [0.5, 0.5]),
    ([1e308, -1e308], [1, 0]),
    ([nan, 0.0], [nan, nan]),
    ([7.0], [1]),
]


@pytest.mark.parametrize(("x", "y"), SOFTMAX, ids=lambda x: str(x))
def test_softmax_and_its_logarithm(x, y):
    t, weights = Tensor(x), np.arange(1.0, len(x) + 1)
    with np.errstate(all="ignore"):
        found = autograd.softmax(t)
        found.backward(weights)
    same(found.data, y)
    p = np.array(y)
    same(t.grad, p * (weights - np.sum(weights * p)))
    if not np.isnan(p).any():
        s, finite = Tensor(x), np.isfinite(x)
        with np.errstate(all="ignore"):
            logs = autograd.log_softmax(s)
            logs.backward(np.where(finite, weights, 0.0))
        same(np.exp(logs.data), p)
        assert np.isfinite(logs.data[finite & (np.abs(x) < 1e300)]).all()
        same(s.grad, np.where(finite, weights, 0.0) - p * np.sum(weights[finite]))


def test_cross_entropy_far_out_is_linear_and_not_nan():
    z = Tensor([[1000.0, -1000.0], [-1000.0, 1000.0], [0.0, 0.0]])
    loss = autograd.softmax_cross_entropy(z, np.array([1, 1, 0]))
    loss.backward(np.ones(3))
    same(loss.data, [2000, 0, ln2])
    same(z.grad, [[1, -1], [0, 0], [-0.5, 0.5]])


def test_rows_without_elements():
    for function in (autograd.softmax, autograd.log_softmax):
        x = Tensor(np.zeros((2, 0)))
        y = function(x)
        y.sum().backward()
        assert y.shape == x.grad.shape == (2, 0)
    a, b = Tensor(np.zeros((2, 3, 0))), Tensor(np.zeros((0, 4)))
    (a @ b).backward(np.ones((2, 3, 4)))
    assert (a.grad.shape, b.grad.shape) == ((2, 3, 0), (0, 4))


# A poisoned branch under where

POISON = {
    "log": (autograd.log, 0.0),
    "sqrt": (autograd.sqrt, 0.0),
    "divide": (lambda x: 1 / x, 0.0),
    "overflow": (autograd.exp, 1000.0),
}  # fmt: skip


@pytest.mark.parametrize("name", POISON)
def test_the_branch_not_taken_receives_exactly_nothing(name):
    """As everywhere: 0 times the infinite slope of the branch is nan. The remedy is where inside, and it works."""
    function, pole = POISON[name]
    with np.errstate(all="ignore"):
        x = Tensor([pole, 0.5])
        branch = function(x)
        y = autograd.where(x.data != pole, branch, 3.0)
        y.sum().backward(retain_graph=True)
        same(branch.grad, [0.0, 1.0])
        safe = Tensor([pole, 0.5])
        taken = safe.data != pole
        autograd.where(taken, function(autograd.where(taken, safe, 1.0)), 3.0).sum().backward()
    same(safe.grad, [0.0, autograd.grad(function)(0.5)])
    v = Value(pole)
    autograd.where(v != pole, function(autograd.where(v != pole, v, 1.0)), 3.0).backward()
    assert v.grad == 0.0


def test_slopes_of_slopes_at_the_same_places():
    """Second derivatives where the first has a convention: still numbers, not nan."""
    table = [
        (autograd.relu, 0.0, 0.0),
        (autograd.absolute, 0.0, 0.0),
        (lambda x: x**2, 0.0, 2.0),
        (lambda x: x**1, 0.0, 0.0),
        (lambda x: x**0, 0.0, 0.0),
        (lambda x: x**3, 0.0, 0.0),
        (autograd.sigmoid, 1000.0, 0.0),
        (autograd.softplus, -1000.0, 0.0),
        (autograd.tanh, 1000.0, 0.0),
        (lambda x: autograd.maximum(x, 1.0), 1.0, 0.0),
        (autograd.arcsin, 1.0, inf),
        (autograd.arcsin, 1e-170, 1e-170),
        (autograd.arccos, -1.0, inf),
        (autograd.arctanh, -1.0, -inf),
        (autograd.arctanh, 1e-170, 2e-170),
        (autograd.arccosh, 1.0, -inf),
        (lambda x: autograd.power(x, Value(2.0, requires_grad=False)), 0.0, 2.0),
    ]
    for function, x, expected in table:
        with np.errstate(all="ignore"):
            assert autograd.grad(autograd.grad(function))(x) == expected, (function, x)
        if math.isfinite(expected):
            second = autograd.hessian(lambda t, f=function: autograd.sum(f(t)))(np.array([x, x]))
            same(second, np.eye(2) * expected)


def test_at_its_border_huber_has_the_curvature_of_its_straight_part():
    slope = autograd.grad(lambda r: autograd.huber(2.0, r))
    assert [slope(r) for r in (-3.0, -2.0, 0.0, 2.0, 3.0)] == [-2.0, -2.0, 0.0, 2.0, 2.0]
    assert [autograd.grad(slope)(r) for r in (-3.0, -2.0, 0.0, 1.9, 2.0)] == [0.0, 0.0, 1.0, 1.0, 0.0]
