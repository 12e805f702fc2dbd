"""Names: what the user calls the nodes, read from labels and from variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from autograd.node import Node
from autograd.view.text import cut

LONGEST = 48  # labels are cut
MANY = 10_000  # of longer sequences only so many elements are looked at

_SHELL = ("In", "Out")  # where IPython keeps what every cell gave


def names_of(order: Sequence[Node], variables: Mapping[str, Any]) -> dict[Node, str]:
    """The name of every node that has one: its label, or the first variable, in order of definition, that holds it.

    Elements of a list or a tuple are called `w[0]`, entries of a dict `state['w']`, and parameters of a module what
    its `named_parameters()` says.

    >>> from autograd import Value
    >>> a, b, c = Value(1.0), Value(2.0), Value(3.0, label="c")
    >>> list(names_of([a, b, c], {"a": a, "rest": [b, c]}).values())
    ['c', 'a', 'rest[0]']
    """
    nodes = set(order)
    found = {node: _on_one_line(node.label) for node in order if node.label}
    for variable, value in list(variables.items()):
        if not variable.startswith("_") and variable not in _SHELL:
            for name, node in _named(variable, value):
                if isinstance(node, Node) and node in nodes:
                    found.setdefault(node, name)
    return found


def _on_one_line(label: object) -> str:
    return cut("".join(letter if letter.isprintable() else " " for letter in str(label)), LONGEST)


def _named(variable: str, value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Node):
        return [(variable, value)]
    if isinstance(value, list | tuple):
        return ((f"{variable}[{i}]", x) for i, x in enumerate(value[:MANY]))
    if isinstance(value, dict):
        return ((f"{variable}[{key!r}]", x) for key, x in list(value.items())[:MANY])
    if hasattr(type(value), "named_parameters"):
        return ((f"{variable}.{name}", x) for name, x in value.named_parameters())
    return ()


def all_names(order: Iterable[Node], names: Mapping[Node, str]) -> dict[Node, str]:
    """The names, and `v1`, `v2`, ... for the results and leaves without one.

    >>> from autograd import Value
    >>> a, b = Value(1.0), Value(2.0)
    >>> list(all_names([a, b], {b: "b"}).values())
    ['b', 'v1']
    """
    taken = set(names.values())
    free = (name for name in (f"v{i}" for i in count(1)) if name not in taken)
    return {**names, **{node: next(free) for node in order if node not in names and node.primitive is not None}}
