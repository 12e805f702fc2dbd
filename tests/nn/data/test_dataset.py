"""Datasets: indices, parts, and what is refused."""

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError, Tensor
from nn.data import ArrayDataset, ConcatDataset, Dataset, Subset, TensorDataset, random_split


class Squares(Dataset):
    def __len__(self):
        return 5

    def __getitem__(self, i):
        return i, i * i


def test_an_array_dataset_takes_all_indices_of_numpy():
    x, y = np.arange(10).reshape(5, 2), np.arange(5.0)
    dataset = ArrayDataset(x, y)
    assert dataset[3][0].tolist() == [6, 7]
    assert dataset[-1][1] == 4
    assert dataset[1:3][1].tolist() == [1, 2]
    assert dataset[y > 2][1].tolist() == [3, 4]
    assert len(dataset) == 5
    assert [example[1] for example in dataset] == [0, 1, 2, 3, 4]
    assert TensorDataset is ArrayDataset


def test_tensors_and_lists_become_arrays_and_arrays_are_not_copied():
    x = np.zeros((2, 3))
    dataset = ArrayDataset(x, Tensor([1.0, 2.0]), [1, 2])
    assert dataset.arrays[0] is x
    assert [type(a) for a in dataset.arrays] == [np.ndarray] * 3


@pytest.mark.parametrize(
    "indices", [range(4), range(1, 4), range(0, 4, 2), range(3, 0, -1), range(0), [2, 0], np.array([1, 1])]
)
def test_taking_many_is_what_taking_each_gives(indices):
    dataset = ArrayDataset(np.arange(8.0).reshape(4, 2))
    (batch,) = dataset.take(indices)
    assert batch.tolist() == [dataset[i][0].tolist() for i in indices]
    assert not np.shares_memory(batch, dataset.arrays[0])


def test_array_datasets_that_make_no_sense():
    with pytest.raises(ShapeError, match=r"shapes \(2,\), \(3,\)"):
        ArrayDataset([1, 2], [1, 2, 3])
    with pytest.raises(OperandError, match="of no arrays"):
        ArrayDataset()
    with pytest.raises(OperandError, match=r"argument 1 is no array.*\n.*\n.*pad_collate"):
        ArrayDataset([1, 2], [[1], [1, 2]])
    with pytest.raises(ShapeError, match="argument 0 is a single float64"):
        ArrayDataset(1.5)


def test_a_subset_of_a_subset():
    subset = Subset(Subset(Squares(), [4, 3, 2]), [2, 0])
    assert list(subset) == [(2, 4), (4, 16)]
    assert [part.tolist() for part in subset.take([1, 0])] == [[4, 2], [16, 4]]
    assert Subset(ArrayDataset(np.arange(5)), [4, 1])[:][0].tolist() == [4, 1]


def test_subsets_that_make_no_sense():
    with pytest.raises(ShapeError, match="index 5, of a dataset of 5"):
        Subset(Squares(), [0, 5])
    with pytest.raises(ShapeError, match="must be one list"):
        Subset(Squares(), [[0]])


def test_datasets_one_after_another():
    both = Squares() + ArrayDataset([7, 8], [9, 9])
    assert len(both) == 7
    assert both[4] == (4, 16)
    assert both[5] == (7, 9)
    assert both[-1] == (8, 9)
    assert both[-7] == (0, 0)
    assert [part.tolist() for part in both.take([6, 0])] == [[8, 0], [9, 0]]
    assert ConcatDataset([[], "ab", [], "c"])[2] == "c"
    with pytest.raises(IndexError):
        both[7]
    with pytest.raises(OperandError, match="no datasets"):
        ConcatDataset([])


def test_random_split_gives_each_once():
    parts = random_split(range(10), [3, 7], generator=0)
    assert [len(part) for part in parts] == [3, 7]
    assert sorted([*parts[0], *parts[1]]) == list(range(10))
    nn.manual_seed(4)
    first = random_split(range(10), [0.5, 0.25, 0.25])
    assert [len(part) for part in first] == [5, 3, 2]
    nn.manual_seed(4)
    assert [list(part) for part in random_split(range(10), [0.5, 0.25, 0.25])] == [list(part) for part in first]
    with pytest.raises(ShapeError, match="must add up to 10, or to"):
        random_split(range(10), [3, 8])


def test_what_is_not_defined_says_so():
    with pytest.raises(NotImplementedError, match="Dataset has no __len__ method"):
        len(Dataset())
    with pytest.raises(NotImplementedError, match="IterableDataset has no __iter__ method"):
        iter(nn.data.IterableDataset())
    with pytest.raises(NotImplementedError, match="Sampler has no __iter__ method"):
        iter(nn.data.Sampler())


def test_a_subclass_that_changes_examples_is_asked_for_each():
    class Doubled(ArrayDataset):
        def __getitem__(self, index):
            return tuple(2 * a for a in super().__getitem__(index))

    class Quick(Doubled):
        def take(self, indices):
            return "quick"

    assert [x.tolist() for (x,) in nn.data.DataLoader(Doubled([1, 2, 3]), 2)] == [[2, 4], [6]]
    assert [x.tolist() for (x,) in nn.data.DataLoader(Subset(Doubled([1, 2, 3]), [2]), 2)] == [[6]]
    assert list(nn.data.DataLoader(Quick([1, 2, 3]), 3)) == ["quick"]
