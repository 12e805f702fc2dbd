"""Unit: dead and saturated units of activations, found by their outputs over all samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.health.finding import SEVERE, WARNING, Finding
from autograd.health.network import Network, line, rms, said
from autograd.node import Node
from autograd.view.text import number

# Where the slope of each is 0, of its output; and where it is below a fiftieth of its largest.
RECTIFIERS: dict[str, Callable[[ndarray], ndarray]] = {"relu": lambda y: y <= 0}
SQUASHERS: dict[str, Callable[[ndarray], ndarray]] = {
    "sigmoid": lambda y: (y < 0.005) | (y > 0.995),
    "tanh": lambda y: np.abs(y) > 0.99,
    "softsign": lambda y: np.abs(y) > 0.86,
    "hardtanh": lambda y: np.abs(y) >= 1,
    "hardsigmoid": lambda y: (y <= 0) | (y >= 1),
}
SAMPLES = 8  # with fewer, units that are dead by chance are common
MANY_SAMPLES, MANY_UNITS = 16, 8  # that a share of dead units is judged from
DEAD, SATURATED, MOSTLY = 0.75, 0.6, 0.9  # shares from which a layer is warned of, and from which it is severe


@dataclass
class Activation:
    """All uses of an activation behind one layer: a row for each sample, a column for each unit."""

    name: str
    layer: str
    nodes: list[Node] = field(default_factory=list)
    rows: list[ndarray] = field(default_factory=list)
    single: dict[Any, list[float]] = field(default_factory=dict)  # of Values: what each unit gave

    @property
    def outputs(self) -> ndarray:
        """(samples, units)."""
        if self.single:
            shortest = min(map(len, self.single.values()))
            return np.array([given[:shortest] for given in self.single.values()]).T
        return np.concatenate(self.rows)


def activations(network: Network) -> list[Activation]:
    """Activations with a layer before them, in the order of the forward pass."""
    found: dict[tuple[str, str], Activation] = {}
    for node in network.order:
        name = node.primitive.name if node.parents else ""  # type: ignore[union-attr]
        if name == "maximum" and any(p.primitive is None and not np.any(p.data) for p in node.parents):
            name = "relu"
        layer = network.layer(node)
        if layer is None or not (name in RECTIFIERS or name in SQUASHERS):
            continue
        at = found.setdefault((name, layer.name), Activation(name, layer.name))
        at.nodes.append(node)
        if type(node.data) is float:
            weights = frozenset(p for p in network.nearest[node].parents if not p.parents and p.primitive is not None)
            at.single.setdefault(weights, []).append(node.data)
        else:
            x = node.data
            if network.is_convolution(node) and x.ndim > 2:
                x = np.moveaxis(x, 1, -1)
            at.rows.append(x.reshape(-1, x.shape[-1]) if x.ndim > 1 else x.reshape(1, -1))
    return [a for a in found.values() if a.single or len({row.shape[1] for row in a.rows}) == 1]


def dead(network: Network, found: list[Activation]) -> Iterator[Finding]:
    """Rectifiers that give 0 for every sample: no gradient passes, so the units before them never change."""
    for at in found:
        if at.name not in RECTIFIERS:
            continue
        outputs = at.outputs
        samples, units = outputs.shape
        off, after = RECTIFIERS[at.name](outputs).all(0), said(at.layer)
        share = float(off.mean())
        different = len(np.unique(outputs[: MANY_SAMPLES * MANY_SAMPLES], axis=0)) if share < 1 else samples
        enough = samples >= SAMPLES or (units >= MANY_UNITS and share == 1)
        if not enough or share < DEAD or (share < 1 and (different < MANY_SAMPLES or units < MANY_UNITS)):
            continue
        layer = network.layer(at.nodes[0])
        if layer is None or network.is_idle(layer):  # the units before it are to blame
            continue
        before = np.concatenate([np.ravel(node.parents[0].data) for node in at.nodes])
        severe = share >= MOSTLY
        count = "all" if share == 1 else f"{int(off.sum())} of"
        behind = _not_reached(network, share, layer.name)
        yield Finding(
            "dead relu",
            SEVERE if severe else WARNING,
            at.layer,
            f"{count} {units} units of the {at.name} after {after} are 0 for each of {samples:,} samples; what "
            f"comes into it is {number(float(before.max()))} at most and {number(float(before.mean()))} on average",
            share,
            f"where {at.name} gets less than 0 its slope is 0: no gradient passes, the weights before it get none, and "
            f"never change again. {_why_negative(network, at)}{behind}",
            f"Initialise {said(at.layer)} again (weights as He's, biases 0) and train with a smaller learning rate; "
            "standardise the inputs; or use leaky_relu, which has a slope below 0, too.",
            at.name,
            line(at.nodes[0]),
        )


def _not_reached(network: Network, share: float, layer: str) -> str:
    if share < 1:
        return ""
    names = [other.name for other in network.layers]
    before = list(map(said, names[: names.index(layer) + 1]))
    return (
        f" No gradient gets to {', '.join(before)}."
        if len(before) <= 4
        else f" Nor does one get to the {len(before)} layers up to there."
    )


def _why_negative(network: Network, at: Activation) -> str:
    """Which part of what comes in is below 0: the biases, or the product with the weights."""
    layer = network.layer(at.nodes[0])
    biases = [p.data for p in layer.parameters.values() if np.ndim(p.data) <= 1] if layer else []
    bias = float(np.mean(np.concatenate([np.ravel(b) for b in biases]))) if biases else 0.0
    before = np.concatenate([np.ravel(node.parents[0].data) for node in at.nodes])
    if bias < 0 and abs(bias) > rms(before - bias):
        return f"Here the biases are to blame: they are {number(bias)} on average. A step that was too large does that."
    return "A step that was too large, or inputs that all have one sign, do that."


def saturated(network: Network, found: list[Activation]) -> Iterator[Finding]:
    """Squashing functions at their ends, where they are flat; not those of the output, which may be sure."""
    for at in found:
        if at.name not in SQUASHERS or not any(node in network.goes_on for node in at.nodes):
            continue
        outputs = at.outputs
        if outputs.size < MANY_UNITS:
            continue
        share = float(SQUASHERS[at.name](outputs).mean())
        if share < SATURATED:
            continue
        before = rms(np.concatenate([np.ravel(node.parents[0].data) for node in at.nodes]))
        why, advice = _why_large(network, at)
        yield Finding(
            "saturated units",
            SEVERE if share >= MOSTLY else WARNING,
            at.layer,
            f"{100 * share:.0f} % of what the {at.name} after {said(at.layer)} gives is at its ends; what comes "
            f"into it is {number(before)} in size (root mean square)",
            share,
            f"far from 0 {at.name} is flat: its slope is below a fiftieth of the largest, and so is the gradient that "
            f"it passes on. {why}",
            advice,
            at.name,
            line(at.nodes[0]),
        )


def _why_large(network: Network, at: Activation) -> tuple[str, str]:
    """What makes the numbers before it so large, and what to do: inputs, or weights."""
    layer = network.layer(at.nodes[0])
    assert layer is not None
    given = network.inputs(layer)
    inputs = rms(np.concatenate([np.ravel(x) for x in given])) if given else 1.0
    weights = [p.data for p in layer.parameters.values() if np.ndim(p.data) > 1]
    usual = 1 / np.sqrt(min(weights[0].shape)) if weights else 1.0
    size = rms(weights[0]) if weights else 1.0
    if inputs > 4:
        return (
            f"Here the inputs are large: {number(inputs)} (root mean square), where about 1 is usual.",
            "Standardise the inputs (subtract the mean, divide by the standard deviation), or put a normalisation "
            f"(BatchNorm, LayerNorm) before {said(at.layer)}.",
        )
    if size > 3 * usual:
        return (
            f"Here the weights of {said(at.layer)} are large: {number(size)} (root mean square), where about "
            f"{number(float(usual))} is usual for their number.",
            f"Initialise {said(at.layer)} with smaller weights (Xavier's), train with a smaller learning rate "
            "or weight decay; or use relu.",
        )
    return (
        f"Here the biases of {said(at.layer)}, or what came before, drive it there.",
        f"Initialise {said(at.layer)} again with biases of 0, put a normalisation before {at.name}, or use relu.",
    )
