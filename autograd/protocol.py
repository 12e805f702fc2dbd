"""NumPy's own functions given Values and Tensors: `np.exp(t)`, `np.sum(t)`, `np.where(mask, t, 0)`, `array * t`.

NumPy asks us through its two protocols. A function that has a rule here of the same name is handed to it; one without
a derivative (shape, argmax, isnan...) is computed on the plain arrays; any other is an error that names it, never a
bare array with the gradient lost.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import cache
from inspect import signature
from typing import Any

import numpy as np

from autograd import linalg
from autograd.errors import ConversionError, OperandError, place
from autograd.node import Node
from autograd.operand import plain
from autograd.primitive import REGISTRY
from autograd.rules import (
    arithmetic,
    arranging,
    bessel,
    contraction,
    diagonal,
    difference,
    entropy,
    exponential,
    gamma,
    indexing,
    interpolation,
    joining,
    missing,
    normal,
    ordering,
    padding,
    piecewise,
    quantile,
    reduction,
    scan,
    shaping,
    special,
    statistic,
    window,
)

_RULES = {
    **{n: getattr(shaping, n) for n in "reshape ravel transpose swapaxes moveaxis expand_dims squeeze".split()},
    **{n: getattr(shaping, n) for n in "broadcast_to concatenate stack flip tile repeat".split()},
    **{n: getattr(reduction, n) for n in "sum mean var std prod max min cumsum".split()},
    **{n: getattr(contraction, n) for n in "einsum dot outer inner tensordot".split()},
    **{n: getattr(piecewise, n) for n in "where clip nan_to_num round".split()},
    **{n: getattr(bessel, n) for n in ("i0", "sinc")},
    **{n: getattr(missing, n) for n in missing.__all__},
    **{n: getattr(quantile, n) for n in quantile.__all__},
    **{n: getattr(statistic, n) for n in "average corrcoef cov ptp".split()},
    **{n: getattr(difference, n) for n in "diff ediff1d gradient trapezoid".split()},
    **{n: getattr(interpolation, n) for n in interpolation.__all__},
    "cumprod": scan.cumprod,
    **{n: getattr(indexing, n) for n in "choose compress extract select take take_along_axis".split()},
    **{n: getattr(arranging, n) for n in "atleast_1d atleast_2d atleast_3d broadcast_arrays fliplr flipud".split()},
    **{n: getattr(arranging, n) for n in "matrix_transpose resize roll rollaxis rot90".split()},
    **{n: getattr(joining, n) for n in "append array_split block column_stack delete dsplit dstack hsplit".split()},
    **{n: getattr(joining, n) for n in "hstack insert meshgrid split unstack vsplit vstack".split()},
    **{n: getattr(diagonal, n) for n in "diag diagflat diagonal kron trace tril triu vander".split()},
    **{n: getattr(ordering, n) for n in "partition sort unique".split()},
    "pad": padding.pad,
}
_ALIASES = {"amax": "max", "amin": "min", "around": "round", "concat": "concatenate", "permute_dims": "transpose"}
_FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {getattr(np, name): rule for name, rule in _RULES.items()}
_FUNCTIONS |= {getattr(np, alias): _RULES[name] for alias, name in _ALIASES.items() if name in _RULES}
_FUNCTIONS |= {
    getattr(np.linalg, n): getattr(linalg, n) for n in linalg.__all__ if hasattr(np.linalg, n) and n != "matrix_rank"
}
_FUNCTIONS |= {
    np.cross: linalg.cross,
    np.astype: shaping.astype,
    np.copy: arithmetic.positive,
    np.lib.stride_tricks.sliding_window_view: window.sliding_window_view,
}

_UFUNCS: dict[Any, Callable[..., Any]] = {
    getattr(np, name): primitive
    for name, primitive in REGISTRY.items()
    if isinstance(getattr(np, name, None), np.ufunc)
}
_UFUNCS |= {np.fabs: piecewise.absolute, np.degrees: _UFUNCS[np.rad2deg], np.radians: _UFUNCS[np.deg2rad]}
_UFUNC_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.divmod: arithmetic.divmod,
    np.float_power: arithmetic.float_power,
    np.frexp: exponential.frexp,
    np.matmul: contraction.matmul,
    np.modf: piecewise.modf,
    np.power: arithmetic.power,
    np.vecdot: linalg.vecdot,
}
_SPECIAL = {  # scipy.special's ufuncs, by their names
    **{n: getattr(special, n) for n in ("erf", "erfc")},
    **{n: getattr(normal, n) for n in "dawsn erfcinv erfcx erfinv exp1 expi log_ndtr ndtr ndtri".split()},
    **{n: getattr(entropy, n) for n in "entr huber kl_div pseudo_huber rel_entr xlog1py xlogy".split()},
    **{n: getattr(gamma, n) for n in "beta betainc betaln gamma gammainc gammaincc gammaln".split()},
    **{n: getattr(bessel, n) for n in "i0 i0e i1 i1e iv ive j0 j1 jv k0 k1 kv y0 y1 yv".split()},
    **{n: getattr(exponential, n) for n in ("exp2", "expm1", "log1p", "logit")},
    "cbrt": exponential.cbrt,
    "expit": exponential.sigmoid,
    "log_expit": exponential.log_sigmoid,
    "psi": gamma.digamma,
}
_REDUCTIONS: dict[Any, Callable[..., Any]] = {
    np.add: reduction.sum,
    np.multiply: reduction.prod,
    np.maximum: reduction.max,
    np.minimum: reduction.min,
}
_REDUCTIONS |= {np.fmax: missing.nanmax, np.fmin: missing.nanmin, np.logaddexp: reduction.logsumexp}
_ACCUMULATIONS: dict[Any, Callable[..., Any]] = {
    np.add: reduction.cumsum,
    np.logaddexp: scan.logcumsumexp,
    np.maximum: lambda x, axis: scan.cummax(x, axis).values,
    np.minimum: lambda x, axis: scan.cummin(x, axis).values,
    np.multiply: scan.cumprod,
}

_PLAIN = {
    getattr(np, name)
    for name in (
        "shape ndim size argmax argmin argsort nonzero count_nonzero searchsorted isclose allclose array_equal "
        "array_repr array_str array2string result_type can_cast may_share_memory shares_memory zeros_like ones_like "
        "empty_like full_like any all iscomplexobj isrealobj min_scalar_type argwhere flatnonzero digitize "
        "isin isposinf isneginf nanargmax nanargmin argpartition lexsort"
    ).split()
}
_PLAIN |= {np.linalg.matrix_rank}
_IN_PLACE = {getattr(np, name) for name in "copyto fill_diagonal place put put_along_axis putmask".split()}
_PLAIN_UFUNCS = {
    getattr(np, name)
    for name in "isnan isinf isfinite signbit logical_and logical_or logical_not logical_xor nextafter spacing".split()
}


def apply_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """What `__array_ufunc__` answers: `np.exp(t)`, `array * t`, `np.add.reduce(t)`."""
    if settings.get("out") is not None and any(x is not None for x in settings["out"]):
        raise _into_array(ufunc.__name__)
    if method == "__call__" and not settings:
        rule = _UFUNCS.get(ufunc) or _UFUNC_FUNCTIONS.get(ufunc) or _special(ufunc)
        if rule is not None:
            return rule(*inputs)
    if method == "reduce" and ufunc in _REDUCTIONS and settings.keys() <= {"axis", "keepdims"}:
        return _REDUCTIONS[ufunc](*inputs, **{"axis": 0, **settings})
    if method == "accumulate" and ufunc in _ACCUMULATIONS and settings.keys() <= {"axis"} and len(inputs) < 3:
        return _ACCUMULATIONS[ufunc](inputs[0], *inputs[1:] or [settings.get("axis", 0)])
    if ufunc in _PLAIN_UFUNCS or not _differentiated(inputs):
        return getattr(ufunc, method)(*map(plain, inputs), **settings)
    module = "np." if getattr(np, ufunc.__name__, None) is ufunc else ""  # others are SciPy's, which do not say so
    name = module + ufunc.__name__ + ("" if method == "__call__" else f".{method}")
    raise _no_rule(name, settings)


def _special(ufunc: Any) -> Any:
    """The rule for a ufunc of scipy.special, if it is one and SciPy has been imported."""
    module, name = sys.modules.get("scipy.special"), ufunc.__name__
    return _SPECIAL.get(name) if getattr(module, name, None) is ufunc else None


def apply_function(function: Callable[..., Any], args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """What `__array_function__` answers: `np.sum(t)`, `np.where(mask, t, 0)`, `np.concatenate([t, a])`."""
    rule = _FUNCTIONS.get(function)
    if rule is not None:
        named = _elsewhere(function, rule)
        settings = {key: value for key, value in settings.items() if value is not np._NoValue}
        settings |= {named[i]: x for i, x in enumerate(args) if i in named}
        if settings.pop("out", None) is not None:
            raise _into_array(function.__name__)
        return rule(*(x for i, x in enumerate(args) if i not in named), **settings)
    if function in _PLAIN or not _differentiated((args, settings)):
        return function(*_plain_deep(args), **_plain_deep(settings))
    module = (function.__module__ or "numpy").replace("numpy", "np", 1)
    if function in _IN_PLACE:
        raise ConversionError(
            f"{module}.{function.__name__} writes into its argument, and what is under differentiation cannot be "
            f"written into.{place()}\n  Make a new one: t.at[i].set(v), autograd.where(mask, v, t), or "
            "autograd.put_along_axis, which returns its result."
        )
    raise _no_rule(f"{module}.{function.__name__}", {})


def _into_array(name: str) -> ConversionError:
    return ConversionError(
        f"np.{name} cannot write a result that is under differentiation into an array.{place()}\n"
        "  Drop out=, or write a = a * t instead of a *= t."
    )


@cache
def _elsewhere(function: Callable[..., Any], rule: Callable[..., Any]) -> dict[int, str]:
    """Positions that mean something else to NumPy than to the rule, with NumPy's name: dtype, third in np.sum."""
    try:
        theirs, ours = (list(signature(f).parameters.values()) for f in (function, rule))
    except (TypeError, ValueError):  # written in C
        return {}
    if any(p.kind is p.VAR_POSITIONAL for p in theirs + ours):
        return {}
    names = [p.name for p in ours]
    return {
        i: p.name
        for i, p in enumerate(theirs)
        if p.kind is p.POSITIONAL_OR_KEYWORD and (p.name == "out" or (p.name in names and names.index(p.name) != i))
    }


def _no_rule(name: str, settings: dict[str, Any]) -> OperandError:
    given = f" with {', '.join(settings)}" if settings else ""
    return OperandError(
        f"{name}{given} has no derivative here, and a Tensor under differentiation was given to it.{place()}\n"
        "  Write it with operations that have one, or cut the gradient off on purpose: t.numpy()."
    )


def _differentiated(x: Any) -> bool:
    if isinstance(x, Node):
        return x.primitive is not None
    if isinstance(x, dict):
        x = x.values()
    return isinstance(x, Iterable) and not isinstance(x, str | np.ndarray) and any(_differentiated(part) for part in x)


def _plain_deep(x: Any) -> Any:
    if isinstance(x, list | tuple):
        return type(x)(_plain_deep(part) for part in x)
    if isinstance(x, dict):
        return {key: _plain_deep(part) for key, part in x.items()}
    return plain(x)
