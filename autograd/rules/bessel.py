"""Bessel functions, with scipy.special's names and arguments, and sinc, which is one of them.

Slopes are made of the functions of the orders beside (NIST Digital Library of Mathematical Functions, 10.6, 10.29 and
10.51). That avoids quotients by x, so derivatives of any order hold at 0, too. Orders are not differentiated.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.domain import NONZERO, POSITIVE, REAL, case
from autograd.primitive import Primitive, elementwise
from autograd.rules.library import fixed, in_precision_of, special
from autograd.rules.piecewise import maximum, sign

__all__ = [
    "i0",
    "i0e",
    "i1",
    "i1e",
    "iv",
    "ive",
    "j0",
    "j1",
    "jv",
    "k0",
    "k1",
    "kv",
    "sinc",
    "spherical_jn",
    "y0",
    "y1",
    "yv",
]


def _of_order(name: str, domain: Any, slope: Any, doc: str) -> Primitive:
    return elementwise(
        name, *special(name), None, slope, domain=[case(2, domain(2, 3)), case(0.5, POSITIVE(2, 3))], doc=doc
    )


def _kv_array(v: Any, x: Any) -> Any:
    return special("kve")[1](v, x) * np.exp(-x)  # SciPy's kv is 0 long before the function is


def _ive_array(v: Any, x: Any) -> Any:
    y = special("ive")[1](v, x)
    far = np.abs(x) > 1e9  # where SciPy gives up, and two terms of the asymptotic series are enough
    if not np.any(far):
        return y
    size = np.where(far, np.abs(x), 1e9)
    turn = np.where(x < 0, np.cos(np.pi * np.asarray(v)), 1)  # a whole order is even or odd
    tail = turn * (1 - (4 * np.square(v) - 1) / (8 * size)) / np.sqrt(2 * np.pi * size)
    return in_precision_of(x, np.where(far, tail, y))


jv_of: Primitive = _of_order(
    "jv", REAL, lambda y, v, x: (jv_of(v - 1, x) - jv_of(v + 1, x)) / 2, "Bessel function of the first kind, order v."
)
yv_of: Primitive = _of_order(
    "yv",
    POSITIVE,
    lambda y, v, x: (yv_of(v - 1, x) - yv_of(v + 1, x)) / 2,
    "Bessel function of the second kind, order v.",
)
iv_of: Primitive = _of_order(
    "iv", REAL, lambda y, v, x: (iv_of(v - 1, x) + iv_of(v + 1, x)) / 2, "Modified Bessel function of the first kind."
)
kv_of: Primitive = elementwise(
    "kv",
    lambda v, x: float(_kv_array(v, x)),
    _kv_array,
    None,
    lambda y, v, x: -(kv_of(v - 1, x) + kv_of(v + 1, x)) / 2,
    domain=[case(2, POSITIVE(2, 3)), case(0.5, POSITIVE(2, 3))],
    doc="Modified Bessel function of the second kind.",
)
ive_of: Primitive = elementwise(
    "ive",
    lambda v, x: float(_ive_array(v, x)),
    _ive_array,
    None,
    lambda y, v, x: (ive_of(v - 1, x) + ive_of(v + 1, x)) / 2 - sign(x) * y,
    domain=[case(2, NONZERO(2, 3)), case(0.5, POSITIVE(2, 3))],
    doc="iv(v, x) times e^(-|x|), which does not overflow.",
)


def jv(v: Any, x: Any) -> Any:
    """Bessel function of the first kind of order v, Jᵥ(x); not differentiated by v."""
    return jv_of(fixed("jv", "v", v), x)


def yv(v: Any, x: Any) -> Any:
    """Bessel function of the second kind of order v, Yᵥ(x); not differentiated by v."""
    return yv_of(fixed("yv", "v", v), x)


def iv(v: Any, x: Any) -> Any:
    """Modified Bessel function of the first kind of order v, Iᵥ(x); not differentiated by v."""
    return iv_of(fixed("iv", "v", v), x)


def ive(v: Any, x: Any) -> Any:
    """Iᵥ(x) e^(-|x|), which does not overflow; not differentiated by v. Its slope loses the digits that |x| has."""
    return ive_of(fixed("ive", "v", v), x)


def kv(v: Any, x: Any) -> Any:
    """Modified Bessel function of the second kind of order v, Kᵥ(x); not differentiated by v."""
    return kv_of(fixed("kv", "v", v), x)


# The orders 0 and 1 have functions of their own, which are faster

j0 = elementwise("j0", *special("j0"), lambda y, x: -j1(x), domain=(REAL,), doc="J₀(x)")
j1: Primitive = elementwise("j1", *special("j1"), lambda y, x: (j0(x) - jv_of(2, x)) / 2, domain=(REAL,), doc="J₁(x)")
y0 = elementwise("y0", *special("y0"), lambda y, x: -y1(x), domain=(POSITIVE,), doc="Y₀(x); -inf at 0, nan below")
y1: Primitive = elementwise(
    "y1", *special("y1"), lambda y, x: (y0(x) - yv_of(2, x)) / 2, domain=(POSITIVE,), doc="Y₁(x); -inf at 0, nan below"
)
i0 = elementwise("i0", *special("i0"), lambda y, x: i1(x), domain=(REAL,), doc="I₀(x)")
i1: Primitive = elementwise("i1", *special("i1"), lambda y, x: (i0(x) + iv_of(2, x)) / 2, domain=(REAL,), doc="I₁(x)")
k0 = elementwise("k0", *special("k0"), lambda y, x: -k1(x), domain=(POSITIVE,), doc="K₀(x); inf at 0, nan below")
k1: Primitive = elementwise(
    "k1", *special("k1"), lambda y, x: -(k0(x) + kv_of(2, x)) / 2, domain=(POSITIVE,), doc="K₁(x); inf at 0, nan below"
)
i0e = elementwise(
    "i0e",
    *special("i0e"),
    lambda y, x: i1e(x) - sign(x) * y,
    domain=(NONZERO,),
    doc="I₀(x) e^(-|x|), which does not overflow; slope 0 at its kink, 0.",
)
i1e: Primitive = elementwise(
    "i1e",
    *special("i1e"),
    lambda y, x: (i0e(x) + ive_of(2, x)) / 2 - sign(x) * y,
    domain=(NONZERO,),
    doc="I₁(x) e^(-|x|), which does not overflow.",
)


# Spherical ones


def _spherical_jn_array(n: Any, x: Any) -> Any:
    n = np.asarray(n).astype(int)
    y = special("spherical_jn")[1](n, x)
    near = np.abs(x) < 1e-4  # where SciPy loses digits, and two terms of the power series are enough
    if not np.any(near):
        return y
    small = np.where(near, x, 0)
    start = small**n / special("factorial2")[1](2 * n + 1) * (1 - small * small / (4 * n + 6))
    return in_precision_of(x, np.where(near, start, y))


spherical_jn_of: Primitive = elementwise(
    "spherical_jn",
    lambda n, x: float(_spherical_jn_array(n, x)),
    _spherical_jn_array,
    None,
    lambda y, n, x: (n * spherical_jn_of(maximum(n - 1, 0), x) - (n + 1) * spherical_jn_of(n + 1, x)) / (2 * n + 1),
    domain=[case(0, REAL(2, 3)), case(1, REAL(2, 3)), case(2, NONZERO(2, 3))],
    doc="Spherical Bessel function of the first kind, of whole order n.",
)


def spherical_jn(n: Any, x: Any) -> Any:
    """Spherical Bessel function of the first kind of whole order n, jₙ(x); not differentiated by n."""
    return spherical_jn_of(fixed("spherical_jn", "n", n), x)


def _sinc_number(x: float) -> float:
    return math.sin(math.pi * x) / (math.pi * x) if x else 1.0


sinc = elementwise(
    "sinc",
    _sinc_number,
    np.sinc,
    lambda y, x: -math.pi * spherical_jn_of(1, math.pi * x),  # (cos πx - y) / x cancels near 0
    domain=(REAL,),
    doc="y = sin(πx) / (πx), and 1 at 0: the spherical Bessel function of order 0 of πx.",
)
