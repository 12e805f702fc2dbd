"""Keras's datasets: its shapes and dtypes, made of those of nn.datasets."""

import numpy as np
import pytest

import nn
from nn.keras import datasets
from nn.keras.datasets import Images, mnist


def test_bytes_in_keras_shapes_are_what_they_were():
    pixels = np.arange(256, dtype=np.uint8).repeat(2).reshape(2, 1, 16, 16)
    labels = np.array([3, 9])
    part = nn.data.ArrayDataset(pixels.astype(np.float32) / 255, labels)
    (x, y), (x_test, _) = Images(lambda: nn.datasets.Data("made up", part, part)).load_data()
    assert x.dtype == y.dtype == np.uint8
    np.testing.assert_array_equal(x, pixels[:, 0])
    np.testing.assert_array_equal(y, labels)
    np.testing.assert_array_equal(x_test, x)


def test_mnist():
    try:
        (x, y), (x_test, y_test) = mnist.load_data("mnist.npz")
    except nn.datasets.DataNotFoundError as error:
        pytest.skip(str(error).splitlines()[0])
    assert x.shape == (4000, 28, 28)
    assert x.max() == 255
    assert y.shape == (4000,)
    assert (len(x_test), len(y_test)) == (1000, 1000)
    again = nn.datasets.mnist().test[0]
    np.testing.assert_array_equal(x_test[0] / np.float32(255), again[0][0])


def test_those_that_are_known():
    assert datasets.__all__ == ["fashion_mnist", "mnist"]
    assert repr(mnist) == "Images(mnist)"
