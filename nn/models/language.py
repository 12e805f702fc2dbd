"""What models of language have in common, whatever they are made of: a loss, and how a text is written on.

Such a model reads tokens (N, L) and answers, at every place, with a score (a logit) for each token that may come next:
(N, L, vocabulary). What it keeps of the past, so that nothing is read twice, is the state of a recurrent network and
the keys and values of a Transformer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from autograd import OperandError, ShapeError, no_grad
from nn.functional import cross_entropy
from nn.module import Module
from nn.random import generator

__all__ = ["LanguageModel", "choose", "probabilities", "token_loss"]


def token_loss(logits: Any, targets: Any, ignore_index: int = -100) -> Any:
    """Mean cross-entropy of logits (..., vocabulary) with the tokens (...) that did come; targets ignored do not count.

    In nats a token: exp of it is the perplexity, and log(vocabulary) that of who guesses blindly.

    >>> import numpy as np
    >>> from nn.models import token_loss
    >>> print(np.exp(token_loss(np.zeros((2, 5, 10)), np.zeros((2, 5), int)).item()).round(6))
    10.0
    """
    shape = np.shape(logits)
    if shape[:-1] != np.shape(targets):
        raise ShapeError(
            f"token_loss compares logits (..., vocabulary) with targets (...), and got {shape} and {np.shape(targets)}."
        )
    flat = np.asarray(getattr(targets, "data", targets)).reshape(-1)
    return cross_entropy(autograd.reshape(logits, (-1, shape[-1])), flat, ignore_index=ignore_index)


def probabilities(
    logits: Any, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None
) -> ndarray:
    """How likely each token is to be chosen, float64 (..., vocabulary), from logits of this shape.

    - `temperature`: below 1 the likely becomes likelier, at 0 only the likeliest is left, above 1 differences shrink.
    - `top_k`: only the k likeliest (Fan et al., 2018); of equal ones all, or none.
    - `top_p`: only the fewest that are together as likely as this (the nucleus, Holtzman et al., 2020).

    >>> import numpy as np
    >>> from nn.models import probabilities
    >>> logits = np.log([0.5, 0.25, 0.15, 0.1])
    >>> probabilities(logits).round(3)
    array([0.5 , 0.25, 0.15, 0.1 ])
    >>> probabilities(logits, top_k=2).round(3)
    array([0.667, 0.333, 0.   , 0.   ])
    >>> probabilities(logits, top_p=0.8).round(3)
    array([0.556, 0.278, 0.167, 0.   ])
    >>> probabilities(logits, temperature=0)
    array([1., 0., 0., 0.])
    """
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise OperandError(
            "to choose a token, temperature must be 0 or more, top_k at least 1, and top_p above 0 and up to 1; "
            f"they are {temperature}, {top_k} and {top_p}."
        )
    scores = np.array(getattr(logits, "data", logits), np.float64)
    if temperature == 0:
        likeliest: ndarray = np.eye(scores.shape[-1])[scores.argmax(-1)]
        return likeliest
    scores = (scores - scores.max(-1, keepdims=True)) / temperature
    if top_k is not None and top_k < scores.shape[-1]:
        scores[scores < np.sort(scores, -1)[..., -top_k, None]] = -np.inf
    chance: ndarray = np.exp(scores)
    chance /= chance.sum(-1, keepdims=True)
    if top_p is not None:
        order = np.argsort(-chance, -1, kind="stable")
        ranked = np.take_along_axis(chance, order, -1)
        ranked[ranked.cumsum(-1) - ranked >= top_p] = 0  # what stands before it is enough already
        np.put_along_axis(chance, order, ranked, -1)
        chance /= chance.sum(-1, keepdims=True)
    return chance


def choose(logits: Any, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None) -> ndarray:
    """Tokens (...) drawn by lot from logits (..., vocabulary): see `probabilities`."""
    chance = probabilities(logits, temperature, top_k, top_p)
    lots = generator().random(chance.shape[:-1])[..., None]
    last = chance.shape[-1] - 1 - (chance[..., ::-1] > 0).argmax(-1)  # the sum of all may be a little less than 1
    token: ndarray = np.minimum((chance.cumsum(-1) <= lots).sum(-1), last)
    return token


class LanguageModel(Module):
    """The parent: a child defines `advance`, and can then be called, trained by `token_loss`, and asked to write."""

    context: int | None = None  # how many tokens it can look back on at most

    def advance(self, tokens: Any, past: Any = None) -> tuple[Any, Any]:
        """Logits (N, L, vocabulary) for tokens (N, L) that follow those of `past`; and the past of those to come."""
        raise NotImplementedError(f"{type(self).__name__} must define advance(tokens, past).")

    def forward(self, tokens: Any) -> Any:
        """Tokens (N, L) to logits (N, L, vocabulary), those at place t of the token at place t + 1."""
        return self.advance(tokens)[0]

    def generate(
        self,
        tokens: Any,
        max_new_tokens: int,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        stop: int | None = None,
        use_cache: bool = True,
    ) -> ndarray:
        """Tokens (N, L), or (L,) of one text, and behind them up to `max_new_tokens` more, chosen one by one.

        How they are chosen is said at `probabilities`. It ends early when every text has reached the token `stop`;
        texts that reached it before the others are filled up with it. What was computed for earlier tokens is kept;
        with `use_cache=False` everything is computed anew for every token, with the same result.
        """
        start: ndarray = np.asarray(getattr(tokens, "data", tokens))
        if start.dtype.kind not in "iu":
            raise OperandError(
                f"generate continues tokens, whole numbers, and got {tokens!r:.60}.\n"
                "  A text becomes tokens by its vocabulary: vocabulary.encode(text)."
            )
        if start.ndim not in (1, 2) or not start.size:
            raise ShapeError(f"generate continues texts (N, L) or (L,) of one token at least, and got {start.shape}.")
        text = np.atleast_2d(start)
        ended = np.zeros(len(text), bool)
        modes, past, unread = [(module, module.training) for module in self.modules()], None, text
        self.eval()
        try:
            with no_grad():
                for _ in range(max_new_tokens):
                    if not use_cache or (self.context is not None and text.shape[1] > self.context):
                        past, unread = None, text[:, -(self.context or 0) :]
                    logits, past = self.advance(unread, past)
                    unread = choose(logits[:, -1], temperature, top_k, top_p)[:, None]
                    if stop is not None:
                        unread[ended] = stop
                        ended |= unread[:, 0] == stop
                    text = np.concatenate([text, unread], 1)
                    if ended.all():
                        break
        finally:
            for module, training in modes:
                module.training = training
        return text if start.ndim == 2 else text[0]
