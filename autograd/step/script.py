"""Script: a recording as plain data for JSON, from which painters (the player, the widget, an animated SVG) play it.

    {"version": 1, "title": str, "compact": bool, "root": id, "seed": number or null,
     "scalar": bool (single numbers only),
     "nodes": [{"id", "name", "op", "primitive", "rule", "kind": "leaf" | "constant" | "result", "type", "value",
                "text", "shape", "dtype", "parents": [id], "module", "code": {"file", "line", "text"}, "params",
                "heat"}],
     "edges": [{"from": id, "to": id, "slot", "local", "local_latex", "local_numbers", "local_value"}],
     "events": [{"phase": "forward", "node", "text", "latex"},
                {"phase": "seed", "node", "after", "text", "latex"},
                {"phase": "backward", "edge", "node", "upstream", "local", "contribution", "before", "after", "sum",
                 "text", "latex", "heat"}],
     "formulas": {rule: {"value": tree, "partials": [tree]}} or null, "order": [id]}

- A node's `id` is its place in `nodes`, which are in reading order: parents first. An edge's number is its place in
  `edges`: by node, then by slot. `order` has the results as they pass their gradient on, the root first.
- `module`, `code`, `heat`, `shape`, `dtype`, `value` and texts that do not apply are null. `before`, `contribution` and
  `upstream` are null where nothing has arrived or nothing is sent: "·", never 0.
- Numbers that are not finite are the strings "nan", "inf", "-inf".
- `formulas` there is for graphs of single numbers (see `formula.trees`), by the `rule` of a node; null for others, and
  when an operation cannot be read. `primitive` names the operation, `op` is how it is written.
- `heat` is a small picture: rows × cols shares from 0 (`min`) to 1 (`max`), row by row, null where not finite.

A graph of more than `MOST_TEXTS` nodes is `compact`, so that a page of it stays small. Then

- nodes lack `id`, and every key whose value is null, "", false or [] or can be told: `kind` but for constants (a node
  without parents is a leaf, else a result), `text` of single numbers, `name` where the user gave none, and `type`,
  `dtype` and `primitive` where they are equal to the ones in `defaults` or to `op`;
- `edges` is {"local_value": [...]} in the order told above, where the value is known;
- `events` is null for single numbers: forward by node, the seed, backward by `order` and slot but for constants; of
  arrays it is {"backward": [[contribution, after], ...]}, the texts of these in that order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from autograd.errors import AutogradError, place
from autograd.step.event import Event
from autograd.step.formula import trees
from autograd.step.mathematics import LATEX, TEXT, figure, is_single, local_texts, local_values
from autograd.step.record import Recording
from autograd.step.still import Still
from autograd.step.summary import summarize
from autograd.view.text import settings

MOST_TEXTS = 2000  # nodes of a graph whose events are written out
MOST = 100_000  # nodes of a graph that a page can show at all


def script(recording: Recording, title: str = "") -> dict[str, Any]:
    """All that a painter needs to know of a recording, as plain data.

    Errors: AutogradError above 100,000 nodes. Cost: about 0.1 ms for each edge; of arrays several passes over each.
    """
    nodes = recording.nodes
    if len(nodes) > MOST:
        raise AutogradError(
            f"a graph of {len(nodes):,} nodes is too large for a page of steps, which holds {MOST:,}.{place()}\n"
            "  Step through it in the terminal (stepper.debug()), or draw it folded (autograd.draw(y))."
        )
    scalar = not any(node.is_array for node in nodes)
    compact = len(nodes) > MOST_TEXTS
    return {
        "version": 1,
        "title": title or recording.root_name,
        "compact": compact,
        "root": recording.root.number,
        "seed": _number(recording.seed) if scalar else None,
        "scalar": scalar,
        **(_compact(recording, scalar) if compact else _full(recording)),
        "formulas": _formulas(nodes) if scalar else None,
        "order": [node.number for node in recording.consumers],
    }


def _full(recording: Recording) -> dict[str, Any]:
    edges = [edge for node in recording.nodes if node.parents for edge in _edges(node)]
    places = {(edge["to"], edge["slot"]): i for i, edge in enumerate(edges)}
    events = map(recording.event, range(len(recording)))
    return {
        "nodes": [_node(recording, node) for node in recording.nodes],
        "edges": edges,
        "events": [_event(event, places) for event in events],
    }


def _compact(recording: Recording, scalar: bool) -> dict[str, Any]:
    defaults = {"type": "Value" if scalar else "Tensor", "dtype": None if scalar else "float64"}
    nodes = recording.nodes
    found: dict[str, Any] = {
        "defaults": defaults,
        "nodes": [_told(_node(recording, node, brief=True), node, recording, defaults) for node in nodes],
        "edges": {"local_value": [slope for node in nodes if node.parents for slope in _slopes(node)]},
        "events": None,
    }
    if not scalar:
        events = map(recording.event, range(recording.backward_start, len(recording)))
        found["events"] = {"backward": [[_text(event.contribution), _text(event.after)] for event in events]}
    return found


def _told(found: dict[str, Any], node: Still, recording: Recording, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A node without what can be told."""
    leave_out = {"id"} | {key for key, value in defaults.items() if found[key] == value}
    if found["kind"] != "constant":
        leave_out.add("kind")
    if found["value"] is not None:
        leave_out.add("text")
    if node not in recording.given_names:
        leave_out.add("name")
    if found["primitive"] == found["op"]:
        leave_out.add("primitive")
    return {key: value for key, value in found.items() if key not in leave_out and value not in (None, "", [])}


def _node(recording: Recording, node: Still, brief: bool = False) -> dict[str, Any]:
    primitive: Any = node.primitive
    origin = node.origin
    scope = recording.scope_of(node.number)
    single = None if node.is_array and node.data.size != 1 else _item(node.data)
    return {
        "id": node.number,
        "name": recording.names.get(node, ""),
        "op": node.operation,
        "primitive": primitive.word if node.parents else "",
        "rule": _rule_name(node) if node.parents else "",
        "kind": "constant" if primitive is None else "result" if node.parents else "leaf",
        "type": type(node.original).__name__,
        "value": _number(single) if not brief or single is None else _number(float(f"{single:.9g}")),
        "text": figure(node.data, TEXT),
        "shape": list(node.data.shape) if node.is_array else None,
        "dtype": str(node.data.dtype) if node.is_array else None,
        "parents": [parent.number for parent in node.parents],
        "module": ".".join(scope.path) if scope else None,
        "code": {"file": origin.file, "line": origin.line, "text": origin.text} if origin else None,
        "params": "" if not node.parents else settings(primitive.notation, node.params),
        "heat": None if brief else _heat(node.data),
    }


def _edges(node: Still) -> Iterator[dict[str, Any]]:
    for slot, (parent, slope) in enumerate(zip(node.parents, _slopes(node), strict=True)):
        flows = parent.primitive is not None
        local, numbers = local_texts(node, slot, TEXT) if flows else ("", "")
        yield {
            "from": parent.number,
            "to": node.number,
            "slot": slot,
            "local": local,
            "local_latex": local_texts(node, slot, LATEX)[0] if flows else "",
            "local_numbers": numbers,
            "local_value": slope,
        }


def _slopes(node: Still) -> list[Any]:
    """The local derivatives of operations on single numbers; None of others, and of constants."""
    if not is_single(node):
        return [None] * len(node.parents)
    found = zip(local_values(node), node.parents, strict=True)
    return [None if x is None or p.primitive is None else _number(float(_item(x))) for x, p in found]


def _event(event: Event, places: Mapping[tuple[int, int], int]) -> dict[str, Any]:
    found: dict[str, Any] = {"phase": event.phase, "node": event.still.number}
    if event.by is not None:
        local = local_texts(event.by, event.slot, TEXT)
        found |= {
            "edge": places[event.by.number, event.slot],
            "upstream": _text(event.upstream),
            "local": local[1] or local[0],
            "contribution": _text(event.contribution),
            "before": _text(event.before),
        }
    if event.phase != "forward":
        found |= {"after": _text(event.after), "sum": event.sum, "heat": _heat(event.after)}
    return {**found, "text": event.text, "latex": event.latex}


def _formulas(nodes: list[Still]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for node in nodes:
        if node.parents and (rule := _rule_name(node)) not in found:
            found[rule] = trees(node)
            if found[rule] is None:
                return None
    return found


def _rule_name(node: Still) -> str:
    """What formulas are found by: the primitive, with its parameters, and its operands where their number varies."""
    primitive: Any = node.primitive
    params = ", ".join(f"{key}={value}" for key, value in node.params.items() if isinstance(value, int | float | str))
    varies = primitive.bilinear or primitive.name == "total"
    return f"{primitive.name}{f'({params})' if params else ''}{f'/{len(node.parents)}' if varies else ''}"


def _heat(x: Any) -> dict[str, Any] | None:
    if getattr(x, "ndim", 0) == 0 or not x.size:
        return None
    found = summarize(x)
    width = found.high - found.low
    shares = (found.rows - found.low) / width if width > 0 else found.rows * 0 + 0.5
    return {
        "rows": found.rows.shape[0],
        "cols": found.rows.shape[1],
        "values": [None if share != share else share for share in shares.round(3).ravel().tolist()],
        "min": _number(found.low),
        "mean": _number(found.mean),
        "max": _number(found.high),
        "histogram": found.histogram,
        "nan": found.nan,
        "inf": found.inf,
    }


def _text(x: Any) -> str | None:
    return None if x is None else figure(x, TEXT)


def _item(x: Any) -> Any:
    return x.item() if hasattr(x, "item") else x


def _number(x: Any) -> Any:
    """A number that survives JSON."""
    return x if x is None or math.isfinite(x) else "nan" if x != x else "inf" if x > 0 else "-inf"
