"""Verdict: the causes that are asked one after the other, the more telling ones first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from autograd.anomaly.cause import Cause, Scene
from autograd.anomaly.entry import came_in, changed, constant_group, empty, singular
from autograd.anomaly.finding import Finding
from autograd.anomaly.overflow import exploding, exponential, infinities, large_gradient, too_large
from autograd.anomaly.zero import logarithm, masked, outside, quotient, root, steep
from autograd.node import Node
from autograd.primitive import REGISTRY

CAUSES: Sequence[Callable[[Scene], Cause | None]] = (
    changed,
    came_in,
    empty,
    constant_group,
    masked,
    logarithm,
    root,
    quotient,
    outside,
    exploding,
    exponential,
    infinities,
    too_large,
    singular,
    large_gradient,
    steep,
)


def cause_of(finding: Finding, names: Mapping[Node, str]) -> Cause:
    """The likely cause of a finding, and what people do about it."""
    scene = Scene(finding, names)
    for ask in CAUSES:
        cause = ask(scene)
        if cause is not None:
            return cause if cause.advice else Cause(cause.title, cause.because, _general(scene))
    kind = "slope" if scene.is_backward else "result"
    return Cause(f"its operands are finite, and its {kind} is not", "", _general(scene))


def _general(scene: Scene) -> tuple[str, ...]:
    if scene.name and scene.name not in REGISTRY:
        return (f"look into {scene.name}: autograd.gradcheck tells whether its rule fits, and where it fails",)
    return ("look at the operands below, and keep them away from where it happened: autograd.clip, or an eps",)
