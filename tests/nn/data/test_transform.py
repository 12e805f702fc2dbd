"""Transforms of images: what they do to known pixels, to masks and labels, and to dtypes; repeatable, and not alike."""

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError
from nn.data import (
    CenterCrop,
    ColorJitter,
    Compose,
    CutMix,
    Cutout,
    GaussianNoise,
    Lambda,
    MixUp,
    Normalize,
    Pad,
    RandomAffine,
    RandomApply,
    RandomCrop,
    RandomErasing,
    RandomHorizontalFlip,
    RandomResizedCrop,
    RandomRotation,
    RandomShift,
    RandomVerticalFlip,
)

IMAGES = np.random.default_rng(0).random((16, 3, 12, 10), np.float32)
MASKS = (np.arange(16 * 12 * 10).reshape(16, 12, 10) // 7 % 5).astype(np.int64)

RANDOM = {
    "flip": lambda **k: RandomHorizontalFlip(**k),
    "flip down": lambda **k: RandomVerticalFlip(**k),
    "crop": lambda **k: RandomCrop(8, **k),
    "crop of a border": lambda **k: RandomCrop((12, 10), padding=2, **k),
    "shift": lambda **k: RandomShift(3, padding_mode="reflect", **k),
    "rotation": lambda **k: RandomRotation(30, **k),
    "affine": lambda **k: RandomAffine(5, (0.1, 0.2), (0.8, 1.2), 10, "bicubic", 0.5, **k),
    "resized": lambda **k: RandomResizedCrop((6, 7), **k),
    "noise": lambda **k: GaussianNoise(**k),
    "erasing": lambda **k: RandomErasing(value="random", **k),
    "cutout": lambda **k: Cutout(4, holes=2, **k),
    "jitter": lambda **k: ColorJitter(0.5, 0.5, 0.5, **k),
    "apply": lambda **k: RandomApply(Normalize(0.5, 0.5), **k),
}
GEOMETRY = ["flip", "flip down", "crop", "crop of a border", "shift"]
WARPS = ["rotation", "affine", "resized"]
every_transform = pytest.mark.parametrize("make", RANDOM.values(), ids=RANDOM)


@every_transform
def test_a_seed_is_repeatable_and_nn_seeds_the_rest(make):
    assert np.array_equal(make(generator=1)(IMAGES), make(generator=1)(IMAGES))
    found = []
    for _ in range(2):
        nn.manual_seed(2)
        found.append(make()(IMAGES))
    assert np.array_equal(*found)
    assert not np.array_equal(make()(IMAGES), found[0])


@every_transform
def test_float32_stays_and_the_images_of_before_are_left_alone(make):
    before = IMAGES.copy()
    after = make(generator=0)(IMAGES)
    assert after.dtype == np.float32
    assert after.shape[:2] == IMAGES.shape[:2]
    after[...] = 0
    assert np.array_equal(before, IMAGES)


@every_transform
def test_each_image_has_its_own_chance(make):
    same = np.repeat(IMAGES[:1], 16, axis=0)
    changed = make(generator=0)(same)
    assert len(np.unique(changed.reshape(16, -1), axis=0)) > 1


@every_transform
def test_one_image_and_what_comes_with_it(make):
    x, label = make(generator=3)(IMAGES[0], 7)
    assert x.ndim == 3
    assert label == 7
    assert np.array_equal(x, make(generator=3)(IMAGES[:1])[0])


@pytest.mark.parametrize("name", GEOMETRY)
def test_masks_move_with_the_images(name):
    shown = MASKS[:, None].astype(np.float32)
    x, masks, label = RANDOM[name](mask=True, generator=0)(shown, MASKS, "label")
    assert label == "label"
    assert masks.dtype == np.int64
    assert np.array_equal(x[:, 0], masks)
    assert not np.array_equal(masks, MASKS[:, : masks.shape[1], : masks.shape[2]])


@pytest.mark.parametrize("name", WARPS)
def test_masks_are_warped_as_images_are_without_new_numbers(name):
    left = np.zeros((16, 1, 40, 40), np.float32)
    left[:, :, 12:28, 8:20] = 1
    x, masks = RANDOM[name](mask=True, generator=0)(left, 3 * left[:, 0].astype(np.int64))
    assert masks.dtype == np.int64
    assert set(np.unique(masks)) <= {0, 3}
    inside, outside = (np.abs(x[:, 0] - level) < 1e-4 for level in (1, 0))
    assert inside.any()
    assert outside.any()
    assert (masks[inside] == 3).all()
    assert (masks[outside] == 0).all()
    assert (masks.sum((1, 2)) > 0).any()


def test_masks_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"masks \(N, H, W\), and got \(16, 5, 5\)"):
        RandomCrop(4, mask=True)(IMAGES, MASKS[:, :5, :5])
    with pytest.raises(ShapeError, match="with mask=True"):
        RandomHorizontalFlip(mask=True)(IMAGES)


# Each by itself


def test_flips():
    assert np.array_equal(RandomHorizontalFlip(1)(IMAGES), IMAGES[..., ::-1])
    assert np.array_equal(RandomVerticalFlip(1)(IMAGES), IMAGES[..., ::-1, :])
    assert np.array_equal(RandomHorizontalFlip(0)(IMAGES), IMAGES)
    many = RandomHorizontalFlip(0.25, generator=0)(np.tile(np.array([1.0, 2.0]), (4000, 1, 1, 1)))
    assert abs((many[:, 0, 0, 0] == 2).mean() - 0.25) < 0.035  # five standard deviations
    with pytest.raises(OperandError, match="p is a probability"):
        RandomHorizontalFlip(1.5)


def test_crops_are_parts_and_all_places_occur():
    x = np.arange(20).reshape(1, 1, 4, 5).repeat(500, axis=0)
    found = RandomCrop((3, 4), generator=0)(x)
    corners = found[:, 0, 0, 0]
    assert sorted(set(corners.tolist())) == [0, 1, 5, 6]
    for crop, corner in zip(found[:, 0], corners, strict=True):
        top, left = divmod(int(corner), 5)
        assert np.array_equal(crop, x[0, 0, top : top + 3, left : left + 4])
    with pytest.raises(ShapeError, match=r"RandomCrop\(\(9, 9\)\) of images 4×5, which are smaller"):
        RandomCrop(9)(x)


def test_borders():
    x = np.array([[[1, 2], [3, 4]]])
    assert Pad((1, 0, 0, 2), 9)(x).tolist() == [[[9, 1, 2], [9, 3, 4], [9, 9, 9], [9, 9, 9]]]
    assert Pad((1, 0), padding_mode="edge")(x).tolist() == [[[1, 1, 2, 2], [3, 3, 4, 4]]]
    x, mask = Pad(1, 5, mask=True)(np.ones((1, 1, 1)), np.ones((1, 1), int))
    assert (x[0, 0, 0], mask[0, 0]) == (5, 0)
    with pytest.raises(OperandError, match="padding="):
        Pad((1, 2, 3))
    with pytest.raises(OperandError, match="padding_mode='wrap'"):
        Pad(1, padding_mode="wrap")


def test_the_middle():
    assert CenterCrop(2)(np.arange(16).reshape(1, 4, 4)).tolist() == [[[5, 6], [9, 10]]]
    with pytest.raises(ShapeError, match="smaller"):
        CenterCrop(11)(IMAGES)


def test_shifts_are_by_up_to_so_many_pixels():
    x = np.zeros((200, 1, 9, 9))
    x[:, :, 4, 4] = 1
    where = np.argwhere(RandomShift((3, 1), generator=0)(x))[:, 2:] - 4
    assert len(where) == 200
    assert sorted(set(where[:, 0].tolist())) == [-1, 0, 1]
    assert sorted(set(where[:, 1].tolist())) == [-3, -2, -1, 0, 1, 2, 3]


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_quarter_turns_are_exact(interpolation):
    x = IMAGES[..., :10, :10]
    turned = RandomRotation((90, 90), interpolation)(x)
    assert np.allclose(turned, np.rot90(x, axes=(2, 3)), atol=1e-5)
    assert np.allclose(RandomRotation((180, 180))(IMAGES), IMAGES[..., ::-1, ::-1], atol=1e-5)


def test_an_affine_map_is_the_one_that_scipy_makes():
    ndimage = pytest.importorskip("scipy.ndimage")
    x = IMAGES[:1, :1].astype(np.float64)
    transform = RandomAffine((25, 25), (0.2, 0.1), (1.3, 1.3), (15, 15), generator=5)
    angle, slant = np.radians(25), np.tan(np.radians(15))
    same = np.random.default_rng(5)
    same.random(3)  # angle, shear and scale
    move = (same.uniform(-1, 1, 2) * [0.2, 0.1] * [10, 12])[::-1]  # down, across
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])  # of (down, across)
    forward = turn @ np.array([[1, 0], [-slant, 1]]) * 1.3
    back, centre = np.linalg.inv(forward), (np.array(x.shape[2:]) - 1) / 2
    expected = ndimage.affine_transform(x[0, 0], back, centre - back @ (centre + move), order=1, mode="grid-constant")
    assert np.allclose(transform(x)[0, 0], expected, atol=1e-9)


def test_scale_and_shift_alone():
    x = np.zeros((1, 1, 9, 9))
    x[..., 3:6, 3:6] = 1
    assert RandomAffine(0, scale=(2, 2))(x).sum() == pytest.approx(36, rel=0.01)
    filled = RandomAffine(0, scale=(0.5, 0.5), fill=0.25)(np.ones((1, 1, 8, 8)))
    assert filled[0, 0, 0, 0] == 0.25
    assert filled[0, 0, 4, 4] == 1
    for arguments in ((0, (2, 0)), (0, None, (0, 1)), ((5, -5),), (0, None, None, None, "cubic")):
        with pytest.raises(OperandError):
            RandomAffine(*arguments)
    with pytest.raises(OperandError, match=r"uint8.*\n.*\n.*/ 255"):
        RandomRotation(5)(np.zeros((1, 4, 4), np.uint8))


def test_parts_brought_to_a_size():
    across = np.tile(np.linspace(0, 1, 64), (300, 1, 64, 1))
    x = RandomResizedCrop(16, (0.25, 0.25), (1, 1), generator=0)(across)
    assert x.shape == (300, 1, 16, 16)
    span = x[:, 0, 8, -1] - x[:, 0, 8, 0]
    assert np.allclose(span, 0.5 * 15 / 16 * 64 / 63, atol=1e-6)  # half of the width, seen in 16 pixels
    assert x.min() < 0.03
    assert x.max() > 0.97
    assert np.allclose(RandomResizedCrop((12, 10), (1, 1), (10 / 12, 10 / 12))(IMAGES), IMAGES, atol=1e-5)


def test_noise():
    x = GaussianNoise(0.5, 0.1, generator=0)(np.zeros((50, 1, 20, 20), np.float32))
    assert x.mean() == pytest.approx(0.5, abs=0.005)
    assert x.std() == pytest.approx(0.1, abs=0.005)
    assert GaussianNoise(sigma=5)(IMAGES).max() == 1
    assert GaussianNoise(sigma=5, clip=False)(IMAGES).max() > 1
    with pytest.raises(OperandError, match="sigma=-1"):
        GaussianNoise(sigma=-1)


def test_erased_parts_have_the_size_that_is_said():
    x = np.ones((500, 1, 40, 40), np.float32)
    gone = RandomErasing(0.6, (0.1, 0.2), (0.5, 2), value=-1, generator=0)(x) == -1
    area = gone.mean((1, 2, 3))
    assert abs((area > 0).mean() - 0.6) < 0.11
    assert 0.085 < area[area > 0].min() < area.max() < 0.22
    for image in gone[area > 0][:, 0]:
        rows, columns = image.any(1), image.any(0)
        assert image.sum() == rows.sum() * columns.sum()  # it is a rectangle
    with pytest.raises(OperandError, match="value='noise'"):
        RandomErasing(value="noise")


def test_cutout_hides_squares_also_at_the_border():
    gone = Cutout(6, generator=0)(np.ones((300, 1, 20, 20))) == 0
    area = gone.sum((1, 2, 3))
    assert area.max() == 36
    assert area.min() < 36
    assert gone.any(0).all()
    with pytest.raises(OperandError, match="size=0"):
        Cutout(0)


def test_light():
    x = IMAGES[:2] * 0.5
    assert np.allclose(ColorJitter((2, 2))(x), x * 2, atol=1e-6)
    assert np.allclose(ColorJitter(saturation=(0, 0))(x).std(axis=1), 0, atol=1e-6)
    flat = ColorJitter(contrast=(0, 0))(x)
    assert np.allclose(flat.std((1, 2, 3)), 0, atol=1e-6)
    assert np.array_equal(ColorJitter()(IMAGES), IMAGES)
    assert ColorJitter(1, 1)(IMAGES[:, :1]).shape == (16, 1, 12, 10)
    with pytest.raises(OperandError, match="factors are from 0 on"):
        ColorJitter(1.5)


def test_normalize_and_back():
    normalize = Normalize([0.1, 0.2, 0.3], [1, 2, 4])
    y = normalize(IMAGES)
    assert np.allclose(y[:, 2], (IMAGES[:, 2] - 0.3) / 4)
    assert np.allclose(normalize.inverse(y), IMAGES, atol=1e-6)
    with pytest.raises(OperandError, match="above 0"):
        Normalize(0, 0)


# Two in one


@pytest.mark.parametrize("kind", [MixUp, CutMix])
def test_labels_say_how_much_of_each_is_in_an_image(kind):
    levels = np.array([0.0, 1.0, 2.0, 3.0], np.float32)
    x = np.broadcast_to(levels[:, None, None, None], (4, 1, 8, 8)).copy()
    mixed, y, rest = kind(num_classes=4, generator=1)(x, np.arange(4), "more")
    assert rest == "more"
    assert y.dtype == mixed.dtype == np.float32
    assert np.allclose(y.sum(1), 1)
    assert np.allclose(mixed.mean((1, 2, 3)), y @ levels, atol=1e-5)
    assert ((y > 0).sum(1) <= 2).all()
    assert ((y > 0).sum(1) == 2).any()
    targets = kind(generator=1)(x, levels)[1]
    assert np.allclose(targets, y @ levels, atol=1e-5)


@pytest.mark.parametrize("kind", [MixUp, CutMix])
def test_mixing_that_makes_no_sense(kind):
    with pytest.raises(OperandError, match="must know how many classes"):
        kind()(IMAGES, np.arange(16))
    with pytest.raises(ShapeError, match="batch of images and labels"):
        kind(num_classes=2)(IMAGES, np.arange(3))
    with pytest.raises(OperandError, match="alpha=0"):
        kind(0)


def test_soft_labels_are_what_the_loss_takes():
    x, y = MixUp(num_classes=3, generator=0)(IMAGES, np.arange(16) % 3)
    logits = x.reshape(16, -1)[:, :3]
    loss = nn.functional.cross_entropy(logits, y)
    shifted = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    assert float(loss) == pytest.approx(-(y * shifted).sum(1).mean(), rel=1e-5)


# Several


def test_several_one_after_another():
    both = Compose([RandomHorizontalFlip(1), Lambda(lambda x: 1 - x), MixUp(num_classes=2, generator=0)])
    x, y = both(IMAGES, np.arange(16) % 2)
    assert y.shape == (16, 2)
    alone = MixUp(num_classes=2, generator=0)(1 - IMAGES[..., ::-1], np.arange(16) % 2)
    assert np.array_equal(x, alone[0])
    assert Compose([])(3) == 3
    with pytest.raises(OperandError, match="got 5 among them"):
        Compose([5])


def test_random_apply_leaves_the_others_as_they_are():
    x, y = RandomApply([Lambda(lambda x: x + 1)], 0.5, generator=0)(IMAGES, np.arange(16))
    changed = (x != IMAGES).any((1, 2, 3))
    assert 0 < changed.sum() < 16
    assert np.allclose(x[changed], IMAGES[changed] + 1)
    assert y.tolist() == list(range(16))
    with pytest.raises(ShapeError, match="RandomApply of Compose"):
        RandomApply([CenterCrop(3)])(IMAGES)


def test_a_loader_augments_and_every_representation_can_be_read():
    transform = Compose([RandomCrop(12, padding=(1, 0)), RandomErasing(0.1)])
    loader = nn.data.DataLoader((IMAGES, np.arange(16)), 4, transform=transform, generator=0)
    assert [x.shape for x, _ in loader] == [(4, 3, 12, 12)] * 4
    text = "Compose([RandomCrop(size=(12, 12), padding=(1, 0)), RandomErasing(p=0.1, scale=(0.02, 0.33)"
    assert repr(transform).startswith(text)
    assert repr(MixUp(num_classes=3)) == "MixUp(alpha=1.0, num_classes=3)"


def test_what_is_no_image_is_refused():
    with pytest.raises(ShapeError, match=r"takes images \(N, C, H, W\).*got \(4, 4\) float64.*\n.*\n.*x\[:, None\]"):
        RandomHorizontalFlip()(np.zeros((4, 4)))
