"""Loaders: batches, order, repeatability, resumption, threads, and what is refused."""

import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError
from nn.data import ArrayDataset, DataLoader, Dataset, IterableDataset

ROOT = Path(__file__).parents[3]


class Noisy(Dataset):
    """Examples with noise from nn's generator."""

    def __len__(self):
        return 10

    def __getitem__(self, i):
        return i + nn.random.generator().random()


class Stream(IterableDataset):
    def __init__(self, n=10):
        self.n = n

    def __iter__(self):
        for i in range(self.n):
            yield i, nn.random.generator().random()


def jitter(*parts):
    return tuple(part + nn.random.generator().normal(size=part.shape) for part in parts)


def flat(batches):
    return [np.concatenate([np.ravel(part) for part in batch]).tolist() for batch in map(as_tuple, batches)]


def as_tuple(batch):
    return batch if isinstance(batch, tuple) else (batch,)


LOADERS = {
    "arrays": lambda **k: DataLoader(ArrayDataset(np.arange(10), np.arange(10.0)), 3, shuffle=True, **k),
    "in order": lambda **k: DataLoader(ArrayDataset(np.arange(10)), 3, **k),
    "transform": lambda **k: DataLoader(ArrayDataset(np.arange(10.0)), 3, transform=jitter, **k),
    "noisy": lambda **k: DataLoader(Noisy(), 3, shuffle=True, transform=jitter, **k),
    "stream": lambda **k: DataLoader(Stream(), 3, transform=jitter, **k),
    "single": lambda **k: DataLoader(Noisy(), None, shuffle=True, **k),
    "subset": lambda **k: DataLoader(nn.data.Subset(Noisy(), [4, 2, 2, 9]), 2, shuffle=True, drop_last=True, **k),
    "weighted": lambda **k: DataLoader(Noisy(), 4, sampler=nn.data.WeightedRandomSampler(np.arange(10), 13), **k),
    "bucket": lambda **k: DataLoader(Noisy(), batch_sampler=nn.data.BucketBatchSampler(range(10), 3), **k),
}
every_loader = pytest.mark.parametrize("make", LOADERS.values(), ids=LOADERS)


def test_batches_are_tuples_of_arrays_of_the_data():
    x, y = np.arange(20.0, dtype=np.float32).reshape(10, 2), np.arange(10)
    batches = list(DataLoader(ArrayDataset(x, y), 4))
    assert [type(batch) for batch in batches] == [tuple] * 3
    assert [b[0].shape for b in batches] == [(4, 2), (4, 2), (2, 2)]
    assert batches[0][0].dtype == np.float32
    assert np.array_equal(np.concatenate([b[0] for b in batches]), x)
    assert np.array_equal(np.concatenate([b[1] for b in batches]), y)


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_batch_may_be_written_into(shuffle):
    data = np.zeros(4)
    for (x,) in DataLoader(ArrayDataset(data), 2, shuffle=shuffle):
        x += 1
    assert not data.any()


def test_batches_of_arrays_are_not_made_one_by_one(monkeypatch):
    monkeypatch.setattr(ArrayDataset, "__getitem__", None)
    for shuffle in (False, True):
        assert sum(len(x) for (x,) in DataLoader((np.arange(10),), 4, shuffle=shuffle)) == 10


def test_shuffling_keeps_arrays_together_and_gives_all_once():
    x = np.arange(100)
    batches = list(DataLoader((x, x * x), 7, shuffle=True, generator=3))
    a, b = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    assert sorted(a.tolist()) == x.tolist()
    assert a.tolist() != x.tolist()
    assert np.array_equal(a * a, b)


@pytest.mark.parametrize(
    ("n", "size", "drop", "count"),
    [(10, 3, False, 4), (10, 3, True, 3), (9, 3, True, 3), (0, 3, False, 0), (2, 3, True, 0)],
)
@pytest.mark.parametrize("stream", [False, True])
def test_the_last_batch(n, size, drop, count, stream):
    loader = DataLoader(Stream(n) if stream else ArrayDataset(np.arange(n)), size, drop_last=drop)
    assert len(list(loader)) == count
    if not stream:
        assert len(loader) == count


@every_loader
@pytest.mark.parametrize("prefetch", [0, 2])
def test_same_seed_same_batches_epoch_after_epoch(make, prefetch):
    first, second = make(generator=5), make(generator=5, prefetch=prefetch)
    for _ in range(3):
        assert flat(first) == flat(second)


@every_loader
def test_manual_seed_decides_where_there_is_no_generator(make):
    loader, found = make(), []
    for _ in range(2):
        nn.manual_seed(11)
        found.append([flat(loader), flat(loader)])
    assert found[0] == found[1]


def test_epochs_differ():
    loader = LOADERS["arrays"](generator=0)
    assert flat(loader) != flat(loader)


@every_loader
@pytest.mark.parametrize("prefetch", [0, 3])
def test_a_loader_continues_where_another_stood(make, prefetch, tmp_path):
    whole = make(generator=7)
    expected = [flat(whole) for _ in range(3)]
    for stop in range(len(expected[1]) + 1):
        killed = make(generator=7, prefetch=prefetch)
        flat(killed)
        for i, _ in enumerate(killed, 1):
            if i == stop:
                nn.save(killed, tmp_path / "loader.npz")
                break
        if not stop:  # between two epochs
            killed = make(generator=7)
            flat(killed)
            nn.save(killed, tmp_path / "loader.npz")
        resumed = make(generator=99, prefetch=prefetch)
        nn.load(tmp_path / "loader.npz", resumed)
        assert flat(resumed) == expected[1][stop:]
        assert flat(resumed) == expected[2]


def test_a_loader_without_generator_continues_with_the_state_of_nn():
    nn.manual_seed(1)
    loader = LOADERS["noisy"]()
    states = []
    first = []
    for batch in loader:
        first += flat([batch])
        states.append((loader.state_dict(), nn.get_rng_state()))
    expected = first[2:], flat(loader)
    nn.manual_seed(2)
    resumed = LOADERS["noisy"]()
    resumed.load_state_dict(states[1][0])
    nn.set_rng_state(states[1][1])
    assert (flat(resumed), flat(resumed)) == expected


def test_loading_a_state_that_does_not_fit_changes_nothing():
    loader = DataLoader(range(10), 3, shuffle=True, generator=0)
    other = DataLoader(range(11), 3, shuffle=True, generator=0)
    with pytest.raises(nn.StateError, match="examples = 11, and this has 10"):
        loader.load_state_dict(other.state_dict())
    with pytest.raises(nn.StateError, match="batch_size = 3, and this has 4"):
        DataLoader(range(10), 4, shuffle=True, generator=0).load_state_dict(loader.state_dict())
    with pytest.raises(nn.StateError, match="has the names"):
        loader.load_state_dict({"epoch": 1})
    with pytest.raises(nn.StateError, match="no state of a generator"):
        loader.load_state_dict({**loader.state_dict(), "generator": np.array([1, 2], np.uint8)})
    assert flat(loader) == flat(DataLoader(range(10), 3, shuffle=True, generator=0))


def test_a_loader_in_order_of_arrays_draws_nothing():
    nn.manual_seed(0)
    before = nn.get_rng_state()
    list(DataLoader((np.arange(9),), 2))
    list(DataLoader(nn.data.Subset(ArrayDataset(np.arange(9)), [1, 2, 5]), 2))
    assert np.array_equal(nn.get_rng_state(), before)


def test_leaving_a_loop_and_beginning_anew():
    loader = DataLoader(range(5), 2)
    for batch in loader:
        assert batch.tolist() == [0, 1]
        break
    assert flat(loader) == [[0, 1], [2, 3], [4]]


def test_two_loops_at_once_do_not_disturb_each_other():
    loader = DataLoader(range(4), 2)
    assert [(a.tolist(), b.tolist()) for a, b in zip(loader, loader, strict=True)] == [([0, 1],) * 2, ([2, 3],) * 2]


# What a batch is made of


def test_dicts_lists_and_examples_of_other_kinds():
    dataset = [{"x": [i, i], "name": str(i)} for i in range(3)]
    (batch,) = DataLoader(dataset, 3)
    assert batch["x"].tolist() == [[0, 0], [1, 1], [2, 2]]
    assert batch["name"] == ["0", "1", "2"]


def test_collate_fn_gets_the_list_of_examples():
    assert list(DataLoader("abcde", 2, collate_fn="".join)) == ["ab", "cd", "e"]


def test_transform_gets_the_parts_of_a_batch():
    (batch,) = DataLoader((np.arange(3), np.ones(3)), 3, transform=lambda x, y: (x + y, y, len(x)))
    assert batch[0].tolist() == [1, 2, 3]
    assert batch[2] == 3
    assert list(DataLoader(range(3), 3, transform=lambda x: x.sum())) == [3]


def test_single_examples_without_batches():
    assert list(DataLoader(["a", "b"], None)) == ["a", "b"]
    assert list(DataLoader(range(3), None, sampler=np.array([2, 0]))) == [2, 0]
    assert [i for i, _ in DataLoader(Stream(3), None)] == [0, 1, 2]


def test_samplers_may_be_lists_and_decide_about_length():
    loader = DataLoader(np.arange(10) * 10, 2, sampler=[3, 1, 4])
    assert [batch.tolist() for batch in loader] == [[30, 10], [40]]
    assert len(loader) == 2
    loader = DataLoader("abcd", batch_sampler=[[0, 3], [1]])
    assert list(loader) == [["a", "d"], ["b"]]
    assert len(loader) == 2


# Threads


def prefetchers():
    return [thread for thread in threading.enumerate() if thread.name == "prefetch"]


class Faulty(Dataset):
    def __len__(self):
        return 9

    def __getitem__(self, i):
        if i == 5:
            return self.lookup(i)
        return i

    def lookup(self, i):
        raise KeyError("no such file")


@pytest.mark.parametrize("prefetch", [0, 1, 4])
def test_an_error_comes_when_its_batch_is_due_with_the_line_it_came_from(prefetch):
    seen = []

    def run():
        for batch in DataLoader(Faulty(), 2, prefetch=prefetch):
            seen.extend(batch.tolist())

    with pytest.raises(KeyError, match="no such file") as caught:
        run()
    assert seen == [0, 1, 2, 3]
    assert "lookup" in "".join(traceback.format_tb(caught.value.__traceback__))
    assert "while example 5 of Faulty was read" in caught.value.__notes__[0]
    assert not prefetchers()


def test_prefetching_works_ahead_but_not_further():
    made = []

    def note(x):
        made.append(int(x[0]))
        return x

    batches = iter(DataLoader(range(10), 1, transform=note, prefetch=3))
    next(batches)
    wait(lambda: len(made) >= 4)
    time.sleep(0.02)
    assert made == [0, 1, 2, 3]
    batches.close()
    assert not prefetchers()


def wait(done):
    end = time.monotonic() + 10
    while not done() and time.monotonic() < end:
        time.sleep(0.001)
    assert done()


def test_a_loop_left_early_leaves_no_thread():
    for _ in DataLoader(range(1000), 2, prefetch=5):
        break
    assert not prefetchers()

    def fail():
        for _ in DataLoader(range(1000), 2, prefetch=5):
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        fail()
    assert not prefetchers()


def test_an_iterator_that_is_still_held_does_not_keep_python_from_ending():
    code = "import nn; batches = iter(nn.data.DataLoader(range(99), 2, prefetch=2)); print(next(batches))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (found.returncode, found.stdout.strip(), found.stderr) == (0, "[0 1]", "")


def test_random_numbers_of_the_main_thread_and_of_the_loader_do_not_mix():
    def run(prefetch):
        nn.manual_seed(3)
        loader = LOADERS["noisy"](prefetch=prefetch)
        return [
            (batch.tolist() if not isinstance(batch, tuple) else flat([batch]), nn.random.generator().random())
            for batch in loader
        ]

    assert run(0) == run(2)


# What is refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((i for i in range(3)),), "gone through only once"),
        ((5,), "neither indices nor an __iter__"),
        (({"x": 1},), "DataLoader of a dict"),
        ((range(3), 0), "batch_size=0"),
        ((range(3), 2.5), "batch_size=2.5"),
        ((Stream(), -1), "batch_size=-1"),
        ((Stream(), 2, True), "cannot choose an order"),
        ((range(3), None, False, {"drop_last": True}), "no last batch"),
        ((range(3), 2, True, {"sampler": [1]}), "both would decide"),
        ((range(3), 2, False, {"batch_sampler": [[1]]}), "decides alone"),
        ((range(3), 2, False, {"prefetch": -1}), "prefetch=-1"),
        ((range(3), np.zeros(3)), "an array as batch_size"),
        ((nn.datasets.xor(20),), r"Data\('xor'.*\n.*\n.*data.train"),
        ((range(3), 2, False, {"generator": "seed"}), "generator='seed'"),
    ],
)
def test_contradictions_are_refused(arguments, message):
    *positional, last = arguments
    keywords = last if isinstance(last, dict) and positional else {}
    with pytest.raises(OperandError, match=message):
        DataLoader(*(positional if keywords else arguments), **keywords)


def test_a_transform_that_takes_too_little_is_told_what_there_is():
    with pytest.raises(TypeError) as caught:
        list(DataLoader((np.zeros(3), np.zeros(3)), transform=lambda x: x))
    assert "all parts of a batch, here 2" in caught.value.__notes__[0]


@pytest.mark.parametrize("prefetch", [0, 2])
def test_an_error_does_not_name_a_line_of_the_standard_library(prefetch):
    loader = DataLoader((np.zeros((4, 5, 5)), np.arange(4)), 2, transform=nn.data.RandomCrop(9), prefetch=prefetch)
    with pytest.raises(ShapeError, match="smaller") as caught:
        list(loader)
    assert "threading.py" not in str(caught.value)


def test_the_settings_of_pytorch_are_taken():
    loader = DataLoader(range(4), 2, num_workers=2, pin_memory=True)
    assert loader.prefetch == 4
    assert flat(loader) == [[0, 1], [2, 3]]


def test_examples_that_cannot_be_stacked_say_how_to_pad():
    with pytest.raises(ShapeError, match=r"shapes \(1,\), \(2,\).*\n.*\n.*pad_collate"):
        list(DataLoader([[1], [1, 2]], 2))


def test_repr():
    text = repr(DataLoader(ArrayDataset(np.zeros((4, 2))), 2, shuffle=True, prefetch=1))
    assert text == "DataLoader(ArrayDataset((4, 2) float64), batch_size=2, shuffle=True, prefetch=1)"
