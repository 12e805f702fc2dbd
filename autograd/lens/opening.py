"""Opening: how an operation is read as scalar arithmetic, from what it is made of itself where that is possible.

- A primitive that is computed on single numbers, as every elementwise one is, opens by itself: it is given Values.
- A linear one is y = Σ cⱼ xⱼ. Its transpose, given a cotangent of one 1 and zeros, returns the numbers c. Where each
  result is one of the operands' elements, as in a transpose, the forward function of arrays of numbers 1, 2, 3, ...
  says which one.
- A bilinear one, such as matmul, is y = Σ ± aⱼ bₖ. Its rule for a, given the numbers 1, 2, 3, ... in place of the
  elements of b, says which b each a is multiplied by.
- The others have a textbook formula, in `formula`'s table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.errors import OperandError, describe, place
from autograd.fast_sweep import RELEASED
from autograd.lens import matrix, network, row  # each fills the table
from autograd.lens.element import Elements, Index, Opening, times, weighted
from autograd.lens.formula import FORMULAS
from autograd.node import Node
from autograd.primitive import REGISTRY, Primitive
from autograd.scattered import Scatter

__all__ = ["matrix", "network", "opening_of", "reason", "row"]

LINEAR = set(  # beside those that are made by `linear` and take one operand
    "concatenate stack block_diag index_add index_set put_rows collect element".split()
)
BILINEAR = set("matmul affine cross convolve convolution convolution_input convolution_kernel".split())
MOVING = set(  # those whose results are elements of their operands, or 0: opening them makes no node
    "reshape transpose broadcast_to astype flip roll getitem concatenate stack block_diag index_set tril triu diagonal "
    "diag_embed pad sliding_windows put_rows max_pool_seen collect element".split()
)
_ROOTS = "the roots of a polynomial, which are found by iteration: there is no formula of finitely many steps"
REASONS = {
    **dict.fromkeys(("eigh", "eigvalsh"), f"eigenvalues are {_ROOTS}"),
    **dict.fromkeys(("svd", "svdvals"), f"singular values are {_ROOTS}"),
    "sqrtm": f"the square root of a matrix is made of its eigenvalues, {_ROOTS}",
}
_PLAIN = "its results are plain numbers without a derivative, no nodes of a graph"
_UNKNOWN = (
    "only its rule is known, and no scalar formula (an elementwise function opens by itself when it is a primitive "
    "with partials)"
)


def reason(primitive: Primitive) -> str:
    """Why a primitive does not open; nothing where it does."""
    return _PLAIN if not primitive.smooth else "" if _way(primitive) else REASONS.get(primitive.name, _UNKNOWN)


def moves(primitive: Primitive | None) -> bool:
    """Whether a primitive only puts elements to other places."""
    return primitive is not None and primitive.name in MOVING and _is_known(primitive)


def by_number(primitive: Primitive) -> bool:
    """Whether each result of a primitive is made of the elements in its own place."""
    return _way(primitive) is _by_number


def refuse(node: Node) -> None:
    """Errors: OperandError for a node that does not open."""
    primitive: Any = node.primitive
    if primitive is RELEASED:
        raise OperandError(
            f"zoom: backward() has let the graph of {describe(node)} go.{place()}\n"
            "  Zoom before backward(), or keep the graph: backward(retain_graph=True)."
        )
    why = reason(primitive)
    if why:
        raise OperandError(
            f"{primitive.name} cannot be opened into a graph of Values: {why}.{place()}\n"
            "  What was computed from its result can be: zoom(y, inputs=[its result])."
        )


def opening_of(node: Node, operands: Sequence[Elements]) -> Opening:
    """What makes the Value of an element of a node, given the elements of its operands."""
    way = _way(node.primitive)  # type: ignore[arg-type]
    assert way is not None
    return way(node, operands)


def _is_known(primitive: Primitive) -> bool:
    return REGISTRY.get(primitive.name) is primitive or primitive.name in ("collect", "element")


def _way(primitive: Primitive) -> Callable[[Node, Sequence[Elements]], Opening] | None:
    name = primitive.name if _is_known(primitive) else ""
    if name in FORMULAS:
        return _by_formula
    if primitive.on_number is not None:
        return _by_number
    if primitive.transpose is not None or name in LINEAR:
        return _linear
    return _bilinear if name in BILINEAR else None


def _by_formula(node: Node, operands: Sequence[Elements]) -> Opening:
    primitive: Any = node.primitive
    return FORMULAS[primitive.name](np.asarray(node.data), *operands, **node.params)


def _by_number(node: Node, operands: Sequence[Elements]) -> Opening:
    primitive: Any = node.primitive
    return lambda index: primitive(*(x.seen_from(index) for x in operands), **node.params)


# Linear and bilinear ones


def _plain(node: Node) -> list[ndarray]:
    """The operands, in the best precision: what is read from rules here are coefficients."""
    return [np.asarray(parent.data, float) for parent in node.parents]


def _one(node: Node, index: Index) -> ndarray:
    """A cotangent of one 1, and zeros."""
    g = np.zeros(np.shape(node.data))
    g[index] = 1.0
    return g


def _row(node: Node, index: Index, args: Sequence[Any], wanted: Sequence[bool]) -> list[Any]:
    """∂y[index] by the elements of each operand that is wanted."""
    primitive: Any = node.primitive
    params = {**node.params, "saved": None} if "saved" in node.params else node.params
    found = primitive.pull(_one(node, index), np.asarray(node.data, float), args, wanted, params)
    return [
        None if c is None or not want else c.dense() if isinstance(c, Scatter) else np.asarray(c, float)
        for c, want in zip(found, wanted, strict=True)
    ]


def _nonzero(coefficients: ndarray) -> list[tuple[Index, float]]:
    """Where they are not 0, and what they are; rounding errors beside whole numbers are taken away."""
    whole = np.rint(coefficients)
    near = np.abs(coefficients - whole) <= 1e-15 * np.max(np.abs(coefficients), initial=0.0)
    exact = np.where(near, whole, coefficients)
    return [(tuple(map(int, at)), float(exact[tuple(at)])) for at in np.argwhere(exact)]


def _linear(node: Node, operands: Sequence[Elements]) -> Opening:
    args, wanted = _plain(node), [True] * len(operands)
    picked = _picked(node, args)

    def opening(index: Index) -> Any:
        pick = picked[index]
        if pick >= 0:
            for x in operands:
                size = int(np.prod(x.shape))
                if pick <= size:
                    return x[tuple(map(int, np.unravel_index(pick - 1, x.shape)))] if pick else 0.0
                pick -= size
        rows = _row(node, index, args, wanted)
        return weighted([(c, x[at]) for x, found in zip(operands, rows, strict=True) for at, c in _nonzero(found)])

    return opening


def _picked(node: Node, args: Sequence[ndarray]) -> ndarray:
    """For each result the number of the element that it is, counted from 1 through all operands; 0 for 0, else -1."""
    ends = np.cumsum([0, *(x.size for x in args)])
    count = int(ends[-1])
    some = np.random.default_rng(0).uniform(1, 2, count + 1).astype(np.float32).astype(float)
    some[0] = 0.0
    primitive: Any = node.primitive

    def of(numbers: ndarray) -> ndarray:
        parts = [numbers[a:b].reshape(x.shape) for a, b, x in zip(ends, ends[1:], args, strict=False)]
        return np.asarray(primitive.on_array(*parts, **node.params), float)

    pick = np.rint(of(np.arange(1.0, count + 1)))
    inside = (pick >= 0) & (pick <= count)
    pick = np.where(inside, pick, 0).astype(int)
    return np.where(inside & (of(some[1:]) == some[pick]), pick, -1)


def _bilinear(node: Node, operands: Sequence[Elements]) -> Opening:
    args = _plain(node)
    first = [True, *[False] * (len(args) - 1)]
    rest = [k > 1 for k in range(len(args))]
    numbers = np.arange(1.0, args[1].size + 1).reshape(args[1].shape)
    a, b = operands[:2]

    def opening(index: Index) -> Any:
        pairs = []
        partners = np.rint(_row(node, index, [args[0], numbers, *args[2:]], first)[0])
        for at, c in _nonzero(partners):
            k = tuple(map(int, np.unravel_index(int(abs(c)) - 1, b.shape)))
            pairs.append((float(np.sign(c)), times(a[at], b[k])))
        if len(operands) > 2:
            for x, found in zip(operands[2:], _row(node, index, args, rest)[2:], strict=True):
                pairs += [(c, x[at]) for at, c in _nonzero(found)]
        return weighted(pairs)

    return opening
