"""What a node costs to compute: floating-point operations, counted from shapes.

A product and an addition are two operations; a function of each element, be it a sum or a sine, is one for each. What
only moves numbers costs nothing. Those of linear algebra are the usual leading terms (Golub and Van Loan, 2013).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import prod
from typing import Any

import numpy as np

from autograd.graph import topological_order
from autograd.node import Node

__all__ = ["flops"]


def flops(y: Node | Iterable[Node], stop: Iterable[Node] = ()) -> int:
    """How many floating-point operations the graph behind y takes, once, forward; nodes of `stop` are not entered.

    A backward sweep takes about twice as many. Cost: a look at every node.

    >>> import autograd
    >>> w = autograd.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> flops(autograd.relu(w @ [1.0, 1.0, 1.0]).sum())
    16
    """
    stopped = set(stop)
    order = topological_order([y] if isinstance(y, Node) else list(y), stop=stopped)
    return sum(of_node(node) for node in order if node.parents and node not in stopped)


def of_node(node: Node) -> int:
    """Of one operation."""
    primitive: Any = node.primitive
    shapes = [np.shape(parent.data) for parent in node.parents]
    count = _COUNTS.get(primitive.name)
    if count is not None:
        return int(count(np.shape(node.data), shapes, dict(node.params or {})))
    return 0 if primitive.name in _FREE else prod(np.shape(node.data))


Shape = tuple[int, ...]
Count = Callable[[Shape, list[Shape], dict[str, Any]], float]

_FREE = set(
    "leaf released reshape transpose broadcast_to astype cast flip getitem roll pad tril triu diagonal diag_embed "
    "where sliding_windows concatenate stack index_set collect element block_diag mirrored put_rows "
    "max_pool_given_back".split()
)


def _einsum(y: Shape, xs: list[Shape], how: dict[str, Any]) -> float:
    sizes: dict[str, int] = {}
    for term, x in zip(how["terms"], xs, strict=True):
        for letter, n in zip(term, x, strict=True):
            sizes[letter] = max(n, sizes.get(letter, 1))
    return len(xs) * prod(sizes.values())


def _attention(y: Shape, xs: list[Shape], how: dict[str, Any]) -> float:
    q, k, v = xs[:3]
    return prod(y[:-1]) * k[-2] * (2 * q[-1] + 2 * v[-1] + 5)


def _recurrent(y: Shape, xs: list[Shape], how: dict[str, Any]) -> float:
    x, _, w, u = xs[:4]
    return 2 * prod(x[:-1]) * (prod(w) + prod(u)) + 5 * prod(x[:-1]) * w[0]


def _per_element_of_operand(times: int) -> Count:
    return lambda y, xs, how: times * prod(xs[0])


def _cubes(times: float) -> Count:
    """So many times rows · columns · the smaller of them, for each matrix of a stack."""
    return lambda y, xs, how: times * prod(xs[0]) * min(xs[0][-2:])


_COUNTS: dict[str, Count] = {
    "matmul": lambda y, xs, how: 2 * prod(y) * xs[0][-1],
    "affine": lambda y, xs, how: (2 * xs[1][-1] + 1) * prod(y),
    "dot": lambda y, xs, how: 2 * (len(xs) // 2),
    "total": lambda y, xs, how: len(xs),
    "einsum": _einsum,
    "convolution": lambda y, xs, how: prod(y) * (2 * prod(xs[1][1:]) + len(xs) - 2),
    "convolution_input": lambda y, xs, how: 2 * prod(xs[0]) * prod(xs[1][1:]),
    "convolution_kernel": lambda y, xs, how: 2 * prod(xs[0]) * prod(y[1:]),
    "attention": _attention,
    "rnn": _recurrent,
    "lstm": _recurrent,
    "gru": _recurrent,
    "solve": lambda y, xs, how: 2 / 3 * prod(xs[0]) * xs[0][-1] + 2 * prod(y) * xs[0][-1],
    "solve_triangular": lambda y, xs, how: prod(y) * xs[0][-1],
}
_COUNTS |= {
    name: _per_element_of_operand(1) for name in "sum mean sum_all mean_all max min prod max_pool sum_to".split()
}
_EACH = {
    1: "sum mean sum_all mean_all max min prod max_pool max_pool_seen sum_to cumsum cumprod sum_pool overlap_add",
    4: "var std vector_norm logcumsumexp",
    5: "softmax log_softmax softmax_cross_entropy logsumexp",
    8: "normalization",
}
_COUNTS |= {name: _per_element_of_operand(times) for times, names in _EACH.items() for name in names.split()}
_CUBES = {"cholesky": 1 / 3, "det": 2 / 3, "slogdet": 2 / 3, "inv": 2, "qr": 8 / 3, "eigh": 9, "eigvalsh": 4 / 3}
_CUBES |= {"svd": 22, "svdvals": 4, "pinv": 24, "expm": 20}
_COUNTS |= {name: _cubes(times) for name, times in _CUBES.items()}
