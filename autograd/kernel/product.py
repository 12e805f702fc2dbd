"""Products of a matrix with a narrow one, in registers of 16 numbers (AVX-512).

BLAS copies both matrices into an order of its own before it multiplies. Where one is narrow, each number of the other
takes part in a few products only, and a fifth of the time goes into copying it. Here it is read where it lies, and only
the narrow one is copied, to panels as wide as a tile: that part of the result whose sums stay in registers until they
are complete (Goto, van de Geijn: Anatomy of High-Performance Matrix Multiplication, 2008).

No loop can say what stays in a register. So the tile is put together of instructions: `_add_tile`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.kernel import Instructions, kernel

__all__ = ["add_product", "pays"]

_LANES, _VECTORS = 16, 4
_ROWS, _COLUMNS = 6, _VECTORS * _LANES  # of a tile: 24 of the 32 registers hold its sums
_CACHED = 1 << 17  # numbers of the narrow matrix that are copied at a time, half a MiB: they stay in the second cache
_TURNED = 64  # the same in rows, where the other matrix is a transpose: the numbers of a sum are in that many lines
_RUN = 256  # products that are added up before they join the sum of the others: so that no digits are lost


def pays(left: ndarray, right: ndarray) -> bool:
    """Whether `add_product` is faster than BLAS for these large matrices of float32 (measured: OpenBLAS 0.3.31).

    It works in one thread, and leaves to BLAS what that shares out among several.
    """
    rows, columns = len(left), right.shape[1]
    if left.flags.c_contiguous:
        fits = rows >= 64 and columns <= 256
    else:
        fits = left.flags.f_contiguous and 32 <= columns <= 64 <= rows
    return fits and _has_registers() and _threads() == 1


@cache
def _has_registers() -> bool:
    from llvmlite.binding import get_host_cpu_features

    return bool(get_host_cpu_features().get("avx512f"))


def _threads() -> int | None:
    """How many threads BLAS uses now, or None if that cannot be asked."""
    return max((library.num_threads for library in _libraries()), default=None)


@cache
def _libraries() -> list[Any]:
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return []
    found: list[Any] = ThreadpoolController().select(user_api="blas").lib_controllers
    return found


@kernel
def add_product(left: Any, right: Any, out: Any) -> None:
    """out += left @ right, where right and out have no gaps, left or its transpose has none, and left has 6 rows."""
    rows, depth = left.shape
    columns = right.shape[1]
    row, step = left.strides
    line = out.strides[0]
    panels = -(-columns // _COLUMNS)
    most = _CACHED // (panels * _COLUMNS) if step == 4 else _TURNED
    size = -(-depth // -(-depth // most))  # in parts of one size
    room = np.zeros(panels * size * _COLUMNS + _LANES, np.float32)
    first = -room.ctypes.data % 64 // 4  # vectors are read faster that do not cross a line of the cache
    panel = room[first : first + panels * size * _COLUMNS].reshape((panels, size, _COLUMNS))
    of_left, of_panel, of_out = left.ctypes.data, panel.ctypes.data, out.ctypes.data
    for start in range(0, depth, size):
        length = min(size, depth - start)
        for k in range(length):
            for p in range(panels):
                for j in range(min(_COLUMNS, columns - p * _COLUMNS)):
                    panel[p, k, j] = right[start + k, p * _COLUMNS + j]
        for top in range(0, rows, _ROWS):
            i = min(top, rows - _ROWS)  # the last tile begins among the rows that are done
            for p in range(panels):
                rest = columns - p * _COLUMNS
                for k in range(0, length, _RUN):
                    _add_tile(
                        of_left + i * row + (start + k) * step,
                        row,
                        step,
                        step * size,
                        of_panel + 4 * _COLUMNS * (p * size + k),
                        min(_RUN, length - k),
                        of_out + i * line + 4 * _COLUMNS * p,
                        line,
                        top - i,
                        rest,
                        min(-(-rest // _LANES), _VECTORS),
                    )


@Instructions
def _add_tile(
    builder: Any,
    left: Any,
    row: Any,
    step: Any,
    ahead: Any,
    panel: Any,
    length: Any,
    out: Any,
    line: Any,
    done: Any,
    columns: Any,
    vectors: Any,
) -> None:
    """out[i, j] += Σₖ left[i, k] panel[k, j], for done ≤ i < 6, j < columns, and k < length; a row in so many vectors.

    The three are addresses. From left[i, k] it is `row` bytes to left[i + 1, k], `step` bytes to left[i, k + 1], and
    `ahead` bytes to a number whose time comes with the next panel; `line` bytes from out[i, j] to out[i + 1, j].
    """
    from llvmlite import ir

    cgutils: Any = import_module("numba.core.cgutils")

    index, integer, floating, nothing = left.type, ir.IntType(32), ir.FloatType(), ir.VoidType()
    vector, integers, mask = (ir.VectorType(kind, _LANES) for kind in (floating, integer, ir.IntType(1)))
    address, place = ir.IntType(8).as_pointer(), vector.as_pointer()
    signatures = {
        "fma.v16f32": ir.FunctionType(vector, [vector, vector, vector]),
        "masked.load.v16f32.p0": ir.FunctionType(vector, [place, integer, mask, vector]),
        "masked.store.v16f32.p0": ir.FunctionType(nothing, [vector, place, integer, mask]),
        "prefetch.p0": ir.FunctionType(nothing, [address, integer, integer, integer]),
    }
    zeros, four = vector([0.0] * _LANES), integer(4)

    def call(name: str, *args: Any) -> Any:
        return builder.call(cgutils.get_or_insert_function(builder.module, signatures[name], f"llvm.{name}"), args)

    def at(start: Any, distance: Any, kind: Any = place) -> Any:
        return builder.inttoptr(builder.add(start, distance), kind)

    def everywhere(number: Any, kind: Any) -> Any:
        """A vector of one number."""
        one = builder.insert_element(kind(ir.Undefined), number, integer(0))
        return builder.shuffle_vector(one, kind(ir.Undefined), integers([0] * _LANES))

    rows = [builder.mul(row, index(i)) for i in range(_ROWS)]
    lines = [builder.add(out, builder.mul(line, index(i))) for i in range(_ROWS)]
    registers = [[cgutils.alloca_once(builder, vector) for _ in range(_VECTORS)] for _ in range(_ROWS)]

    def add(n: int) -> None:
        sums = [of_row[:n] for of_row in registers]
        for register in (register for of_row in sums for register in of_row):
            builder.store(zeros, register)
        with cgutils.for_range(builder, length) as loop:
            x = builder.add(left, builder.mul(loop.index, step))
            y = builder.add(panel, builder.mul(loop.index, index(4 * _COLUMNS)))
            right = [builder.load(at(y, index(4 * _LANES * j)), align=4) for j in range(n)]
            call("prefetch.p0", at(x, ahead, address), integer(0), integer(2), integer(1))
            for distance, of_row in zip(rows, sums, strict=True):
                number = everywhere(builder.load(at(x, distance, floating.as_pointer()), align=4), vector)
                for register, numbers in zip(of_row, right, strict=True):
                    builder.store(call("fma.v16f32", number, numbers, builder.load(register)), register)
        for i, of_row in enumerate(sums):
            end = builder.select(builder.icmp_signed("<=", done, index(i)), columns, index(0))
            end = everywhere(builder.trunc(end, integer), integers)
            for j, register in enumerate(of_row):
                lanes = integers(list(range(j * _LANES, (j + 1) * _LANES)))
                wanted = builder.icmp_signed("<", lanes, end)
                here = at(lines[i], index(4 * _LANES * j))
                before = call("masked.load.v16f32.p0", here, four, wanted, zeros)
                call("masked.store.v16f32.p0", builder.fadd(before, builder.load(register)), here, four, wanted)

    for n in range(1, _VECTORS + 1):
        with builder.if_then(builder.icmp_signed("==", vectors, index(n))):
            add(n)
