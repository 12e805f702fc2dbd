"""Files damaged at random: a reader gives what is written there, or says what is wrong, and fails in no other way."""

import gzip

import numpy as np
import pytest

from autograd import OperandError
from nn.datasets import FormatError, read_csv, read_idx

FILES = {
    "idx": bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, *range(8)]),
    "quoted.csv": b'name,n,x\n"a, b",1,0.5\nc,2,\n',
    "semicolon.csv": "größe;b\n1,5;2\n".encode(),
}


def damaged(content, random):
    """Some bytes changed, cut off, put in or left out."""
    found = bytearray(content)
    start, end = sorted(random.integers(len(found), size=2).tolist())
    strange = random.integers(256, size=random.integers(1, 5)).tolist()
    match int(random.integers(4)):
        case 0:
            found[start : start + 1] = strange[:1]
        case 1:
            del found[start:]
        case 2:
            found[start:start] = strange
        case 3:
            del found[start:end]
    return bytes(found)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("packed", [False, True])
def test_damaged_files(name, packed, tmp_path):
    random = np.random.default_rng(0)
    content = gzip.compress(FILES[name], mtime=0) if packed else FILES[name]
    path, refused = tmp_path / name, 0
    for _ in range(200):
        path.write_bytes(damaged(content, random))
        try:
            found = read_csv(path) if name.endswith("csv") else read_idx(path)
        except FormatError:
            refused += 1
            continue
        if name.endswith("csv"):
            try:
                found.numbers()
            except OperandError:
                continue
    assert 20 < refused <= 200
