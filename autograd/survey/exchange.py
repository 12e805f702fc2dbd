"""Exchange: graphs as JSON, out and in again; and copies that nothing changes any more.

What comes in is not trusted: operations are looked up by name, settings are plain data, operands stand before results,
and every result is computed again and must come out as it says.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

import autograd.rules as rules
from autograd.errors import OperandError, place
from autograd.node import Node
from autograd.primitive import LEAF, REGISTRY, Primitive
from autograd.survey.graph import Graph
from autograd.survey.question import gradient
from autograd.tensor import Tensor, collect, element
from autograd.value import Value

FORMAT = "autograd.Graph 1"
_DTYPES = {f"<{kind}{size}" for kind in "iu" for size in (2, 4, 8)} | {"|i1", "|u1", "|b1", "<f2", "<f4", "<f8"}
_CROSSING = {"collect": collect, "element": element}
_SMALL = {"index", "shift", "k", "order", "blank"}  # settings that may be any number: no array is as long as they say
SPARE = 1000  # numbers that a setting may ask for beyond those that are in the text
_FILLED = "saved"  # a list that an operation fills when it is computed


def copied(graph: Graph) -> Graph:
    """A graph with copies of all numbers and gradients."""
    made: dict[Node, Node] = {}
    for node in graph.nodes:
        data = node.data.copy() if isinstance(node.data, ndarray) else node.data
        g = gradient(node)
        g = node.no_gradient if g is None else float(g) if isinstance(node, Value) else g.copy()
        parents = [made.get(p, p) for p in node.parents]
        made[node] = _node(Value if isinstance(node, Value) else Tensor, data, g, node.primitive, parents, node.params)
        if node.label:
            made[node].label = node.label
        made[node].origin = node.origin
    return _graph(
        list(made.values()), [made[r] for r in graph.roots], {made[n]: graph.names[n] for n in made if n in graph.names}
    )


def _node(kind: Any, data: Any, grad: Any, primitive: Any, parents: Sequence[Node], params: Mapping[str, Any]) -> Node:
    node: Node = object.__new__(kind)
    node.data, node.grad, node.primitive, node.parents = data, grad, primitive, tuple(parents)
    if params:
        node.params = params
    return node


def _graph(nodes: list[Node], roots: list[Node], names: dict[Node, str]) -> Graph:
    graph = object.__new__(Graph)
    graph._set(nodes, roots)
    graph.names = names
    return graph


# Out


def to_json(graph: Graph) -> str:
    """See `Graph.to_json`."""
    places = {node: i for i, node in enumerate(graph.nodes)}
    told = []
    for node in graph.nodes:
        outside = [p for p in node.parents if p not in places]
        if outside:
            raise OperandError(
                f"a part of a graph cannot be written down: {graph.names.get(node)} has operands that are not in it."
                f"{place()}\n  Write the graph of a result, Graph(y).to_json()."
            )
        entry: dict[str, Any] = {"kind": "Value" if isinstance(node, Value) else "Tensor", "data": _out(node.data)}
        if node in graph.names:
            entry["name"] = graph.names[node]
        if node.label:
            entry["label"] = node.label
        if node.parents:
            entry["op"] = node.primitive.name  # type: ignore[union-attr]
            entry["operands"] = [places[p] for p in node.parents]
            params = {key: [] if key == _FILLED else x for key, x in node.params.items()}
            if params:
                entry["settings"] = {key: _setting(x, entry["op"], key) for key, x in params.items()}
        elif node.primitive is not None:
            entry["requires_grad"] = True
        g = gradient(node)
        if g is not None:
            entry["grad"] = _out(float(g) if isinstance(node, Value) else g)
        told.append(entry)
    return json.dumps({"format": FORMAT, "roots": [places[r] for r in graph.roots], "nodes": told}, indent=1)


def _out(x: Any) -> Any:
    """A number, or an array, exactly."""
    if isinstance(x, ndarray):
        little = np.ascontiguousarray(x, x.dtype.newbyteorder("<")).reshape(x.shape)
        text = base64.b64encode(little.tobytes()).decode()
        return {"dtype": little.dtype.str, "shape": list(x.shape), "numbers": text}
    if isinstance(x, bool | int):
        return {"whole": x}
    return x if math.isfinite(x) else repr(float(x))


def _setting(x: Any, op: str, key: str) -> Any:
    if x is None or isinstance(x, bool | int | float | str):
        return {"is": _out(x)} if isinstance(x, float) else {"is": x}
    if isinstance(x, np.generic):
        return {"scalar": _out(np.asarray(x))}
    if isinstance(x, ndarray):
        return {"array": _out(x)}
    if isinstance(x, np.dtype | type):
        return {"dtype": np.dtype(x).str}
    if isinstance(x, slice):
        return {"slice": [_setting(part, op, key) for part in (x.start, x.stop, x.step)]}
    if x is Ellipsis:
        return {"ellipsis": True}
    if isinstance(x, list | tuple):
        return {type(x).__name__ if isinstance(x, list) else "tuple": [_setting(part, op, key) for part in x]}
    raise OperandError(f"{op} has the setting {key}={x!r:.60}, which cannot be written down.{place()}")


# In


class _RefusedError(Exception):
    """What is wrong with a text."""


def from_json(text: str | bytes) -> Graph:
    """See `Graph.from_json`."""
    try:
        return _read(json.loads(text))
    except _RefusedError as error:
        reason = str(error)
    except RecursionError:
        reason = "it goes too deep"
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, MemoryError) as error:
        reason = f"{type(error).__name__}: {error}"
    except OperandError as error:
        reason = str(error).split("\n")[0]
    raise OperandError(f"this is no graph that Graph.to_json has written: {reason:.300}{place()}")


def _read(whole: Any) -> Graph:
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise _RefusedError(f'it is not of the format "{FORMAT}".')
    rules.families()  # so that all operations are known
    nodes: list[Node] = []
    names: dict[Node, str] = {}
    for number, entry in enumerate(whole["nodes"]):
        node = _read_node(entry, nodes, f"node {number}")
        if "name" in entry:
            names[node] = _text(entry["name"])
        if entry.get("label"):
            node.label = _text(entry["label"])
        nodes.append(node)
    roots = [nodes[_place(i, len(nodes), "the roots")] for i in whole["roots"]]
    if len(set(names.values())) != len(names):
        raise _RefusedError("two nodes have one name.")
    return _graph(nodes, roots, names)


def _read_node(entry: Any, before: Sequence[Node], where: str) -> Node:
    if not isinstance(entry, dict) or entry.get("kind") not in ("Value", "Tensor"):
        raise _RefusedError(f"{where} is neither a Value nor a Tensor.")
    kind: Any = Value if entry["kind"] == "Value" else Tensor
    data = _in(entry["data"])
    if kind is Value and isinstance(data, ndarray):
        raise _RefusedError(f"{where} is a Value and holds an array.")
    parents = [before[_place(i, len(before), where)] for i in entry.get("operands", [])]
    primitive: Any = LEAF if entry.get("requires_grad") is True else None
    settings: dict[str, Any] = {}
    if parents:
        primitive = _CROSSING.get(entry["op"]) or REGISTRY.get(entry["op"])
        if primitive is None or not isinstance(entry["op"], str):
            raise _RefusedError(f"{where} is made by {entry['op']!r}, which is no operation here.")
        settings = {_text(key): _setting_in(x) for key, x in entry.get("settings", {}).items()}
        _recompute(primitive, parents, settings, data, where)
    grad: Any = _in(entry["grad"]) if "grad" in entry else kind.no_gradient
    if "grad" in entry and np.shape(grad) != np.shape(data):
        raise _RefusedError(f"{where} has a gradient of another shape.")
    return _node(kind, data, grad, primitive, parents, settings)


def _recompute(primitive: Primitive, parents: Sequence[Node], settings: dict[str, Any], data: Any, where: str) -> None:
    """What the operation gives for these operands. Errors: _RefusedError when it is not what the text says."""
    most = SPARE + np.size(data) + sum(np.size(p.data) for p in parents)
    for key, x in settings.items():
        if key not in _SMALL and not (key == "n" and primitive.name == "power_of") and _largest(x) > most:
            raise _RefusedError(f"{where} has the setting {key}, which would make arrays that are not in the text.")
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if primitive in _CROSSING.values():
            found = primitive.on_array(*(p.data for p in parents), **settings)
        else:
            found = primitive(*(p.data for p in parents), **settings)
    if np.shape(found) != np.shape(data) or not np.array_equal(found, data, equal_nan=True):
        raise _RefusedError(f"{where} is not what {primitive.name} gives for its operands.")


def _largest(x: Any) -> int:
    """The largest whole number in a setting."""
    if isinstance(x, tuple | list):
        return max(map(_largest, x), default=0)
    return abs(int(x)) if isinstance(x, int | np.integer) else 0


def _in(x: Any) -> Any:
    if isinstance(x, dict) and "whole" in x and isinstance(x["whole"], int):
        return x["whole"]
    if isinstance(x, dict):
        dtype, shape = x["dtype"], x["shape"]
        if dtype not in _DTYPES or not all(type(n) is int and n >= 0 for n in shape):
            raise _RefusedError("an array has no dtype or shape that it could have.")
        try:
            raw = base64.b64decode(x["numbers"], validate=True)
        except binascii.Error:
            raise _RefusedError("the numbers of an array are damaged.") from None
        if len(raw) != math.prod(shape) * np.dtype(dtype).itemsize:
            raise _RefusedError("an array has more or fewer numbers than its shape says.")
        found = np.frombuffer(raw, dtype).reshape(shape)
        return found.astype(found.dtype.newbyteorder("="))
    if x in ("nan", "inf", "-inf") or isinstance(x, float):
        return float(x)
    raise _RefusedError(f"{x!r:.40} is no number.")


def _setting_in(x: Any) -> Any:
    if not isinstance(x, dict) or len(x) != 1:
        raise _RefusedError("a setting is damaged.")
    ((kind, inside),) = x.items()
    if kind == "is" and (inside is None or isinstance(inside, bool | int | float | str)):
        return float(inside) if inside in ("nan", "inf", "-inf") else inside
    if kind == "scalar":
        return _in(inside)[()]
    if kind == "array":
        return _in(inside)
    if kind == "dtype" and inside in _DTYPES:
        return np.dtype(inside)
    if kind == "slice" and len(inside) == 3:
        return slice(*map(_setting_in, inside))
    if kind == "ellipsis":
        return ...
    if kind in ("list", "tuple") and isinstance(inside, list):
        parts = [_setting_in(part) for part in inside]
        return parts if kind == "list" else tuple(parts)
    raise _RefusedError(f"a setting of the kind {kind!r} is damaged.")


def _place(i: Any, count: int, where: str) -> int:
    if type(i) is not int or not 0 <= i < count:
        raise _RefusedError(f"{where} names {i!r:.20}, which does not stand before it.")
    return i


def _text(x: Any) -> str:
    if not isinstance(x, str):
        raise _RefusedError(f"{x!r:.40} is no name.")
    return x
