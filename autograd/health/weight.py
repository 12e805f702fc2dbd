"""Weight: parameters that are never used, that get no gradient, or that all get the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy import ndarray

from autograd.health.finding import NOTE, SEVERE, WARNING, Finding
from autograd.health.network import Layer, Network, line, said, title_of, unit_of
from autograd.node import Node
from autograd.view.text import number

SAME = 1e-5  # of the largest: rows that differ by less are alike
MOST = 0.5  # of the units of a layer
COLUMNS = 256  # of weights, about, that are compared


def unused(network: Network) -> Iterator[Finding]:
    """Parameters that the loss was not made from, by layer."""
    groups: dict[str, list[str]] = {}
    for name, parameter in network.unused.items():
        groups.setdefault(title_of(name, parameter), []).append(name)
    for layer, names in groups.items():
        count = len(names)
        yield Finding(
            "unused parameter",
            WARNING,
            layer,
            f"{', '.join(names[:4])}{f' and {count - 4} more' if count > 4 else ''}: the loss was not made from "
            f"{'it' if count == 1 else 'them'}",
            float(count),
            "the forward pass never uses it, or only in a part that was not taken or that detach(), no_grad() or .data "
            "cut off: it gets no gradient and stays what it is.",
            f"Use {said(layer)} in the forward pass, or delete it; if it is to stay as it is: requires_grad = False.",
        )


def without_gradient(network: Network, dead: set[str]) -> Iterator[Finding]:
    """Layers in the graph whose gradient is 0, or does not arrive, though no dead activation says why.

    Those that one operation stops the gradient of are one finding.
    """
    last_dead = max((i for i, layer in enumerate(network.layers) if layer.name in dead), default=-1)
    stopped: dict[Node | None, list[Layer]] = {}
    for layer in network.layers[last_dead + 1 :]:
        if not network.is_idle(layer) and not any(_any(network, p) for p in layer.parameters.values()):
            stopped.setdefault(_stop(network, layer), []).append(layer)
    for stop, layers in stopped.items():
        names = [layer.name for layer in layers]
        zero = _zero(network, stop, names)
        operation = stop.primitive.name if stop is not None and stop.primitive is not None else ""
        arrived = any(p in network.gradient for p in layers[0].parameters.values())
        told = "is 0 in every element" if arrived else "does not arrive"
        if zero is not None:
            why = f"the weights of {said(zero)} behind it are all 0, and what passes back through them is 0, too."
            advice = f"Initialise {said(zero)} at random, unless it is meant to start at 0 (some residual blocks do)."
        elif stop is not None:
            why = f"{operation} has no slope there, or none at all: nothing comes back through it."
            advice = f"Take {operation} out between {said(names[-1])} and the loss; or use something smooth there."
        else:
            why = "on its way back the gradient was multiplied by 0, by a mask, say."
            advice = f"Look where: explain({next(iter(layers[0].parameters))}, loss) shows what each path brings."
        yield Finding(
            "zero gradient",
            NOTE if zero is not None else WARNING,
            ", ".join(names),
            f"the gradient of {', '.join(map(said, names))} {told}",
            0.0,
            why,
            advice,
            operation,
            line(stop if stop is not None else layers[0].operations[0]),
        )


def _zero(network: Network, stop: Node | None, names: Sequence[str]) -> str | None:
    """The layer that stops a gradient because all its weights are 0; its biases need not be."""
    layer = network.layer(stop) if stop is not None else None
    if layer is None or layer.name in names:
        return None
    scales = [p.data for name, p in layer.parameters.items() if np.ndim(p.data) > 1 or "weight" in name]
    return layer.name if scales and not any(map(np.any, scales)) else None


def _stop(network: Network, layer: Layer) -> Node | None:
    """The first operation behind a layer that a gradient arrives at and that passes none on."""
    reached = set(layer.operations)
    for node in network.order:
        if reached.isdisjoint(node.parents):
            continue
        reached.add(node)
        if _any(network, node) and not any(_any(network, p) for p in node.parents if p in reached):
            return node
    return None


def _any(network: Network, node: Node) -> bool:
    return bool(node in network.gradient and np.any(network.gradient[node]))


def alike(network: Network) -> Iterator[Finding]:
    """Layers with units of the same weights and the same gradients: they are, and stay, one unit."""
    for layer in network.layers:
        for name, weights, gradients in _units(network, layer):
            share, count = _largest_group(weights, gradients)
            constant = min(weights.shape) > 1 and np.any(weights) and np.ptp(weights) <= SAME * np.abs(weights).max()
            if share < MOST and not constant:
                continue
            alike = f"{count} of the {len(weights)} units of {name} have the same weights, and get the same gradient"
            yield Finding(
                "symmetric units",
                SEVERE if share == 1 else WARNING,
                layer.name,
                alike
                if share >= MOST
                else f"all {weights.size:,} weights of {name} are {number(weights.flat[0].item())}",
                share,
                ("All its weights were initialised alike. " if constant else "These units were initialised alike. ")
                + "Alike units get the same gradient, so they stay alike: together they can do what one could.",
                f"Initialise {said(layer.name)} at random (He's or Xavier's initialisation); biases may all be 0.",
                place=line(layer.operations[0]),
            )
            break


def _units(network: Network, layer: Layer) -> Iterator[tuple[str, ndarray, ndarray]]:
    """The weights of a layer and their gradients, a row for each unit."""
    neurons: dict[str, list[tuple[float, float]]] = {}
    for name, parameter in layer.parameters.items():
        g = network.gradient.get(parameter)
        if g is None:
            continue
        if type(parameter.data) is float:
            neurons.setdefault(unit_of(name), []).append((parameter.data, float(g)))
        elif parameter.data.ndim > 1:
            axis = _axis(layer, parameter)
            w, g = (np.moveaxis(x, axis, 0).reshape(x.shape[axis], -1) for x in (parameter.data, np.asarray(g)))
            yield name, w, g
    if len(neurons) > 1 and len(set(map(len, neurons.values()))) == 1:
        numbers = np.array(list(neurons.values()))
        yield layer.name, numbers[:, :, 0], numbers[:, :, 1]


def _axis(layer: Layer, parameter: Node) -> int:
    """The axis of the units of a weight: the second where data are multiplied by it from the left, x @ W."""
    for node in layer.operations:
        if node.primitive.name == "matmul":  # type: ignore[union-attr]
            second = node.parents[1]
            if second is parameter:
                return int(parameter.data.ndim - 1)
            turned = second.primitive is not None and second.primitive.name == "transpose"
            if turned and second.parents[0] is parameter:
                return 0
    return 0


def _largest_group(weights: ndarray, gradients: ndarray) -> tuple[float, int]:
    """The share of units that are all alike and get a gradient, and how many they are."""
    if len(weights) < 2 or not np.all(np.isfinite(gradients)) or not np.any(gradients):
        return 0.0, 0
    some = slice(None, None, max(weights.shape[1] // COLUMNS, 1))  # alike units are alike in any columns
    parts = [x[:, some].astype(float) for x in (weights, gradients)]
    whole = np.concatenate([x / max(np.abs(x).max(), 1e-300) for x in parts], axis=1)
    seen = np.sort(whole @ np.random.default_rng(0).normal(size=whole.shape[1]))  # alike units are side by side there
    close = np.diff(seen) <= SAME * np.sqrt(whole.shape[1])
    middle = seen[_longest_run(close)]
    shown = whole @ np.random.default_rng(0).normal(size=whole.shape[1])
    first = whole[int(np.argmin(np.abs(shown - middle)))]
    members = np.abs(whole - first).max(1) <= 4 * SAME
    if members.sum() < 2 or not np.any(gradients[members]):
        return 0.0, 0
    return float(members.mean()), int(members.sum())


def _longest_run(close: ndarray) -> int:
    """A place in the middle of the longest row of trues."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], close.astype(int), [0]])))
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return 0
    longest = int(np.argmax(ends - starts))
    return int(starts[longest] + ends[longest]) // 2
