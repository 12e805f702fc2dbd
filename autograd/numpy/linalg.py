"""numpy.linalg, differentiable."""

from typing import TYPE_CHECKING

from autograd.numpy.offer import namespace as _namespace

if TYPE_CHECKING:
    from numpy.linalg import *  # noqa: F403

_namespace("numpy.linalg", globals())
