"""Two networks play against each other until one draws digits: a third, trained on real ones, is sure of 60 %."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.recipe.run import Run


def train(run: Run) -> None:
    """A generative adversarial network of linear layers. Its digits are drawn as they come, none picked out."""
    digits = nn.datasets.digits()
    train = run.part(digits.train, 256)
    model = nn.models.GAN((1, 8, 8), codes=16, widths=(128, 256))
    run.say(f"{len(train):,} images to learn from, {model.num_parameters:,} parameters")
    how: Any = {"lr": 5e-4, "betas": (0.5, 0.999)}
    one = nn.optim.Adam(model.discriminator.parameters(), **how)
    other = nn.optim.Adam(model.generator.parameters(), **how)
    loader = nn.data.DataLoader(train, batch_size=64, shuffle=True, drop_last=True)

    losses = []
    for epoch in range(run.epochs(100, quick=2)):
        for x, _ in loader:
            one.zero_grad()
            told = model.discriminator_loss(x, smooth=0.1)
            told.backward()
            one.step()
            other.zero_grad()
            fooled = model.generator_loss(len(x))
            fooled.backward()
            other.step()
            losses.append((told.item(), fooled.item()))
        if epoch % 20 == 19:
            run.say(f"epoch {epoch + 1}: discriminator {losses[-1][0]:.3f}, generator {losses[-1][1]:.3f}")

    judge = nn.models.lenet_small()
    nn.fit(judge, nn.CrossEntropyLoss(), digits.train, epochs=run.epochs(12), lr=2e-3, progress=False)
    made = model.sample(1000)
    chances = np.asarray(nn.functional.softmax(nn.predict(judge, made), -1))
    share = np.bincount(chances.argmax(1), minlength=10) / len(made)
    run.figure("sure", float(np.mean(chances.max(1) > 0.8)), at_least=0.6)
    run.figure("rarest", float(share.min()), at_least=0.01, show=lambda s: f"{s:.1%}")
    run.save(model)
    told, fooled = np.array(losses).reshape(-1, len(loader), 2).mean(1).T
    run.lines("loss.png", {"discriminator": told, "generator": fooled}, y="loss")
    run.images("digits.png", made[:60])
