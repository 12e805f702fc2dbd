"""Functions of two numbers."""

import autograd

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
    "__radd__": lambda a, b: b + a,
    "__rsub__": lambda a, b: b - a,
    "__rmul__": lambda a, b: b * a,
    "__rdiv__": lambda a, b: b / a,
    "__rpow__": lambda a, b: b**a,
    "atan2": autograd.atan2,
    "hypot": autograd.hypot,
    "logaddexp": autograd.logaddexp,
    "remainder": autograd.remainder,
    "fmod": autograd.fmod,
    "float_power": autograd.float_power,
    "lerp": autograd.lerp,
}
