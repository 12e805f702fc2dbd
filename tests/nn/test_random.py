"""The generator of nn: its state, and the one that stands in for it."""

import threading

import numpy as np
import pytest

import nn
from nn.random import drawing_from, dump, generator, load

KINDS = [np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937, np.random.Philox, np.random.SFC64]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_state_of_any_generator_goes_through_a_file(kind, tmp_path):
    first, second = np.random.Generator(kind(1)), np.random.Generator(kind(2))
    first.normal(size=3)
    first.integers(10, dtype=np.int32)  # half of 64 bits is kept for the next
    nn.save({"random": dump(first)}, tmp_path / "state.npz")
    load(second, nn.load(tmp_path / "state.npz")["random"])
    assert np.array_equal(first.integers(10, size=5, dtype=np.int32), second.integers(10, size=5, dtype=np.int32))
    assert np.array_equal(first.normal(size=5), second.normal(size=5))


def test_the_state_of_nn_decides_about_layers():
    nn.manual_seed(0)
    state = nn.get_rng_state()
    first = nn.Linear(2, 2)
    nn.set_rng_state(state)
    assert np.array_equal(first.weight.data, nn.Linear(2, 2).weight.data)


@pytest.mark.parametrize("state", [np.arange(3), b"x", "text", None, np.frombuffer(b"{}", np.uint8)])
def test_what_is_no_state_is_refused(state):
    before = nn.get_rng_state()
    with pytest.raises(nn.StateError, match="no state of a generator of kind PCG64"):
        nn.set_rng_state(state)
    assert np.array_equal(nn.get_rng_state(), before)


def test_another_generator_stands_in_in_its_thread_only():
    nn.manual_seed(0)
    usual, seen = generator(), []
    with drawing_from(np.random.default_rng(1)) as _:
        assert generator() is not usual
        thread = threading.Thread(target=lambda: seen.append(generator()))
        thread.start()
        thread.join()
    assert seen == [usual]
    assert generator() is usual
