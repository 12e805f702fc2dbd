"""Flow: gradients that vanish or explode on their way back through the layers, or through time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

import numpy as np

from autograd.health.finding import SEVERE, WARNING, Finding
from autograd.health.network import Layer, Network, line, rms, said
from autograd.node import Node
from autograd.sweep import contributions
from autograd.view.text import number

FAR = 1e4  # between the largest and the smallest gradient of a network: more is warned of
VERY_FAR = 1e6
RECURRENT = {"rnn", "lstm", "gru"}
_SLOPES = {"sigmoid": "its slope is at most 1/4", "tanh": "its slope is at most 1"}


def weight_gradient(network: Network, layer: Layer) -> float | None:
    """The root mean square of the gradients of the weights (of biases where there are no others); None without any."""
    found = [(p.data, network.gradient[p]) for p in layer.parameters.values() if p in network.gradient]
    matrices = [g for x, g in found if np.ndim(x) > 1] or [g for _, g in found]
    if not matrices:
        return None
    return rms(np.concatenate([np.ravel(g) for g in matrices]))


def is_matrix(layer: Layer) -> bool:
    """Whether a layer has weights that mix its inputs, so that its gradient is like that of others of the kind."""
    return any(np.ndim(p.data) > 1 or type(p.data) is float for p in layer.parameters.values())


def not_finite(network: Network) -> Iterator[Finding]:
    """Gradients that are no numbers."""
    for layer in network.layers:
        bad = [
            name
            for name, p in layer.parameters.items()
            if network.gradient.get(p) is not None and not np.all(np.isfinite(network.gradient[p]))
        ]
        if bad:
            yield Finding(
                "not finite",
                SEVERE,
                layer.name,
                f"the gradient of {', '.join(bad)} has nan or inf in it",
                math.nan,
                "somewhere an operation was given numbers that it has no finite result, or slope, for.",
                "Find the first one: with autograd.detect_anomaly(): compute the loss, and call backward().",
                place=line(layer.operations[0]),
            )
            return  # of the others it is the same


def vanishing(network: Network, alike: set[str]) -> Iterator[Finding]:
    """Layers whose weights get a gradient thousands of times smaller than those behind them.

    Not the symmetric ones, `alike`: what comes to them cancels out for that reason.
    """
    found = [(layer, weight_gradient(network, layer)) for layer in network.layers if is_matrix(layer)]
    sizes = [(layer, g) for layer, g in found if g is not None and math.isfinite(g)]
    small = []
    for i, (layer, g) in enumerate(sizes):
        behind = max((h for _, h in sizes[i + 1 :]), default=0.0)
        if 0 < g < behind / FAR and layer.name not in alike:
            small.append((layer, behind / g))
    if not small:
        return
    layer, ratio = max(small, key=lambda pair: pair[1])
    operation, count, gain, node = _shrinker(network, layer)
    names = [other.name for other, _ in small]
    slope = f", for {_SLOPES[operation]}" if operation in _SLOPES else ""
    each = (
        f"{count} × {operation} pass on {number(gain)} of what arrives, each"
        if count > 1
        else f"{operation} passes on {number(gain)} of what arrives"
    )
    yield Finding(
        "vanishing gradient",
        SEVERE if ratio > VERY_FAR else WARNING,
        ", ".join(names) if len(names) <= 4 else f"{names[0]} … {names[-1]}",
        f"the gradient of {said(layer.name)} is {_times(ratio)} times smaller than that of layers behind it",
        ratio,
        f"on its way back it is multiplied again and again by numbers below 1: {each}{slope}.",
        "Use relu with He's initialisation instead; or put a normalisation (BatchNorm, LayerNorm) into each layer; or "
        "connections past them, x + f(x).",
        operation,
        line(node) if node is not None else "",
    )


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio < 1e7 else f"10^{math.log10(ratio):.0f}"


def _shrinker(network: Network, layer: Layer) -> tuple[str, int, float, Node | None]:
    """The operation that takes most of the gradient between a layer and the loss: its name, how often, by how much."""
    logs: dict[str, list[float]] = {}
    nodes: dict[str, list[Node]] = {}
    parameters = set(network.parameters.values())
    start = network.place[layer.operations[0]]
    for node in network.order[start + 1 :]:
        above = network.gradient.get(node)
        sent = [rms(network.gradient[p]) for p in node.parents if p in network.gradient and p not in parameters]
        if above is None or not sent or not node.parents:
            continue
        g = rms(above)
        if g > 0 and max(sent) > 0:
            name = node.primitive.name  # type: ignore[union-attr]
            logs.setdefault(name, []).append(math.log(max(sent) / g))
            nodes.setdefault(name, []).append(node)
    if not logs:
        return "", 0, 1.0, None
    name = min(logs, key=lambda key: sum(logs[key]))
    common = Counter(map(line, nodes[name])).most_common(1)[0][0]
    node = next(node for node in nodes[name] if line(node) == common)
    return name, len(logs[name]), math.exp(sum(logs[name]) / len(logs[name])), node


def exploding(network: Network) -> Iterator[Finding]:
    """Layers that multiply the gradient, again and again, by more than 1; or gradients far larger than the weights."""
    told = set()
    for layer in network.layers:
        found = _through_time(network, layer) or _through_repeats(network, layer)
        if found is not None:
            times, growth, node = found
            told.add(layer.name)
            yield Finding(
                "exploding gradient",
                SEVERE if growth > VERY_FAR else WARNING,
                layer.name,
                f"over the {times} uses of {said(layer.name)} the gradient grows {_times(growth)}-fold, "
                f"{number(growth ** (1 / times))} times in each",
                growth,
                "each step multiplies it by the same weights, and their largest singular value is above 1: after many "
                "steps little is left but that power.",
                f"Initialise the recurrent weights of {said(layer.name)} as an orthogonal matrix, or smaller; clip the "
                "norm of the gradient before each step; use an LSTM or GRU; or cut the sequences shorter.",
                node.primitive.name,  # type: ignore[union-attr]
                line(node),
            )
    if not told:
        yield from _through_layers(network)


def _through_time(network: Network, layer: Layer) -> tuple[int, float, Node] | None:
    """How much the gradient grows from the last step of a recurrent operation to any before."""
    for node in layer.operations:
        g = network.gradient.get(node)
        if node.primitive.name not in RECURRENT or g is None:  # type: ignore[union-attr]
            continue
        with np.errstate(all="ignore"):
            sent = contributions(node, g, [slot == 0 for slot in range(len(node.parents))])[0]
        steps = [rms(part) for part in sent]
        last = next((i for i in range(len(steps) - 1, -1, -1) if steps[i] > 0), None)
        if last:
            first = int(np.argmax(steps[: last + 1]))
            growth = steps[first] / steps[last]
            if growth > FAR:
                return last - first, growth, node
    return None


def _through_repeats(network: Network, layer: Layer) -> tuple[int, float, Node] | None:
    """How much the gradient grows from the last use of the same weights to any before."""
    uses = [
        (rms(network.gradient[node]), node)
        for node in layer.operations
        if node in network.gradient and any(np.ndim(p.data) > 1 for p in node.parents)
    ]
    sizes = [size for size, _ in uses]
    last = next((i for i in range(len(sizes) - 1, -1, -1) if sizes[i] > 0), None)
    if len(uses) < 4 or not last:
        return None
    first = int(np.argmax(sizes[: last + 1]))
    growth = sizes[first] / sizes[last]
    return (last - first, growth, uses[last][1]) if growth > FAR and last > first else None


def _through_layers(network: Network) -> Iterator[Finding]:
    """A gradient that grows from layer to layer, or that is far larger than the weights that it is to change."""
    matrices = [layer for layer in network.layers if is_matrix(layer)]
    sizes = []
    for layer in matrices:
        at = [rms(network.gradient[node]) for node in layer.operations if node in network.gradient]
        sizes.append(max(at, default=0.0))
    if len(sizes) > 2 and sizes[-1] > 0 and max(sizes) > FAR * sizes[-1] and math.isfinite(max(sizes)):
        first = int(np.argmax(sizes))
        growth, count = sizes[first] / sizes[-1], len(sizes) - 1 - first
        behind, before = said(matrices[-1].name), said(matrices[first].name)
        worst = max(range(first, len(sizes) - 1), key=lambda i: sizes[i] / max(sizes[i + 1], 1e-300))
        yield Finding(
            "exploding gradient",
            SEVERE if growth > VERY_FAR else WARNING,
            matrices[worst + 1].name,
            f"from {behind} back to {before} the gradient grows {_times(growth)}-fold, "
            f"{number(growth ** (1 / count))} times in each layer; most of it at {said(matrices[worst + 1].name)}",
            growth,
            "each layer multiplies it by its weights, and they are too large for their number.",
            "Initialise the weights by the number of their inputs (He's for relu, Xavier's for tanh); put a "
            "normalisation (BatchNorm, LayerNorm) into each layer; clip the norm of the gradient before each step.",
            matrices[worst + 1].operations[0].primitive.name,  # type: ignore[union-attr]
            line(matrices[worst + 1].operations[0]),
        )
        return
    for layer in matrices:
        g = weight_gradient(network, layer)
        w = rms(np.concatenate([np.ravel(p.data) for p in layer.parameters.values()]))
        if g is not None and math.isfinite(g) and w > 0 and g > FAR * w:
            yield Finding(
                "exploding gradient",
                SEVERE if g > VERY_FAR * w else WARNING,
                layer.name,
                f"the gradient of {said(layer.name)} is {_times(g / w)} times as large as its weights",
                g / w,
                "inputs or targets are very large, or the loss is a sum over very many numbers: a step of any usual "
                "learning rate would throw the weights away.",
                "Standardise inputs and targets; take the mean for the loss, not the sum; clip the gradient's norm.",
                layer.operations[0].primitive.name,  # type: ignore[union-attr]
                line(layer.operations[0]),
            )
            return
