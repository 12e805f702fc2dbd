"""Working ahead: what an iterator gives is made in a thread, while the one who asks still has his hands full."""

from __future__ import annotations

import contextvars
import sys
from collections.abc import Generator, Iterator
from queue import SimpleQueue
from threading import Semaphore, Thread, current_thread
from typing import Any


def ahead(source: Iterator[Any], count: int) -> Generator[Any]:
    """What `source` gives, made up to `count` things ahead in a thread of its own.

    An error of the source is raised here when its turn comes, with its traceback. When this generator is closed, which
    happens when a loop over it is left, the thread ends before that returns.
    """
    made: SimpleQueue[tuple[bool, Any]] = SimpleQueue()
    room, left = Semaphore(count), False

    def work() -> None:
        try:
            room.acquire()
            for thing in source:
                made.put((True, thing))
                del thing
                room.acquire()
                if left:
                    return
            made.put((False, None))
        except BaseException as error:
            made.put((False, error))

    thread = Thread(target=contextvars.copy_context().run, args=(work,), name="prefetch", daemon=True)
    thread.start()
    try:
        while True:
            good, thing = made.get()
            if good:
                room.release()
                yield thing
            elif thing is None:
                return
            else:
                raise thing
            del thing
    finally:
        left, thing = True, None
        room.release()
        if current_thread() is not thread and not sys.is_finalizing():  # threads stand still when Python ends
            thread.join()
