"""Batches of examples of all kinds."""

from collections import namedtuple

import numpy as np
import pytest

from autograd import OperandError, ShapeError, Tensor
from nn.data import collate, pad_collate


def test_numbers_arrays_and_tensors_are_stacked():
    assert collate([1, 2]).dtype == np.int64
    assert collate([1.0, 2.5]).tolist() == [1, 2.5]
    assert collate([True, False]).dtype == bool
    assert collate([np.float32(1), np.float32(2)]).dtype == np.float32
    assert collate([np.zeros((2, 3), np.float32)] * 4).shape == (4, 2, 3)
    assert collate([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])]).tolist() == [[1, 2], [3, 4]]
    assert collate([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]


def test_tuples_dicts_and_what_is_in_them():
    pair = namedtuple("pair", "x y")
    batch = collate([pair(1, {"a": (2, "s")}), pair(3, {"a": (4, "t")})])
    assert type(batch) is pair
    assert batch.x.tolist() == [1, 3]
    assert batch.y["a"][0].tolist() == [2, 4]
    assert batch.y["a"][1] == ["s", "t"]
    thing = object()
    assert collate([thing, None]) == [thing, None]


def test_examples_that_do_not_fit_together():
    with pytest.raises(OperandError, match="first is a tuple of 2, number 1 is 5"):
        collate([(1, 2), 5])
    with pytest.raises(OperandError, match=r"first is a tuple of 2, number 1 is \(1, 2, 3\)"):
        collate([(1, 2), (1, 2, 3)])
    with pytest.raises(OperandError, match=r"first is a dict of \['a'\], number 2"):
        collate([{"a": 1}, {"a": 2}, {"b": 1}])
    with pytest.raises(ShapeError, match=r"shapes \(2,\), \(3,\) cannot be stacked"):
        collate([np.zeros(2), np.zeros(3)])
    with pytest.raises(ShapeError, match="no examples"):
        collate([])


def test_padding():
    x, y = pad_collate([(np.ones((2, 3), np.float32), 1), (np.ones((4, 3), np.float32), 2)], padding_value=-1)
    assert x.shape == (2, 4, 3)
    assert x.dtype == np.float32
    assert (x[0, 2:] == -1).all()
    assert (x[0, :2] == 1).all()
    assert y.tolist() == [1, 2]


def test_padding_with_lengths():
    (x, y), lengths = pad_collate([([1, 2], "a"), ([3, 4, 5], "b")], lengths=True)
    assert x.tolist() == [[1, 2, 0], [3, 4, 5]]
    assert y == ["a", "b"]
    assert lengths.tolist() == [2, 3]
    with pytest.raises(ShapeError, match="no lengths"):
        pad_collate([1, 2], lengths=True)
    with pytest.raises(ShapeError, match="only the first axis may have other lengths"):
        pad_collate([np.zeros((2, 3)), np.zeros((2, 4))])


def test_an_empty_sequence_among_others():
    assert pad_collate([np.zeros(0), np.ones(2)]).tolist() == [[0, 0], [1, 1]]
