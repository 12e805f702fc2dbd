"""Windows: convolution and pooling."""

import autograd

SAME_NAME = "conv1d conv2d max_pool1d max_pool2d avg_pool1d avg_pool2d adaptive_avg_pool2d unfold".split()
ADAPTERS = {f"F.{name}": getattr(autograd, name) for name in SAME_NAME}
