"""Keras's names: its programs run with `from nn import keras` in the place of `from tensorflow import keras`.

| there | here |
|---|---|
| `from tensorflow import keras` | `from nn import keras` |
| `from tensorflow.keras.models import Sequential` | `from nn.keras.models import Sequential` |
| `from tensorflow.keras.layers import Dense` | `from nn.keras.layers import Dense` |
| `from tensorflow.keras.datasets import mnist` | `from nn.keras.datasets import mnist` |

It is `nn.Sequential`, `nn.Dense` and so on that these are, nothing of its own, and not all of Keras: what its
introductions use. Images and their layers are channels-first here, (N, C, H, W).

>>> from nn import keras
>>> model = keras.Sequential([
...     keras.layers.Dense(64, activation="relu", input_shape=(784,)),
...     keras.layers.Dense(64, activation="relu"),
...     keras.layers.Dense(10, activation="softmax"),
... ])
>>> model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
>>> model.summary()
module       output shape  parameters   FLOPs
...
55,050 parameters, 215 KiB
...
"""

from nn.dense import Input as Input
from nn.keras import callbacks, datasets, layers, losses, models, optimizers, utils
from nn.keras.models import Model as Model
from nn.keras.models import Sequential as Sequential

__all__ = ["Input", "Model", "Sequential", "callbacks", "datasets", "layers", "losses", "models", "optimizers", "utils"]
