"""Outline: the chain rule of a large graph as a product of Jacobians: of its modules, or of the stretches between the
nodes that all paths go through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.chain.block import Block, blocks_of
from autograd.chain.wording import Section, array, equal, partial, scalar, shape, tex, total
from autograd.node import Node
from autograd.sweep import contributions

PATHS = 2  # through the parts are written as a sum; of more there is a line for each part
SHOWN = 12  # lines, or factors
ACROSS = 6  # Jacobians side by side


def outline(
    order: Sequence[Node],
    among: Sequence[Node],
    names: Mapping[Node, str],
    variables: Mapping[str, Any],
    gradient: Mapping[Node, Any],
) -> list[Section]:
    """What is written about ∂y/∂x; `order` has all nodes, `among` those from x to y, `gradient` those of y by them."""
    blocks = blocks_of(order, among, names, variables)
    if blocks is None:
        return _by_narrows(among, names, gradient)
    return _by_blocks(among, names, gradient, blocks)


# By modules


def _by_blocks(
    among: Sequence[Node], names: Mapping[Node, str], gradient: Mapping[Node, Any], blocks: Sequence[Block]
) -> list[Section]:
    x, y, last = among[0], tex(names[among[-1]]), len(blocks) - 1
    words = {i: tex(block.name) for i, block in enumerate(blocks)} | {-1: tex(names[x])}
    partials = {i: partial(y, word) for i, word in words.items()}

    def jacobian(i: int, j: int) -> str:
        """J of part i, with respect to what comes from part j, over its shape."""
        of = words[i] if len(blocks[i].takes) == 1 and j >= 0 else rf"{words[i]},\,{words[j]}"
        sizes = rf"{_sizes(blocks[i].gives)}\,\leftarrow\,{_sizes(blocks[j].gives if j >= 0 else [x])}"
        return rf"\underset{{{sizes}}}{{J_{{{of}}}}}"

    forward = [
        (words[i], rf"= {tex(block.kind)}\left({given}\right) \quad {_sizes(block.gives)}")
        for i, block in enumerate(blocks)
        for given in [r",\ ".join(words[j] for j in block.takes)]
    ]
    paths = _paths(blocks)
    chain: list[tuple[str, str]] = []
    if len(paths) <= PATHS:
        for path in paths:
            factors = [jacobian(i, j) for i, j in path]
            for k in range(0, len(factors), ACROSS):
                sign = r"\cdot" if k else "+" if chain else "="
                chain.append(
                    ("" if chain else partials[-1], " ".join([sign, r" \cdot ".join(factors[k : k + ACROSS])]))
                )
    else:
        for j in range(last - 1, -2, -1):
            users = [i for i, block in enumerate(blocks) if j in block.takes]
            terms = [("" if i == last else partials[i] + r"\,") + jacobian(i, j) for i in users]
            chain.append(equal(partials[j], total(terms)))
    chain.append(("", f"= {array(gradient[x])}"))
    arriving = [
        equal(rf"\left\lVert {partials[i]} \right\rVert", scalar(_length([gradient[n] for n in blocks[i].gives])))
        for i in range(last - 1, -1, -1)
    ]
    return [Section(*s) for s in (("Forward", forward), ("Chain rule", chain), ("What arrives", arriving))]


def _paths(blocks: Sequence[Block]) -> list[list[tuple[int, int]]]:
    """Ways from the last part to x, as pairs of a part and the one before it: one more than are shown, at most."""
    last = len(blocks) - 1
    found: list[list[tuple[int, int]]] = []
    waiting: list[list[tuple[int, int]]] = [[(last, j)] for j in blocks[last].takes]
    while waiting and len(found) <= PATHS:
        path = waiting.pop(0)
        i = path[-1][1]
        if i == -1:
            found.append(path)
        else:
            waiting += [[*path, (i, j)] for j in blocks[i].takes]
    return found


def _sizes(nodes: Sequence[Node]) -> str:
    """The shapes of what a part gives; of single numbers how many there are."""
    if len(nodes) > 1 and all(np.ndim(node.data) == 0 for node in nodes):
        return rf"({len(nodes)})"
    return r",".join(rf"({shape(np.shape(node.data))})" for node in nodes[:3]) + (r",\ldots" if len(nodes) > 3 else "")


def _length(gradients: Sequence[Any]) -> float:
    return float(np.sqrt(sum(float(np.sum(np.square(g, dtype=float))) for g in gradients)))


# By the nodes that all paths go through


def _by_narrows(among: Sequence[Node], names: Mapping[Node, str], gradient: Mapping[Node, Any]) -> list[Section]:
    x = among[0]
    cuts = narrows(among)
    words = [tex(names[node]) for node in cuts]
    steps = [(partial(words[i + 1], words[i]), cuts[i + 1], cuts[i]) for i in reversed(range(len(cuts) - 1))]
    head = partial(words[-1], words[0])
    factors = [step[0] for step in steps]
    if len(factors) > SHOWN:
        factors = [*factors[:5], r"\cdots", *factors[-5:]]
    chain = [equal(head, *([r"\;".join(factors)] if len(cuts) > 2 else []))] if len(cuts) > 2 else []
    if all(type(node.data) is float for node in cuts) and len(cuts) > 2:
        numbers = [_ratio(gradient[below], gradient[above]) for _, above, below in steps]
        numbers = numbers if len(numbers) <= SHOWN else [*numbers[:5], r"\cdots", *numbers[-5:]]
        chain.append(("", "= " + r" \cdot ".join(numbers).replace(r"\cdot \cdots \cdot", r"\cdots")))
    uses = [(node, slot) for node in among for slot, parent in enumerate(node.parents) if parent is x]
    terms = sorted(((_sent(n, slot, gradient[n]), tex(names[n])) for n, slot in uses), key=lambda t: -_length([t[0]]))
    spread = []
    if len(terms) > 1:
        shown = terms if len(terms) <= SHOWN else terms[: SHOWN - 1]
        spread = [equal(rf"{partial(words[-1], via)}\;{partial(via, words[0])}", array(sent)) for sent, via in shown]
        if len(terms) > len(shown):
            rest = sum((sent for sent, _ in terms[len(shown) :]), 0.0 * gradient[x])
            spread.append(equal(rf"\text{{{len(terms) - len(shown):,} more}}", array(rest)))
    value = [equal(head, array(gradient[x]))]
    return [Section(*s) for s in (("Chain rule", chain), ("Its terms", spread), ("Value", value))]


def narrows(among: Sequence[Node]) -> list[Node]:
    """The nodes that all paths from the first to the last go through, these two included."""
    place = {node: i for i, node in enumerate(among)}
    furthest, found = 0, []
    reach = [0] * len(among)
    for node in among:
        for parent in node.parents:
            if parent in place:
                reach[place[parent]] = max(reach[place[parent]], place[node])
    for i, node in enumerate(among):
        if furthest <= i:
            found.append(node)
        furthest = max(furthest, reach[i])
    return found


def _sent(node: Node, slot: int, g: Any) -> Any:
    with np.errstate(all="ignore"):
        found = contributions(node, g, [i == slot for i in range(len(node.parents))])[slot]
    return found.dense() if hasattr(found, "dense") else found


def _ratio(below: float, above: float) -> str:
    text = scalar(below / above) if above else r"\mathrm{?}"
    return rf"\left({text}\right)" if text.startswith("-") else text
