"""Why a model says what it says: how much each number of an input has to do with one of its outputs.

| function | what it asks | cost |
|---|---|---|
| `saliency`, `input_x_gradient` | where would a small change matter? | a gradient |
| `smooth_grad` | the same, for many noisy copies of the input | `n_samples` gradients |
| `integrated_gradients` | how is the difference from a baseline made up? | `n_steps` gradients |
| `grad_cam` | which places of a convolution speak for it? | a gradient |
| `occlusion` | what if this part were not there? | a forward for each place |

>>> import nn
>>> nn.manual_seed(0)
>>> data, model = nn.datasets.digits(), nn.models.lenet_small()
>>> history = nn.fit(model, nn.CrossEntropyLoss(), data.train[:600], epochs=4, lr=0.005, progress=False)
>>> x, y = data.test[:3]
>>> shares, delta = nn.interpret.integrated_gradients(model, x, y, return_convergence_delta=True)
>>> shares.shape, bool((abs(delta) < 0.1).all())
((3, 1, 8, 8), True)
>>> places = nn.interpret.grad_cam(model, x, y, layer="3")
>>> figure = nn.interpret.picture(x, {"integrated gradients": shares, "Grad-CAM": places})

Each takes a model (a Module, or any function of a batch), a batch `x`, and a `target`: which output of each example is
meant. An index for all, one for each example, or None for the largest; of outputs (N,) or (N, 1) there is only one.
With more axes, as in segmentation, the index is that of the class, and its score is summed over all places, unless a
tuple says which place is meant. Explain the scores before a softmax: after it all others have a part in each.

The model is asked in eval mode and stays as it is. What comes back are arrays of the shape of `x`.
"""

from nn.interpret.attribution import input_x_gradient, integrated_gradients, saliency, smooth_grad
from nn.interpret.cam import grad_cam
from nn.interpret.occlusion import occlusion
from nn.interpret.picture import picture

__all__ = [
    "grad_cam",
    "input_x_gradient",
    "integrated_gradients",
    "occlusion",
    "picture",
    "saliency",
    "smooth_grad",
]
