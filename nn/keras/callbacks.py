"""Callbacks by Keras's names: those of `nn`, which know the trainer instead of a dict of logs."""

from nn.training.callback import Callback
from nn.training.early_stopping import EarlyStopping
from nn.training.log import CSVLogger
from nn.training.tensorboard import TensorBoard

__all__ = ["CSVLogger", "Callback", "EarlyStopping", "TensorBoard"]
