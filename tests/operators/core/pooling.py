"""Windows: convolution and pooling."""

from nn import functional


def averaged(function):
    """To PyTorch no stride is the kernel's own one, too."""
    return lambda x, kernel_size, stride=None, *args, **how: function(x, kernel_size, stride or None, *args, **how)


SAME_NAME = "conv1d conv2d max_pool1d max_pool2d adaptive_avg_pool2d unfold".split()
ADAPTERS = {
    **{f"F.{name}": getattr(functional, name) for name in SAME_NAME},
    "F.avg_pool1d": averaged(functional.avg_pool1d),
    "F.avg_pool2d": averaged(functional.avg_pool2d),
}
