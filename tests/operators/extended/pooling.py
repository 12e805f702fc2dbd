"""Convolution, pooling, and images made larger and smaller."""

import autograd

SAME_NAME = (
    "conv3d conv_transpose1d conv_transpose2d conv_transpose3d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool3d "
    "pixel_shuffle pixel_unshuffle channel_shuffle grid_sample max_unpool1d max_unpool2d interpolate max_pool3d "
    "adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d"
).split()


def upsample(mode, align_corners):
    def adapted(x, size=None, scale_factor=None):
        return autograd.interpolate(x, size, scale_factor, mode, align_corners)

    return adapted


ADAPTERS = {
    **{f"F.{name}": getattr(autograd, name) for name in SAME_NAME},
    "F.upsample_nearest": upsample("nearest", None),
    "F.upsample_bilinear": upsample("bilinear", True),
}
