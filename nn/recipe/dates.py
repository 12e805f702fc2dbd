"""Sequence to sequence with attention: dates as people write them become 2026-11-22, at least 98 % of them right."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy import ndarray

import nn
from nn.random import generator
from nn.recipe.run import Run

FORMS = "%d %B %Y", "%A, %d %B %Y", "%B %d, %Y", "%d %b %y", "%d.%m.%Y", "%m/%d/%y", "%a %d %b %Y"
LENGTH = 30  # of the longest: "Wednesday, 30 September 2026" has 28 letters
SOURCES = nn.models.Vocabulary("".join(map(chr, range(32, 127))), special=["\0"])
TARGETS = nn.models.Vocabulary("0123456789-", special=["<"])  # "<" says: begin


def train(run: Run) -> None:
    """GRUs of 64 and Bahdanau's attention. Where it looks while it writes is drawn."""
    first = date(1970, 1, 1)
    days = [first + timedelta(int(n)) for n in generator().permutation(365 * 80)]
    train, test = (pairs(part) for part in (days[: 1000 if run.quick else 12_000], days[-1000:]))
    model = nn.models.Seq2Seq(len(SOURCES), len(TARGETS), 64, 32, attention="bahdanau")
    run.say(f"{len(train[0]):,} dates to learn from, {model.num_parameters:,} parameters")

    how: Any = {"lr": 3e-3, "scheduler": "cosine", "clip_norm": 1.0, "batch_size": 64}
    history = nn.fit(model, nn.models.token_loss, train, epochs=run.epochs(2), validation=test, **how)

    source, _, target = test
    answer, weights = model.write(source, start=0, max_length=10)
    right = (answer == target).all(1)
    run.figure("dates", float(right.mean()), at_least=0.98)
    texts = ["".join(SOURCES.tokens[n] for n in row if n) for row in source]
    run.say("\n".join(f"{text:<30} {TARGETS.decode(row)}" for text, row in zip(texts[:7], answer)))
    run.save(model)
    run.lines("loss.png", {"training": history["loss"], "test": history["val_loss"]}, y="nats a letter")
    longest = int(np.argmax([len(text) for text in texts]))
    seen = weights[longest, :, : len(texts[longest])]
    run.heat("attention.png", seen, [*TARGETS.decode(answer[longest])], [*texts[longest]])


def pairs(days: list[date]) -> tuple[ndarray, ndarray, ndarray]:
    """Texts (N, LENGTH), filled up with zeros; the answers moved by one place (N, 10), and the answers (N, 10)."""
    forms = generator().integers(len(FORMS), size=len(days))
    texts = [day.strftime(FORMS[form]) for day, form in zip(days, forms)]
    source = np.stack([SOURCES.encode(text.ljust(LENGTH, "\0")) for text in texts])
    target = np.stack([TARGETS.encode(day.isoformat()) for day in days])
    return source, np.concatenate([np.zeros((len(days), 1), int), target[:, :-1]], 1), target
