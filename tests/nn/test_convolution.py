"""Convolutional layers: what they compute, how they start, what they say when the input does not fit."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor

RNG = np.random.default_rng(0)


def slid(x, w, b, stride, padding):
    """A convolution along one axis, by its definition."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    places = range(0, x.shape[-1] - w.shape[-1] + 1, stride)
    return np.stack([np.einsum("nck,ock->no", x[..., p : p + w.shape[-1]], w) + b for p in places], -1)


def test_a_convolution_by_its_definition():
    layer = nn.Conv1d(3, 4, 5, stride=2, padding=1, dtype=float)
    x = RNG.standard_normal((2, 3, 11))
    y = layer(x)
    np.testing.assert_allclose(y.data, slid(x, layer.weight.data, layer.bias.data, 2, 1), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(layer(x[0]).data, y.data[0], rtol=1e-12)


@pytest.mark.parametrize(("mode", "numpys"), [("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap")])
def test_borders_of_other_things_than_zeros(mode, numpys):
    layer = nn.Conv2d(1, 1, 3, padding=(1, 2), padding_mode=mode, dtype=float)
    bare = nn.Conv2d(1, 1, 3, dtype=float)
    bare.load_state_dict(layer.state_dict())
    x = RNG.standard_normal((2, 1, 5, 6))
    np.testing.assert_allclose(layer(x).data, bare(np.pad(x, ((0, 0), (0, 0), (1, 1), (2, 2)), numpys)).data)


def test_as_many_results_as_elements():
    x = RNG.standard_normal((1, 2, 7, 6))
    for mode in ("zeros", "circular"):
        layer = nn.Conv2d(2, 3, (2, 5), padding="same", dilation=(2, 1), padding_mode=mode)
        assert layer(x).shape == (1, 3, 7, 6)
    assert nn.Conv2d(2, 3, 3, padding="valid", padding_mode="reflect")(x).shape == (1, 3, 5, 4)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_transposed_convolution_is_the_transpose(axes):
    """⟨conv(x), y⟩ = ⟨x, transposed(y)⟩ with the same weights."""
    settings = {"kernel_size": 3, "stride": 2, "padding": 1, "bias": False, "dtype": float}
    conv = getattr(nn, f"Conv{axes}d")(2, 4, **settings)
    transposed = getattr(nn, f"ConvTranspose{axes}d")(4, 2, **settings)
    transposed.load_state_dict(conv.state_dict())
    size = (7, 6, 5)[:axes]
    x = RNG.standard_normal((2, 2, *size))
    y = conv(x)
    g = RNG.standard_normal(y.shape)
    back = transposed(g, output_size=size)
    assert back.shape == x.shape
    np.testing.assert_allclose((y.data * g).sum(), (x * back.data).sum(), rtol=1e-10)


def test_possible_sizes_of_a_transposed_convolution_are_named():
    layer = nn.ConvTranspose2d(1, 1, 3, stride=2)
    assert [layer(np.ones((1, 1, 4, 4)), output_size=(n, n)).shape[-1] for n in (9, 10)] == [9, 10]
    with pytest.raises(autograd.ShapeError, match=r"sizes from \[9, 9\] to \[10, 10\] are possible"):
        layer(np.ones((1, 1, 4, 4)), output_size=(11, 9))


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (nn.Linear(50, 400), 50),
        (nn.Conv1d(10, 100, 5), 50),
        (nn.Conv2d(8, 200, (3, 2), groups=2), 24),
        (nn.Conv3d(4, 100, 2), 32),
        (nn.ConvTranspose2d(50, 8, 3, groups=2), 36),  # PyTorch takes the second axis of the weight
    ],
    ids=repr,
)
def test_weights_start_uniform_in_the_inverse_root_of_the_inputs(layer, inputs):
    nn.manual_seed(3)
    layer.reset_parameters()
    for p in layer.parameters():
        bound = 1 / np.sqrt(inputs)
        assert abs(p.data).max() <= bound
        if p.size > 1000:
            assert p.data.std() == pytest.approx(bound / np.sqrt(3), rel=0.05)
            assert p.data.mean() == pytest.approx(0, abs=0.1 * bound)
    nn.manual_seed(3)
    weight = layer.weight.data.copy()
    layer.reset_parameters()
    np.testing.assert_array_equal(layer.weight.data, weight)


def test_images_of_bytes_and_lists_are_taken():
    layer = nn.Conv2d(1, 2, 2)
    y = layer(np.arange(9, dtype=np.uint8).reshape(1, 1, 3, 3))
    assert y.dtype == np.float32
    assert layer([[[1.0, 2.0], [3.0, 4.0]]]).shape == (2, 1, 1)


def test_everything_learns():
    layer = nn.Conv2d(2, 4, 3, groups=2)
    x = Tensor(RNG.standard_normal((2, 2, 5, 5)).astype(np.float32))
    layer(x).sum().backward()
    for p in (x, layer.weight, layer.bias):
        assert p.grad.shape == p.shape
        assert p.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("shape", "hint"),
    [
        ((5, 28, 28, 3), r"channels seem to be last: x\.transpose\(0, 3, 1, 2\)"),
        ((5, 784), r"seem to be flat: x\.reshape\(-1, 3"),
        ((5, 4, 28, 28), "take 3 channels and give 8"),
        ((28, 28, 28, 28, 3), "images have 3 or 4 axes"),
        ((2, 3, 2, 28), r"a kernel of \(3, 3\) does not fit"),
    ],
)
def test_inputs_that_do_not_fit_are_explained(shape, hint):
    with pytest.raises(
        autograd.ShapeError, match=rf"(?s)from 3 to 8 channels takes inputs of shape \(N, 3, H, W\), and got.*{hint}"
    ):
        nn.Conv2d(3, 8, 3)(np.ones(shape, np.float32))


def test_a_missing_axis_of_channels_is_explained():
    with pytest.raises(autograd.ShapeError, match=r"x\[:, None\]"):
        nn.Conv2d(1, 8, 3)(np.ones((5, 28, 28)))
    with pytest.raises(autograd.ShapeError, match=r"takes inputs of shape \(N, 2, L\)"):
        nn.ConvTranspose1d(2, 8, 3)(np.ones((5, 2, 8, 8)))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: nn.Conv2d(3, 8, 3, groups=2), "2 groups do not share out 3 channels in and 8 out"),
        (lambda: nn.Conv2d(3, 8, 3, groups=0), "0 groups"),
        (lambda: nn.Conv2d(3, 8, (3, 3, 3)), r"kernel_size \(3, 3, 3\) for 2 spatial axes"),
        (lambda: nn.Conv2d(3, 8, 0), "at least 1"),
        (lambda: nn.Conv2d(3, 8, 3, padding_mode="mirror"), "padding_mode is"),
        (lambda: nn.Conv2d(3, 8, 3, padding="same", stride=2)(np.ones((1, 3, 8, 8))), "needs stride 1"),
        (lambda: nn.ConvTranspose2d(3, 8, 3, padding="same"), "has numbers for padding"),
    ],
)
def test_settings_that_do_not_fit(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_they_print_what_is_not_as_usual():
    assert repr(nn.Conv2d(1, 2, 3)) == "Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))"
    full = nn.Conv1d(2, 2, 3, 2, 1, 2, 2, False, "circular")
    assert repr(full) == (
        "Conv1d(2, 2, kernel_size=(3,), stride=(2,), padding=(1,), dilation=(2,), groups=2, bias=False, "
        "padding_mode=circular)"
    )
    assert "output_padding=(1,)" in repr(nn.ConvTranspose1d(1, 2, 3, 2, output_padding=1))
    assert "padding=same" in repr(nn.Conv1d(1, 1, 3, padding="same"))


def test_lazy_layers_learn_their_inputs():
    model = nn.Sequential(
        nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.LazyInstanceNorm2d(), nn.Flatten(), nn.LazyLinear(2)
    )
    assert model.num_parameters == 4 + 2
    before = model.parameters()
    y = model(np.ones((3, 2, 6, 6), np.float32))
    assert y.shape == (3, 2)
    assert [type(m) for m in model] == [nn.Conv2d, nn.BatchNorm2d, nn.InstanceNorm2d, nn.Flatten, nn.Linear]
    assert all(p is q for p, q in zip(before, model.parameters(), strict=True))
    assert {name: p.shape for name, p in model.named_parameters()} == {
        "0.weight": (4, 2, 3, 3),
        "0.bias": (4,),
        "1.weight": (4,),
        "1.bias": (4,),
        "2.weight": (4,),
        "2.bias": (4,),
        "4.weight": (2, 64),
        "4.bias": (2,),
    }
    assert model[4].weight.data.std() > 0
    y.sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    transposed = nn.LazyConvTranspose1d(3, 2, groups=3)
    with pytest.raises(ValueError, match="3 groups do not share out 2 channels in"):
        transposed(np.ones((1, 2, 5)))
    with pytest.raises(autograd.ShapeError, match="LazyConv2d takes 2 spatial axes"):
        nn.LazyConv2d(4, 3)(np.ones((3, 10)))


def test_a_linear_layer_that_gets_images_is_explained():
    layer = nn.Linear(784, 10)
    for shape, hint in (
        ((32, 1, 28, 28), r"nn\.Flatten\(\), or x\.reshape\(32, 784\)"),
        ((28, 28), r"x\.reshape\(1, 784\)"),
        ((784, 32), r"x\.T may be"),
    ):
        with pytest.raises(autograd.ShapeError, match=rf"from 784 to 10 features got.*must be 784\.\n.*{hint}"):
            layer(np.ones(shape, np.float32))
    with pytest.raises(autograd.ShapeError, match=r"x\[:, None\]"):
        nn.Linear(1, 1)(np.ones(5))
