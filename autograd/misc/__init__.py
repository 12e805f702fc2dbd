"""HIPS autograd's tools: flat vectors of parameters, optimizers, fixed points, traces of a computation."""

from autograd.misc.flatten import flatten
from autograd.misc.tracers import const_graph, full_graph

__all__ = ["const_graph", "flatten", "full_graph"]
