"""A small GPT learns to write like Shakespeare, letter by letter: validation loss below that of pairs of letters.

Afterwards it can be asked for more:

    letters = nn.models.Vocabulary(open("runs/gpt/letters.txt").read())
    model = nn.models.GPT(len(letters), 64, n_layer=3, n_head=4, n_embd=96)
    nn.load("runs/gpt/model.npz", model)
    print(letters.decode(model.generate(letters.encode("JULIET.\n"), 500, temperature=0.7, top_k=20)))
"""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.recipe.baseline import pairs_loss
from nn.recipe.run import Run

LENGTH = 64  # letters that it can look back on


def train(run: Run) -> None:
    """Three blocks of four heads, 96 wide. Every epoch reads 8,192 stretches, about a tenth of all that he wrote."""
    data = nn.datasets.shakespeare("hamlet" if run.quick else None)
    letters = nn.models.Vocabulary(data.train + data.test)
    tokens, others = (letters.encode(run.part(text, 20_000)) for text in (data.train, data.test))
    stretches = np.lib.stride_tricks.sliding_window_view(tokens, LENGTH + 1)
    dataset = nn.data.ArrayDataset(stretches[:, :-1], stretches[:, 1:])
    some = nn.data.RandomSampler(dataset, replacement=True, num_samples=64 if run.quick else 8192)
    held_out = np.lib.stride_tricks.sliding_window_view(others, LENGTH + 1)[:: max(1, len(others) // 512)]
    test = held_out[:, :-1], held_out[:, 1:]

    model = nn.models.GPT(len(letters), LENGTH, n_layer=3, n_head=4, n_embd=96)
    run.say(f"{len(tokens):,} letters to learn from, {model.num_parameters:,} parameters")
    loader = nn.data.DataLoader(dataset, batch_size=16, sampler=some)
    how: Any = {"optimizer": "adamw", "lr": 3e-3, "scheduler": "onecycle", "clip_norm": 1.0, "validation": test}
    history = nn.fit(model, nn.models.token_loss, loader, epochs=run.epochs(5), **how)

    limit = pairs_loss((tokens[:-1], tokens[1:]), test, len(letters))
    run.figure("first", history["val_loss"][0], show=nats)
    run.figure("loss", history["val_loss"][-1], below=limit, show=nats)
    begin = letters.encode("\n\n" if run.quick else "ROMEO.\n")
    text = letters.decode(model.generate(begin, 50 if run.quick else 600, temperature=0.7, top_k=20))
    run.say(text)
    run.write("sample.txt", text)
    run.write("letters.txt", "".join(letters.tokens))
    run.save(model)
    run.lines("loss.png", {"training": history["loss"], "validation": history["val_loss"]}, y="nats a letter")


def nats(x: float) -> str:
    """A loss in words."""
    return f"{x:.3f} nats a letter"
