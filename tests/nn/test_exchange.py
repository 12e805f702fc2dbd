"""Checkpoints change sides: PyTorch's networks, saved by it as safetensors, answer the same here, and ours there."""

from __future__ import annotations

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
files = pytest.importorskip("safetensors.torch", reason="safetensors is not installed")
RNG = np.random.default_rng(0)


def mlp(lib):
    return lib.Sequential(lib.Linear(20, 32), lib.ReLU(), lib.Linear(32, 32), lib.Tanh(), lib.Linear(32, 5))


def cnn(lib):
    return lib.Sequential(
        lib.Conv2d(1, 6, 5, padding=2),
        lib.BatchNorm2d(6),
        lib.ReLU(),
        lib.MaxPool2d(2),
        lib.Conv2d(6, 16, 3, stride=2, groups=2),
        lib.GELU(),
        lib.AdaptiveAvgPool2d(3),
        lib.Flatten(),
        lib.Dropout(0.5),
        lib.Linear(144, 10),
    )


def lstm(lib):
    class Tagger(lib.Module):
        def __init__(self):
            super().__init__()
            self.embedding = lib.Embedding(30, 12, padding_idx=0)
            self.lstm = lib.LSTM(12, 16, num_layers=2, batch_first=True, bidirectional=True, proj_size=6)
            self.head = lib.Linear(12, 4)

        def forward(self, x):
            return self.head(self.lstm(self.embedding(x))[0])

    return Tagger()


def transformer(lib):
    class Model(lib.Module):
        def __init__(self):
            super().__init__()
            self.embedding = lib.Embedding(30, 16)
            self.body = lib.Transformer(16, 4, 2, 2, 32, 0.1, batch_first=True, norm_first=True, activation="gelu")
            self.norm = lib.LayerNorm(16)
            self.head = lib.Linear(16, 30, bias=False)

        def forward(self, x):
            mask = lib.Transformer.generate_square_subsequent_mask(x.shape[1])
            h = self.embedding(x)
            return self.head(self.norm(self.body(h, h, tgt_mask=mask)))

    return Model()


NETWORKS = {
    "MLP": (mlp, RNG.normal(size=(7, 20)).astype(np.float32)),
    "CNN": (cnn, RNG.normal(size=(4, 1, 28, 28)).astype(np.float32)),
    "LSTM": (lstm, RNG.integers(0, 30, (3, 9))),
    "Transformer": (transformer, RNG.integers(0, 30, (3, 9))),
}


@pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")  # PyTorch's, about a way of its own
@pytest.mark.filterwarnings("ignore:LSTM with projections")  # likewise
@pytest.mark.parametrize("name", NETWORKS)
def test_both_answer_the_same(name, tmp_path):
    make, x = NETWORKS[name]
    torch.manual_seed(0)
    theirs, ours, again = make(torch.nn), make(nn), make(torch.nn)
    with torch.no_grad():
        theirs(torch.tensor(x))  # moves running statistics, if there are any
    files.save_file(theirs.state_dict(), tmp_path / "theirs.safetensors")
    nn.load(tmp_path / "theirs.safetensors", ours)
    nn.save(ours, tmp_path / "ours.safetensors")
    again.load_state_dict(files.load_file(tmp_path / "ours.safetensors"))
    for network in (theirs, ours, again):
        network.eval()
    with torch.no_grad():
        expected, returned = theirs(torch.tensor(x)).numpy(), again(torch.tensor(x)).numpy()
    np.testing.assert_array_equal(returned, expected)
    found = ours(x).data
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    assert np.abs(expected).max() > 0.1
