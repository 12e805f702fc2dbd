"""The classic classifiers: their published sizes, torchvision's names and numbers, and pictures folded to blocks."""

import time

import numpy as np
import pytest

import autograd
import nn
from nn import models


@pytest.fixture(autouse=True)
def seed():
    nn.manual_seed(0)


PUBLISHED = {
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnext50_32x4d": 25_028_904,
    "vgg11": 132_863_336,
    "vgg16": 138_357_544,
    "vgg16_bn": 138_365_992,
    "googlenet": 6_624_904,
    "densenet121": 7_978_856,
    "densenet161": 28_681_000,
    "densenet169": 14_149_480,
    "densenet201": 20_013_928,
}
SMALL = ["lenet_small", "vgg_small", "resnet_small", "inception_small", "densenet_small"]


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "vgg16", "googlenet", "densenet121"])
def test_published_number_of_parameters(name):
    """And large models are built in seconds."""
    start = time.process_time()
    assert getattr(models, name)().num_parameters == PUBLISHED[name]
    assert time.process_time() - start < 15  # measured: 2 for VGG-16, on a busy machine 5


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_number_of_parameters_of_all(name):
    assert getattr(models, name)().num_parameters == PUBLISHED[name]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("resnet152", 60_192_808),
        ("wide_resnet50_2", 68_883_240),
        ("vgg11_bn", 132_868_840),
        ("vgg13", 133_047_848),
        ("vgg13_bn", 133_053_736),
        ("vgg19", 143_667_240),
        ("vgg19_bn", 143_678_248),
    ],
)
def test_the_numbers_in_the_docstrings(name, count):
    model = getattr(models, name)
    assert f"{count:,}" in model.__doc__
    assert model().num_parameters == count


def test_lenet_and_googlenet_with_auxiliary_heads():
    assert models.LeNet().num_parameters == 61_706
    model = models.googlenet(aux_logits=True)
    assert model.num_parameters == 13_004_888
    assert models.googlenet(1000, large_kernel=5).num_parameters > 6_624_904


# torchvision's names and numbers


def equal_models(ours, theirs):
    """The two with the same weights; all names must fit."""
    import torch

    torch.manual_seed(0)
    for name, buffer in theirs.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_(0, 0.1)
        elif name.endswith("running_var"):
            buffer.uniform_(0.5, 1.5)
    ours.load_state_dict({name: each.numpy() for name, each in theirs.state_dict().items()})
    return ours.eval(), theirs.eval()


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("name", "settings", "size"),
    [
        ("resnet18", {}, 64),
        ("resnet50", {}, 64),
        ("resnet50", {"replace_stride_with_dilation": [False, True, True]}, 64),
        ("resnext50_32x4d", {}, 64),
        ("densenet121", {}, 64),
        ("googlenet", {"aux_logits": True}, 65),
        pytest.param("vgg11_bn", {"num_classes": 3}, 40, marks=pytest.mark.slow),
    ],
)
def test_torchvisions_weights_give_torchvisions_output(torchvision, name, settings, size):
    import torch

    theirs = getattr(torchvision.models, name)(**settings)
    ours, theirs = equal_models(getattr(models, name)(**settings), theirs)
    x = np.random.default_rng(0).normal(size=(2, 3, size, size)).astype(np.float32)
    with torch.no_grad(), autograd.no_grad():
        expected, y = theirs(torch.tensor(x)).numpy(), ours(x)
    y = y.data if isinstance(y, autograd.Tensor) else y
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, expected, atol=1e-4 * max(1, np.abs(expected).max()))


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_torchvisions_gradients(torchvision):
    """In float64: through batches of four, rounding of float32 grows to a hundredth on its way back to the start."""
    import torch

    theirs = torchvision.models.resnet18(num_classes=5)
    ours, theirs = equal_models(models.resnet18(5), theirs)
    ours.double().train(), theirs.double().train()
    x = np.random.default_rng(0).normal(size=(4, 3, 48, 48))
    target = np.arange(4)
    nn.functional.cross_entropy(ours(x), target).backward()
    torch.nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(target)).backward()
    found = {name: p.grad for name, p in ours.named_parameters()}
    for name, p in theirs.named_parameters():
        scale = p.grad.abs().max().item()
        np.testing.assert_allclose(found[name], p.grad.numpy(), atol=1e-9 * scale, rtol=1e-7, err_msg=name)


# Small ones


@pytest.mark.parametrize("name", SMALL)
def test_small_ones_learn(name):
    """In a dozen steps on a batch of squares and crosses the loss falls to a third."""
    model = getattr(models, name)(2)
    x = np.random.default_rng(0).uniform(0, 0.3, (32, 1, 8, 8)).astype(np.float32)
    x[:16, :, 1:7, [1, 6]] = x[:16, :, [1, 6], 1:7] = 1
    x[16:, :, range(8), range(8)] = 1
    labels = np.repeat([0, 1], 16)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.003)
    losses = []
    for _ in range(12):
        loss = nn.functional.cross_entropy(model(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 3


@pytest.mark.parametrize("name", SMALL)
def test_small_ones_are_drawn_folded(name):
    model = getattr(models, name)()
    with autograd.annotate():
        y = model(np.ones((2, 1, 8, 8), np.float32))
    picture = autograd.draw(y, depth=1)
    assert str(picture)
    boxes = list(picture.sketch.boxes)
    assert 3 <= len(boxes) < 60


def test_lenet_reads_28_and_32_and_says_what_it_cannot():
    model = models.LeNet()
    assert model(np.zeros((1, 1, 28, 28), np.float32)).shape == (1, 10)
    assert model(np.zeros((1, 1, 32, 32), np.float32)).shape == (1, 10)
    with pytest.raises(autograd.ShapeError, match="lenet_small for 8 × 8"):
        model(np.zeros((1, 1, 8, 8), np.float32))


def test_googlenet_gives_three_scores_while_training():
    model = models.GoogLeNet(7, aux_logits=True, in_channels=1)
    out = model(np.zeros((2, 1, 48, 48), np.float32))
    assert [each.shape for each in out] == [(2, 7)] * 3
    assert model.eval()(np.zeros((2, 1, 48, 48), np.float32)).shape == (2, 7)


def test_residual_blocks_can_start_as_the_identity():
    model = models.ResNet(models.Bottleneck, [2], 4, True, width=8, small_images=True)
    assert (model.layer1[1].bn3.weight.data == 0).all()
    x = np.abs(np.random.default_rng(0).normal(size=(2, 32, 5, 5))).astype(np.float32)
    np.testing.assert_allclose(model.layer1[1](x).data, x, rtol=1e-6)
