"""HIPS autograd's name for what a function under differentiation receives: here it is a Value or a Tensor."""

from autograd.node import Node as ArrayBox

__all__ = ["ArrayBox"]
