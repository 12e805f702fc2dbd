"""NumPy, differentiable: `import autograd.numpy as np`, and go on as before.

>>> import autograd.numpy as np
>>> from autograd import grad
>>> def tanh(x):
...     return (1.0 - np.exp(-2 * x)) / (1.0 + np.exp(-2 * x))
>>> print(f"{grad(tanh)(1.0):.6f}")
0.419974

Every name of NumPy's is here. Its functions take Values and Tensors, also inside lists, and with plain numbers and
arrays they are NumPy's own; so the same program runs with `import numpy as np`. One that has no derivative says so as
soon as something under differentiation is given to it, and shows how to give it one. This is the namespace that
programs written for HIPS autograd expect.
"""

from typing import TYPE_CHECKING, Any

import numpy as _np

if TYPE_CHECKING:  # the types are NumPy's
    from numpy import *  # noqa: F403
else:
    from autograd.numpy import fft as fft
    from autograd.numpy import linalg as linalg
    from autograd.numpy import random as random
    from autograd.numpy.extra import c_ as c_
    from autograd.numpy.extra import joining as _joining
    from autograd.numpy.extra import make_diagonal as make_diagonal
    from autograd.numpy.extra import r_ as r_
    from autograd.numpy.extra import vectorize as vectorize
    from autograd.numpy.extra import where as where
    from autograd.numpy.offer import namespace as _namespace

    __version__ = _np.__version__
    for _name in "column_stack concat concatenate dstack hstack row_stack stack vstack".split():
        if hasattr(_np, _name):
            globals()[_name] = _joining(getattr(_np, _name))
    _namespace("numpy", globals())


def __getattr__(name: str) -> Any:  # the modules that NumPy itself reads when they are asked for
    return getattr(_np, name)
