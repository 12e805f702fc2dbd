"""Pack: a script made small for a page, and what a page adds to it: which nodes are gathered in one box.

Beyond what `step/script.py` says:

- Of a graph of single numbers whose formulas are known, texts are left out, and names that nobody gave: the page writes
  them from the numbers, and counts `v1`, `v2`, ... itself.
- Nodes lack what is null, empty, or can be told, as in a compact script.
- `heat.values` are letters, "0" for a share of 0 to "o" for 1 in 63 steps, "~" where there is no number.
- `elements` of a leaf are those of a small array, which a live player lets one change.
- `code` is {"where", "text"}: `train.py:12`, or the number of a notebook's cell, and the line.
- `pieces` are the boxes of a folded graph, in topological order, or null: {"members": [id], "sizes", "kind", "count",
  "title", "note"}. A box opens into items: `sizes` says how many members each has, one each where it is missing.
- `seed` is the gradient that the root starts with, of a graph of single numbers.
- `words` are the texts that many nodes have; a node has their number under `op`, `primitive`, `rule`, `module`...
- `right` is the right order, where `order` is one that is tried.
- `position` is how many events have happened where the page opens; null is the beginning of the backward pass.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from autograd.node import Node
from autograd.origin import Scope
from autograd.source import where
from autograd.step.record import Recording
from autograd.view.choice import Choice
from autograd.view.describe import describe
from autograd.view.fold import Piece, fold
from autograd.view.sketch import Box, Sketch

LIMIT = 300  # nodes of a graph that is drawn whole
FEW = 64  # elements of an array that can be changed
WORDS = ("op", "primitive", "rule", "module", "params", "dtype")
_LETTERS = [chr(48 + i) for i in range(64)]


def pack(recording: Recording, script: dict[str, Any], position: int | None = None) -> dict[str, Any]:
    """The script of a recording for a page. Cost: that of folding, about 10 µs a node."""
    seed = recording.seed if script["scalar"] else None
    packed = {**script, "seed": seed, "position": position, "pieces": _pieces(recording)}
    packed["nodes"] = [_node(node) for node in script["nodes"]]
    for node, still in zip(packed["nodes"], recording.nodes, strict=True):
        if still.is_array and not still.parents and still.data.size <= FEW:
            node["elements"] = [x if math.isfinite(x) else None for x in still.data.ravel().tolist()]
    words: dict[str, int] = {}
    for node in packed["nodes"]:
        node |= {key: words.setdefault(node[key], len(words)) for key in WORDS if key in node}
    packed["words"] = list(words)
    if script["formulas"] is not None:
        for node, still in zip(packed["nodes"], recording.nodes, strict=True):
            for key in ("text", *(["name"] if still not in recording.given_names else [])):
                node.pop(key, None)
        packed["events"] = None
        packed["edges"] = script["edges"]
        if isinstance(script["edges"], list):
            packed["edges"] = {"local_value": [edge["local_value"] for edge in script["edges"]]}
    elif isinstance(script["events"], list):
        packed["events"] = [_with_letters(event) for event in script["events"]]
    return packed


def _pieces(recording: Recording) -> list[dict[str, Any]] | None:
    if len(recording.nodes) <= LIMIT:
        return None
    pieces, sketch = folded(recording, LIMIT, frames=False)
    return [_piece(piece, box) for piece, box in zip(pieces, sketch.boxes, strict=True)]


def folded(recording: Recording, limit: int, frames: bool = True) -> tuple[list[Piece], Sketch]:
    """The boxes of a graph, if it has more than `limit` nodes folded; with a frame around each open module."""
    nodes, roots = recording.nodes, [recording.root]
    scopes: dict[Node, Scope] = {node: scope for node in nodes if (scope := recording.scope_of(node.number))}
    pieces = fold(nodes, roots, scopes, Choice(limit))
    for piece in pieces:
        piece.frame = piece.frame if frames else None  # without one a box is called by its whole name
    for node in nodes:
        node.grad = None
    return pieces, describe(nodes, pieces, roots, recording.given_names, rules=False, scopes=scopes)


def _piece(piece: Piece, box: Box) -> dict[str, Any]:
    items = [item.members for item in piece]
    found: dict[str, Any] = {"members": [i for members in items for i in members]}
    if len(found["members"]) > 1:
        title, note = (box.operation, box.name) if box.operation else (box.name, box.note)
        if box.kind in ("leaf", "constant"):
            title, note = box.kind, box.name
        found |= {"kind": piece.kind, "count": piece.count, "title": title, "note": note.replace("\n", ", ")}
        if len(items) < len(found["members"]):
            found["sizes"] = [len(members) for members in items]
    return {key: value for key, value in found.items() if value != ""}


def _node(node: Mapping[str, Any]) -> dict[str, Any]:
    known = {"id", "type"} | ({"kind"} if node.get("kind") != "constant" else set())  # a leaf has no parents
    found = {key: x for key, x in _with_letters(node).items() if key not in known and x not in (None, "", [])}
    if "code" in found:
        file, line, text = (found["code"][key] for key in ("file", "line", "text"))
        found["code"] = {"where": where(file, line), "text": text}
    return found


def _with_letters(thing: Mapping[str, Any]) -> dict[str, Any]:
    heat = thing.get("heat")
    if not heat:
        return dict(thing)
    letters = "".join("~" if share is None else _LETTERS[round(63 * share)] for share in heat["values"])
    return {**thing, "heat": {**heat, "values": letters}}
