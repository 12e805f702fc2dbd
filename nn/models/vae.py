"""VAE: an autoencoder whose codes are distributions, so that new ones can be drawn (Kingma and Welling, 2013)."""

from __future__ import annotations

from typing import Any, NamedTuple

import autograd
from autograd import OperandError, ShapeError
from nn.functional import binary_cross_entropy_with_logits, mse_loss
from nn.models.autoencoder import layers
from nn.module import Module
from nn.random import generator

__all__ = ["VAE", "VAEOutputs", "elbo_loss"]


class VAEOutputs(NamedTuple):
    """What a VAE gives: logits of the pixels, and mean and logarithm of the variance of the codes."""

    logits: Any
    mean: Any
    log_var: Any


class VAE(Module):
    """(N, features), each between 0 and 1, to distributions of codes (N, codes) and back: Kingma and Welling, 2013.

    `sizes` are those of the encoder's layers, inputs first, codes last; the decoder has the same backwards. The encoder
    gives a mean and a variance for each code; a code is drawn as mean + standard deviation · noise, and that sum lets
    gradients pass, where a draw would not (reparametrisation). The loss is `elbo_loss`.

    >>> import nn, numpy as np
    >>> model = nn.models.VAE(64, 32, 2)
    >>> out = model(np.zeros((5, 64), np.float32))
    >>> out.logits.shape, out.mean.shape, model.sample(3).shape
    ((5, 64), (5, 2), (3, 64))
    """

    def __init__(self, *sizes: int) -> None:
        if len(sizes) < 2:
            raise ShapeError(f"VAE{sizes}: give at least the number of features and of codes, VAE(64, 2).")
        self.codes = sizes[-1]
        self.encoder = layers((*sizes[:-1], 2 * sizes[-1]))
        self.decoder = layers(sizes[::-1])

    def encode(self, input: Any) -> tuple[Any, Any]:
        """(N, features) to the mean and the logarithm of the variance of the codes, (N, codes) each."""
        both = self.encoder(input)
        return both[:, : self.codes], both[:, self.codes :]

    def reparametrize(self, mean: Any, log_var: Any) -> Any:
        """Codes drawn from these distributions, differentiable by both."""
        noise = generator().standard_normal(mean.shape).astype(mean.dtype)
        return mean + autograd.exp(0.5 * log_var) * noise

    def decode(self, code: Any) -> Any:
        """(N, codes) to the probabilities of the pixels, (N, features)."""
        return autograd.sigmoid(self.decoder(code))

    def forward(self, input: Any) -> VAEOutputs:
        """Logits of the pixels, mean and log-variance of the codes; after `eval()` the codes are the means."""
        mean, log_var = self.encode(input)
        code = self.reparametrize(mean, log_var) if self.training else mean
        return VAEOutputs(self.decoder(code), mean, log_var)

    def sample(self, n: int) -> Any:
        """n new ones, (n, features): codes drawn from the standard normal distribution, decoded."""
        code = generator().standard_normal((n, self.codes)).astype("float32")
        with autograd.no_grad():
            return self.decode(code).data


def elbo_loss(output: VAEOutputs, target: Any, beta: float = 1.0, likelihood: str = "bernoulli") -> Any:
    """The negative evidence lower bound, in nats an example: the mean over N of reconstruction + beta · divergence.

    Reconstruction is -ln p(x | code): of pixels that are "bernoulli" the binary cross-entropy, of "gaussian" ones with
    variance 1/2 the squared error with σ(logits). Divergence is that of the codes' distributions from the standard
    normal one, Σ (mean² + variance - ln variance - 1) / 2 (Kingma and Welling, 2013, appendix B). With beta > 1 codes
    are pulled apart more (Higgins et al., 2017).
    """
    if not isinstance(output, tuple) or len(output) != 3:
        raise OperandError(
            "elbo_loss compares what a VAE gives, elbo_loss(model(x), x): logits, mean and log_var, and got "
            f"{type(output).__name__}."
        )
    logits, mean, log_var = output
    n = len(target)
    if likelihood == "bernoulli":
        reconstruction = binary_cross_entropy_with_logits(logits, target, reduction="sum")
    elif likelihood == "gaussian":
        reconstruction = mse_loss(autograd.sigmoid(logits), target, reduction="sum")
    else:
        raise ValueError(f'likelihood is "bernoulli" or "gaussian", and not {likelihood!r}.')
    divergence = 0.5 * (mean**2 + autograd.exp(log_var) - log_var - 1).sum()
    return (reconstruction + beta * divergence) / n
