"""Record: the events of a graph, each computed when it is asked for, by the engine's own rules.

A `Recording` holds still copies of the nodes, so that its numbers are those of the moment it was made, whatever
happens to the graph afterwards. Where one stands in it is no part of it (that is `Stepper`): event k is the same
whenever and from wherever it is asked for, which is why stepping back needs nothing undone.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.backward import seed_of
from autograd.errors import OperandError, describe, place
from autograd.graph import topological_order
from autograd.node import Node
from autograd.origin import Scope
from autograd.scattered import Scatter
from autograd.step.event import Event
from autograd.step.still import Still, stills
from autograd.sweep import contributions
from autograd.view.module import scopes_of
from autograd.view.names import all_names, names_of
from autograd.view.trace import reading_order

KEPT_BYTES = 1 << 26  # of partial sums of arrays; what is more is computed again when it is looked at
_FORGOTTEN: Any = object()


class Recording:
    """The events of the forward and the backward pass from one node.

    First every node gets its value, operands first; then the seed; then, consumer by consumer, every edge that a
    gradient can go along. The backward pass takes the nodes in the order of `sweep.pull_back`, so that its sums are
    the same, rounding included.

    | attribute | what it is |
    |---|---|
    | `nodes` | a still of each node, in reading order; `node.number` is the place in it |
    | `consumers` | the results, in the order in which they pass their gradient on |
    | `seed` | the gradient of the root |
    | `given_names` | what the user calls the nodes; `names` has one for each |
    | `scopes` | the calls of modules that nodes were made in |

    Errors: GradientError when nothing requires grad, or the graph is gone. Cost: about 3 µs and 300 bytes a node; the
    events themselves a sweep, as far as one goes.
    """

    def __init__(self, root: Node, seed: Any = None, variables: Mapping[str, Any] | None = None) -> None:
        self.seed = seed_of(root, seed, False)
        self.still_of = stills(reading_order([root]))
        self.nodes = list(self.still_of.values())
        self.root = self.still_of[root]
        self.given_names = self._given_names(variables or {})
        if "L" not in self.given_names.values():
            self.given_names.setdefault(self.root, "L")
        self.scopes: dict[Node, Scope] = {}
        for node, scope in scopes_of(list(self.still_of), variables or {}).items():
            self.scopes[self.still_of[node]] = scope
        self.in_order = True  # every node passes its gradient on after all of it has arrived
        self._arrange([self.still_of[node] for node in reversed(topological_order([root])) if node.parents])

    def _given_names(self, variables: Mapping[str, Any]) -> dict[Node, str]:
        """Names from labels and variables, also of constants that are the user's bare arrays."""
        found: dict[Node, str] = {}
        for node, name in names_of(list(self.still_of), variables).items():
            found[self.still_of[node]] = name
        arrays = {
            id(x): name
            for name, x in reversed(list(variables.items()))
            if isinstance(x, ndarray) and not name.startswith("_")
        }
        for node, still in self.still_of.items():
            if node.primitive is None and id(node.data) in arrays:
                found.setdefault(still, arrays[id(node.data)])
        return found

    def _arrange(self, consumers: list[Still]) -> None:
        """Set out the edges for an order of the consumers, none of them gone along yet."""
        self.consumers = consumers
        self._first = array("q")  # of each consumer, the number of its first edge
        self._receivers = array("q")  # of each edge, the number of the node that receives
        for node in consumers:
            self._first.append(len(self._receivers))
            self._receivers.extend([p.number for p in node.parents if p.primitive is not None])
        self._passed: list[Any] = []  # of each consumer swept so far, the gradient that it passed on
        self._before: list[Any] = []  # of each edge swept so far, the gradient of the receiver before it
        self._sums: list[Any] = [None] * len(self.nodes)
        self._sums[self.root.number] = self.seed
        self._kept_bytes = 0
        self._sent_by: tuple[int, Sequence[Any]] = (-1, ())  # the consumer asked for last, and all that it sends
        self._slots_of: tuple[int, Sequence[int]] = (-1, ())  # the same, and the slots that gradients can go to

    def reordered(self, order: Iterable[Any]) -> Recording:
        """The same nodes with another order of the backward pass, given as nodes or names, the root first.

        A node passes on what has arrived at it when its turn comes; one that is left out passes nothing on.
        """
        consumers = [still for still in dict.fromkeys(map(self.find, order)) if still.parents]
        other = self._copy()
        other.in_order = False
        other._arrange(consumers)
        return other

    def on(self, nodes: list[Still]) -> Recording:
        """The same graph on other stills of its nodes, in the same order: of other values, that is."""
        other = self._copy()
        other.nodes, other.root = nodes, nodes[self.root.number]
        other.still_of = {still.original: still for still in nodes}
        pairs = list(zip(self.nodes, nodes, strict=True))
        other.given_names = {new: self.given_names[old] for old, new in pairs if old in self.given_names}
        other.scopes = {new: self.scopes[old] for old, new in pairs if old in self.scopes}
        other._arrange([nodes[still.number] for still in self.consumers])
        return other

    def _copy(self) -> Recording:
        """A copy that has worked out nothing yet."""
        other = copy(self)
        for name in ("_arrivals", "_by_name", "_turn", "names"):
            other.__dict__.pop(name, None)
        return other

    def __len__(self) -> int:
        return self.backward_start + len(self._receivers)

    @property
    def backward_start(self) -> int:
        """The number of the first event of the backward pass; the one before it is the seed."""
        return len(self.nodes) + 1

    def event(self, number: int) -> Event:
        """Event `number`, from 0 to `len(recording) - 1`."""
        if number < len(self.nodes):
            return Event(self, number, "forward", self.nodes[number])
        if number == len(self.nodes):
            return Event(self, number, "seed", self.root, after=self.seed)
        edge = number - self.backward_start
        at, node, slot = self._edge(edge)
        upstream, sent = self._sent(at, slot)
        before = self._gradient_before(edge)
        receiver = node.parents[slot]
        late = not self.in_order and at > self._turn.get(receiver.number, at)
        return Event(self, number, "backward", receiver, node, slot, upstream, sent, before, _add(before, sent), late)

    # Where the edges are

    def operation(self, number: int) -> Still:
        """The node whose operation is at work in an event: the consumer in the backward pass."""
        if number < len(self.nodes):
            return self.nodes[number]
        return self.root if number == len(self.nodes) else self._edge(number - self.backward_start)[1]

    def scope_of(self, number: int) -> Scope | None:
        """The call of a module at work in an event; None when it is in none."""
        return self.scopes.get(self.operation(number))

    def edges_of(self, number: int) -> range:
        """The events of the consumer that event `number` of the backward pass belongs to."""
        at = bisect_right(self._first, number - self.backward_start)
        end = self._first[at] if at < len(self._first) else len(self._receivers)
        return range(self.backward_start + self._first[at - 1], self.backward_start + end)

    def _edge(self, edge: int) -> tuple[int, Still, int]:
        """The consumer of an edge, its place in the order, and the slot."""
        at = bisect_right(self._first, edge) - 1
        node = self.consumers[at]
        if self._slots_of[0] != at:
            self._slots_of = at, [slot for slot, parent in enumerate(node.parents) if parent.primitive is not None]
        return at, node, self._slots_of[1][edge - self._first[at]]

    @cached_property
    def _turn(self) -> dict[int, int]:
        """When each result passes its gradient on."""
        return {node.number: at for at, node in enumerate(self.consumers)}

    @cached_property
    def _arrivals(self) -> tuple[ndarray, ndarray]:
        """The edges sorted by receiver, and where those of each receiver begin."""
        receivers = np.array(self._receivers, np.int64)
        begins = np.zeros(len(self.nodes) + 1, np.int64)
        np.cumsum(np.bincount(receivers, minlength=len(self.nodes)), out=begins[1:])
        return np.argsort(receivers, kind="stable"), begins

    def _edges_into(self, number: int) -> ndarray:
        """The edges that end at a node, in the order in which gradients go along them."""
        edges, begins = self._arrivals
        found: ndarray = edges[begins[number] : begins[number + 1]]
        return found

    def arrivals(self, node: Still) -> list[int]:
        """The numbers of the events that write the gradient of a node, in order."""
        found: list[int] = (self._edges_into(node.number) + self.backward_start).tolist()
        return [self.backward_start - 1, *found] if node is self.root else found

    def count(self, event: Event) -> str:
        """Which contribution to its node a backward event is: `2 of 3 consumers`; nothing when there is but one."""
        edges = self._edges_into(event.still.number)
        if event.by is None or len(edges) < 2:
            return ""
        place = int(np.searchsorted(edges, event.number - self.backward_start)) + 1
        consumers = np.searchsorted(np.array(self._first, np.int64), edges, side="right")
        one_each = len(np.unique(consumers)) == len(edges)
        return f"{place} of {len(edges)} {'consumers' if one_each else 'uses'}"

    # Names

    @cached_property
    def names(self) -> dict[Node, str]:
        """What the nodes are called: by their labels and variables, else `v1`, `v2`, ...; the root without one is L."""
        return all_names(self.nodes, self.given_names)

    @property
    def root_name(self) -> str:
        """What is differentiated, as the L of ∂L/∂x."""
        return self.names[self.root]

    def knows(self, name: str) -> bool:
        """Whether a node has this name."""
        return name in self._by_name

    def find(self, x: Any) -> Still:
        """The still of a node, given the node, a still of it, or its name."""
        found = self.still_of.get(x) if isinstance(x, Node) else self._by_name.get(x)
        if isinstance(x, Still) and x.number < len(self.nodes) and self.nodes[x.number] is x:
            found = x
        if found is None:
            raise OperandError(
                f"{describe(x) if isinstance(x, Node) else repr(x)} is not part of this graph.{place()}\n"
                f"  The names known are: {', '.join(list(self.given_names.values())[:20]) or 'none; use label='}."
            )
        return found

    @cached_property
    def _by_name(self) -> dict[str, Still]:
        return {name: node for node in reversed(self.nodes) if (name := self.names.get(node, ""))}

    # The sweep

    def gradient(self, node: Still, number: int) -> Any:
        """The gradient of a node after event `number`; None when nothing has arrived yet."""
        arrivals = self.arrivals(node)
        arrived = bisect_right(arrivals, number)
        return self.event(arrivals[arrived - 1]).after if arrived else None

    def is_reached(self, node: Still, number: int) -> bool:
        """Whether anything has been sent to a node by event `number`: `gradient`, without computing it."""
        return any(arrival <= number for arrival in self.arrivals(node)[:1])

    def _sent(self, at: int, slot: int) -> tuple[Any, Any]:
        """The gradient that a consumer passes on, and what the operand in a slot gets of it."""
        self._sweep(at)
        upstream = self._passed[at]
        if upstream is None:
            return None, None
        if self._sent_by[0] != at:
            self._sent_by = at, self._rule(self.consumers[at], upstream)
        return upstream, self._sent_by[1][slot]

    @staticmethod
    def _rule(node: Still, upstream: Any) -> Sequence[Any]:
        wanted = [parent.primitive is not None for parent in node.parents]
        with np.errstate(all="ignore"):  # what is not finite is shown
            found = contributions(node, upstream, wanted)
        return [_plain(c, p) if want else None for c, p, want in zip(found, node.parents, wanted, strict=True)]

    def _sweep(self, at: int) -> None:
        """Let the consumers up to number `at` pass on what has arrived at them by then."""
        while len(self._passed) <= at:
            node = self.consumers[len(self._passed)]
            upstream = self._sums[node.number]
            self._passed.append(upstream)
            sent = [None] * len(node.parents) if upstream is None else self._rule(node, upstream)
            for parent, c in zip(node.parents, sent):
                if parent.primitive is not None:
                    before = self._sums[parent.number]
                    self._sums[parent.number] = _add(before, c)
                    self._before.append(self._worth_keeping(before))

    def _worth_keeping(self, before: Any) -> Any:
        if isinstance(before, ndarray):
            self._kept_bytes += before.nbytes
            if self._kept_bytes > KEPT_BYTES:
                return _FORGOTTEN
        return before

    def _gradient_before(self, edge: int) -> Any:
        """The gradient of the receiver of an edge before it: kept, or added up again from where it was kept."""
        kept = self._before[edge]
        if kept is not _FORGOTTEN:
            return kept
        edges = self._edges_into(self._receivers[edge])
        earlier = edges[: np.searchsorted(edges, edge)].tolist()
        missing = []
        while kept is _FORGOTTEN:
            missing.append(earlier.pop())
            kept = self._before[missing[-1]]
        for one in reversed(missing):
            at, _, slot = self._edge(one)
            kept = _add(kept, self._sent(at, slot)[1])
        return kept


def _add(before: Any, sent: Any) -> Any:
    return before if sent is None else sent if before is None else before + sent


def _plain(c: Any, receiver: Still) -> Any:
    """A contribution as a float or an array."""
    if c is None:
        return None
    if isinstance(c, Scatter):
        return c.dense()
    return np.asarray(c) if receiver.is_array else float(c)
