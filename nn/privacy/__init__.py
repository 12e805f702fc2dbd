"""Differential privacy: training that tells hardly anything about any one example, and how little, in numbers.

>>> import nn, numpy as np
>>> nn.manual_seed(0)
>>> x = np.random.default_rng(0).normal(size=(400, 2)).astype(np.float32)
>>> y = (x[:, 0] > x[:, 1]).astype(int)
>>> model = nn.Linear(2, 2)
>>> private, loader = nn.privacy.make_private(
...     model, nn.CrossEntropyLoss(), (x, y), batch_size=40, noise_multiplier=1.0, max_grad_norm=1.0)
>>> history = nn.fit(private, None, loader, epochs=5, optimizer="sgd", lr=0.5, progress=False)
>>> bool((nn.predict(model, x).argmax(1) == y).mean() > 0.9)
True
>>> round(private.epsilon(delta=1e-4), 2)
4.98
"""

from nn.privacy.accountant import RDPAccountant, compute_epsilon, compute_rdp, get_noise_multiplier
from nn.privacy.gradient import clip_and_sum, per_example_gradients
from nn.privacy.training import PoissonSampler, PrivateLoss, make_private

__all__ = [
    "PoissonSampler",
    "PrivateLoss",
    "RDPAccountant",
    "clip_and_sum",
    "compute_epsilon",
    "compute_rdp",
    "get_noise_multiplier",
    "make_private",
    "per_example_gradients",
]
