"""Adversarial examples: inputs changed so little that nobody sees it, and so that the model errs; and what helps.

>>> import nn
>>> nn.manual_seed(0)
>>> data = nn.datasets.digits()
>>> model = nn.models.lenet_small()
>>> history = nn.fit(model, nn.CrossEntropyLoss(), data.train[:600], epochs=5, lr=0.005, progress=False)
>>> x, y = data.test[:200]
>>> attacked = nn.adversarial.pgd(model, x, y, eps=0.2)
>>> bool(abs(attacked - x).max() <= 0.2 + 1e-6)
True
>>> right = [float((nn.predict(model, images).argmax(1) == y).mean()) for images in (x, attacked)]
>>> right[0] > 0.9, right[1] < 0.4
(True, True)

An attack asks the same engine that trains: the gradient is taken by the input, and not by the weights. The models are
attacked in eval mode, and their parameters and gradients stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Node, OperandError, ShapeError, grad, no_grad
from nn.functional import cross_entropy
from nn.module import Module
from nn.random import generator
from nn.training.evaluate import in_eval_mode, predict

__all__ = ["accuracy_under_attack", "attacked", "fgsm", "pgd"]

Loss = Callable[[Any, Any], Any]
Range = tuple[float, float] | None


def fgsm(
    model: Module,
    x: Any,
    y: Any,
    eps: float,
    *,
    loss: Loss = cross_entropy,
    targeted: bool = False,
    clip: Range = (0.0, 1.0),
) -> ndarray:
    """The fast gradient sign method: each number of x moves by `eps` to where the loss grows. An array like x.

    x + eps · sign(∂loss/∂x) (Goodfellow, Shlens and Szegedy, "Explaining and harnessing adversarial examples", 2015).
    `y` are the true labels; with `targeted` they are what the model shall be led to say, and the loss falls. What comes
    out lies in the range `clip`, that of the data, or anywhere with None. Cost: one gradient.

    >>> import nn, numpy as np
    >>> model = nn.Linear(2, 2, bias=False)
    >>> model.weight.data[...] = [[1, -1], [-1, 1]]
    >>> fgsm(model, np.array([[0.5, 0.25]], np.float32), [0], eps=0.125)
    array([[0.375, 0.375]], dtype=float32)
    """
    x = _inputs(x, eps, clip)
    slope = _slope(model, loss, x, y, targeted)
    return _within(x + x.dtype.type(eps) * np.sign(slope), clip)


def pgd(
    model: Module,
    x: Any,
    y: Any,
    eps: float,
    *,
    steps: int = 10,
    step_size: float | None = None,
    norm: float = math.inf,
    random_start: bool = True,
    loss: Loss = cross_entropy,
    targeted: bool = False,
    clip: Range = (0.0, 1.0),
) -> ndarray:
    """Projected gradient descent: many small steps, each brought back to within `eps` of x. An array like x.

    (Madry, Makelov, Schmidt, Tsipras and Vladu, "Towards deep learning models resistant to adversarial attacks", 2018).
    With `norm=inf` no number moves by more than `eps`, and steps follow the gradient's sign; with `norm=2` no example
    moves further than `eps` in all, and steps follow its direction. `step_size` is 2.5 · eps / steps unless given.
    `random_start` begins at some place within reach, drawn from `nn`'s generator; without it one step of the size eps
    is `fgsm`, and the steps are the basic iterative method of Kurakin and others (2017). The rest as in `fgsm`.
    Cost: `steps` gradients.

    >>> import nn, numpy as np
    >>> model = nn.Linear(4, 3)
    >>> x = np.zeros((5, 4), np.float32)
    >>> moved = pgd(model, x, np.zeros(5, int), eps=0.5, norm=2, clip=None)
    >>> np.linalg.norm(moved, axis=1).round(5)
    array([0.5, 0.5, 0.5, 0.5, 0.5], dtype=float32)
    """
    x = _inputs(x, eps, clip)
    if norm not in (2, math.inf):
        raise OperandError(f"pgd: norm is 2 or infinity, and not {norm!r}.")
    if steps < 1:
        raise ValueError(f"pgd takes at least one step, and not {steps}.")
    length = x.dtype.type(2.5 * eps / steps if step_size is None else step_size)
    found = _within(x + _drawn(x, eps, norm), clip) if random_start else x
    for _ in range(steps):
        slope = _slope(model, loss, found, y, targeted)
        step = np.sign(slope) if norm == math.inf else slope / _lengths(slope)
        found = _within(x + _projected(found + length * step - x, eps, norm), clip)
    return found


def attacked(attack: Callable[..., Any], model: Module, share: float = 1.0) -> Callable[..., tuple[Any, ...]]:
    """Adversarial training (Madry and others, 2018): a loader's `transform` that attacks the model of the moment.

    `attack` is called as `attack(model, x, y)`. Of each batch a `share` is attacked, and the rest stays as it is. The
    loader must not make batches ahead (`prefetch=0`): the model would have changed by the time they are used.

    >>> import nn
    >>> from functools import partial
    >>> data, model = nn.datasets.digits(), nn.models.lenet_small()
    >>> attack = partial(nn.adversarial.pgd, eps=0.2, steps=5)
    >>> transform = nn.adversarial.attacked(attack, model)
    >>> loader = nn.data.DataLoader(data.train[:128], 32, shuffle=True, transform=transform)
    >>> history = nn.fit(model, nn.CrossEntropyLoss(), loader, epochs=1, progress=False)
    """
    if not 0 < share <= 1:
        raise ValueError(f"attacked: a share of the batch lies above 0 and is at most 1, and is not {share}.")

    def transform(x: Any, y: Any) -> tuple[Any, Any]:
        count = math.ceil(share * len(x))
        worse = attack(model, x[:count], y[:count])
        return (worse if count == len(x) else np.concatenate([worse, x[count:]])), y

    return transform


def accuracy_under_attack(
    model: Module, x: Any, y: Any, attack: Callable[..., Any] | None = None, batch_size: int = 256
) -> float:
    """The share of examples that a classifier still gets right when each is attacked; without an attack, as they are.

    >>> import nn, numpy as np
    >>> model = nn.Linear(2, 2, bias=False)
    >>> model.weight.data[...] = [[1, -1], [-1, 1]]
    >>> x, y = np.array([[0.6, 0.4], [0.9, 0.1]], np.float32), np.array([0, 0])
    >>> accuracy_under_attack(model, x, y), accuracy_under_attack(model, x, y, lambda *a: fgsm(*a, eps=0.2))
    (1.0, 0.5)
    """
    x, y = (np.asarray(part.data if isinstance(part, Node) else part) for part in (x, y))
    right = 0
    for i in range(0, len(x), batch_size):
        inputs, labels = x[i : i + batch_size], y[i : i + batch_size]
        inputs = inputs if attack is None else attack(model, inputs, labels)
        right += int((predict(model, inputs).argmax(1) == labels).sum())
    return right / len(x)


def _slope(model: Module, loss: Loss, x: ndarray, y: Any, targeted: bool) -> ndarray:
    """The direction in which each example becomes worse: the gradient of the loss, or, targeted, its opposite."""
    with in_eval_mode(model), no_grad():  # outside of the gradient: it is not itself to be differentiated
        slope: ndarray = grad(lambda images: loss(model(images), y))(x)
    return -slope if targeted else slope


def _projected(moved: ndarray, eps: float, norm: float) -> ndarray:
    """The nearest move that is no longer than eps."""
    if norm == math.inf:
        return moved.clip(-eps, eps)
    shorter: ndarray = moved * np.minimum(1, eps / _lengths(moved)).astype(moved.dtype)
    return shorter


def _drawn(x: ndarray, eps: float, norm: float) -> ndarray:
    """A move of chance, evenly among all that are no longer than eps."""
    if norm == math.inf:
        return generator().uniform(-eps, eps, x.shape).astype(x.dtype)
    direction = generator().standard_normal(x.shape)
    far = eps * generator().random((len(x), *(1,) * (x.ndim - 1))) ** (1 / max(math.prod(x.shape[1:]), 1))
    return np.asarray(far * direction / _lengths(direction), x.dtype)


def _lengths(x: ndarray) -> ndarray:
    """Of each example, with as many axes as x; never 0."""
    found: ndarray = np.sqrt(np.square(x).sum(tuple(range(1, x.ndim)), keepdims=True))
    return np.asarray(np.maximum(found, np.finfo(x.dtype).tiny))


def _within(x: ndarray, clip: Range) -> ndarray:
    return x if clip is None else x.clip(*clip)


def _inputs(x: Any, eps: float, clip: Range) -> ndarray:
    """x as an array of floats within its range. Errors: OperandError, ShapeError, ValueError."""
    found = np.asarray(x.data if isinstance(x, Node) else x)
    if found.dtype.kind != "f":
        raise OperandError(
            f"an attack changes floats a little, and x has dtype {found.dtype}.\n"
            "  Give x.astype(numpy.float32), in the scale that the model was trained with."
        )
    if found.ndim < 2:
        raise ShapeError(f"an attack takes a batch of examples, (N, ...), and x has shape {found.shape}.")
    if not eps >= 0:
        raise ValueError(f"eps says how far an example may move, and is {eps}.")
    if clip is not None and found.size and not (clip[0] <= found.min() and found.max() <= clip[1]):
        raise ValueError(
            f"x has numbers from {found.min():.4g} to {found.max():.4g}, and clip={clip} would change them by itself.\n"
            "  Give the range of the data, clip=(low, high), or clip=None."
        )
    return found
