"""A tiny GPT invents first names, letter by letter: validation loss below that of pairs of letters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

import nn
from nn.recipe.baseline import pairs_loss
from nn.recipe.gpt import nats
from nn.recipe.run import Run


def train(run: Run) -> None:
    """Two blocks of four heads, 64 wide."""
    invent(run, lambda size, length: nn.models.GPT(size, length, n_layer=2, n_head=4, n_embd=64, dropout=0.1))


def invent(run: Run, build: Callable[[int, int], nn.models.LanguageModel]) -> None:
    """Train a model, built for so many letters and so long names. "\\n" is the letter before and after every name."""
    data = nn.datasets.names()
    known = {*data.train, *data.test}
    letters = nn.models.Vocabulary("".join(known), special=["\n"])
    length = 1 + max(map(len, known))
    train, test = (rows(names, letters, length) for names in (run.part(data.train, 200), run.part(data.test, 100)))

    model = build(len(letters), length)
    run.say(f"{len(train[0]):,} names to learn from, {model.num_parameters:,} parameters")
    how: Any = {"optimizer": "adamw", "lr": 3e-3, "scheduler": "onecycle", "clip_norm": 1.0, "validation": test}
    history = nn.fit(model, nn.models.token_loss, train, epochs=run.epochs(10), **how)

    run.figure("first", history["val_loss"][0], show=nats)
    run.figure("loss", history["val_loss"][-1], below=pairs_loss(train, test, len(letters)), show=nats)
    texts = model.generate(np.zeros((20, 1), int), length, stop=0, temperature=0.8)
    invented = [letters.decode(text).strip("\n") for text in texts]
    run.say(", ".join(name + "*" * (name in known) for name in invented) + "   (* there is such a name)")
    run.write("sample.txt", "\n".join(invented))
    run.write("letters.txt", "".join(letters.tokens))
    run.save(model)
    run.lines("loss.png", {"training": history["loss"], "validation": history["val_loss"]}, y="nats a letter")


def rows(names: list[str], letters: nn.models.Vocabulary, length: int) -> tuple[ndarray, ndarray]:
    """Tokens (N, length) and what follows each, (N, length); -100, which no loss counts, behind the end."""
    x, y = np.zeros((len(names), length), int), np.full((len(names), length), -100)
    for row, name in enumerate(names):
        tokens = letters.encode(f"\n{name}\n")
        x[row, : len(tokens) - 1] = tokens[:-1]
        y[row, : len(tokens) - 1] = tokens[1:]
    return x, y
