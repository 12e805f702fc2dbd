"""Detection: what is in an image, and where. Faster R-CNN, in parts that can be read one by one.

| module | what it does |
|---|---|
| `anchor` | boxes of several sizes at every place |
| `match` | which box each anchor is to become, and which of them to learn from |
| `proposal` | where something is: the region proposal network |
| `pyramid` | features of an image at several sizes |
| `roi` | what it is, and where exactly: the heads |
| `rcnn` | all together |
"""
