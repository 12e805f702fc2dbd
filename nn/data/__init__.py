"""Data on its way to a model: datasets, loaders that shuffle and batch, splits, scaling, and augmentation of images.

>>> import nn, numpy as np
>>> nn.manual_seed(0)
>>> dataset = nn.data.ArrayDataset(np.arange(10.0).reshape(5, 2), np.array([0, 1, 0, 1, 1]))
>>> for x, y in nn.data.DataLoader(dataset, batch_size=2, shuffle=True):
...     print(x.shape, y)
(2, 2) [1 0]
(2, 2) [0 1]
(1, 2) [1]

What goes in and comes out are NumPy arrays; a batch is a tuple of them, each with the examples along its first axis.

| for | there are |
|---|---|
| data | ArrayDataset, Subset, ConcatDataset; Dataset and IterableDataset to derive from; random_split |
| batches | DataLoader; collate, pad_collate for sequences of different lengths |
| order | RandomSampler, WeightedRandomSampler, BalancedSampler for rare classes, BucketBatchSampler, and more |
| preparation | train_test_split; standardize, normalize; one_hot, encode_labels |
| images in other places | RandomHorizontalFlip, RandomVerticalFlip, RandomCrop, CenterCrop, RandomShift, Pad |
| images turned and scaled | RandomRotation, RandomAffine, RandomResizedCrop |
| images disturbed | GaussianNoise, RandomErasing, Cutout, ColorJitter |
| images mixed | MixUp, CutMix, with labels that say how much of each |
| several of these | Compose, RandomApply, Lambda, Normalize; Transform to derive from |

All chance comes from `nn`'s generator, which `nn.manual_seed` restarts, unless a `generator` is given: a seed or one of
NumPy's. A loader that was stopped anywhere continues with the very batch that was next; see DataLoader.
"""

from nn.data.batch import *
from nn.data.dataset import *
from nn.data.geometry import *
from nn.data.label import *
from nn.data.loader import *
from nn.data.mixing import *
from nn.data.noise import *
from nn.data.sampler import *
from nn.data.scaler import *
from nn.data.split import *
from nn.data.transform import *
from nn.data.warp import *
