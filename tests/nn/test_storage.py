"""Saving and loading: whole or not at all, and nothing that a file says is run."""

from __future__ import annotations

import os
import pickle
import struct
import sys
import zipfile

import numpy as np
import pytest

import nn
from autograd import Tensor

FORMS = [".npz", ".safetensors"]


def model(seed=0, out=2):
    nn.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, out))


def numbers(thing):
    return {name: x.copy() for name, x in thing.state_dict().items()}


def equal(a, b):
    return a.keys() == b.keys() and all(a[k].dtype == b[k].dtype and np.array_equal(a[k], b[k]) for k in a)


@pytest.fixture(params=FORMS)
def path(request, tmp_path):
    return tmp_path / f"state{request.param}"


def test_a_model_comes_back(path):
    nn.save(model(0), path)
    other = model(1)
    assert not equal(numbers(other), numbers(model(0)))
    assert equal(nn.load(path, other), numbers(model(0)))
    assert equal(numbers(other), numbers(model(0)))


def test_every_kind_of_number_keeps_its_kind_shape_and_bits(path):
    arrays = {
        f"{kind}.{i}": np.asarray(x, kind)
        for kind in ("f2", "f4", "f8", "i1", "i8", "u1", "u8", "?")
        for i, x in enumerate([[[0, 1, 2], [3, 4, 5]], [], 1, np.zeros((2, 0, 3))])
    }
    arrays |= {"nan": np.array([np.nan, np.inf, -0.0]), "turned": np.arange(6.0).reshape(2, 3).T, "file": np.ones(1)}
    arrays |= {"big": np.arange(3, dtype=">f8"), "every second": np.arange(6.0)[::2]}
    nn.save(arrays, path)
    found = nn.load(path)
    assert found.keys() == arrays.keys()
    for name, x in arrays.items():
        assert found[name].dtype == x.dtype.newbyteorder("="), name
        assert found[name].shape == x.shape, name
        np.testing.assert_array_equal(found[name], x)
        assert found[name].size == 0 or found[name].flags.writeable


def test_several_things_in_one_file(path):
    net = model()
    optimizer = nn.optim.Adam(net.parameters(), lr=0.1)
    for p in net.parameters():
        p.grad = np.ones(p.shape, np.float32)
    optimizer.step()
    nn.save({"model": net, "optimizer": optimizer, "epoch": 7, "history": {"loss": [0.5, 0.25]}}, path)
    other = model(1)
    again = nn.optim.Adam(other.parameters())
    arrays = nn.load(path, {"model": other, "optimizer": again})
    assert arrays["epoch"] == 7
    assert arrays["history.loss"].tolist() == [0.5, 0.25]
    assert equal(numbers(other), numbers(net))
    assert equal(numbers(again), numbers(optimizer))


def test_when_one_of_several_does_not_fit_all_are_as_before(path):
    nn.save({"model": model(0), "other": model(0, out=5)}, path)
    first, second = model(1), model(1)
    before = numbers(first)
    with pytest.raises(nn.StateError, match=r"3\.weight has shape \(2, 4\), and the state has \(5, 4\)"):
        nn.load(path, {"model": first, "other": second})
    assert equal(numbers(first), before)
    with pytest.raises(nn.StateError, match=r"no names that start with 'optimizer\.': it has model, other"):
        nn.load(path, {"model": first, "optimizer": nn.optim.Adam(first.parameters())})
    assert equal(numbers(first), before)


def test_strict_or_not(path):
    nn.save({k: x for k, x in model(0).state_dict().items() if k != "0.bias"}, path)
    other = model(1)
    before = numbers(other)
    with pytest.raises(nn.StateError, match=r"0\.bias is missing"):
        nn.load(path, other)
    assert equal(numbers(other), before)
    nn.load(path, other, strict=False)
    assert np.array_equal(other[0].weight.data, model(0)[0].weight.data)
    assert np.array_equal(other[0].bias.data, before["0.bias"])


def test_a_file_cut_short_anywhere_is_refused(path):
    nn.save(model(0), path)
    whole = path.read_bytes()
    other = model(1)
    before = numbers(other)
    for size in [0, 1, 7, 8, 9, 30, len(whole) // 2, len(whole) - 100, len(whole) - 1]:
        path.write_bytes(whole[:size])
        with pytest.raises(nn.StateError, match="damaged, cut short"):
            nn.load(path, other)
    assert equal(numbers(other), before)


def test_a_damaged_file_is_refused_or_is_still_a_file_of_numbers(path):
    nn.save(model(0), path)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[rng.integers(len(whole))] ^= 1 << rng.integers(8)
        path.write_bytes(bytes(damaged))
        other = model(1)
        before = numbers(other)
        try:
            nn.load(path, other)
        except nn.StateError:
            refused += 1
            assert equal(numbers(other), before)
    assert refused > 50


def test_a_pickle_is_never_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "was run"),)

    objects = np.array([Evil()], dtype=object)
    np.savez(tmp_path / "evil.npz", weight=objects)
    for name in ("evil.npz", "alone.npz", "evil.safetensors"):
        if name != "evil.npz":
            (tmp_path / name).write_bytes(pickle.dumps(Evil()))
        with pytest.raises(nn.StateError):
            nn.load(tmp_path / name)
    for name in ("model.pt", "model.pkl", "model"):
        (tmp_path / name).write_bytes(pickle.dumps(Evil()))
        with pytest.raises(nn.StateError, match=r"\.safetensors or \.npz"):
            nn.load(tmp_path / name)
    assert not (tmp_path / "was run").exists()


def test_hostile_headers_are_refused(tmp_path):
    path = tmp_path / "hostile.safetensors"
    for header in (
        b'{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4]}}',
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,400]}}',
        b'{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}',
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}',
        b"[]",
        b"\xff\xfe",
    ):
        path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
        with pytest.raises(nn.StateError, match="damaged"):
            nn.load(path)
    path.write_bytes(struct.pack("<Q", 1 << 62) + b"{}")
    with pytest.raises(nn.StateError, match="damaged"):
        nn.load(path)
    with zipfile.ZipFile(tmp_path / "hostile.npz", "w") as archive:
        archive.writestr(
            "a.npy", b"\x93NUMPY\x01\x00\x76\x00" + b"{'descr': '<f8', 'fortran_order': False, 'shape': (9,)}"
        )
    with pytest.raises(nn.StateError, match="damaged"):
        nn.load(tmp_path / "hostile.npz")
    with zipfile.ZipFile(tmp_path / "text.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(nn.StateError, match="no array of real numbers"):
        nn.load(tmp_path / "text.npz")


def test_the_file_of_before_stays_when_writing_fails(path, monkeypatch):
    nn.save(model(0), path)
    whole = path.read_bytes()
    with pytest.raises(nn.StateError, match="no array of real numbers"):
        nn.save({"ok": np.ones(3), "text": "hello"}, path)

    def full(_):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        nn.save(model(1), path)
    assert path.read_bytes() == whole
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_bad_arguments_are_told(path):
    for state, words in (
        ([1, 2], "a dict of arrays can be saved"),
        ({"z": 1j}, "no array of real numbers"),
        ({1: np.ones(2)}, "names are strings"),
        ({"a": {"b": 1.0}, "a.b": 2.0}, "both be called a.b"),
    ):
        with pytest.raises(nn.StateError, match=words):
            nn.save(state, path)
    assert not path.exists()
    with pytest.raises(FileNotFoundError):
        nn.load(path)
    nn.save({"w": Tensor([1.0])}, path)
    with pytest.raises(nn.StateError, match="can be loaded into a module"):
        nn.load(path, [1, 2])


def test_without_the_package_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(ImportError, match=r"pip install chainrule\[safetensors\]"):
        nn.save(model(), tmp_path / "a.safetensors")
    assert not list(tmp_path.iterdir())


def test_pytorch_and_we_read_each_others_files(tmp_path):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    files = pytest.importorskip("safetensors.torch", reason="safetensors is not installed")
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    x = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    theirs(torch.tensor(x))  # moves the running mean
    path = tmp_path / "theirs.safetensors"
    files.save_file(theirs.state_dict(), path)
    ours = model(1)
    nn.load(path, ours)
    for m in (ours, theirs):
        m.eval()
    np.testing.assert_allclose(ours(x).data, theirs(torch.tensor(x)).detach().numpy(), rtol=1e-5, atol=1e-6)

    changed = model(5)
    nn.save(changed, tmp_path / "ours.safetensors")
    theirs.load_state_dict(files.load_file(tmp_path / "ours.safetensors"))
    changed.eval()
    np.testing.assert_allclose(changed(x).data, theirs(torch.tensor(x)).detach().numpy(), rtol=1e-5, atol=1e-6)


def test_bfloat16_is_read_as_float32(tmp_path):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    files = pytest.importorskip("safetensors.torch", reason="safetensors is not installed")
    w = torch.randn(5, 3).to(torch.bfloat16)
    files.save_file({"weight": w}, tmp_path / "half.safetensors")
    found = nn.load(tmp_path / "half.safetensors")["weight"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, w.float().numpy())
    files.save_file({"w": w.to(torch.float8_e4m3fn)}, tmp_path / "quarter.safetensors")
    with pytest.raises(nn.StateError, match="which NumPy does not know"):
        nn.load(tmp_path / "quarter.safetensors")
