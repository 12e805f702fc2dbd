"""Search: which width, depth and learning rate? Many small trainings, a table of them, and the best one's model.

>>> import nn
>>> def build(width, depth):
...     return nn.models.MLP(64, *[width] * depth, 10)
>>> x, y = nn.datasets.digits().train[:300]
>>> space = {"width": [8, 32], "depth": nn.search.integers(1, 3), "lr": nn.search.log_uniform(1e-4, 1e-1)}
>>> found = nn.search.successive_halving(
...     build, nn.CrossEntropyLoss(), (x.reshape(300, 64), y), space, trials=9, epochs=1, metrics=["accuracy"],
...     monitor="val_accuracy", progress=False)
>>> print(found.table())
  trial  width  depth  lr  epochs  val_accuracy
...
>>> [trial.epochs for trial in found.trials]
[9, 3, 3, 1, 1, 1, 1, 1, 1]
>>> sorted(found.best.configuration), found.model.num_parameters > 0
(['depth', 'lr', 'width'], True)

A search space is a dict. What `nn.fit` knows, `lr`, `batch_size`, `optimizer` and so on, goes there; all else are
arguments of `build`, which makes a model. A list is a choice; `uniform`, `log_uniform` and `integers` are ranges;
anything else is what it is. Each trial draws from a generator of its own, made of the seed and its number: a search can
be repeated, and a longer one begins with the same trials.
"""

from __future__ import annotations

import inspect
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from autograd import OperandError
from nn.metrics.registry import BY_NAME
from nn.module import Module
from nn.random import drawing_from
from nn.training.batch import dataset, dtype_of, split
from nn.training.fit import fit
from nn.training.guard import TrainingError
from nn.training.history import short

__all__ = ["Search", "Trial", "integers", "log_uniform", "random_search", "successive_halving", "uniform"]

Build = Callable[..., Module]
SHARED = {"model", "loss", "data", "epochs", "validation", "metrics", "seed", "progress", "callbacks"}
OF_FIT = frozenset(inspect.signature(fit).parameters) - SHARED  # what a space may have for a training


@dataclass(frozen=True)
class Range:
    """The numbers from `low` to `high`, both among them, and how they are drawn."""

    low: float
    high: float
    kind: str

    def draw(self, random: np.random.Generator) -> Any:
        """One of them."""
        if self.kind == "integers":
            return int(random.integers(int(self.low), int(self.high), endpoint=True))
        if self.kind == "log_uniform":
            return float(np.exp(random.uniform(math.log(self.low), math.log(self.high))))
        return float(random.uniform(self.low, self.high))


def uniform(low: float, high: float) -> Range:
    """Any number between two, each as likely as any other."""
    return _range(low, high, "uniform")


def log_uniform(low: float, high: float) -> Range:
    """Any number between two, each order of magnitude as likely as any other: for learning rates."""
    if not low > 0:
        raise ValueError(f"log_uniform({low}, {high}): it has no logarithm; take a positive number, or uniform.")
    return _range(low, high, "log_uniform")


def integers(low: int, high: int) -> Range:
    """A whole number from `low` to `high`, both among them."""
    return _range(low, high, "integers")


def _range(low: float, high: float, kind: str) -> Range:
    if not low <= high:
        raise ValueError(f"{kind}({low}, {high}): the lower end comes first.")
    return Range(low, high, kind)


@dataclass
class Trial:
    """One training of a search: what was tried, how long, and what came of it.

    `score` is the figure that was watched, after the last epoch: infinite, or minus that, when the training broke off.
    `epochs` is the number of them, `history` their rows. Only the best trial keeps its `model`.
    """

    number: int
    configuration: dict[str, Any]
    score: float = math.nan
    epochs: int = 0
    seconds: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list, repr=False)
    model: Module | None = field(default=None, repr=False)
    optimizer: Any = field(default=None, repr=False)
    random: Any = field(default=None, repr=False)


class Search:
    """What a search has found: its `trials`, the best first. In a notebook it is a table."""

    def __init__(self, trials: list[Trial], monitor: str) -> None:
        self.trials = trials
        self.monitor = monitor

    @property
    def best(self) -> Trial:
        """The best trial: its `configuration`, its `score`, its `history`."""
        return self.trials[0]

    @property
    def model(self) -> Module:
        """The trained model of the best trial."""
        assert self.best.model is not None
        return self.best.model

    def rows(self) -> list[dict[str, Any]]:
        """The table: what `pandas.DataFrame` takes."""
        return [{"trial": t.number, **t.configuration, "epochs": t.epochs, self.monitor: t.score} for t in self.trials]

    def table(self, count: int | None = None) -> str:
        """The best `count` trials, or all, as text."""
        names = list(self.rows()[0])
        lines = [names, *([short_of(row[name]) for name in names] for row in self.rows()[:count])]
        widths = [max(len(line[i]) for line in lines) for i in range(len(names))]
        return "\n".join("  ".join(["", *(cell.rjust(n) for cell, n in zip(line, widths))]) for line in lines)

    def __repr__(self) -> str:
        return f"Search of {len(self.trials)} trials by {self.monitor}, the best first\n{self.table(10)}"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in self.rows()[0])
        lines = ("".join(f"<td>{escape(short_of(x))}</td>" for x in row.values()) for row in self.rows())
        body = "".join(f"<tr style='text-align:right'>{line}</tr>" for line in lines)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def short_of(x: Any) -> str:
    """A number in few digits, a function by its name."""
    return getattr(x, "__name__", None) or short(x)


def random_search(
    build: Build,
    loss: Any,
    data: Any,
    space: Mapping[str, Any],
    *,
    trials: int = 20,
    epochs: int = 10,
    validation: Any = 0.2,
    metrics: Any = (),
    monitor: str = "val_loss",
    mode: str | None = None,
    seed: int = 0,
    progress: bool = True,
    **settings: Any,
) -> Search:
    """Try configurations of chance, each for the same number of epochs (Bergstra and Bengio, 2012).

    `build(**configuration)` makes a model; `loss`, `data`, `validation` and `metrics` are those of `nn.fit`, and so are
    further `settings`. A share of the data for validation is drawn once, for all trials. `monitor` is a column of the
    history; the smallest is the best, or the largest where the metric says so, or `mode` does ("min" or "max").
    """
    rounds = [(trials, epochs)]
    goal = _Goal(build, loss, data, validation, metrics, monitor, mode, seed, progress, settings)
    return _searched(goal, space, rounds)


def successive_halving(
    build: Build,
    loss: Any,
    data: Any,
    space: Mapping[str, Any],
    *,
    trials: int = 27,
    epochs: int = 1,
    factor: int = 3,
    validation: Any = 0.2,
    metrics: Any = (),
    monitor: str = "val_loss",
    mode: str | None = None,
    seed: int = 0,
    progress: bool = True,
    **settings: Any,
) -> Search:
    """Try many configurations for a short time, and go on with the best of them: `factor` times fewer, for longer.

    (Jamieson and Talwalkar, 2016.) All are trained for `epochs`; the best third of them, with a `factor` of 3, until
    they have had three times as many; and so on until one is left. Each round costs about as much as the first. They
    go on where they stopped, with their optimizers; a `scheduler` by name begins anew in each round. The trials of the
    last round come first in the result. Arguments as in `random_search`.
    """
    if factor < 2:
        raise ValueError(f"successive_halving goes on with one of `factor` trials, 2 or more, and not of {factor}.")
    rounds = [(trials, epochs)]
    while rounds[-1][0] >= factor:
        rounds.append((rounds[-1][0] // factor, rounds[-1][1] * factor))
    goal = _Goal(build, loss, data, validation, metrics, monitor, mode, seed, progress, settings)
    return _searched(goal, space, rounds)


@dataclass
class _Goal:
    """What all trials have in common."""

    build: Build
    loss: Any
    data: Any
    validation: Any
    metrics: Any
    monitor: str
    mode: str | None
    seed: int
    progress: bool
    settings: dict[str, Any]

    def __post_init__(self) -> None:
        if self.mode not in (None, "min", "max"):
            raise ValueError(f'a search\'s mode is "min" or "max", and not {self.mode!r}.')
        known = BY_NAME.get(self.monitor.removeprefix("val_"))
        more = known is not None and known.make().higher_is_better if self.mode is None else self.mode == "max"
        self.sign = -1.0 if more else 1.0  # sign · score: the smaller the better

    def say(self, words: str) -> None:
        if self.progress:
            print(words, file=sys.stderr)


def _searched(goal: _Goal, space: Mapping[str, Any], rounds: Sequence[tuple[int, int]]) -> Search:
    count, epochs = rounds[0]
    if count < 1 or epochs < 1:
        raise ValueError(f"a search has at least one trial of at least one epoch, and not {count} of {epochs}.")
    running = [_begun(goal, space, number) for number in range(1, count + 1)]
    if isinstance(goal.validation, float):
        examples = dataset(goal.data, dtype_of(running[0].model))  # type: ignore[arg-type]
        with drawing_from(np.random.default_rng(goal.seed)):
            goal.data, goal.validation = split(examples, goal.validation)
    order: list[Trial] = []
    for count, epochs in rounds:
        for trial in running[count:]:
            trial.model = trial.optimizer = trial.random = None
        order, running = running[count:] + order, running[:count]
        if len(rounds) > 1:
            goal.say(f"{count} {'trials' if count > 1 else 'trial'} until epoch {epochs}")
        for trial in running:
            _continued(goal, trial, epochs)
            parts = [f"{name} {short_of(x)}" for name, x in {**trial.configuration, goal.monitor: trial.score}.items()]
            goal.say(f"  trial {trial.number}  {'  '.join(parts)}  {trial.seconds:.1f} s")
        running.sort(key=lambda each: goal.sign * each.score)
    for trial in running[1:]:
        trial.model = None
    return Search(running + order, goal.monitor)


def _begun(goal: _Goal, space: Mapping[str, Any], number: int) -> Trial:
    """A trial that knows what it is to try, and has its model."""
    random = np.random.default_rng([goal.seed, number])
    configuration = {name: _drawn(name, what, random) for name, what in space.items()}
    with drawing_from(random):
        model = goal.build(**{name: x for name, x in configuration.items() if name not in OF_FIT})
    if not isinstance(model, Module):
        raise OperandError(f"build was to make a nn.Module of {configuration}, and made {model!r:.80}.")
    return Trial(number, configuration, model=model, random=random)


def _drawn(name: str, what: Any, random: np.random.Generator) -> Any:
    if isinstance(what, Range):
        return what.draw(random)
    if isinstance(what, list | tuple):
        if not what:
            raise ValueError(f"the search space has no choice for {name!r}.")
        return what[int(random.integers(len(what)))]
    return what


def _continued(goal: _Goal, trial: Trial, epochs: int) -> None:
    """Train until it has had so many epochs, and see how well it does."""
    if math.isinf(trial.score):
        return
    assert trial.model is not None
    given = {**goal.settings, **{name: x for name, x in trial.configuration.items() if name in OF_FIT}}
    if trial.optimizer is not None:
        given |= {"optimizer": trial.optimizer, "lr": None}

    def keep(trainer: Any) -> None:
        trial.optimizer = trainer.optimizer

    given["callbacks"] = [*given.get("callbacks", ()), keep]
    start = time.perf_counter()
    try:
        with drawing_from(trial.random), np.errstate(all="ignore"):
            history = fit(
                trial.model,
                goal.loss,
                goal.data,
                epochs=epochs - trial.epochs,
                validation=goal.validation,
                metrics=goal.metrics,
                progress=False,
                **given,
            )
    except TrainingError:
        trial.score = goal.sign * math.inf
    else:
        if goal.monitor not in history.names:
            raise OperandError(f"the search watches {goal.monitor!r}, and an epoch has {', '.join(history.names)}.")
        if history.interrupted:
            raise KeyboardInterrupt
        trial.history += [{**row, "epoch": row["epoch"] + trial.epochs} for row in history]
        trial.epochs += len(history)
        score = float(history[-1][goal.monitor])
        trial.score = goal.sign * math.inf if math.isnan(score) else score
    finally:
        trial.seconds += time.perf_counter() - start
