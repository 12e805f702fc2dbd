"""Elements by their number."""

import autograd
from autograd import Tensor
from nn import functional
from tests.operators.dim import with_axis


def of_rows(function):
    """In PyTorch a number can be indexed along its axis 0, too."""

    def adapted(x, dim, index, *source, **settings):
        found = function(with_axis(x), dim, with_axis(index), *map(with_axis, source), **settings)
        return found.reshape(x.shape if source else index.shape) if not x.ndim else found

    return adapted


def sort(x, dim=-1, descending=False, stable=False):
    if not x.ndim:
        return x.clone(), autograd.argsort(x.reshape(1)).reshape(())
    return autograd.sort(x, dim, descending=descending), autograd.argsort(x, dim, descending=descending)


def take_along_dim(x, indices, dim=None):
    return autograd.take_along_axis(x, indices.ravel() if dim is None else indices, dim)


ADAPTERS = {
    "__getitem__": Tensor.__getitem__,
    "gather": of_rows(autograd.gather),
    "index_select": lambda x, dim, index: autograd.index_select(with_axis(x), dim, index).reshape(
        x.shape if not x.ndim else autograd.index_select(x, dim, index).shape
    ),
    "take_along_dim": take_along_dim,
    "take": autograd.take,
    "masked_fill": autograd.masked_fill,
    "masked_select": autograd.masked_select,
    "scatter_add": of_rows(autograd.scatter_add),
    "index_add": of_rows(autograd.index_add),
    "index_put": autograd.index_put,
    "F.embedding": lambda weight, indices, **settings: functional.embedding(indices, weight, **settings),
    "sort": sort,
    "F.one_hot": functional.one_hot,
}
