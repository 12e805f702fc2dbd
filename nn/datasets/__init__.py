"""Data to learn from: each function gives a `Data` with `.train` and `.test`, and says where it comes from.

>>> import nn
>>> digits = nn.datasets.digits()
>>> digits.train
ArrayDataset((1437, 1, 8, 8) float32, (1437,) int64)
"""

from nn.datasets.data import *
from nn.datasets.digits import *
