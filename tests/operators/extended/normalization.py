"""Normalisation. What PyTorch's native ones return beside it, for their backward passes, is found by its definition."""

import numpy as np

import autograd


def moments(x, axis, eps):
    """The mean and one over the spread, which the results stand for."""
    return autograd.mean(x, axis, keepdims=True), autograd.rsqrt(autograd.var(x, axis, keepdims=True) + eps)


def native_layer_norm(x, shape, weight, bias, eps):
    y = autograd.layer_norm(x, tuple(shape), weight, bias, eps)
    return y, *moments(x, tuple(range(x.ndim - len(shape), x.ndim)), eps)


def native_group_norm(x, weight, bias, n, channels, size, groups, eps):
    y = autograd.group_norm(x, groups, weight, bias, eps)
    rows = autograd.reshape(x, (n, groups, channels * size // max(groups, 1)))
    return y, *(z.reshape(n, groups) for z in moments(rows, 2, eps))


def native_batch_norm(x, weight, bias, running_mean, running_var, training, momentum, eps):
    running = [None if z is None else z.data.copy() for z in (running_mean, running_var)]
    y = autograd.batch_norm(x, *running, weight, bias, training, momentum, eps)
    if not training:
        return y, np.zeros(0, x.dtype), np.zeros(0, x.dtype)
    return y, *(z.reshape(-1) for z in moments(x, (0, *range(2, x.ndim)), eps))


ADAPTERS = {
    "F.local_response_norm": autograd.local_response_norm,
    "native_layer_norm": native_layer_norm,
    "native_group_norm": native_group_norm,
    "native_batch_norm": native_batch_norm,
}
