"""PyTorch's side: samples of its operator database, as they are or moved, and what PyTorch answers."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest

torch: Any = pytest.importorskip("torch", reason="PyTorch is installed by hand, for comparison")

MEMORY = {"device", "layout", "memory_format", "pin_memory", "out", "generator"}
DTYPES = {torch.bool: np.bool_, torch.uint8: np.uint8} | {
    getattr(torch, name): getattr(np, name)
    for name in "int8 int16 int32 int64 float16 float32 float64 complex64 complex128".split()
}


@cache
def database() -> dict[str, list[Any]]:
    """The variants of every operator, by its name."""
    from torch.testing._internal.common_methods_invocations import op_db

    found: dict[str, list[Any]] = {}
    for info in op_db:
        found.setdefault(info.name.replace("nn.functional.", "F."), []).append(info)
    return found


# Where samples are moved to


def _scaled(size: float) -> Callable[[Any], Any]:
    def scale(x: Any) -> Any:
        top = x.abs().max() if x.numel() else 0
        return x * (size / top) if 0 < top < float("inf") else x

    return scale


MOVES: dict[str, Callable[[Any], Any]] = {
    "as given": lambda x: x,
    "ties": lambda x: x.round() + 0.0,  # and zeros, of which none is negative
    "zeros": lambda x: x * 0,
    "holes": lambda x: x * (torch.arange(x.numel()).reshape(x.shape) % 2),  # every second is 0
    "large": _scaled(2000.0),
    "far": lambda x: 2000.0 * x.sign(),
    "tiny": lambda x: x * TINY.get(x.dtype, 1.0),
}
TINY = {torch.float64: 1e-170, torch.float32: 1e-30}  # their squares vanish


@dataclass
class Sample:
    """One sample: an operator's arguments, and which of the tensors among them are differentiated."""

    info: Any
    index: int
    move: str
    seed: int
    arguments: Any  # (positional, by name)
    leaves: list[Any] = field(default_factory=list)

    @property
    def size(self) -> float:
        """How large its numbers are, roughly: what the errors of those that cancel are in proportion to."""
        if self.move == "tiny":
            return min((TINY.get(x.dtype, 1.0) for x in self.leaves), default=1.0)
        return 2000.0 if self.move in ("large", "far") else 1.0

    def __str__(self) -> str:
        variant = f".{self.info.variant_test_name}" if self.info.variant_test_name else ""
        seed = f", seed {self.seed}" if self.seed else ""
        return f"{self.info.name}{variant} #{self.index} ({self.move}{seed})"


def samples(info: Any, dtype: Any, move: str = "as given", seed: int = 0) -> Iterator[Sample]:
    """The samples of one variant of an operator."""
    kind = getattr(torch, np.dtype(dtype).name)
    if not info.supports_dtype(torch.float64, "cpu"):
        kind = torch.int64  # it asks for integers, as one_hot does
    if not info.supports_dtype(kind, "cpu"):
        return  # it is about complex numbers
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed)
    differentiable = info.supports_autograd and kind in info.supported_backward_dtypes("cpu")
    # not info.sample_inputs, which would seed anew for each sample, and takes ten times as long
    for index, given in enumerate(info.sample_inputs_func(info, "cpu", kind, requires_grad=differentiable)):
        sample = Sample(info, index, move, seed, None)
        moved: dict[int, Any] = {}

        def adopt(x: Any, sample: Sample = sample, moved: dict[int, Any] = moved) -> Any:
            if id(x) not in moved:
                moved[id(x)] = y = x.detach()
                if x.is_floating_point():
                    moved[id(x)] = y = MOVES[sample.move](y).to(x.dtype)
                    if x.requires_grad:
                        sample.leaves.append(y)
            return moved[id(x)]

        named = {name: x for name, x in given.kwargs.items() if name not in MEMORY}
        sample.arguments = rebuild(((given.input, *given.args), named), adopt)
        yield sample


def rebuild(x: Any, replace: Callable[[Any], Any]) -> Any:
    """The same containers with other tensors."""
    if isinstance(x, torch.Tensor):
        return replace(x)
    if isinstance(x, tuple | list):
        parts = [rebuild(part, replace) for part in x]
        return tuple(parts) if isinstance(x, tuple) else parts
    if isinstance(x, dict):
        return {name: rebuild(part, replace) for name, part in x.items()}
    return x


def flat(x: Any) -> list[Any]:
    """What a result holds, in order."""
    return [leaf for part in x for leaf in flat(part)] if isinstance(x, tuple | list) else [x]


# What PyTorch answers


@dataclass
class Answer:
    """What one side finds for a sample; None where it cannot."""

    values: list[Any]
    differentiable: list[bool]
    gradients: list[Any] | None = None
    second: list[Any] | None = None
    forward: list[Any] | None = None

    def cotangents(self, dtype: Any) -> list[Any]:
        """What is pulled back: one for each result that is differentiated."""
        chosen = [y.shape for y, wanted in zip(self.values, self.differentiable, strict=True) if wanted]
        return seeds(chosen, 0.5, dtype)


def seeds(shapes: list[Any], low: float, dtype: Any) -> list[Any]:
    """Repeatable cotangents (low = 0.5) or tangents (low = -1.0) of these shapes."""
    rng = np.random.default_rng(0)
    return [np.asarray(rng.uniform(low, 1.5, shape), dtype) for shape in shapes]


def ask(sample: Sample, theirs: Callable[..., Any], dtype: Any, *, precise: bool = False) -> Answer:
    """PyTorch's answer; with `precise`, to the same question in float64. Errors: whatever PyTorch raises."""

    def at(leaves: list[Any]) -> list[Any]:
        new = {id(x): y for x, y in zip(sample.leaves, leaves, strict=True)}

        def replace(x: Any) -> Any:
            x = new.get(id(x), x)
            return x.double() if precise and x.dtype == torch.float32 else x

        positional, named = rebuild(sample.arguments, replace)
        return flat(theirs(*positional, **named))

    leaves = [(x.double() if precise else x).detach().requires_grad_() for x in sample.leaves]
    out = at(leaves)
    differentiable = [isinstance(y, torch.Tensor) and y.requires_grad for y in out]
    answer = Answer([_plain(y) for y in out], differentiable)
    roots = [y for y, wanted in zip(out, differentiable, strict=True) if wanted]
    if not leaves or not roots:
        return answer
    cotangents = [torch.tensor(g).to(y.dtype) for g, y in zip(answer.cotangents(dtype), roots, strict=True)]
    tangents = [torch.tensor(t).to(x.dtype) for t, x in zip(seeds([x.shape for x in leaves], -1.0, dtype), leaves)]
    slopes = _pulled(roots, leaves, cotangents, create_graph=sample.info.supports_gradgrad)
    answer.gradients = [_plain(g) for g in slopes]
    if sample.info.supports_gradgrad:
        answer.second = _or_none(lambda: _curved(slopes, leaves, tangents))
    if sample.info.supports_forward_ad:
        answer.forward = _or_none(lambda: _pushed(at, leaves, tangents, differentiable))
    return answer


def _or_none(compute: Callable[[], Any]) -> Any:
    try:
        return compute()
    except (RuntimeError, NotImplementedError):
        return None


def _pulled(roots: Any, leaves: Any, cotangents: Any, **settings: Any) -> Any:
    return torch.autograd.grad(roots, leaves, cotangents, allow_unused=True, materialize_grads=True, **settings)


def _curved(slopes: Any, leaves: Any, tangents: Any) -> list[Any]:
    curved = [(g, t) for g, t in zip(slopes, tangents, strict=True) if g.requires_grad]
    if not curved:
        return [_plain(torch.zeros_like(x)) for x in leaves]
    return [_plain(h) for h in _pulled([g for g, _ in curved], leaves, [t for _, t in curved])]


def _pushed(at: Callable[..., Any], leaves: list[Any], tangents: list[Any], wanted: list[bool]) -> list[Any]:
    from torch.autograd import forward_ad

    with forward_ad.dual_level():
        duals = [forward_ad.make_dual(x.detach(), t) for x, t in zip(leaves, tangents, strict=True)]
        found = [forward_ad.unpack_dual(y) for y, chosen in zip(at(duals), wanted, strict=True) if chosen]
        return [_plain(torch.zeros_like(y.primal) if y.tangent is None else y.tangent) for y in found]


def _plain(x: Any) -> Any:
    if isinstance(x, torch.Tensor):
        return x.numpy(force=True).copy()
    return DTYPES.get(x, x) if isinstance(x, torch.dtype) else x
