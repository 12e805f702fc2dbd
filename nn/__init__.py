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

import typing as _typing
from importlib import import_module as _import_module

from nn import data, datasets, functional, init, metrics, models, optim, scalar, utils
from nn.activation import *
from nn.attention import *
from nn.call import *
from nn.container import *
from nn.convolution import *
from nn.dense import *
from nn.depth import *
from nn.distance import *
from nn.dropout import *
from nn.ema import *
from nn.embedding import *
from nn.hook import *
from nn.lazy import *
from nn.linear import *
from nn.loss.adaptive import *
from nn.loss.classification import *
from nn.loss.ctc import *
from nn.loss.likelihood import *
from nn.loss.margin import *
from nn.loss.regression import *
from nn.loss.similarity import *
from nn.module import *
from nn.neuron import *
from nn.normalization import *
from nn.overview import *
from nn.padding import *
from nn.parameter import *
from nn.parametrization import *
from nn.penalty import *
from nn.pooling import *
from nn.position import *
from nn.random import *
from nn.rate import *
from nn.recurrent import *
from nn.resampling import *
from nn.shape import *
from nn.storage import *
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
from nn.transformer import *

if _typing.TYPE_CHECKING:
    from nn import adversarial, interpret, privacy, pruning, quantization, search
else:
    _LATER = "adversarial interpret privacy pruning quantization search".split()

    def __getattr__(name: str) -> _typing.Any:
        """What not every program needs is read when it is asked for."""
        if name in _LATER:
            return _import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *_LATER})
