"""Terminal: a debugger for the backward pass, with the commands and habits of Python's own."""

from __future__ import annotations

import cmd
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

from autograd.errors import AutogradError
from autograd.step.event import Event
from autograd.step.ink import Ink
from autograd.step.stepper import Stepper

FEW = 8  # events passed in one step are all shown up to this number
_ALIASES = {
    "n": "next",
    "s": "step",
    "o": "over",
    "p": "back",
    "b": "break",
    "c": "continue",
    "rc": "rcontinue",
    "w": "where",
    "l": "list",
    "u": "until",
    "g": "goto",
    "why": "who",
    "d": "delete",
    "h": "help",
    "q": "quit",
    "EOF": "quit",
}


class Debugger(cmd.Cmd):
    """Commands on a `Stepper`. It reads lines from a terminal or a pipe; an empty line repeats the last command."""

    prompt = "(step) "
    doc_header = "Commands (help NAME says more; short: n s o p b d c rc u g w l h q):"

    def __init__(self, stepper: Stepper, stdin: IO[str] | None = None, stdout: IO[str] | None = None) -> None:
        super().__init__(stdin=stdin, stdout=stdout)
        self.stepper = stepper
        self.ink = Ink(self.stdout)
        self.piped = not self.stdin.isatty()
        self.use_rawinput = not self.piped
        self._outside: list[Stepper] = []  # those that were zoomed in from

    def say(self, *lines: str) -> None:
        """Print lines."""
        print(*lines, sep="\n", file=self.stdout)

    def preloop(self) -> None:
        recording = self.stepper.recording
        self.say(
            f"{recording.root_name}: {len(recording.nodes):,} nodes, {len(self.stepper):,} events. "
            "s steps along an edge, n to the next node, p back; help lists the commands."
        )
        self._show(self.stepper.event)

    def precmd(self, line: str) -> str:
        if self.piped:  # so that what comes out reads like a session
            self.say(line if line != "EOF" else "")
        name, _, rest = line.strip().partition(" ")
        return f"{_ALIASES.get(name, name)} {rest}".strip()

    def onecmd(self, line: str) -> bool:
        try:
            return bool(super().onecmd(line))
        except AutogradError as error:
            self.say(*(text for text in str(error).splitlines() if not text.startswith("  at ")))
        except KeyboardInterrupt:
            self.say("interrupted; nothing has moved")
        return False

    def default(self, line: str) -> None:
        self.say(f"there is no command {line.split()[0]!r}; help lists them")

    # Moving

    def do_step(self, times: str) -> None:
        """step [N]: one edge on, or N of them, into every module."""
        self._move(lambda: self.stepper.forward("edge"), times)

    def do_next(self, times: str) -> None:
        """next [N]: on to the end of the next operation: all of its edges at once."""
        self._move(lambda: self.stepper.forward("node"), times)

    def do_over(self, times: str) -> None:
        """over [N]: on to the end of the next module, over everything inside it; without modules it is next."""
        self._move(lambda: self.stepper.forward("module"), times)

    def do_back(self, text: str) -> None:
        """back [edge|node|module] [N]: back by as much as step, next and over go on."""
        words = text.split()
        by: Any = words.pop(0) if words and not words[0].isdigit() else "edge"
        self._move(lambda: self.stepper.back(by), " ".join(words))

    def do_goto(self, number: str) -> None:
        """goto K: to event K; from the end when negative. goto start: to before the first; goto seed; goto end."""
        places = {"start": -1, "seed": self.stepper.recording.backward_start - 1, "end": len(self.stepper) - 1}
        if number in places:
            self.stepper.position = places[number]
        elif number.lstrip("-").isdigit() and -len(self.stepper) <= int(number) < len(self.stepper):
            self.stepper.goto(int(number))
        else:
            self.say(f"goto needs a number from {-len(self.stepper)} to {len(self.stepper) - 1}, start, seed or end")
            return
        self._show(self.stepper.event)

    def do_until(self, where: str) -> None:
        """until PLACE: on to the next event at a name, an operation (tanh, *) or a line (12, train.py:12)."""
        if not where:
            self.say("until needs a place: a name, an operation or a line")
            return
        event = self.stepper.to(_number(where))
        self._show(event) if event else self.say(f"{where} does not come again; back to it with rcontinue or goto")

    def do_continue(self, _: str) -> None:
        """continue: on to where a break or a watch holds, or to the end."""
        self._run(backwards=False)

    def do_rcontinue(self, _: str) -> None:
        """rcontinue: back to where a break or a watch holds, or to the start."""
        self._run(backwards=True)

    # Places to stop

    def do_break(self, where: str) -> None:
        """break [PLACE]: stop at a name, an operation (tanh, *) or a line (12, train.py:12); without one, list all."""
        if where:
            self.say(f"stop {len(self.stepper.stops)}: at {self.stepper.break_at(_number(where)).text}")
        else:
            self.say(*([f"stop {i}: {stop.text}" for i, stop in enumerate(self.stepper.stops)] or ["no stops"]))

    def do_watch(self, condition: str) -> None:
        """watch CONDITION: stop where it holds: |grad| > 10, value < 0, nan, or a name whose gradient changes."""
        if not condition:
            self.do_break("")
            return
        self.say(f"stop {len(self.stepper.stops)}: {self.stepper.watch(condition).text}")

    def do_delete(self, number: str) -> None:
        """delete [N]: take away stop N, or all."""
        if number.isdigit() and int(number) < len(self.stepper.stops):
            del self.stepper.stops[int(number)]
        elif not number:
            self.stepper.stops.clear()
        else:
            self.say(f"there is no stop {number}")
            return
        self.do_break("")

    # Questions

    def do_who(self, name: str) -> None:
        """who NAME: who wrote its gradient: the events that contribute to it. Events to come are marked by a dot."""
        name = name or self._name_here()
        for event in self.stepper.who(name):
            self.say(self.ink.event(event, mark=" " if event.number <= self.stepper.position else "·"))

    def do_print(self, name: str) -> None:
        """print [NAME]: a value and its gradient at this point; of arrays their shape, spread and a picture."""
        name = name or self._name_here()
        still = self.stepper.recording.find(name)
        node = still.original
        made = still.operation or ("a leaf" if still.primitive is not None else "a constant")
        kind = f"{type(node).__name__}{f' {still.data.shape} {still.data.dtype}' if still.is_array else ''}"
        self.say(
            f"{self.ink.dye(name, 'bold')}  {kind}, {made}",
            self.ink.array("value", self.stepper.value(still), "blue"),
            self.ink.array("gradient", self.stepper.grad(still), "orange"),
        )

    def do_list(self, _: str) -> None:
        """list: the user's code around the line at work."""
        event = self.stepper.event
        found = self.ink.code(event) if event else ""
        self.say(found or "the line is not known: record inside `with autograd.annotate():`, or step through a script")

    def do_where(self, _: str) -> None:
        """where: which event this is, in which phase, operation, module and line, and how far gradients have come."""
        event, recording = self.stepper.event, self.stepper.recording
        if event is None:
            self.say("before the first event")
            return
        phase = {"forward": "forward pass", "seed": "start of the backward pass", "backward": "backward pass"}
        at = event.operation
        operation = f"at {at.operation}, which made {recording.names[at]}" if at.parents else "at a leaf or constant"
        wanted = [node for node in recording.nodes if node.primitive is not None]
        reached = sum(recording.is_reached(node, event.number) for node in wanted)
        self.say(
            f"event {event.number} of {len(self.stepper):,}, {phase[event.phase]}, {operation}",
            *filter(None, [self.ink.place(event)]),
            f"{reached:,} of {len(wanted):,} gradients have been reached",
        )

    def do_order(self, names: str) -> None:
        """order: in which order gradients are passed on.

        order NAME NAME ...: try another one, and walk in it. order right: back to the right one.
        """
        if names == "right":
            if self.stepper.right is not None:
                self.stepper.recording, self.stepper.right = self.stepper.right, None
                self.do_goto("seed")
            return
        if names:
            self.stepper = self.stepper.try_order(names.replace(",", " ").replace("→", " ").split())
            self.say(self.stepper.verdict, "You are in this order now; `order right` goes back.")
            self.do_goto("seed")
            return
        known = self.stepper.recording
        shown = [known.names[node] for node in known.consumers[:100]]
        more = [f"… and {len(known.consumers) - 100:,} more"] * (len(known.consumers) > 100)
        self.say(" → ".join(shown + more))

    def do_zoom(self, index: str) -> None:
        """zoom 0 2: into the operation at work, to the graph of single numbers behind the element [0, 2] of its result.

        zoom out: back to where you came from.
        """
        if index == "out":
            if not self._outside:
                self.say("you have not zoomed in")
                return
            self.stepper = self._outside.pop()
            self._show(self.stepper.event)
            return
        words = index.replace(",", " ").split()
        if not all(word.lstrip("-").isdigit() for word in words):
            self.say("zoom takes the index of an element, such as `zoom 0 2`, or `out`")
            return
        inside = self.stepper.zoom(tuple(map(int, words)) if words else None)
        self._outside.append(self.stepper)
        self.stepper = inside
        self.preloop()

    def do_quit(self, _: str) -> bool:
        """quit: leave."""
        return True

    # Completion

    def completedefault(self, text: str, line: str, begidx: int, endidx: int) -> list[str]:
        """Names and operations that begin with the text."""
        recording = self.stepper.recording
        words: Iterable[str] = {*recording.given_names.values(), *(node.operation for node in recording.nodes)}
        return sorted(word for word in words if word and word.startswith(text))

    # How it is shown

    def _move(self, once: Callable[[], Event | None], times: str) -> None:
        if times and not times.isdigit():
            self.say(f"how often? {times!r} is not a number")
            return
        for _ in range(int(times or 1)):
            start = self.stepper.position
            once()
            self._passed(start)
            if self.stepper.position == start:
                break

    def _passed(self, start: int) -> None:
        """The events of one step: all of them on the way on, when they are few, and where it ended."""
        here = self.stepper.position
        if here == start:
            self.say("this is the end" if start >= 0 else "this is the start")
        elif start < here <= start + FEW:
            shown = None
            for event in self.stepper[start + 1 : here + 1]:
                self.say(self.ink.event(event, shown))
                shown = event
        else:
            if here > start:
                self.say(self.ink.dye(f"       … {here - start - 1:,} events", "faint"))
            self._show(self.stepper.event)

    def _run(self, backwards: bool) -> None:
        event = self.stepper.continue_(backwards=backwards)
        if event and self.stepper.stopped_by:
            self.say(f"stopped: {self.stepper.stopped_by.text}")
        else:
            reason = "nowhere else to stop" if self.stepper.stops else "no stops: set some with break or watch"
            self.say(f"{reason}; this is the {'start' if backwards else 'end'}")
        self._show(self.stepper.event)

    def _show(self, event: Event | None) -> None:
        self.say(self.ink.event(event) if event else "before the first event")

    def _name_here(self) -> str:
        event = self.stepper.event
        node = event.still if event else self.stepper.recording.root
        return self.stepper.recording.names.get(node, "")


def _complain(error: Exception, path: str) -> None:
    """Print an error of the user's script as Python would have, without the frames that ran it."""
    at = error.__traceback__
    while at is not None and at.tb_frame.f_code.co_filename != path:
        at = at.tb_next
    traceback.print_exception(type(error), error, at)


def _number(text: str) -> int | str:
    return int(text) if text.isdigit() else text


def step(path: Path, arguments: list[str], call: int | None) -> int:
    """Run a script, and debug the last `backward()` it called, or call number `call`. The exit status."""
    from autograd.step.run import script

    if not path.is_file():
        print(f"there is no script {path}", file=sys.stderr)
        return 2
    try:
        found = script(str(path), arguments, call)
    except Exception as error:
        _complain(error, str(path))
        return 1
    if found is None:
        wanted = "backward()" if call is None else f"backward() {call} times"
        print(f"{path} did not call {wanted}, so there is nothing to step through.", file=sys.stderr)
        return 1
    if found.calls > 1:
        print(f"{path} called backward() {found.calls} times; this is the last (another: --call 1).")
    stepper = Stepper.of(found.recording)
    stepper.goto(stepper.recording.backward_start - 1)
    Debugger(stepper).cmdloop()
    return 0
