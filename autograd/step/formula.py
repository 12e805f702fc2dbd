"""Formula: the rules of an operation as expressions, read from the primitive by feeding it symbols, or recorded nodes.

Nothing here is written by hand for one operation or another: a custom function is read in the same way as a built-in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, reduce
from operator import mul
from typing import Any

import numpy as np

from autograd.graph import topological_order
from autograd.modes import enable_grad
from autograd.node import Node
from autograd.primitive import LEAF, READINGS, SYMBOL, Primitive
from autograd.rules.reduction import total
from autograd.step.still import Still
from autograd.symbol import Symbol, formula
from autograd.tensor import constant as tensor_constant
from autograd.value import constant as value_constant
from autograd.view.text import SIMPLE, setting, settings

Expression = Symbol | float | None
UPSTREAM = Symbol("upstream")  # the gradient of the result, in what is sent to an operand
LONGEST = 16  # an expression of more operations is not shown


def letters(primitive: Primitive, arity: int, params: Mapping[str, Any]) -> tuple[str, ...]:
    """What the operands are called in formulas: x, or a, b, ..., or w1, x1, ... of a dot product.

    >>> from autograd import add, tanh
    >>> letters(tanh, 1, {}), letters(add, 2, {})
    (('x',), ('a', 'b'))
    """
    return tuple(_places(arity, primitive.bilinear))


@lru_cache(maxsize=256)
def _places(arity: int, bilinear: bool) -> dict[str, int]:
    """The letters of the operands, with their slots; `bilinear` says that they are those of a dot product."""
    if bilinear:
        n = arity // 2
        called = [*(f"w{i + 1}" for i in range(n)), *(f"x{i + 1}" for i in range(n)), "b"][:arity]
    else:
        called = ["x"] if arity == 1 else list("abcdefgh"[:arity]) if arity <= 8 else [f"a{i}" for i in range(arity)]
    return {letter: slot for slot, letter in enumerate(called)}


def standing_for(x: Any, node: Still) -> dict[str, Still]:
    """The nodes that the letters in an expression stand for: a formula of the operation that made `node`."""
    primitive: Any = node.primitive
    places = _places(len(node.parents), primitive.bilinear)
    found: dict[str, Still] = {}
    waiting = [x]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Symbol):
            waiting += part.operands
            if part.primitive is None and part.name == "y":
                found["y"] = node
            elif part.primitive is None and part.name in places:
                found[part.name] = node.parents[places[part.name]]
    return found


def partials(primitive: Primitive, arity: int, params: Mapping[str, Any]) -> Sequence[Expression] | None:
    """∂y/∂operand for each operand of an operation on single numbers; None for one that is not differentiable.

    None for all of them when the rule cannot be read as a formula.

    >>> from autograd import multiply, tanh
    >>> [str(p) for p in partials(multiply, 2, {})], partials(tanh, 1, {})[0].pretty()
    (['b', 'a'], '1 − y²')
    """
    try:
        return _partials(primitive, arity, tuple(sorted(params.items())))
    except TypeError:  # a parameter that cannot be hashed
        return _read(primitive, arity, params)


@lru_cache(maxsize=4096)
def _partials(primitive: Primitive, arity: int, params: tuple[tuple[str, Any], ...]) -> Sequence[Expression] | None:
    return _read(primitive, arity, dict(params))


def _read(primitive: Primitive, arity: int, params: Mapping[str, Any]) -> Sequence[Expression] | None:
    names = letters(primitive, arity, params)
    try:
        if primitive.partials:
            found: Sequence[Any] = [formula(primitive, slot, *names, **params) for slot in range(arity)]
        else:
            found = primitive.pull(1.0, Symbol("y"), list(map(Symbol, names)), [True] * arity, params)
    except Exception:  # a rule that branches on its operands, or asks for their shape: each fails in its own way
        return None
    if not all(p is None or isinstance(p, Symbol | int | float) for p in found):
        return None
    return [tidy(p) for p in found]


def expression(node: Still) -> Any:
    """The operation that made a node, as an expression in its operands."""
    primitive: Any = node.primitive
    operands = list(map(Symbol, letters(primitive, len(node.parents), node.params)))
    if primitive.bilinear:
        n = len(operands) // 2
        terms = [*map(mul, operands[:n], operands[n : 2 * n]), *operands[2 * n :]]
        return total(*terms)
    return tidy(READINGS[SYMBOL](primitive, operands, _settings(node.params)))


def contribution(node: Still, slot: int) -> Symbol | None:
    """What an operation on arrays sends to one operand, as an expression in `UPSTREAM`, y and the operands.

    The rule is run on Tensors, and what it records is read. None when that is too long to be read.
    """
    primitive: Any = node.primitive
    names = letters(primitive, len(node.parents), node.params)
    y, *operands = (_probe(x) for x in (node, *node.parents))
    g = _probe(node, np.broadcast_to(np.ones((), np.asarray(node.data).dtype), np.shape(node.data)))
    wanted = [i == slot for i in range(len(operands))]
    try:
        with enable_grad(), np.errstate(all="ignore"):
            found = primitive.pull(g, y, operands, wanted, node.params)[slot]
    except Exception:  # a rule of the user's for bare arrays
        return None
    if not isinstance(found, Node) or len(topological_order([found], constants=True)) > LONGEST:
        return None
    named = {g: UPSTREAM, y: Symbol("y"), **dict(zip(operands, map(Symbol, names)))}
    read = _symbolic(_plainer(found, False), named)
    return tidy(read) if isinstance(read, Symbol) else None


def _probe(node: Still, data: Any = None) -> Node:
    data = node.data if data is None else data
    probe: Node = tensor_constant(data) if node.is_array else value_constant(data)
    if not node.is_array or probe.data.dtype.kind == "f":
        probe.primitive = LEAF
    return probe


def _symbolic(node: Node, named: Mapping[Node, Symbol]) -> Any:
    """A recorded expression as a symbol, read down to the nodes that have a name."""
    if node in named:
        return named[node]
    primitive: Any = node.primitive
    if primitive is None or not node.parents:
        for other, name in named.items():
            if other.data is node.data:
                return name
        return _constant(node.data)
    parents = [_plainer(parent, primitive.broadcasts) for parent in node.parents]
    return READINGS[SYMBOL](primitive, [_symbolic(parent, named) for parent in parents], _settings(node.params))


def _plainer(node: Node, broadcasts: bool) -> Node:
    """An operand before it was brought to the shape and dtype of the others, or to the shape that it had."""
    while node.primitive is not None and node.primitive.name in ("broadcast_to", "astype", "reshape"):
        (inner,) = node.parents
        same = np.shape(inner.data) == np.shape(node.data)
        if not (same or (broadcasts and node.primitive.name != "reshape")):
            break
        node = inner
    return node


def _constant(x: Any) -> Any:
    """A constant that a rule has made: a number, when all its elements are one, or a word for it."""
    x = np.asarray(x)
    if x.size and np.all(x == x.flat[0]):
        return x.flat[0].item()
    if x.ndim and np.all((x == 0) | (x == 1)) and np.all(x.sum(-1) == 1):
        return Symbol("one_hot")
    return Symbol("array")


def _settings(params: Mapping[str, Any]) -> dict[str, Any]:
    """Static parameters as they are written in an expression: names, the texts of which are written as they are."""

    def written(key: str, x: Any) -> Any:
        if key == "index":
            return Symbol(settings("", {key: x}))
        return x if isinstance(x, int | float) else Symbol(setting(x))

    return {
        key: written(key, x)
        for key, x in params.items()
        if isinstance(x, SIMPLE) and x is not False and key != "keepdims"
    }


# Tidying


def tidy(x: Any) -> Any:
    """The same expression, shorter: factors gathered to powers, signs in front, factors of 1 dropped.

    >>> y = Symbol("y")
    >>> [tidy(e).pretty() for e in (1 - y * y, -y * y, 1 / (3.0 * y * y), 1.0 * y)]
    ['1 − y²', '−y²', '1 / (3 × y²)', 'y']
    """
    if not isinstance(x, Symbol) or x.primitive is None:
        return x
    operands = [tidy(operand) for operand in x.operands]
    name = x.primitive.name
    if name == "reciprocal":
        return 1 / operands[0]
    if name == "where" and not isinstance(operands[0], Symbol):
        return operands[1] if operands[0] else operands[2]
    if name in ("multiply", "negative", "square", "power_of"):
        return _product(*_factors(name, operands, x.params))
    return READINGS[SYMBOL](x.primitive, operands, dict(x.params))


Factors = tuple[float, dict[str, tuple[Any, Any]]]  # a number, and for the text of each base the base and its exponent


def _factors(name: str, operands: Sequence[Any], params: Mapping[str, Any]) -> Factors:
    """The factors of a product, a power or a negative whose operands are tidy."""
    if name == "negative":
        number, powers = _factors_of(operands[0])
        return -number, powers
    if name in ("square", "power_of"):
        n = params.get("n", 2)
        return 1, {str(operands[0]): (operands[0], n)}
    (a, powers), (b, others) = map(_factors_of, operands)
    powers = dict(powers)
    for text, (base, n) in others.items():
        powers[text] = base, powers[text][1] + n if text in powers else n
    return a * b, powers


def _factors_of(x: Any) -> Factors:
    if not isinstance(x, Symbol):
        return (x, {}) if isinstance(x, int | float) else (1, {str(x): (x, 1)})
    name = x.primitive.name if x.primitive is not None else ""
    if name in ("multiply", "negative", "power_of"):
        return _factors(name, x.operands, x.params)
    return 1, {str(x): (x, 1)}


def _product(number: float, powers: Mapping[str, tuple[Any, Any]]) -> Any:
    parts = [base if n == 1 else base**n for base, n in powers.values() if n != 0]
    if not parts:
        return number
    found = reduce(mul, parts if abs(number) == 1 else [number, *parts])
    return -found if number == -1 else found


def settle(x: Any, numbers: Mapping[str, float]) -> Any:
    """The same expression with `where(condition, a, b)` replaced by the branch that these numbers take."""
    if not isinstance(x, Symbol) or x.primitive is None:
        return x
    if x.primitive.name == "where":
        condition = x.operands[0]
        holds = condition.evaluate(**numbers) if isinstance(condition, Symbol) else condition
        return settle(x.operands[1] if holds else x.operands[2], numbers)
    return READINGS[SYMBOL](x.primitive, [settle(operand, numbers) for operand in x.operands], dict(x.params))


# Trees: expressions as data, for programs that are not written in Python


def trees(node: Still) -> dict[str, Any] | None:
    """How an operation on single numbers is computed, and its partials, as nested lists; None if it cannot be read.

    A tree is a number, `"y"` (the result), `"a0"`, `"a1"`, ... (the operands), or a list: the name of a primitive,
    trees for its operands and, behind them, its static parameters.

    >>> from autograd import Value, tanh
    >>> from autograd.step.still import stills
    >>> x = Value(0.5); y = tanh(x)
    >>> trees(stills([x, y])[y])
    {'value': ['tanh', 'a0'], 'partials': [['subtract', 1, ['power_of', 'y', 2]]]}
    """
    primitive: Any = node.primitive
    slopes = partials(primitive, len(node.parents), node.params)
    if slopes is None:
        return None
    places = {letter: f"a{slot}" for slot, letter in enumerate(letters(primitive, len(node.parents), node.params))}
    return {"value": _tree(expression(node), places), "partials": [_tree(slope, places) for slope in slopes]}


def _tree(x: Any, places: Mapping[str, str]) -> Any:
    if not isinstance(x, Symbol):
        return x
    if x.primitive is None:
        return places.get(x.name, x.name)
    parts = [_tree(operand, places) for operand in (*x.operands, *x.params.values())]
    return _sum(parts) if x.primitive is total else [x.primitive.name, *parts]


def _sum(parts: list[Any]) -> Any:
    """A sum as sums of two, in as few floors as can be: pages compute trees by recursion."""
    if len(parts) == 1:
        return parts[0]
    half = (len(parts) + 1) // 2
    return ["add", _sum(parts[:half]), _sum(parts[half:])]
