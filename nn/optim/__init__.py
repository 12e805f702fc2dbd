"""Optimizers: what moves the parameters against their gradients. PyTorch's names, arguments and formulas."""

from nn.optim import lr_scheduler
from nn.optim.adagrad import Adadelta, Adagrad, RMSprop
from nn.optim.adam import Adam, AdamW
from nn.optim.layerwise import LAMB, Adafactor, Muon
from nn.optim.lbfgs import LBFGS
from nn.optim.moment import Adamax, NAdam, RAdam
from nn.optim.optimizer import Optimizer
from nn.optim.sgd import ASGD, SGD
from nn.optim.sign import Lion, Rprop

__all__ = [
    "ASGD",
    "LAMB",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lion",
    "Muon",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "lr_scheduler",
]
