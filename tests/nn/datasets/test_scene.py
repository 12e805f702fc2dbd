"""Scenes: boxes are around what masks and pictures show."""

import numpy as np
import pytest

from autograd import OperandError, ShapeError
from nn import datasets
from nn.datasets import DataNotFoundError


def scenes():
    yield datasets.shapes(60, noise=0)
    yield datasets.pasted_digits(60, size=40, source="digits")
    try:
        yield datasets.pasted_digits(30)
    except DataNotFoundError:
        return


def test_boxes_masks_and_pictures_tell_the_same():
    for data in scenes():
        for x, masks, boxes, classes in (part.arrays for part in (data.train, data.test)):
            n, _, height, width = x.shape
            assert (x.dtype, masks.dtype, boxes.dtype, classes.dtype) == (np.float32, np.int64, np.float32, np.int64)
            assert 0 <= x.min() <= x.max() <= 1
            assert masks.shape == (n, height, width)
            assert boxes.shape == (*classes.shape, 4)
            assert set(np.unique(classes)) <= set(range(len(data.classes)))
            for mask, own, kinds in zip(masks, boxes.astype(int), classes, strict=True):
                here = kinds > 0
                assert here.sum() == here.argmin() or here.all()  # what is filled up comes last
                assert here.any()
                assert not own[~here].any()
                assert set(np.unique(mask)) - {0} <= set(kinds.tolist())
                covered = np.zeros_like(mask, bool)
                for (left, top, right, bottom), kind in zip(own[here], kinds[here], strict=True):
                    assert 0 <= left < right <= width
                    assert 0 <= top < bottom <= height
                    inside = mask[top:bottom, left:right] == kind
                    covered[top:bottom, left:right] = True
                    assert inside.any()
                assert not mask[~covered].any()


def test_a_box_touches_its_thing_on_all_sides():
    _, masks, boxes, _ = datasets.shapes(40, things=(1, 1), noise=0).train.arrays
    for mask, box in zip(masks, boxes[:, 0].tolist(), strict=True):
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        assert box == [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]


@pytest.mark.parametrize(("task", "arrays"), [("all", 4), ("segmentation", 2), ("detection", 3)])
def test_tasks(task, arrays):
    data = datasets.shapes(10, size=30, task=task)
    assert len(data.train.arrays) == arrays
    assert (len(data.train), len(data.test)) == (8, 2)
    again = datasets.shapes(10, size=30, task=task)
    assert all(np.array_equal(a, b) for a, b in zip(data.train.arrays, again.train.arrays, strict=True))


def test_how_many_things_there_are():
    classes = datasets.shapes(50, size=64, things=(0, 2), task="detection").train.arrays[2]
    assert set((classes > 0).sum(1)) == {0, 1, 2}


def test_what_makes_no_sense():
    with pytest.raises(OperandError, match="task='boxes'"):
        datasets.shapes(5, task="boxes")
    with pytest.raises(OperandError, match=r"things=\(3, 1\)"):
        datasets.shapes(5, things=(3, 1))
    with pytest.raises(OperandError, match="source='svhn'"):
        datasets.pasted_digits(5, source="svhn")
    with pytest.raises(ShapeError, match="does not fit into a picture of 9×9"):
        datasets.pasted_digits(5, size=9, source="digits")
