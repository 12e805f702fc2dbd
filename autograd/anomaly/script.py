"""Script: a program that fails in the same way, with one operation and the elements that matter."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any
from zlib import compress

import numpy as np
from numpy import ndarray

from autograd.anomaly.finding import Finding
from autograd.anomaly.number import is_finite, nature, plain
from autograd.anomaly.shrink import shrunk
from autograd.errors import AutogradError, place
from autograd.node import Node
from autograd.primitive import REGISTRY, Primitive

INFIX = {"+", "-", "*", "/", "@", "**", "//", "%"}
LONG = 1000  # elements from which on an array is packed
# Parameters that belong to operands of just these shapes, or into which the operation writes what its derivative needs
FITTING = {"shape", "size", "sizes", "target", "labels", "hidden", "saved", "lengths", "frames", "n"}
MOST = 1_000_000  # elements from which on arrays are not made smaller by trying: it would take too long


def script(finding: Finding, title: str) -> str:
    """The text of the program, with a title. Errors: AutogradError for an operation that cannot be written down."""
    if finding.where == "backward" and finding.slot is None:
        return _sum(finding, title)
    node = finding.node if finding.node.parents else _user(finding)
    operands, g = _reduced(finding, node)
    scalar = type(node.data) is float
    lines = [f'"""{title}"""', "", "import numpy as np", ""]
    lines += ["import autograd", *_imports(node), ""]
    lines += [f"x{i} = {_operand(parent, x, scalar)}" for i, (parent, x) in enumerate(zip(node.parents, operands))]
    call = _call(node, [f"x{i}" for i in range(len(operands))])
    lines.append('with np.errstate(all="ignore"), autograd.detect_anomaly():')
    if finding.where == "tangent":
        names = ", ".join(f"x{i}" for i in range(len(operands)))
        tangents = ", ".join(_tangent(x, t) for x, t in zip(operands, g, strict=True))
        lines.append(f"    autograd.jvp(lambda {names}: {call}, ({names},), ({tangents},))")
        return _joined(lines)
    lines.append(f"    y = {call}")
    if finding.where == "stale":
        lines.append(f"    x{finding.slot}.data += 1.0  # too late: the gradient of y needs what it was")
        lines.append("    y.backward()" if scalar else "    y.sum().backward()")
    elif finding.where == "backward" and _is_finite_result(node, operands):
        lines.append(f"    y.backward({_literal(g, scalar)})")
    elif finding.where == "backward":
        kept = "autograd.where(np.isfinite(y.data), y, 0.0)"
        lines.append(f"    loss = {kept} * {_literal(g, scalar)}  # what is not finite is masked, as in the program")
        lines.append("    loss.backward()" if scalar else "    loss.sum().backward()")
    return _joined(lines)


def _joined(lines: list[str]) -> str:
    """The program, with what its packed arrays need."""
    if any("b64decode" in line for line in lines):
        at = lines.index("import numpy as np")
        lines[at:at] = ["from base64 import b64decode", "from zlib import decompress", ""]
    return "\n".join(lines) + "\n"


def _sum(finding: Finding, title: str) -> str:
    """A program in which the same gradients arrive at one leaf."""
    parts = [g for g in map(plain, finding.given) if g is not None]
    numbers = [_literal(_picked(g, finding.index), False) for g in parts]
    start = np.zeros(1, parts[0].dtype)
    return "\n".join(
        [
            f'"""{title}"""',
            "",
            "import numpy as np",
            "",
            "import autograd",
            "",
            f"x = autograd.Tensor({_literal(start, False)})",
            'with np.errstate(all="ignore"), autograd.detect_anomaly():',
            f"    y = {' + '.join(f'x * {number}' for number in numbers)}",
            "    y.sum().backward()",
            "",
        ]
    )


def _user(finding: Finding) -> Node:
    """The first operation that a bad leaf met."""
    if len(finding.path) < 2:
        raise AutogradError(f"nothing was computed from it: there is no operation to show.{place()}")
    return finding.path[1]


def _reduced(finding: Finding, node: Node) -> tuple[list[ndarray], Any]:
    """The operands, made small, and what belongs to them of the gradient (or of the tangents)."""
    operands = [_array(parent) for parent in node.parents]
    if finding.where == "tangent":
        return operands, [plain(t) for t in finding.given]
    if finding.where == "stale":
        return operands, None
    g = plain(finding.given) if finding.where == "backward" else None
    if finding.element and node is finding.node:
        one = [_picked(x, finding.index) for x in operands]
        return one, None if g is None else _picked(g, finding.index)
    if not FITTING.isdisjoint(node.params) or sum(x.size for x in operands) > MOST:
        return operands, g
    if g is None:
        return shrunk(operands, lambda xs: _is_as_bad(node, xs, finding.nature)), None
    slot = finding.slot
    assert slot is not None
    *operands, g = shrunk([*operands, g], lambda xs: _sends(node, xs[:-1], xs[-1], slot, finding.nature))
    return operands, g


def _picked(x: ndarray, index: tuple[int, ...]) -> ndarray:
    return x[tuple(slice(i, i + 1) for i in index)].reshape(-1) if x.ndim else x


def _is_as_bad(node: Node, operands: Sequence[Any], wanted: str) -> bool:
    return nature(_computed(node, operands)) == wanted


def _sends(node: Node, operands: Sequence[Any], g: ndarray, slot: int, wanted: str) -> bool:
    y = _computed(node, operands)
    if np.shape(y) != g.shape:
        return False
    asked = [i == slot for i in range(len(operands))]
    with np.errstate(all="ignore"):
        sent = node.primitive.pull(g, y, operands, asked, node.params)[slot]  # type: ignore[union-attr]
    return np.shape(sent) == operands[slot].shape and nature(sent) == wanted


def _computed(node: Node, operands: Sequence[Any]) -> ndarray:
    with np.errstate(all="ignore"):
        return np.asarray(node.primitive.on_array(*operands, **node.params))  # type: ignore[union-attr]


def _is_finite_result(node: Node, operands: Sequence[Any]) -> bool:
    return is_finite(node) or ("saved" not in node.params and is_finite(_computed(node, operands)))


# As text


def _imports(node: Node) -> list[str]:
    primitive = _primitive(node)
    if primitive.name in REGISTRY:
        return []
    module, path = getattr(primitive, "place", ("", ""))
    if not module or "<locals>" in path or module == "__main__":
        raise AutogradError(
            f"{primitive.name} is a function of your own that cannot be imported, so no program can call it.{place()}\n"
            "  Put it into a module of its own, outside of other functions."
        )
    return [f"from {module} import {path.partition('.')[0]}"]


def _primitive(node: Node) -> Primitive:
    assert node.primitive is not None
    return node.primitive


def _call(node: Node, names: list[str]) -> str:
    """The operation as one would write it."""
    primitive = _primitive(node)
    if primitive.notation in INFIX and len(names) == 2:
        return f"{names[0]} {primitive.notation} {names[1]}"
    if primitive.name == "power_of":
        return f"{names[0]} ** {_text(node.params['n'])}"
    context = node.params.get("ctx")  # of a Function, between whose operands there may be something else
    if context is not None:
        args = [x if type(x) is _Name else _text(x) for x in context.layout.fill(map(_Name, names))]
        return f"{_spelt(primitive).removesuffix('.forward')}.apply({', '.join(args)})"
    params = {key: [] if key == "saved" and value else value for key, value in node.params.items()}
    return f"{_spelt(primitive)}({', '.join([*names, *(f'{key}={_text(value)}' for key, value in params.items())])})"


class _Name(str):
    """The name of an operand, told apart from a text among the arguments."""

    __slots__ = ()


def _spelt(primitive: Primitive) -> str:
    import autograd  # its names, for what it is called outside

    if primitive.name not in REGISTRY:
        return str(primitive.place[1])  # type: ignore[attr-defined]  # those of the user's have one
    if getattr(autograd, primitive.name, None) is primitive:
        return f"autograd.{primitive.name}"
    return f"autograd.REGISTRY[{primitive.name!r}]"


def _array(node: Node) -> ndarray:
    found = plain(node)
    if found is None:
        raise AutogradError(f"an operand is no array, and cannot be written down.{place()}")
    return found


def _operand(node: Node, x: ndarray, scalar: bool) -> str:
    text = _literal(x, scalar or not x.ndim)
    if node.primitive is None and type(node.data) is not float:
        return _literal(x, False)
    if node.parents and not is_finite(x):  # an infinity that came in with a constant, further back
        finite, rest = np.where(np.isinf(x), 0, x).astype(x.dtype), np.where(np.isinf(x), x, 0).astype(x.dtype)
        kind = "Value" if type(node.data) is float else "Tensor"
        return f"autograd.{kind}({_literal(finite, kind == 'Value')}) + {_literal(rest, kind == 'Value')}"
    if type(node.data) is float:
        return text if node.primitive is None else f"autograd.Value({text})"
    return f"autograd.Tensor({_literal(x, False)})"


def _tangent(x: ndarray, t: ndarray | None) -> str:
    return _literal(np.zeros_like(x) if t is None else t, False)


def _literal(x: Any, scalar: bool) -> str:
    """A number or array that evaluates to the same bits."""
    array = np.asarray(x)
    if scalar and array.size == 1:
        return _text(array.item())
    dtype = "" if array.dtype == float and array.size else f", dtype={str(array.dtype)!r}"
    if array.size > 8 and (array == array.flat[0]).all():
        return f"np.full({array.shape}, {_text(array.flat[0].item())}{dtype})"
    if array.size > LONG:
        packed = b64encode(compress(np.ascontiguousarray(array).tobytes())).decode()
        return f"np.frombuffer(decompress(b64decode({packed!r})), {str(array.dtype)!r}).reshape({array.shape})"
    return f"np.array({_text(array.tolist())}{dtype}){'' if array.size else f'.reshape{array.shape}'}"


def _text(x: Any) -> str:
    """A static parameter or number as Python."""
    if isinstance(x, float):
        if x != x:
            return "np.nan"
        return repr(x) if abs(x) != float("inf") else "np.inf" if x > 0 else "-np.inf"
    if isinstance(x, list):
        return f"[{', '.join(map(_text, x))}]"
    if isinstance(x, tuple):
        return f"({', '.join(map(_text, x))}{',' * (len(x) == 1)})"
    if isinstance(x, dict):
        return "{" + ", ".join(f"{key!r}: {_text(value)}" for key, value in x.items()) + "}"
    if isinstance(x, ndarray):
        return _literal(x, False)
    if isinstance(x, np.generic):
        return f"np.{x.dtype}({_text(x.item())})"
    if isinstance(x, np.dtype):
        return f"np.dtype({str(x)!r})"
    if isinstance(x, bool | int | str | slice | type(...)) or x is None:
        return repr(x)
    raise AutogradError(f"a parameter of the operation cannot be written down: {x!r}.{place()}")
