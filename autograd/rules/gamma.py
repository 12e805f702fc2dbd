"""Gamma, beta and zeta functions, with scipy.special's names and arguments.

The formulas are those of the NIST Digital Library of Mathematical Functions, chapters 5, 8 and 25. Orders and shape
parameters that have no derivative here (n, a, s) raise an error when they are under differentiation.
"""

from __future__ import annotations

import math
from typing import Any

from autograd.domain import POSITIVE, PROBABILITY, REAL, case
from autograd.errors import OperandError, place
from autograd.primitive import Primitive, elementwise
from autograd.rules.entropy import xlog1py, xlogy
from autograd.rules.exponential import exp, log1p
from autograd.rules.library import fixed, special
from autograd.rules.piecewise import where
from autograd.rules.shaping import data_of
from autograd.rules.trigonometric import cos, sin

__all__ = [
    "beta",
    "betainc",
    "betaln",
    "digamma",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammaln",
    "gammasgn",
    "multigammaln",
    "polygamma",
    "rgamma",
    "stdtr",
    "zeta",
]

gamma = elementwise(
    "gamma",
    math.gamma,
    special("gamma")[1],
    lambda y, x: y * digamma(x),
    domain=(POSITIVE,),
    doc="y = Γ(x), the factorial of x - 1; it overflows above 171.",
)
gammaln = elementwise(
    "gammaln",
    math.lgamma,
    special("gammaln")[1],
    lambda y, x: digamma(x),
    domain=(POSITIVE,),
    doc="y = ln |Γ(x)|; inf at 0, -1, -2...",
)


def _rgamma_slope(y: Any, x: Any) -> Any:
    """-ψ(x) / Γ(x), and left of 1/2, where ψ has poles that this has not, by the reflection sin(πx) Γ(1 - x) / π."""
    left = x < 0.5
    z = where(left, x, 0.0)
    turned = gamma(1 - z) * (cos(math.pi * z) - sin(math.pi * z) * digamma(1 - z) / math.pi)
    return where(left, turned, -y * digamma(where(left, 1.0, x)))


rgamma = elementwise(
    "rgamma",
    *special("rgamma"),
    _rgamma_slope,
    domain=(REAL,),
    doc="y = 1 / Γ(x), which does not overflow, and is 0 at 0, -1, -2...",
)
digamma: Primitive = elementwise(
    "digamma",
    *special("psi"),
    lambda y, x: polygamma_of(1, x),
    domain=(POSITIVE,),
    doc="ψ(x), the slope of ln Γ(x).",
)
polygamma_of: Primitive = elementwise(
    "polygamma",
    *special("polygamma"),
    None,
    lambda y, n, x: polygamma_of(n + 1, x),
    domain=[case(1, POSITIVE(2, 3)), case(0, POSITIVE(2, 3)), case(3, POSITIVE(2, 3))],
    doc="The n-th derivative of ψ(x); n is not differentiated.",
)
zeta_of: Primitive = elementwise(
    "zeta",
    *special("zeta"),
    None,
    lambda y, s, q: -s * zeta_of(s + 1, q),
    domain=[case(2.5, POSITIVE(2, 3))],
    doc="Hurwitz's zeta function, Σ 1 / (k + q)ˢ from k = 0; s is not differentiated.",
)


def polygamma(n: Any, x: Any) -> Any:
    """The n-th derivative of ψ(x) = digamma(x), for whole n. It is not differentiated by n.

    >>> import autograd
    >>> round(autograd.polygamma(1, 1.0), 6)  # π² / 6
    1.644934
    """
    return polygamma_of(fixed("polygamma", "n", n), x)


def zeta(s: Any, q: Any = 1.0) -> Any:
    """Σ 1 / (k + q)ˢ from k = 0: Riemann's zeta function of s, or Hurwitz's with q. It is not differentiated by s.

    >>> import autograd
    >>> round(autograd.zeta(2.0), 6)  # π² / 6
    1.644934
    """
    return zeta_of(fixed("zeta", "s", s), q)


def multigammaln(a: Any, d: int) -> Any:
    """The logarithm of the gamma function in d dimensions, π^(d (d - 1) / 4) Π Γ(a - j / 2) for j = 0...d - 1.

    >>> import autograd
    >>> autograd.multigammaln(3.0, 1) == autograd.gammaln(3.0)
    True
    """
    if d < 1:
        raise OperandError(f"multigammaln: d is a number of dimensions, at least 1, and not {d!r}.{place()}")
    y = gammaln(a) + d * (d - 1) / 4 * math.log(math.pi)
    for j in range(1, d):
        y = y + gammaln(a - j / 2)
    return y


# Incomplete ones, differentiated by x alone

gammainc_of = elementwise(
    "gammainc",
    *special("gammainc"),
    None,
    lambda y, a, x: exp(xlogy(a - 1, x) - x - gammaln(a)),
    domain=[case(2.5, POSITIVE(2, 3)), case(0.5, POSITIVE(2, 3))],
    doc="Lower incomplete gamma function over Γ(a), ∫₀ˣ tᵃ⁻¹ e⁻ᵗ dt / Γ(a); a is not differentiated.",
)
gammaincc_of = elementwise(
    "gammaincc",
    *special("gammaincc"),
    None,
    lambda y, a, x: -exp(xlogy(a - 1, x) - x - gammaln(a)),
    domain=[case(2.5, POSITIVE(2, 3))],
    doc="Upper incomplete gamma function over Γ(a), 1 - gammainc(a, x); a is not differentiated.",
)
betainc_of = elementwise(
    "betainc",
    *special("betainc"),
    None,
    None,
    lambda y, a, b, x: exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b)),
    domain=[case(2.5, 1.5, PROBABILITY(2, 3))],
    doc="Incomplete beta function over B(a, b), ∫₀ˣ tᵃ⁻¹ (1 - t)ᵇ⁻¹ dt / B(a, b); a and b are not differentiated.",
)


def gammainc(a: Any, x: Any) -> Any:
    """∫₀ˣ tᵃ⁻¹ e⁻ᵗ dt / Γ(a), the distribution function of the gamma distribution; not differentiated by a."""
    return gammainc_of(fixed("gammainc", "a", a), x)


def gammaincc(a: Any, x: Any) -> Any:
    """1 - gammainc(a, x), exact where that is close to 1; not differentiated by a."""
    return gammaincc_of(fixed("gammaincc", "a", a), x)


def betainc(a: Any, b: Any, x: Any) -> Any:
    """∫₀ˣ tᵃ⁻¹ (1 - t)ᵇ⁻¹ dt / B(a, b), the distribution function of the beta distribution; not by a and b."""
    return betainc_of(fixed("betainc", "a", a), fixed("betainc", "b", b), x)


stdtr_of = elementwise(
    "stdtr",
    *special("stdtr"),
    None,
    lambda y, df, t: exp(-betaln(df / 2, 0.5) - (df + 1) / 2 * log1p(t * t / df)) / df**0.5,
    domain=[case(2.5, REAL(2, 3)), case(1.0, REAL(2, 3))],
    doc="Student's distribution with df degrees of freedom, from -∞ to t; df is not differentiated.",
)


def stdtr(df: Any, t: Any) -> Any:
    """The distribution function of Student's t with df degrees of freedom; not differentiated by df."""
    return stdtr_of(fixed("stdtr", "df", df), t)


def gammasgn(x: Any) -> Any:
    """The sign of Γ(x), which has no derivative: plain numbers."""
    from scipy.special import gammasgn

    return gammasgn(data_of(x))


# Beta functions

beta = elementwise(
    "beta",
    *special("beta"),
    lambda y, a, b: y * (digamma(a) - digamma(a + b)),
    lambda y, a, b: y * (digamma(b) - digamma(a + b)),
    domain=(POSITIVE, POSITIVE),
    doc="B(a, b) = Γ(a) Γ(b) / Γ(a + b)",
)
betaln: Primitive = elementwise(
    "betaln",
    *special("betaln"),
    lambda y, a, b: digamma(a) - digamma(a + b),
    lambda y, a, b: digamma(b) - digamma(a + b),
    domain=(POSITIVE, POSITIVE),
    doc="ln |B(a, b)|, without the underflow of B.",
)
