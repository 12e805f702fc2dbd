"""Widget: the player alive, in Jupyter and marimo. The same JavaScript as on a page; the numbers are Python's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from autograd.errors import AutogradError, place
from autograd.step.change import changed
from autograd.step.player import source
from autograd.step.player.front import packed
from autograd.step.player.page import data
from autograd.step.stepper import Stepper
from autograd.step.still import Still

HEIGHT = "640px"


def widget(stepper: Stepper, title: str = "") -> Any:
    """A live player of these steps, an `anywidget.AnyWidget`. Errors: AutogradError when anywidget is not installed."""
    try:
        kind = _kind()
    except ImportError:
        raise AutogradError(
            f"a live player needs the package anywidget.{place()}\n"
            "  pip install 'chainrule[widget]'. Without it, step_through(y) shows a player that needs no kernel."
        ) from None
    return kind(stepper, title)


@cache
def _kind() -> Any:
    import anywidget
    import traitlets

    class StepWidget(anywidget.AnyWidget):  # type: ignore[misc, unused-ignore]
        """Steps whose numbers Python computes.

        | trait | what it is |
        |---|---|
        | `position` | the event one stands at, as in `Stepper`; set it to move the player |
        | `values` | the values of leaves that have been changed, by name; set it to change them |

        `stepper` is the Stepper through the numbers that are shown. `observe(f, "values")` calls f at every change.
        The graph that the steps were made from is left as it is.
        """

        _esm = source.widget()
        _css = source.style() + f".chainrule{{height:{HEIGHT}}}"
        script = traitlets.Unicode().tag(sync=True)
        position = traitlets.Int(-1).tag(sync=True)
        edit = traitlets.Dict().tag(sync=True)
        values = traitlets.Dict()

        def __init__(self, stepper: Stepper, title: str) -> None:
            self.stepper, self._first, self._title = stepper, stepper.recording, title
            self._numbers: dict[int, Any] = {}  # of the nodes that have been changed
            super().__init__(script=data(packed(stepper, title)), position=stepper.position)

        @traitlets.observe("position")
        def _moved(self, change: Any) -> None:
            self.stepper.position = min(self.position, len(self.stepper) - 1)

        @traitlets.observe("edit")
        def _edited(self, change: Any) -> None:
            node = self._first.nodes[self.edit["node"]]
            self._numbers[node.number] = _edited(node, self._numbers.get(node.number, node.data), self.edit)
            if node in self._first.names:
                self.values = {**self.values, self._first.names[node]: self._numbers[node.number]}
            else:
                self._compute()

        @traitlets.observe("values")
        def _changed(self, change: Any) -> None:
            self._numbers |= {self._first.find(name).number: value for name, value in self.values.items()}
            self._compute()

        def _compute(self) -> None:
            self.stepper = Stepper.of(changed(self._first, self._numbers))
            self.stepper.position = self.position
            self.script = data(packed(self.stepper, self._title))

    return StepWidget


def _edited(node: Still, x: Any, edit: Mapping[str, Any]) -> Any:
    """The value of a leaf after an edit: of an array one element."""
    if not node.is_array:
        return edit["value"]
    x = np.array(x)
    x.flat[edit["index"]] = edit["value"]
    return x
