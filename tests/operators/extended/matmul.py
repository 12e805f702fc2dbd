"""Products, and distances."""

import autograd
from autograd import linalg
from tests.operators.dim import with_axis


def cross(a, b, *, dim=-1):
    return autograd.cross(a, b, axis=dim)


def old_cross(a, b, dim=None):
    """Without a `dim`, along the first axis of size 3."""
    dim = autograd.broadcast_arrays(a, b)[0].shape.index(3) if dim is None else dim
    return autograd.cross(*autograd.broadcast_arrays(a, b), axis=dim)


ADAPTERS = {
    **{name: getattr(autograd, name) for name in "addbmm baddbmm addmv addr".split()},
    "vdot": autograd.vdot,
    "cross": old_cross,
    "linalg.cross": cross,
    "linalg.multi_dot": linalg.multi_dot,
    "linalg.vecdot": lambda a, b, *, dim=-1: linalg.vecdot(a, b, dim),
    "linalg.matrix_power": linalg.matrix_power,
    "cdist": lambda a, b, p=2.0, compute_mode=None: autograd.cdist(a, b, p),
    "F.bilinear": autograd.bilinear,
    "F.pdist": autograd.pdist,
    "F.pairwise_distance": autograd.pairwise_distance,
    "linalg.vander": lambda x, N=None: linalg.vander(with_axis(x), N, increasing=True),
}
