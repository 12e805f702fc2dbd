"""Event: one step of a forward and backward pass, with the numbers of that moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from autograd.node import Node
from autograd.origin import Origin
from autograd.step import mathematics
from autograd.step.mathematics import LATEX, TEXT, Language
from autograd.step.still import Still

if TYPE_CHECKING:
    from autograd.step.record import Recording

Phase = Literal["forward", "seed", "backward"]


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """One step. Forward: a node gets its value. Seed: the result's gradient is set. Backward: one edge is gone along.

    | attribute | what it is |
    |---|---|
    | `number` | its place among all events, from 0 |
    | `phase` | `"forward"`, `"seed"` or `"backward"` |
    | `node` | the node that something happens to; in the backward pass the operand that receives a contribution |
    | `consumer`, `slot` | backward: the node that used it, and as which of its operands |
    | `upstream` | backward: the gradient of the consumer |
    | `local` | backward: the local derivative, a number or an array of slopes; None where a rule cannot be split so |
    | `contribution` | backward: what the consumer sends; None when its rule passes nothing on |
    | `before`, `after` | backward and seed: the gradient of `node`; None is "·", not reached yet |
    | `late` | backward: `node` had already passed its gradient on, so that this is lost (only in a wrong order) |
    """

    recording: Recording = field(repr=False)
    number: int
    phase: Phase
    still: Still
    by: Still | None = None
    slot: int = 0
    upstream: Any = None
    contribution: Any = None
    before: Any = None
    after: Any = None
    late: bool = False

    @property
    def node(self) -> Node:
        return self.still.original

    @property
    def consumer(self) -> Node | None:
        return None if self.by is None else self.by.original

    @property
    def local(self) -> Any:
        return None if self.by is None else mathematics.local_values(self.by)[self.slot]

    @property
    def operation(self) -> Still:
        """The node whose operation is at work: the consumer in the backward pass."""
        return self.still if self.by is None else self.by

    @property
    def module(self) -> str:
        """The path of the module at work, such as `model.layers.0`; nothing when it is in none."""
        scope = self.recording.scope_of(self.number)
        return "" if scope is None else ".".join(scope.path)

    @property
    def origin(self) -> Origin | None:
        """Where in the user's code the operation at work was recorded, when it was inside `annotate()`."""
        return self.operation.origin  # type: ignore[no-any-return]

    @property
    def text(self) -> str:
        """What happens, with the numbers: `∂L/∂a += 1.085 × (1 − 0.81²) = 0.373`."""
        return self._written(TEXT)

    @property
    def latex(self) -> str:
        """The same in LaTeX."""
        return self._written(LATEX)

    @property
    def sum(self) -> str:
        """The gradient so far, over consumers: `∂L/∂a = 0.373 + 0.2 = 0.573 (2 of 3 consumers)`."""
        if self.phase == "forward":
            return ""
        names, root = self.recording.names, self.recording.root_name
        count = self.recording.count(self)
        return mathematics.total(self.still, self.before, self.contribution, self.after, root, names, count, TEXT)

    def _written(self, how: Language) -> str:
        names = self.recording.names
        if self.phase == "forward":
            return mathematics.forward(self.still, names, how)
        if self.by is None:
            return mathematics.seed(self.still, self.after, names, how)
        root = self.recording.root_name
        return mathematics.backward(self.by, self.slot, self.upstream, self.contribution, root, names, how)

    def __str__(self) -> str:
        at = f"   {self.origin.place}" if self.origin else ""
        summed = f"\n      {self.sum}" if self.before is not None or self.late else ""
        return f"{self.number:>4}  {self.text}{at}{summed}"
