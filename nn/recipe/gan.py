"""Two networks play against each other until one draws digits: a third, trained on real ones, is sure of 60 %."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.recipe.run import Run


def train(run: Run) -> None:
    """A generative adversarial network of linear layers. Its digits are drawn as they come, none picked out."""
    digits = nn.datasets.digits()
    model = nn.models.GAN((1, 8, 8), codes=16, widths=(128, 256))
    play(run, model, run.part(digits.train, 256), run.epochs(100, quick=2), lr=5e-4)
    made = model.sample(1000)
    judged(run, nn.models.lenet_small(), digits.train, made)
    run.save(model)
    run.images("digits.png", made[:60])


def play(run: Run, model: nn.models.GAN, data: Any, epochs: int, lr: float) -> None:
    """Train both networks, in turns, and draw their losses: 1.39 and 0.69 when neither has the upper hand."""
    run.say(f"{len(data):,} images to learn from, {model.num_parameters:,} parameters")
    one = nn.optim.Adam(model.discriminator.parameters(), lr=lr, betas=(0.5, 0.999))
    other = nn.optim.Adam(model.generator.parameters(), lr=lr, betas=(0.5, 0.999))
    loader = nn.data.DataLoader(data, batch_size=64, shuffle=True, drop_last=True)
    means = []
    for epoch in range(epochs):
        losses = []
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
        means.append(np.mean(losses, 0))
        if epoch % max(1, epochs // 5) == 0 or epoch == epochs - 1:
            run.say(f"epoch {epoch + 1}: loss of the discriminator {means[-1][0]:.3f}, generator {means[-1][1]:.3f}")
    told, fooled = np.array(means).T
    run.lines("loss.png", {"discriminator": told, "generator": fooled}, y="loss")


def judged(run: Run, judge: nn.Module, real: Any, made: Any) -> None:
    """What a network that was trained on real digits makes of them: how many it is sure of, and whether all occur."""
    nn.fit(judge, nn.CrossEntropyLoss(), real, epochs=1 if run.quick else 12, lr=2e-3, progress=False)
    chances = np.asarray(nn.functional.softmax(nn.predict(judge, made), -1))
    share = np.bincount(chances.argmax(1), minlength=10) / len(made)
    run.figure("sure", float(np.mean(chances.max(1) > 0.8)), at_least=0.6)
    run.figure("rarest", float(share.min()), at_least=0.01, show=lambda s: f"{s:.1%}")
