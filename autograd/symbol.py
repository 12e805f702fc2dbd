"""Symbol: a number that is its own text. Feed symbols to a rule, and the rule is read back as mathematics.

>>> from autograd import Symbol, tanh
>>> y, x = Symbol("y"), Symbol("x")
>>> rule = tanh.partials[0](y, x)
>>> str(rule)
'1 - y * y'
>>> rule.text(y=0.81)
'1 - 0.81 * 0.81'
>>> round(rule.evaluate(y=0.81), 4)
0.3439
>>> rule.latex()
'1 - y \\\\cdot y'
>>> rule.pretty(y=0.81)
'1 − 0.81 × 0.81'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import autograd.primitive as kinds
from autograd.primitive import Primitive
from autograd.rules import arithmetic as rule

# How tightly what an operator makes holds together; a function call or a name holds tightest.
_STRENGTH = {
    ">": 1,
    ">=": 1,
    "<": 1,
    "<=": 1,
    "==": 1,
    "!=": 1,
    "+": 2,
    "-": 2,
    "*": 3,
    "/": 3,
    "//": 3,
    "%": 3,
    "@": 3,
}
_NEGATIVE, _POWER, _ATOM = 4, 5, 6
_LATEX_SIGN = {"*": r"\cdot", ">=": r"\ge", "<=": r"\le", "!=": r"\ne", "==": "=", "@": "", "%": r"\bmod"}
_LATEX_NAME = {name: "\\" + name for name in "exp log sin cos tan sinh cosh tanh arcsin arccos arctan min max".split()}
_PRETTY_SIGN = {"*": "×", "-": "−", ">=": "≥", "<=": "≤", "!=": "≠", "==": "="}
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LETTERS = "αβγδεζηθικλμνξπρστφχψωΓΔΘΛΞΠΣΦΨΩ"
_NAMES = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi psi omega "
_NAMES += "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
_GREEK = {key: f"\\{name}" for letter, name in zip(_LETTERS, _NAMES.split()) for key in (letter, name)}
_BELOW = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


class Symbol:
    """A name, or an operation on symbols and numbers. Everything a rule does to it is remembered, nothing computed."""

    __slots__ = ("name", "operands", "params", "primitive")

    def __init__(self, name: str) -> None:
        self.name = name
        self.primitive: Primitive | None = None
        self.operands: tuple[Any, ...] = ()
        self.params: Mapping[str, Any] = {}

    def text(self, /, *, digits: int = 4, **numbers: Any) -> str:
        """The expression in Python's notation, with numbers in place of the names given."""
        return write(self, numbers, PLAIN, digits)

    def pretty(self, /, *, digits: int = 4, **numbers: Any) -> str:
        """The expression as it is printed in books, `1 − y²`, with numbers in place of the names given."""
        return write(self, numbers, PRETTY, digits)

    def latex(self, /, *, digits: int = 4, **numbers: Any) -> str:
        """The expression in LaTeX, with numbers in place of the names given."""
        return write(self, numbers, LATEX, digits)

    def evaluate(self, /, **numbers: Any) -> Any:
        """The value of the expression when its names have these values: floats, arrays, Values or Tensors."""
        if self.primitive is None:
            return numbers[self.name]
        operands = [x.evaluate(**numbers) if isinstance(x, Symbol) else x for x in self.operands]
        return self.primitive(*operands, **self.params)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Symbol({self.text()!r})"

    __hash__ = object.__hash__

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        """NumPy's own functions in a formula: `np.cos(x)` is read as `cos(x)`."""
        primitive = kinds.REGISTRY.get(ufunc.__name__)
        if primitive is None or method != "__call__" or settings:
            return NotImplemented
        return primitive(*inputs)

    def __bool__(self) -> bool:
        raise TypeError(
            f"the rule branches on {self}, a formula that has no truth value: write where(condition, a, b)."
        )

    def __add__(self, other: Any) -> Any:
        return rule.add(self, other)

    def __radd__(self, other: Any) -> Any:
        return rule.add(other, self)

    def __sub__(self, other: Any) -> Any:
        return rule.subtract(self, other)

    def __rsub__(self, other: Any) -> Any:
        return rule.subtract(other, self)

    def __mul__(self, other: Any) -> Any:
        return rule.multiply(self, other)

    def __rmul__(self, other: Any) -> Any:
        return rule.multiply(other, self)

    def __truediv__(self, other: Any) -> Any:
        return rule.divide(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return rule.divide(other, self)

    def __floordiv__(self, other: Any) -> Any:
        return rule.floor_divide(self, other)

    def __mod__(self, other: Any) -> Any:
        return rule.remainder(self, other)

    def __pow__(self, other: Any) -> Any:
        return rule.power(self, other)

    def __rpow__(self, other: Any) -> Any:
        return rule.power(other, self)

    def __neg__(self) -> Any:
        return rule.negative(self)

    def __gt__(self, other: Any) -> Any:
        return rule.greater(self, other)

    def __ge__(self, other: Any) -> Any:
        return rule.greater_equal(self, other)

    def __lt__(self, other: Any) -> Any:
        return rule.less(self, other)

    def __le__(self, other: Any) -> Any:
        return rule.less_equal(self, other)

    def __eq__(self, other: Any) -> Any:
        return rule.equal(self, other)

    def __ne__(self, other: Any) -> Any:
        return rule.not_equal(self, other)


def formula(primitive: Primitive, slot: int, *names: str, **params: Any) -> Symbol | float | None:
    """The partial derivative of an elementwise primitive for one argument, as a Symbol (or its constant slope).

    The result is called `y`; the arguments have the names given, `x` or `a, b, ...` by default.
    """
    primitive = getattr(primitive, "primitive", primitive)  # of a custom function
    partial: Any = primitive.partials[slot]
    if partial is None or partial == 1:
        return partial  # type: ignore[no-any-return]
    arity = len(primitive.partials)
    names = names or (("x",) if arity == 1 else tuple("abcdefgh"[:arity]))
    found: Symbol | float = partial(Symbol("y"), *map(Symbol, names), **params)
    return found


def _on_symbols(primitive: Primitive, args: Sequence[Any], params: dict[str, Any]) -> Symbol:
    made = Symbol(primitive.name)
    made.primitive, made.operands, made.params = primitive, tuple(args), params
    return made


Part = tuple[str, float]


class Style(NamedTuple):
    """A way of writing: names and numbers, and what an operation makes of its operands."""

    atom: Callable[[str], Part]
    operation: Callable[[Primitive, list[Part], dict[str, str]], Part]


def write(x: Any, numbers: Mapping[str, Any], style: Style, digits: int = 4) -> str:
    """An expression in a style, with numbers or texts in place of the names given."""
    return _write(x, numbers, style, digits)[0]


def _write(x: Any, numbers: Mapping[str, Any], style: Style, digits: int) -> Part:
    """The text of an expression, and how tightly it holds together."""
    if not isinstance(x, Symbol) or x.primitive is None:
        value = numbers.get(x.name, x.name) if isinstance(x, Symbol) else x
        text = value if isinstance(value, str) else f"{value:.{digits}g}" if isinstance(value, float) else str(value)
        return style.atom(text)
    params = {key: _write(value, numbers, style, digits)[0] for key, value in x.params.items()}
    return style.operation(x.primitive, [_write(operand, numbers, style, digits) for operand in x.operands], params)


def _hold(part: Part, strength: float) -> str:
    text, own = part
    return text if own >= strength else f"({text})"


def _infix(sign: str, parts: list[Part], own: int) -> Part:
    # What stands first needs no brackets to be read first; but a > b > c would mean something else to Python.
    first = _hold(parts[0], own + 1 if own == _STRENGTH[">"] else own)
    return f" {sign} ".join([first, *(_hold(part, own + 1) for part in parts[1:])]), own


# Python's notation


def _plain_atom(text: str) -> Part:
    return text, _NEGATIVE if text.startswith("-") else _ATOM


def _plain(primitive: Primitive, parts: list[Part], params: dict[str, str]) -> Part:
    sign = primitive.notation
    if sign in _STRENGTH:
        return _infix(sign, parts, _STRENGTH[sign])
    if sign == "-{0}":
        return "-" + _hold(parts[0], _NEGATIVE), _NEGATIVE
    if "**" in sign:
        exponent = _hold(parts[1], _POWER) if len(parts) == 2 else params["n"]
        return f"{_hold(parts[0], _ATOM)} ** {exponent}", _POWER
    return _call(primitive.word, parts, params)


def _call(name: str, parts: list[Part], params: dict[str, str]) -> Part:
    settings = [f"{key}={value}" for key, value in params.items()]
    return f"{name}({', '.join([text for text, _ in parts] + settings)})", _ATOM


# The notation of books: a negative number that does not stand first is bracketed


def _signed(parts: list[Part], minus: str) -> list[Part]:
    return [parts[0], *((text, 0) if text.startswith(minus) else (text, own) for text, own in parts[1:])]


def _pretty_atom(text: str) -> Part:
    if _NUMBER.fullmatch(text):
        return text.replace("-", "−"), _plain_atom(text)[1]
    return text, _NEGATIVE if text.startswith("∂") else _ATOM  # (∂y/∂x)²


def _pretty(primitive: Primitive, parts: list[Part], params: dict[str, str]) -> Part:
    sign, name = primitive.notation, primitive.name
    if sign in _STRENGTH:
        text, own = _infix(_PRETTY_SIGN.get(sign, sign), _signed(parts, "−"), _STRENGTH[sign])
        return (f"[{text}]", _ATOM) if own == _STRENGTH[">"] else (text, own)
    if sign == "-{0}":
        return "−" + _hold(_signed([parts[0], parts[0]], "−")[1], _NEGATIVE), _NEGATIVE
    if "**" in sign:
        exponent = params.get("n") or _hold(parts[1], _ATOM)
        whole = exponent.replace("−", "-")
        raised = whole.translate(_RAISED) if whole.lstrip("-").isdigit() else f"^{exponent}"
        return _hold(parts[0], _ATOM) + raised, _POWER
    if name == "sqrt":
        held = _hold(parts[0], _ATOM)
        return "√" + (f"({held})" if "(" in held[1:] and held[0] != "(" else held), _POWER
    if name == "absolute":
        return f"|{parts[0][0]}|", _ATOM
    if _transposes(name, params):
        return _hold(parts[0], _ATOM) + "ᵀ", _POWER
    if name == "getitem":
        return _hold(parts[0], _ATOM) + params.get("index", "[…]"), _ATOM
    return _call(primitive.word, parts, params)


def _transposes(name: str, params: Mapping[str, str]) -> bool:
    """Whether it exchanges the last two axes and leaves the others alone."""
    axes = [int(axis) for axis in re.findall(r"\d+", params.get("axes", ""))]
    n = len(axes)
    return name == "transpose" and n >= 2 and axes == [*range(n - 2), n - 1, n - 2]


_NUMBER = re.compile(r"(-?[\d.]+)(?:e([-+]?\d+))?|-?inf|nan")
_NAME = re.compile(r"([^\W\d_]+?)(?:_?(\d+)|_(\w+)|\[(\w+)\])?('*)")


def latex_name(name: str) -> str:
    """A name in LaTeX: letters with their index, greek ones as such, words upright.

    >>> [latex_name(name) for name in ("x1", "w[0]", "h₂", "alpha", "θ", "W_out", "loss", "y'")]
    ['x_{1}', 'w_{0}', 'h_{2}', '\\\\alpha', '\\\\theta', 'W_{\\\\mathrm{out}}', '\\\\mathrm{loss}', "y'"]
    """
    found = _NAME.fullmatch(name.translate(_BELOW))
    if not found:
        return _upright(name)
    stem, number, word, index, primes = found.groups()
    letter = _GREEK.get(stem) or (stem if len(stem) == 1 else _upright(stem))
    below = number or (index if index and (index.isdigit() or len(index) == 1) else _upright(word or index or ""))
    return letter + (f"_{{{below}}}" if number or word or index else "") + primes


def _upright(word: str) -> str:
    return r"\mathrm{" + re.sub(r"([_%&#$])", r"\\\1", word) + "}"


def _latex_atom(text: str) -> Part:
    number = _NUMBER.fullmatch(text)
    if not number:
        own = _NEGATIVE if text.startswith(r"\frac") else _ATOM
        return (text if "{" in text or "\\" in text else latex_name(text)), own
    if number[1] is None:
        return text.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}"), _plain_atom(text)[1]
    if number[2]:
        return rf"{number[1]} \times 10^{{{int(number[2])}}}", _STRENGTH["*"]
    return _plain_atom(text)


def _latex(primitive: Primitive, parts: list[Part], params: dict[str, str]) -> Part:
    sign, name = primitive.notation, primitive.name
    if sign == "/":
        return rf"\frac{{{parts[0][0]}}}{{{parts[1][0]}}}", _POWER
    if sign in _STRENGTH:
        text, own = _infix(_LATEX_SIGN.get(sign, sign), _signed(parts, "-"), _STRENGTH[sign])
        return (f"[{text}]", _ATOM) if own == _STRENGTH[">"] else (text, own)
    if sign == "-{0}":
        return "-" + _hold(_signed([parts[0], parts[0]], "-")[1], _NEGATIVE), _NEGATIVE
    if "**" in sign:
        exponent = parts[1][0] if len(parts) == 2 else params["n"]
        return f"{{{_hold(parts[0], _ATOM)}}}^{{{exponent}}}", _POWER
    if name == "sqrt":
        return rf"\sqrt{{{parts[0][0]}}}", _ATOM
    if name == "absolute":
        return rf"\left|{parts[0][0]}\right|", _ATOM
    if _transposes(name, params):
        return _hold(parts[0], _ATOM) + r"^{\top}", _POWER
    if name == "getitem":
        return _hold(parts[0], _ATOM) + params.get("index", "[…]"), _ATOM
    word = primitive.word
    called = _LATEX_NAME.get(word) or rf"\operatorname{{{word.replace('_', chr(92) + '_')}}}"
    settings = [rf"\mathrm{{{key}}}={value}" for key, value in params.items()]
    return rf"{called}\left({', '.join([text for text, _ in parts] + settings)}\right)", _ATOM


PLAIN = Style(_plain_atom, _plain)
PRETTY = Style(_pretty_atom, _pretty)
LATEX = Style(_latex_atom, _latex)

kinds.KINDS[Symbol] = kinds.SYMBOL
for _union in range(16):
    if _union & kinds.SYMBOL:
        kinds.READINGS[_union] = _on_symbols
