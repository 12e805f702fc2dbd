"""Metrics: how good a model is, in figures that people understand.

Each is a function of arrays, `nn.metrics.accuracy(output, target)`, and a class that gathers batch by batch and comes
to the same figure: `Accuracy()`. As for losses, what the model gives comes first, and what it should give second.

| of | metrics |
|---|---|
| classes | `accuracy`, `top_k_accuracy`, `precision`, `recall`, `f1_score`, `confusion_matrix` |
| scores of classes | `roc_auc`, `roc_curve`, `average_precision` |
| numbers | `mse`, `mae`, `rmse`, `r2_score` |
| words | `perplexity` |
| masks and boxes | `iou`, `box_iou`, `mean_average_precision` |

>>> import nn
>>> gathered = nn.metrics.F1(average="macro")
>>> for output, target in [([2, 0], [2, 0]), ([1, 1], [1, 0])]:
...     gathered.update(output, target)
>>> gathered.compute() == nn.metrics.f1_score([2, 0, 1, 1], [2, 0, 1, 0], average="macro")
True
"""

from nn.metrics.accuracy import *
from nn.metrics.confusion import *
from nn.metrics.detection import *
from nn.metrics.language import *
from nn.metrics.metric import *
from nn.metrics.overlap import *
from nn.metrics.ranking import *
from nn.metrics.registry import *
from nn.metrics.regression import *
