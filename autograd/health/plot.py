"""Plot: a checkup as a picture by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.health.checkup import Checkup

BLUE, ORANGE, RED, GREY = "#2f6db3", "#b8480e", "#cf222e", "#a7b0ba"


def plot(checkup: Checkup, axes: Any = None) -> Any:
    """See `Checkup.plot`."""
    rows = checkup.layers
    if axes is None:
        from matplotlib import pyplot

        height = 1.6 + 0.32 * max(len(rows), 3)
        figure, axes = pyplot.subplots(
            1, 2, figsize=(10, height), sharey=True, width_ratios=(3, 2), layout="constrained"
        )
        figure.suptitle(checkup.headline, fontsize=10, wrap=True)
    left, right = axes
    places = range(len(rows))
    sick = {name for f in checkup.findings for name in f.layer.split(", ")}
    for values, marker, colour, label in (
        ([row.weight for row in rows], "|", GREY, "weights"),
        ([row.gradient for row in rows], "o", ORANGE, "∂loss/∂output"),
        ([row.weight_gradient for row in rows], "s", BLUE, "∂loss/∂weights"),
    ):
        known = [(x, y) for x, y in zip(values, places, strict=True) if x is not None and 0 < x < float("inf")]
        left.plot(
            [x for x, _ in known],
            [y for _, y in known],
            marker,
            color=colour,
            label=label,
            ms=9 if marker == "|" else 6,
        )
    zero = [y for y, row in zip(places, rows, strict=True) if not row.weight_gradient]
    left.set_xscale("log")
    for y in zero:
        look = {"color": RED, "va": "center", "ha": "center", "fontsize": 8, "transform": left.get_yaxis_transform()}
        left.text(0.5, y, "no gradient to its weights", **look)
    left.set_yticks(list(places), [row.layer for row in rows])
    for label, row in zip(left.get_yticklabels(), rows, strict=True):
        if row.layer in sick:
            label.set_color(RED)
            label.set_fontweight("bold")
    left.set_ylim(len(rows) - 0.5, -0.5)
    left.grid(axis="x", color="#e3e6ea")
    left.set_axisbelow(True)
    left.set_xlabel("size (root mean square)")
    left.legend(
        fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.14 if len(rows) > 5 else -0.3), ncols=3, frameon=False
    )
    for shares, colour, label in (
        ([row.dead for row in rows], RED, "dead"),
        ([row.saturated for row in rows], ORANGE, "saturated"),
    ):
        right.barh(places, [100 * (share or 0) for share in shares], 0.5, color=colour, label=label)
    for y, row in zip(places, rows, strict=True):
        right.text(102, y, row.activation, va="center", fontsize=8, color="#5f6b79")
    right.set_xlim(0, 100)
    right.set_xlabel("units of the activation behind it, %")
    right.legend(
        fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.14 if len(rows) > 5 else -0.3), ncols=2, frameon=False
    )
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    return axes
