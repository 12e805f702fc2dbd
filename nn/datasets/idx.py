"""IDX, the form of files in which MNIST and its relatives come: an array, with its shape in front."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import AutogradError, OperandError
from nn.functional.refusal import refuse

__all__ = ["FormatError", "read_idx", "write_idx"]

_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


class FormatError(AutogradError, ValueError):
    """A file that is damaged, cut short, or of another form."""


def read_idx(path: str | os.PathLike[str]) -> ndarray:
    """The array in an IDX file, as it is or packed by gzip, whatever it is called; in this machine's byte order.

    >>> import nn, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "labels-idx1-ubyte.gz"
    >>> nn.datasets.write_idx(path, [5, 0, 4])
    >>> nn.datasets.read_idx(path)
    array([5, 0, 4], dtype=uint8)

    Errors: FormatError, which says what is wrong; OSError when the file cannot be opened.
    """
    content = unpacked(path)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _DTYPES or not content[3]:
        refuse(
            FormatError,
            f"{path} is no IDX file: it begins with {content[:4].hex(' ') or 'nothing'}.",
            "An IDX file begins with 00 00, the type of its numbers (08 to 0e), and how many axes there are.",
        )
    dtype, axes = np.dtype(_DTYPES[content[2]]), content[3]
    start = 4 + 4 * axes
    if len(content) < start:
        refuse(FormatError, f"{path} is cut short: it ends in its own header, after {len(content)} bytes.")
    shape = struct.unpack(f">{axes}I", content[4:start])
    needed, given = math.prod(shape) * dtype.itemsize, len(content) - start
    if needed != given:
        state = "is cut short" if given < needed else "is longer than it says"
        refuse(
            FormatError, f"{path} {state}: an array {shape} of {dtype.name} has {needed} bytes, and there are {given}."
        )
    return np.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))


def write_idx(path: str | os.PathLike[str], array: Any) -> None:
    """Write an array as an IDX file, packed when its name ends in .gz. Whole numbers take the smallest type there is.

    Errors: OperandError for numbers that IDX has no type for.
    """
    array = np.asarray(array)
    kinds = {np.dtype(name): code for code, name in _DTYPES.items()}
    if array.dtype.kind in "iub" and array.size:
        low, high = int(array.min()), int(array.max())
        fits = [d for d in kinds if d.kind in "iu" and np.iinfo(d).min <= low and high <= np.iinfo(d).max]
        dtype = fits[0] if fits else None
    else:
        dtype = array.dtype.newbyteorder(">") if array.dtype.newbyteorder(">") in kinds else None
    if dtype is None or not 0 < array.ndim < 256:
        refuse(OperandError, f"IDX has no form for an array {array.shape} of {array.dtype}.")
    header = bytes([0, 0, kinds[dtype], array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    content = header + array.astype(dtype).tobytes()
    Path(path).write_bytes(gzip.compress(content, mtime=0) if str(path).endswith(".gz") else content)


def unpacked(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file, or of what gzip packed in it."""
    content = Path(path).read_bytes()
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error) as error:
        refuse(FormatError, f"{path} is damaged or cut short: {error}.", "Get the file again.")
