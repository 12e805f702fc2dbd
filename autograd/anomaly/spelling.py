"""Spelling: how the user wrote the operands of an operation, read from the line that made it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from autograd.node import Node
from autograd.origin import Origin

LONGEST = 40  # letters of an operand that are repeated in an advice
_SIGNS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.FloorDiv: "//",
    ast.Mod: "%",
}


def operands(node: Node) -> Sequence[str]:
    """The texts of the operands: `p` and `q + 1` for `np.log(p)` and `p / (q + 1)`; nothing where that is not sure.

    What stands on the line must be the operation itself, not a function that calls it.
    """
    if not isinstance(node.origin, Origin) or node.primitive is None:
        return ()
    try:
        tree = ast.parse(node.origin.parts[1], mode="eval").body
    except (SyntaxError, ValueError):
        return ()
    return [_short(part) for part in _parts(tree, node)]


def _short(part: ast.expr) -> str:
    """The text of an operand, in parentheses where it needs them beside a sign; nothing when it is long."""
    text = ast.unparse(part)
    if len(text) > LONGEST:
        return ""
    return f"({text})" if isinstance(part, ast.BinOp | ast.UnaryOp | ast.Compare | ast.BoolOp | ast.IfExp) else text


def _parts(tree: ast.expr, node: Node) -> Sequence[ast.expr]:
    primitive, many = node.primitive, len(node.parents)
    assert primitive is not None
    if isinstance(tree, ast.BinOp):
        sign = _SIGNS.get(type(tree.op))
        if primitive.notation == sign and many == 2:
            return [tree.left, tree.right]
        return [tree.left] if primitive.name == "power_of" and sign == "**" else []
    if not isinstance(tree, ast.Call):
        return []
    function = tree.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name not in (primitive.name, primitive.word) or any(isinstance(x, ast.Starred) for x in tree.args):
        return []
    if len(tree.args) >= many:
        return tree.args[:many]
    return [function.value, *tree.args] if isinstance(function, ast.Attribute) and len(tree.args) == many - 1 else []
