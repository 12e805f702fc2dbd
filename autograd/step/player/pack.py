"""Pack: a script made small for a page, and what a page adds to it: which nodes are gathered in one box.

Beyond what `step/script.py` says:

- Of a graph of single numbers whose formulas are known, texts are left out: the page writes them from the numbers.
- `heat.values` are letters, "0" for a share of 0 to "o" for 1 in 63 steps, "~" where there is no number.
- `elements` of a leaf are those of a small array, which a live player lets one change.
- `code.file` is the name of the file; of a notebook's cell it is "cell".
- `pieces` are the boxes of a folded graph, in topological order: {"members": [id], "kind", "count"}; or null.
- `position` is how many events have happened where the page opens; null is the beginning of the backward pass.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any

from autograd.step.record import Recording
from autograd.view.fold import fold

LIMIT = 300  # nodes of a graph that is drawn whole
FEW = 64  # elements of an array that can be changed
_LETTERS = [chr(48 + i) for i in range(64)]


def pack(recording: Recording, script: dict[str, Any], position: int | None = None) -> dict[str, Any]:
    """The script of a recording for a page. Cost: that of folding, about 10 µs a node."""
    packed = {**script, "position": position, "pieces": _pieces(recording)}
    packed["nodes"] = [_node(node) for node in script["nodes"]]
    for node, still in zip(packed["nodes"], recording.nodes, strict=True):
        if still.is_array and not still.parents and still.data.size <= FEW:
            node["elements"] = [x if math.isfinite(x) else None for x in still.data.ravel().tolist()]
    if script["formulas"] is not None:
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
    found = fold(recording.nodes, [recording.root], LIMIT)
    return [{"members": piece.members, "kind": piece.kind, "count": piece.count} for piece in found]


def _node(node: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: value for key, value in _with_letters(node).items() if value not in (None, "", []) and key != "id"}
    if "code" in found:
        file = os.path.basename(found["code"]["file"])
        inside = "ipykernel" in found["code"]["file"] or file.startswith("<")
        found["code"] = {**found["code"], "file": "cell" if inside else file}
    return found


def _with_letters(thing: Mapping[str, Any]) -> dict[str, Any]:
    heat = thing.get("heat")
    if not heat:
        return dict(thing)
    letters = "".join("~" if share is None else _LETTERS[round(63 * share)] for share in heat["values"])
    return {**thing, "heat": {**heat, "values": letters}}
