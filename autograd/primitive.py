"""Primitive: an operation whose derivative is written down once, as ordinary arithmetic.

The kind of number fed to a rule decides what comes back: floats give a slope, arrays an array of slopes, nodes a
recorded derivative that can be differentiated again, symbols the text of the rule. So one lambda serves the reverse
sweep, the forward sweep, derivatives of any order, explanations and tests.

Three constructors make one class:

- `elementwise` is given its partial derivatives; the forward and the reverse rule are the same product.
- `linear` is given its transpose; the forward rule is the map itself.
- `general` is given its vjps and jvps, a rule for each argument.

In rules, `y` is the result (already paid for), `x` or `a, b` the operands, `g` a cotangent, `t` a tangent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import Case, Domain, Operand
from autograd.errors import AutogradError, OperandError, ShapeError, describe, place

Rule = Callable[..., Any]
Slope = Rule | float | None

# The kinds of number, as bits: what an operation on several of them gives is their union. An array and a Value
# meet in a Tensor (1 | 2 == 3); beside a Symbol everything becomes text; a NumPy scalar joins whatever it meets; of a
# Batch, many examples in one, the operation is computed for each example.
NUMBER, ARRAY, VALUE, TENSOR, SYMBOL, SCALAR, BATCH = 0, 1, 2, 3, 4, 8, 16

KINDS: dict[type, int] = {float: NUMBER, int: NUMBER, bool: NUMBER, ndarray: ARRAY}
READINGS: list[Callable[[Primitive, Sequence[Any], dict[str, Any]], Any]]  # how each of the 32 unions is computed
REGISTRY: dict[str, Primitive] = {}


class Primitive:
    """One differentiable operation. Call it on numbers, arrays, Values, Tensors or Symbols.

    | attribute | what it is |
    |---|---|
    | `name` | its name in graphs and errors |
    | `on_number`, `on_array` | how it is computed on Python floats (None: arrays only) and on NumPy arrays |
    | `partials` | of an elementwise one: ∂y/∂argument for each argument; 1 passes a cotangent on, None stops it |
    | `vjps`, `jvps` | of the others: a rule for each argument, or one function for all of them |
    | `domain` | where it may be sampled |
    | `broadcasts` | whether its operands are brought to one shape first |
    | `notation` | how it is written: `"+"` between its operands, or a pattern such as `"{0} ** {n}"` |
    """

    partials: tuple[Any, ...] = ()
    slopes: tuple[Any, ...] = ()  # the partials, where they need no static parameters: what the fast sweep reads
    first_slope: Any = None
    second_slope: Any = None
    crosses = False  # whether it makes a Value of Tensors
    bilinear = False  # whether it is Σ xᵢ xₙ₊ᵢ over its first n operands and the next n, plus the last if they are odd
    of_values: Rule | None = None  # a faster way to record it on Values, where there is one
    smooth = True  # whether any argument has a derivative
    method = ""  # how derivatives are found where there is no formula: "central differences"
    transpose: Rule | None = None  # of a linear primitive of one argument
    joint_vjp: Rule | None = None  # one vjp for all arguments that is known to return arrays of its own
    vjps: tuple[Rule | None, ...] | Rule = ()
    jvps: tuple[Rule | None, ...] | Rule = ()

    def __init__(
        self,
        name: str,
        on_number: Callable[..., Any] | None,
        on_array: Callable[..., Any],
        *,
        domain: Any,
        doc: str = "",
        notation: str = "",
        broadcasts: bool = False,
    ) -> None:
        self.name = self.__name__ = self.__qualname__ = name
        self.on_number = on_number
        self.on_array = on_array
        self.domain = domain
        self.__doc__ = doc
        self.notation = notation
        self.broadcasts = broadcasts

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    @property
    def word(self) -> str:
        """What it is called in text: its name, or its notation where that is a word, such as `sum` for `sum_all`."""
        return self.notation if self.notation.isidentifier() else self.name

    def __reduce__(self) -> str | tuple[Any, ...]:
        return (_by_name, (self.name,))  # so that graphs can be copied and pickled

    def __call__(self, *args: Any, **params: Any) -> Any:
        kind = 0
        try:
            if len(args) == 1:
                kind = KINDS[type(args[0])]
            else:
                for t in set(map(type, args)):
                    kind |= KINDS[t]
        except KeyError:
            args = tuple(_adopt(x, self) for x in args)
            for x in args:
                kind |= KINDS[type(x)]
        return READINGS[kind](self, args, params)

    def pull(self, g: Any, y: Any, args: Sequence[Any], wanted: Sequence[bool], params: Any) -> Sequence[Any]:
        """The contribution of cotangent `g` of the result to each argument; None where not wanted or not defined."""
        partials = self.partials
        if partials:
            return [
                None if p is None or not want else g if p == 1 else g * p(y, *args, **params)
                for p, want in zip(partials, wanted, strict=True)
            ]
        if callable(self.vjps):
            return self.vjps(g, y, *args, wanted=wanted, **params)  # type: ignore[no-any-return]
        return [
            rule(g, y, *args, **params) if want and rule is not None else None
            for rule, want in zip(self.vjps, wanted, strict=True)
        ]

    def pull_ieee(self, g: Any, y: Any, args: Sequence[Any], wanted: Sequence[bool], params: Any) -> list[Any]:
        """`pull` on floats where Python raises (1 / 0.0): the same on NumPy's floats, which give inf and nan."""
        with np.errstate(all="ignore"):
            found = self.pull(np.float64(g), np.float64(y), [np.float64(x) for x in args], wanted, params)
        return [None if c is None else float(c) for c in found]

    def push(self, tangents: Sequence[Any], y: Any, args: Sequence[Any], params: Any) -> Any:
        """The tangent of the result, given a tangent (or None, for zero) of each argument; None when it is zero."""
        if self.partials:
            terms = [
                t if p == 1 else t * p(y, *args, **params)
                for p, t in zip(self.partials, tangents, strict=True)
                if p is not None and t is not None
            ]
        elif callable(self.jvps):
            return self.jvps(tangents, y, *args, **params)
        elif not self.jvps:
            raise AutogradError(f"{self.name} has no forward rule (jvp).{place()}\n  Use reverse mode (vjp, grad).")
        else:
            terms = [
                rule(t, y, *args, **params)
                for rule, t in zip(self.jvps, tangents, strict=True)
                if rule is not None and t is not None
            ]
        if not terms:
            return None
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return total

    def push_ieee(self, tangents: Sequence[Any], y: Any, args: Sequence[Any], params: Any) -> float | None:
        """`push` on floats where Python raises; see `pull_ieee`."""
        with np.errstate(all="ignore"):
            ts = [None if t is None else np.float64(t) for t in tangents]
            found = self.push(ts, np.float64(y), [np.float64(x) for x in args], params)
        return None if found is None else float(found)

    def cases(self) -> list[Case]:
        """Ways to call this primitive with operands drawn from its domain: what the tests and gradcheck run."""
        if self.domain and isinstance(self.domain, tuple) and all(isinstance(d, Domain) for d in self.domain):
            return [Case(tuple(Operand(d, (2, 3)) for d in self.domain))]
        return list(self.domain or ())


def _by_name(name: str) -> Primitive:
    return LEAF if name == "leaf" else REGISTRY[name]


def _register(primitive: Primitive) -> Primitive:
    if not primitive.domain:
        raise AutogradError(
            f"{primitive.name} has no domain: say where it may be sampled, e.g. domain=(REAL,) or "
            f"domain=[case(REAL(2, 3), axis=0)], so that its rules can be checked."
        )
    if primitive.name in REGISTRY:
        raise AutogradError(f"a primitive named {primitive.name!r} exists already: choose another name.")
    REGISTRY[primitive.name] = primitive
    return primitive


def elementwise(
    name: str,
    on_number: Callable[..., Any],
    on_array: Callable[..., Any],
    *partials: Slope,
    domain: Any,
    doc: str = "",
    notation: str = "",
) -> Primitive:
    """A primitive that works on each element by itself, given the partial derivative for each argument.

    A partial is a function of the result and the arguments, `lambda y, a, b: a / y`; a number, when the slope is
    constant; or None, when the argument is not differentiable. `domain` is one `Domain` for each argument, or a list
    of `case`s when the primitive has static parameters.

    >>> import math, numpy as np
    >>> from autograd.domain import NONZERO
    >>> from autograd.primitive import REGISTRY
    >>> length = elementwise(
    ...     "length", math.hypot, np.hypot,
    ...     lambda y, a, b: a / y,
    ...     lambda y, a, b: b / y,
    ...     domain=(NONZERO, NONZERO), doc="Length of (a, b).")
    >>> from autograd import Value
    >>> a = Value(3.0)
    >>> length(a, 4.0).backward(); a.grad
    0.6
    >>> del REGISTRY["length"]
    """
    primitive = Primitive(name, on_number, on_array, domain=domain, doc=doc, notation=notation, broadcasts=True)
    cases = primitive.cases()
    if any(len(c.operands) != len(partials) for c in cases):
        raise AutogradError(f"{name} has {len(partials)} partials and a domain of another length.{place()}")
    give_partials(primitive, partials, static=any(c.params for c in cases))
    return _register(primitive)


def give_partials(primitive: Primitive, partials: Sequence[Slope], *, static: bool) -> None:
    """Make a primitive one that is differentiated by these; `static` says whether it is called with parameters."""
    primitive.partials = tuple(_constant(p) if isinstance(p, int | float) and p != 1 else p for p in partials)
    primitive.smooth = any(p is not None for p in partials)
    if len(partials) <= 2 and None not in partials and not static:
        primitive.slopes = tuple(1 if p == 1 else p for p in primitive.partials)
        primitive.first_slope, primitive.second_slope = (*primitive.slopes, None)[:2]


def _constant(slope: float) -> Rule:
    return lambda y, *args, **params: slope


def linear(
    name: str,
    on_array: Callable[..., Any],
    transpose: Rule,
    *,
    domain: Any,
    doc: str = "",
    notation: str = "",
    joint: bool = False,
) -> Primitive:
    """A primitive that is linear in its arguments, given its transpose, `lambda g, x, **params: ...`.

    Of the argument `x` the transpose may use the shape and nothing else. With `joint` the primitive takes any number
    of arguments, is linear in all of them together, and the transpose returns a contribution for each.
    """
    primitive = Primitive(name, None, on_array, domain=domain, doc=doc, notation=notation)
    if joint:
        primitive.vjps = lambda g, y, *args, wanted, **params: transpose(g, *args, **params)
        primitive.jvps = lambda ts, y, *args, **params: primitive(
            *(zeros_like(x) if t is None else t for t, x in zip(ts, args, strict=True)), **params
        )
    else:
        primitive.transpose = transpose
        primitive.vjps = (lambda g, y, x, **params: transpose(g, x, **params),)
        primitive.jvps = (lambda t, y, x, **params: primitive(t, **params),)
    return _register(primitive)


def general(
    name: str,
    on_array: Callable[..., Any],
    vjps: Sequence[Rule | None] | Rule,
    jvps: Sequence[Rule | None] | Rule,
    *,
    domain: Any,
    on_number: Callable[..., Any] | None = None,
    doc: str = "",
    notation: str = "",
    broadcasts: bool = False,
) -> Primitive:
    """Any other primitive, given its vjps, `lambda g, y, a, b: ...`, and jvps, `lambda t, y, a, b: ...`.

    A sequence has a rule for each argument (None: not differentiable). A single function serves all arguments: as vjp
    `(g, y, *args, wanted, **params)` it returns a contribution for each, as jvp `(tangents, y, *args, **params)` the
    tangent of the result, where a tangent of None is zero.
    """
    primitive = Primitive(name, on_number, on_array, domain=domain, doc=doc, notation=notation, broadcasts=broadcasts)
    primitive.vjps = vjps if callable(vjps) else tuple(vjps)
    primitive.jvps = jvps if callable(jvps) else tuple(jvps)
    return _register(primitive)


def is_batched(x: Any) -> bool:
    """Whether x is a number that stands for many examples, as functions inside `vmap` are fed with."""
    return KINDS.get(type(x)) == BATCH


def zeros_like(x: Any) -> Any:
    """A constant zero of the shape and dtype of `x`, whatever kind of number `x` is."""
    shape = getattr(x, "shape", None)
    return 0.0 if shape is None else np.zeros(shape, x.dtype)


def are_values(xs: Sequence[Any]) -> bool:
    """Whether a sequence is of single numbers, a Value at least among them."""
    kinds = {KINDS.get(t, SCALAR if issubclass(t, np.number) else ARRAY) & ~SCALAR for t in set(map(type, xs))}
    return VALUE in kinds and kinds <= {NUMBER, VALUE}


# What follows reads a primitive on plain numbers and arrays. Value, Tensor and Symbol add their own readings.


def on_numbers(primitive: Primitive, args: Sequence[Any], params: dict[str, Any]) -> Any:
    """On Python numbers: the C function of `math`, and where that would raise, what IEEE 754 says (log(0) is -inf)."""
    if primitive.on_number is None:
        return on_arrays(primitive, list(map(np.asarray, args)), params)
    try:
        return primitive.on_number(*args, **params)
    except (ValueError, OverflowError, ZeroDivisionError):
        return ieee(primitive, args, params)


def ieee(primitive: Primitive, args: Sequence[Any], params: Any) -> float:
    """A primitive on floats where Python raises and IEEE 754 has an answer: inf, -inf or nan."""
    with np.errstate(all="ignore"):
        return float(primitive.on_array(*(np.float64(x) for x in args), **params))


def on_arrays(primitive: Primitive, args: Sequence[Any], params: dict[str, Any], named: Sequence[Any] = ()) -> Any:
    """On NumPy arrays; operands that do not fit are an error in words, which describes them as `named`."""
    try:
        return primitive.on_array(*args, **params)
    except (AutogradError, ValueError, IndexError, TypeError) as error:
        if _holds_batches(params.values()):  # such as an index that is another one for each example
            return READINGS[BATCH](primitive, named or args, params)
        if isinstance(error, AutogradError):
            raise  # it is in words already
        kind = OperandError if isinstance(error, TypeError) else ShapeError
        raise kind(misfit(primitive, named or args, params, error)) from None


def _holds_batches(parts: Iterable[Any]) -> bool:
    return any(_holds_batches(x) if isinstance(x, tuple | list) else is_batched(x) for x in parts)


def misfit(primitive: Primitive, args: Sequence[Any], params: Any, error: Exception) -> str:
    """What does not fit, in words: the operation, its operands, NumPy's reason, the line and a remedy."""
    operands = ", ".join([*map(describe, args), *(f"{key}={value!r}" for key, value in params.items())])
    reason = str(error).strip()
    if "gufunc" in reason:  # NumPy's own words for it are not for people
        reason = "the last axis of the first must be as long as the last but one of the second"
    return f"{primitive.name}({operands}) cannot be computed: {reason}{place()}{_remedy(primitive, args)}"


def _remedy(primitive: Primitive, args: Sequence[Any]) -> str:
    shapes = [np.shape(getattr(x, "data", x) if type(x) is not ndarray else x) for x in args]
    if primitive.broadcasts and len(shapes) == 2:
        return "\n  Shapes must be equal or 1, counted from the right: insert an axis with x[:, None], or transpose."
    if primitive.name == "matmul" and all(len(s) == 2 for s in shapes) and shapes[0][0] == shapes[1][0]:
        return "\n  The inner sizes must agree: did you mean a.T @ b?"
    if primitive.name == "matmul" and all(len(s) == 2 for s in shapes) and shapes[0][1] == shapes[1][1]:
        return "\n  The inner sizes must agree: did you mean a @ b.T?"
    return ""


_ADOPTERS: list[Callable[[Any], Any]] = []  # how a sequence with nodes inside becomes a Tensor; Tensor adds itself


def _adopt(x: Any, primitive: Primitive) -> Any:
    """An operand of a type not met before: subclasses count as what they extend, sequences become arrays."""
    if type(x) in KINDS:
        return x
    if isinstance(x, complex | np.complexfloating):
        raise OperandError(f"{primitive.name} of {describe(x)}: complex numbers are not supported here.{place()}")
    if isinstance(x, np.generic) and (np.issubdtype(x.dtype, np.number) or x.dtype == bool):
        KINDS[type(x)] = SCALAR
        return x
    for known, kind in list(KINDS.items()):
        if known is not bool and isinstance(x, known):
            KINDS[type(x)] = kind
            return x
    if isinstance(x, list | tuple):
        for adopter in _ADOPTERS:
            x = adopter(x)
        try:
            y = np.asarray(x) if isinstance(x, list | tuple) else x
        except ValueError:
            raise ShapeError(f"{primitive.name} of {describe(x)}: its rows differ in length.{place()}") from None
        if y.dtype.kind not in "US":
            return y
    elif hasattr(x, "__array__") and not isinstance(x, str | bytes):
        return np.asarray(x)
    raise OperandError(f"{primitive.name} needs numbers, arrays, Values or Tensors, and got {describe(x)}.{place()}")


def _unknown(primitive: Primitive, args: Sequence[Any], params: dict[str, Any]) -> Any:
    raise OperandError(f"{primitive.name} has no reading for {', '.join(map(describe, args))}.{place()}")


READINGS = [on_numbers, on_arrays, *[_unknown] * 6, *[on_arrays] * 2, *[_unknown] * 22]

LEAF = Primitive("leaf", None, np.asarray, domain=(), doc="Marks what the user made and wants derivatives of.")
SPENT = Primitive("spent", None, np.asarray, domain=(), doc="Marks what a transform that has run differentiates by.")
