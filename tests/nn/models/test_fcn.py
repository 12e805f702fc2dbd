"""Fully convolutional networks, for segmentation, and C3D, for video."""

import numpy as np
import pytest

import autograd
import nn
from nn import models


@pytest.fixture(autouse=True)
def seed():
    nn.manual_seed(0)


def test_published_number_of_parameters():
    assert models.fcn_resnet50(aux_loss=True).num_parameters == 35_322_218


@pytest.mark.slow
def test_published_number_of_parameters_of_the_others():
    assert models.fcn_resnet50().num_parameters == 32_957_013
    assert models.fcn_resnet101(aux_loss=True).num_parameters == 54_314_346
    assert models.fcn_resnet101().num_parameters == 51_949_141
    assert models.fcn8s_vgg16().num_parameters == 134_376_863
    assert models.c3d(101).num_parameters == 78_409_573
    assert models.c3d().num_parameters == 79_991_015


def test_torchvisions_weights_give_torchvisions_scores(torchvision):
    import torch

    theirs = torchvision.models.segmentation.fcn_resnet50(weights_backbone=None, num_classes=5, aux_loss=True).eval()
    ours = models.fcn_resnet50(5, aux_loss=True)
    ours.load_state_dict({name: each.numpy() for name, each in theirs.state_dict().items()})
    x = np.random.default_rng(0).normal(size=(1, 3, 40, 56)).astype(np.float32)
    with torch.no_grad(), autograd.no_grad():
        expected, y = theirs(torch.tensor(x))["out"].numpy(), np.asarray(ours.eval()(x))
    np.testing.assert_allclose(y, expected, atol=1e-4 * np.abs(expected).max())


def test_two_scores_while_training():
    model = models.FCNResNet(models.ResNet(models.BasicBlock, [1, 1], width=8), 3, aux_loss=True)
    out = model(np.zeros((2, 3, 32, 32), np.float32))
    assert out.out.shape == out.aux.shape == (2, 3, 32, 32)
    assert model.eval()(np.zeros((2, 3, 32, 32), np.float32)).shape == (2, 3, 32, 32)


@pytest.mark.parametrize("size", [(16, 16), (17, 21), (8, 30)])
def test_scores_have_the_size_of_the_image(size):
    assert models.fcn_small(3)(np.zeros((2, 1, *size), np.float32)).shape == (2, 3, *size)


def test_scores_from_afar_start_as_bilinear_interpolation():
    model = models.fcn_small(2)
    coarse = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4).repeat(2, 1)
    larger = model.upscore[0](coarse).data
    smooth = nn.functional.interpolate(coarse, scale_factor=2, mode="bilinear")
    np.testing.assert_allclose(larger[:, :, 1:-1, 1:-1], smooth[:, :, 1:-1, 1:-1], rtol=1e-5)


def test_it_learns_where_things_are():
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 0.2, (16, 1, 16, 16)).astype(np.float32)
    y = np.zeros((16, 16, 16), np.int64)
    for image, label, (r, c) in zip(x, y, rng.integers(0, 10, (16, 2)), strict=True):
        kind = (r + c) % 2 + 1  # 1 is a square that is full, 2 one that is empty
        image[0, r : r + 6, c : c + 6] = 1
        image[0, r + 2 : r + 4, c + 2 : c + 4] = 2 - kind
        label[r : r + 6, c : c + 6] = kind
    model = models.fcn_small(3, width=8)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(40):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    found = model(x).data.argmax(1)
    both, either = ((found == y) & (y > 0)).sum(), ((found > 0) | (y > 0)).sum()
    assert both / either > 0.85


def test_stages_and_channels_must_be_as_many():
    with pytest.raises(autograd.ShapeError, match="1 stages, and 2 numbers"):
        models.FCN([nn.Conv2d(1, 4, 3)], [4, 8], 3)


# Video


def test_c3d_halves_time_and_space():
    model = models.C3D(5, ((4,), (6,)), hidden=7, size=(2, 2, 2), in_channels=1)
    assert model(np.zeros((2, 1, 4, 8, 8), np.float32)).shape == (2, 5)
    names = [name for name, _ in model.named_parameters()]
    assert names[:2] == ["features.0.weight", "features.0.bias"]


def test_c3d_tells_where_things_move():
    """What moves right from what moves left: no single frame says so."""
    rng = np.random.default_rng(0)
    x = np.zeros((16, 1, 8, 12, 12), np.float32)
    labels = np.arange(16) % 2
    for clip, label, row in zip(x, labels, rng.integers(1, 8, 16), strict=True):
        for t in range(8):
            at = t + 1 if label else 8 - t
            clip[0, t, row : row + 3, at : at + 3] = 1
    model = models.c3d_small(2)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(15):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1
