"""Memory: ask the C library to keep what arrays give back, for the arrays to come.

A graph makes and frees arrays all the time. Where the C library is glibc, it returns large blocks to the operating
system as soon as they are freed, and asks for them again a moment later; then each page of 4 KiB is found missing when
it is first written to. In elementwise work on arrays of megabytes that is two thirds of the time.

glibc learns: when a large block is freed, it takes blocks of that size to be common, up to 32 MiB, and keeps twice as
much in hand. So one block is asked for and freed, untouched. Other libraries take no notice, and who has set
MALLOC_MMAP_THRESHOLD_ or MALLOC_TRIM_THRESHOLD_ keeps his own settings.
"""

from __future__ import annotations

import numpy as np


def keep_freed_memory() -> None:
    """Let up to 64 MiB of freed memory be kept by this process. Cost: some microseconds, once."""
    np.empty((32 << 20) - (64 << 10), np.uint8)


keep_freed_memory()
