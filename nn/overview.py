"""Overview: a model as a table of its modules, with shapes, parameters, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from autograd import Node, Tensor, enable_grad, flops
from nn.module import Module

__all__ = ["Summary", "summary"]


@dataclass(frozen=True)
class Row:
    """One module: where it stands, what kind it is, and, if the model was run, what came out and what it cost."""

    name: str
    kind: str
    depth: int
    output: str
    parameters: int  # of it and what is inside
    flops: int | None
    calls: int


@dataclass(frozen=True)
class Summary:
    """The table of a model; printed, or shown at the end of a cell of a notebook."""

    rows: list[Row]
    parameters: int
    trainable: int
    bytes: int  # of parameters and buffers
    flops: int | None

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        ran = self.flops is not None
        heads = ["module", "output shape", "parameters", "FLOPs"] if ran else ["module", "parameters"]
        cells = []
        for row in self.rows:
            short = row.name.rpartition(".")[2]
            name = "  " * row.depth + (f"{short}: {row.kind}" if short else row.kind)
            times = f" × {row.calls}" if row.calls > 1 else ""
            numbers = [f"{row.parameters:,}" if row.parameters else "-"]
            if ran:
                cost = "not run" if row.flops is None else _short(row.flops) if row.flops else "-"
                numbers = [row.output + times, *numbers, cost]
            cells.append([name, *numbers])
        return heads, cells

    def __str__(self) -> str:
        heads, cells = self._cells()
        widths = [max(len(line[i]) for line in [heads, *cells]) for i in range(len(heads))]
        rule = "─" * (sum(widths) + 2 * len(widths) - 2)

        def line(parts: list[str]) -> str:
            first, *rest = (
                part.ljust(w) if i < len(heads) - (2 if len(heads) > 2 else 1) else part.rjust(w)
                for i, (part, w) in enumerate(zip(parts, widths, strict=True))
            )
            return "  ".join([first, *rest]).rstrip()

        return "\n".join([line(heads), rule, *map(line, cells), rule, *self._totals()])

    __repr__ = __str__

    def _totals(self) -> list[str]:
        fixed = self.parameters - self.trainable
        told = f"{self.parameters:,} parameters"
        told += f", of which {fixed:,} are not trained" if fixed else ""
        told += f", {_short(self.bytes, 1024)}iB" if self.bytes >= 1024 else f", {self.bytes} bytes"
        return [told] + ([f"{_short(self.flops)} floating-point operations forward"] if self.flops is not None else [])

    def _repr_html_(self) -> str:
        heads, cells = self._cells()
        head = "".join(f"<th style='text-align:left'>{escape(h)}</th>" for h in heads)
        body = "".join(
            "<tr>" + "".join(f"<td style='text-align:left;white-space:pre'>{escape(c)}</td>" for c in line) + "</tr>"
            for line in cells
        )
        totals = "<br>".join(map(escape, self._totals()))
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{totals}</p>"


def summary(
    model: Module, *inputs: Any, input_size: Sequence[int] | None = None, depth: int = 3, **named: Any
) -> Summary:
    """What a model is made of: a row for each module, down to `depth`, with its parameters.

    Given inputs, or the `input_size` of one of zeros in float32, the model is run once, in eval mode, and rows have the
    shapes that came out and the number of floating-point operations; see `autograd.flops` for how they are counted.
    The model is left as it was. A parameter that several modules share counts once in the total.

    >>> import nn
    >>> nn.summary(nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10)), input_size=(32, 784))
    module       output shape  parameters   FLOPs
    ─────────────────────────────────────────────
    Sequential   (32, 10)          50,890  3.26 M
      0: Linear  (32, 64)          50,240  3.21 M
      1: ReLU    (32, 64)               -  2.05 k
      2: Linear  (32, 10)             650  41.3 k
    ─────────────────────────────────────────────
    50,890 parameters, 199 KiB
    3.26 M floating-point operations forward
    """
    if input_size is not None:
        inputs = (np.zeros(tuple(input_size), np.float32), *inputs)
    ran = bool(inputs or named)
    seen = _run(model, inputs, named) if ran else {}
    rows = []
    for name, module in model.named_modules():
        level = name.count(".") + 1 if name else 0
        if level <= depth:
            shapes, cost, calls = seen.get(module, ("", None, 0))
            many = sum(np.size(p.data) for p in module.parameters())
            rows.append(Row(name, type(module).__name__, level, shapes, many, cost, calls))
    parameters = model.parameters()
    arrays = [*(p.data for p in parameters), *model.buffers()]
    trained = [p for p in parameters if p.requires_grad]
    return Summary(
        rows,
        sum(np.size(p.data) for p in parameters),
        sum(np.size(p.data) for p in trained),
        sum(np.asarray(x).nbytes for x in arrays),
        seen[model][1] if ran else None,
    )


def _run(model: Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> dict[Module, tuple[str, int, int]]:
    """Of each module that is called: the shapes of its last output, the operations of all calls, and their number."""
    seen: dict[Module, tuple[str, int, int]] = {}

    def note(module: Module, args: Any, kwargs: Any, output: Any) -> None:
        given = [x for x in _leaves((args, tuple(kwargs.values()))) if isinstance(x, Node)]
        made = [y for y in _leaves(output) if isinstance(y, Node)]
        _, sofar, calls = seen.get(module, ("", 0, 0))
        seen[module] = (_shapes(output), sofar + flops(made, stop=given), calls + 1)

    modes = [(module, module.training) for module in model.modules()]
    handles = [module.register_forward_hook(note, with_kwargs=True) for module in model.modules()]
    try:
        model.eval()
        with enable_grad(), np.errstate(all="ignore"):
            model(*map(_recorded, inputs), **{name: _recorded(x) for name, x in named.items()})
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes:
            module.training = mode
    return seen


def _recorded(x: Any) -> Any:
    """An input so that what is computed from it is recorded, trained or not."""
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        return Tensor(x)
    return x


def _leaves(x: Any) -> list[Any]:
    if isinstance(x, dict):
        x = list(x.values())
    return [leaf for part in x for leaf in _leaves(part)] if isinstance(x, list | tuple) else [x]


def _shapes(x: Any) -> str:
    if isinstance(x, tuple) and len(x) > 1:
        return ", ".join(_shapes(part) for part in x)
    if isinstance(x, list | tuple):
        return f"[{', '.join(_shapes(part) for part in x)}]"
    return "-" if x is None else str(np.shape(x.data if isinstance(x, Node) else x))


def _short(n: float, step: float = 1000) -> str:
    """A number in three digits: 3.21 M."""
    for unit in ("", " k" if step == 1000 else " K", " M", " G", " T"):
        if n < step or unit == " T":
            return f"{n:.3g}{unit}" if unit else f"{n:g}"
        n /= step
    raise AssertionError
