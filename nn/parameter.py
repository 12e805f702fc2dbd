"""Parameter: a Tensor that a Module counts as its own and an optimizer moves."""

from __future__ import annotations

from typing import Any

from autograd import Tensor

__all__ = ["Parameter"]


class Parameter(Tensor):
    """A Tensor that requires grad and that a `Module` finds when it is an attribute.

    A plain Tensor in an attribute is not a parameter: it may be an input kept for later, or a table of constants.

    >>> import nn
    >>> class Scale(nn.Module):
    ...     def __init__(self):
    ...         self.factor = nn.Parameter([1.0, 2.0])
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> dict(Scale().named_parameters())
    {'factor': Parameter([1., 2.])}
    """

    __slots__ = ()

    def __init__(self, data: Any, dtype: Any = None, *, requires_grad: bool = True, label: str = "") -> None:
        super().__init__(data, dtype, requires_grad=requires_grad, label=label)

    def __repr__(self) -> str:
        return "Parameter" + super().__repr__().removeprefix("Tensor")
