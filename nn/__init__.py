"""Neural networks, built from the differentiable operations of `autograd` alone: no gradient is written by hand here.

>>> import autograd, nn
>>> nn.manual_seed(0)
>>> model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
>>> optimizer = nn.optim.Adam(model.parameters(), lr=0.05)
>>> x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
>>> for _ in range(200):
...     loss = nn.functional.binary_cross_entropy_with_logits(model(x), y)
...     optimizer.zero_grad()
...     loss.backward()
...     optimizer.step()
>>> (model(x) > 0).astype(int).ravel()
array([0, 1, 1, 0])
"""

from nn import functional, models, optim
from nn.activation import (
    GELU,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from nn.container import Sequential
from nn.initial import manual_seed
from nn.linear import Flatten, Identity, Linear
from nn.loss import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, MSELoss
from nn.module import Module, StateError
from nn.neuron import MLP, Layer, Neuron
from nn.parameter import Parameter

__all__ = [
    "GELU",
    "MLP",
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "Flatten",
    "Identity",
    "Layer",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "Module",
    "Neuron",
    "Parameter",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "StateError",
    "Tanh",
    "functional",
    "manual_seed",
    "models",
    "optim",
]
