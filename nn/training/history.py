"""History: the figures of every epoch, to be read, plotted and written down."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

from autograd import OperandError

__all__ = ["History"]

Row = dict[str, Any]


class History(Sequence[Row]):
    """What a training has come to: a row of figures for each epoch.

    | attribute | what it is |
    |---|---|
    | `epochs` | the rows, dicts: `epoch` from 1 on, `loss`, the metrics, the same of the validation as `val_...` |
    | `best` | the row with the lowest `monitor` |
    | `monitor` | `"val_loss"`, or `"loss"` where nothing is validated |
    | `interrupted` | whether Ctrl-C ended it; the model then has the weights of the best epoch |
    | `stopped` | why a callback ended it early, or nothing |
    | `seconds` | how long it took |

    A name gives a column, `history["loss"]`, a number a row, `history[-1]`.

    >>> import nn
    >>> history = nn.History([{"epoch": 1, "loss": 0.7, "val_loss": 0.9}, {"epoch": 2, "loss": 0.5, "val_loss": 0.8}])
    >>> history["val_loss"], history.best["epoch"]
    ([0.9, 0.8], 2)
    >>> print(history)
    epoch  loss  val_loss
        1   0.7       0.9
        2   0.5       0.8  *
    """

    def __init__(self, epochs: Sequence[Row] = ()) -> None:
        self.epochs: list[Row] = [dict(row) for row in epochs]
        self.interrupted = False
        self.stopped = ""
        self.seconds = 0.0

    def __len__(self) -> int:
        return len(self.epochs)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.epochs)

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return self.epochs[key]
        if key not in self.names:
            raise OperandError(f"the history has no {key!r}: it has {', '.join(self.names) or 'no epochs'}.")
        return [row.get(key, math.nan) for row in self.epochs]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return list(dict.fromkeys(name for row in self.epochs for name in row))

    @property
    def history(self) -> dict[str, list[Any]]:
        """The columns by name, without the number of the epoch: what Keras calls `history.history`."""
        return {name: self[name] for name in self.names if name != "epoch"}

    @property
    def monitor(self) -> str:
        """The figure that says which epoch was the best one."""
        return "val_loss" if self.epochs and "val_loss" in self.epochs[-1] else "loss"

    @property
    def best(self) -> Row:
        """The row with the lowest `monitor`; an empty one where there are no rows."""
        name = self.monitor
        rows = [row for row in self.epochs if not math.isnan(row.get(name, math.nan))]
        return min(rows, key=lambda row: row[name], default={})  # the first one of equals

    def to_dict(self) -> dict[str, list[Any]]:
        """The columns by name: what `pandas.DataFrame` takes."""
        return {name: self[name] for name in self.names}

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """The rows as text with commas, written to a file if there is a path."""
        lines: list[str] = []

        class Lines:
            def write(self, text: str) -> None:
                lines.append(text)

        writer = csv.DictWriter(Lines(), self.names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.epochs)
        if path is not None:
            Path(path).write_text("".join(lines), encoding="utf-8")
        return "".join(lines)

    def plot(self, ax: Any = None, names: Sequence[str] | None = None) -> Any:
        """Draw the figures over the epochs with matplotlib: the loss, and beside it the metrics, if there are any.

        A figure of the validation has the colour of that of the training, and its line is full where that is dashed.
        Given `ax` all are drawn there; `names` chooses. Returns the axes, or an array of two.
        """
        import matplotlib.pyplot as plt

        shown = [n for n in (names or self.names) if n != "epoch" and all(_is_number(x) for x in self[n])]
        base = dict.fromkeys(n.removeprefix("val_") for n in shown)
        groups = [[n for n in base if n == "loss"], [n for n in base if n != "loss"]]
        if ax is not None or names is not None or not all(groups):
            groups = [list(base)]
        axes = [ax] if ax is not None else plt.subplots(1, len(groups), figsize=(5.5 * len(groups), 3.6))[1]
        axes = axes if isinstance(axes, list) else [*getattr(axes, "flat", [axes])]
        epochs = [row.get("epoch", i + 1) for i, row in enumerate(self.epochs)]
        for where, group in zip(axes, groups, strict=True):
            for i, name in enumerate(group):
                both = name in shown and f"val_{name}" in shown
                for each, style in ((name, "--" if both else "-"), (f"val_{name}", "-")):
                    if each in shown:
                        where.plot(epochs, self[each], style, color=f"C{i % 10}", label=each.replace("_", " "))
            if self.best and groups[0] is group and self.monitor in shown:
                where.plot(self.best.get("epoch", 1), self.best[self.monitor], "o", color="C0", label="best")
            where.set_xlabel("epoch")
            where.set_title(group[0].replace("_", " ") if len(group) == 1 else "")
            where.xaxis.get_major_locator().set_params(integer=True)
            if group:
                where.legend()
        return axes[0] if len(axes) == 1 else axes

    def _cells(self) -> list[list[str]]:
        names = self.names
        return [[short(row.get(name, "")) for name in names] for row in self.epochs]

    def __str__(self) -> str:
        if not self.epochs:
            return "History of no epochs"
        cells = self._cells()
        widths = [max(map(len, column)) for column in zip(self.names, *cells, strict=True)]
        best = self.best
        lines = ["  ".join(n.rjust(w) for n, w in zip(self.names, widths, strict=True))]
        for line, row in zip(cells, self.epochs, strict=True):
            text = "  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True))
            lines.append(text + ("  *" if row is best else ""))
        return "\n".join(lines + self._remarks())

    def __repr__(self) -> str:
        if not self.epochs:
            return "History of no epochs"
        figures = ", ".join(f"{name} {short(x)}" for name, x in self.best.items() if name != "epoch")
        return f"History of {len(self)} epochs, the best is {self.best.get('epoch', '?')}: {figures}"

    def _remarks(self) -> list[str]:
        found = ["interrupted: the weights are those of the best epoch"] if self.interrupted else []
        return found + ([f"stopped early: {self.stopped}"] if self.stopped else [])

    def _repr_html_(self) -> str:
        if not self.epochs:
            return "<p>History of no epochs</p>"
        head = "".join(f"<th style='text-align:right'>{escape(n)}</th>" for n in self.names)
        body, best = "", self.best
        for row, cells in zip(self.epochs, self._cells(), strict=True):
            weight = "font-weight:bold" if row is best else ""
            inside = "".join(f"<td style='text-align:right'>{escape(cell)}</td>" for cell in cells)
            body += f"<tr style='{weight}'>{inside}</tr>"
        remarks = "<br>".join(map(escape, [f"{self.seconds:.1f} s, the best epoch in bold", *self._remarks()]))
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f"<div style='max-height:24em;overflow:auto'>{table}</div><p>{remarks}</p>"


def short(x: Any) -> str:
    """A figure in few digits."""
    return f"{x:.4g}" if isinstance(x, float) else str(x)


def _is_number(x: Any) -> bool:
    return isinstance(x, int | float)
