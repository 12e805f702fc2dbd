"""Private training: a loss whose gradient is clipped example by example and noisy, and batches drawn by chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import OperandError, stop_gradient
from nn.data import DataLoader
from nn.module import Module
from nn.privacy.accountant import compute_epsilon
from nn.privacy.gradient import clip_and_sum, per_example_gradients
from nn.random import generator
from nn.training.batch import dataset, dtype_of

__all__ = ["PoissonSampler", "PrivateLoss", "make_private"]


class PoissonSampler:
    """Batches in which each of `num_samples` examples is with the same probability, whatever the others do.

    For a loader's `batch_sampler`. The guarantee of differential privacy is about batches like these, and not about
    those of a shuffled data set. They are not all of one size, and may be empty. An epoch has 1 / sample_rate of them.

    >>> import nn
    >>> nn.manual_seed(0)
    >>> [batch.tolist() for batch in PoissonSampler(6, 0.5)]
    [[1, 2, 3], [5]]
    """

    def __init__(self, num_samples: int, sample_rate: float) -> None:
        if num_samples < 1 or not 0 < sample_rate <= 1:
            raise ValueError(
                f"PoissonSampler({num_samples}, {sample_rate}): there is an example at least, and the rate is a "
                "probability above 0."
            )
        self.num_samples = num_samples
        self.sample_rate = sample_rate

    def __len__(self) -> int:
        return max(1, round(1 / self.sample_rate))

    def __iter__(self) -> Iterator[ndarray]:
        return (np.flatnonzero(generator().random(self.num_samples) < self.sample_rate) for _ in range(len(self)))


class PrivateLoss(Module):
    """A model with its loss, called with a batch: what it returns has the gradient of DP-SGD (Abadi et al., 2016).

    The gradient is (Σ clipped gradients of the examples + noise) / (sample_rate · num_samples): each example's is no
    longer than `max_grad_norm`, and the noise is normal with the standard deviation noise_multiplier · max_grad_norm.
    The number itself is the mean loss of the batch, which is not private: do not publish it. In eval mode it is the
    ordinary loss.

    >>> import nn, numpy as np
    >>> private = PrivateLoss(nn.Linear(2, 1), nn.MSELoss(), noise_multiplier=1.0, max_grad_norm=1.0,
    ...                       sample_rate=0.1, num_samples=100)
    >>> optimizer = nn.optim.SGD(private.parameters(), lr=0.1)
    >>> for _ in range(20):
    ...     loss = private(np.ones((10, 2)), np.ones((10, 1)))
    ...     optimizer.zero_grad()
    ...     loss.backward()
    ...     optimizer.step()
    >>> round(private.epsilon(delta=0.001), 2)
    2.71

    Each call in training mode counts as a step, and what all have cost is `epsilon`; the count is a buffer, so that
    a checkpoint keeps it. `lengths` are those of the last batch's gradients before they were clipped: their median is
    a good `max_grad_norm`. The noise comes from `nn`'s generator, which repeats itself by its seed and is no secret:
    good for research, not for a real release.
    """

    steps: ndarray

    def __init__(
        self,
        model: Module,
        loss: Callable[[Any, Any], Any],
        *,
        noise_multiplier: float,
        max_grad_norm: float,
        sample_rate: float,
        num_samples: int,
        chunk_size: int | None = None,
    ) -> None:
        if noise_multiplier < 0 or not max_grad_norm > 0 or not 0 < sample_rate <= 1 or num_samples < 1:
            raise ValueError(
                "PrivateLoss: noise_multiplier is not negative, max_grad_norm is positive, sample_rate a probability; "
                f"they are {noise_multiplier}, {max_grad_norm} and {sample_rate}, of {num_samples} examples."
            )
        self.model = model
        self.loss = loss
        self.noise_multiplier = noise_multiplier
        self.max_grad_norm = max_grad_norm
        self.sample_rate = sample_rate
        self.num_samples = num_samples
        self.chunk_size = chunk_size
        self.lengths = np.zeros(0)
        self.register_buffer("steps", np.array(0))

    def forward(self, *batch: Any) -> Any:
        """The loss of a batch, the last part of which is the target."""
        if len(batch) < 2:
            raise OperandError(
                "a PrivateLoss is a model with its loss, and is called with inputs and target.\n"
                "  Train it with no other loss: nn.fit(private, None, loader). For answers ask the model itself."
            )
        if not self.training:
            return self.loss(self.model(*batch[:-1]), batch[-1])
        losses, gradients = self._gradients(batch)
        # A number that is 0, and whose derivative by each parameter p is its private gradient g: Σ p g, less itself.
        parameters = dict(self.model.named_parameters())
        inner = sum((parameters[name] * g).sum() for name, g in gradients.items())
        return inner - stop_gradient(inner) + (losses.mean(dtype=losses.dtype) if len(losses) else 0.0)

    def _gradients(self, batch: tuple[Any, ...]) -> tuple[ndarray, dict[str, ndarray]]:
        """The losses of the examples, and the private gradients."""
        total = {name: np.zeros_like(p.data) for name, p in self.model.named_parameters() if p.requires_grad}
        losses = np.zeros(0)
        if len(batch[0]):
            chunk = self.chunk_size
            losses, gradients = per_example_gradients(self.model, self.loss, *batch, chunk_size=chunk)
            total, self.lengths = clip_and_sum(gradients, self.max_grad_norm)
        deviation = self.noise_multiplier * self.max_grad_norm
        expected = self.sample_rate * self.num_samples
        self.steps += 1
        for name, g in total.items():
            noise = np.asarray(generator().standard_normal(g.shape))
            total[name] = ((g + deviation * noise) / expected).astype(g.dtype)
        return losses, total

    def epsilon(self, delta: float) -> float:
        """The ε of all steps so far; see RDPAccountant. `delta` should be well below 1 / num_samples."""
        return compute_epsilon(self.noise_multiplier, self.sample_rate, int(self.steps), delta) if self.steps else 0.0

    def extra_repr(self) -> str:
        """What the guarantee depends on."""
        names = ("noise_multiplier", "max_grad_norm", "sample_rate", "num_samples")
        return ", ".join(f"{name}={getattr(self, name):.6g}" for name in names)


def make_private(
    model: Module,
    loss: Callable[[Any, Any], Any],
    data: Any,
    *,
    batch_size: int,
    noise_multiplier: float,
    max_grad_norm: float,
    chunk_size: int | None = None,
) -> tuple[PrivateLoss, DataLoader]:
    """A PrivateLoss and the loader that belongs to it, of arrays (x, y) or of a Dataset.

    Train by `nn.fit(private, None, loader, ...)`; afterwards `private.epsilon(delta)` tells what it has cost, and the
    model is the one given. `batch_size` is the size of a batch on average. For the noise that keeps to a wanted ε, ask
    `get_noise_multiplier`. Opacus's name; see the module for an example.
    """
    found = dataset(data, dtype_of(model))
    if not hasattr(found, "__len__") or isinstance(found, DataLoader):
        raise OperandError(
            f"make_private draws its batches itself, and {type(data).__name__} has no examples to draw from.\n"
            "  Give arrays (x, y), or a Dataset."
        )
    if not 1 <= batch_size <= len(found):
        raise ValueError(f"batch_size={batch_size}: there are {len(found)} examples.")
    rate = batch_size / len(found)
    private = PrivateLoss(
        model,
        loss,
        noise_multiplier=noise_multiplier,
        max_grad_norm=max_grad_norm,
        sample_rate=rate,
        num_samples=len(found),
        chunk_size=chunk_size,
    )
    return private, DataLoader(found, batch_sampler=PoissonSampler(len(found), rate))
