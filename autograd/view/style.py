"""The look of pictures, for both painters: colours, fonts and lines.

Blue is what the user made, orange what flows back, grey what no derivative flows into, red what is bad. Nothing is said
by colour alone: leaves have square corners, constants dashed lines, results a badge with their operation, the root a
double line, and what is bad a thick one.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograd.view.sketch import Box, Frame
from autograd.view.text import NOT_COMPUTED

FONT = "Helvetica"
SIZE, SMALL = 13, 10
NUMBER = 44  # points of width that any number has, so that most boxes are equally wide
PAPER, INK, FAINT, GREY = "#ffffff", "#1d2733", "#5f6b79", "#a7b0ba"
BLUE, ORANGE, BADGE, RED = "#2f6db3", "#b8480e", "#3d4a59", "#c0182b"
LINES, SHEETS = "#c9d0d8", ("#f7f8fa", "#eff2f5")  # of frames, one inside the other


@dataclass(frozen=True, slots=True)
class Look:
    """How the frame of a box is drawn."""

    line: str
    fill: str
    width: float
    round: bool = True
    dashed: bool = False
    double: bool = False


_LOOKS = {
    "leaf": Look(BLUE, "#eaf2fb", 1.6, round=False),
    "constant": Look(GREY, PAPER, 1.0, dashed=True),
    "result": Look("#7d8896", PAPER, 1.2),
    "module": Look("#5f6b79", "#f1f3f6", 1.6, round=False),
    "fold": Look("#7d8896", "#eef0f3", 1.2, round=False),
}


def look(box: Box) -> Look:
    """The frame of a box."""
    if box.bad:
        return Look(RED, "#fdecea", 2.4, round=box.kind == "result", dashed=box.kind == "constant", double=box.root)
    if box.root:
        return Look(ORANGE, "#fff5ec", 1.8, round=box.kind == "result", dashed=box.kind == "constant", double=True)
    return _LOOKS[box.kind]


def ink(box: Box, row: str) -> str:
    """The colour of the numbers of a row."""
    return FAINT if box.kind == "constant" or not row else ORANGE if row == "grad" else INK


def number_size(row: str, text: str) -> float:
    """The font size of a number, or of a word over a column of numbers."""
    return SIZE + 6 if text == NOT_COMPUTED else SIZE if row else SMALL


def sign_and_digits(text: str) -> tuple[str, str]:
    """A minus sign that can be seen from the last row, and the rest: signs hang to the left of the numbers."""
    return ("−", text[1:]) if text.startswith("-") else ("", text)


def notes(box: Box) -> list[tuple[str, str, float]]:
    """The lines below the title, each with its colour and font size."""
    first = (INK, SIZE - 1) if box.kind in ("fold", "module") else (FAINT, SMALL)
    return [(line, *(first if i == 0 else (FAINT, SMALL))) for i, line in enumerate(box.note.split("\n")) if line]


def title(box: Box) -> str:
    """The first line of a box: its name, and how many nodes it stands for."""
    return "   ".join(filter(None, [box.name, f"× {box.count:,}" if box.count > 1 else ""]))


def frame_title(frame: Frame) -> str:
    """What stands over a frame: the modules that it is, and how many."""
    return "   ".join(filter(None, [frame.title, f"× {frame.count:,}" if frame.count > 1 else ""]))


def badge_size(box: Box) -> float:
    """The font size of an operation: signs are larger than words."""
    return 26 if box.operation == "·" else 18 if len(box.operation) == 1 else SIZE + 1


def badge(box: Box) -> tuple[float, float]:
    """Width and least height of the badge of an operation."""
    wide = max(1.08 * width(box.operation, badge_size(box)), width(box.settings, SMALL)) + 12
    return max(wide, 26.0), 42.0 if box.settings else 26.0


def width(text: str, size: float) -> float:
    """About how wide a text is, in points: in a wide font, so that there is room for it in any."""
    return 1.1 * size * sum(_WIDTHS.get(letter, 0.58) for letter in text)


_WIDTHS = {
    **dict.fromkeys("ijlI'|.,:;! ", 0.27),
    **dict.fromkeys("ftr()[]{}-/·", 0.34),
    **dict.fromkeys("ckszvxyJ", 0.51),
    **dict.fromkeys("ABCDEGHKNOPQRSUVwX", 0.72),
    **dict.fromkeys("mMW→…", 0.88),
}
