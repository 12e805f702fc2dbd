"""Normalising layers: statistics, running ones, modes and errors."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor

RNG = np.random.default_rng(0)
X = RNG.normal(3, 2, (6, 4, 5, 3))


def standard(x, axes):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-5)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (nn.BatchNorm2d(4, dtype=float), standard(X, (0, 2, 3))),
        (nn.InstanceNorm2d(4, dtype=float), standard(X, (2, 3))),
        (nn.LayerNorm((5, 3), dtype=float), standard(X, (2, 3))),
        (nn.LayerNorm(3, elementwise_affine=False), standard(X, -1)),
        (nn.GroupNorm(2, 4, dtype=float), standard(X.reshape(6, 2, -1), -1).reshape(X.shape)),
        (nn.RMSNorm(3, eps=1e-5, dtype=float), X / np.sqrt((X**2).mean(-1, keepdims=True) + 1e-5)),
        (nn.LocalResponseNorm(1, alpha=0.5, beta=2, k=3), X / (3 + 0.5 * X**2) ** 2),
    ],
    ids=lambda x: repr(x) if isinstance(x, nn.Module) else "",
)
def test_what_they_compute(layer, expected):
    y = layer(X)
    np.testing.assert_allclose(y.data if isinstance(y, Tensor) else y, expected, rtol=1e-10)


def test_running_statistics_follow_the_batches():
    layer = nn.BatchNorm2d(4, momentum=0.25, dtype=float)
    mean, var = np.zeros(4), np.ones(4)
    for _ in range(3):
        x = RNG.normal(1, 3, (6, 4, 5, 3))
        layer(x)
        mean = 0.75 * mean + 0.25 * x.mean((0, 2, 3))
        var = 0.75 * var + 0.25 * x.var((0, 2, 3), ddof=1)
    np.testing.assert_allclose(layer.running_mean, mean)
    np.testing.assert_allclose(layer.running_var, var)
    assert layer.num_batches_tracked == 3
    y = layer.eval()(X)
    np.testing.assert_allclose(y.data, (X - mean[:, None, None]) / np.sqrt(var[:, None, None] + 1e-5))
    assert layer.num_batches_tracked == 3
    layer.reset_running_stats()
    assert layer.running_mean.tolist() == [0, 0, 0, 0]
    assert layer.num_batches_tracked == 0


def test_without_momentum_the_mean_of_all_batches():
    layer = nn.BatchNorm1d(2, momentum=None, dtype=float)
    batches = RNG.normal(1, 3, (4, 8, 2))
    for x in batches:
        layer(x)
    np.testing.assert_allclose(layer.running_mean, batches.mean((0, 1)))


def test_without_running_statistics_the_batch_counts_always():
    layer = nn.BatchNorm2d(4, track_running_stats=False, dtype=float).eval()
    np.testing.assert_allclose(layer(X).data, standard(X, (0, 2, 3)), rtol=1e-10)
    assert list(layer.state_dict()) == ["weight", "bias"]
    tracked = nn.InstanceNorm2d(4, track_running_stats=True)
    tracked(X)
    assert (tracked.running_mean > 0).all()


def test_parts_that_may_be_missing():
    assert nn.BatchNorm1d(3, bias=False).bias is None
    assert nn.LayerNorm(3, bias=False).bias is None
    assert nn.GroupNorm(1, 3, bias=False).bias is None
    assert nn.BatchNorm1d(3, affine=False).parameters() == []
    assert list(nn.InstanceNorm1d(3).state_dict()) == []
    assert list(nn.BatchNorm1d(3).state_dict()) == [
        "weight",
        "bias",
        "running_mean",
        "running_var",
        "num_batches_tracked",
    ]


def test_they_learn_in_float32():
    for layer in (
        nn.BatchNorm2d(4),
        nn.GroupNorm(2, 4),
        nn.LayerNorm(3),
        nn.RMSNorm(3),
        nn.InstanceNorm2d(4, affine=True),
    ):
        x = Tensor(X.astype(np.float32))
        y = layer(x)
        (y * y * y).sum().backward()
        assert y.dtype == np.float32
        assert {p.grad.dtype for p in [x, *layer.parameters()]} == {np.dtype(np.float32)}
        layer.weight.data[...] = 5
        layer.reset_parameters()
        assert set(layer.weight.data.ravel()) == {1.0}


def test_a_running_state_is_saved_and_loaded():
    a, b = nn.BatchNorm2d(4), nn.BatchNorm2d(4)
    a(X.astype(np.float32))
    b.load_state_dict(a.state_dict())
    np.testing.assert_array_equal(b.running_var, a.running_var)
    assert b.num_batches_tracked == 1


def test_one_example_without_an_axis_for_more():
    for layer, x in ((nn.InstanceNorm1d(4), X[0, :, :, 0]), (nn.InstanceNorm2d(4), X[0])):
        np.testing.assert_allclose(layer(x), layer(x[None])[0])


@pytest.mark.parametrize(
    ("layer", "shape", "says"),
    [
        (nn.BatchNorm2d(4), (6, 4), "takes inputs with 4 axes.*\n.*BatchNorm1d"),
        (nn.BatchNorm1d(4), (6, 4, 5, 3), "takes inputs with 2 or 3 axes.*\n.*BatchNorm2d"),
        (nn.BatchNorm2d(3), (6, 4, 5, 3), "axis 1 must be 3.\n  The channels seem to be last"),
        (nn.BatchNorm2d(7), (6, 4, 5, 3), "of 7 channels got an input of shape .*: axis 1 must be 7.$"),
        (nn.BatchNorm1d(4), (1, 4), r"call model\.eval\(\) before"),
        (nn.InstanceNorm2d(3, affine=True), (4, 5, 3), "axis 0 must be 3"),
        (nn.GroupNorm(2, 6), (6, 4, 5, 3), r"wants \(N, 6, \.\.\.\)"),
        (nn.LayerNorm(4), (6, 5), r"must be of shape \(4,\)"),
        (nn.LocalResponseNorm(2), (6, 5), "three axes"),
    ],
)
def test_inputs_that_do_not_fit_are_explained(layer, shape, says):
    with pytest.raises(autograd.ShapeError, match=says):
        layer(np.ones(shape, np.float32))


def test_groups_that_do_not_share_out_the_channels():
    with pytest.raises(ValueError, match=r"GroupNorm\(4, 6\): the groups do not share out"):
        nn.GroupNorm(4, 6)


def test_one_example_after_training():
    layer = nn.BatchNorm1d(4).eval()
    assert layer(np.ones((1, 4), np.float32)).shape == (1, 4)


def test_an_empty_batch():
    layer = nn.BatchNorm1d(4)
    y = layer(np.ones((0, 4), np.float32))
    y.sum().backward()
    assert y.shape == (0, 4)
    assert layer.weight.grad.tolist() == [0, 0, 0, 0]
    assert layer.running_mean.tolist() == [0, 0, 0, 0]
