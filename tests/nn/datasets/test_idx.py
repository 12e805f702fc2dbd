"""IDX files: read what was written, and refuse what is damaged."""

import gzip

import numpy as np
import pytest

from autograd import OperandError
from nn.datasets import FormatError, read_idx, write_idx


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize(
    "array",
    [
        np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
        np.array([-1, 5], np.int8),
        np.array([300, -300], np.int16),
        np.array([70000], np.int32),
        np.array([[1.5, -2]], np.float32),
        np.array([1e300]),
        np.zeros((0, 28, 28), np.uint8),
    ],
    ids=lambda a: f"{a.dtype}{a.shape}",
)
def test_what_is_written_is_read(array, ending, tmp_path):
    write_idx(tmp_path / f"a{ending}", array)
    found = read_idx(tmp_path / f"a{ending}")
    assert found.dtype == array.dtype
    assert np.array_equal(found, array)
    assert found.flags.writeable


def test_the_bytes_are_those_of_the_original(tmp_path):
    write_idx(tmp_path / "a", np.array([[1, 2, 3]], np.int64))
    assert (tmp_path / "a").read_bytes() == bytes([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3])
    (tmp_path / "b").write_bytes(bytes([0, 0, 0x0B, 1, 0, 0, 0, 2, 0xFF, 0xFE, 1, 0]))
    assert read_idx(tmp_path / "b").tolist() == [-2, 256]


GOOD = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "begins with nothing"),
        (b"PK\x03\x04 zip", "begins with 50 4b 03 04"),
        (bytes([0, 0, 7, 1, 0, 0, 0, 0]), "no IDX file"),
        (bytes([0, 0, 8, 0]), "no IDX file"),
        (GOOD[:9], "ends in its own header, after 9 bytes"),
        (GOOD[:-1], r"cut short: an array \(2, 2\) of uint8 has 4 bytes, and there are 3"),
        (GOOD + b"x", "longer than it says"),
        (bytes([0, 0, 14, 3]) + b"\xff" * 12, "cut short: an array"),
        (gzip.compress(GOOD)[:-9], "damaged or cut short"),
        (gzip.compress(GOOD, mtime=0)[:12] + b"\xff" * 20, "damaged or cut short"),
    ],
)
def test_damage_is_said(content, message, tmp_path):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(FormatError, match=message):
        read_idx(tmp_path / "file")


def test_what_is_not_there_or_cannot_be_written(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "nothing")
    for array in (np.array(["a"]), np.array([2**40]), np.array(5), np.array([1j])):
        with pytest.raises(OperandError, match="IDX has no form"):
            write_idx(tmp_path / "a", array)
