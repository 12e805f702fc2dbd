"""Which rule answers which function of NumPy and SciPy. Tables only; `protocol` reads them.

A function of the first table is differentiated. One of `PLAIN` has no derivative (an order, a truth, a shape) and is
computed on plain numbers. Any other is an error as soon as something under differentiation is given to it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd.linalg as linalg
from autograd.primitive import REGISTRY
from autograd.rules import (
    arithmetic,
    arranging,
    bessel,
    construction,
    contraction,
    diagonal,
    difference,
    entropy,
    exponential,
    fourier,
    gamma,
    indexing,
    interpolation,
    joining,
    mapping,
    membership,
    missing,
    normal,
    ordering,
    padding,
    piecewise,
    polynomial,
    quantile,
    reduction,
    scan,
    shaping,
    special,
    statistic,
    window,
)

Function = Callable[..., Any]


def _of(module: Any, names: str) -> dict[str, Function]:
    return {name: getattr(module, name) for name in names.split()}


_BY_NAME: dict[str, Function] = {
    **_of(shaping, "astype reshape ravel transpose swapaxes moveaxis expand_dims squeeze broadcast_to concatenate"),
    **_of(shaping, "stack flip tile repeat"),
    **_of(reduction, "sum mean var std prod max min cumsum"),
    **_of(contraction, "einsum dot outer inner tensordot vdot"),
    **_of(piecewise, "where clip nan_to_num round"),
    **_of(bessel, "i0 sinc"),
    **_of(missing, " ".join(missing.__all__)),
    **_of(quantile, " ".join(quantile.__all__)),
    **_of(statistic, "average corrcoef cov ptp"),
    **_of(difference, "diff ediff1d gradient trapezoid unwrap"),
    **_of(interpolation, " ".join(interpolation.__all__)),
    **_of(scan, "cumprod cumulative_prod cumulative_sum"),
    **_of(indexing, "choose compress extract select take take_along_axis"),
    **_of(arranging, "atleast_1d atleast_2d atleast_3d broadcast_arrays fliplr flipud"),
    **_of(arranging, "matrix_transpose resize roll rollaxis rot90"),
    **_of(joining, "append array_split block column_stack delete dsplit dstack hsplit"),
    **_of(joining, "hstack insert meshgrid split unstack vsplit vstack"),
    **_of(diagonal, "diag diagflat diagonal kron trace tril triu vander"),
    **_of(ordering, "partition sort unique"),
    **_of(construction, " ".join(construction.__all__)),
    **_of(polynomial, " ".join(polynomial.__all__)),
    **_of(mapping, " ".join(mapping.__all__)),
    **_of(membership, " ".join(membership.__all__)),
    "array": construction.array,
    "copy": arithmetic.positive,
    "cross": linalg.cross,
    "fix": piecewise.trunc,
    "pad": padding.pad,
    "real": arithmetic.positive,
    "real_if_close": arithmetic.positive,
    "trim_zeros": polynomial.trim_zeros,
}
_ALIASES = {
    "amax": "max",
    "amin": "min",
    "around": "round",
    "asanyarray": "array",
    "asarray": "array",
    "asfortranarray": "array",
    "concat": "concatenate",
    "permute_dims": "transpose",
    "require": "array",
    "row_stack": "vstack",  # which NumPy calls deprecated
}
FUNCTIONS: dict[Function, Function] = {getattr(np, name): rule for name, rule in _BY_NAME.items()}
FUNCTIONS |= {getattr(np, alias): _BY_NAME[name] for alias, name in _ALIASES.items() if hasattr(np, alias)}
FUNCTIONS |= {
    getattr(np.linalg, n): getattr(linalg, n) for n in linalg.__all__ if hasattr(np.linalg, n) and n != "matrix_rank"
}
FUNCTIONS |= {
    np.asarray_chkfinite: construction.finite_array,
    np.ascontiguousarray: construction.row_or_more,
    np.lib.stride_tricks.sliding_window_view: window.sliding_window_view,
    np.fft.fftshift: fourier.fftshift,
    np.fft.ifftshift: fourier.ifftshift,
}
# Functions of sequences of arrays; a list given to any other is an array
_SEQUENCES = "block choose column_stack concatenate dstack einsum hstack piecewise row_stack select stack vstack"
SEQUENCES = {getattr(np, name) for name in _SEQUENCES.split() if hasattr(np, name)} | {np.linalg.multi_dot}
SYNONYMS = {"correction": "ddof", "max": "a_max", "min": "a_min"}  # second names that NumPy has for a parameter
MANNERS = frozenset(  # parameters that say how to compute, not what
    "casting copy device kind like optimize order overwrite_input requirements sorted subok writeable".split()
)

# Ufuncs

UFUNCS: dict[Any, Function] = {
    getattr(np, name): primitive
    for name, primitive in REGISTRY.items()
    if isinstance(getattr(np, name, None), np.ufunc)
}
UFUNCS |= {np.fabs: piecewise.absolute, np.degrees: UFUNCS[np.rad2deg], np.radians: UFUNCS[np.deg2rad]}
OTHER_UFUNCS: dict[Any, Function] = {
    np.conjugate: arithmetic.positive,
    np.divmod: arithmetic.divmod,
    np.float_power: arithmetic.float_power,
    np.frexp: exponential.frexp,
    np.matmul: contraction.matmul,
    np.matvec: contraction.matvec,
    np.modf: piecewise.modf,
    np.power: arithmetic.power,
    np.vecdot: linalg.vecdot,
    np.vecmat: contraction.vecmat,
}
REDUCTIONS: dict[Any, Function] = {
    np.add: reduction.sum,
    np.fmax: missing.nanmax,
    np.fmin: missing.nanmin,
    np.logaddexp: reduction.logsumexp,
    np.maximum: reduction.max,
    np.minimum: reduction.min,
    np.multiply: reduction.prod,
}
ACCUMULATIONS: dict[Any, Function] = {
    np.add: reduction.cumsum,
    np.logaddexp: scan.logcumsumexp,
    np.maximum: lambda x, axis: scan.cummax(x, axis).values,
    np.minimum: lambda x, axis: scan.cummin(x, axis).values,
    np.multiply: scan.cumprod,
}

# scipy.special's, by their names, because nobody is to wait for SciPy who does not use it

SPECIAL: dict[str, Function] = {
    **_of(special, "erf erfc"),
    **_of(normal, "dawsn erfcinv erfcx erfinv exp1 expi log_ndtr ndtr ndtri"),
    **_of(entropy, "entr huber kl_div pseudo_huber rel_entr xlog1py xlogy"),
    **_of(gamma, "beta betainc betaln gamma gammainc gammaincc gammaln gammasgn rgamma stdtr"),
    **_of(bessel, "i0 i0e i1 i1e iv ive j0 j1 jv k0 k1 kv y0 y1 yv"),
    **_of(exponential, "cbrt exp2 expm1 log1p logit"),
    "expit": exponential.sigmoid,
    "kn": bessel.kv,
    "log_expit": exponential.log_sigmoid,
    "loggamma": gamma.gammaln,  # of positive numbers they are the same
    "psi": gamma.digamma,
    "yn": bessel.yv,
}


def special_rule(ufunc: Any) -> Function | None:
    """The rule for a ufunc of scipy.special, if it is one and SciPy has been imported."""
    module, name = sys.modules.get("scipy.special"), ufunc.__name__
    return SPECIAL.get(name) if getattr(module, name, None) is ufunc else None


# Without a derivative

PLAIN = {
    getattr(np, name)
    for name in (
        "all allclose angle any argmax argmin argpartition argsort argwhere array2string array_equal array_equiv "
        "array_repr array_str can_cast common_type count_nonzero diag_indices_from digitize einsum_path "
        "empty_like flatnonzero format_float_positional format_float_scientific imag iscomplex iscomplexobj isclose "
        "isin isneginf isposinf isreal isrealobj isscalar iterable lexsort may_share_memory min_scalar_type "
        "nanargmax nanargmin ndim nonzero ones_like result_type save savetxt savez savez_compressed "
        "searchsorted shape shares_memory size tril_indices_from triu_indices_from zeros_like"
    ).split()
}
PLAIN |= {np.linalg.matrix_rank}
PLAIN_UFUNCS = {
    getattr(np, name)
    for name in "isnan isinf isfinite signbit logical_and logical_or logical_not logical_xor spacing".split()
}
IN_PLACE = {getattr(np, name) for name in "copyto fill_diagonal place put put_along_axis putmask".split()}
COMPLEX = {
    np.linalg.eig: "np.linalg.eigh of a symmetric matrix",
    np.linalg.eigvals: "np.linalg.eigvalsh of a symmetric matrix",
    np.roots: "",
    np.sort_complex: "np.sort",
    **{
        f: f"autograd.fft.{name}, which takes and gives real and imaginary parts"
        for name, f in vars(np.fft).items()
        if callable(f) and name.rstrip("2n").endswith("fft")
    },
}
