"""Picture: a difference of two graphs as a drawing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.node import Node
from autograd.survey.difference import Difference, made
from autograd.view.style import FONT

if TYPE_CHECKING:
    from graphviz import Digraph

DRAWN = 150  # boxes; of larger graphs only what has changed and what is beside it
INK, LINE = "#1d2733", "#5f6b79"
COLOURS = {"new": "#1a7f37", "gone": "#cf222e", "changed": "#d4760a", "": "#a7b0ba"}
FILLS = {"new": "#eaf7ee", "gone": "#fdeeee", "cause": "#ffe3c2", "changed": "#fffaf3", "": "#ffffff"}
WORDS = {"new": "new", "gone": "gone", "cause": "changed by itself", "changed": "follows from that", "": "as before"}


def digraph(difference: Difference) -> Digraph:
    """See `Difference.digraph`."""
    from graphviz import Digraph

    told: dict[Node, list[str]] = {}
    for change in sorted(difference.changed, key=lambda change: change.what != "value"):
        told.setdefault(change.after, []).append(change.text)
    causes = {change.after for change in difference.causes}
    added, removed = set(difference.added), set(difference.removed)
    drawn = _drawn(difference, set(told))
    ids = {node: f"n{i}" for i, node in enumerate(drawn)}
    back = {old: new for new, old in difference.pairs.items()}

    def sort(node: Node) -> str:
        found = {"new": added, "gone": removed, "cause": causes, "changed": told}
        return next((word for word, nodes in found.items() if node in nodes), "")

    sorts = {node: sort(node) for node in drawn}
    look = {"shape": "box", "fontname": FONT, "fontsize": "12", "margin": "0.3,0.08", "fontcolor": INK}
    lines = {"color": LINE, "arrowsize": "0.7"}
    head = {"rankdir": "LR", "fontname": FONT, "fontsize": "11", "labelloc": "t", "labeljust": "l"}
    graph = Digraph(graph_attr={**head, "label": _legend(set(sorts.values()))}, node_attr=look, edge_attr=lines)
    for node, kind in sorts.items():
        names = difference.before.names if kind == "gone" else difference.after.names
        graph.node(ids[node], label=_label(node, names, told.get(node, [])), **_style(node, kind))
    for node, kind in sorts.items():
        for parent in node.parents:
            source = ids.get(parent) or ids.get(back.get(parent, parent))
            if source:
                colour = {"new": COLOURS["new"], "gone": COLOURS["gone"]}
                fresh = parent in added and kind != "gone"
                style = {"color": colour["new"]} if fresh else {"color": colour[kind]} if kind in colour else {}
                graph.edge(source, ids[node], **style, **({"style": "dashed"} if kind == "gone" else {}))
    for new, old in difference.pairs.items():
        for parent in old.parents:
            if parent in removed and parent in ids and new in ids:
                graph.edge(ids[parent], ids[new], color=COLOURS["gone"], style="dashed")
    return graph


def _drawn(difference: Difference, changed: set[Node]) -> list[Node]:
    everything = [*difference.after.nodes, *difference.removed]
    if len(everything) <= DRAWN:
        return everything
    chosen = changed | set(difference.added) | set(difference.removed)
    chosen |= {parent for node in chosen for parent in node.parents}
    return [node for node in everything if node in chosen][:DRAWN]


def _style(node: Node, kind: str) -> dict[str, Any]:
    """Leaves have square corners; what is gone has dashes; what changed by itself is filled and has a thick line."""
    corners = ["rounded"] if node.parents else []
    dashes = ["dashed"] if kind == "gone" else []
    colour = COLOURS["changed" if kind == "cause" else kind]
    width = {"cause": "2.6", "new": "2.0", "gone": "1.6"}.get(kind, "1.2")
    return {
        "style": ",".join(["filled", *corners, *dashes]),
        "fillcolor": FILLS[kind],
        "color": colour,
        "penwidth": width,
    }


def _label(node: Node, names: Mapping[Node, str], told: list[str]) -> str:
    shape = f"  {np.shape(node.data)}" if np.ndim(node.data) and (node.parents or node in names) else ""
    first = f"{names[node]}{shape}" if not node.parents and node in names else made(node, names) + shape
    return "\\n".join(map(in_label, [first, *told]))


def in_label(text: str) -> str:
    """A text as it may stand in a label of Graphviz's, between quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _legend(kinds: set[str]) -> str:
    """What the colours mean, of those that there are."""
    if kinds <= {""}:
        return "no difference"
    parts = [
        f'<font color="{COLOURS["changed" if kind == "cause" else kind] if kind else LINE}">'
        f"{'<b>' if kind == 'cause' else ''}■ {word}{'</b>' if kind == 'cause' else ''}</font>"
        for kind, word in WORDS.items()
        if kind in kinds
    ]
    return f"<{'&#160;&#160;&#160;'.join(parts)}>"
