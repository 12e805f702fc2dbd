"""fit: train a model. What stands in every training loop, once and with care."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import nn.optim as optim
from autograd import OperandError, no_grad
from nn.dense import Dense
from nn.lazy import _Lazy
from nn.module import Module
from nn.optim import Optimizer
from nn.optim.lr_scheduler import CosineAnnealingLR, CyclicLR, LinearLR, LRScheduler, OneCycleLR
from nn.random import manual_seed
from nn.training.batch import batches, dataset, dtype_of, inputs_and_target, split
from nn.training.callback import callback
from nn.training.evaluate import in_eval_mode
from nn.training.history import History
from nn.training.objective import objective
from nn.training.progress import Progress
from nn.training.trainer import Trainer

__all__ = ["fit"]


def fit(
    model: Module,
    loss: Any,
    data: Any,
    *,
    epochs: int = 1,
    optimizer: Any = "adam",
    lr: float | None = None,
    batch_size: int = 32,
    shuffle: bool = True,
    validation: Any = None,
    metrics: Any = (),
    callbacks: Any = (),
    scheduler: Any = None,
    accumulate: int = 1,
    clip_norm: float | None = None,
    seed: int | None = None,
    progress: bool = True,
) -> History:
    """Train a model, and tell how it went: a History.

    - `loss`: a function of output and target; a module, `nn.CrossEntropyLoss()`; or the name of a function of
      `nn.functional`. None when the model itself returns its loss, called with the parts of a batch.
    - `data`: arrays `(x, y)`, or `(x1, x2, y)` for a model of several inputs; a Dataset; a DataLoader or list of
      batches, the last part of which is the target. One array alone is input and target.
    - `optimizer`: a name; an optimizer; or a function of the parameters that makes one, `nn.optim.AdamW`.
    - `lr`: the learning rate, where the optimizer's own is not meant.
    - `batch_size`, `shuffle`: how arrays and Datasets are gone through.
    - `validation`: a share of the examples, `0.1`, drawn by chance and not trained with; or data as above.
    - `metrics`: names, `["accuracy"]`; metrics of `nn.metrics`; or functions of output and target, averaged.
    - `callbacks`: each a `nn.Callback`, or a function of the trainer, called after each epoch.
    - `scheduler`: a schedule of `nn.optim.lr_scheduler` or a function of the optimizer that makes one, which goes on
      after each epoch (OneCycleLR and CyclicLR after each step); or "cosine", "linear" or "onecycle", which end with
      the training.
    - `accumulate`: how many batches make one step, as if they were a single batch.
    - `clip_norm`: how long all gradients together may be.
    - `seed`: `nn.manual_seed(seed)` before anything is drawn.
    - `progress`: whether to show a bar.

    Arrays of floats take the dtype of the model's parameters. With `nn.manual_seed` before (and before the model is
    made) all is repeatable. Afterwards the model is in the mode, train or eval, that it was in.

    Ctrl-C ends the training: the model has the weights of its best epoch, and the history so far is returned. When the
    loss, or a parameter, becomes infinite or NaN, the step is done again under `autograd.detect_anomaly` and an error
    says where it came from; the parameters are those before that step.

    Errors: TrainingError; OperandError and ValueError for arguments that cannot be.

    >>> import nn, numpy as np
    >>> nn.manual_seed(0)
    >>> x = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> model = nn.models.MLP(1, 16, 1, activation=nn.Tanh)
    >>> history = nn.fit(model, "mse_loss", (x, x ** 2), epochs=60, batch_size=8, lr=0.02, validation=0.2,
    ...                  progress=False)
    >>> history.best["val_loss"] < 1e-3
    True
    """
    if seed is not None:
        manual_seed(seed)
    for name, n in (("epochs", epochs), ("accumulate", accumulate)):
        if n != int(n) or n < (name == "accumulate"):
            raise ValueError(f"{name} must be a whole number of at least {int(name == 'accumulate')}, and is {n!r}.")
    goal = objective(model, loss, metrics)
    dtype = dtype_of(model)
    examples = dataset(data, dtype)
    parts = []
    if isinstance(validation, float):
        parts = [examples, validation] = split(examples, validation)
    held_out = None if validation is None else batches(dataset(validation, dtype), max(batch_size, 256), False)
    loader = batches(examples, batch_size, shuffle)
    _learn_sizes(model, loader)
    optimizer = optimizer_of(optimizer, model, lr)
    whole = _total_steps(loader, epochs, accumulate)
    scheduler, each_step = _scheduler(scheduler, optimizer, whole)
    given = callbacks if isinstance(callbacks, list | tuple) else [callbacks]
    told = [callback(each) for each in given] + ([Progress()] if progress else [])
    return Trainer(
        goal,
        optimizer,
        loader,
        held_out,
        epochs=int(epochs),
        callbacks=told,
        parts=parts,
        scheduler=scheduler,
        each_step=each_step,
        accumulate=int(accumulate),
        clip_norm=clip_norm,
    ).run()


def optimizer_of(given: Any, model: Module, lr: float | None) -> Optimizer:
    if isinstance(given, Optimizer):
        if lr is not None:
            given.lr = lr
        own = {id(p) for p in model.parameters()}
        if not any(id(p) in own for p in given.parameters):
            raise OperandError(
                f"the {type(given).__name__} moves other parameters than the model's.\n"
                "  Make it of model.parameters(), after the model has its last form."
            )
        return given
    make = _named(given) if isinstance(given, str) else given
    if not callable(make):
        raise OperandError(f"optimizer is a name, an optimizer or a function that makes one, and not {given!r:.80}.")
    parameters = [p for p in model.parameters() if p.requires_grad]
    found = make(parameters) if lr is None else make(parameters, lr=lr)
    if not isinstance(found, Optimizer):
        raise OperandError(f"optimizer={given!r:.80} was to make an optimizer and made {found!r:.80}.")
    return found


def _named(name: str) -> Callable[..., Any]:
    known = {each.lower(): each for each in optim.__all__ if each not in ("Optimizer", "lr_scheduler")}
    if name.lower() not in known:
        near = get_close_matches(name.lower(), known, 1)
        hint = f"; is {near[0]!r} meant?" if near else f": {', '.join(known)}."
        raise OperandError(f"there is no optimizer {name!r}{hint}")
    return getattr(optim, known[name.lower()])  # type: ignore[no-any-return]


def _scheduler(given: Any, optimizer: Optimizer, steps: int | None) -> tuple[Any, bool]:
    """The schedule, and whether it goes on with each step."""
    if given is None:
        return None, False
    if isinstance(given, str):
        if given not in ("cosine", "linear", "onecycle"):
            raise OperandError(f"there is no schedule {given!r}: 'cosine', 'linear', 'onecycle', or make one yourself.")
        if steps is None:
            raise OperandError(
                f"scheduler={given!r} must know how many batches there are, and the loader has no length."
            )
        if given == "cosine":
            return CosineAnnealingLR(optimizer, max(steps, 1)), True
        if given == "linear":
            return LinearLR(optimizer, 1.0, 0.0, max(steps, 1)), True
        return OneCycleLR(optimizer, optimizer.lr, total_steps=steps + 1), True
    if isinstance(given, type) or not isinstance(given, LRScheduler):
        if not callable(given):
            raise OperandError(f"scheduler is a schedule or a function of the optimizer, and not {given!r:.80}.")
        given = given(optimizer)
    if not isinstance(given, LRScheduler):
        raise OperandError(
            f"the scheduler's function was to make one of nn.optim.lr_scheduler, and made {given!r:.80}."
        )
    if given.optimizer is not optimizer:
        raise OperandError(
            "the scheduler belongs to another optimizer.\n"
            "  Give a function, which is called with that of the training: scheduler=lambda o: StepLR(o, 10)."
        )
    return given, isinstance(given, OneCycleLR | CyclicLR)


def _total_steps(loader: Any, epochs: int, accumulate: int) -> int | None:
    try:
        return int(epochs) * -(-len(loader) // accumulate)
    except TypeError:
        return None


def _learn_sizes(model: Module, loader: Any) -> None:
    """Show lazy layers a first batch, so that they have their weights before an optimizer is made."""
    if any(isinstance(m, _Lazy) or (isinstance(m, Dense) and not m.in_features) for m in model.modules()):
        batch = next(iter(loader), None)
        if batch is not None:
            with in_eval_mode(model), no_grad():
                model(*inputs_and_target(batch)[0])
