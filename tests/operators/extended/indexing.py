"""Elements by their number and by conditions, and questions about orders."""

import numpy as np

import autograd
from autograd import Tensor
from tests.operators.core.indexing import of_rows
from tests.operators.dim import with_axis


def scatter(x, dim, index, src, *, reduce=None):
    if reduce is None:
        return autograd.scatter(x, dim, index, src)
    return autograd.scatter_reduce(x, dim, index, src, reduce)


def scatter_reduce(x, dim, index, src, reduce, *, include_self=True):
    return autograd.scatter_reduce(x, dim, index, src, reduce, include_self)


def index_reduce(x, dim, index, source, reduce, *, include_self=True):
    return autograd.index_reduce(x, dim, index, source, reduce, include_self)


def argsort(x, dim=-1, descending=False, *, stable=True):
    return autograd.argsort(x, dim, descending=descending) if x.ndim else np.zeros((), int)


def nonzero(x, *, as_tuple=False):
    found = autograd.nonzero(with_axis(x))
    return found if as_tuple else np.stack(found, -1)[:, : x.ndim]


def unique(x, sorted=True, return_inverse=False, return_counts=False, dim=None):
    return autograd.unique(x, False, return_inverse, return_counts, dim)


def searchsorted(sequence, values, *, out_int32=False, right=False, side="left", sorter=None):
    side = "right" if right else side
    dtype = np.int32 if out_int32 else np.int64
    rows = sequence.data if sorter is None else np.take_along_axis(sequence.data, sorter.data, -1)
    wanted = np.asarray(values.data if isinstance(values, Tensor) else values)
    if rows.ndim == 1:
        return np.asarray(autograd.searchsorted(rows, wanted, side), dtype)
    found = np.empty(wanted.shape, dtype)
    for i in np.ndindex(rows.shape[:-1]):
        found[i] = autograd.searchsorted(rows[i], wanted[i], side)
    return found


def bucketize(x, boundaries, *, out_int32=False, right=False):
    found = autograd.searchsorted(boundaries, x, "right" if right else "left")
    return np.asarray(found, np.int32 if out_int32 else np.int64)


def histc(x, bins=100, min=0, max=0):
    data = x.data
    low, high = (data.min(), data.max()) if min == max and data.size else (min, max)
    return autograd.histogram(data, bins, (low, high))[0].astype(data.dtype)


def isin(elements, test_elements, *, assume_unique=False, invert=False):
    return autograd.isin(elements, test_elements, assume_unique=assume_unique, invert=invert)


def triangle(indices):
    def adapted(row, col, offset=0, *, dtype=np.int64):
        return np.array(indices(row, offset, col), dtype)

    return adapted


def embedding_bag(weight, indices, **settings):
    for what in ("max_norm", "norm_type", "scale_grad_by_freq", "sparse"):
        settings.pop(what, None)
    return autograd.embedding_bag(indices, weight, **settings)


def bincount(x, weights=None, minlength=0):
    """In PyTorch whole weights are added up in float64."""
    if weights is not None and weights.dtype.kind in "iu":
        weights = weights.astype(np.float64)
    return autograd.bincount(x, weights, minlength)


ADAPTERS = {
    "scatter": scatter,
    "scatter_reduce": scatter_reduce,
    "index_copy": of_rows(autograd.index_copy),
    "index_fill": lambda x, dim, index, value: autograd.index_fill(x, dim, index, value),
    "index_reduce": index_reduce,
    "masked_scatter": autograd.masked_scatter,
    "msort": autograd.msort,
    "argsort": argsort,
    "select_scatter": autograd.select_scatter,
    "slice_scatter": autograd.slice_scatter,
    "diagonal_scatter": lambda x, src, offset=0, dim1=0, dim2=1: autograd.diagonal_scatter(x, src, offset, dim1, dim2),
    "put": autograd.put,
    "nonzero": nonzero,
    "unique": unique,
    "searchsorted": searchsorted,
    "bucketize": bucketize,
    "bincount": bincount,
    "histc": histc,
    "isin": isin,
    "tril_indices": triangle(autograd.tril_indices),
    "triu_indices": triangle(autograd.triu_indices),
    "argwhere": autograd.argwhere,
    "F.embedding_bag": embedding_bag,
}
