"""NumPy's own functions given Values and Tensors: `np.exp(t)`, `np.sum(t)`, `np.where(mask, t, 0)`, `array * t`.

NumPy asks us through its two protocols. A function that has a rule (see `equivalent`) is handed to it, its arguments
translated; one without a derivative (shape, argmax, isnan...) is computed on the plain arrays; any other is an error
that names it, never a bare array with the gradient lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from inspect import Parameter, signature
from typing import Any

import numpy as np

import autograd.tree as tree
from autograd.equivalent import (
    ACCUMULATIONS,
    COMPLEX,
    FUNCTIONS,
    IN_PLACE,
    MANNERS,
    OTHER_UFUNCS,
    PLAIN,
    PLAIN_UFUNCS,
    REDUCTIONS,
    SEQUENCES,
    SYNONYMS,
    UFUNCS,
    special_rule,
)
from autograd.errors import ConversionError, OperandError, RuleError, place
from autograd.operand import plain
from autograd.primitive import Primitive, are_values
from autograd.rules.arithmetic import positive
from autograd.rules.shaping import astype, reshape, shape_of

Function = Callable[..., Any]

_given: dict[Function, Function] = {}  # rules of the user's for functions of NumPy that have none here


def give_rule(function: Function, rule: Function) -> None:
    """Let `rule`, called as the function is, answer for a function of NumPy that has no derivative here."""
    _given[function] = rule


def has_rule(function: Function) -> bool:
    """Whether a function of NumPy or SciPy is differentiated here without the user's help."""
    known = function in FUNCTIONS or function in UFUNCS or function in OTHER_UFUNCS
    return known or (isinstance(function, np.ufunc) and special_rule(function) is not None)


def apply_ufunc(ufunc: Any, method: str, inputs: Sequence[Any], settings: dict[str, Any]) -> Any:
    """What `__array_ufunc__` answers: `np.exp(t)`, `array * t`, `np.add.reduce(t)`."""
    if settings.get("out") is not None and any(x is not None for x in settings["out"]):
        raise _into_array(_name(ufunc))
    if method == "__call__" and not settings:
        rule = OTHER_UFUNCS.get(ufunc) or UFUNCS.get(ufunc) or _given.get(ufunc) or special_rule(ufunc)
        if rule is not None:
            return rule(*inputs)
    if ufunc in PLAIN_UFUNCS or not differentiated(inputs):
        return getattr(ufunc, method)(*map(plain, inputs), **settings)
    if method == "__call__" and settings and settings.keys() <= {"dtype", "casting", "order", "subok"}:
        return apply_ufunc(ufunc, method, _in_precision(inputs, settings.get("dtype")), {})
    if method == "reduce" and ufunc in REDUCTIONS:
        return _translated(ufunc, REDUCTIONS[ufunc], inputs, {"axis": 0, **settings}, method)
    if method == "accumulate" and ufunc in ACCUMULATIONS:
        return _translated(ufunc, ACCUMULATIONS[ufunc], inputs, {"axis": 0, **settings}, method)
    if method == "outer" and not settings:
        left, right = map(shape_of, inputs)
        return apply_ufunc(ufunc, "__call__", (reshape(inputs[0], left + (1,) * len(right)), inputs[1]), {})
    raise _no_rule(ufunc, settings, method)


def apply_function(function: Function, args: Sequence[Any], settings: dict[str, Any]) -> Any:
    """What `__array_function__` answers: `np.sum(t)`, `np.where(mask, t, 0)`, `np.concatenate([t, a])`."""
    if function in PLAIN and len(args) == 1 and not settings and hasattr(args[0], "data"):  # np.shape(t), asked often
        return function(plain(args[0]))
    rule = FUNCTIONS.get(function)
    if rule is not None and (function is not np.where or len(args) + len(settings) > 1):  # of one it is np.nonzero
        if function not in SEQUENCES:
            args = [_array_of(x, function) for x in args]
        return _translated(function, rule, args, settings)
    if function in _given:
        return _given[function](*args, **settings)
    if function in PLAIN or function is np.where or not differentiated((args, settings)):
        return function(*_plain_deep(args), **_plain_deep(settings))
    if function in IN_PLACE:
        raise ConversionError(
            f"{_name(function)} writes into its argument, and what is under differentiation cannot be written into."
            f"{place()}\n  Make a new one: t.at[i].set(v), autograd.where(mask, v, t), or autograd.put_along_axis, "
            "which returns its result."
        )
    raise _no_rule(function, {})


# From NumPy's arguments to a rule's


class _Form:
    """How NumPy calls a function, and how its rule is called."""

    def __init__(self, function: Function | None, rule: Function) -> None:
        theirs, ours = _parameters(function), _parameters(rule)
        kinds = {p.kind for p in ours}
        self.many = any(p.kind is Parameter.VAR_POSITIONAL for p in theirs)  # any number of operands
        self.by_position = Parameter.VAR_POSITIONAL in kinds and not self.many  # a primitive: all are operands
        self.names = [p.name for p in theirs if p.kind <= Parameter.POSITIONAL_OR_KEYWORD]
        self.defaults = {p.name: p.default for p in theirs if p.default is not Parameter.empty}
        self.operands = len(self.names) if self.by_position else len([n for n in self.names if n not in self.defaults])
        self.known = {p.name for p in ours if p.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)}
        self.open = Parameter.VAR_KEYWORD in kinds and not isinstance(rule, Primitive)


_form = cache(_Form)


def _parameters(function: Function | None) -> list[Parameter]:
    try:
        return list(signature(function).parameters.values()) if function is not None else []
    except (TypeError, ValueError):  # written in C
        return []


def _translated(
    function: Any, rule: Function, args: Sequence[Any], settings: Mapping[str, Any], method: str = "__call__"
) -> Any:
    """A rule, called with NumPy's arguments: its names for operands and their order, settings that change nothing."""
    form = _form(function if method == "__call__" else None, rule)
    if not settings and (form.many or not form.names or len(args) <= form.operands):
        return rule(*args)
    operands = list(args)
    given = dict(settings)
    if form.names and not form.many:
        if len(args) > len(form.names):
            raise TypeError(
                f"{_name(function)}() takes {len(form.names)} positional arguments, and {len(args)} were given."
            )
        operands = operands[: form.operands]
        given |= zip(form.names[form.operands :], args[form.operands :])
        for key in form.names[len(operands) : form.operands]:
            if key in given:
                operands.append(given.pop(key))
    passed, dtype = {}, None
    for key, value in given.items():
        key = key if key in form.known else SYNONYMS.get(key, key)
        if value is np._NoValue or (key == "out" and value is None):
            continue
        if key == "out":
            raise _into_array(_name(function, method))
        if key in form.known or form.open:
            passed[key] = value
        elif key == "dtype":
            dtype = value
        elif key not in MANNERS and not (key in form.defaults and value is form.defaults[key]):
            raise _no_rule(function, {key: value}, method)
    return rule(*_in_precision(operands, dtype), **passed)


def _array_of(x: Any, function: Function) -> Any:
    """A list with nodes in it as one Tensor; a sum or product of two lists of Values is better computed of those."""
    if isinstance(x, list | tuple) and differentiated(x) and not (function in (np.sum, np.dot) and are_values(x)):
        return positive(x)
    return x


def _in_precision(operands: Sequence[Any], dtype: Any) -> Sequence[Any]:
    """Arrays among the operands, also in a list of them, with another dtype."""
    if dtype is None:
        return operands
    return [tree.transform(lambda x: astype(x, dtype) if hasattr(x, "dtype") else x, x) for x in operands]


def differentiated(x: Any) -> bool:
    """Whether something under differentiation is in x, or among what it holds."""
    known = getattr(x, "requires_grad", None)  # of nodes, and of batches of them
    if known is not None:
        return bool(known)
    if isinstance(x, dict):
        x = x.values()
    return isinstance(x, Iterable) and not isinstance(x, str | np.ndarray) and any(map(differentiated, x))


def _plain_deep(x: Any) -> Any:
    return tree.transform(plain, x)


# Errors


def _name(function: Any, method: str = "__call__") -> str:
    """What the user calls it: np.linalg.eig, np.add.reduce; of others, which may not say where they are from, erf."""
    name, module = function.__name__, getattr(function, "__module__", None) or ""
    if isinstance(function, np.ufunc):
        module = "numpy" if getattr(np, name, None) is function else ""
    path = f"{module}.{name}".replace("numpy", "np", 1) if module else name
    return path if method == "__call__" else f"{path}.{method}"


def _into_array(name: str) -> ConversionError:
    return ConversionError(
        f"{name} cannot write a result that is under differentiation into an array.{place()}\n"
        "  Drop out=, or write a = a * t instead of a *= t."
    )


def _no_rule(function: Any, settings: Mapping[str, Any], method: str = "__call__") -> OperandError:
    name = _name(function, method)
    if function in COMPLEX:
        how = f"Use {COMPLEX[function]}, or cut" if COMPLEX[function] else "Cut"
        return OperandError(
            f"{name} gives complex numbers, which are out of scope here, and a Tensor under differentiation was given "
            f"to it.{place()}\n  {how} the gradient off on purpose: t.numpy()."
        )
    given = f" with {', '.join(settings)}" if settings else ""
    how = ", or cut the gradient off on purpose: t.numpy()."
    if method == "__call__" and not settings:
        how = (
            ", cut the gradient off on purpose, t.numpy(), or give it one:\n"
            "      from autograd.extend import defvjp\n"
            f"      defvjp({name}, lambda ans, x: lambda g: ...)  # g times the derivative by x"
        )
    return RuleError(
        f"{name}{given} has no derivative here, and a Tensor under differentiation was given to it.{place()}\n"
        f"  Write it with operations that have one{how}"
    )
