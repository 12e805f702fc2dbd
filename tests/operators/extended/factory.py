"""Arrays made from nothing."""

import numpy as np

import autograd
from autograd import Tensor


def logspace(start, end, steps, base=10.0, *, dtype=np.float32, requires_grad=False):
    """PyTorch's numbers are float32 if nothing else is said."""
    start, end = (x.item() if isinstance(x, Tensor) else x for x in (start, end))
    return autograd.logspace(start, end, steps, base=base, dtype=dtype)


def hann(m, *, sym=True, dtype=None, requires_grad=False):
    return np.asarray(autograd.hanning(m) if sym or m < 2 else autograd.hanning(m + 1)[:-1], dtype)


ADAPTERS = {
    "logspace": logspace,
    "new_zeros": Tensor.new_zeros,
    "new_ones": Tensor.new_ones,
    "new_full": Tensor.new_full,
    "scalar_tensor": lambda value, *, dtype=None, requires_grad=False: np.asarray(value, dtype),
    "signal.windows.hann": hann,
}
