"""Optimizers: what moves the parameters against their gradients. PyTorch's names, arguments and formulas.

All of PyTorch's are here but SparseAdam, for gradients that autograd does not have; LAMB and Lion are there besides.
Each parameter follows the path that it takes in PyTorch, Muon's in higher precision (see there).

| for | take |
|---|---|
| nearly everything | AdamW, or Adam |
| images, with some patience | SGD with momentum |
| the hidden layers of large networks | Muon, with AdamW for the rest |
| very large batches | LAMB |
| little memory | Lion, Adafactor |
| few parameters and a loss without noise | LBFGS |
| all data in each step | Rprop, LBFGS |
| features that are seldom present | Adagrad |

How large the learning rate should be is answered by `nn.range_test`, and `lr_scheduler` changes it during training.
"""

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
