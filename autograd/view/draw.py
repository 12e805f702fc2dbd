"""draw: the front door of pictures.

What a picture needs is imported when one is drawn, so that `import autograd` does not wait for it.
"""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, get_args

from autograd.errors import AutogradError, OperandError, place

if TYPE_CHECKING:
    from graphviz import Digraph

    from autograd.view.choice import Fold
    from autograd.view.sketch import Sketch

Direction = Literal["LR", "RL", "TB", "BT"]


class Picture:
    """A drawn graph. As the last line of a notebook cell it shows itself; printed, it is lines of text.

    It needs no program beside Python: where Graphviz's `dot` is not installed, the `graphviz-pure` package draws, and
    where that is missing, too, or takes longer than `seconds`, a layout of our own. That one also draws frames, as SVG:
    it leads edges across them at one point, where Graphviz lets them run beneath boxes.
    """

    def __init__(self, sketch: Sketch, rankdir: Direction, seconds: float = 5.0) -> None:
        self.sketch = sketch
        self.rankdir = rankdir
        self.seconds = seconds

    @property
    def digraph(self) -> Digraph:
        """The picture as a `graphviz.Digraph`, to be changed or rendered in other formats."""
        from autograd.view.dot import digraph

        return digraph(self.sketch, self.rankdir)

    @property
    def source(self) -> str:
        """The picture in the language of Graphviz. The same graph gives the same text."""
        return str(self.digraph.source)

    dot = source

    def svg(self) -> str:
        """The picture as the text of an SVG file."""
        from autograd.view.render import on_paper, render
        from autograd.view.svg import paint

        if self.sketch.frames:
            return paint(self.sketch, self.rankdir)
        try:
            drawn = render(self.source, "svg", self.seconds)
        except TimeoutError:
            return paint(self.sketch, self.rankdir, f"drawn without Graphviz, which took more than {self.seconds:g} s")
        return paint(self.sketch, self.rankdir) if drawn is None else on_paper(drawn.decode())

    def png(self) -> bytes:
        """The picture as the bytes of a PNG file. Errors: AutogradError when no program can make one in time."""
        from autograd.view.render import render

        try:
            drawn = render(self.source, "png", self.seconds)
        except TimeoutError:
            raise AutogradError(
                f"Graphviz took more than {self.seconds:g} s for a PNG of this picture.{place()}\n"
                "  Give it more, draw(y, seconds=60), fold more of the graph, or save it as an SVG, which needs none."
            ) from None
        if drawn is None:
            raise AutogradError(
                f"no program could make a PNG of this picture.{place()}\n"
                "  Install one with `pip install graphviz-pure`, or save it as an SVG: picture.save('picture.svg')."
            )
        return drawn

    def save(self, path: str | os.PathLike[str]) -> str:
        """Write the picture to a file, in the format that its name ends with: .svg, .png, .dot or .gv. The path."""
        target = os.fspath(path)
        ending = os.path.splitext(target)[1].lower()
        if ending not in (".svg", ".png", ".dot", ".gv"):
            raise AutogradError(f"a picture cannot be saved as {target!r}.{place()}\n  Use .svg, .png, .dot or .gv.")
        content = self.png() if ending == ".png" else (self.svg() if ending == ".svg" else self.source).encode()
        with open(target, "wb") as file:
            file.write(content)
        return target

    def __str__(self) -> str:
        return self.sketch.text()

    def __repr__(self) -> str:
        boxes, nodes = len(self.sketch.boxes), self.sketch.nodes
        return f"<Picture of {nodes:,} nodes{f' in {boxes} boxes' if boxes != nodes else ''}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        svg = self.svg()
        width = re.search(r'width="(\d+)', svg)
        if width and int(width[1]) < 1500:  # shrunk to the width of the page; what is wider is scrolled
            svg = svg.replace("<svg ", '<svg style="max-width: 100%; height: auto" ', 1)
        return {"image/svg+xml": svg, "text/plain": str(self)}


def draw(
    y: Any,
    *,
    rules: bool = False,
    rankdir: Direction = "LR",
    fold: Fold = "auto",
    depth: int | None = None,
    expand: str | Sequence[str] = (),
    limit: float | None = 300,
    seconds: float = 5.0,
    names: Mapping[str, Any] | Literal[False] | None = None,
) -> Picture:
    """Draw what a Value or a Tensor was made from; of a list of them, what they all were made from.

    Leaves (what you made) are blue boxes with square corners, constants grey and dashed, results have a badge with
    their operation, and the root has a double orange frame. A gradient that no sweep has computed is a "·", not a 0;
    constants have none. Of an array of more than 6 elements the smallest, the mean and the largest are shown. An edge
    says "1st" or "2nd" where operands may not change places.

    - `rules`: write on each edge its local derivative, in symbols and with the numbers plugged in.
    - `rankdir`: where the edges go, `"LR"` (left to right), `"RL"`, `"TB"` (top to bottom) or `"BT"`.
    - `names`: nodes are called by their labels, else by the variables that hold them where `draw` is called (local ones
      first, then global ones, those with an underscore in front left out; also `w[0]` in a list and `model.weight`),
      else by the variables that lines inside `annotate()` assigned them to. A dict of names to look up is used in place
      of the variables; False leaves labels alone.

    Graphs of more than `limit` nodes are folded to what can be read: modules become one box each, and so do alike
    nodes, × how many, and patterns that repeat. Modules are known exactly of what was computed inside `annotate()`, and
    are then framed in smaller graphs, too; else they are inferred from the variables. What is folded you may decide:

    - `fold`: `"auto"` as said; None for nothing at all (a picture of thousands of nodes takes its time); `"modules"`
      for every module in the outermost one; `"repeats"` for what is alike or repeats, in small graphs, too; a number is
      another limit. `"Block"`, `"blocks.*"` or a list of such patterns folds the modules of that class or path, and a
      function those for which it is true (it is given a `Scope`).
    - `depth`: modules are opened so many levels deep, and below are one box each.
    - `expand`: the modules of these paths or classes are opened, whatever else is said: `expand="blocks.3"`.

    Graphviz lays the picture out, for at most so many `seconds`; then our own layout does, which takes two for 10,000
    boxes.

    The numbers are those of this moment: draw again after `backward()`.

    >>> from autograd import Value
    >>> a, b = Value(2.0), Value(-3.0)
    >>> c = a * a + b
    >>> print(draw(c))
    a  leaf  data 2.0  grad ·
    #1 = *(a, a)  data 4.0  grad ·
    b  leaf  data -3.0  grad ·
    c = +(#1, b)  data 1.0  grad ·
    >>> c.backward()
    >>> print(draw(c))
    a  leaf  data 2.0  grad 4.0
    #1 = *(a, a)  data 4.0  grad 1.0
    b  leaf  data -3.0  grad 1.0
    c = +(#1, b)  data 1.0  grad 1.0

    Errors: OperandError when there is nothing to draw. Cost: about ten seconds for a million nodes.
    """
    from autograd.view.choice import choice
    from autograd.view.describe import describe
    from autograd.view.fold import fold as folded
    from autograd.view.module import inferred, recorded
    from autograd.view.names import all_names, names_of
    from autograd.view.trace import reading_order, roots_of

    roots = roots_of(y)
    if rankdir not in get_args(Direction):
        raise OperandError(f"rankdir must be one of {', '.join(get_args(Direction))}, and is {rankdir!r}.{place()}")
    chosen = choice(fold, depth, expand, limit)
    if names is None:
        caller = sys._getframe(1)
        names = {**caller.f_locals, **{k: v for k, v in caller.f_globals.items() if k not in caller.f_locals}}
    with _collector_at_rest():
        order = reading_order(roots)
        called = names_of(order, names or {})
        scopes = recorded(order)
        pieces = folded(order, roots, scopes, chosen)
        large = len(order) > chosen.limit and chosen.repeats is not False
        if not scopes and (chosen.closes or large):
            scopes = inferred(order, names or {})
            by_modules = folded(order, roots, scopes, chosen) if scopes else pieces
            if chosen.closes or len(by_modules) <= len(pieces):
                pieces = by_modules
        if rules:
            called = all_names(order, called)
        return Picture(describe(order, pieces, roots, called, rules, scopes), rankdir, seconds)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Without garbage collection: a large graph is read into millions of tuples and lists, none of them in a cycle, and
    the collector would look at them all again and again.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
