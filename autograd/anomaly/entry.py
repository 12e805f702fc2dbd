"""Causes outside of any operation: bad numbers that came in, arrays changed too late, slices without elements."""

from __future__ import annotations

import math

from autograd.anomaly.cause import Cause, Scene
from autograd.anomaly.number import nature, plain, statistics

BESIDE = "Make a new array (x = x + 1, x.at[i].set(v)) instead of writing into it, or write after backward()."


def changed(scene: Scene) -> Cause | None:
    """An operand that was written into between its use and the backward pass."""
    if scene.finding.where != "stale":
        return None
    return Cause("the gradient needs its old value", "", (BESIDE,))


def came_in(scene: Scene) -> Cause | None:
    """Numbers that were bad before the first operation."""
    leaf = scene.finding.node
    if leaf.parents or scene.finding.where != "forward":
        return None
    figures = statistics(leaf)
    share = f"{figures.nan + figures.inf:,} of {figures.size:,} numbers {'is' if figures.size == 1 else 'are'} bad"
    if leaf.primitive is None and scene.finding.nature == "inf":
        return Cause(
            "it came in with a constant",
            "An infinity that was put in on purpose, such as a mask, must not be all that there is.",
            ("leave one element of each group open, or put a large finite number in its place: -1e9 for a mask",),
        )
    if leaf.primitive is None:
        return Cause(
            "it is in the data",
            f"{share}: they came in with a constant, such as a table with missing values.",
            (
                "count them with np.isnan(data).sum(), drop or fill those rows before training (nan_to_num, the mean "
                "of the column), and see that no column is divided by a standard deviation of 0",
            ),
        )
    if plain(leaf) is not None and math.isfinite(figures.max) and figures.nan + figures.inf < figures.size:
        why = f"{share}."
    else:
        why = f"{share}: as a rule the step before wrote a bad gradient into it."
    return Cause(
        "it was bad before this step",
        why,
        (
            "start from fresh parameters and run the training inside detect_anomaly() from its first step: the step "
            "that makes the first bad gradient is the culprit",
            "lower the learning rate, and clip gradients before each step: nn.utils.clip_grad_norm_(parameters, 1.0)",
        ),
    )


def singular(scene: Scene) -> Cause | None:
    """A determinant, an inverse or a root of a matrix that has none."""
    if scene.name not in ("slogdet", "inv", "solve", "cholesky", "cofactors", "eigh", "svd", "qr", "pinv", "sqrtm"):
        return None
    a = scene.called(0, "A")
    return Cause(
        "the matrix is singular, or its eigenvalues (singular values) coincide",
        "",
        (f"move it away from there: {a} + 1e-6 * np.eye(n)",),
    )


def constant_group(scene: Scene) -> Cause | None:
    """The normalisation of equal numbers, with nothing added to their variance."""
    if scene.name != "normalization" or scene.finding.node.params.get("eps"):
        return None
    return Cause(
        "numbers that are all equal are normalised, with eps=0",
        "Their variance is 0, and 0 / 0 is nan.",
        ("give it an eps, such as eps=1e-5",),
    )


def empty(scene: Scene) -> Cause | None:
    """The mean of nothing, a variance of too few."""
    operands = scene.finding.operands
    x = operands[0] if operands else None
    if scene.name in ("mean", "mean_all", "var", "std", "sum", "prod", "logsumexp", "max", "min") and x is not None:
        if not x.size:
            return Cause(
                f"{scene.name} of no elements",
                "0 / 0: a mask or slice left nothing over.",
                ("leave such groups out: compute it only if x.size > 0",),
            )
        if scene.name in ("var", "std") and scene.finding.nature and not nature(x):
            return Cause(
                f"{scene.name} of too few elements",
                "With a correction (ddof) as large as the group it divides by 0.",
                ("use ddof=0 (correction=0), or groups of at least two",),
            )
    return None
