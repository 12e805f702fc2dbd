"""Pooling, padding and resampling layers: small cases by hand, settings that do not fit."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor

IMAGE = np.arange(16.0).reshape(1, 1, 4, 4)
LINE = np.array([[[1.0, 5.0, 2.0, 4.0, 3.0]]])
X = np.random.default_rng(0).standard_normal((2, 3, 7, 6))


@pytest.mark.parametrize(
    ("layer", "x", "expected"),
    [
        (nn.MaxPool1d(2), LINE, [[[5.0, 4.0]]]),
        (nn.MaxPool1d(2, ceil_mode=True), LINE, [[[5.0, 4.0, 3.0]]]),
        (nn.MaxPool1d(3, stride=1, padding=1), LINE, [[[5.0, 5.0, 5.0, 4.0, 4.0]]]),
        (nn.MaxPool1d(2, dilation=3, stride=1), LINE, [[[4.0, 5.0]]]),
        (nn.AvgPool1d(2), LINE, [[[3.0, 3.0]]]),
        (nn.AvgPool1d(3, 2, 1, count_include_pad=False), LINE, [[[3.0, 11 / 3, 3.5]]]),
        (nn.AvgPool2d(2, divisor_override=1), IMAGE, [[[[10.0, 18.0], [42.0, 50.0]]]]),
        (nn.LPPool1d(2, 2), LINE, [[[np.sqrt(26), np.sqrt(20)]]]),
        (nn.LPPool2d(1, 2), IMAGE, [[[[10.0, 18.0], [42.0, 50.0]]]]),
        (nn.AdaptiveAvgPool1d(2), LINE, [[[8 / 3, 3.0]]]),
        (nn.AdaptiveMaxPool1d(2), LINE, [[[5.0, 4.0]]]),
        (nn.AdaptiveAvgPool2d((1, None)), IMAGE, [[[[6.0, 7.0, 8.0, 9.0]]]]),
        (nn.ZeroPad1d((1, 2)), LINE, [[[0.0, 1, 5, 2, 4, 3, 0, 0]]]),
        (nn.ConstantPad1d(1, 7), LINE, [[[7.0, 1, 5, 2, 4, 3, 7]]]),
        (nn.ReflectionPad1d(2), LINE, [[[2.0, 5, 1, 5, 2, 4, 3, 4, 2]]]),
        (nn.ReplicationPad1d((2, 1)), LINE, [[[1.0, 1, 1, 5, 2, 4, 3, 3]]]),
        (nn.CircularPad1d((2, 1)), LINE, [[[4.0, 3, 1, 5, 2, 4, 3, 1]]]),
        (nn.ZeroPad1d((-1, 1)), LINE, [[[5.0, 2, 4, 3, 0]]]),
        (nn.ReflectionPad1d((2, -2)), LINE, [[[2.0, 5, 1, 5, 2]]]),
        (nn.Upsample(scale_factor=2), LINE[..., :2], [[[1.0, 1.0, 5.0, 5.0]]]),
        (nn.Upsample(3, mode="linear", align_corners=True), LINE[..., :2], [[[1.0, 3.0, 5.0]]]),
        (nn.PixelUnshuffle(2), IMAGE[..., :2, :2], [[[[0.0]], [[1.0]], [[4.0]], [[5.0]]]]),
    ],
    ids=lambda x: repr(x) if isinstance(x, nn.Module) else "",
)
def test_small_cases(layer, x, expected):
    y = layer(Tensor(x))
    np.testing.assert_allclose(y.data, expected, rtol=1e-12)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-12)  # arrays stay arrays
    np.testing.assert_allclose(
        layer(x[0]) if not isinstance(layer, nn.Upsample) else y.data[0], expected[0], rtol=1e-12
    )


def test_what_pooling_found_is_put_back():
    for axes, size in ((1, (9,)), (2, (9, 7)), (3, (4, 5, 3))):
        x = np.random.default_rng(axes).random((2, 3, *size)) + 1
        y, indices = getattr(nn, f"MaxPool{axes}d")(2, return_indices=True)(x)
        back = getattr(nn, f"MaxUnpool{axes}d")(2)(y, indices, output_size=size)
        np.testing.assert_array_equal(back[back > 0], x[back > 0])
        assert (back > 0).sum() == y.size
    y, indices = nn.AdaptiveMaxPool2d(2, return_indices=True)(X)
    np.testing.assert_array_equal(
        np.take_along_axis(X.reshape(2, 3, 42), indices.reshape(2, 3, 4), -1), y.reshape(2, 3, 4)
    )


def test_shuffling_is_undone():
    x = np.random.default_rng(0).standard_normal((2, 8, 3, 4))
    np.testing.assert_array_equal(nn.PixelUnshuffle(2)(nn.PixelShuffle(2)(x)), x)
    np.testing.assert_array_equal(nn.ChannelShuffle(4)(nn.ChannelShuffle(2)(x)), x)
    np.testing.assert_array_equal(nn.Unflatten(1, (8, -1, 4))(nn.Flatten()(x)), x)
    assert nn.Fold((3, 4), 1)(nn.Unfold(1)(x)).shape == x.shape


def test_a_convolution_is_a_product_with_patches():
    layer = nn.Conv2d(3, 5, (2, 3), padding=1, stride=2, dtype=float)
    columns = nn.Unfold((2, 3), padding=1, stride=2)(X)
    product = np.einsum("ok,nkp->nop", layer.weight.data.reshape(5, -1), columns)
    y = layer(X).data
    np.testing.assert_allclose(product.reshape(y.shape) + layer.bias.data[:, None, None], y, rtol=1e-10, atol=1e-12)


def test_fractional_pooling():
    nn.manual_seed(0)
    layer = nn.FractionalMaxPool2d(2, output_size=(4, 3), return_indices=True)
    x = Tensor(X)
    y, indices = layer(x)
    assert y.shape == (2, 3, 4, 3)
    np.testing.assert_array_equal(
        np.take_along_axis(X.reshape(2, 3, 42), indices.reshape(2, 3, 12), -1).ravel(), y.data.ravel()
    )
    y.sum().backward()
    assert x.grad.sum() == y.size
    assert not np.array_equal(layer(x)[1], indices)  # drawn anew
    nn.manual_seed(0)
    np.testing.assert_array_equal(layer(x)[1], indices)
    assert nn.FractionalMaxPool3d(2, output_ratio=0.5)(np.ones((1, 5, 6, 7))).shape == (1, 2, 3, 3)
    for make, says in (
        (lambda: nn.FractionalMaxPool2d(2), "needs one of"),
        (lambda: nn.FractionalMaxPool2d(2, output_ratio=1.5), "between 0 and 1"),
        (lambda: nn.FractionalMaxPool2d(4, output_size=6)(X), "do not fit"),
        (lambda: nn.FractionalMaxPool2d(2, output_size=2)(X[0, 0]), "takes"),
    ):
        with pytest.raises(autograd.ShapeError, match=says):
            make()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: nn.MaxPool2d(2)(np.ones((3, 4))), "max_pool2d of .* images have 3 or 4 axes"),
        (lambda: nn.MaxPool2d(5)(IMAGE), "do not fit"),
        (lambda: nn.MaxPool2d(2, padding=2)(IMAGE), "padding is at most half"),
        (lambda: nn.AvgPool2d((2, 2, 2))(IMAGE), "kernel_size"),
        (lambda: nn.AdaptiveAvgPool2d((2, 2, 2))(IMAGE), "output_size"),
        (lambda: nn.ReflectionPad1d(5)(LINE), "an axis of 5 takes at most 4 on a side"),
        (lambda: nn.CircularPad1d(6)(LINE), "takes at most 5"),
        (lambda: nn.ZeroPad1d((-3, -3))(LINE), "no such cut"),
        (lambda: nn.ZeroPad2d((1, 2)), "two for each of 2 axes"),
        (lambda: nn.ReflectionPad2d(1)(LINE[0]), "with 2 spatial axes, and got"),
        (lambda: nn.functional.pad(LINE, (1, 1), "mirror"), "one of the modes"),
        (lambda: nn.functional.pad(LINE, (1, 1), "reflect", 3.0), "only the mode 'constant' has a value"),
        (lambda: nn.functional.pad(LINE, (1,)), "two widths for each axis"),
        (lambda: nn.Upsample()(LINE), "one of size and scale_factor"),
        (lambda: nn.Unflatten(3, (1, 1))(LINE), "without axis 3"),
        (lambda: nn.Unflatten("channels", (1, 1)), "takes an axis"),
        (lambda: nn.Softmax2d()(LINE[0]), r"\(N, C, H, W\)"),
    ],
)
def test_what_does_not_fit_is_explained(make, says):
    with pytest.raises(autograd.ShapeError, match=says):
        make()


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_borders_go_back_to_where_they_came_from(mode):
    x = Tensor(X)
    y = nn.functional.pad(x, (2, -1, 3, 1), mode)
    assert y.shape == (2, 3, 11, 7)
    g = np.random.default_rng(1).standard_normal(y.shape)
    y.backward(g)
    t = np.random.default_rng(2).standard_normal(X.shape)
    np.testing.assert_allclose((nn.functional.pad(t, (2, -1, 3, 1), mode) * g).sum(), (t * x.grad).sum())


def test_distances():
    a, b = np.array([[3.0, 4.0], [1.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 2.0]])
    np.testing.assert_allclose(nn.CosineSimilarity()(a, b), [1, 0], atol=1e-12)
    np.testing.assert_allclose(nn.PairwiseDistance(eps=0.0)(a, b), [0, np.sqrt(5)])
    assert nn.PairwiseDistance(keepdim=True)(a, b).shape == (2, 1)
    np.testing.assert_allclose(nn.functional.pdist(b), [np.sqrt(13)])
