"""Elements arranged anew."""

import autograd
from autograd import Tensor
from nn import functional


def squeeze(x, dim=None):
    if dim is None:
        return autograd.squeeze(x)
    dims = dim if isinstance(dim, tuple | list) else [dim]
    return autograd.squeeze(x, tuple(i for i in dims if x.ndim and x.shape[i] == 1))  # PyTorch passes over the others


def split(x, sizes, dim=0):
    if isinstance(sizes, int):
        n = x.shape[dim]
        sizes = [min(sizes, n - start) for start in range(0, n, sizes)]
    return autograd.split_with_sizes(x, sizes, dim)


def cat(tensors, dim=0):
    """PyTorch passes over empty rows."""
    return autograd.concatenate([x for x in tensors if x.shape != (0,)] or tensors, dim)


def of_several(function):
    return lambda x: function(*x) if isinstance(x, tuple | list) else function(x)


ADAPTERS = {
    "reshape": autograd.reshape,
    "view": Tensor.view,
    "transpose": lambda x, dim0, dim1: autograd.swapaxes(x, dim0, dim1) if x.ndim else x.clone(),
    "permute": Tensor.permute,
    "squeeze": squeeze,
    "unsqueeze": Tensor.unsqueeze,
    "flatten": lambda x, start_dim=0, end_dim=-1: autograd.flatten(x, start_dim, end_dim),
    "ravel": autograd.ravel,
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "t": Tensor.t,
    "expand": autograd.expand,
    "broadcast_to": autograd.broadcast_to,
    "cat": cat,
    "stack": lambda tensors, dim=0: autograd.stack(tensors, dim),
    "split": split,
    "chunk": lambda x, chunks, dim=0: autograd.chunk(x, chunks, dim),
    "unbind": lambda x, dim=0: autograd.unstack(x, dim),
    "tile": autograd.tile,
    "repeat": autograd.tile,
    "movedim": autograd.moveaxis,
    "flip": lambda x, dims: autograd.flip(x, tuple(dims)),
    "roll": lambda x, shifts, dims=None: autograd.roll(x, shifts, dims),
    "tril": autograd.tril,
    "triu": autograd.triu,
    "diag": autograd.diag,
    "diagonal": lambda x, offset=0, dim1=0, dim2=1: autograd.diagonal(x, offset, dim1, dim2),
    "clone": Tensor.clone,
    "hstack": autograd.hstack,
    "vstack": autograd.vstack,
    "F.pad": functional.pad,
    **{name: of_several(getattr(autograd, name)) for name in "atleast_1d atleast_2d atleast_3d".split()},
}
