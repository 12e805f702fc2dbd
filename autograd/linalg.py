"""numpy.linalg's functions, differentiated: `autograd.linalg.solve(a, b)`. Names only.

The same functions answer `np.linalg.solve(a, b)` when a or b is a Tensor. Beside NumPy's there are those of
scipy.linalg and torch.linalg that people reach for: expm, solve_triangular, cho_solve, block_diag, vander, logdet...
"""

from autograd.rules.arranging import matrix_transpose
from autograd.rules.banded import solve_banded
from autograd.rules.contraction import matmul, outer, tensordot
from autograd.rules.determinant import det, logdet, slogdet
from autograd.rules.diagonal import kron, vander
from autograd.rules.factorization import eigh, eigvalsh, qr, svd, svdvals
from autograd.rules.joining import block_diag
from autograd.rules.linalg import (
    cholesky_inverse,
    cholesky_solve,
    cross,
    diagonal,
    expm,
    inv,
    lstsq,
    matrix_power,
    matrix_rank,
    multi_dot,
    pinv,
    solve,
    tensorinv,
    tensorsolve,
    trace,
    vecdot,
)
from autograd.rules.norm import cond, matrix_norm, norm, vector_norm
from autograd.rules.sylvester import solve_continuous_lyapunov, solve_sylvester, sqrtm
from autograd.rules.triangular import cho_factor, cho_solve, cholesky, solve_triangular

matrix_exp = expm  # PyTorch's name

__all__ = [
    "block_diag",
    "cho_factor",
    "cho_solve",
    "cholesky",
    "cholesky_inverse",
    "cholesky_solve",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "expm",
    "inv",
    "kron",
    "logdet",
    "lstsq",
    "matmul",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "multi_dot",
    "norm",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_banded",
    "solve_continuous_lyapunov",
    "solve_sylvester",
    "solve_triangular",
    "sqrtm",
    "svd",
    "svdvals",
    "tensordot",
    "tensorinv",
    "tensorsolve",
    "trace",
    "vander",
    "vecdot",
    "vector_norm",
]
