"""Origin: where in the user's program an operation was recorded, in which line, for which variable, in which module.

Recorders call `observe` when a mode is on, and not otherwise: so it costs nothing where nobody asks. What is noted is
shared: all that one line makes in one call of a module has one `Origin`, and all its lines have one `Scope`.
"""

from __future__ import annotations

import functools
import linecache
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from types import CodeType, FrameType, TracebackType
from typing import Any, ParamSpec, TypeVar

from numpy import ndarray

from autograd.errors import is_own
from autograd.modes import Mode, Setting, exceptional, noted
from autograd.node import Node
from autograd.source import Span, assigned, returned, span, where
from autograd.tree import leaves

P = ParamSpec("P")
R = TypeVar("R")

Watch = Callable[[Node], None]


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """One call of a module, or one pass through a block named by `scope`.

    | attribute | what it is |
    |---|---|
    | `name` | what the enclosing module calls it, `layers.0`; of an outermost one the variable that holds it |
    | `kind` | its class; nothing for a block |
    | `call` | how often the same had been called before, in the same call of the enclosing one |
    | `outer` | the enclosing scope, or None |
    | `given` | the leaves and arrays among its arguments: used inside, and made outside |
    """

    name: str
    kind: str = ""
    call: int = 0
    outer: Scope | None = None
    given: tuple[Any, ...] = field(default=(), repr=False)

    @property
    def chain(self) -> tuple[Scope, ...]:
        """The scopes around this one, outermost first, and this."""
        found: list[Scope] = []
        scope: Scope | None = self
        while scope is not None:
            found.append(scope)
            scope = scope.outer
        return tuple(reversed(found))

    @property
    def path(self) -> tuple[str, ...]:
        """Their names: `("model", "layers.0", "activation")`."""
        return tuple(scope.name for scope in self.chain)


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """Where an operation was recorded: `node.origin`.

    | attribute | what it is |
    |---|---|
    | `file`, `line` | the user's file and line |
    | `span` | where in the file the expression stands, when known (see `source.Span`) |
    | `name` | the variable that the result was assigned to there, or nothing |
    | `scope` | the call of a module in which it was recorded, or None |
    """

    file: str
    line: int
    span: Span | None = None
    name: str = ""
    scope: Scope | None = None

    @property
    def place(self) -> str:
        """The place in words: `train.py:12`, or `In [3], line 12`."""
        return where(self.file, self.line)

    @property
    def text(self) -> str:
        """The user's line, without the space around it; nothing when it is not known."""
        return linecache.getline(self.file, self.line).strip()

    @property
    def parts(self) -> tuple[str, str, str]:
        """The same in three parts: what stands before the expression, the expression, and what stands behind it.

        Of an expression of several lines the first is shown. When its place is not known, it is the whole line.
        """
        text = linecache.getline(self.file, self.line).rstrip()
        if self.span is None or self.span[0] != self.line:
            return "", text.strip(), ""
        _, last, first, end = self.span
        line = text.encode()
        cuts = line[:first], line[first:end] if last == self.line else line[first:], line[end:]
        before, within, behind = (part.decode(errors="replace") for part in cuts)
        return before.lstrip(), within, behind if last == self.line else ""


class _Log:
    """What is known in one scope while it is open."""

    __slots__ = ("_last", "boundary", "calls", "names", "origins", "outer", "owner", "scope", "watch")

    def __init__(self, scope: Scope | None, owner: Any, outer: _Log | None, watch: Watch | None) -> None:
        self.scope = scope
        self.owner = owner  # the module; it is not in the Scope, which lives as long as the graph does
        self.outer = outer
        self.watch = watch  # who else looks at each node
        self.boundary = 0  # the id of the frame that called the function of this scope, or of the `with` block
        self.calls: dict[str, int] = {}
        self.names: Mapping[int, str] | None = None
        self.origins: dict[tuple[CodeType, int, str], Origin] = {}
        self._last: tuple[Node | None, tuple[int, int, str]] = None, (0, 0, "")  # the last with a variable, and where

    def note(self, node: Node, frame: FrameType | None) -> None:
        """Note where the user's program is when `frame`, which called the recorder, is given a node.

        Several nodes may be made for one expression. Its variable is that of the last one: the one before loses it,
        unless the variable holds it, and the expression is computed anew in a loop.
        """
        user = _user(frame)
        if user is None:
            return
        name, at = self.followed(frame)
        node.origin = self._origin(user, name)
        if name and at is not None:
            before, place = self._last
            if place == (id(at), at.f_lasti, name) and at.f_locals.get(name) is not before and before is not None:
                before.origin = self._origin(user, "")
            self._last = node, (id(at), at.f_lasti, name)

    def _origin(self, user: FrameType, name: str) -> Origin:
        key = user.f_code, user.f_lasti, name
        if key not in self.origins:
            self.origins[key] = Origin(user.f_code.co_filename, user.f_lineno, span(user), name, self.scope)
        return self.origins[key]

    def followed(self, frame: FrameType | None) -> tuple[str, FrameType | None]:
        """The variable that the result of this frame's call ends up in, and the frame that it is of.

        Through the library it is followed in any case, but not out of this scope; through the user's functions only
        where they return it as it is: `return tanh(x)`.
        """
        while frame is not None and id(frame) != self.boundary:
            if not is_own(frame):
                name = assigned(frame)
                if name or not returned(frame):
                    return name, frame
            frame = frame.f_back
        return "", None

    def enter(self, of: Any, given: tuple[Any, ...], frame: FrameType | None) -> _Log:
        """The log of a scope inside this one."""
        if isinstance(of, str):
            name, kind, owner = of, "", None
        else:
            name, kind, owner = self._name(of, frame), type(of).__name__, of
        call = self.calls.get(name, 0)
        self.calls[name] = call + 1
        return _Log(Scope(name or kind, kind, call, self.scope, given), owner, self, self.watch)

    def _name(self, module: Any, frame: FrameType | None) -> str:
        log: _Log | None = self
        while log is not None:
            if log.names is None:
                modules = getattr(log.owner, "named_modules", None)
                log.names = {id(inside): name for name, inside in modules()} if modules else {}
            if id(module) in log.names:
                return log.names[id(module)]
            log = log.outer
        frame = _user(frame)
        return _variable(module, frame.f_locals) or _variable(module, frame.f_globals) if frame else ""


_log: ContextVar[Setting] = ContextVar("log", default=(None, None))


def _user(frame: FrameType | None) -> FrameType | None:
    """The user's frame that called this one, or this one itself."""
    while frame is not None and is_own(frame):
        frame = frame.f_back
    return frame


def _variable(thing: Any, variables: Mapping[str, Any]) -> str:
    """What a thing is called here: a variable, an attribute of `self`, or a place in a list, when it has neighbours.

    In `for layer in layers` the variable says less than the place.
    """
    found = ""
    for name, value in list(variables.items()):
        if name.startswith("_"):
            continue
        if value is thing:
            found = found or name
        elif isinstance(value, list | tuple) and 1 < len(value) <= 1000:
            for i, part in enumerate(value):
                if part is thing:
                    return f"{name}.{i}"
        elif name == "self":
            attributes = getattr(value, "__dict__", {})
            found = found or next((key for key, part in attributes.items() if part is thing), "")
    return found


def is_annotating() -> bool:
    """Whether operations are annotated here and now."""
    return _log.get()[0] is not None if exceptional else False  # every call of a module asks


def watch_here() -> Any:
    """Who looks at each node that is recorded here and now, beside what is noted of it; None when nobody does."""
    log: _Log | None = _log.get()[0]
    return None if log is None else log.watch


def observe(node: Node) -> None:
    """Note where a node was made. For recorders to call, when a mode is on, before they return it."""
    log: _Log | None = _log.get()[0]
    if log is not None:
        log.note(node, sys._getframe(2))
        if log.watch is not None:
            log.watch(node)
    made = noted()
    if made is not None:
        made.append(node.birthmark)


class annotate(Mode):
    """Inside, every operation remembers the line of the user's code, the variable and the module it was made in.

    Pictures then show the modules, and stepping shows the line. See `Origin`; it is in `node.origin`.

    >>> import autograd, nn
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    >>> with autograd.annotate():
    ...     hidden = model(autograd.Tensor([1.0, 2.0]))
    >>> hidden.operation, hidden.origin.scope.path, hidden.origin.name, hidden.origin.text
    ('tanh', ('model', '1'), 'hidden', 'hidden = model(autograd.Tensor([1.0, 2.0]))')

    Cost: some microseconds for each operation.
    """

    _variable = _log

    def _value(self) -> _Log:
        now: _Log | None = _log.get()[0]
        watch = self._watch()
        if now is None:
            log = _Log(None, None, None, watch)
            log.boundary = id(sys._getframe(2).f_back)  # where the `with` block was called from gets no result of it
            return log
        return now if watch is None else _Log(now.scope, now.owner, now.outer, watch)

    def _watch(self) -> Watch | None:
        return None


class scope:
    """A name for a part of the program, shown in pictures as a frame or a box. Modules have theirs by themselves.

    `of` is a name, or an object such as a module, named by what holds it. It works as a `with` block and as a
    decorator, inside `annotate()`; outside it does nothing.

    >>> import autograd
    >>> @autograd.scope("energy")
    ... def energy(x):
    ...     return 0.5 * x * x
    >>> with autograd.annotate():
    ...     y = energy(autograd.Value(3.0)) + 1.0
    >>> y.origin.scope, y.parents[0].origin.scope.path
    (None, ('energy',))
    """

    def __init__(self, of: Any) -> None:
        self.of = of
        self._given: tuple[Any, ...] = ()
        self._entered: list[bool] = []

    def __enter__(self) -> Scope | None:
        log: _Log | None = _log.get()[0]
        self._entered.append(log is not None)
        if log is None:
            return None
        inner = log.enter(self.of, self._given, sys._getframe(1))
        _log.set((inner, _log.get()))
        return inner.scope

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._entered.pop():
            _log.set(_log.get()[1])

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def inside(*args: P.args, **kwargs: P.kwargs) -> R:
            if not is_annotating():
                return function(*args, **kwargs)
            outer: _Log = _log.get()[0]
            here = scope(self.of)
            here._given = tuple(x for x in leaves((args, kwargs)) if _is_input(x))
            with here as entered:
                _log.get()[0].boundary = id(sys._getframe())
                result = function(*args, **kwargs)
            origin = result.origin if isinstance(result, Node) else None
            if origin and not origin.name and origin.scope and entered in origin.scope.chain:
                name, _ = outer.followed(sys._getframe(1))
                result.origin = replace(origin, name=name)  # type: ignore[attr-defined]
            return result

        return inside


def _is_input(x: Any) -> bool:
    return type(x) is ndarray or (isinstance(x, Node) and not x.parents)
