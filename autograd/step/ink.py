"""Ink: the look of events and arrays in a terminal, with colours where they are wanted."""

from __future__ import annotations

import linecache
import os
import re
import shutil
from typing import IO, Any

import numpy as np
from numpy import ndarray

from autograd.step.event import Event
from autograd.step.mathematics import TEXT, figure
from autograd.step.summary import Summary, summarize
from autograd.view.text import FEW

_CODES = {"bold": "1", "faint": "2", "blue": "34", "orange": "38;5;208", "red": "31"}
_BARS = " ▁▂▃▄▅▆▇█"
_SHADES = " ░▒▓█"
PIPED = 120  # columns of what is not a terminal
AROUND = 4  # lines of code shown before and behind the one at work


class Ink:
    """Writes for one stream: in colours when it is a terminal, and neither NO_COLOR is set nor the terminal dumb."""

    def __init__(self, stream: IO[str]) -> None:
        self.columns = shutil.get_terminal_size().columns if stream.isatty() else PIPED
        self.coloured = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def dye(self, text: str, colour: str) -> str:
        """A text in a colour."""
        return f"\033[{_CODES[colour]}m{text}\033[0m" if self.coloured and text else text

    def event(self, event: Event, before: Event | None = None, mark: str = " ") -> str:
        """An event: its number, what happens, the sum so far, and its place, unless the one `before` was there, too."""
        number = self.dye(f"{mark}{event.number:>4}", "faint")
        text = self._equation(event.text, "blue" if event.phase == "forward" else "orange")
        lines = [f"{number}  {text}"]
        if event.late:
            lines.append(self.dye(f"too late: {event.recording.names[event.still]} has passed its gradient on", "red"))
        if event.sum and (event.before is not None or event.late):
            lines.append(self._equation(event.sum, "orange"))
        place = self.place(event)
        if place and (before is None or place != self.place(before)):
            lines.append(place)
        return "\n       ".join(lines)

    def _equation(self, text: str, colour: str) -> str:
        """An equation with its left side in bold, and what comes out of it in a colour."""
        left, sign, right = re.split(r"( \+?= )", text, maxsplit=1) if " = " in text else (text, "", "")
        middle, equals, result = right.rpartition(" = ")
        if middle and len(text) > self.columns - 7:  # the result on a line of its own
            equals = "\n         = "
        return self.dye(left, "bold") + sign + middle + equals + self.dye(result, colour)

    def place(self, event: Event) -> str:
        """Where in the user's code and modules an event is: `train.py:12  h = tanh(x @ W)  in model.layers.0`."""
        shown = []
        if origin := event.origin:
            before, within, behind = origin.parts
            shown = [self.dye(f"{origin.place}  {before}", "faint") + within + self.dye(behind, "faint")]
        if event.module:
            shown.append(self.dye(f"in {event.module}", "faint"))
        return "  ".join(shown)

    def code(self, event: Event) -> str:
        """The user's code around the line at work, with its expression underlined; nothing when it is not known."""
        origin = event.origin
        lines = linecache.getlines(origin.file) if origin else []
        if origin is None or not lines:
            return ""
        found = []
        for number in range(max(1, origin.line - AROUND), min(len(lines), origin.line + AROUND) + 1):
            text = lines[number - 1].rstrip()
            found.append(f"{'→' if number == origin.line else ' '}{number:>4}  {text}".rstrip())
            before, within, _ = origin.parts
            if number == origin.line and before:
                indent = len(text) - len(text.lstrip()) + len(before)
                found.append(self.dye(f"{'':>7}{' ' * indent}{'^' * len(within)}", "orange"))
        return "\n".join(found)

    def array(self, name: str, x: Any, colour: str) -> str:
        """A number or a small array as it is; of a larger one how it is spread, a histogram and a picture."""
        if x is None:
            return f"  {name:<9} ·"
        told = f"  {name:<9} {self.dye(figure(x, TEXT), colour)}"
        if not isinstance(x, ndarray) or x.size <= FEW:
            return told
        found = summarize(x)
        return "\n".join([told, *(f"  {'':<9} {line}" for line in (_histogram(found), *_picture(found)))])


def _histogram(found: Summary) -> str:
    most = max(found.histogram)
    bars = [_BARS[-(-8 * n // most)] if most else " " for n in found.histogram]
    return f"{''.join(bars)}  histogram from least to greatest"


def _picture(found: Summary) -> list[str]:
    """Rows of shades, from light for the least to dark for the greatest element; `?` where not all are finite."""
    low, width = found.low, found.high - found.low
    shares = (found.rows - low) / width if width > 0 else np.zeros_like(found.rows)
    return ["".join("??" if s != s else 2 * _SHADES[min(4, int(5 * s))] for s in row) for row in shares.tolist()]
