"""Run: one training of a recipe, with its settings, its figures, and the files that it leaves."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nn.data import Subset
from nn.module import Module
from nn.random import manual_seed
from nn.recipe import picture
from nn.storage import save

__all__ = ["Run"]


class Run:
    """What a recipe is given: settings to ask for, and a place for what comes out.

    - `epochs(usual)`, `part(data, n)`: how long to train, and on what; both small with `--quick`.
    - `figure(name, value, at_least=...)`: print a figure, and whether it is what was promised.
    - `say(text)`, `save(model)`, `write(name, text)`, `images(...)`, `lines(...)`, `heat(...)`: words and files.

    Afterwards it has what came out: `figures` and `models`, by name, and `show()`, which shows the pictures.

    Making one starts the clock and `nn.manual_seed(seed)`.
    """

    def __init__(
        self, name: str, out: Path | str, *, epochs: int | None = None, seed: int = 0, quick: bool = False
    ) -> None:
        self.name = name
        self.out = Path(out)
        self.seed = seed
        self.quick = quick
        self.missed: list[str] = []  # figures that are not what was promised
        self.figures: dict[str, float] = {}
        self.models: dict[str, Module] = {}  # by the name of the file that keeps the weights
        self.files: list[str] = []
        self._epochs = epochs
        self._start, self._work = time.perf_counter(), time.process_time()
        manual_seed(seed)

    # Settings

    def epochs(self, usual: int, quick: int = 1) -> int:
        """How often to go through the data: what the user said, or `usual`, or with `--quick` so few."""
        return self._epochs or (quick if self.quick else usual)

    def part(self, data: Any, quick: int) -> Any:
        """The data; with `--quick` only the first so many examples of a dataset, or numbers of an array."""
        if not self.quick or len(data) <= quick:
            return data
        return data[:quick] if isinstance(data, np.ndarray | str | list) else Subset(data, range(quick))

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.perf_counter() - self._start

    # Words

    def say(self, text: str) -> None:
        """Print it, with the recipe's name before the first line."""
        first, *others = text.splitlines() or [""]
        print("\n".join([f"{self.name:<10} {first}", *(f"{'':<10} {line}" for line in others)]), flush=True)

    def figure(
        self,
        name: str,
        value: float,
        *,
        at_least: float | None = None,
        below: float | None = None,
        show: Callable[[float], str] | None = None,
    ) -> None:
        """Print a figure, and what was promised of it: to be at least this, or below that. Shares are in percent.

        With `--quick` nothing is promised. `show` turns a number into words, where percent are not meant.
        """
        self.figures[name] = value
        words = show or (lambda x: f"{x:.4g}" if below is not None or at_least is None else f"{x:.1%}")
        text = f"{name:<10} {words(value)}"
        limit = below if at_least is None else at_least
        if limit is not None:
            good = value < limit if at_least is None else value >= limit
            verdict = "not judged with --quick" if self.quick else "reached" if good else "MISSED"
            text += f"   {'below' if at_least is None else 'at least'} {words(limit)} was promised: {verdict}"
            if not good and not self.quick:
                self.missed.append(name)
        print(text, flush=True)

    # Files

    def path(self, name: str) -> Path:
        """Where a file of this name goes; it is told of at the end."""
        self.out.mkdir(parents=True, exist_ok=True)
        self.files.append(name)
        return self.out / name

    def save(self, model: Module, name: str = "model.npz") -> None:
        """Keep the weights, for `nn.load(path, model)`."""
        self.models[name] = model
        save(model, self.path(name))

    def write(self, name: str, text: str) -> None:
        """Keep a text."""
        self.path(name).write_text(text, encoding="utf-8")

    def images(self, name: str, images: Any, titles: Sequence[Any] = (), columns: int = 10) -> None:
        """Keep a picture of many: (N, H, W), (N, 1, H, W) or (N, 3, H, W), with a title each."""
        self._draw(name, lambda: picture.images(images, titles, columns))

    def lines(self, name: str, lines: Mapping[str, Any], x: str = "epoch", y: str = "", **how: Any) -> None:
        """Keep a picture of lines by name, each a row of numbers or a pair of rows; `how` goes to matplotlib's axes."""
        self._draw(name, lambda: picture.lines(lines, x, y, **how))

    def heat(self, name: str, table: Any, rows: Sequence[Any], columns: Sequence[Any]) -> None:
        """Keep a picture of a table of numbers between 0 and 1, the larger the darker."""
        self._draw(name, lambda: picture.heat(table, rows, columns))

    def _draw(self, name: str, draw: Callable[[], Any]) -> None:
        try:
            figure = draw()
        except ModuleNotFoundError as missing:
            self.say(f'{name} is not drawn, for there is no {missing.name}: pip install "chainrule[demo]"')
            return
        figure.savefig(self.path(name), dpi=110, bbox_inches="tight")

    # The end

    @property
    def model(self) -> Module:
        """The network that was trained: of several the first."""
        return next(iter(self.models.values()))

    def show(self) -> None:
        """Show the pictures below the cell of a notebook."""
        import IPython.display

        display: Any = IPython.display.display
        for name in self.files:
            if name.endswith((".png", ".svg")):
                picture = IPython.display.SVG if name.endswith("svg") else IPython.display.Image
                display(picture(filename=str(self.out / name)))

    def finish(self) -> int:
        """Print the time and the files; the exit status, 1 when a promise was missed."""
        print(f"{'time':<10} {self.seconds:.1f} s, of the processor {time.process_time() - self._work:.1f} s")
        if self.files:
            print(f"{'files':<10} {self.out}{'/' if len(self.files) == 1 else ': '}{', '.join(self.files)}")
        return 1 if self.missed else 0
