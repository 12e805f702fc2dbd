"""train_test_split, against scikit-learn's sizes and against what it promises."""

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError
from nn.data import ArrayDataset, train_test_split


def test_arrays_are_divided_alike():
    x = np.arange(20)
    a, b, c, d = train_test_split(x, x * 2, random_state=0)
    assert (len(a), len(b)) == (15, 5)
    assert np.array_equal(c, a * 2)
    assert np.array_equal(d, b * 2)
    assert sorted([*a, *b]) == list(range(20))


def test_a_seed_is_repeatable_and_nn_seeds_the_rest():
    x = np.arange(50)
    assert np.array_equal(train_test_split(x, random_state=3)[1], train_test_split(x, random_state=3)[1])
    nn.manual_seed(1)
    first = train_test_split(x)[1]
    nn.manual_seed(1)
    assert np.array_equal(first, train_test_split(x)[1])
    assert not np.array_equal(first, train_test_split(x)[1])


@pytest.mark.parametrize(
    "sizes",
    [
        {},
        {"test_size": 0.33},
        {"test_size": 4},
        {"train_size": 0.5},
        {"train_size": 7, "test_size": 0.2},
        {"train_size": np.int64(3)},
    ],
)
@pytest.mark.parametrize("stratified", [False, True])
def test_sizes_are_those_of_scikit_learn(sizes, stratified):
    split = pytest.importorskip("sklearn.model_selection", reason="scikit-learn is not installed").train_test_split
    x = np.arange(23)
    labels = x % 3 if stratified else None
    theirs = split(x, random_state=0, stratify=labels, **sizes)
    ours = train_test_split(x, random_state=0, stratify=labels, **sizes)
    assert [len(part) for part in ours] == [len(part) for part in theirs]


@pytest.mark.parametrize("test_size", [0.1, 0.2, 0.37, 5, 60])
def test_stratified_parts_have_each_class_in_its_share(test_size):
    labels = np.repeat(["a", "b", "c"], [70, 25, 5])
    train, test = train_test_split(np.arange(100), test_size=test_size, random_state=1, stratify=labels)
    for part in (train, test):
        counts = np.array([(labels[part] == c).sum() for c in "abc"])
        assert (np.abs(counts - np.array([70, 25, 5]) * len(part) / 100) < 1).all()
    assert sorted([*train, *test]) == list(range(100))
    assert test.tolist() != sorted(test.tolist())


def test_series_are_cut_at_the_end():
    train, test = train_test_split(np.arange(10), test_size=0.3, shuffle=False)
    assert train.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert test.tolist() == [7, 8, 9]


def test_lists_and_datasets_stay_what_they_are():
    train, test = train_test_split(["a", "b", "c", "d"], random_state=0)
    assert type(train) is list
    assert sorted(train + test) == ["a", "b", "c", "d"]
    train, test = train_test_split(ArrayDataset(np.arange(8), np.arange(8)), random_state=0)
    assert type(train) is ArrayDataset
    assert np.array_equal(*train.arrays)
    train, _ = train_test_split(ArrayDataset(np.arange(8)) + ArrayDataset(np.arange(4)), shuffle=False)
    assert len(train) == 9


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "message"),
    [
        ((), {}, OperandError, "of nothing"),
        (([1, 2], [1]), {}, ShapeError, "of 2, 1 examples"),
        (([1, 2],), {"test_size": 1.5}, OperandError, "test_size=1.5"),
        (([1, 2],), {"test_size": 3}, OperandError, "test_size=3"),
        (([1, 2],), {"test_size": 2}, ShapeError, "into 0 for training and 2"),
        (([1],), {}, ShapeError, "into 0 for training and 1"),
        (([1, 2, 3],), {"stratify": [0, 0, 1]}, OperandError, "class 1 has one example"),
        (
            ([1, 2, 3, 4],),
            {"stratify": [0, 0, 1, 1], "test_size": 1},
            ShapeError,
            "2 classes do not fit into a part of 1",
        ),
        (([1, 2],), {"stratify": [0]}, ShapeError, "one label for each of 2"),
        (([1, 2],), {"stratify": [0, 0], "shuffle": False}, OperandError, "cannot stratify"),
        (([1, 2],), {"random_state": -1}, OperandError, "generator=-1"),
    ],
)
def test_what_makes_no_sense(arguments, keywords, error, message):
    with pytest.raises(error, match=message):
        train_test_split(*arguments, **keywords)
