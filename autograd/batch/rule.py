"""Batching rules: how a primitive is computed for many examples at once.

Elementwise primitives need none, and most others take one of a few ways: the axis of the examples is one more of the
leading axes that broadcast, or axes given by number move on by one, or images of all examples are one longer row of
images. `RULES` says which primitive takes which. What is not in it is called in a loop, see `call.looped`.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from math import prod
from typing import Any

from autograd.batch.call import BatchRule, Call, looped, spread
from autograd.batch.indexing import INDEXING
from autograd.batch.network import NETWORK, pooled
from autograd.primitive import REGISTRY, Primitive
from autograd.rules import contraction, reduction
from autograd.rules.contraction import matmul
from autograd.rules.pool import largest_at
from autograd.rules.shaping import data_of, expand_dims, reshape, shape_of, squeeze, swapaxes, transpose


def elementwise(call: Call) -> Any:
    """Operands of any shapes that broadcast."""
    return call.primitive(*call.aligned(), **call.params)


def everywhere(call: Call) -> Any:
    """What works on the last axes, whatever stands before them."""
    return call.run(*call.args)


def leading(*cores: int) -> BatchRule:
    """What works on the last axes, so many of each operand, while those before them broadcast."""
    return lambda call: call.run(*call.aligned(*cores))


def moved(axis: Any, ndim: int) -> Any:
    """Axes of one example as axes of the whole; None is all of them."""
    if axis is None:
        return tuple(range(1, ndim + 1))
    if isinstance(axis, tuple | list):
        return tuple(moved(a, ndim) for a in axis)
    return axis + 1 if axis >= 0 else axis + ndim + 1


def along(*names: str) -> BatchRule:
    """What works along axes that these parameters say, of one operand."""

    def rule(call: Call) -> Any:
        if not call.ndim() and call.params[names[0]] is not None:
            return looped(call)  # along an axis that a number does not have: each primitive has its own way
        return call.run(call.args[0], **{name: moved(call.params[name], call.ndim()) for name in names})

    return rule


def together(more: int = 0) -> BatchRule:
    """What joins its operands along an axis of the result, which has so many axes more than they have."""

    def rule(call: Call) -> Any:
        return call.run(*call.spread(), axis=moved(call.params["axis"], call.ndim() + more))

    return rule


def shaped(call: Call) -> Any:
    """reshape: one size may be -1, which no longer can be told when there are no examples."""
    wanted = call.params["shape"]
    sizes = [wanted] if isinstance(wanted, int) else [int(n) for n in wanted]
    if -1 in sizes:
        known = -prod(sizes)
        sizes[sizes.index(-1)] = prod(call.shape()) // known if known else 0
    return call.run(call.args[0], shape=(call.level.size, *sizes))


def repeated(call: Call) -> Any:
    """broadcast_to: NumPy counts axes from the right."""
    x, shape = call.args[0], call.params["shape"]
    x = reshape(x, (call.level.size, *(1,) * (len(shape) - call.ndim()), *call.shape()))
    return call.run(x, shape=(call.level.size, *shape))


def summed_back(call: Call) -> Any:
    """sum_to: of axes that are not there any more, one of size 1 is left for the moment."""
    shape = call.params["shape"]
    y = call.run(call.args[0], shape=(call.level.size, *(1,) * (call.ndim() - len(shape)), *shape))
    return reshape(y, (call.level.size, *shape))


def total(function: Callable[..., Any]) -> BatchRule:
    """What reduces all elements, given what reduces along axes."""
    return lambda call: function(call.args[0], axis=moved(None, call.ndim()), keepdims=False)


def abreast(call: Call) -> Any:
    """What has operands of one shape."""
    return call.run(*call.spread())


def scanned(call: Call) -> Any:
    """A scan of operands that broadcast."""
    ndim = max(call.ndim(i) for i in range(len(call.args)))
    return call.run(*call.aligned(), axis=moved(call.params["axis"], ndim))


def multiplied(call: Call) -> Any:
    """matmul: vectors are matrices of one row or column, and rows of all examples are one tall matrix."""
    a, b = call.args
    of_a, of_b = call.mapped
    if not of_b and call.ndim(1) <= 2:
        return matmul(a, b) if call.ndim(0) < 2 or call.ndim(1) == 1 else _tall(a, b)
    if not of_a and call.ndim(0) == 2 and call.ndim(1) == 1:
        return matmul(b, swapaxes(a, 0, 1))
    a = a if call.ndim(0) > 1 else expand_dims(a, -2)
    b = b if call.ndim(1) > 1 else expand_dims(b, -1)
    a, b = Call(call.primitive, call.level, (a, b), call.mapped, {}).aligned(2, 2)
    y = a * b if shape_of(a)[-1] == 1 else matmul(a, b)  # a column times a row: several times faster
    y = y if call.ndim(0) > 1 else squeeze(y, -2)
    return y if call.ndim(1) > 1 else squeeze(y, -1)


def _tall(a: Any, b: Any) -> Any:
    shape = shape_of(a)
    return reshape(matmul(reshape(a, (-1, shape[-1])), b), (*shape[:-1], shape_of(b)[-1]))


def einstein(call: Call) -> Any:
    """einsum: the examples are one more letter."""
    terms, output = call.params["terms"], call.params["output"]
    letter = next(c for c in string.ascii_letters if c not in output + "".join(terms))
    terms = tuple(letter + term if m else term for term, m in zip(terms, call.mapped, strict=True))
    return call.run(*call.args, terms=terms, output=letter + output)


def layer(call: Call) -> Any:
    """affine: a row of inputs more, or, where each example has weights of its own, products of matrices."""
    x, weight, bias = call.args
    if not any(call.mapped[1:]):
        return call.run(x, weight, bias)
    of_x, of_weight, of_bias = call.mapped
    product = Call(contraction.matmul, call.level, (x, swapaxes(weight, -1, -2)), (of_x, of_weight), {})
    y = multiplied(product) if of_x or of_weight else spread(matmul(*product.args), call.level.size)
    return y + (reshape(bias, (call.level.size, *(1,) * (call.ndim() - 1), -1)) if of_bias else bias)


def permuted(call: Call) -> Any:
    """transpose"""
    return transpose(call.args[0], (0, *(a + 1 for a in call.params["axes"])))


def padded(call: Call) -> Any:
    """pad"""
    return call.run(call.args[0], widths=((0, 0), *call.params["widths"]))


def embedded(call: Call) -> Any:
    """diag_embed"""
    axes = {name: call.params[name] + 1 for name in ("axis1", "axis2")}
    return call.run(call.args[0], shape=(call.level.size, *call.params["shape"]), **axes)


def overlapped(call: Call) -> Any:
    """overlap_add"""
    axes, shape = call.params["axes"], call.params["shape"]
    return call.run(call.args[0], axes=moved(axes, len(shape)), shape=(call.level.size, *shape))


RULES: dict[str, BatchRule] = {
    **dict.fromkeys("astype tril triu mirrored cholesky eigh eigvalsh svd svdvals qr inv pinv".split(), everywhere),
    **dict.fromkeys("expm det cofactors slogdet rfft irfft".split(), everywhere),
    **dict.fromkeys("solve solve_triangular".split(), leading(2, 2)),
    **dict.fromkeys("flip roll sum mean cumsum var std max min prod logsumexp vector_norm".split(), along("axis")),
    **dict.fromkeys("softmax log_softmax cumprod logcumsumexp".split(), along("axis")),
    **dict.fromkeys("total dot cofactor_slope".split(), abreast),
    "affine": layer,
    "broadcast_to": repeated,
    "concatenate": together(),
    "cross": leading(1, 1),
    "diag_embed": embedded,
    "diagonal": along("axis1", "axis2"),
    "einsum": einstein,
    "fft": along("axes"),
    "matmul": multiplied,
    "mean_all": total(reduction.mean),
    "overlap_add": overlapped,
    "pad": padded,
    "recurrence": scanned,
    "reshape": shaped,
    "sliding_windows": along("axes"),
    "stack": together(1),
    "sum_all": total(reduction.sum),
    "sum_to": summed_back,
    "transpose": permuted,
    "where": lambda call: elementwise(call) if len(call.args) == 3 else looped(call),  # of one it is np.nonzero
    **INDEXING,
    **NETWORK,
}
PLAIN: dict[Primitive, BatchRule] = {data_of: everywhere, largest_at: pooled}  # have no derivative and no name


def looping() -> list[str]:
    """The names of the primitives that have no batching rule, and are called in a loop over the examples.

    >>> "block_diag" in looping(), "matmul" in looping()
    (True, False)
    """
    return [name for name, p in REGISTRY.items() if name not in RULES and not p.broadcasts]
