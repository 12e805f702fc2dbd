"""Functions of two numbers."""

import autograd
from autograd import Tensor

ADAPTERS = {
    "add": lambda a, b, *, alpha=1: a + alpha * b if alpha != 1 else a + b,
    "sub": lambda a, b, *, alpha=1: a - alpha * b if alpha != 1 else a - b,
    "mul": lambda a, b: a * b,
    "div": autograd.div,
    "pow": lambda a, b: a**b,
    "maximum": autograd.maximum,
    "minimum": autograd.minimum,
    "where": lambda a, condition, b: autograd.where(condition, a, b),
    "true_divide": autograd.divide,
    "rsub": lambda a, b, *, alpha=1: b - alpha * a,
    "__radd__": Tensor.__radd__,
    "__rsub__": Tensor.__rsub__,
    "__rmul__": Tensor.__rmul__,
    "__rdiv__": Tensor.__rtruediv__,
    "__rpow__": Tensor.__rpow__,
    "atan2": autograd.atan2,
    "hypot": autograd.hypot,
    "logaddexp": autograd.logaddexp,
    "remainder": autograd.remainder,
    "fmod": autograd.fmod,
    "float_power": autograd.float_power,
    "lerp": autograd.lerp,
}
