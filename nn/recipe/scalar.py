"""A GPT of single numbers, 4,000 Values, learns names: its loss falls 0.5 nats a letter below that of a blind guess."""

from __future__ import annotations

import math

import numpy as np

import nn
from autograd import no_grad
from nn.random import generator
from nn.recipe.gpt import nats
from nn.recipe.run import Run


def train(run: Run) -> None:
    """One block of four heads, 16 wide; a name a step, as a loop that hides nothing."""
    data = nn.datasets.names()
    letters = nn.models.Vocabulary("".join(data.train + data.test), special=["\n"])
    model = nn.models.ScalarGPT(len(letters), block_size=16, n_layer=1, n_head=4, n_embd=16)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01, betas=(0.85, 0.99))
    run.say(f"{len(data.train):,} names to learn from, {len(model.parameters()):,} Values as parameters")

    steps = run.epochs(1000, quick=10)  # here an epoch is a name
    losses = []
    for step in range(steps):
        name = data.train[int(generator().integers(len(data.train)))]
        loss = model.loss(letters.encode(f"\n{name}\n").tolist())
        optimizer.lr = 0.01 * (1 - step / steps)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)

    with no_grad():
        tests = data.test[: 5 if run.quick else 100]
        found = float(np.mean([model.loss(letters.encode(f"\n{name}\n").tolist()).data for name in tests]))
    run.figure("guess", math.log(len(letters)), show=nats)
    run.figure("loss", found, below=math.log(len(letters)) - 0.5, show=nats)
    invented = [letters.decode(model.generate([0], 15, stop=0, temperature=0.7)).strip("\n") for _ in range(12)]
    run.say(", ".join(invented))
    run.write("sample.txt", "\n".join(invented))
    run.write("letters.txt", "".join(letters.tokens))
    run.save(model)
    smooth = np.convolve(losses, np.ones(50) / 50, "valid") if steps > 50 else losses
    run.lines("loss.png", {"mean of 50 names": smooth}, x="step", y="nats a letter")
