"""Trainer: the loop itself, and what callbacks get to know of it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar

from autograd import OperandError
from nn.data import Subset
from nn.module import Module, StateError
from nn.optim import LBFGS, Optimizer
from nn.optim.lr_scheduler import ReduceLROnPlateau
from nn.random import get_rng_state, set_rng_state
from nn.training.batch import size_of
from nn.training.callback import Callback
from nn.training.evaluate import measured
from nn.training.guard import Guard
from nn.training.history import History
from nn.training.objective import Objective
from nn.training.snapshot import Snapshot
from nn.utils import clip_grad_norm_

__all__ = ["Trainer"]


class Trainer:
    """One training of one model. `fit` makes it, and callbacks are given it.

    | attribute | what it is |
    |---|---|
    | `model`, `optimizer`, `scheduler` | those that are at work; `scheduler` may be None |
    | `history` | the rows of the epochs that have ended |
    | `epoch`, `epochs` | how many have ended, and how many there will be |
    | `step`, `steps` | how many steps of this epoch have been done, and how many there are, or None if not known |
    | `total_steps` | how many steps have been done in all |
    | `loss_now`, `norm_now` | the last step's loss, and the length of its gradient if it is clipped |
    | `improved` | whether the epoch that has ended is the best one so far |
    | `batches` | those of the last step |
    | `rates` | the learning rates of the last step, one of each group |
    | `finished` | whether it has come to its end: not by Ctrl-C, and not by an error |
    """

    def __init__(
        self,
        goal: Objective,
        optimizer: Optimizer,
        loader: Iterable[Any],
        validation: Iterable[Any] | None,
        *,
        epochs: int,
        callbacks: Sequence[Callback],
        parts: Sequence[Subset] = (),
        scheduler: Any = None,
        each_step: bool = False,
        accumulate: int = 1,
        clip_norm: float | None = None,
    ) -> None:
        self.goal = goal
        self.model: Module = goal.model
        self.optimizer = optimizer
        self.scheduler = scheduler
        self.each_step = each_step  # whether the scheduler goes on with each step, and not with each epoch
        self.loader = loader
        self.validation = validation
        self.epochs = epochs
        self.accumulate = accumulate
        self.clip_norm = clip_norm
        self.parts = parts  # what the data was divided into by chance
        self.callbacks = sorted(callbacks, key=lambda each: each.last)
        self.history = History()
        self.epoch = self.step = self.total_steps = 0
        self.loss_now = self.norm_now = math.nan
        self.batches: list[Any] = []
        self.rates: list[float] = []
        self.finished = False
        self.total = self.count = 0.0  # of the losses in this epoch
        self.drained = False  # whether the loader has said that this epoch has no more batches
        self.best: list[Any] | None = None  # a snapshot after the best epoch
        self.best_loss = math.inf
        self.improved = False
        self._snapshot = Snapshot(self.model, optimizer)
        self._guard = Guard(self._snapshot)
        self._after_step = [c for c in self.callbacks if type(c).on_step_end is not Callback.on_step_end]

    @property
    def steps(self) -> int | None:
        """The steps of an epoch, where the loader knows its length."""
        try:
            return -(-len(self.loader) // self.accumulate)  # type: ignore[arg-type]
        except TypeError:
            return None

    def stop(self, why: str = "a callback said so") -> None:
        """End the training after this epoch."""
        self.history.stopped = why

    def validate(self, model: Module | None = None) -> dict[str, float]:
        """Loss and metrics of the model, or of another one in its place, on the validation data."""
        goal = self.goal if model is None else Objective(model, self.goal.loss, self.goal.metrics)
        return measured(goal, self.validation or ())

    def run(self) -> History:
        """Train. Ctrl-C ends it, too, and leaves the best weights in the model."""
        start = time.perf_counter()
        modes = [(module, module.training) for module in self.model.modules()]
        self.model.train()
        begun: list[Callback] = []
        try:
            for callback in self.callbacks:
                callback.on_begin(self)
                begun.append(callback)
            start -= self.history.seconds
            while self.epoch < self.epochs and not self.history.stopped:
                self._run_epoch()
                self.history.seconds = time.perf_counter() - start
                self._tell("on_epoch_end")
            self.finished = True
        except KeyboardInterrupt:
            self.history.interrupted = True
            if self.best is not None:
                self._snapshot.put(self.best)
        finally:
            self.history.seconds = time.perf_counter() - start
            for module, mode in modes:
                module.training = mode
            for callback in begun:
                callback.on_end(self)
        return self.history

    def _tell(self, event: str) -> None:
        for callback in self.callbacks:
            getattr(callback, event)(self)

    def _run_epoch(self) -> None:
        if not self.model.training:
            self.model.train()
        if self.step == 0:
            self.total = self.count = 0.0
            self.goal.reset()
            self._tell("on_epoch_begin")
        for group in self._groups():
            self._take_step(group)
            self.step += 1
            self.total_steps += 1
            if self.each_step:
                self.scheduler.step()
            for callback in self._after_step:
                callback.on_step_end(self)
        if not self._guard.sound():
            raise self._guard.blame(self.goal, self.loss_now, self.epoch + 1)
        if not self.count:
            raise OperandError(
                "there is no data to train with: the loader gave no batch.\n"
                "  Is it a generator that is used up? Give a list or a DataLoader, which begin anew in each epoch."
            )
        row = {"epoch": self.epoch + 1, "loss": self.total / self.count, **self.goal.figures()}
        if self.validation is not None:
            row |= {f"val_{name}": x for name, x in self.validate().items()}
        self._end_epoch(row)

    def _end_epoch(self, row: dict[str, Any]) -> None:
        self.history.epochs.append(row)
        self.epoch += 1
        self.step, self.drained = 0, False
        loss = row[self.history.monitor]
        self.improved = loss < self.best_loss
        if self.improved or self.best is None:
            self.best, self.best_loss = self._snapshot.take(), loss
        if isinstance(self.scheduler, ReduceLROnPlateau):
            self.scheduler.step(row[self.history.monitor])
        elif self.scheduler is not None and not self.each_step:
            self.scheduler.step()

    def _groups(self) -> Iterator[list[Any]]:
        """The batches of an epoch, as many at a time as make a step."""
        if self.drained:  # resumed after its last step
            return
        batches = iter(self.loader)
        if self.step and not hasattr(self.loader, "load_state_dict"):  # resumed, and the loader does not know it
            for _ in islice(batches, self.step * self.accumulate):
                pass
        if self.accumulate == 1:
            for batch in batches:
                yield [batch]
        else:
            while group := list(islice(batches, self.accumulate)):
                self.drained = len(group) < self.accumulate
                yield group

    def _take_step(self, group: list[Any]) -> None:
        self._guard.begin(group, self.step + 1)
        if self._after_step:
            self.batches = group
            self.rates = [each["lr"] for each in self.optimizer.param_groups]
        if isinstance(self.optimizer, LBFGS):  # which asks for the loss several times, and the first is the step's
            tries: list[float] = []

            def closure() -> float:
                tries.append(self._swept(group, not tries))
                return tries[-1]

            self._guard.keep()
            self.optimizer.step(closure)
        else:
            self._swept(group, True)
            self._guard.keep()
            self.optimizer.step()

    def _swept(self, group: list[Any], first: bool) -> float:
        """The loss of some batches, after its gradients: of all their examples as of one batch."""
        self.optimizer.zero_grad()
        whole = size_of(group[0]) if len(group) == 1 else sum(map(size_of, group))
        mean = 0.0
        for batch in group:
            value = self.goal(batch)
            number = self.goal.number(value)
            if not math.isfinite(number):
                raise self._guard.blame(self.goal, number, self.epoch + 1)
            if len(group) > 1:
                share = size_of(batch) / whole
                value, number = value * share, number * share
            self.goal.root(value).backward()
            mean += number
            if first:
                self.goal.measure()
        if first:
            self.loss_now = mean
            self.total += mean * whole
            self.count += whole
        if self.clip_norm is not None:
            self.norm_now = clip_grad_norm_(self.optimizer.parameters, self.clip_norm)
        return mean

    # To go on another day

    NUMBERS: ClassVar = (
        "epoch",
        "step",
        "total_steps",
        "loss_now",
        "norm_now",
        "total",
        "count",
        "drained",
        "best_loss",
    )

    def state_dict(self) -> dict[str, Any]:
        """All that the rest of the training depends on."""
        history = self.history
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": {} if self.scheduler is None else self.scheduler.state_dict(),
            "loader": self.loader.state_dict() if hasattr(self.loader, "state_dict") else {},
            "random": get_rng_state(),
            "best": self.best,
            "parts": [part.indices for part in self.parts],
            "metrics": {name: metric.state_dict() for name, metric in self.goal.metrics.items()},
            "callbacks": [[type(each).__name__, own] for each in self.callbacks if (own := each.state_dict())],
            "numbers": {name: getattr(self, name) for name in self.NUMBERS},
            "history": {"epochs": history.epochs, "stopped": history.stopped, "seconds": history.seconds},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where another training of the same kind stopped. Errors: StateError."""
        kept = self.model.state_dict(), self.optimizer.state_dict()
        try:
            self._load(state)
        except BaseException:
            self.model.load_state_dict(kept[0])
            self.optimizer.load_state_dict(kept[1])
            raise

    def _load(self, state: Mapping[str, Any]) -> None:
        if [len(part.indices) for part in self.parts] != [len(indices) for indices in state["parts"]]:
            raise StateError("the checkpoint is of a training with other data, or with another share of validation.")
        if state["metrics"].keys() != self.goal.metrics.keys():
            raise StateError(f"the checkpoint is of a training with other metrics: {', '.join(state['metrics'])}.")
        stateful = [each for each in self.callbacks if each.state_dict()]
        if [name for name, _ in state["callbacks"]] != [type(each).__name__ for each in stateful]:
            names = ", ".join(name for name, _ in state["callbacks"]) or "none that has a state"
            raise StateError(f"the checkpoint is of a training with other callbacks: {names}.")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        for part, indices in zip(self.parts, state["parts"]):
            part.indices = indices
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state["scheduler"])
        if hasattr(self.loader, "load_state_dict"):
            self.loader.load_state_dict(state["loader"])
        for name, metric in self.goal.metrics.items():
            metric.load_state_dict(state["metrics"][name])
        for each, (_, own) in zip(stateful, state["callbacks"]):
            each.load_state_dict(own)
        for name in self.NUMBERS:
            setattr(self, name, state["numbers"][name])
        self.optimizer.stepped = self.total_steps > 0
        self.best = state["best"]
        self.history.epochs[:] = state["history"]["epochs"]
        self.history.stopped = state["history"]["stopped"]
        self.history.seconds = state["history"]["seconds"]
        set_rng_state(state["random"])
