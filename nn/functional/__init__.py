"""Layers and losses as functions, under PyTorch's names: one file a family, and here their names."""

from nn.functional.activation import *
from nn.functional.attention import *
from nn.functional.box import *
from nn.functional.classification import *
from nn.functional.convolution import *
from nn.functional.ctc import *
from nn.functional.distance import *
from nn.functional.dropout import *
from nn.functional.embedding import *
from nn.functional.fractional import *
from nn.functional.likelihood import *
from nn.functional.linear import *
from nn.functional.margin import *
from nn.functional.normalization import *
from nn.functional.padding import *
from nn.functional.pooling import *
from nn.functional.regression import *
from nn.functional.resampling import *
from nn.functional.roi import *
from nn.functional.similarity import *
