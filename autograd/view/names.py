"""Names: what the user calls the nodes, read from labels, from variables, and from the lines that made them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import count
from types import ModuleType
from typing import Any

from numpy import ndarray

from autograd.node import Node
from autograd.origin import Origin, Scope
from autograd.view.text import cut

LONGEST = 48  # labels are cut
MANY = 10_000  # of longer sequences only so many elements are looked at
FEW = 100  # a list longer than that which begins with a plain number is not looked into
DEEP = 2  # containers inside one another that are looked into

_SHELL = ("In", "Out")  # where IPython keeps what every cell gave
_PLAIN = (str, bytes, int, float, complex, type, type(None), ModuleType, ndarray, Node)  # nothing to look into
_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def names_of(order: Sequence[Node], variables: Mapping[str, Any]) -> dict[Node, str]:
    """The name of every node that has one, from the first of these that gives one:

    1. its label;
    2. the variables, those of a constant that hold its array: directly, in order of definition, then as `w[0]` in a
       list, `state['w']` in a dict, `self.w` in an object, one more level down, and as what the `named_parameters()`
       of a module says;
    3. of what was recorded inside `annotate()`, the variable that its line assigned it to, also in a function that has
       returned. A variable that held several things, one after the other, is numbered: `h₁`, `h₂`.

    >>> from autograd import Value, annotate
    >>> a, b, c = Value(1.0), Value(2.0), Value(3.0, label="c")
    >>> list(names_of([a, b, c], {"a": a, "rest": [b, c]}).values())
    ['c', 'a', 'rest[0]']
    >>> def energy(x):
    ...     half = x / 2.0
    ...     return half * x
    >>> with annotate():
    ...     y = energy(a)
    >>> list(names_of([a, y.parents[0], y], {}).values())
    ['half', 'y']
    """
    nodes = set(order)
    found = {node: _on_one_line(node.label) for node in order if node.label}
    constants: dict[int, list[Node]] = defaultdict(list)
    for node in order:
        if node.primitive is None and type(node.data) is ndarray:
            constants[id(node.data)].append(node)
    for name, thing in things_in(variables):
        if is_module(thing):
            for path, parameter in thing.named_parameters():
                if parameter in nodes:
                    found.setdefault(parameter, f"{name}.{path}")
        elif isinstance(thing, ndarray):
            for constant in constants.get(id(thing), ()):
                found.setdefault(constant, name)
        elif thing in nodes:
            found.setdefault(thing, name)
    return found | _assigned(order, found)


def _on_one_line(label: object) -> str:
    return cut("".join(letter if letter.isprintable() else " " for letter in str(label)), LONGEST)


def _assigned(order: Sequence[Node], named: Mapping[Node, str]) -> dict[Node, str]:
    """The names of nodes without one that were noted when they were recorded."""
    held: dict[tuple[Scope | None, str], list[Node]] = defaultdict(list)
    for node in order:
        if isinstance(node.origin, Origin) and node.origin.name:
            held[node.origin.scope, node.origin.name].append(node)
    taken = Counter(named.values())
    found: dict[Node, str] = {}
    for (_, name), nodes in held.items():
        several = len(nodes) > 1 or taken[name]
        for i, node in enumerate(nodes, start=1):
            if node not in named:
                found[node] = name + str(i).translate(_BELOW) if several else name
    return found


def is_module(thing: object) -> bool:
    """Whether a thing has parameters inside, with names: a module of `nn`, or what looks like one."""
    return hasattr(type(thing), "named_parameters") and hasattr(type(thing), "named_modules")


def things_in(variables: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Nodes, arrays and modules that variables hold, and how one would write them: `w`, `w[0]`, `state['w']`, `self.w`.

    What is nearer comes first. But where one leaf or module alone of a list has a variable of its own, that comes
    last: it is what a loop over the list has left behind.
    """
    level = [
        (name, value) for name, value in list(variables.items()) if not name.startswith("_") and name not in _SHELL
    ]
    direct = {id(value) for _, value in level if _is_leaf(value) or is_module(value)}
    lists = [value[:MANY] for _, value in level if isinstance(value, list | tuple) and len(value) > 1]
    in_lists = [[id(part) for part in parts if id(part) in direct] for parts in lists]
    left_behind = {found[0] for found in in_lists if len(found) == 1}
    last = [(name, value) for name, value in level if id(value) in left_behind]
    level = [(name, value) for name, value in level if id(value) not in left_behind]
    for _ in range(DEEP + 1):
        yield from ((name, value) for name, value in level if isinstance(value, Node | ndarray) or is_module(value))
        level = [part for name, value in level for part in _inside(name, value)]
    yield from last


def _is_leaf(thing: object) -> bool:
    return isinstance(thing, Node) and thing.is_leaf


def _inside(name: str, value: Any) -> Iterable[tuple[str, Any]]:
    """What a container holds: a list, a dict, or an object by its attributes."""
    if isinstance(value, _PLAIN) or is_module(value):
        return ()
    if isinstance(value, list | tuple):
        if len(value) > FEW and isinstance(value[0], int | float):
            return ()  # data
        return ((f"{name}[{i}]", part) for i, part in enumerate(value[:MANY]))
    if isinstance(value, dict):
        return ((f"{name}[{key!r}]", part) for key, part in list(value.items())[:MANY])
    attributes = getattr(value, "__dict__", None) or {key: getattr(value, key, None) for key in _slots(value)}
    return ((f"{name}.{key}", part) for key, part in list(attributes.items()) if not key.startswith("_"))


def _slots(value: object) -> Iterable[str]:
    return (field.name for field in fields(value)) if is_dataclass(value) and not isinstance(value, type) else ()


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
