"""Boxes and regions of interest, by hand and beside torchvision's."""

import numpy as np
import pytest

import autograd
from autograd import Tensor
from nn import functional as F  # noqa: N812


def some(n, size=32.0, seed=0):
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, size * 0.7, (n, 2))
    return np.concatenate([low, low + rng.uniform(1, size * 0.5, (n, 2))], axis=1)


def test_overlaps_by_hand():
    a, b = [[0, 0, 4, 2]], [[2, 1, 6, 3], [0, 0, 4, 2], [4, 2, 5, 3]]
    np.testing.assert_allclose(F.box_iou(a, b), [[2 / 14, 1, 0]])
    np.testing.assert_allclose(F.generalized_box_iou(a, b), [[2 / 14 - 4 / 18, 1, -6 / 15]])
    assert F.box_area(a).tolist() == [8]


def test_overlaps_are_differentiable():
    a, b = Tensor(some(3)), Tensor(some(4, seed=1))
    assert autograd.gradcheck(F.box_iou, a, b)
    assert autograd.gradcheck(F.generalized_box_iou, a, b)


@pytest.mark.parametrize("form", ["xyxy", "xywh", "cxcywh"])
def test_forms_and_back(form):
    boxes = some(5)
    np.testing.assert_allclose(F.box_convert(F.box_convert(boxes, "xyxy", form), form, "xyxy"), boxes)
    with pytest.raises(autograd.ShapeError, match="knows the forms xyxy"):
        F.box_convert(boxes, form, "yx")


def greedy(boxes, scores, threshold):
    """The definition, one pair at a time."""
    kept = []
    for i in sorted(range(len(boxes)), key=lambda i: -scores[i]):
        if all(F.box_iou(boxes[i : i + 1], boxes[j : j + 1])[0, 0] <= threshold for j in kept):
            kept.append(i)
    return kept


def test_suppression():
    boxes, scores = some(60), np.random.default_rng(2).uniform(size=60)
    for threshold in (0.0, 0.3, 0.7):
        assert F.nms(boxes, scores, threshold).tolist() == greedy(boxes, scores, threshold)
    kind = np.arange(60) % 3
    expected = sorted((i for k in range(3) for i in greedy_of(boxes, scores, kind == k)), key=lambda i: -scores[i])
    assert F.batched_nms(boxes, scores, kind, 0.3).tolist() == expected
    assert F.nms(np.zeros((0, 4)), np.zeros(0), 0.5).tolist() == []
    assert F.batched_nms(np.zeros((0, 4)), np.zeros(0), np.zeros(0), 0.5).tolist() == []


def greedy_of(boxes, scores, which):
    number = np.flatnonzero(which)
    return number[greedy(boxes[which], scores[which], 0.3)]


def test_codes_and_back():
    a, b = some(7), some(7, seed=1)
    codes = F.encode_boxes(a, b, (10, 10, 5, 5))
    np.testing.assert_allclose(F.decode_boxes(codes, b, (10, 10, 5, 5)), a)
    several = np.stack([codes, 0 * codes], axis=1)
    np.testing.assert_allclose(F.decode_boxes(several, b, (10, 10, 5, 5)), np.stack([a, b], axis=1))
    assert np.isfinite(F.decode_boxes(np.full((7, 4), 900.0), b)).all()


def test_what_is_outside_and_too_small():
    boxes = F.clip_boxes_to_image([[-3.0, -3, 5, 5], [8, 8, 30, 40], [9, 1, 9.5, 3]], (20, 10))
    assert boxes.tolist() == [[0, 0, 5, 5], [8, 8, 10, 20], [9, 1, 9.5, 3]]
    assert F.remove_small_boxes(boxes, 1).tolist() == [0, 1]


# Regions


def test_alignment_by_hand():
    """Of features that rise evenly, the mean of a bin is what is at its centre."""
    x = np.arange(8.0)[:, None] * 10 + np.arange(8.0)
    y = F.roi_align(x[None, None], [np.array([[1.0, 2.0, 5.0, 6.0]])], 2, sampling_ratio=2, aligned=True)
    np.testing.assert_allclose(y[0, 0], [[25 + 1.5, 25 + 3.5], [45 + 1.5, 45 + 3.5]])


def test_what_is_outside_of_the_features_counts_as_0():
    x = np.ones((1, 1, 4, 4))
    y = F.roi_align(x, [np.array([[2.0, 0.0, 10.0, 4.0]])], (1, 4), sampling_ratio=2, aligned=True)
    np.testing.assert_allclose(y[0, 0], [[1, 0.5, 0, 0]])


def test_pooling_by_hand():
    x = np.arange(64.0).reshape(1, 1, 8, 8)
    y = F.roi_pool(x, [np.array([[1.0, 2.0, 4.0, 5.0]])], 2)
    assert y[0, 0].tolist() == [[26, 28], [42, 44]]


@pytest.mark.parametrize("function", [F.roi_align, F.roi_pool])
def test_gradients_by_the_features(function):
    x = Tensor(np.random.default_rng(0).normal(size=(2, 2, 6, 5)))
    boxes = [some(2, 6), some(1, 6, 3)]
    assert autograd.gradcheck(lambda x: function(x, boxes, (2, 3)), x)
    assert function(x, [np.zeros((0, 4))] * 2, (2, 3)).shape == (0, 2, 2, 3)


def test_boxes_that_do_not_fit_are_refused():
    x = np.zeros((2, 3, 8, 8))
    with pytest.raises(autograd.ShapeError, match="2 images, and a list of 1"):
        F.roi_align(x, [some(3)], 2)
    with pytest.raises(autograd.ShapeError, match=r"\(K, 5\).*got shape \(3, 4\)"):
        F.roi_align(x, some(3), 2)
    with pytest.raises(autograd.ShapeError, match=r"boxes \(N, 4\)"):
        F.box_iou(some(3)[:, :3], some(3))


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("ratio", [-1, 2])
def test_alignment_is_torchvisions(torchvision, aligned, ratio):
    import torch
    from torchvision.ops.roi_align import _roi_align

    x = np.random.default_rng(0).normal(size=(2, 3, 12, 10))
    rois = np.concatenate(
        [np.arange(9)[:, None] % 2, some(9, 16) - 1], axis=1
    )  # it reads what is far outside from the edge
    expected = _roi_align.__wrapped__(torch.tensor(x), torch.tensor(rois), 0.5, 3, 2, ratio, aligned).numpy()
    np.testing.assert_allclose(F.roi_align(x, rois, (3, 2), 0.5, ratio, aligned), expected, atol=1e-9)


def test_overlaps_and_codes_are_torchvisions(torchvision):
    import torch
    from torchvision.models.detection._utils import BoxCoder

    a, b = some(6), some(5, seed=1)
    for name in ("box_iou", "generalized_box_iou"):
        theirs = getattr(torchvision.ops, name)(torch.tensor(a), torch.tensor(b)).numpy()
        np.testing.assert_allclose(getattr(F, name)(a, b), theirs, rtol=1e-12)
    coder = BoxCoder((10.0, 10.0, 5.0, 5.0))
    theirs = coder.encode_single(torch.tensor(a[:5]), torch.tensor(b)).numpy()
    np.testing.assert_allclose(F.encode_boxes(a[:5], b, (10, 10, 5, 5)), theirs, rtol=1e-6, atol=1e-9)
