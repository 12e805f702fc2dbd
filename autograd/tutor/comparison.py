"""compare: the front door of the tutor."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

import autograd.rules as rules
from autograd.errors import GradientError, OperandError, describe, place
from autograd.fast_sweep import RELEASED
from autograd.graph import topological_order
from autograd.node import Node
from autograd.tutor.diagnosis import Diagnosis
from autograd.tutor.forward import Forward
from autograd.tutor.objective import objective
from autograd.tutor.outline import Outline
from autograd.tutor.quantity import Entry, Search, equal
from autograd.tutor.remark import remarks, sizes
from autograd.tutor.report import Report
from autograd.tutor.stride import stride
from autograd.tutor.update import updates
from autograd.tutor.wording import Wording
from autograd.view.names import names_of

MOST_ELEMENTS = 1000  # of lists with more, no element is named


def compare(loss: Any, gradients: Mapping[str, Any], *inputs: Any) -> Report:
    """Hold hand-made gradients against the right ones: what is wrong, what is missing, and where to begin.

    `loss` is the result of the same computation built with Tensors or Values, or your own forward function written in
    NumPy; it is then called with `inputs`, some of them as Tensors, and must return the loss (alone, or first). A
    network that keeps its weights as attributes can be given Tensors there.

    In `gradients` every name stands with `(quantity, gradient)`, alike in shape. The quantity is a Tensor, a Value, a
    (nested) list of Values, or your own array, which is found in the graph: as the very array among the inputs, by
    its name, or by its numbers. With `(quantity, gradient, updated)` the step of gradient descent is looked at, too:
    `updated` is the parameter after it, and the quantity a copy from before. Given the forward function, it is also
    found out whether that step is too long.

    >>> import numpy as np
    >>> X, y = np.array([[0.0, 1.0], [1.0, -1.0], [2.0, 0.5]]), np.array([[0.3], [0.9], [0.1]])
    >>> W = np.array([[0.5], [-0.25]])
    >>> def forward(X, y, W):
    ...     z = X @ W
    ...     a = 1 / (1 + np.exp(-z))
    ...     return 0.5 * np.sum((a - y) ** 2)
    >>> a = 1 / (1 + np.exp(-X @ W))
    >>> dz = a - y                                       # and the derivative of the sigmoid?
    >>> dW = X.T @ dz
    >>> report = compare(forward, {"z": (X @ W, dz), "W": (W, dW)}, X, y, W)
    >>> report.ok, report.first.gradient, report.first.kind
    (False, 'dz', 'missing factor')
    >>> print(report.first.text)
    dz lacks σ'(z) = a * (1 - a).
    >>> print(report["dW"].text)
    right given your dz, from which it follows

    Errors: GradientError when a quantity is not part of the graph, or may be several nodes of it; OperandError for
    entries of another form. Cost: some hundreds of backward passes where something is wrong, a few where nothing is.
    """
    entries = [Entry.of(name, entry) for name, entry in gradients.items()]
    if not entries:
        raise OperandError(f"compare: no gradients were given.{place()}\n  For instance {{'W1': (W1, dW1)}}.")
    rules.families()  # so that a softmax written out is known, though nobody has asked for one
    frame = sys._getframe(1)
    variables = {**frame.f_locals, **{k: v for k, v in frame.f_globals.items() if k not in frame.f_locals}}
    if isinstance(loss, Node):
        if inputs:
            raise OperandError(f"compare: inputs go with a forward function, not with {describe(loss)}.{place()}")
        return _Look(loss, entries, variables, {}).report()
    if not callable(loss):
        raise OperandError(
            f"compare needs the loss as a Value or a Tensor, or the function that computes it, and got "
            f"{describe(loss)}.{place()}"
        )
    report = _rebuilt(loss, entries, inputs, variables).report()
    report.remarks += stride(loss, inputs, entries, report)
    return report


def _rebuilt(function: Callable[..., Any], entries: Sequence[Entry], inputs: Any, variables: dict[str, Any]) -> _Look:
    """The user's forward function run with Tensors: in place of the arrays asked about, or where these are not all
    found in the graph, of every array of floats."""
    asked = [entry.what for entry in entries if isinstance(entry.what, ndarray)]

    def is_asked(x: Any) -> bool:
        return isinstance(x, ndarray) and any(x is a or equal(x, a) for a in asked)

    def is_float(x: Any) -> bool:
        return is_asked(x) or (isinstance(x, ndarray) and x.dtype.kind == "f")

    def look(wanted: Callable[[Any], bool]) -> _Look:
        forward = Forward(function, inputs, wanted)
        others = {name: x for name, x in variables.items() if name not in forward.variables}
        return _Look(forward.loss, entries, {**forward.variables, **others}, forward.leaves)

    try:
        return look(is_asked)
    except GradientError:
        return look(is_float)


class _Look:
    """A loss and what is asked about it, the one found in the other."""

    def __init__(
        self, loss: Node, entries: Sequence[Entry], variables: Mapping[str, Any], leaves: Mapping[int, Node]
    ) -> None:
        if np.size(loss.data) != 1:
            raise GradientError(
                f"compare: the loss must be a single number, and is {describe(loss)}.{place()}\n"
                "  Reduce it with .mean() or .sum(), as your formulas do."
            )
        order = topological_order([loss], constants=True)
        if any(node.primitive is RELEASED for node in order):
            raise GradientError(
                f"compare: backward() has let the graph of {describe(loss)} go.{place()}\n"
                "  Call compare first, or loss.backward(retain_graph=True)."
            )
        own = {id(entry.gradient) for entry in entries}
        names = _names(order, {k: v for k, v in variables.items() if id(v) not in own})
        search = Search(order, names, leaves)
        found = [search.quantity(entry) for entry in entries]
        names |= {node: name for q in found for node, name in q.names()}
        with np.errstate(all="ignore"):
            self.outline = Outline(loss, {node for q in found for node in q.nodes})
        copies = self.outline.copies
        self.quantities = [q.of(copies) for q in found]
        called = {q.nodes[0]: q.gradient for q in self.quantities if len(q.nodes) == 1}
        self.wording = Wording(self.outline, {copies[node]: name for node, name in names.items()}, called)

    def report(self) -> Report:
        """What there is to say."""
        with np.errstate(all="ignore"):  # a wrong formula may well overflow
            goal = objective(self.outline, {node for q in self.quantities for node in q.nodes})
            diagnosis = Diagnosis(self.outline, self.wording, self.quantities, sizes(self.outline, goal), goal)
            findings = diagnosis.findings()
            steps = updates(self.quantities, findings)
            return Report([*findings, *steps], remarks(self.outline, self.wording, self.quantities, goal))


def _names(order: Sequence[Node], variables: Mapping[str, Any]) -> dict[Node, str]:
    """The names of nodes: labels, variables that hold them, and then variables that hold arrays with their numbers."""
    found = names_of(order, variables)
    taken = set(found.values())
    for name, x in _arrays(variables):
        if name.startswith("d") and name[1:].lstrip("_") in variables:
            continue  # a gradient may have the numbers of a node, such as a - y, and is not what that is called
        bare = [node for node in order if node not in found]
        if name not in taken:
            same = [node for node in bare if node.data is x] or [node for node in bare if equal(node.data, x)][:1]
            found |= dict.fromkeys(same, name)
        for node in bare:
            if getattr(node.data, "base", None) is x and node.data.shape == x.shape[1:]:  # a row of it, as X[t]
                found[node] = f"{name}[{next(i for i, row in enumerate(x) if np.shares_memory(row, node.data))}]"
            elif node.primitive is None and x.dtype.kind == "f" and equal(node.data, 1 - x):
                found[node] = f"(1 - {name})"
    return found


def _arrays(variables: Mapping[str, Any]) -> Iterator[tuple[str, ndarray]]:
    """Variables that hold arrays, and elements of lists that do."""
    held = [(name, x) for name, x in variables.items() if not name.startswith("_")]
    for name, value in list(held):
        if isinstance(value, list | tuple) and len(value) <= MOST_ELEMENTS:
            held += ((f"{name}[{i}]", x) for i, x in enumerate(value))
    return ((name, x) for name, x in held if isinstance(x, ndarray) and x.ndim and x.size > 1)
