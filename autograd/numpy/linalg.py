"""numpy.linalg, differentiable."""

from typing import TYPE_CHECKING

import numpy as _np

from autograd.numpy.offer import namespace as _namespace

if TYPE_CHECKING:
    from numpy.linalg import *  # noqa: F403

_namespace(vars(_np.linalg), globals())
