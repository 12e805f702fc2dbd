"""Event files, as TensorBoard reads them: records with checksums, each a message of protocol buffers.

The format is a few lines, so no package is needed. A record is its length in 8 bytes, a checksum of these in 4, the
message, and a checksum of that: CRC-32C (Castagnoli), rotated and added to, all little-endian, as TensorFlow documents
TFRecord. Of the messages Event, Summary and Summary.Value these fields are written: wall_time 1, step 2,
file_version 3 and summary 5; value 1; tag 1 and simple_value 2.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["EventFile"]


class EventFile:
    """A new file in a directory; TensorBoard shows all that it finds in there as one run.

    >>> from nn.training.event import EventFile
    >>> import pathlib, tempfile
    >>> directory = pathlib.Path(tempfile.mkdtemp())
    >>> with EventFile(directory) as events:
    ...     events.write({"loss": 0.5}, step=1)
    >>> [path.name[:21] for path in directory.iterdir()]
    ['events.out.tfevents.1']
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        now = time.time()
        self.path = Path(directory) / f"events.out.tfevents.{int(now):010d}.{socket.gethostname()}.{os.getpid()}"
        while self.path.exists():
            self.path = self.path.with_name(self.path.name + ".0")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(self.path, "xb")  # noqa: SIM115  # until close()
        self._record(_double(1, now) + _bytes(3, b"brain.Event:2"))

    def write(self, figures: Mapping[str, float], step: int) -> None:
        """Figures by their names, at one place of the time axis."""
        values = b"".join(_bytes(1, _bytes(1, name.encode()) + _float(2, x)) for name, x in figures.items())
        self._record(_double(1, time.time()) + _integer(2, step) + _bytes(5, values))
        self._file.flush()

    def close(self) -> None:
        """No more is written."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _record(self, message: bytes) -> None:
        length = struct.pack("<Q", len(message))
        self._file.write(length + _masked(length) + message + _masked(message))


# Fields of a message: their number and kind, and then what they hold


def _varint(n: int) -> bytes:
    """Seven bits to a byte, the lowest first; the eighth says that more follow."""
    found = bytearray()
    while n > 127:
        found.append(n & 127 | 128)
        n >>= 7
    return bytes([*found, n])


def _integer(field: int, n: int) -> bytes:
    return _varint(field << 3) + _varint(n)


def _double(field: int, x: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", x)


def _bytes(field: int, x: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(x)) + x


def _float(field: int, x: float) -> bytes:
    return _varint(field << 3 | 5) + struct.pack("<f", x)


# The checksum


def _table() -> list[int]:
    found = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        found.append(byte)
    return found


_TABLE = _table()


def crc32c(data: bytes) -> int:
    """The cyclic redundancy check with Castagnoli's polynomial.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def _masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
