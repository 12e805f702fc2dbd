"""Faster R-CNN: one network proposes where something is, another tells what (Ren, He, Girshick and Sun, 2015)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from autograd import OperandError, ShapeError
from nn.activation import ReLU
from nn.container import Sequential
from nn.convolution import Conv2d
from nn.models.detection.anchor import AnchorGenerator
from nn.models.detection.proposal import RegionProposalNetwork, RPNHead
from nn.models.detection.pyramid import BackboneWithFPN, FrozenBatchNorm2d
from nn.models.detection.roi import FastRCNNPredictor, MultiScaleRoIAlign, RoIHeads, TwoMLPHead
from nn.models.resnet import resnet50
from nn.module import Module
from nn.normalization import BatchNorm2d
from nn.pooling import MaxPool2d

__all__ = ["FasterRCNN", "fasterrcnn_resnet50_fpn", "rcnn_small"]

Target = Mapping[str, Any]
IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class FasterRCNN(Module):
    """Images (N, C, H, W), from 0 to 1, to the things in them: Ren, He, Girshick and Sun, 2015.

    Its history: R-CNN (Girshick et al., 2013) ran a network on each of 2,000 regions; Fast R-CNN (2015) ran it once on
    the image and pooled the regions from its features; here the regions come from these features, too.

    - while training, `model(images, targets)` gives four losses by name, to be added up (`model.loss` does that);
    - after `eval()`, `model(images)` gives a dict for each image: "boxes" (L, 4), x1, y1, x2, y2 in pixels, "labels"
      (L,) from 1, and "scores" (L,), the best first.

    `targets` has a dict for each image, {"boxes": (L, 4), "labels": (L,)}, where L may be 0. Class 0 is what is
    nothing, so `num_classes` is one more than there are kinds of things. `backbone` makes of images a list of features,
    finest first, with `out_channels` channels each; proposals read all, the heads all but the last when there are
    several. Images are normalised by `image_mean` and `image_std`, and must be brought to a size that suits before.
    """

    def __init__(
        self,
        backbone: Module,
        num_classes: int,
        *,
        anchor_generator: AnchorGenerator,
        image_mean: Sequence[float] = IMAGENET[0],
        image_std: Sequence[float] = IMAGENET[1],
        roi_size: int = 7,
        representation_size: int = 1024,
        rpn: Mapping[str, Any] | None = None,
        roi_heads: Mapping[str, Any] | None = None,
    ) -> None:
        channels: Any = getattr(backbone, "out_channels", None)
        if channels is None:
            raise OperandError("FasterRCNN: the backbone must say how many channels it gives, as `out_channels`.")
        if len(set(anchor_generator.number)) != 1:
            raise ShapeError(f"FasterRCNN: as many anchors at each level, and not {anchor_generator.number}.")
        self.image_mean = np.asarray(image_mean, np.float32)[:, None, None]
        self.image_std = np.asarray(image_std, np.float32)[:, None, None]
        self.backbone = backbone
        self.rpn = RegionProposalNetwork(anchor_generator, RPNHead(channels, anchor_generator.number[0]), **(rpn or {}))
        self.roi_heads = RoIHeads(
            MultiScaleRoIAlign(roi_size),
            TwoMLPHead(channels * roi_size**2, representation_size),
            FastRCNNPredictor(representation_size, num_classes),
            **(roi_heads or {}),
        )

    def forward(self, images: Any, targets: Sequence[Target] | None = None) -> Any:
        """Losses while training, what is found after `eval()`."""
        images, size = self._checked(images, targets)
        features = self.backbone((images - self.image_mean) / self.image_std)
        proposals, losses = self.rpn(features, size, targets if self.training else None)
        read = features[:-1] if len(features) > 1 else features
        found, more = self.roi_heads(read, proposals, size, targets if self.training else None)
        return {**more, **losses} if self.training else found

    def loss(self, images: Any, targets: Sequence[Target]) -> Any:
        """The sum of the four losses."""
        return sum(self(images, targets).values())

    def predict(self, images: Any) -> list[dict[str, ndarray]]:
        """What is in the images, as after `eval()`; the mode stays as it was, and nothing is recorded."""
        modes = [(module, module.training) for module in self.modules()]
        self.eval()
        try:
            with autograd.no_grad():
                return self(images)  # type: ignore[no-any-return]
        finally:
            for module, mode in modes:
                module.training = mode

    def _checked(self, images: Any, targets: Sequence[Target] | None) -> tuple[Any, tuple[int, int]]:
        shape = images.shape
        if len(shape) != 4 or shape[1] != len(self.image_mean):
            raise ShapeError(f"FasterRCNN takes images (N, {len(self.image_mean)}, H, W), and got shape {shape}.")
        if not self.training:
            return images, tuple(shape[-2:])
        if targets is None:
            raise OperandError(
                "FasterRCNN needs targets to train; to find things, call model.eval() before, or predict."
            )
        if len(targets) != shape[0]:
            raise ShapeError(f"FasterRCNN: {shape[0]} images and {len(targets)} targets.")
        for i, target in enumerate(targets):
            boxes, labels = np.asarray(target["boxes"], float).reshape(-1, 4), np.asarray(target["labels"])
            if len(boxes) != len(labels):
                raise ShapeError(f"targets[{i}]: {len(boxes)} boxes and {len(labels)} labels.")
            if not (boxes[:, 2:] > boxes[:, :2]).all():
                bad = boxes[(boxes[:, 2:] <= boxes[:, :2]).any(1)][0].tolist()
                raise OperandError(
                    f"targets[{i}]: the box {bad} has no width or no height.\n"
                    "  Boxes are x1, y1, x2, y2; nn.functional.box_convert changes other forms into that."
                )
            if len(labels) and not 0 < labels.min() <= labels.max() < self.num_classes:
                raise OperandError(
                    f"targets[{i}]: labels go from 1 to {self.num_classes - 1}, 0 being what is nothing, and these go "
                    f"from {labels.min()} to {labels.max()}."
                )
        return images, tuple(shape[-2:])

    @property
    def num_classes(self) -> int:
        """How many classes there are, with that of nothing."""
        predictor: Any = self.roi_heads.box_predictor
        return int(predictor.cls_score.out_features)


def fasterrcnn_resnet50_fpn(num_classes: int = 91, *, frozen: bool = True, **settings: Any) -> FasterRCNN:
    """Faster R-CNN on ResNet-50 with a feature pyramid. 41,755,286 parameters for COCO's 91 classes.

    Names are torchvision's, so that its weights load. Batch normalisation is `frozen`, as one wants it with two images
    at a time and weights that were learned before; to learn from nothing, say False: 41,808,406 parameters.
    """
    sizes = [(32.0,), (64.0,), (128.0,), (256.0,), (512.0,)]
    body = resnet50(1, norm_layer=FrozenBatchNorm2d if frozen else BatchNorm2d)
    anchors = AnchorGenerator(sizes, [(0.5, 1.0, 2.0)] * len(sizes))
    return FasterRCNN(BackboneWithFPN(body), num_classes, anchor_generator=anchors, **settings)


class SmallBackbone(Sequential):
    """Six convolutions of 3 × 3, to features at half the size."""

    def __init__(self, in_channels: int, width: int) -> None:
        parts: list[Module] = []
        for n in (width, width, 0, 2 * width, 2 * width, 3 * width, 3 * width):
            parts += [Conv2d(in_channels, n, 3, padding=1, bias=False), BatchNorm2d(n), ReLU()] if n else [MaxPool2d(2)]
            in_channels = n or in_channels
        super().__init__(*parts)
        self.out_channels = in_channels

    def forward(self, input: Any) -> list[Any]:
        """Features of one level."""
        return [super().forward(input)]


def rcnn_small(
    num_classes: int = 11,
    in_channels: int = 1,
    width: int = 16,
    sizes: Sequence[float] = (8, 12, 18),
    aspect_ratios: Sequence[float] = (1.0, 1.8),
) -> FasterRCNN:
    """Faster R-CNN for small images with things of 6 to 24 pixels: ten digits and what is none. 314,005 parameters.

    >>> import nn, numpy as np
    >>> model = nn.models.rcnn_small()
    >>> images = np.zeros((2, 1, 32, 32), np.float32)
    >>> sorted(model(images, [{"boxes": [[4, 4, 12, 12]], "labels": [3]}, {"boxes": [], "labels": []}]))
    ['loss_box_reg', 'loss_classifier', 'loss_objectness', 'loss_rpn_box_reg']
    """
    return FasterRCNN(
        SmallBackbone(in_channels, width),
        num_classes,
        anchor_generator=AnchorGenerator([sizes], [aspect_ratios]),
        image_mean=[0.0] * in_channels,
        image_std=[1.0] * in_channels,
        roi_size=7,
        representation_size=96,
        rpn={"batch_size_per_image": 64, "pre_nms_top_n": (100, 60), "post_nms_top_n": (40, 20)},
        roi_heads={"batch_size_per_image": 24, "positive_fraction": 0.5},
    )
