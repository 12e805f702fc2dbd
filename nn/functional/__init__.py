"""Layers and losses as functions, under PyTorch's names: one file a family, and here their names."""

from nn.functional.activation import *
from nn.functional.linear import *
from nn.functional.loss import *
