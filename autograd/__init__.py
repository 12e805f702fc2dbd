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
    divide,
    equal,
    floor_divide,
    greater,
    greater_equal,
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
from autograd.rules.contraction import affine, dot, einsum, inner, matmul, outer, tensordot
from autograd.rules.exponential import (
    cbrt,
    exp,
    exp2,
    expm1,
    log,
    log1p,
    log2,
    log10,
    log_sigmoid,
    logaddexp,
    sigmoid,
    softplus,
    sqrt,
)
from autograd.rules.indexing import take
from autograd.rules.network import log_softmax, softmax, softmax_cross_entropy
from autograd.rules.piecewise import (
    absolute,
    ceil,
    clip,
    floor,
    leaky_relu,
    maximum,
    minimum,
    relu,
    rint,
    sign,
    trunc,
    where,
)
from autograd.rules.reduction import cumsum, logsumexp, max, mean, min, prod, std, sum, var
from autograd.rules.shaping import (
    astype,
    broadcast_to,
    concatenate,
    expand_dims,
    flatten,
    flip,
    moveaxis,
    pad,
    ravel,
    repeat,
    reshape,
    squeeze,
    stack,
    swapaxes,
    tile,
    transpose,
)
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
    hypot,
    sin,
    sinh,
    tan,
    tanh,
)
from autograd.symbol import Symbol, formula
from autograd.tensor import Tensor
from autograd.transform import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.value import Value
from autograd.view.draw import Picture, draw

# The math module's names
asin, acos, atan, atan2, asinh, acosh, atanh = arcsin, arccos, arctan, arctan2, arcsinh, arccosh, arctanh
pow, abs = power, absolute

if TYPE_CHECKING:
    from autograd.custom import custom_function
    from autograd.function import Function
    from autograd.step.stepper import Stepper
else:
    _LATER = {  # imported when first asked for: nobody waits for what is not used
        "Function": "autograd.function",
        "Stepper": "autograd.step.stepper",
        "custom_function": "autograd.custom",
    }

    def __getattr__(name: str) -> Any:
        if name in _LATER:
            return getattr(import_module(_LATER[name]), name)
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
    "astype",
    "atan",
    "atan2",
    "atanh",
    "broadcast_to",
    "cbrt",
    "ceil",
    "clip",
    "concatenate",
    "cos",
    "cosh",
    "cumsum",
    "custom_function",
    "detect_anomaly",
    "divide",
    "dot",
    "draw",
    "edges",
    "einsum",
    "elementwise",
    "enable_grad",
    "equal",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "flatten",
    "flip",
    "floor",
    "floor_divide",
    "formula",
    "gelu",
    "general",
    "grad",
    "greater",
    "greater_equal",
    "hessian",
    "hvp",
    "hypot",
    "inner",
    "is_annotating",
    "is_grad_enabled",
    "jacobian",
    "jvp",
    "leaky_relu",
    "leaves",
    "less",
    "less_equal",
    "linear",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "moveaxis",
    "multiply",
    "negative",
    "no_grad",
    "not_equal",
    "outer",
    "pad",
    "positive",
    "pow",
    "power",
    "prod",
    "ravel",
    "reciprocal",
    "relu",
    "remainder",
    "repeat",
    "reshape",
    "rint",
    "scope",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "subtract",
    "sum",
    "swapaxes",
    "take",
    "tan",
    "tanh",
    "tensordot",
    "tile",
    "topological_order",
    "transpose",
    "trunc",
    "value_and_grad",
    "var",
    "vjp",
    "where",
]
