"""Samplers: which indices come, how often, and in which batches."""

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError
from nn.data import (
    BalancedSampler,
    BatchSampler,
    BucketBatchSampler,
    RandomSampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)


@pytest.fixture(autouse=True)
def seed():
    nn.manual_seed(0)


SAMPLERS = {
    "sequential": SequentialSampler(range(10)),
    "random": RandomSampler(range(10)),
    "more": RandomSampler(range(10), num_samples=25),
    "replacement": RandomSampler(range(10), replacement=True, num_samples=7),
    "subset": SubsetRandomSampler([3, 5, 5]),
    "weighted": WeightedRandomSampler([1, 2, 0.5], 9),
    "balanced": BalancedSampler(["a", "b", "a"]),
    "nothing": RandomSampler([]),
}


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
def test_the_length_is_how_many_come(sampler):
    indices = list(sampler)
    assert len(indices) == len(sampler)
    assert all(type(i) is int for i in indices)


def test_random_orders_give_all_once_before_any_comes_again():
    assert sorted(RandomSampler(range(50))) == list(range(50))
    drawn = list(RandomSampler(range(10), num_samples=25))
    assert sorted(drawn[:10]) == sorted(drawn[10:20]) == list(range(10))
    assert len(set(drawn[20:])) == 5
    assert sorted(SubsetRandomSampler([3, 5, 5])) == [3, 5, 5]
    assert list(RandomSampler(range(50))) != list(RandomSampler(range(50)))


def test_weights_are_shares():
    counts = np.bincount(list(WeightedRandomSampler([1, 0, 3, 4], 20000)), minlength=4)
    assert counts[1] == 0
    assert np.allclose(counts / 20000, [0.125, 0, 0.375, 0.5], atol=0.02)  # five standard deviations
    assert sorted(WeightedRandomSampler([1, 0, 3, 4], 3, replacement=False)) == [0, 2, 3]


@pytest.mark.parametrize("weights", [[-1, 2], [[1.0]], [np.nan, 1], [0, 0]])
def test_weights_that_make_no_sense(weights):
    with pytest.raises(OperandError, match="WeightedRandomSampler"):
        WeightedRandomSampler(weights, 1)
    with pytest.raises(OperandError, match="only 1 have a weight above 0"):
        WeightedRandomSampler([1, 0], 2, replacement=False)


def test_classes_are_balanced_and_rare_examples_come_equally_often():
    labels = np.array([0] * 97 + [1] * 3 + [2] * 20)
    drawn = np.array(list(BalancedSampler(labels)))
    assert np.bincount(labels[drawn]).tolist() == [40, 40, 40]
    counts = np.bincount(drawn, minlength=120)
    assert set(counts[97:100]) <= {13, 14}
    assert set(counts[100:]) == {2}
    assert counts[:97].max() == 1
    uneven = np.bincount(labels[list(BalancedSampler(labels, 100))])
    assert sorted(uneven) == [33, 33, 34]
    with pytest.raises(ShapeError, match="one label for each example"):
        BalancedSampler(np.zeros((2, 2)))


def test_batches():
    assert [list(b) for b in BatchSampler(SequentialSampler(range(5)), 2)] == [[0, 1], [2, 3], [4]]
    assert [len(b) for b in BatchSampler(RandomSampler(range(7)), 3, drop_last=True)] == [3, 3]
    with pytest.raises(OperandError, match="batch_size=True"):
        BatchSampler(range(3), True)


def test_buckets_give_all_once_in_batches_of_like_lengths():
    lengths = np.random.default_rng(0).integers(1, 100, 1000)
    sampler = BucketBatchSampler(lengths, 10)
    batches = list(sampler)
    assert len(batches) == len(sampler) == 100
    assert sorted(np.concatenate(batches).tolist()) == list(range(1000))
    assert max(np.ptp(lengths[b]) for b in batches) <= 3
    means = [lengths[b].mean() for b in batches]
    assert means != sorted(means)
    assert len(list(BucketBatchSampler(lengths[:25], 10, drop_last=True))) == 2


def test_own_samplers_need_no_more_than_iteration():
    class Odd(nn.data.Sampler):
        def __iter__(self):
            yield from (1, 3)

        def __len__(self):
            return 2

    assert [b.tolist() for b in nn.data.DataLoader(range(5), 2, sampler=Odd())] == [[1, 3]]
