"""NumPy's own names, for programs written for HIPS autograd: `import autograd.numpy as np`."""

from numpy import *  # noqa: F403
