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

from autograd import linalg
from autograd import rules as _rules
from autograd.errors import (
    AutogradError,
    ConversionError,
    GradientError,
    MatrixError,
    MutationError,
    OperandError,
    RuleError,
    ShapeError,
)
from autograd.graph import edges, leaves, topological_order
from autograd.modes import enable_grad, is_grad_enabled, no_grad
from autograd.node import Node
from autograd.origin import Origin, Scope, annotate, detect_anomaly, is_annotating, scope
from autograd.primitive import LEAF, REGISTRY, Primitive, elementwise, general, linear
from autograd.rules.activation import *
from autograd.rules.arithmetic import *
from autograd.rules.arranging import *
from autograd.rules.attention import *
from autograd.rules.bessel import *
from autograd.rules.contraction import affine, dot, einsum, inner, matmul, outer, tensordot
from autograd.rules.convolution import *
from autograd.rules.ctc import *
from autograd.rules.diagonal import *
from autograd.rules.difference import *
from autograd.rules.distance import *
from autograd.rules.embedding import *
from autograd.rules.entropy import *
from autograd.rules.exponential import *
from autograd.rules.gamma import *
from autograd.rules.indexing import *
from autograd.rules.interpolation import *
from autograd.rules.joining import *
from autograd.rules.likelihood import *
from autograd.rules.linalg import *
from autograd.rules.missing import *
from autograd.rules.network import log_softmax, softmax, softmax_cross_entropy
from autograd.rules.norm import *
from autograd.rules.normal import *
from autograd.rules.normalization import *
from autograd.rules.ordering import *
from autograd.rules.padding import *
from autograd.rules.piecewise import *
from autograd.rules.pooling import *
from autograd.rules.predicate import *
from autograd.rules.product import *
from autograd.rules.quantile import *
from autograd.rules.recurrent import *
from autograd.rules.reduction import *
from autograd.rules.resampling import *
from autograd.rules.scan import *
from autograd.rules.scattering import *
from autograd.rules.shaping import *
from autograd.rules.special import *
from autograd.rules.statistic import *
from autograd.rules.trigonometric import *
from autograd.rules.window import *
from autograd.symbol import Symbol, formula
from autograd.tensor import Tensor
from autograd.transform import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.value import Value
from autograd.view.draw import Picture, draw

if TYPE_CHECKING:
    from autograd import tutor
    from autograd.check.difference import numerical_jacobian
    from autograd.check.gradcheck import gradcheck, gradgradcheck
    from autograd.check.report import GradcheckError
    from autograd.custom import custom_function
    from autograd.function import Function
    from autograd.step.player.front import step_through
    from autograd.step.stepper import Stepper
else:
    _LATER = {  # imported when first asked for: nobody waits for what is not used
        "Function": "autograd.function",
        "GradcheckError": "autograd.check.report",
        "Stepper": "autograd.step.stepper",
        "custom_function": "autograd.custom",
        "gradcheck": "autograd.check.gradcheck",
        "gradgradcheck": "autograd.check.gradcheck",
        "numerical_jacobian": "autograd.check.difference",
        "step_through": "autograd.step.player.front",
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
    "GradcheckError",
    "GradientError",
    "MatrixError",
    "MutationError",
    "Node",
    "OperandError",
    "Origin",
    "Picture",
    "Primitive",
    "RuleError",
    "Scope",
    "ShapeError",
    "Stepper",
    "Symbol",
    "Tensor",
    "Value",
    "affine",
    "annotate",
    "custom_function",
    "detect_anomaly",
    "dot",
    "draw",
    "edges",
    "einsum",
    "elementwise",
    "enable_grad",
    "formula",
    "general",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "hessian",
    "hvp",
    "inner",
    "is_annotating",
    "is_grad_enabled",
    "jacobian",
    "jvp",
    "leaves",
    "linalg",
    "linear",
    "log_softmax",
    "matmul",
    "no_grad",
    "numerical_jacobian",
    "outer",
    "scope",
    "softmax",
    "softmax_cross_entropy",
    "step_through",
    "tensordot",
    "topological_order",
    "tutor",
    "value_and_grad",
    "vjp",
]
__all__ += _rules.activation.__all__
__all__ += _rules.arithmetic.__all__
__all__ += _rules.arranging.__all__
__all__ += _rules.attention.__all__
__all__ += _rules.bessel.__all__
__all__ += _rules.convolution.__all__
__all__ += _rules.ctc.__all__
__all__ += _rules.diagonal.__all__
__all__ += _rules.difference.__all__
__all__ += _rules.distance.__all__
__all__ += _rules.embedding.__all__
__all__ += _rules.entropy.__all__
__all__ += _rules.exponential.__all__
__all__ += _rules.gamma.__all__
__all__ += _rules.indexing.__all__
__all__ += _rules.interpolation.__all__
__all__ += _rules.joining.__all__
__all__ += _rules.missing.__all__
__all__ += _rules.likelihood.__all__
__all__ += _rules.linalg.__all__
__all__ += _rules.norm.__all__
__all__ += _rules.normal.__all__
__all__ += _rules.normalization.__all__
__all__ += _rules.ordering.__all__
__all__ += _rules.padding.__all__
__all__ += _rules.piecewise.__all__
__all__ += _rules.pooling.__all__
__all__ += _rules.predicate.__all__
__all__ += _rules.product.__all__
__all__ += _rules.quantile.__all__
__all__ += _rules.recurrent.__all__
__all__ += _rules.reduction.__all__
__all__ += _rules.resampling.__all__
__all__ += _rules.scan.__all__
__all__ += _rules.scattering.__all__
__all__ += _rules.shaping.__all__
__all__ += _rules.special.__all__
__all__ += _rules.statistic.__all__
__all__ += _rules.trigonometric.__all__
__all__ += _rules.window.__all__
