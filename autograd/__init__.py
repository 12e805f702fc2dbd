"""chainrule: automatic differentiation to look into. This is the front door: names only.

>>> import autograd
>>> x = autograd.Value(2.0)
>>> y = x ** 3 + autograd.sin(x)
>>> y.backward()
>>> round(x.grad, 6)
11.583853

The engine and the rules of everyday arithmetic are here at once. The other families of rules are read together when
the first of their names is asked for, the tools one by one: nobody waits for what is not used.
"""

import typing as _typing
from importlib import import_module as _import_module
from types import ModuleType as _ModuleType

from autograd import memory as _memory
from autograd import rules as _rules
from autograd.errors import (
    AnomalyError,
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
from autograd.matrix import hessian, jacfwd, jacobian, jacrev
from autograd.modes import enable_grad, is_grad_enabled, no_grad
from autograd.node import Node
from autograd.origin import Origin, Scope, annotate, is_annotating, scope
from autograd.primitive import LEAF, Primitive, elementwise, general, is_batched, linear
from autograd.rules.arithmetic import *
from autograd.rules.contraction import *
from autograd.rules.exponential import *
from autograd.rules.indexing import *
from autograd.rules.piecewise import *
from autograd.rules.reduction import *
from autograd.rules.shaping import *
from autograd.rules.special import *
from autograd.rules.trigonometric import *
from autograd.symbol import Symbol, formula
from autograd.tensor import Tensor
from autograd.transform import grad, hvp, jvp, linearize, stop_gradient, value_and_grad, vjp
from autograd.value import Value
from autograd.view.draw import Picture, draw

if _typing.TYPE_CHECKING:  # what the code below does when a name is asked for, in words that a type checker reads
    from autograd import fft, kernel, linalg, optimize, tutor
    from autograd.anomaly.blame import blame
    from autograd.anomaly.detect import detect_anomaly
    from autograd.batch.vmap import vmap
    from autograd.chain.latex import latex
    from autograd.chance import sample
    from autograd.check.difference import numerical_jacobian
    from autograd.check.gradcheck import gradcheck, gradgradcheck
    from autograd.check.report import GradcheckError
    from autograd.cost import flops
    from autograd.custom import custom_function
    from autograd.differential_operators import (
        deriv,
        elementwise_grad,
        grad_and_aux,
        grad_named,
        hessian_tensor_product,
        hessian_vector_product,
        holomorphic_grad,
        make_ggnvp,
        make_hvp,
        make_jvp,
        make_vjp,
        multigrad_dict,
        tensor_jacobian_product,
        vector_jacobian_product,
    )
    from autograd.function import Function
    from autograd.health.diagnose import diagnose
    from autograd.lens.fuse import fuse
    from autograd.lens.zoom import zoom
    from autograd.paths.explanation import explain
    from autograd.primitive import REGISTRY
    from autograd.recompute import checkpoint
    from autograd.rules.activation import *
    from autograd.rules.arranging import *
    from autograd.rules.attention import *
    from autograd.rules.bessel import *
    from autograd.rules.cell import *
    from autograd.rules.construction import *
    from autograd.rules.convolution import *
    from autograd.rules.ctc import *
    from autograd.rules.diagonal import *
    from autograd.rules.difference import *
    from autograd.rules.distance import *
    from autograd.rules.embedding import *
    from autograd.rules.entropy import *
    from autograd.rules.gamma import *
    from autograd.rules.interpolation import *
    from autograd.rules.joining import *
    from autograd.rules.likelihood import *
    from autograd.rules.linalg import *
    from autograd.rules.mapping import *
    from autograd.rules.membership import *
    from autograd.rules.missing import *
    from autograd.rules.network import *
    from autograd.rules.norm import *
    from autograd.rules.normal import *
    from autograd.rules.normalization import *
    from autograd.rules.ordering import *
    from autograd.rules.padding import *
    from autograd.rules.plain import *
    from autograd.rules.polynomial import *
    from autograd.rules.pooling import *
    from autograd.rules.predicate import *
    from autograd.rules.product import *
    from autograd.rules.quantile import *
    from autograd.rules.recurrent import *
    from autograd.rules.resampling import *
    from autograd.rules.scan import *
    from autograd.rules.scattering import *
    from autograd.rules.statistic import *
    from autograd.rules.window import *
    from autograd.step.player.front import step_through
    from autograd.step.stepper import Stepper
    from autograd.survey.graph import Graph

    __all__ = [
        "LEAF",
        "REGISTRY",
        "AnomalyError",
        "AutogradError",
        "ConversionError",
        "Function",
        "GradcheckError",
        "GradientError",
        "Graph",
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
        "annotate",
        "blame",
        "checkpoint",
        "custom_function",
        "detect_anomaly",
        "diagnose",
        "draw",
        "edges",
        "elementwise",
        "enable_grad",
        "explain",
        "fft",
        "flops",
        "formula",
        "fuse",
        "general",
        "grad",
        "gradcheck",
        "gradgradcheck",
        "hessian",
        "hvp",
        "is_annotating",
        "is_batched",
        "is_grad_enabled",
        "jacfwd",
        "jacobian",
        "jacrev",
        "jvp",
        "kernel",
        "latex",
        "leaves",
        "linalg",
        "linear",
        "linearize",
        "no_grad",
        "numerical_jacobian",
        "optimize",
        "sample",
        "scope",
        "step_through",
        "stop_gradient",
        "topological_order",
        "tutor",
        "value_and_grad",
        "vjp",
        "vmap",
        "zoom",
    ]
else:
    _LATER = {
        "Function": "autograd.function",
        "Graph": "autograd.survey.graph",
        "GradcheckError": "autograd.check.report",
        "Stepper": "autograd.step.stepper",
        "blame": "autograd.anomaly.blame",
        "checkpoint": "autograd.recompute",
        "custom_function": "autograd.custom",
        "detect_anomaly": "autograd.anomaly.detect",
        "diagnose": "autograd.health.diagnose",
        "explain": "autograd.paths.explanation",
        "fft": "autograd.fft",
        "flops": "autograd.cost",
        "fuse": "autograd.lens.fuse",
        "gradcheck": "autograd.check.gradcheck",
        "gradgradcheck": "autograd.check.gradcheck",
        "kernel": "autograd.kernel",
        "latex": "autograd.chain.latex",
        "linalg": "autograd.linalg",
        "numerical_jacobian": "autograd.check.difference",
        "optimize": "autograd.optimize",
        "sample": "autograd.chance",
        "step_through": "autograd.step.player.front",
        "tutor": "autograd.tutor",
        "vmap": "autograd.batch.vmap",
        "zoom": "autograd.lens.zoom",
    }
    _HIPS = {  # for programs written for HIPS autograd; `from autograd import *` leaves them out
        **dict.fromkeys("dict isinstance list tuple type".split(), "autograd.builtins"),
        **dict.fromkeys(
            "deriv elementwise_grad grad_and_aux grad_named hessian_tensor_product hessian_vector_product "
            "holomorphic_grad make_ggnvp make_hvp make_jvp make_vjp multigrad_dict tensor_jacobian_product "
            "vector_jacobian_product".split(),
            "autograd.differential_operators",
        ),
    }

    def __getattr__(name: str) -> _typing.Any:
        if name in _LATER:
            module = _import_module(_LATER[name])
            found = module if module.__name__ == f"{__name__}.{name}" else getattr(module, name)
            globals()[name] = found
            return found
        if name in _HIPS:
            return getattr(_import_module(_HIPS[name]), name)
        if name == "__all__" or not name.startswith("_"):
            _read_all()
            if name in globals():
                return globals()[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def _read_all() -> None:
        """Take the names of all families of rules in, and the registry that they have filled."""
        for family in _rules.families():
            globals().update({name: getattr(family, name) for name in family.__all__})
        globals()["REGISTRY"] = _import_module("autograd.primitive").REGISTRY
        here = {name for name, thing in globals().items() if name[0] != "_" and not isinstance(thing, _ModuleType)}
        globals()["__all__"] = sorted(here | set(_LATER))

    def __dir__() -> list[str]:
        return list(__getattr__("__all__"))
