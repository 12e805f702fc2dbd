"""Functions of one number."""

import autograd
from autograd import Tensor

SAME_NAME = (
    "exp log sqrt square abs sin cos tanh sigmoid reciprocal rsqrt tan sinh cosh log1p expm1 log2 log10 exp2 asin acos "
    "atan asinh acosh atanh sign floor ceil trunc erf positive"
).split()

ADAPTERS = {
    **{name: getattr(autograd, name) for name in SAME_NAME},
    "neg": lambda x: -x,
    "clamp": Tensor.clamp,
    "clamp_min": lambda x, min: Tensor.clamp(x, min=min),
    "clamp_max": lambda x, max: Tensor.clamp(x, max=max),
    "round": lambda x, decimals=0: autograd.round(x, decimals),
    "nan_to_num": lambda x, nan=0.0, posinf=None, neginf=None: autograd.nan_to_num(x, True, nan, posinf, neginf),
}
