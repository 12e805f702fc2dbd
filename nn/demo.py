"""`python -m autograd demo`: a network that learns to read digits, a gradient checked, and a graph drawn."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

from autograd import Value, draw, no_grad, tanh
from nn.functional import cross_entropy
from nn.models import MLP
from nn.optim import Adam
from nn.random import manual_seed

SIZES = 64, 64, 64, 10
BATCH = 64
LEARNING_RATE = 1e-2  # at the start; it falls to 0 along a straight line
NOISE = 0.3  # standard deviation of what is added to every pixel, so that the network cannot learn pictures by heart


class Digits(NamedTuple):
    """Images as rows of 64 numbers between 0 and 1, with the digit that each shows: 1,437 to train, 360 to test."""

    train_x: ndarray
    train_y: ndarray
    test_x: ndarray
    test_y: ndarray


def load() -> Digits:
    """scikit-learn's handwritten digits, with a test set that has a fifth of every digit and is always the same."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32)
    train_x, test_x, train_y, test_y = train_test_split(x, y, test_size=0.2, stratify=y, random_state=0)
    return Digits(train_x, train_y, test_x, test_y)


def accuracy(model: Any, x: ndarray, y: ndarray) -> float:
    """The share of rows whose largest output is that of the right class."""
    with no_grad():
        return float(np.mean(model(x).argmax(1) == y))


def train(digits: Digits, seed: int, epochs: int, progress: Any) -> MLP:
    """Train the network; `progress` wraps the epochs as tqdm does."""
    manual_seed(seed)
    random = np.random.default_rng(seed)
    model = MLP(*SIZES)
    optimizer = Adam(model.parameters())
    for epoch in progress(range(epochs)):
        optimizer.lr = LEARNING_RATE * (1 - epoch / epochs)
        order = random.permutation(len(digits.train_y))
        for at in range(0, len(order), BATCH):
            rows = order[at : at + BATCH]
            x = digits.train_x[rows]
            x = x + NOISE * random.standard_normal(x.shape, np.float32)
            loss = cross_entropy(model(x), digits.train_y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def check_gradient(model: MLP, x: ndarray, y: ndarray) -> tuple[str, float, float]:
    """One weight's gradient, by backpropagation and by central differences, in a float64 copy of the model.

    The weight is the one with the steepest slope in the middle layer. The error of the difference is about h² = 1e-10.
    """
    copy = MLP(*SIZES, dtype=np.float64)
    copy.load_state_dict(model.state_dict())
    cross_entropy(copy(x), y).backward()
    weight = copy[2].weight
    i, j = np.unravel_index(np.abs(weight.grad).argmax(), weight.shape)
    h, losses = 1e-5, []
    for step in (h, -2 * h):
        weight.data[i, j] += step
        losses.append(cross_entropy(copy(x), y).item())
    return f"2.weight[{i}, {j}]", weight.grad[i, j].item(), (losses[0] - losses[1]) / (2 * h)


def neuron() -> Value:
    """tanh(w1 x1 + w2 x2 + b), swept: Karpathy's neuron, whose output is 1/√2."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    y: Value = tanh(w1 * x1 + w2 * x2 + b)
    y.label = "y"
    y.backward()
    return y


def demo(out: Path, seed: int, epochs: int) -> int:
    """Run the demo, print what it finds, and write `neuron.svg` into the directory `out`; the exit status."""
    try:
        digits = load()
        from tqdm import tqdm
    except ModuleNotFoundError as missing:
        print(f'The demo needs {missing.name}: pip install "chainrule[demo]"', file=sys.stderr)
        return 1
    start = time.perf_counter()
    model = train(digits, seed, epochs, lambda rounds: tqdm(rounds, "training", leave=False, unit="epoch"))
    seconds = time.perf_counter() - start
    correct = accuracy(model, digits.test_x, digits.test_y)
    name, slope, difference = check_gradient(model, digits.train_x[:64], digits.train_y[:64])
    error = abs(slope - difference) / max(abs(slope), abs(difference))
    out.mkdir(parents=True, exist_ok=True)
    path = draw(neuron()).save(out / "neuron.svg")

    layers = "-".join(map(str, SIZES))
    print(f"network    MLP {layers}, {model.num_parameters:,} parameters, float32")
    print(f"training   {len(digits.train_y):,} digits, {epochs} epochs in {seconds:.1f} s")
    print(f"accuracy   {correct:.1%} of {len(digits.test_y)} digits it has never seen")
    print(f"gradient   d loss / d {name}: backward {slope:.10f}, differences {difference:.10f}")
    print(f"           they agree to {error:.0e}")
    print(f"graph      {path}")
    return 0
