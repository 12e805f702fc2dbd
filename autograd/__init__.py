"""chainrule: automatic differentiation to look into. This is the front door: names only.

>>> import autograd
>>> x = autograd.Value(2.0)
>>> y = x ** 3 + autograd.sin(x)
>>> y.backward()
>>> round(x.grad, 6)
11.583853
"""

from autograd.errors import (
    AutogradError,
    ConversionError,
    GradientError,
    MutationError,
    OperandError,
    ShapeError,
)
from autograd.graph import edges, leaves, topological_order
from autograd.modes import detect_anomaly, enable_grad, is_grad_enabled, no_grad
from autograd.node import Node
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

# The math module's names
asin, acos, atan, atan2, asinh, acosh, atanh = arcsin, arccos, arctan, arctan2, arcsinh, arccosh, arctanh
pow, abs = power, absolute
