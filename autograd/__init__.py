"""chainrule: automatic differentiation to look into. This is the front door: names only.

>>> import autograd
>>> x = autograd.Value(2.0)
>>> y = x ** 3 + autograd.sin(x)
>>> y.backward()
>>> round(x.grad, 6)
11.583853
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd import rules as _rules
from autograd.errors import (
    AutogradError,
    ConversionError,
    GradientError,
    MutationError,
    OperandError,
    ShapeError,
)
from autograd.graph import edges, leaves, topological_order
from autograd.modes import enable_grad, is_grad_enabled, no_grad
from autograd.node import Node
from autograd.origin import Origin, Scope, annotate, detect_anomaly, is_annotating, scope
from autograd.primitive import LEAF, REGISTRY, Primitive, elementwise, general, linear
from autograd.rules.arithmetic import (
    add,
    addcdiv,
    addcmul,
    divide,
    divmod,
    equal,
    float_power,
    floor_divide,
    fmod,
    greater,
    greater_equal,
    lerp,
    less,
    less_equal,
    multiply,
    negative,
    not_equal,
    positive,
    power,
    reciprocal,
    remainder,
    square,
    subtract,
)
from autograd.rules.arranging import *
from autograd.rules.bessel import i0, i0e, i1, i1e, iv, ive, j0, j1, jv, k0, k1, kv, sinc, spherical_jn, y0, y1, yv
from autograd.rules.contraction import affine, dot, einsum, inner, matmul, outer, tensordot
from autograd.rules.diagonal import *
from autograd.rules.entropy import entr, huber, kl_div, pseudo_huber, rel_entr, xlog1py, xlogy
from autograd.rules.exponential import (
    cbrt,
    exp,
    exp2,
    expm1,
    frexp,
    ldexp,
    log,
    log1p,
    log2,
    log10,
    log_sigmoid,
    logaddexp,
    logaddexp2,
    logit,
    rsqrt,
    sigmoid,
    softplus,
    sqrt,
)
from autograd.rules.gamma import (
    beta,
    betainc,
    betaln,
    digamma,
    gamma,
    gammainc,
    gammaincc,
    gammaln,
    multigammaln,
    polygamma,
    zeta,
)
from autograd.rules.indexing import *
from autograd.rules.joining import *
from autograd.rules.network import log_softmax, softmax, softmax_cross_entropy
from autograd.rules.normal import dawsn, erfcinv, erfcx, erfinv, exp1, expi, log_ndtr, ndtr, ndtri
from autograd.rules.ordering import *
from autograd.rules.padding import *
from autograd.rules.piecewise import (
    absolute,
    ceil,
    clip,
    copysign,
    floor,
    fmax,
    fmin,
    frac,
    heaviside,
    leaky_relu,
    maximum,
    minimum,
    modf,
    nan_to_num,
    relu,
    rint,
    round,
    sign,
    trunc,
    where,
)
from autograd.rules.reduction import cumsum, logsumexp, max, mean, min, prod, std, sum, var
from autograd.rules.scattering import *
from autograd.rules.shaping import *
from autograd.rules.special import erf, erfc, gelu, silu
from autograd.rules.trigonometric import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cos,
    cosh,
    deg2rad,
    hypot,
    rad2deg,
    sin,
    sinh,
    tan,
    tanh,
)
from autograd.rules.window import *
from autograd.symbol import Symbol, formula
from autograd.tensor import Tensor
from autograd.transform import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.value import Value
from autograd.view.draw import Picture, draw

# The math module's names
asin, acos, atan, atan2, asinh, acosh, atanh = arcsin, arccos, arctan, arctan2, arcsinh, arccosh, arctanh
pow, abs = power, absolute

if TYPE_CHECKING:
    from autograd import tutor
    from autograd.custom import custom_function
    from autograd.function import Function
    from autograd.step.stepper import Stepper
else:
    _LATER = {  # imported when first asked for: nobody waits for what is not used
        "Function": "autograd.function",
        "Stepper": "autograd.step.stepper",
        "custom_function": "autograd.custom",
        "tutor": "autograd.tutor",
    }

    def __getattr__(name: str) -> Any:
        if name in _LATER:
            module = import_module(_LATER[name])
            return module if module.__name__ == f"{__name__}.{name}" else getattr(module, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "LEAF",
    "REGISTRY",
    "AutogradError",
    "ConversionError",
    "Function",
    "GradientError",
    "MutationError",
    "Node",
    "OperandError",
    "Origin",
    "Picture",
    "Primitive",
    "Scope",
    "ShapeError",
    "Stepper",
    "Symbol",
    "Tensor",
    "Value",
    "abs",
    "absolute",
    "acos",
    "acosh",
    "add",
    "addcdiv",
    "addcmul",
    "affine",
    "annotate",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "beta",
    "betainc",
    "betaln",
    "cbrt",
    "ceil",
    "clip",
    "copysign",
    "cos",
    "cosh",
    "cumsum",
    "custom_function",
    "dawsn",
    "deg2rad",
    "detect_anomaly",
    "digamma",
    "divide",
    "divmod",
    "dot",
    "draw",
    "edges",
    "einsum",
    "elementwise",
    "enable_grad",
    "entr",
    "equal",
    "erf",
    "erfc",
    "erfcinv",
    "erfcx",
    "erfinv",
    "exp",
    "exp1",
    "exp2",
    "expi",
    "expm1",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "formula",
    "frac",
    "frexp",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammaln",
    "gelu",
    "general",
    "grad",
    "greater",
    "greater_equal",
    "heaviside",
    "hessian",
    "huber",
    "hvp",
    "hypot",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "inner",
    "is_annotating",
    "is_grad_enabled",
    "iv",
    "ive",
    "j0",
    "j1",
    "jacobian",
    "jv",
    "jvp",
    "k0",
    "k1",
    "kl_div",
    "kv",
    "ldexp",
    "leaky_relu",
    "leaves",
    "lerp",
    "less",
    "less_equal",
    "linear",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_ndtr",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logaddexp2",
    "logit",
    "logsumexp",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "modf",
    "multigammaln",
    "multiply",
    "nan_to_num",
    "ndtr",
    "ndtri",
    "negative",
    "no_grad",
    "not_equal",
    "outer",
    "polygamma",
    "positive",
    "pow",
    "power",
    "prod",
    "pseudo_huber",
    "rad2deg",
    "reciprocal",
    "rel_entr",
    "relu",
    "remainder",
    "rint",
    "round",
    "rsqrt",
    "scope",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "spherical_jn",
    "sqrt",
    "square",
    "std",
    "subtract",
    "sum",
    "tan",
    "tanh",
    "tensordot",
    "topological_order",
    "trunc",
    "tutor",
    "value_and_grad",
    "var",
    "vjp",
    "where",
    "xlog1py",
    "xlogy",
    "y0",
    "y1",
    "yv",
    "zeta",
]
__all__ += _rules.arranging.__all__
__all__ += _rules.diagonal.__all__
__all__ += _rules.indexing.__all__
__all__ += _rules.joining.__all__
__all__ += _rules.ordering.__all__
__all__ += _rules.padding.__all__
__all__ += _rules.scattering.__all__
__all__ += _rules.shaping.__all__
__all__ += _rules.window.__all__
