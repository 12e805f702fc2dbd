"""Source: the player's JavaScript and style sheet, each as one text.

The files in `source/` are written for people, one purpose each; a page wants one small text that imports nothing. So
they are joined, and what only people read is left out: comments, and space where nothing needs it. Nothing is renamed
or rewritten.
"""

from __future__ import annotations

import re
import zlib
from base64 import b64encode
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "source"
FILES = "layout rules typeset trace folding scene paint equation panel player hands".split()  # each uses those before

_TOKEN = re.compile(
    r"""
    (?P<text>"(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | `(?:\\.|[^`\\])*`)
  | (?P<comment>//[^\n]*)
  | (?P<pattern>(?<=[(,=:\[!&|?{};\ ])/(?![/\ ])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*)
  | (?P<space>\s+)
  | (?P<word>[\w$]+)
  | (?P<sign>.)
    """,
    re.VERBOSE,
)


@cache
def script() -> str:
    """The player as one JavaScript module without imports; its default export is an anywidget."""
    return squeeze("\n".join((FOLDER / f"{name}.js").read_text("utf-8") for name in FILES))


@cache
def widget() -> str:
    """The same module in a third of the letters, as one that unpacks itself: every instance of a widget carries it."""
    press = zlib.compressobj(9, wbits=-15)
    letters = b64encode(press.compress(script().encode()) + press.flush()).decode()
    return _UNPACK.replace("LETTERS", letters)


_UNPACK = """
const bytes = Uint8Array.from(atob("LETTERS"), letter => letter.charCodeAt());
const text = new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
const player = text.then(code => import(URL.createObjectURL(new Blob([code], {type: "text/javascript"}))));
export default {render: async context => (await player).default.render(context)};
""".strip()


@cache
def style() -> str:
    """The style sheet of the player."""
    css = re.sub(r"/\*.*?\*/|\s+", " ", (FOLDER / "player.css").read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r" ?([{};,>]) ?|(?<=:) ", r"\1", css).strip()


def squeeze(code: str) -> str:
    """JavaScript without comments and without space that it does not need. Every statement must end in a semicolon.

    >>> print(squeeze("// The sum.\\nconst f = (a, b) => {\\n  return a + b;\\n};\\nlet s = 'a  b';"))
    const f=(a,b)=>{return a+b};let s='a  b';
    >>> squeeze("x = a - -b; y = /[ /]  /.test(x) ? a / b : c")
    'x=a- -b;y=/[ /]  /.test(x)?a/b:c'
    """
    parts: list[str] = [""]
    gap = False
    for found in _TOKEN.finditer(code):
        kind, token = found.lastgroup, found.group()
        if kind in ("space", "comment"):
            gap = True
            continue
        before = parts[-1][-1:]
        if token == "}" and before == ";":
            parts.pop()
        elif gap and ((_wordy(before) and _wordy(token[0])) or (before == token[0] and before in "+-")):
            parts.append(" ")
        parts.append(token)
        gap = False
    return "".join(parts)


def _wordy(letter: str) -> bool:
    return letter.isalnum() or letter in ("_", "$")
