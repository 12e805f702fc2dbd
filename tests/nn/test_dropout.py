"""Dropout: what is left out, how much, in which mode, and from which generator."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor

KINDS = [nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout]
SHAPES = {nn.Dropout1d: (40, 50, 6), nn.Dropout3d: (40, 50, 2, 3, 1)}


def input_of(kind):
    return np.random.default_rng(0).standard_normal(SHAPES.get(kind, (40, 50, 2, 3)))


@pytest.mark.parametrize("kind", KINDS)
def test_after_training_nothing_happens(kind):
    x = Tensor(input_of(kind))
    assert kind(0.5).eval()(x) is x
    np.testing.assert_array_equal(kind(0.0)(x).data, x.data)
    assert not kind(1.0)(x).data.any()


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_repeatable_and_draws_anew(kind):
    x = input_of(kind)
    nn.manual_seed(5)
    a, b = kind(0.5)(x), kind(0.5)(x)
    nn.manual_seed(5)
    np.testing.assert_array_equal(kind(0.5)(x), a)
    assert not np.array_equal(a, b)


@pytest.mark.parametrize("kind", KINDS[:4])
def test_elements_or_channels_are_left_out_and_the_mean_stays(kind):
    nn.manual_seed(1)
    x = np.ones(SHAPES.get(kind, (40, 50, 2, 3)))
    y = kind(0.3)(x)
    assert set(np.unique(y)) == {0.0, 1 / 0.7}
    assert y.mean() == pytest.approx(1, abs=0.05)
    channels = y.reshape(2000, 6)
    whole = (channels == channels[:, :1]).all(1).mean()
    assert whole == 1 if kind is not nn.Dropout else whole < 0.5


@pytest.mark.parametrize("kind", KINDS[4:])
def test_alpha_dropout_keeps_mean_and_variance(kind):
    nn.manual_seed(2)
    x = np.random.default_rng(0).standard_normal((400, 500))
    y = kind(0.3)(x)
    assert y.mean() == pytest.approx(0, abs=0.02)
    assert y.var() == pytest.approx(1, abs=0.02)
    floor, count = most_frequent(y)
    assert count / y.size == pytest.approx(0.3, abs=0.01 if kind is nn.AlphaDropout else 0.03)
    image = kind(0.3)(np.random.default_rng(0).standard_normal((50, 60, 8)))
    whole = np.isclose(image, floor).all(-1).mean()
    assert whole == pytest.approx(0.3 if kind is nn.FeatureAlphaDropout else 0, abs=0.05)


def most_frequent(x):
    values, counts = np.unique(x.round(12), return_counts=True)
    return values[counts.argmax()], counts.max()


def test_gradients_pass_where_elements_did():
    nn.manual_seed(0)
    x = Tensor(np.ones(100, np.float32))
    y = nn.Dropout(0.25)(x)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, y.data)
    assert y.dtype == np.float32
    z = nn.AlphaDropout(0.25)(x)
    assert z.dtype == np.float32


def test_the_mode_goes_with_the_model():
    model = nn.Sequential(nn.Dropout(0.9))
    x = np.ones(100)
    assert model(x).min() == 0
    assert model.eval()(x) is x
    assert model.train()(x).min() == 0


def test_what_does_not_fit():
    with pytest.raises(TypeError, match="p is a probability"):
        nn.Dropout(1.5)
    with pytest.raises(
        autograd.ShapeError, match="dropout2d leaves out whole channels of inputs with 3 or 4 axes: got 2"
    ):
        nn.Dropout2d()(np.ones((3, 4)))
    with pytest.raises(autograd.ShapeError, match="feature_alpha_dropout"):
        nn.FeatureAlphaDropout()(np.ones(3))
    for function in (nn.functional.dropout, nn.functional.relu, nn.functional.alpha_dropout):
        with pytest.raises(TypeError, match="nothing is written in place"):
            function(np.ones(3), inplace=True)
