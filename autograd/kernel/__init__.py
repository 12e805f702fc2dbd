"""Kernels: loops over the elements of arrays, of which numba, where it is installed, makes machine code.

A formula in NumPy passes over its arrays once for each of its operations. A loop passes over them once, and what lies
between two operations stays in a register. So some rules have a second reading here, for large arrays of float32:
`pip install chainrule[fast]` brings numba, and without it they are computed in NumPy. Both agree to rounding, which the
tests hold. With CHAINRULE_KERNELS=0 in the environment they are left alone.

    >>> import numpy as np
    >>> @kernel
    ... def add_twice(x, y):
    ...     for i in range(x.size):
    ...         y[i] += x[i] + x[i]
    >>> x, y = np.arange(3.0), np.ones(3)
    >>> add_twice(x, y); y
    array([1., 3., 5.])

What a loop needs of its language is little: one type of number, written as `float32(0.5)`, because Python's own would
be float64; comparisons that say what becomes of nan; and leave, where it sums, to add in any order.

Cost: numba is imported when the first large array comes, 0.4 s; each kernel is translated when it is first called, in
about a second, and kept on disk for other processes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, cached_property, update_wrapper, wraps
from importlib import import_module
from typing import Any

import numpy as np
from numpy import ndarray

__all__ = ["LEAST", "Instructions", "each", "enabled", "fits", "kernel", "reduction", "usable"]

LEAST = 1 << 14  # elements of an array from which on a kernel is worth a call
enabled = os.environ.get("CHAINRULE_KERNELS", "1") != "0"
_FLOAT32 = np.dtype(np.float32)


def fits(x: Any, *rest: Any) -> bool:
    """Whether kernels are to be used for these arrays: of float32, without gaps, and the first one of them large."""
    return (
        type(x) is ndarray
        and x.size >= LEAST
        and all(type(a) is ndarray and a.dtype == _FLOAT32 and a.flags.c_contiguous for a in (x, *rest))
        and usable()
    )


def usable() -> bool:
    """Whether kernels are not switched off, and numba is there to translate them."""
    return enabled and _is_there()


@cache
def _is_there() -> bool:
    """Whether numba is installed, is for this NumPy, as it says when it is imported, and is not told to do nothing."""
    try:
        return not import_module("numba").config.DISABLE_JIT
    except ImportError:
        return False


class Kernel:
    """A loop that is translated when it is first called. In another kernel it stands for itself."""

    def __init__(self, loop: Callable[..., Any], any_order: bool) -> None:
        self.loop = loop
        self.any_order = any_order
        update_wrapper(self, loop)

    @cached_property
    def translated(self) -> Any:
        """The loop as machine code, in which a b + c is rounded once, and nan and infinity stay what they are.

        Where numba is missing it is the loop itself. What was not written in a file is not kept on disk.
        """
        if not _is_there():
            return self.loop
        from numba import njit

        freedom = {"contract", "reassoc", "nsz"} if self.any_order else {"contract"}
        lasting = os.path.isfile(self.loop.__code__.co_filename)
        return njit(cache=lasting, nogil=True, error_model="numpy", fastmath=freedom)(self.loop)

    @property
    def _numba_type_(self) -> Any:  # what numba asks of a global name
        return self.translated._numba_type_

    def __call__(self, *args: Any) -> Any:
        return self.translated(*args)


def each(formula: Kernel, *arrays: ndarray) -> ndarray:
    """What a kernel, which writes into its last argument, makes of the elements of arrays that have one shape."""
    found = np.empty_like(arrays[0])
    formula(*(a.reshape(-1) for a in (*arrays, found)))
    return found


def kernel(loop: Callable[..., Any]) -> Kernel:
    """Make a kernel of a loop."""
    return Kernel(loop, any_order=False)


def reduction(loop: Callable[..., Any]) -> Kernel:
    """Make a kernel of a loop that adds up numbers: in any order, several at a time."""
    return Kernel(loop, any_order=True)


class Instructions:
    """What no loop expresses, for kernels to call: put together of instructions of LLVM, which numba translates to.

    It is made of a function that emits them, which is given llvmlite's IRBuilder and the arguments of the call: whole
    numbers, and addresses as such.
    """

    def __init__(self, emit: Callable[..., None]) -> None:
        self.emit = emit

    def __call__(self, *args: int) -> None:
        raise TypeError(
            f"{self.emit.__name__} is made of instructions: only a kernel that numba translates can call it."
        )

    @cached_property
    def _numba_type_(self) -> Any:
        from numba import types
        from numba.core.registry import cpu_target
        from numba.extending import intrinsic

        @wraps(self.emit)  # so that numba sees its arguments
        def typed(typing: Any, *kinds: Any) -> Any:
            def translate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
                self.emit(builder, *args)
                return context.get_dummy_value()

            return types.void(*[types.intp] * len(kinds)), translate

        known = cpu_target.typing_context
        made = intrinsic(typed)
        known.refresh()  # so that it knows of this one
        return known.resolve_value_type(made)
