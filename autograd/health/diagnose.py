"""diagnose: look a network over, from one forward and one backward pass."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.errors import GradientError, OperandError, describe, place
from autograd.fast_sweep import RELEASED
from autograd.graph import topological_order
from autograd.health.checkup import Checkup, Row
from autograd.health.finding import Finding
from autograd.health.flow import exploding, not_finite, vanishing, weight_gradient
from autograd.health.network import Layer, Network, guessed, rms
from autograd.health.unit import RECTIFIERS, SQUASHERS, Activation, activations, dead, saturated
from autograd.health.weight import alike, unused, without_gradient
from autograd.node import Node
from autograd.origin import annotate
from autograd.source import where
from autograd.view.names import is_module, names_of

ROWS = 512  # of data that are given whole


def diagnose(
    subject: Any,
    data: Any = None,
    loss: Callable[..., Any] | None = None,
    *,
    model: Any = None,
    names: Mapping[str, Any] | None = None,
) -> Checkup:
    """Look a network over: vanishing and exploding gradients, dead and saturated units, symmetry, unused parameters.

    Give a loss that was just computed, `diagnose(loss, model=model)`; then its graph is looked at. Or a model with data
    and a loss function, `diagnose(model, (x, target), cross_entropy)`; then `loss(model(x), target)` is computed first,
    with up to 512 rows, or with the first batch of a loader, and the lines of your program are known. Buffers such as
    running means are left as they were, and no `grad` is touched; hooks on nodes are called, as in backward().

    A model is anything with `named_parameters()`; without one the parameters are those of the models that the caller's
    variables hold, or else the leaves of the graph. `names` are the variables, by default the caller's.

    What is found has a layer, a figure, a reason and an advice. Healthy networks get a clean bill: the thresholds are
    far from what initialisation and training give (a gradient 10,000 times smaller than that of layers behind it, all
    or three quarters of the units of a layer dead for every sample, ...).

    Errors: OperandError for other subjects, GradientError for a loss that is no single number, that requires no grad,
    or whose graph has been let go. Cost: a backward pass that keeps all gradients, and a look at each array.

    >>> import autograd, nn, numpy as np
    >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    >>> model[0].bias.data[:] = -100.0
    >>> x = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
    >>> checkup = autograd.diagnose(model, (x, x[:, :1]), nn.MSELoss())
    >>> checkup.ok, checkup.findings[0].kind, checkup.findings[0].layer, checkup.findings[0].figure
    (False, 'dead relu', '0', 1.0)
    """
    if names is None:
        caller = sys._getframe(1)
        names = {**{k: v for k, v in caller.f_globals.items() if k not in caller.f_locals}, **caller.f_locals}
    if isinstance(subject, Node):
        if hasattr(data, "named_parameters") and model is None:
            data, model = None, data  # diagnose(loss, model)
        if data is not None or loss is not None:
            raise OperandError(f"a loss is looked at as it is, without data: diagnose(loss, model=model).{place()}")
        return _checkup(subject, _parameters(subject, model, names))
    if not hasattr(subject, "named_parameters"):
        raise OperandError(
            f"diagnose takes a loss, or a model with named_parameters(), and got {describe(subject)}.{place()}\n"
            "  diagnose(loss, model=model), or diagnose(model, (x, target), loss_function)."
        )
    if data is None or loss is None:
        raise OperandError(
            f"diagnose needs data and a loss function for a model.{place()}\n"
            "  diagnose(model, (x, target), loss_function)"
        )
    caller = sys._getframe(1)
    here = where(caller.f_code.co_filename, caller.f_lineno)
    with annotate(), _buffers_kept(subject):
        inputs, *targets = _batch(data)
        found = loss(subject(inputs), *targets)
    if not isinstance(found, Node):
        raise GradientError(f"the loss function gave {describe(found)}, which is no Value and no Tensor.{place()}")
    return _checkup(found, _named(subject), here)


def _batch(data: Any) -> tuple[Any, ...]:
    """Inputs and targets: the first rows of arrays, or the first batch of a loader."""
    arrays = isinstance(data, tuple | list) and all(hasattr(x, "shape") or isinstance(x, Node) for x in data)
    if not arrays and isinstance(data, ndarray | Node):
        data, arrays = (data,), True
    if not arrays and isinstance(data, tuple | list) and len(data) == 2:
        return tuple(data)
    if not arrays:
        try:
            first = next(iter(data))
        except (TypeError, StopIteration):
            raise OperandError(
                f"data are a pair of arrays, (x, target), or a loader of such pairs, and not {describe(data)}.{place()}"
            ) from None
        return tuple(first) if isinstance(first, tuple | list) else (first,)
    rows = {np.shape(x)[0] for x in data if np.ndim(getattr(x, "data", x))}
    return tuple(x[:ROWS] if len(rows) == 1 and max(rows) > ROWS else x for x in data)


@contextmanager
def _buffers_kept(model: Any) -> Iterator[None]:
    """Leave the buffers of a model as they were: a forward pass in training mode moves running means."""
    buffers = [(x, x.copy()) for _, x in getattr(model, "named_buffers", list)() if isinstance(x, ndarray)]
    try:
        yield
    finally:
        for now, before in buffers:
            now[...] = before


def _parameters(loss: Node, model: Any, variables: Mapping[str, Any]) -> dict[str, Node]:
    """The parameters by name: of the model, of the models among the variables that the loss knows, or the leaves."""
    if np.size(loss.data) != 1:
        raise GradientError(
            f"diagnose takes a loss, a single number, and this is {describe(loss)}.{place()}\n"
            "  Reduce it: y.mean(), or y.sum()."
        )
    if model is not None:
        if not hasattr(model, "named_parameters"):
            raise OperandError(f"model needs named_parameters(), and {describe(model)} has none.{place()}")
        return _named(model)
    order = topological_order([loss])
    inside = set(order)
    found: dict[str, Node] = {}
    models = {id(thing): (name, thing) for name, thing in variables.items() if is_module(thing)}
    known = [(name, _named(thing)) for name, thing in models.values()]
    used = [(name, parameters) for name, parameters in known if not inside.isdisjoint(parameters.values())]
    taken: set[Node] = set()
    for name, parameters in sorted(used, key=lambda pair: -len(pair[1])):
        if not taken.issuperset(parameters.values()):
            found |= {
                path if len(used) == 1 else f"{name}.{path}": p for path, p in parameters.items() if p not in taken
            }
            taken.update(parameters.values())
    return found or guessed(loss, names_of(order, variables))


def _named(model: Any) -> dict[str, Node]:
    """The parameters by name; those that the model itself has are of a layer that is called as its class."""
    parameters = dict(model.named_parameters())
    return {name if "." in name else f"{type(model).__name__}.{name}": p for name, p in parameters.items()}


def _checkup(loss: Node, parameters: Mapping[str, Node], here: str = "") -> Checkup:
    """What there is to say about a loss; `here` is the line of the caller, which says nothing of the network."""
    if loss.primitive is None:
        raise GradientError(f"{describe(loss)} does not require grad: nothing it was made from does.{place()}")
    if any(node.primitive is RELEASED for node in topological_order([loss])):
        raise GradientError(
            f"an earlier backward() has let the graph go.{place()}\n"
            "  Call diagnose before it, or call backward(retain_graph=True)."
        )
    network = Network(loss, parameters)
    found = activations(network)
    told: list[Finding] = [*not_finite(network)]
    if not told:
        told += dead(network, found)
        closed = {f.layer for f in told if f.figure == 1}
        symmetric = [*alike(network)]
        told += [*saturated(network, found), *exploding(network)]
        told += vanishing(network, {f.layer for f in symmetric})
        told += [*symmetric, *without_gradient(network, closed)]
    told += unused(network)
    told = [replace(f, place="") if here and f.place.startswith(f"{here}:") else f for f in told]
    rows = [_row(network, layer, found) for layer in network.layers]
    annotated = any(node.origin is not None for node in network.order)
    return Checkup(float(np.asarray(loss.data).reshape(-1)[0]), rows, told, annotated)


def _row(network: Network, layer: Layer, found: list[Activation]) -> Row:
    last = layer.operations[-1]
    weights = [p.data for p in layer.parameters.values()]
    matrices = [w for w in weights if np.ndim(w) > 1] or weights
    behind = next((at for at in found if at.layer == layer.name), None)
    off = flat = None
    if behind is not None and behind.name in RECTIFIERS:
        off = float(RECTIFIERS[behind.name](behind.outputs).all(0).mean())
    elif behind is not None:
        flat = float(SQUASHERS[behind.name](behind.outputs).mean())
    return Row(
        layer.name,
        layer.operations[0].primitive.name,  # type: ignore[union-attr]
        sum(np.size(w) for w in weights),
        rms(np.concatenate([np.ravel(node.data) for node in layer.operations])),
        rms(network.gradient[last]) if last in network.gradient else None,
        rms(np.concatenate([np.ravel(w) for w in matrices])),
        weight_gradient(network, layer),
        behind.name if behind is not None else "",
        off,
        flat,
    )
