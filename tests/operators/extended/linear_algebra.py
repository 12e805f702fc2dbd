"""Linear algebra. Vectors that are determined up to a sign are compared without it."""

import numpy as np

from autograd import linalg
from tests.operators.adapter import Pair
from tests.operators.peer import torch


def solve(a, b, *, left=True):
    if not left:
        return linalg.matrix_transpose(solve(linalg.matrix_transpose(a), linalg.matrix_transpose(b)))
    of_vectors = b.ndim == 1 or (b.ndim + 1 == a.ndim and b.shape == a.shape[:-1])
    return linalg.solve(a, b[..., None])[..., 0] if of_vectors else linalg.solve(a, b)


def solve_triangular(a, b, *, upper, left=True, unitriangular=False):
    if left:
        return linalg.solve_triangular(a, b, lower=not upper, unit_diagonal=unitriangular)
    a, b = linalg.matrix_transpose(a), linalg.matrix_transpose(b)
    return linalg.matrix_transpose(linalg.solve_triangular(a, b, lower=upper, unit_diagonal=unitriangular))


def cutoff(a, atol, rtol):
    """What of the largest singular value counts as 0: PyTorch's larger one of an absolute and a relative bound."""
    top = linalg.svdvals(a.data).max(-1, initial=0.0)
    usual = max(a.shape[-2:]) * np.finfo(a.dtype).eps if atol is None else 0.0
    bounds = [usual if rtol is None else getattr(rtol, "data", rtol)]
    if atol is not None:
        bounds.append(np.divide(getattr(atol, "data", atol), top, where=top > 0, out=np.zeros(np.shape(top))))
    return np.maximum.reduce(np.broadcast_arrays(*bounds))


def pinv(a, right=None, *, atol=None, rtol=None, hermitian=False):
    a = a if right is None else a @ linalg.matrix_transpose(right)  # the variant of singular ones is of a product
    return linalg.pinv(a, hermitian=hermitian, rtol=cutoff(a, atol, rtol))


def rank(a, tol=None, *, atol=None, rtol=None, hermitian=False):
    return linalg.matrix_rank(a, rtol=cutoff(a, atol if tol is None else tol, rtol))


def eigenvectors(eigh):
    """Eigenvectors up to their sign."""

    def adapted(a, UPLO="L"):
        w, v = eigh(a, UPLO)
        return w, abs(v)

    return adapted


def singular_vectors(svd):
    """Singular vectors up to their sign, and of those without a value the space that they span.

    Of a function of that space PyTorch has no derivative, so it is not asked for one.
    """

    def adapted(a, full_matrices=True, compute_uv=True):
        u, s, vh = svd(a, full_matrices)
        k = s.shape[-1]
        rest_u, rest_v = u[..., k:].detach(), vh[..., k:, :].detach()
        return abs(u[..., :k]), s, abs(vh[..., :k, :]), rest_u @ rest_u.mT, rest_v.mT @ rest_v

    return adapted


def lstsq(solve, settings):
    """The solution. Residuals, rank and singular values are there or not, as the driver likes."""

    def adapted(a, b, rcond=None, *, driver=None):
        return solve(a, b, rcond, **({"driver": driver} if settings else {}))[0]

    return adapted


ADAPTERS = {
    "linalg.inv": linalg.inv,
    "linalg.det": linalg.det,
    "linalg.slogdet": linalg.slogdet,
    "linalg.solve": solve,
    "linalg.cholesky": lambda a, *, upper=False: linalg.cholesky(a, upper=upper),
    "linalg.eigh": Pair(eigenvectors(linalg.eigh), eigenvectors(torch.linalg.eigh)),
    "linalg.svdvals": linalg.svdvals,
    "linalg.eigvalsh": lambda a, UPLO="L": linalg.eigvalsh(a, UPLO),
    "linalg.qr": lambda a, mode="reduced": linalg.qr(a, mode),
    "linalg.svd": Pair(singular_vectors(linalg.svd), singular_vectors(torch.linalg.svd)),
    "linalg.pinv": pinv,
    "linalg.solve_triangular": solve_triangular,
    "linalg.tensorinv": linalg.tensorinv,
    "linalg.tensorsolve": lambda a, b, dims=None: linalg.tensorsolve(a, b, dims),
    "cholesky": lambda a, upper=False: linalg.cholesky(a, upper=upper),
    "cholesky_solve": lambda b, factor, upper=False: linalg.cholesky_solve(b, factor, upper),
    "cholesky_inverse": lambda factor, upper=False: linalg.cholesky_inverse(factor, upper),
    "logdet": linalg.logdet,
    "matrix_exp": linalg.matrix_exp,
    "linalg.matrix_rank": rank,
    "linalg.cond": linalg.cond,
    "linalg.lstsq": Pair(lstsq(linalg.lstsq, settings=False), lstsq(torch.linalg.lstsq, settings=True)),
    "pinverse": lambda a, rcond=1e-15: linalg.pinv(a, rcond),
}
