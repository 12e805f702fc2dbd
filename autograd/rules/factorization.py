"""Matrices in factors: qr, eigh and svd, over leading axes.

A factorization is one primitive, whose result has its factors side by side in one array: under each eigenvalue its
eigenvector, with each singular value its two vectors, behind each row of Qᵀ that of R. The functions cut it up.

Formulas: Giles (2008), "Collected matrix derivative results"; for qr Walter and Lehmann (2012), "Algorithmic
differentiation of linear algebra functions"; for svd Townsend (2016), "Differentiating the singular value
decomposition". Vectors that belong to equal eigenvalues or singular values are determined up to a rotation; what
depends on the rotation has no derivative, and gives inf or nan as in PyTorch. What does not has the right one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.domain import REGULAR, case
from autograd.errors import ShapeError, describe, place
from autograd.primitive import Primitive, general
from autograd.rules.diagonal import diag_embed, diagonal, tril, triu
from autograd.rules.piecewise import where
from autograd.rules.reduction import sum
from autograd.rules.shaping import concatenate, data_of, expand_dims, shape_of
from autograd.rules.triangular import in_words, mirrored, solve_triangular, square, symmetric, transposed


class QRResult(NamedTuple):
    """Orthonormal columns, and a triangle."""

    Q: Any
    R: Any


class EighResult(NamedTuple):
    """Eigenvalues from the smallest, and eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


class SVDResult(NamedTuple):
    """Left singular vectors as columns, singular values from the largest, right singular vectors as rows."""

    U: Any
    S: Any
    Vh: Any


def _quotient(a: Any, b: Any) -> Any:
    """a / b, and 0 where both are: what is not asked for is no trouble."""
    none = (data_of(a) == 0) & (data_of(b) == 0)
    return where(none, 0.0, a / where(none, 1.0, b))


def _differences(s: Any) -> Any:
    """s[j] - s[i]"""
    return expand_dims(s, -2) - expand_dims(s, -1)


def _skew(x: Any) -> Any:
    return x - transposed(x)


def _without_diagonal(x: Any) -> Any:
    return tril(x, -1) + triu(x, 1)


# Eigenvalues and eigenvectors of symmetric matrices


def _eigh_array(x: Any, uplo: Any) -> Any:
    w, v = np.linalg.eigh(symmetric(x), uplo)
    return np.concatenate([w[..., None, :], v], -2)


def _eigh_back(g: Any, y: Any, x: Any, uplo: str) -> Any:
    """V (diag(gw) + skew(Vᵀ gv) / 2(λⱼ - λᵢ)) Vᵀ"""
    w, v, gw, gv = y[..., 0, :], y[..., 1:, :], g[..., 0, :], g[..., 1:, :]
    inner = _quotient(_skew(transposed(v) @ gv) * 0.5, _differences(w)) + diag_embed(gw)
    return symmetric(v @ inner @ transposed(v))


def _eigh_forward(t: Any, y: Any, x: Any, uplo: str) -> Any:
    w, v = y[..., 0, :], y[..., 1:, :]
    p = transposed(v) @ symmetric(t) @ v
    tv = v @ _quotient(_without_diagonal(p), _differences(w))
    return concatenate([expand_dims(diagonal(p, 0, -2, -1), -2), tv], -2)


_eigh = general(
    "eigh",
    in_words(_eigh_array, "eigh"),
    [_eigh_back],
    [_eigh_forward],
    domain=[case(REGULAR(3, 3), uplo="L"), case(REGULAR(2, 2, 2), uplo="U")],
    doc="Eigenvalues of the symmetric part in the first row, under each its eigenvector.",
)


def _eigvalsh_back(g: Any, v: Any) -> Any:
    return _between(v, g, v)


def _eigvalsh_forward(t: Any, v: Any) -> Any:
    return _pairs(v, t, v)


_eigvalsh = general(
    "eigvalsh",
    in_words(lambda x: np.linalg.eigvalsh(symmetric(x)), "eigvalsh"),
    [lambda g, y, x: _eigvalsh_back(g, _eigh(x, uplo="L")[..., 1:, :])],
    [lambda t, y, x: _eigvalsh_forward(symmetric(t), _eigh(x, uplo="L")[..., 1:, :])],
    domain=[case(REGULAR(3, 3)), case(REGULAR(2, 2, 2))],
    doc="Eigenvalues of the symmetric part, from the smallest.",
)


def _between(u: Any, s: Any, v: Any) -> Any:
    """u diag(s) vᵀ"""
    return (u * expand_dims(s, -2)) @ transposed(v)


def _pairs(u: Any, t: Any, v: Any) -> Any:
    """The diagonal of uᵀ t v."""
    return sum(u * (t @ v), -2)


def eigh(a: Any, UPLO: str = "L") -> EighResult:  # noqa: N803  (NumPy's name)
    """Eigenvalues, from the smallest, and eigenvectors, as columns, of symmetric matrices.

    Only the lower triangle of a is read, or with UPLO "U" the upper one, as by NumPy. The derivative is that among
    symmetric matrices, so the gradient is symmetric, as in PyTorch. Eigenvectors are determined up to their sign, and
    those of equal eigenvalues up to a rotation: see the top of this file.

    >>> import autograd, numpy as np
    >>> a = autograd.Tensor([[2.0, 1.0], [1.0, 2.0]])
    >>> w, v = np.linalg.eigh(a)
    >>> w[1].backward(); w.data.round(6), a.grad.round(6)
    (array([1., 3.]), array([[0.5, 0.5],
           [0.5, 0.5]]))
    """
    _check_triangle(a, UPLO, "eigh")
    y = _eigh(mirrored(a, lower=UPLO.upper() == "L"), uplo=UPLO.upper())
    return EighResult(y[..., 0, :], y[..., 1:, :])


def eigvalsh(a: Any, UPLO: str = "L") -> Any:  # noqa: N803
    """Eigenvalues of symmetric matrices, from the smallest; UPLO as in `eigh`."""
    _check_triangle(a, UPLO, "eigvalsh")
    return _eigvalsh(mirrored(a, lower=UPLO.upper() == "L"))


def _check_triangle(a: Any, uplo: str, name: str) -> None:
    square(a, name)
    if uplo.upper() not in ("L", "U"):
        raise ShapeError(f'{name}: UPLO is "L" or "U", not {uplo!r}.{place()}')


# Singular values and vectors


def _svd_array(x: Any) -> Any:
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return np.concatenate([u, s[..., None, :], np.swapaxes(vh, -1, -2)], -2)


def _cut(y: Any, x: Any) -> tuple[Any, Any, Any]:
    m = shape_of(x)[-2]
    return y[..., :m, :], y[..., m, :], y[..., m + 1 :, :]


def _outside(u: Any, x: Any) -> Any:
    """What is left of x outside the span of the columns of u."""
    return x - u @ (transposed(u) @ x)


def _spacing(s: Any) -> tuple[Any, Any, Any]:
    """As a row, the differences s[j] - s[i], and s[j] / (s[i] + s[j]): so no squares of small or large ones are met."""
    row = expand_dims(s, -2)
    return row, _differences(s), _quotient(row, row + expand_dims(s, -1))


def _svd_back(g: Any, y: Any, x: Any) -> Any:
    (u, s, v), (gu, gs, gv) = _cut(y, x), _cut(g, x)
    m, n = shape_of(x)[-2:]
    row, gaps, share = _spacing(s)
    left = _quotient(_skew(transposed(u) @ gu), gaps) * share
    right = transposed(share) * _quotient(_skew(transposed(v) @ gv), gaps)
    found = u @ (left + right + diag_embed(gs)) @ transposed(v)
    if m > n:
        found = found + _quotient(_outside(u, gu), row) @ transposed(v)
    if n > m:
        found = found + u @ transposed(_quotient(_outside(v, gv), row))
    return found


def _svd_forward(t: Any, y: Any, x: Any) -> Any:
    u, s, v = _cut(y, x)
    m, n = shape_of(x)[-2:]
    row, gaps, share = _spacing(s)
    p = transposed(u) @ t @ v
    off = _without_diagonal(p)
    tu = u @ _quotient(off * share + transposed(off * share), gaps)
    tv = v @ _quotient(transposed(share) * off + transposed(off) * share, gaps)
    if m > n:
        tu = tu + _quotient(_outside(u, t @ v), row)
    if n > m:
        tv = tv + _quotient(_outside(v, transposed(t) @ u), row)
    return concatenate([tu, expand_dims(diagonal(p, 0, -2, -1), -2), tv], -2)


_svd = general(
    "svd",
    in_words(_svd_array, "svd"),
    [_svd_back],
    [_svd_forward],
    domain=[case(REGULAR(3, 3)), case(REGULAR(3, 2)), case(REGULAR(2, 2, 3))],
    doc="Columns of U, under each its singular value, under that its column of V.",
)
_svdvals = general(
    "svdvals",
    in_words(lambda x: np.linalg.svd(x, compute_uv=False), "svdvals"),
    [lambda g, y, x: _by_vectors(x, lambda u, v: _between(u, g, v))],
    [lambda t, y, x: _by_vectors(x, lambda u, v: _pairs(u, t, v))],
    domain=[case(REGULAR(3, 3)), case(REGULAR(2, 2, 3))],
    doc="Singular values, from the largest.",
)


def _by_vectors(x: Any, rule: Any) -> Any:
    u, _, v = _cut(_svd(x), x)
    return rule(u, v)


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """a = U diag(S) Vh: singular vectors and values, the largest first; without `compute_uv` the values alone.

    With `full_matrices` U and Vh are square. The vectors that make them so are any that fit; a function of the space
    that they span has its derivative. `hermitian` is NumPy's, and makes no difference. See the top of this file for
    equal singular values; at those that are 0 the vectors have no derivative, unless a is square.
    """
    _check_matrix(a, "svd")
    if not compute_uv:
        return _svdvals(a)
    u, s, v = _cut(_svd(a), a)
    m, n = shape_of(a)[-2:]
    if full_matrices and m != n:
        whole = np.linalg.svd(data_of(a))
        u = _completed(u, whole.U) if m > n else u
        v = _completed(v, np.swapaxes(whole.Vh, -1, -2)) if n > m else v
    return SVDResult(u, s, transposed(v))


def svdvals(a: Any) -> Any:
    """Singular values, from the largest. Those that are equal, or 0, have their gradient, too."""
    _check_matrix(a, "svdvals")
    return _svdvals(a)


def _check_matrix(a: Any, name: str) -> None:
    if len(shape_of(a)) < 2:
        raise ShapeError(f"{name} needs matrices, and got {describe(a)}.{place()}")


# Orthonormal columns and a triangle


def _qr_array(x: Any) -> Any:
    q, r = np.linalg.qr(x)
    return np.concatenate([np.swapaxes(q, -1, -2), r], -1)


def _parts(y: Any, m: int) -> tuple[Any, Any]:
    return transposed(y[..., :m]), y[..., m:]


def _qr_back(g: Any, y: Any, x: Any) -> Any:
    """(gQ + Q copyltu(R gRᵀ - gQᵀ Q)) R⁻ᵀ, where copyltu mirrors the lower triangle."""
    m = shape_of(x)[-2]
    (q, r), (gq, gr) = _parts(y, m), _parts(g, m)
    inner = tril(r @ transposed(gr) - transposed(gq) @ q)
    whole = gq + q @ (inner + transposed(tril(inner, -1)))
    return transposed(solve_triangular(r, transposed(whole)))


def _qr_forward(t: Any, y: Any, x: Any) -> Any:
    """With C = t R⁻¹ and the upper U of U + Uᵀ = QᵀC + CᵀQ: dQ = C - Q U and dR = U R."""
    q, r = _parts(y, shape_of(x)[-2])
    c = transposed(solve_triangular(r, transposed(t), trans=1))
    p = transposed(q) @ c
    u = triu(p) + transposed(tril(p, -1))
    return concatenate([transposed(c - q @ u), u @ r], -1)


_qr: Primitive = general(
    "qr",
    _qr_array,
    [_qr_back],
    [_qr_forward],
    domain=[case(REGULAR(3, 3)), case(REGULAR(4, 2)), case(REGULAR(2, 3, 2))],
    doc="Qᵀ, and behind it R, for a matrix that is not wider than high.",
)


def qr(a: Any, mode: str = "reduced") -> Any:
    """a = Q R with orthonormal columns and an upper triangle: `mode` "reduced", "complete", or "r" for R alone.

    The first columns of a, as many as it has rows, must be independent. With "complete" Q is square; the columns that
    make it so are any that fit, and a function of the space that they span has its derivative.
    """
    _check_matrix(a, "qr")
    if mode not in ("reduced", "complete", "r"):
        raise ShapeError(f'qr: mode is "reduced", "complete" or "r", not {mode!r}.{place()}')
    m, n = shape_of(a)[-2:]
    q, r = _parts(_qr(a if m >= n else a[..., :m]), m)
    if m < n:
        r = concatenate([r, transposed(q) @ a[..., m:]], -1)
    if mode == "complete" and m > n:
        q = _completed(q, np.linalg.qr(data_of(a), "complete").Q)
        r = concatenate([r, np.zeros((*shape_of(a)[:-2], m - n, n), a.dtype)], -2)
    return r if mode == "r" else QRResult(q, r)


def _completed(q: Any, whole: Any) -> Any:
    """Orthonormal columns and more of them, which at this point are those of the constant `whole`.

    What q leaves of the further columns, made orthonormal, spans the right space wherever q moves to.
    """
    more, r = _parts(_qr(_outside(q, whole[..., shape_of(q)[-1] :])), shape_of(q)[-2])
    return concatenate([q, more * expand_dims(np.sign(data_of(diagonal(r, 0, -2, -1))), -2)], -1)
