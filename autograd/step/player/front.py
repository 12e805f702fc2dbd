"""Front: how steps are shown and saved. `step_through` is the front door; a Stepper's own methods come here, too."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from autograd.errors import AutogradError, place

if TYPE_CHECKING:
    from autograd.node import Node
    from autograd.step.stepper import Stepper

HEIGHT = 640  # of a player in a notebook, in pixels


def step_through(
    y: Node | Callable[..., Any],
    *args: Any,
    seed: Any = None,
    names: Mapping[str, Any] | Literal[False] | None = None,
) -> Stepper:
    """Step through the forward and backward pass of a result, or of a function with its arguments, on a page.

    As the last line of a cell in Jupyter or marimo it shows a player: arrow keys step along the edges, `?` lists the
    other keys. It needs no kernel, so it goes on working in a saved notebook and in exported HTML. In a terminal the
    page is opened in the browser; where there is none, a line says where it lies.

    What comes back is a `Stepper`, for programs: `s.save("steps.html")`, `s.save("steps.svg")`, `s.widget()` for a live
    player whose numbers Python computes, `s.debug()` for the terminal. `step_through(f, *args)` runs a function and
    shows with each step the line of its code. `seed` and `names` are those of `Stepper`.

    Errors: GradientError when nothing requires grad. A graph of more than 100,000 nodes is drawn folded, without steps.
    """
    from autograd.step.stepper import Stepper

    if names is None:
        caller = sys._getframe(1)
        names = {**caller.f_locals, **{k: v for k, v in caller.f_globals.items() if k not in caller.f_locals}}
    stepper = Stepper(y, *args, seed=seed, names=names)
    if not _in_notebook():
        show(stepper)
    return stepper


def packed(stepper: Stepper, title: str = "") -> dict[str, Any]:
    """What a page or a widget of these steps plays."""
    from autograd.step.player.pack import pack

    title = title or f"The backward pass of {stepper.recording.root_name}"
    found = pack(stepper.recording, stepper.script(title), stepper.position + 1 if stepper.position >= 0 else None)
    if stepper.right:
        found["right"] = [node.number for node in stepper.right.consumers]
    return found


def save(stepper: Stepper, path: str | os.PathLike[str], title: str = "") -> str:
    """Write steps to a file: .html is a page that needs nothing else, .svg a moving picture. The path."""
    target = os.fspath(path)
    ending = os.path.splitext(target)[1].lower()
    if ending == ".html":
        from autograd.step.player.page import page

        content = page(packed(stepper, title))
    elif ending == ".svg":
        from autograd.step.player.animation import animate

        content = animate(stepper.recording)
    else:
        raise AutogradError(f"steps cannot be saved as {target!r}.{place()}\n  Use .html or .svg.")
    with open(target, "w", encoding="utf-8") as file:
        file.write(content)
    return target


def show(stepper: Stepper) -> None:
    """Open the page in a browser; where nobody is there to see it, say where it lies."""
    handle, path = tempfile.mkstemp(prefix="steps-", suffix=".html")
    os.close(handle)
    if _too_large(stepper):
        with open(path, "w", encoding="utf-8") as file:
            file.write(_folded(stepper))
    else:
        save(stepper, path)
    if not (sys.stdout.isatty() and webbrowser.open(f"file://{path}")):
        print(f"The steps are on the page {path}: open it in a browser.")


def mimebundle(stepper: Stepper) -> dict[str, str]:
    """What a notebook shows of a Stepper."""
    text = {"text/plain": repr(stepper)}
    if not _in_notebook():
        return text
    if _too_large(stepper):
        return {**text, "text/html": _folded(stepper)}
    from autograd.step.player.page import framed

    return {**text, "text/html": framed(packed(stepper), _picture(stepper), HEIGHT)}


def _too_large(stepper: Stepper) -> bool:
    from autograd.step.script import MOST

    return len(stepper.recording.nodes) > MOST


def _folded(stepper: Stepper) -> str:
    count = len(stepper.recording.nodes)
    return (
        f"<p>A graph of {count:,} nodes is too large to step through on a page. This is the whole of it, folded; "
        f"<code>Stepper(y).debug()</code> steps through it in the terminal.</p>\n{_picture(stepper)}"
    )


def _picture(stepper: Stepper) -> str:
    """A picture without a script: a moving one, or of a larger graph the folded graph."""
    from autograd.step.player.animation import MOST, animate

    recording = stepper.recording
    if len(recording.nodes) <= MOST:
        return animate(recording)
    from autograd.step.player.pack import folded
    from autograd.view.svg import paint

    return paint(folded(recording, MOST)[1], "LR")


def _in_notebook() -> bool:
    """Whether what a cell ends with is shown as HTML: in a kernel of Jupyter, or in marimo."""
    marimo = sys.modules.get("marimo")
    if marimo is not None and marimo.running_in_notebook():
        return True
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")
