"""Stepper: walk through the forward and backward pass of a graph, one event at a time, forwards and backwards.

The events stand in a `Recording`; a Stepper is a place in it, and the ways to move.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, overload

from autograd.errors import GradientError, OperandError, describe, place
from autograd.node import Node
from autograd.step.event import Event
from autograd.step.order import verdict
from autograd.step.record import Recording
from autograd.step.run import call
from autograd.step.stop import Stop, at_place, on_condition
from autograd.step.stride import Stride, end_after, end_before


class Stepper(Sequence[Event]):
    """The steps of a forward and backward pass, to walk through.

    `Stepper(y)` takes a result, whose graph is there already. `Stepper(f, *args)` runs a function, with the lines of
    code recorded; floats and arrays among the arguments become leaves, with the names that the function gives them.

    | | |
    |---|---|
    | `len(s)`, `s[k]`, `for event in s` | all events, wherever one stands |
    | `event`, `position` | the event one stands at, and its number; None and -1 before the first |
    | `forward(by)`, `back(by)` | one `"edge"`, `"node"` or `"module"` on, or back |
    | `goto(k)`, `to(place)` | to event k; to the next event at a name, an operation, a line |
    | `break_at(place)`, `watch(condition)`, `continue_()` | on to where something holds, also backwards |
    | `value(x)`, `grad(x)`, `gradients` | what is known at this point |
    | `who(x)` | the events that wrote the gradient of x |
    | `order`, `try_order(order)` | in which order gradients are passed on, and what another would do |

    The numbers are those of the moment the Stepper was made, and no gradient of yours is touched.

    >>> from autograd import Value, tanh
    >>> a, b = Value(0.5), Value(-2.0)
    >>> y = tanh(a * b) + a
    >>> s = Stepper(y)
    >>> print(s.to("b"))
       1  b = −2.0, a leaf
    >>> for event in s.who("a"): print(event)
       7  ∂y/∂a += 1.0 × 1 = 1.0
       9  ∂y/∂a += 0.42 × (−2.0) = −0.8399
          ∂y/∂a = 1.0 + (−0.8399) = 0.1601 (2 of 2 consumers)
    >>> print(s.grad(a))
    None
    >>> s.goto(-1).number, s.grad(a) == s.gradients[a] == s.who(a)[-1].after
    (10, True)

    Errors: GradientError when nothing requires grad, or when `backward()` has let the graph go.
    """

    def __init__(
        self,
        y: Node | Callable[..., Any],
        *args: Any,
        seed: Any = None,
        names: Mapping[str, Any] | Literal[False] | None = None,
    ) -> None:
        if names is None:
            caller = sys._getframe(1)
            names = {**caller.f_locals, **{k: v for k, v in caller.f_globals.items() if k not in caller.f_locals}}
        root, arguments = (y, {}) if isinstance(y, Node) else call(y, args)
        known = {**arguments, **(names or {}), **arguments}  # the arguments come first, and are what these names mean
        self._begin(Recording(root, seed, known))

    @classmethod
    def of(cls, recording: Recording) -> Stepper:
        """A Stepper through a recording that is there already."""
        found = cls.__new__(cls)
        found._begin(recording)
        return found

    def _begin(self, recording: Recording) -> None:
        self.recording = recording
        self.position = -1
        self.stops: list[Stop] = []
        self.stopped_by: Stop | None = None
        self.right: Recording | None = None  # where this Stepper tries another order: the right one

    # All events

    def __len__(self) -> int:
        return len(self.recording)

    @overload
    def __getitem__(self, number: int) -> Event: ...
    @overload
    def __getitem__(self, number: slice) -> list[Event]: ...
    def __getitem__(self, number: int | slice) -> Event | list[Event]:
        numbers = range(len(self))[number]
        return self.recording.event(numbers) if isinstance(numbers, int) else list(map(self.recording.event, numbers))

    def __iter__(self) -> Iterator[Event]:
        return map(self.recording.event, range(len(self)))

    def __repr__(self) -> str:
        return f"<Stepper at event {self.position} of {len(self):,}>"

    # Where one stands

    @property
    def event(self) -> Event | None:
        """The event that has happened last."""
        return self.recording.event(self.position) if self.position >= 0 else None

    def value(self, x: Any) -> Any:
        """The value of a node (or its name) at this point; None as long as the forward pass has not come to it."""
        still = self.recording.find(x)
        return still.data if still.number <= self.position else None

    def grad(self, x: Any) -> Any:
        """The gradient of a node (or its name) at this point; None as long as nothing has arrived at it."""
        return self.recording.gradient(self.recording.find(x), self.position)

    @property
    def gradients(self) -> dict[Node, Any]:
        """The gradients so far, of all nodes that something has arrived at."""
        found = {node.original: self.recording.gradient(node, self.position) for node in self.recording.nodes}
        return {node: g for node, g in found.items() if g is not None}

    @property
    def names(self) -> dict[Node, str]:
        """What the nodes are called in texts."""
        return {
            still.original: self.recording.names[still]
            for still in self.recording.nodes
            if still in self.recording.names
        }

    # Moving

    def goto(self, number: int | Event) -> Event:
        """To event `number`, counted from the end when negative, or to an event that was found otherwise."""
        self.position = range(len(self))[number.number if isinstance(number, Event) else number]
        return self.recording.event(self.position)

    def restart(self) -> None:
        """To before the first event."""
        self.position = -1

    def forward(self, by: Stride = "edge") -> Event | None:
        """One edge on, or to the end of the next operation, or of the next module; None at the end.

        In the forward pass every node is an event of its own; by node, leaves and constants are passed over.
        """
        if self.position + 1 >= len(self):
            return None
        return self.goto(end_after(self.recording, self.position, by))

    def back(self, by: Stride = "edge") -> Event | None:
        """One edge back, or to the end of the operation before, or of the module before; None at the start."""
        self.position = end_before(self.recording, self.position, by) if self.position >= 0 else -1
        return self.event

    def to(self, where: Any, *, backwards: bool = False) -> Event | None:
        """To the next event at a name, a node, an operation, a line, or as a function says; None when there is none."""
        found = self._next([at_place(self.recording, where)], backwards)
        return None if found is None else self.goto(found[0])

    def _next(self, stops: Sequence[Stop], backwards: bool) -> tuple[Event, Stop] | None:
        numbers = range(self.position - 1, -1, -1) if backwards else range(self.position + 1, len(self))
        for number in numbers if stops else ():
            event = self.recording.event(number)
            for stop in stops:
                if stop.holds(event):
                    return event, stop
        return None

    def break_at(self, where: Any) -> Stop:
        """Make `continue_()` stop at a name, a node, an operation (`"tanh"`), a line (`12`, `"train.py:12"`)."""
        self.stops.append(at_place(self.recording, where))
        return self.stops[-1]

    def watch(self, condition: Any) -> Stop:
        """Make `continue_()` stop where a condition holds.

        `"|grad| > 10"` and `"value < 0"` are of every event, of arrays any element; `"nan"` is a result that is not
        finite; a name or a node is a change of its gradient; and a function is asked about every event.
        """
        self.stops.append(on_condition(self.recording, condition))
        return self.stops[-1]

    def continue_(self, *, backwards: bool = False) -> Event | None:
        """On to the next event where a break or a watch holds (`stopped_by`); else to the end, or the start: None."""
        found = self._next(self.stops, backwards)
        self.stopped_by = found[1] if found else None
        if found:
            return self.goto(found[0])
        self.position = -1 if backwards else len(self) - 1
        return None

    # Questions

    def who(self, x: Any) -> list[Event]:
        """Who wrote this gradient: all events that contribute to the gradient of a node (or its name), in order."""
        return list(map(self.recording.event, self.recording.arrivals(self.recording.find(x))))

    @property
    def order(self) -> list[Node]:
        """The results, in the order in which they pass their gradient on: each after all of its consumers."""
        return [still.original for still in self.recording.consumers]

    def try_order(self, order: Iterable[Any]) -> Stepper:
        """A Stepper through a backward pass in an order of yours, of nodes or names, root first; see its `verdict`.

        Each node passes on what has arrived at it by its turn. What comes later is lost to those before it: that is
        why an order must be topological.

        >>> from autograd import Value
        >>> a = Value(3.0)
        >>> b = a * 2; c = b * b; d = b + c
        >>> s = Stepper(d)
        >>> print(s.try_order("dbc").verdict)
        1 of 4 gradients are wrong.
          b had passed its gradient on before all of it was there: what c sent came too late
          ∂d/∂a = 2.0, and should be 26.0
        """
        tried = Stepper.of(self.recording.reordered(order))
        tried.right = self.right or self.recording
        return tried

    @property
    def verdict(self) -> str:
        """Which gradients come out wrong in the order that is tried, and why."""
        return verdict(self.recording, self.right or self.recording)

    def zoom(self, index: Any = None, **settings: Any) -> Stepper:
        """Into the operation at work: a Stepper through the scalar graph of one element of its result.

        The settings are those of `autograd.zoom`. An operation of a single number needs no index.

        >>> import autograd
        >>> x = autograd.Tensor([1.0, 2.0])
        >>> s = Stepper(autograd.softmax(x), seed=[1.0, 0.0])
        >>> s.to("softmax") and print(s.zoom(0)[5])
           5  L[0] = v1 / v3 = 2.718 / 10.11 = 0.2689
        """
        from autograd.lens.zoom import zoom

        if self.event is None:
            raise GradientError(f"zoom: the Stepper stands before the first event; go to an operation first.{place()}")
        still = self.event.operation
        names = {name: node for node, name in self.recording.names.items()}
        value = zoom(still, index, names=names, **settings)
        if not isinstance(value, Node):
            raise OperandError(
                f"zoom: {describe(still.original)} has {value.size:,} elements; name the one to step through, such as "
                f"zoom({(0,) * still.data.ndim if still.data.ndim > 1 else 0}).{place()}"
            )
        return Stepper(value, names=False)

    # Painters

    def script(self, title: str = "") -> dict[str, Any]:
        """All of it as plain data, for JSON: what the player, the widget and other painters read."""
        from autograd.step.script import script

        return script(self.recording, title)

    def save(self, path: str | os.PathLike[str], title: str = "") -> str:
        """Write the steps to a file: .html is a page that needs nothing else, .svg a moving picture. The path."""
        from autograd.step.player.front import save

        return save(self, path, title)

    def widget(self, title: str = "") -> Any:
        """A live player, for Jupyter and marimo, whose numbers Python computes. It needs the package anywidget."""
        from autograd.step.player.widget import widget

        return widget(self, title)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from autograd.step.player.front import mimebundle

        return mimebundle(self)

    def debug(self) -> None:
        """Walk through the events in the terminal; `help` there lists the commands."""
        from autograd.step.terminal import Debugger

        Debugger(self).cmdloop()
