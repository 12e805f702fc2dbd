"""The classic architectures."""

from nn.models.mlp import MLP as MLP
