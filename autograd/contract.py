"""Contract: what a function of the user's must keep to, checked whenever it runs, and told in words where it does not.

A result is a number or an array; a rule returns a gradient for each operand, in its shape and precision, and uses the
cotangent that it is given; nothing is written into. The checks look at shapes and types, so they cost next to nothing
and are always on. Arrays are handed out as views that cannot be written into, which costs a tenth of a microsecond.

It stands below the two doors for custom functions, which share it, and above the nodes that it looks into.
"""

from __future__ import annotations

import dis
import inspect
import linecache
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.errors import (
    ConversionError,
    GradientError,
    MutationError,
    OperandError,
    ShapeError,
    describe,
    place,
)
from autograd.modes import keep_gradients
from autograd.node import Node
from autograd.operand import plain
from autograd.rules.shaping import cast
from autograd.tensor import Tensor, element


class Rule:
    """A function of the user's, called with care; `name` is what it goes by in errors: `the vjp of softclip`."""

    def __init__(self, function: Callable[..., Any], name: str, argument: int = 0) -> None:
        self.function = function
        self.name = name
        code = getattr(inspect.unwrap(function), "__code__", None)
        self.argument = code.co_varnames[argument] if code and code.co_argcount > argument else ""  # the cotangent
        self.proven = False  # whether a gradient of it has shown that it uses its cotangent

    @property
    def at(self) -> str:
        """The line that defines it, as a sentence."""
        return defined(self.function)

    def __call__(self, *args: Any, **params: Any) -> Any:
        return self.call(any(isinstance(x, Node) and x.primitive is not None for x in args), args, params)

    def call(self, again: bool, args: Sequence[Any], params: Mapping[str, Any] = MappingProxyType({})) -> Any:
        """Call it; `again` says that it is differentiated itself, so that no derivative may be lost inside."""
        try:
            if again:
                with keep_gradients():
                    return self.function(*args, **params)
            return self.function(*map(frozen, args), **params)
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            raise MutationError(
                f"{self.name} writes into an array that it was given.{self.line_of(error)}\n"
                "  Others still need it as it is. Make a new one, a = a * 2, or write into a copy, a = a.copy()."
            ) from None
        except (ConversionError, OperandError) as error:
            if not again:
                raise
            raise GradientError(
                f"{self.name} cannot be differentiated itself: {reason(error)}.{self.line_of(error)}\n"
                "  A second derivative needs that. Write it with autograd's functions or NumPy's, not with math's, "
                "item() or numpy()."
            ) from None
        except TypeError as error:
            if not hasattr(self.function, "__code__") or getattr(error.__traceback__, "tb_next", None) is not None:
                raise
            raise OperandError(f"{self.name} cannot be called with {len(args)} operands: {error}.{self.at}") from None

    def line_of(self, error: BaseException) -> str:
        """The line in the file of this function in which an error arose, as a sentence."""
        file = getattr(getattr(inspect.unwrap(self.function), "__code__", None), "co_filename", None)
        found, at = None, error.__traceback__
        while at is not None:
            if at.tb_frame.f_code.co_filename == file:
                found = file, at.tb_lineno
            at = at.tb_next
        return place(found) if found else self.at or place()

    def takes(self, names: Sequence[str]) -> bool:
        """Whether it can be called with so many positional arguments, whatever it calls them itself."""
        try:
            parameters = inspect.signature(self.function).parameters.values()
        except (TypeError, ValueError):  # one written in C
            return True
        kinds = [p.kind for p in parameters]
        if inspect.Parameter.VAR_POSITIONAL in kinds:
            return True
        return sum(kind <= inspect.Parameter.POSITIONAL_OR_KEYWORD for kind in kinds) >= len(names)


def reason(error: Exception) -> str:
    """What an error says went wrong, without the place and the remedy."""
    return str(error).split("\n")[0].rstrip(".")


def defined(function: Callable[..., Any]) -> str:
    """The line on which a function is defined, as a sentence; nothing when it is not known."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return ""
    line = code.co_firstlineno  # with decorators, that of the first of them
    for number in range(line, line + 10):
        text = linecache.getline(code.co_filename, number).lstrip()
        if text.startswith(("def ", "async def ")) or "lambda" in text:
            line = number
            break
    return place((code.co_filename, line))


def frozen(x: Any) -> Any:
    """A view of an array that cannot be written into; anything else as it is."""
    if type(x) is ndarray:
        x = x.view()
        x.setflags(False)
    return x


def owned(x: ndarray) -> ndarray:
    """An array that may be kept: a view of an operand, which cannot be written into, is copied."""
    return x if x.flags.writeable else x.copy()


# Results


def result(rule: Rule, found: Any, operands: Sequence[Any]) -> Any:
    """What the user's function returned, as a float or an array of its own. `operands` are plain.

    Errors: OperandError when it is no number and no array, GradientError when it was made from outside.
    """
    if isinstance(found, Node):
        if found.parents and found.primitive is not None:
            refuse_captured(rule)
            raise GradientError(
                f"{rule.name} uses something under differentiation that is not among its arguments: what it returned, "
                f"{describe(found)}, depends on it, and that gradient would be lost.{rule.at}\n"
                "  Make it an argument."
            )
        found = found.data
    if type(found) is ndarray and found.dtype.kind in "fiub":
        return owned(found)
    arrays = [x for x in operands if isinstance(x, ndarray | np.generic)]
    if isinstance(found, bool | int | float | np.number | np.bool_) and not isinstance(found, np.complexfloating):
        if isinstance(found, np.generic) and arrays:
            return np.asarray(found)
        if arrays:
            return np.asarray(found, dtype=next((x.dtype for x in arrays if x.dtype.kind == "f"), None))
        return float(found)
    raise OperandError(f"{rule.name} returned {_thing(found)}.{rule.at}\n  {_cure(found)}")


def _thing(x: Any) -> str:
    return "None" if x is None else "a list" if isinstance(x, list) else describe(x)


def _cure(found: Any) -> str:
    if found is None:
        return "Return the result: was `return` forgotten?"
    if isinstance(found, list):
        return "Return an array, np.array([...]), or, of several results, a tuple."
    if getattr(getattr(found, "dtype", None), "kind", "") == "c" or isinstance(found, complex):
        return "Complex numbers are not supported: return real and imaginary part as a tuple of two arrays."
    return "A result is a number or an array of numbers."


# Gradients and tangents


def gradients(
    rule: Rule, found: Any, cotangents: Sequence[Any], args: Sequence[Any], wanted: Sequence[bool], names: Sequence[str]
) -> list[Any]:
    """What a vjp returned, as a contribution to each argument; None where none is wanted.

    Cotangents and arguments are as the rule saw them: floats, arrays, nodes, or anything else, which has no gradient.

    Errors: in words, for each way in which the gradients do not belong to the arguments.
    """
    called = ", ".join(names)
    if isinstance(found, list):
        instead = "the gradient itself, an array" if len(args) == 1 else f"a tuple, one for each of ({called})"
        raise OperandError(f"{rule.name} returned a list.{rule.at}\n  Return {instead}.")
    if found is None and any(wanted):
        raise GradientError(
            f"{rule.name} returned None.{rule.at}\n  Return a gradient for each of ({called}): was `return` forgotten?"
        )
    parts = found if isinstance(found, tuple) else (found,)
    if len(parts) < len(args) or any(g is not None for g in parts[len(args) :]):
        raise GradientError(
            f"{rule.name} returned {_count(len(parts), 'gradient')} for {_count(len(args), 'operand')} ({called})."
            f"{rule.at}\n  Return one for each, in this order, and None for one that has no derivative."
        )
    for g, x, name in zip(parts, args, names):
        if g is not None and not isinstance(x, Node | ndarray | float | int | np.number):
            raise GradientError(
                f"{rule.name} returned a gradient for {name}, which is {_thing(x)}.{rule.at}\n"
                f"  Return None in its place; are the gradients in the order of ({called})?"
            )
    common = _precision([*args, *cotangents])
    checked = [
        fitted(rule, g, x, "a gradient", names[i], f"operand {i}", common) if want else None
        for i, (g, x, want) in enumerate(zip(parts, args, wanted))
    ]
    if not rule.proven:
        g = rule.argument
        if g and _ignores(rule.function, g) and any(c is not None and np.any(plain(c)) for c in checked):
            raise GradientError(
                f"{rule.name} never uses {g}, the cotangent of its result, and its gradient is not zero.{rule.at}\n"
                f"  A gradient is the cotangent times the local derivative: return {g} * ..."
            )
        rule.proven = True
    return checked


def tangents(
    rule: Rule, found: Any, given: Sequence[Any], ys: Sequence[Any], beside: Collection[int] = ()
) -> tuple[Any, ...]:
    """What a jvp returned for the tangents given, as a tangent of each of the results `ys`. Errors: as `gradients`.

    Results that stand `beside` are not differentiated, and whatever was returned for them is left out: None.
    """
    parts = found if isinstance(found, tuple) else (found,)
    if isinstance(found, list) or len(parts) != len(ys):
        what = "a list" if isinstance(found, list) else _count(len(parts), "tangent")
        raise GradientError(
            f"{rule.name} returned {what} for {_count(len(ys), 'result')}.{rule.at}\n"
            "  Return the tangent of the result, or, of several, a tuple of them."
        )
    common = _precision([*given, *ys])
    names = ["y"] if len(ys) == 1 else [f"y[{i}]" for i in range(len(ys))]
    return tuple(
        None if i in beside else fitted(rule, t, y, "a tangent", names[i], "the result", common)
        for i, (t, y) in enumerate(zip(parts, ys))
    )


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _precision(xs: Sequence[Any]) -> Any:
    """The dtype of all that are arrays of floats, when they have one dtype."""
    found = {x.dtype for x in map(plain, xs) if isinstance(x, ndarray) and x.dtype.kind == "f"}
    return found.pop() if len(found) == 1 else None


def fitted(rule: Rule, g: Any, x: Any, what: str, name: str, called: str, common: Any) -> Any:
    """A gradient or tangent `g` in the shape and precision of what it belongs to, `x`."""
    if g is None:
        raise GradientError(
            f"{rule.name} returned None for {name}, which is under differentiation.{rule.at}\n"
            f"  Return {what}, if it is zero np.zeros_like({name}). None is for what has no derivative."
        )
    number, home = plain(g), plain(x)
    if (
        not isinstance(number, float | int | ndarray | np.number)
        or getattr(getattr(number, "dtype", None), "kind", "f") not in "fiub"
    ):
        raise OperandError(
            f"{rule.name} returned {_thing(g)} for {name}: that is no number, and no array of numbers.{rule.at}"
        )
    shape, needed = np.shape(number), np.shape(home)
    if shape != needed:
        short, remedy = _reshaped(shape, needed, name) if what == "a gradient" else (".", "")
        raise ShapeError(
            f"{rule.name} returned {what} for {name} that has shape {shape}; {called} has shape {needed}{short}"
            f"{rule.at}{remedy}"
        )
    if not isinstance(home, ndarray):
        return float(number) if not isinstance(g, Node) else element(g, index=()) if isinstance(g, Tensor) else g
    if not isinstance(number, ndarray):
        return g if isinstance(g, Node) else np.asarray(g, home.dtype)
    if number.dtype != home.dtype:
        if common is not None:
            raise OperandError(
                f"{rule.name} returned {what} of {number.dtype} for {name}, which is {home.dtype}.{rule.at}\n"
                "  NumPy's numbers widen arrays, as in x * np.sqrt(2.0); Python's do not: x * math.sqrt(2.0). "
                f"Or return .astype({name}.dtype)."
            )
        return cast(g, dtype=home.dtype)
    return g if isinstance(g, Node) else owned(number)


def _reshaped(found: tuple[int, ...], needed: tuple[int, ...], name: str) -> tuple[str, str]:
    """What brings a gradient to the shape of its operand: the end of the sentence that tells both, and a remedy."""
    ahead = len(found) - len(needed)
    if ahead >= 0 and all(n in (1, m) for n, m in zip(needed, found[ahead:])):
        inner = [i + ahead for i, n in enumerate(needed) if n != found[i + ahead]]
        axes = [*range(ahead), *inner]
        shown = axes[0] if len(axes) == 1 else tuple(axes)
        how = f"g.sum(axis={shown}{', keepdims=True' if inner and not ahead else ''})"
        how += f".reshape({name}.shape)" if inner and ahead else ""
        along = f"axis {shown}" if len(axes) == 1 else f"axes {', '.join(map(str, axes[:-1]))} and {axes[-1]}"
        return (
            f": sum it over {along}.",
            f"\n  {name} was broadcast along it, and its gradient is the sum over all uses of it: {how}.",
        )
    if ahead <= 0 and all(m in (1, n) for n, m in zip(needed[-ahead:] if ahead else needed, found)):
        return ": it is too small.", f"\n  Every element of {name} has a share: np.broadcast_to(g, {name}.shape)."
    if found == needed[::-1]:
        return ": it is transposed.", "\n  Return its .T, or exchange the factors of a product."
    if np.prod(found) == np.prod(needed):
        return ".", f"\n  Return it as .reshape({name}.shape)."
    return ".", f"\n  A gradient has the shape of what it is the gradient of, {name}.shape."


def _ignores(function: Callable[..., Any], parameter: str) -> bool:
    """Whether the code of a function never reads one of its parameters."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code is not None and not any(
        "LOAD" in step.opname and parameter in (step.argval if isinstance(step.argval, tuple) else (step.argval,))
        for step in dis.get_instructions(code)
    )


_HARMLESS = {"data", "detach", "dtype", "item", "ndim", "numpy", "shape", "size", "tolist"}


def refuse_captured(rule: Rule) -> None:
    """Errors: GradientError when a function uses something under differentiation that is not among its arguments."""
    for name, x in _captured(rule.function):
        if isinstance(x, Node) and x.primitive is not None:
            raise GradientError(
                f"{rule.name} uses {name} from outside, {describe(x)}, which is under differentiation: its gradient "
                f"would be lost.{rule.at}\n  Make it an argument, or cut it off on purpose: {name}.detach()."
            )


def _captured(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    """Global variables, and those of enclosing functions, that a function reads, unless it asks for a shape alone."""
    code = getattr(function, "__code__", None)
    if code is None:
        return
    around = dict(zip(code.co_freevars, function.__closure__ or ()))
    for step, following in pairwise(dis.get_instructions(code)):
        if following.opname in ("LOAD_ATTR", "LOAD_METHOD") and following.argval in _HARMLESS:
            continue
        if step.opname == "LOAD_GLOBAL" and step.argval in function.__globals__:
            yield step.argval, function.__globals__[step.argval]
        elif step.opname == "LOAD_DEREF" and step.argval in around:
            try:
                yield step.argval, around[step.argval].cell_contents
            except ValueError:  # not assigned yet
                continue
