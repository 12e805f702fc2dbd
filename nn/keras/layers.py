"""Layers by Keras's names."""

from nn.activation import LeakyReLU, ReLU, Softmax
from nn.dense import Activation, Dense, Input
from nn.dropout import Dropout
from nn.embedding import Embedding
from nn.shape import Flatten

__all__ = ["Activation", "Dense", "Dropout", "Embedding", "Flatten", "Input", "LeakyReLU", "ReLU", "Softmax"]
