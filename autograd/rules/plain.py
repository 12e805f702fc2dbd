"""Arrays made from nothing, windows, and the numbers of elements: NumPy's own functions, whose results are constants.

An array is a constant and a Tensor remembers: `Tensor(zeros(3))` is what is differentiated by. Those that are filled
with something, or reach from one number to another, are differentiated by it, and stand in `construction`.

>>> import autograd
>>> autograd.zeros(2)
array([0., 0.])
>>> autograd.nonzero(autograd.Tensor([0.0, 3.0]))
(array([1]),)
"""

from numpy import (
    arange,
    argwhere,
    bartlett,
    blackman,
    digitize,
    empty,
    empty_like,
    eye,
    flatnonzero,
    hamming,
    hanning,
    identity,
    indices,
    isin,
    ix_,
    nonzero,
    ones,
    ones_like,
    tri,
    tril_indices,
    triu_indices,
    zeros,
    zeros_like,
)

__all__ = [
    "arange",
    "argwhere",
    "bartlett",
    "blackman",
    "digitize",
    "empty",
    "empty_like",
    "eye",
    "flatnonzero",
    "hamming",
    "hanning",
    "identity",
    "indices",
    "isin",
    "ix_",
    "nonzero",
    "ones",
    "ones_like",
    "tri",
    "tril_indices",
    "triu_indices",
    "zeros",
    "zeros_like",
]
