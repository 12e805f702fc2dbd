"""All parameters as one vector, and back: for methods that know nothing of layers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Node, ShapeError, Tensor, Value, concatenate, stack


def parameters_to_vector(parameters: Iterable[Any]) -> Tensor:
    """All elements of the parameters, Tensors or Values, one after the other: shape (n,). It can be differentiated.

    >>> import nn
    >>> nn.utils.parameters_to_vector(nn.Linear(3, 2).parameters()).shape
    (8,)
    """
    parts = [stack([p]) if isinstance(p, Value) else p.reshape(-1) for p in parameters]
    if not parts:
        raise ValueError("parameters_to_vector got no parameters.")
    vector: Tensor = concatenate(parts)
    return vector


def vector_to_parameters(vec: Any, parameters: Iterable[Any]) -> None:
    """Write the elements of a vector into the parameters, in place.

    Errors: ShapeError when there are too many or too few; nothing is written then.
    """
    found = list(parameters)
    x = np.asarray(vec.data if isinstance(vec, Node) else vec)
    sizes = [math.prod(np.shape(p.data)) for p in found]
    if x.shape != (sum(sizes),):
        raise ShapeError(f"the parameters have {sum(sizes)} elements, and the vector has the shape {x.shape}.")
    for p, part in zip(found, np.split(x, np.cumsum(sizes)[:-1]) if found else ()):
        if isinstance(p, Value):
            p.data = part.item()
        else:
            p.data[...] = part.reshape(p.data.shape)
