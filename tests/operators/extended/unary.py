"""Functions of one number, and of it and a whole one."""

import autograd

SAME_NAME = "sinc frac logit erfc erfinv digamma deg2rad rad2deg i0 signbit isposinf isneginf".split()
SPECIAL = "entr log_ndtr ndtr i1".split()


ADAPTERS = {
    **{name: getattr(autograd, name) for name in SAME_NAME},
    **{f"special.{name}": getattr(autograd, name) for name in SPECIAL},
    "lgamma": autograd.gammaln,
    "sgn": autograd.sign,
    "polygamma": lambda x, n: autograd.polygamma(n, x),
    "mvlgamma": autograd.multigammaln,
}
