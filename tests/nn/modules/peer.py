"""What is torch's made ours: arguments, arrays, and the state of a module."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import nn
from autograd import Tensor

DTYPES = {"float64": torch.float64, "float32": torch.float32}


def ours(x: Any) -> Any:
    """An argument of theirs as one of ours: tensors that require grad under differentiation, others as arrays."""
    if isinstance(x, torch.Tensor):
        array = np.array(x.detach().numpy())
        return Tensor(array) if x.requires_grad else array
    if isinstance(x, torch.nn.Module):
        args, kwargs = x.made_with  # type: ignore[misc]
        return make(type(x).__name__, args, kwargs)
    if isinstance(x, torch.dtype):
        return np.dtype(str(x).removeprefix("torch."))
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        raise NotImplementedError(f"{type(x).__name__} has no counterpart")
    if isinstance(x, list | tuple):
        return type(x)(map(ours, x)) if type(x) in (list, tuple) else tuple(map(ours, x))
    if isinstance(x, dict):
        return {key: ours(value) for key, value in x.items()}
    if callable(x) and hasattr(nn.functional, getattr(x, "__name__", "")):
        return getattr(nn.functional, x.__name__)
    return x


def make(name: str, args: Any, kwargs: Any) -> nn.Module:
    """A module of ours with their arguments; what is about devices is left out."""
    given = {key: ours(value) for key, value in kwargs.items() if key != "device"}
    return getattr(nn, name)(*ours(tuple(args)), **given)  # type: ignore[no-any-return]


def plain(x: Any) -> list[Any]:
    """All arrays of a result, ours or theirs, in order."""
    if isinstance(x, torch.Tensor):
        return [x.detach().numpy()]
    if isinstance(x, Tensor):
        return [x.data]
    if isinstance(x, list | tuple):
        return [array for part in x for array in plain(part)]
    if x is None:
        return []
    return [np.asarray(x)]


def leaves(x: Any) -> list[Any]:
    """All tensors under differentiation in arguments or results, ours or theirs."""
    if isinstance(x, torch.Tensor | Tensor):
        return [x] if x.requires_grad else []
    if isinstance(x, list | tuple):
        return [leaf for part in x for leaf in leaves(part)]
    if isinstance(x, dict):
        return leaves(list(x.values()))
    return []


def fresh(x: Any, dtype: torch.dtype | None = None, moved: float = 0.0) -> Any:
    """The same of theirs as leaves of their own, in another precision if one is given, and moved by a part of each."""
    if isinstance(x, torch.Tensor):
        y = x.detach().clone()
        if x.is_floating_point():
            y = y.to(dtype)
            y = y + y * (torch.rand_like(y) - 0.5) * 2 * moved if moved else y
        return y.requires_grad_(x.requires_grad)
    if isinstance(x, dict):
        return {key: fresh(value, dtype, moved) for key, value in x.items()}
    return type(x)(fresh(part, dtype, moved) for part in x) if type(x) in (list, tuple) else x


def scatter(module: torch.nn.Module) -> None:
    """Move all parameters and floating buffers to random places, variances to positive ones."""
    with torch.no_grad():
        for name, x in [*module.named_parameters(), *module.named_buffers()]:
            if x.is_floating_point():
                if name.endswith("running_var"):
                    x.uniform_(0.5, 1.5)
                else:
                    x.add_(torch.randn_like(x), alpha=0.2)
