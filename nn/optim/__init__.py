"""Optimizers: what moves the parameters against their gradients. PyTorch's names, arguments and formulas."""

from nn.optim.adam import Adam, AdamW
from nn.optim.optimizer import Optimizer
from nn.optim.sgd import ASGD, SGD

__all__ = ["ASGD", "SGD", "Adam", "AdamW", "Optimizer"]
