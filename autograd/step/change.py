"""Change: what if a leaf had another value? The same operations, computed anew on still copies; the user's graph stays
as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autograd.step.record import Recording
from autograd.step.still import Still


def changed(recording: Recording, values: Mapping[int, Any]) -> Recording:
    """A recording of the same graph with other values of leaves or constants, given by the numbers of their nodes.

    >>> from autograd import Value
    >>> from autograd.step.record import Recording
    >>> a = Value(3.0, label="a")
    >>> other = changed(Recording(a * a), {0: 5.0})
    >>> other.root.data, other.event(len(other) - 1).after, a.data
    (25.0, 10.0, 3.0)

    Errors: those of the operations. Cost: a forward pass.
    """
    return recording.on(_computed(recording.nodes, values))


def _computed(nodes: Iterable[Still], values: Mapping[int, Any]) -> list[Still]:
    found: list[Still] = []
    for old in nodes:
        still = Still.__new__(Still)
        still.number, still.original, still.primitive = old.number, old.original, old.primitive
        still.parents = tuple([found[parent.number] for parent in old.parents])
        if old.params:
            still.params = old.params
        if old.origin:
            still.origin = old.origin
        primitive: Any = old.primitive
        x = (
            primitive(*[p.data for p in still.parents], **old.params)
            if old.parents
            else values.get(old.number, old.data)
        )
        still.data = np.asarray(x, old.data.dtype) if old.is_array else float(x)
        found.append(still)
    return found
