"""Module: which module each node of a graph belongs to.

What was recorded inside `annotate()` knows the call of the module that it was made in. Of other graphs it is inferred
from the modules that the caller's variables hold:

- An operation with parameters among its operands belongs to the module that has them; the innermost around all of
  them, where they are of several.
- What lies between, an activation or a sum, belongs to the innermost module around both the last such operation
  before it and the first one after it. So the relu between two layers of a model is the model's own. Where these two
  use the same parameter, they are two calls of a module, and what lies between is outside of it.
- What has no such operation before it, or none after it, belongs to no module: inputs and losses do not.

Where a module is called again and again, all of its calls are one, then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.origin import Origin, Scope
from autograd.view.names import is_module, things_in


def module_paths(order: Sequence[Node], variables: Mapping[str, Any]) -> dict[Node, tuple[str, ...]]:
    """The path of modules of each node that is in one, outermost first: `("model", "layers.0", "activation")`.

    `order` is a topological order, leaves included; see `scopes_of` for more than the names.

    >>> import autograd, nn
    >>> from autograd.view.trace import reading_order
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    >>> x = autograd.Tensor([1.0, 2.0], "float32")
    >>> y = model(x)
    >>> found = module_paths(reading_order([y]), {"model": model})
    >>> [(node.operation, found[node]) for node in reading_order([y]) if node in found and node.parents]
    [('affine', ('model', '0')), ('tanh', ('model',)), ('affine', ('model', '2'))]
    >>> with autograd.annotate():
    ...     y = model(x)
    >>> found = module_paths(reading_order([y]), {})
    >>> [(node.operation, found[node]) for node in reading_order([y]) if node in found and node.parents]
    [('affine', ('model', '0')), ('tanh', ('model', '1')), ('affine', ('model', '2'))]
    """
    return {node: scope.path for node, scope in scopes_of(order, variables).items()}


def scopes_of(order: Sequence[Node], variables: Mapping[str, Any]) -> dict[Node, Scope]:
    """The innermost scope of each node that is in one; recorded ones where there are any, else inferred ones.

    Leaves are where they are used: in the innermost scope around all their uses, but outside of the calls that they
    were given to. (What was given is not known of inferred ones: only parameters and single numbers are in those.)
    Cost: one pass over the graph and one over the parameters.
    """
    return recorded(order) or inferred(order, variables)


def recorded(order: Sequence[Node]) -> dict[Node, Scope]:
    """The scopes of a graph, or of its parts, that were noted inside `annotate()`."""
    found = {node: node.origin.scope for node in order if isinstance(node.origin, Origin) and node.origin.scope}
    return found and found | _of_leaves(order, found)


def inferred(order: Sequence[Node], variables: Mapping[str, Any]) -> dict[Node, Scope]:
    """The scopes that follow from the modules that the variables hold."""
    owners = _owners(variables)
    if not owners:
        return {}
    found = _inferred(order, owners)
    leaves = _of_leaves(order, found)
    return found | {leaf: scope for leaf, scope in leaves.items() if leaf in owners or _is_number(leaf)}


def innermost(scopes: Iterable[Scope | None]) -> Scope | None:
    """The innermost scope around all of these, or None. Of several calls of a module it is the first."""
    first, *others = dict.fromkeys(scopes) or [None]
    around = first.chain if first and others else ()
    for scope in others:
        same = takewhile(lambda pair: pair[0].name == pair[1].name, zip(around, scope.chain if scope else ()))
        around = tuple(a for a, _ in same)
    return first if not others else around[-1] if around else None


def _of_leaves(order: Sequence[Node], found: Mapping[Node, Scope]) -> dict[Node, Scope]:
    users: dict[Node, list[Scope | None]] = {node: [] for node in order if not node.parents}
    for node in order:
        for parent in node.parents:
            if not parent.parents:
                users[parent].append(found.get(node))
    leaves: dict[Node, Scope] = {}
    for leaf, scopes in users.items():
        scope = innermost(scopes)
        while scope is not None and any(given is leaf or given is leaf.data for given in scope.given):
            scope = scope.outer
        if scope is not None:
            leaves[leaf] = scope
    return leaves


def _is_number(leaf: Node) -> bool:
    """Whether a leaf is a constant of one element, such as the 2 in 2 * x."""
    return leaf.primitive is None and np.size(leaf.data) == 1


def _inferred(order: Sequence[Node], owners: Mapping[Node, Scope | None]) -> dict[Node, Scope]:
    found: dict[Node, Scope] = {}
    base = {node: node for node in order if node in owners}  # the parameter that a node is, turned or reshaped or not
    uses: dict[Node, set[Node]] = {}
    for node in order:
        mine = {base[parent] for parent in node.parents if parent in base}
        scope = innermost(owners[parameter] for parameter in mine)
        if scope is not None:
            found[node], uses[node] = scope, mine
            if len(node.parents) == 1 and _only_moves(node):
                (base[node],) = mine
    before, after = _neighbours(order, found)
    between = [(node, before[node], after[node]) for node in order if node in before and node in after]
    for node, a, b in between:
        if node in uses:
            continue
        scope = innermost((found[a], found[b]))
        if found[a] is found[b] and not uses[a].isdisjoint(uses[b]):
            scope = found[a].outer
        if scope is not None:
            found[node] = scope
    return found


def _only_moves(node: Node) -> bool:
    """Whether a node has the elements of its operand in another place."""
    primitive: Any = node.primitive
    return primitive.transpose is not None and np.size(node.data) == np.size(node.parents[0].data)


def _neighbours(order: Sequence[Node], found: Collection[Node]) -> tuple[dict[Node, Node], dict[Node, Node]]:
    """For each node the last operation of `found` before it, and the first one after it."""
    turn = {node: i for i, node in enumerate(order)}
    before: dict[Node, Node] = {}
    after: dict[Node, Node] = {}
    for node in order:
        met = [
            parent if parent in found else before[parent]
            for parent in node.parents
            if parent in found or parent in before
        ]
        if met:
            before[node] = max(met, key=turn.__getitem__)
    for node in reversed(order):
        if node in found or node in after:
            first = node if node in found else after[node]
            for parent in node.parents:
                if parent not in after or turn[first] < turn[after[parent]]:
                    after[parent] = first
    return before, after


def _owners(variables: Mapping[str, Any]) -> dict[Node, Scope | None]:
    """The scope of each parameter of the modules that the variables hold; of a shared one, that around its owners."""
    modules = [(name, thing, dict(thing.named_modules())) for name, thing in things_in(variables) if is_module(thing)]
    seen: set[int] = set()
    owners: dict[Node, list[Scope]] = {}
    for name, thing, inside in sorted(modules, key=lambda found: -len(found[2])):  # those that contain others first
        if id(thing) in seen:
            continue
        seen.update(map(id, inside.values()))
        scopes = {"": Scope(name, type(thing).__name__)}
        for path, module in inside.items():
            if path:
                outer = _prefix(path, scopes)
                part = path.removeprefix(outer).removeprefix(".")
                scopes[path] = Scope(part, type(module).__name__, outer=scopes[outer])
        for path, parameter in thing.named_parameters(remove_duplicate=False):
            owners.setdefault(parameter, []).append(scopes[_prefix(path, scopes)])
    return {parameter: innermost(scopes) for parameter, scopes in owners.items()}


def _prefix(path: str, scopes: Collection[str]) -> str:
    """The longest part of a path, from its beginning, that is the path of a module; `layers` of a list is none."""
    while True:
        path = path.rpartition(".")[0]
        if path in scopes:
            return path
