"""Finding: one thing that is wrong with a network, as data."""

from __future__ import annotations

from dataclasses import dataclass

SEVERE, WARNING, NOTE = "severe", "warning", "note"
ORDER = (SEVERE, WARNING, NOTE)


@dataclass(frozen=True)
class Finding:
    """What was found in one layer.

    | attribute | what it is |
    |---|---|
    | `kind` | a stable name: `"dead relu"`, `"saturated units"`, `"vanishing gradient"`, `"exploding gradient"`, ... |
    | `severity` | `"severe"`: it will not learn so; `"warning"`: it will learn badly; `"note"`: it may be meant so |
    | `layer` | the layer to mend, as its parameters are called; several are joined by commas |
    | `operation` | the operation that is to blame, `relu`, where it is one |
    | `measured` | what was measured, in words, and `figure`, the number behind it |
    | `why` | why it happens |
    | `advice` | what people do about it |
    | `place` | the user's line, `train.py:12: h = relu(x @ W)`; nothing where it is not known |
    """

    kind: str
    severity: str
    layer: str
    measured: str
    figure: float
    why: str
    advice: str
    operation: str = ""
    place: str = ""
