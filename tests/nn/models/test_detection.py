"""Faster R-CNN: its parts by hand, torchvision's names and numbers, and that it finds things."""

import numpy as np
import pytest

import autograd
import nn
from nn import models
from nn.models.detection.match import BACKGROUND, NEITHER, balanced, match


@pytest.fixture(autouse=True)
def seed():
    nn.manual_seed(0)


def test_published_number_of_parameters():
    assert models.fasterrcnn_resnet50_fpn().num_parameters == 41_755_286


def test_anchors_by_hand():
    make = models.AnchorGenerator([(4,), (8,)], [(1.0, 4.0)] * 2)
    fine, coarse = make((8, 12), [(2, 3), (1, 2)])
    assert fine.shape == (2 * 3 * 2, 4)
    assert fine[:2].tolist() == [[-2, -2, 2, 2], [-1, -4, 1, 4]]
    assert fine[2].tolist() == [2, -2, 6, 2]
    assert fine[6].tolist() == [-2, 2, 2, 6]
    assert coarse[2].tolist() == [4, -4, 12, 4]  # a grid of 1 × 2 on 8 × 12 is 8 rows apart, and 8 columns
    with pytest.raises(autograd.ShapeError, match="2 levels"):
        make((8, 12), [(2, 3)])


def test_matching_by_hand():
    boxes = np.array([[0, 0, 10, 10], [20, 0, 30, 10]], float)
    candidates = np.array([[0, 0, 10, 10], [0, 0, 10, 5], [0, 0, 3, 3], [20, 0, 23, 3], [20, 0, 24, 4]], float)
    assert match(boxes, candidates, 0.3, 0.7).tolist() == [0, NEITHER, BACKGROUND, BACKGROUND, BACKGROUND]
    assert match(boxes, candidates, 0.3, 0.7, keep_best=True).tolist()[-1] == 1  # the second box has no better one
    assert match(np.zeros((0, 4)), candidates, 0.3, 0.7).tolist() == [BACKGROUND] * 5


def test_sampling_keeps_the_share():
    positive = np.arange(100) < 40
    yes, no = balanced(positive, ~positive, 32, 0.25)
    assert len(yes) == 8
    assert len(no) == 24
    assert positive[yes].all()
    assert not positive[no].any()
    yes, no = balanced(positive & (np.arange(100) < 3), ~positive, 32, 0.25)
    assert (len(yes), len(no)) == (3, 29)


def test_boxes_are_read_from_the_level_that_fits():
    pool = models.MultiScaleRoIAlign(2, 2)
    features = [np.full((1, 1, n, n), float(k), np.float32) for k, n in enumerate((64, 32, 16, 8))]  # 256 pixels
    boxes = [np.array([[0, 0, s, s] for s in (224, 20, 112, 111, 250)], float)]
    assert pool(features, boxes, (256, 256))[:, 0, 0, 0].tolist() == [2, 0, 1, 0, 2]
    assert pool(features, [np.zeros((0, 4))], (256, 256)).shape == (0, 1, 2, 2)


def test_frozen_normalisation_is_that_of_eval():
    layer, frozen = nn.BatchNorm2d(3), models.FrozenBatchNorm2d(3)
    rng = np.random.default_rng(0)
    held = {name: rng.uniform(0.5, 1.5, 3).astype("f4") for name in ("weight", "bias", "running_mean", "running_var")}
    layer.load_state_dict(held, strict=False)
    frozen.load_state_dict(held)
    assert frozen.num_parameters == 0
    x = rng.normal(size=(2, 3, 4, 5)).astype(np.float32)
    np.testing.assert_allclose(frozen(x), layer.eval()(x).data, rtol=1e-5, atol=1e-6)


def test_stages_can_be_frozen():
    body = models.ResNet(models.BasicBlock, [1, 1], width=4)
    backbone = models.BackboneWithFPN(body, 8, trainable_layers=1)
    learns = {name.split(".")[1] for name, p in backbone.named_parameters() if p.requires_grad}
    assert learns == {"layer2", "inner_blocks", "layer_blocks"}
    assert [x.shape for x in backbone(np.zeros((1, 3, 32, 32), np.float32))] == [
        (1, 8, 8, 8),
        (1, 8, 4, 4),
        (1, 8, 2, 2),
    ]


# torchvision's names and numbers


@pytest.fixture(scope="module")
def both(torchvision):
    """A small Faster R-CNN with a pyramid, of theirs and of ours, with the same weights."""
    import torch
    from torchvision.models import detection as theirs
    from torchvision.models.resnet import BasicBlock, ResNet

    body = {f"layer{i}": str(i - 1) for i in (1, 2, 3, 4)}
    torch.manual_seed(1)
    small = ResNet(BasicBlock, [1, 1, 1, 1])
    backbone = theirs.backbone_utils.BackboneWithFPN(small, body, [64, 128, 256, 512], 16)
    anchors = theirs.anchor_utils.AnchorGenerator(tuple((s,) for s in (8, 16, 32, 64, 128)), ((0.5, 1.0, 2.0),) * 5)
    their = theirs.FasterRCNN(backbone, 4, rpn_anchor_generator=anchors, min_size=128, max_size=128).eval()
    with torch.no_grad():
        their.rpn.head.cls_logits.weight.mul_(30)  # so that scores differ
        their.rpn.head.bbox_pred.weight.mul_(10)
        their.roi_heads.box_predictor.cls_score.weight.mul_(3)
    our = models.FasterRCNN(
        models.BackboneWithFPN(models.ResNet(models.BasicBlock, [1, 1, 1, 1]), 16),
        4,
        anchor_generator=models.AnchorGenerator([(s,) for s in (8, 16, 32, 64, 128)], [(0.5, 1.0, 2.0)] * 5),
    )
    our.load_state_dict({name: each.numpy() for name, each in their.state_dict().items()})
    return our.eval(), their


def images(n=2):
    return np.random.default_rng(0).uniform(size=(n, 3, 128, 128)).astype(np.float32)


def test_proposals_losses_and_detections_are_torchvisions(both, monkeypatch):
    """With suppression and alignment in Python, for want of their compiled ones, and all anchors in the sample."""
    import torch
    from torchvision.ops import boxes as box_operations
    from torchvision.ops import poolers
    from torchvision.ops.roi_align import _roi_align

    def suppress(boxes, scores, threshold):
        return torch.tensor(nn.functional.nms(boxes.numpy(), scores.numpy(), threshold))

    def align(x, rois, output_size, spatial_scale, sampling_ratio):
        return _roi_align.__wrapped__(x, rois, spatial_scale, *output_size, sampling_ratio, False)

    def grouped(boxes, scores, groups, threshold):
        return torch.tensor(nn.functional.batched_nms(boxes.numpy(), scores.numpy(), groups.numpy(), threshold))

    monkeypatch.setattr(box_operations, "nms", suppress)
    monkeypatch.setattr(box_operations, "batched_nms", grouped)
    monkeypatch.setattr(poolers, "roi_align", align)
    our, their = both
    x = images()
    with torch.no_grad():
        expected = their(list(torch.tensor(x)))
    with autograd.no_grad():
        found = our.eval()(x)
    for ours, theirs in zip(found, expected, strict=True):
        assert len(ours["scores"]) > 20
        assert ours["labels"].tolist() == theirs["labels"].tolist()
        np.testing.assert_allclose(ours["scores"], theirs["scores"].numpy(), atol=1e-4)
        np.testing.assert_allclose(ours["boxes"], theirs["boxes"].numpy(), atol=2e-2)

    boxes = np.array([[10, 10, 60, 70], [50, 40, 120, 90]], np.float32)
    targets = [{"boxes": boxes, "labels": np.array([1, 3])}, {"boxes": boxes[:1], "labels": np.array([2])}]
    for part in (our.rpn, our.roi_heads):
        part.batch_size_per_image, part.positive_fraction = 10**6, 1.0
    their.rpn.fg_bg_sampler.batch_size_per_image = their.roi_heads.fg_bg_sampler.batch_size_per_image = 10**6
    their.rpn.fg_bg_sampler.positive_fraction = their.roi_heads.fg_bg_sampler.positive_fraction = 1.0
    our.train(), their.train()
    losses = our(x, targets)
    wanted = their(list(torch.tensor(x)), [{k: torch.tensor(v) for k, v in each.items()} for each in targets])
    assert losses.keys() == wanted.keys()
    for name, loss in losses.items():
        assert loss.item() == pytest.approx(wanted[name].item(), rel=1e-3), name


# The small one


def scenes(n, rng):
    """Full and empty squares on images of 32 × 32."""
    x = rng.uniform(0, 0.1, (n, 1, 32, 32)).astype(np.float32)
    targets = []
    for image in x:
        boxes, labels = [], []
        for left in rng.permutation([0, 16])[: rng.integers(1, 3)]:
            size, kind = rng.integers(7, 12), rng.integers(1, 3)
            r, c = rng.integers(0, 32 - size), left + rng.integers(0, 16 - size)
            image[0, r : r + size, c : c + size] = 1
            if kind == 2:
                image[0, r + 2 : r + size - 2, c + 2 : c + size - 2] = 0
            boxes.append([c, r, c + size, r + size])
            labels.append(kind)
        targets.append({"boxes": np.array(boxes, np.float32), "labels": np.array(labels)})
    return x, targets


def test_it_learns_to_find_things():
    rng = np.random.default_rng(0)
    model = models.rcnn_small(3, width=8, sizes=(9,), aspect_ratios=(1.0,))
    optimizer = nn.optim.Adam(model.parameters(), lr=0.003)
    for _ in range(100):
        optimizer.zero_grad()
        loss = model.loss(*scenes(8, rng))
        loss.backward()
        optimizer.step()
    x, targets = scenes(20, rng)
    overlaps, right = [], 0
    for found, target in zip(model.predict(x), targets, strict=True):
        sure = found["scores"] > 0.5
        for box, label in zip(target["boxes"], target["labels"], strict=True):
            best = nn.functional.box_iou(box[None], found["boxes"][sure])[0]
            overlaps.append(best.max(initial=0))
            right += best.size > 0 and found["labels"][sure][best.argmax()] == label
    assert np.mean(overlaps) > 0.7
    assert right / len(overlaps) > 0.8
    assert model.training


def test_images_without_anything():
    model = models.rcnn_small()
    nothing = {"boxes": np.zeros((0, 4)), "labels": np.zeros(0, int)}
    losses = model(np.zeros((2, 1, 32, 32), np.float32), [nothing, nothing])
    assert losses["loss_box_reg"].item() == losses["loss_rpn_box_reg"].item() == 0
    model.loss(np.zeros((2, 1, 32, 32), np.float32), [nothing, nothing]).backward()
    assert all(np.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (None, r"needs targets to train; to find things, call model.eval\(\)"),
        ([], "1 images and 0 targets"),
        ([{"boxes": [[0, 0, 4, 4]], "labels": [1, 2]}], r"targets\[0\]: 1 boxes and 2 labels"),
        ([{"boxes": [[9, 9, 4, 4]], "labels": [1]}], r"\[9.0, 9.0, 4.0, 4.0\] has no width .*\n.*box_convert"),
        ([{"boxes": [[0, 0, 4, 4]], "labels": [0]}], "labels go from 1 to 10, 0 being what is nothing"),
    ],
)
def test_targets_that_do_not_fit_are_refused(targets, message):
    with pytest.raises((autograd.OperandError, autograd.ShapeError), match=message):
        models.rcnn_small()(np.zeros((1, 1, 32, 32), np.float32), targets)


def test_it_is_drawn_folded():
    model = models.rcnn_small()
    x, targets = scenes(2, np.random.default_rng(0))
    with autograd.annotate():
        losses = model(x, targets)
    text = str(autograd.draw([*losses.values()], depth=1))
    assert "backbone · SmallBackbone" in text
    assert "rpn · RegionProposalNetwork" in text
    assert "roi_heads · RoIHeads" in text
