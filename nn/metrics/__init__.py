"""Metrics: how good a model is, in figures that people understand.

Each is a function of arrays, `nn.metrics.accuracy(output, target)`, and a class that gathers batch by batch and comes
to the same figure: `Accuracy()`. As for losses, what the model gives comes first, and what it should give second.
"""

from nn.metrics.accuracy import *
from nn.metrics.metric import *
from nn.metrics.registry import *
from nn.metrics.regression import *
