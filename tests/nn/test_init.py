"""Initialisers: their distributions, what they promise, and what torch's give where nothing is random."""

import math

import numpy as np
import pytest
from scipy import stats

import autograd
import nn
from nn import init


def weights(*shape, dtype=np.float64):
    return nn.Parameter(np.full(shape, np.nan), dtype)


@pytest.fixture(autouse=True)
def seed():
    nn.manual_seed(0)


UNIFORM = [
    (lambda w: init.uniform_(w, -2, 3), -2, 3),
    (init.uniform_, 0, 1),
    (init.xavier_uniform_, -math.sqrt(6 / 500), math.sqrt(6 / 500)),
    (lambda w: init.xavier_uniform_(w, 2.0), -2 * math.sqrt(6 / 500), 2 * math.sqrt(6 / 500)),
    (init.kaiming_uniform_, -math.sqrt(6 / 200), math.sqrt(6 / 200)),
    (lambda w: init.kaiming_uniform_(w, mode="fan_out"), -math.sqrt(6 / 300), math.sqrt(6 / 300)),
    (lambda w: init.kaiming_uniform_(w, math.sqrt(5)), -1 / math.sqrt(200), 1 / math.sqrt(200)),
    (init.lecun_uniform_, -math.sqrt(3 / 200), math.sqrt(3 / 200)),
]
NORMAL = [
    (init.normal_, 0, 1),
    (lambda w: init.normal_(w, 3, 0.1), 3, 0.1),
    (init.xavier_normal_, 0, math.sqrt(2 / 500)),
    (init.kaiming_normal_, 0, math.sqrt(2 / 200)),
    (lambda w: init.kaiming_normal_(w, nonlinearity="tanh", mode="fan_out"), 0, 5 / 3 / math.sqrt(300)),
    (init.lecun_normal_, 0, 1 / math.sqrt(200)),
]


@pytest.mark.parametrize(("fill", "low", "high"), UNIFORM)
def test_uniform(fill, low, high):
    w = weights(300, 200)
    assert fill(w) is w
    assert stats.kstest(w.data.ravel(), stats.uniform(low, high - low).cdf).pvalue > 1e-3
    assert low <= w.data.min() < w.data.max() <= high


@pytest.mark.parametrize(("fill", "mean", "std"), NORMAL)
def test_normal(fill, mean, std):
    w = weights(300, 200)
    fill(w)
    assert stats.kstest(w.data.ravel(), stats.norm(mean, std).cdf).pvalue > 1e-3


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"), [(0, 1, -2, 2), (1, 0.5, 0, 1.2), (0, 1, 6, 7), (0, 1, -9, -8), (3, 2, 3, 30)]
)
def test_truncated_normal(mean, std, a, b):
    w = init.trunc_normal_(weights(20_000), mean, std, a, b)
    expected = stats.truncnorm((a - mean) / std, (b - mean) / std, mean, std)
    assert stats.kstest(w.data, expected.cdf).pvalue > 1e-3
    assert a <= w.data.min() < w.data.max() <= b


def test_fans_of_convolutions():
    assert init.fans(weights(8, 3, 5, 2)) == (30, 80)
    w = init.kaiming_uniform_(weights(8, 3, 5, 2))
    assert np.abs(w.data).max() == pytest.approx(math.sqrt(6 / 30), rel=0.05)


@pytest.mark.parametrize("shape", [(5, 5), (7, 4), (4, 7), (3, 4, 2)])
def test_orthogonal(shape):
    w = init.orthogonal_(weights(*shape), gain=3.0).data.reshape(shape[0], -1)
    small = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(small, 9 * np.eye(len(small)), atol=1e-12)


def test_orthogonal_matrices_are_all_equally_likely():
    """The trace of a random rotation of the plane or reflection of it has the mean 0, and a mean square of 1."""
    traces = np.array([np.trace(init.orthogonal_(weights(2, 2)).data) for _ in range(2000)])
    assert abs(traces.mean()) < 0.1
    assert traces.var() == pytest.approx(1, abs=0.1)


def test_sparse():
    w = init.sparse_(weights(10, 6), 0.25, std=2.0).data
    assert ((w == 0).sum(0) == 3).all()
    assert len({tuple(column) for column in (w == 0).T}) > 1
    assert np.abs(w).max() < 10


def test_constants():
    assert (init.ones_(weights(2, 3)).data == 1).all()
    assert (init.zeros_(weights(2)).data == 0).all()
    assert (init.constant_(weights(1), 2.5).data == 2.5).all()
    np.testing.assert_array_equal(init.eye_(weights(2, 3)).data, [[1, 0, 0], [0, 1, 0]])


def test_a_dirac_convolution_hands_on_its_input():
    x = np.random.default_rng(0).normal(size=(2, 3, 8))
    w = init.dirac_(weights(3, 3, 5))
    np.testing.assert_allclose(nn.functional.conv1d(x, w, padding=2).data, x)


def test_the_array_stays_and_its_precision():
    w = weights(3, 4, dtype=np.float32)
    array = w.data
    for fill in (init.uniform_, init.orthogonal_, init.eye_, init.trunc_normal_):
        fill(w)
        assert w.data is array
        assert not np.isnan(array).any()


def test_the_seed_and_a_generator_of_ones_own():
    a, b = weights(3, 4), weights(3, 4)
    for fill in (init.normal_, init.orthogonal_, init.xavier_uniform_, lambda w: init.sparse_(w, 0.5)):
        nn.manual_seed(5), fill(a), nn.manual_seed(5), fill(b)
        np.testing.assert_array_equal(a.data, b.data)
        fill(b)
        assert (a.data != b.data).any()
    first, second = (init.normal_(weights(4), generator=np.random.default_rng(1)) for _ in range(2))
    np.testing.assert_array_equal(first.data, second.data)


def test_without_elements_nothing_happens():
    for fill in (init.xavier_normal_, init.kaiming_uniform_, init.orthogonal_):
        assert fill(weights(0, 4)).shape == (0, 4)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: init.xavier_uniform_(weights(3)), ValueError, r"2 or more axes .* shape \(3,\)"),
        (lambda: init.eye_(weights(3, 3, 3)), ValueError, "with 2 axes"),
        (lambda: init.dirac_(weights(3, 3)), ValueError, "3 to 5 axes"),
        (lambda: init.dirac_(weights(3, 3, 3), groups=2), ValueError, "2 groups"),
        (lambda: init.kaiming_normal_(weights(3, 3), mode="in"), ValueError, "'fan_in' or 'fan_out'"),
        (lambda: init.calculate_gain("swish"), ValueError, "no gain is known for 'swish'; there are linear"),
        (lambda: init.calculate_gain("leaky_relu", "a"), ValueError, "slope"),
        (lambda: init.trunc_normal_(weights(3), a=1, b=1), ValueError, "a must be below b"),
        (lambda: init.normal_([1.0, 2.0]), autograd.OperandError, "in place"),
        (lambda: init.normal_(autograd.Value(1.0)), autograd.OperandError, "in place"),
        (lambda: init.normal_(weights(2) * 2), autograd.OperandError, "that you made"),
    ],
)
def test_bad_arguments(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_what_is_not_random_is_what_torch_gives():
    torch = pytest.importorskip("torch", reason="torch is the oracle here, and no dependency")
    for name in [*init.GAINS, "leaky_relu"]:
        assert init.calculate_gain(name) == torch.nn.init.calculate_gain(name)
    assert init.calculate_gain("leaky_relu", 0.3) == torch.nn.init.calculate_gain("leaky_relu", 0.3)
    for shape, groups in [((4, 4, 3), 1), ((6, 2, 3, 4), 2), ((6, 4, 2), 3), ((2, 5, 1, 2, 3), 1)]:
        theirs = torch.nn.init.dirac_(torch.empty(shape), groups).numpy()
        np.testing.assert_array_equal(init.dirac_(weights(*shape), groups).data, theirs)
    names = {name for name in vars(torch.nn.init) if name.endswith("_") and not name.startswith("_")}
    assert names - set(init.__all__) == set()


def test_random_ones_have_torchs_distribution():
    torch = pytest.importorskip("torch", reason="torch is the oracle here, and no dependency")
    torch.manual_seed(0)
    for name in "xavier_uniform_ xavier_normal_ kaiming_uniform_ kaiming_normal_ orthogonal_ trunc_normal_".split():
        ours = getattr(init, name)(weights(60, 40, 3)).data.ravel()
        theirs = getattr(torch.nn.init, name)(torch.empty(60, 40, 3)).numpy().ravel()
        assert stats.ks_2samp(ours, theirs).pvalue > 1e-3, name


@pytest.mark.parametrize("shape", [(250, 7), (100, 3, 2), (0, 4), (5,)])
def test_first_weights_drawn_in_pieces_are_those_of_one_draw(shape):
    whole = np.random.default_rng(3).uniform(-0.5, 0.5, shape).astype(np.float32)
    nn.manual_seed(3)
    pieces = np.empty(shape, np.float32, order="F")
    nn.init.fan_in_uniform_(pieces, 4)
    assert (pieces == whole).all()
