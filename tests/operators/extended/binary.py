"""Functions of two numbers, and sums of products and quotients of them."""

import autograd
from autograd import Tensor

SAME_NAME = "fmax fmin logaddexp2 copysign xlogy floor_divide heaviside ldexp nextafter".split()


ADAPTERS = {
    **{name: getattr(autograd, name) for name in SAME_NAME},
    "special.xlog1py": autograd.xlog1py,
    "addcmul": lambda x, a, b, *, value=1.0: autograd.addcmul(x, a, b, value),
    "addcdiv": lambda x, a, b, *, value=1.0: autograd.addcdiv(x, a, b, value),
    "__rmod__": Tensor.__rmod__,
}
