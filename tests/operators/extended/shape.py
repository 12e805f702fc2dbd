"""Elements arranged anew: parts, joints, grids and diagonals."""

import autograd
from autograd import Tensor
from nn.functional import pad as constant

SAME_NAME = (
    "unflatten split_with_sizes hsplit vsplit dsplit dstack column_stack fliplr flipud block_diag kron cartesian_prod "
    "combinations sum_to_size rot90"
).split()


def cut(x, dim=0, start=None, end=None, step=1):
    return x[(*(slice(None),) * (dim % x.ndim), slice(start, end, step))]


def tensor_split(x, sections, dim=0):
    cuts = sections.tolist() if isinstance(sections, Tensor) else sections
    return autograd.array_split(x, cuts, dim)


def repeat_interleave(x, repeats, dim=None, *, output_size=None):
    return autograd.repeat(x, repeats, dim)


def meshgrid(*xs, indexing="ij"):
    return autograd.meshgrid(*(xs[0] if isinstance(xs[0], list | tuple) else xs), indexing=indexing)


def unfold(x, dim, size, step):
    return x.unfold(dim, size, step) if x.ndim else x.reshape(1).unfold(0, size, step).reshape(-1)


ADAPTERS = {
    **{name: getattr(autograd, name) for name in SAME_NAME},
    "expand_as": Tensor.expand_as,
    "reshape_as": lambda x, other: autograd.reshape(x, other.shape),
    "view_as": Tensor.view_as,
    "narrow": lambda x, dim, start, length: autograd.narrow(x, dim, int(start), length),
    "select": lambda x, dim, index: autograd.take(x, index, dim),
    "slice": cut,
    "tensor_split": tensor_split,
    "repeat_interleave": repeat_interleave,
    "diag_embed": lambda x, offset=0, dim1=-2, dim2=-1: autograd.diag_embed(x, offset, dim1, dim2),
    "diagflat": lambda x, offset=0: autograd.diagflat(x, offset),
    "meshgrid": meshgrid,
    "broadcast_tensors": autograd.broadcast_arrays,
    "contiguous": Tensor.contiguous,
    "unfold": unfold,
    "constant_pad_nd": lambda x, pad, value=0.0: constant(x, pad, value=value),
    "linalg.diagonal": lambda x, *, offset=0, dim1=-2, dim2=-1: autograd.diagonal(x, offset, dim1, dim2),
}
