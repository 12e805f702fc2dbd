"""Scalers against scikit-learn's, and labels."""

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError, Tensor
from nn.data import MinMaxScaler, StandardScaler, encode_labels, normalize, one_hot, standardize

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(50, 4)) * [1, 100, 1e-3, 1e5] + [0, 5, 1, -1e6]


@pytest.mark.parametrize(
    ("name", "ours"), [("StandardScaler", StandardScaler()), ("MinMaxScaler", MinMaxScaler((-2, 3)))]
)
def test_as_scikit_learn_does(name, ours):
    theirs = getattr(pytest.importorskip("sklearn.preprocessing", reason="scikit-learn is not installed"), name)()
    if name == "MinMaxScaler":
        theirs.set_params(feature_range=(-2, 3))
    new = X[:10] + 1
    assert np.allclose(ours.fit(X).transform(new), theirs.fit(X).transform(new), rtol=1e-9)
    assert np.allclose(ours.inverse_transform(ours.transform(new)), new, rtol=1e-12)


@pytest.mark.parametrize("make", [standardize, normalize])
def test_constants_become_zero_and_come_back(make):
    x = np.full((5, 2), 0.1) * [1, 3]
    scale = make(x)
    assert np.abs(scale(x)).max() < 1e-12
    assert np.allclose(scale.inverse(scale(x)), x)


def test_channels_of_images():
    x = RANDOM.normal(3, 2, size=(20, 3, 5, 5)).astype(np.float32)
    y = standardize(x, axis=(0, 2, 3))(x)
    assert y.dtype == np.float32
    assert np.allclose(y.mean((0, 2, 3)), 0, atol=1e-5)
    assert np.allclose(y.std((0, 2, 3)), 1, atol=1e-5)


def test_whole_numbers_and_tensors():
    scale = standardize([[0], [4]])
    assert scale(np.array([[2]])).dtype == np.float32
    x = Tensor(np.array([[2.0]]))
    y = scale.inverse(scale(x) * 3)
    y.sum().backward()
    assert isinstance(y, Tensor)
    assert x.grad.item() == 3


def test_a_state_goes_through_a_file(tmp_path):
    first, second = standardize(X), StandardScaler()
    nn.save({"scale": first}, tmp_path / "scale.npz")
    nn.load(tmp_path / "scale.npz", {"scale": second})
    assert np.array_equal(first(X), second(X))
    with pytest.raises(nn.StateError, match="an offset and a scale"):
        second.load_state_dict({"offset": 1})


def test_scalers_that_cannot():
    with pytest.raises(nn.StateError, match="has not learned yet"):
        StandardScaler().transform(X)
    assert StandardScaler().state_dict() == {}
    with pytest.raises(OperandError, match=r"1 of 4 numbers are not finite, the first is x\[1, 0\] = inf"):
        standardize([[1, 2], [np.inf, 3]])
    with pytest.raises(OperandError, match="takes real numbers"):
        standardize(["a"])
    with pytest.raises(ShapeError, match="no data"):
        standardize(np.zeros((0, 2)))
    with pytest.raises(ShapeError, match=r"numbers of shape \(1, 4\), and got an array \(3,\)"):
        standardize(X)(np.zeros(3))
    with pytest.raises(OperandError, match="feature_range"):
        MinMaxScaler((1, 1))


def test_one_hot():
    assert one_hot([[0, 1]], 3, dtype=int).tolist() == [[[1, 0, 0], [0, 1, 0]]]
    assert one_hot(np.array([2], np.uint8)).tolist() == [[0, 0, 1]]
    assert one_hot(np.zeros(0, int), 3).shape == (0, 3)
    for labels, classes, message in (
        ([3], 3, "label 3 is not one of 3"),
        ([-1], None, "label -1"),
        ([0.0], None, "float64"),
    ):
        with pytest.raises(OperandError, match=message):
            one_hot(labels, classes)
    with pytest.raises(ShapeError, match="no labels"):
        one_hot(np.zeros(0, int))


def test_labels_of_any_kind():
    y, classes = encode_labels([2.5, 1.0, 2.5])
    assert (y.tolist(), classes) == ([1, 0, 1], (1.0, 2.5))
    assert y.dtype == np.int64
    with pytest.raises(OperandError, match="label 'cow' is none of the classes"):
        encode_labels(["cow"], ("cat",))
    with pytest.raises(ShapeError, match="one label for each example"):
        encode_labels([["a"]])
