"""Training: `nn.fit`, what may be called back on the way, and what remains of it, a History.

>>> import nn, numpy as np
>>> nn.manual_seed(0)
>>> x = np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)
>>> y = (x[:, 0] * x[:, 1] > 0).astype(int)
>>> model = nn.models.MLP(2, 16, 2)
>>> history = nn.fit(model, nn.CrossEntropyLoss(), (x, y), epochs=30, lr=0.02, metrics=["accuracy"], progress=False)
>>> history.best["accuracy"] > 0.95
True
"""

from nn.training.average import *
from nn.training.callback import *
from nn.training.checkpoint import *
from nn.training.early_stopping import *
from nn.training.evaluate import *
from nn.training.fit import *
from nn.training.guard import *
from nn.training.health import *
from nn.training.history import *
from nn.training.live_plot import *
from nn.training.log import *
from nn.training.rate import *
from nn.training.tensorboard import *
