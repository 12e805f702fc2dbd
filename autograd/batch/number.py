"""Batch: a number that stands for many, one for each example. What is done to it is done for every example.

A function that is fed with it does not notice: it sees the shape of one example, and `READINGS` see to it that each
primitive is computed for all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn, Self

import numpy as np
from numpy import ndarray

from autograd.array_operand import plain_index
from autograd.batch.level import Level, active
from autograd.dialect import Dialect, Size
from autograd.errors import ConversionError, GradientError, OperandError, describe, place
from autograd.operand import plain
from autograd.primitive import _ADOPTERS, BATCH, KINDS, is_batched
from autograd.rules import arithmetic, indexing
from autograd.rules.shaping import shape_of, stack


class Batch(Dialect):
    """One array for each example of a level, all of one shape.

    | attribute | what it is |
    |---|---|
    | `whole` | all examples: an array, a Tensor, or a Batch of a level outside, examples along its first axis |
    | `mapped` | whether there is such an axis; if not, `whole` is every example's |
    | `level` | which `vmap` the examples are of |

    `shape`, `ndim` and the like are those of one example.
    """

    __slots__ = ("level", "mapped", "whole")
    __array_priority__ = 200

    def __init__(self, level: Level, whole: Any, mapped: bool = True) -> None:
        self.level = level
        self.whole = whole
        self.mapped = mapped

    @property
    def shape(self) -> tuple[int, ...]:
        """Size along each axis, of one example."""
        return shape_of(self.whole)[self.mapped :]

    @property
    def ndim(self) -> int:
        """Number of axes, of one example."""
        return len(self.shape)

    @property
    def size(self) -> Size:
        """Number of elements, of one example; called, the shape."""
        found = Size(int(np.prod(self.shape)))
        found.shape = self.shape
        return found

    @property
    def dtype(self) -> Any:
        """NumPy's dtype of the elements."""
        return self.whole.dtype if hasattr(self.whole, "dtype") else np.result_type(self.whole)

    @property
    def nbytes(self) -> int:
        """Bytes of the elements, of one example."""
        return int(self.size) * self.itemsize

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return int(self.dtype.itemsize)

    @property
    def requires_grad(self) -> bool:
        """Whether derivatives flow through this."""
        return bool(getattr(self.whole, "requires_grad", False))

    @property
    def data(self) -> Any:  # type: ignore[override]
        """The same numbers, cut off from what they were computed from."""
        whole = self.whole.data if isinstance(self.whole, Batch) else plain(self.whole)
        return self if whole is self.whole else Batch(self.level, whole, self.mapped)

    def detach(self) -> Self:
        """The same numbers as a constant."""
        cut = self.whole.detach() if hasattr(self.whole, "detach") else self.whole
        return type(self)(self.level, cut, self.mapped)

    def clone(self) -> Self:
        """A copy."""
        return arithmetic.positive(self)  # type: ignore[no-any-return]

    # Truth: where all examples agree, a branch is the right one for every one of them.

    def __bool__(self) -> bool:
        if not self.mapped:
            return bool(self.whole)
        true = self.data != 0
        if self.size != 1:
            raise ValueError(f"the truth of {describe(self)} is ambiguous: use .any() or .all().{place()}")
        true = true.reshape(()).whole
        if bool(true.all()):
            return True
        if not bool(true.any()):
            return False
        raise ConversionError(
            f"a branch on a batched value: {self._divided(true)}, and one run of the function cannot go both ways."
            f"{place()}\n"
            "  Write autograd.where(condition, a, b), which computes both and picks, or call the function for each "
            "example in a loop."
        )

    def _divided(self, true: Any) -> str:
        """How many examples go which way, in words."""
        if isinstance(true, Batch):
            return f"among {self.level.size} examples some are true and some are false"
        yes, no = np.flatnonzero(true), np.flatnonzero(~true)
        return (
            f"of {self.level.size} examples it is true for {len(yes)} (such as example {yes[0]}) and false for "
            f"{len(no)} (such as example {no[0]})"
        )

    # To plain numbers: only of what is every example's

    def _common(self, wanted: str) -> Any:
        if not self.mapped:
            return self.whole
        if self.level not in active():
            raise ConversionError(
                f"{describe(self)} is of a vmap that has ended: it was kept by what the function did beside returning "
                f"its result.{place()}\n  Return it, and vmap gives it back for all examples."
            )
        raise ConversionError(
            f"{describe(self)} stands for {self.level.size} examples, and cannot become {wanted}.{place()}\n"
            "  Inside vmap use autograd's functions, or NumPy's: autograd.stack([a, b]) in place of np.array([a, b]), "
            "autograd.take(array, i) or Tensor(array)[i] in place of array[i]."
        )

    def __float__(self) -> float:
        return float(self._common("one plain number"))

    def __int__(self) -> int:
        return int(self._common("one plain number"))

    def __index__(self) -> int:
        index: int = self._common("one plain number").__index__()
        return index

    def item(self) -> Any:
        """The plain number, where it is every example's."""
        return np.asarray(self._common("one plain number")).item()

    def tolist(self) -> Any:
        """Nested lists, where they are every example's."""
        return np.asarray(self._common("lists of plain numbers")).tolist()

    def numpy(self) -> ndarray:
        """The array, where it is every example's."""
        return np.asarray(plain(self._common("one plain array")))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> ndarray:
        return np.array(self._common("one plain array"), dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        whole = self.whole
        while isinstance(whole, Batch):
            whole = whole.whole
        text = np.array2string(np.asarray(plain(whole)), separator=", ", prefix="Batch(")
        examples = f"{self.level.size} examples of shape {self.shape}"
        return f"Batch({text}, {examples})" if self.mapped else f"Batch({text}, the same for {examples})"

    def __format__(self, spec: str) -> str:
        return repr(self) if self.mapped or not spec else format(self.item(), spec)

    def backward(self, *args: Any, **settings: Any) -> NoReturn:
        """No: a sweep belongs to a graph, and the graph lies beneath."""
        raise GradientError(
            f"backward from {describe(self)}, inside vmap.{place()}\n"
            "  Inside, use grad, value_and_grad or vjp: vmap(grad(loss)). Or call backward() on what vmap returns."
        )

    # A sequence of its rows

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError(f"len of {describe(self)}, which has no axes.")
        return self.shape[0]

    def __iter__(self) -> Iterator[Self]:
        return (self[i] for i in range(len(self)))

    def __contains__(self, x: Any) -> bool:
        return bool((self == x).any())

    def __getitem__(self, index: Any) -> Any:
        return indexing.getitem(self, index=plain_index(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        raise OperandError(
            f"{describe(self)} cannot be written into.{place()}\n  Make a new one with x = x.at[i].set(v) (or .add(v))."
        )

    # Conditions: plain booleans, one for each example

    def __lt__(self, other: Any) -> Any:
        return arithmetic.less(self, other)

    def __le__(self, other: Any) -> Any:
        return arithmetic.less_equal(self, other)

    def __gt__(self, other: Any) -> Any:
        return arithmetic.greater(self, other)

    def __ge__(self, other: Any) -> Any:
        return arithmetic.greater_equal(self, other)

    def __eq__(self, other: Any) -> Any:
        return arithmetic.equal(self, other)

    def __ne__(self, other: Any) -> Any:
        return arithmetic.not_equal(self, other)

    __hash__ = object.__hash__

    def __and__(self, other: Any) -> Any:
        return np.bitwise_and(self.data, plain(other))

    def __or__(self, other: Any) -> Any:
        return np.bitwise_or(self.data, plain(other))

    def __xor__(self, other: Any) -> Any:
        return np.bitwise_xor(self.data, plain(other))

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __invert__(self) -> Any:
        return np.invert(self.data)

    def all(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Whether all elements along axes are true."""
        return np.all(self.data, axis, keepdims=keepdims)

    def any(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Whether any element along axes is true."""
        return np.any(self.data, axis, keepdims=keepdims)

    # NumPy's functions

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        from autograd.batch.protocol import apply_ufunc  # the floor above, met only when NumPy is called

        return apply_ufunc(ufunc, method, inputs, settings)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, settings: Any) -> Any:
        from autograd.batch.protocol import apply_function

        return apply_function(function, args, settings)


def _adopt_sequence(x: Any) -> Any:
    """A nested sequence with batches inside as one batch; any other as it is."""
    if not isinstance(x, list | tuple) or not _holds(x):
        return x
    return stack([_adopt_sequence(part) if isinstance(part, list | tuple) else part for part in x])


def _holds(x: Any) -> bool:
    return any(_holds(part) if isinstance(part, list | tuple) else is_batched(part) for part in x)


KINDS[Batch] = BATCH
_ADOPTERS.insert(0, _adopt_sequence)
