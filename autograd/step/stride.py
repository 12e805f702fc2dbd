"""Stride: how far one step goes, by edge, by node or by module, forwards and backwards."""

from __future__ import annotations

from typing import Literal, get_args

from autograd.errors import OperandError, place
from autograd.origin import Scope
from autograd.step.record import Recording

Stride = Literal["edge", "node", "module"]


def end_after(recording: Recording, position: int, by: Stride) -> int:
    """The event at which a step forwards from `position` ends. There must be one."""
    _check(by)
    if by == "edge":
        return position + 1
    end = _end_of_node(recording, position + 1)
    if by == "module" and (around := _entered(_scopes(recording, position), _scopes(recording, end))):
        while end + 1 < len(recording) and around in _scopes(recording, end + 1):
            end = _end_of_node(recording, end + 1)
    return end


def end_before(recording: Recording, position: int, by: Stride) -> int:
    """The event at which a step backwards from `position` ends: the end of what came before; -1 at the start."""
    _check(by)
    if by == "edge":
        return position - 1
    end = _before_node(recording, position)
    if by == "module" and (around := _entered(_scopes(recording, position + 1), _scopes(recording, position))):
        while end >= 0 and around in _scopes(recording, end):
            end = _before_node(recording, end)
    return end


def _check(by: str) -> None:
    if by not in get_args(Stride):
        raise OperandError(f'a step goes by "edge", "node" or "module", not by {by!r}.{place()}')


def _end_of_node(recording: Recording, number: int) -> int:
    """The last event of the operation that event `number` belongs to, or leads to."""
    while number < len(recording.nodes) - 1 and not recording.nodes[number].parents:
        number += 1
    return recording.edges_of(number)[-1] if number >= recording.backward_start else number


def _before_node(recording: Recording, number: int) -> int:
    number = recording.edges_of(number)[0] - 1 if number >= recording.backward_start else number - 1
    while 0 <= number < len(recording.nodes) and not recording.nodes[number].parents:
        number -= 1
    return number


def _scopes(recording: Recording, number: int) -> tuple[Scope, ...]:
    """The calls of modules that an event is in, outermost first."""
    scope = recording.scope_of(number) if 0 <= number < len(recording) else None
    return () if scope is None else scope.chain


def _entered(here: tuple[Scope, ...], there: tuple[Scope, ...]) -> Scope | None:
    """The outermost call that one enters on the way, or is in already; None on the way out."""
    if here == there:
        return there[-1] if there else None
    return next((scope for scope in there if scope not in here), None)
