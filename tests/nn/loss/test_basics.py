"""Losses: their values and gradients, at ordinary and at extreme numbers, on Tensors and on Values."""

import numpy as np
import pytest

import nn
from autograd import Tensor, Value

F = nn.functional
RNG = np.random.default_rng(0)
Z = RNG.normal(size=(5, 3))
CLASSES = np.array([0, 2, 1, 1, 0])
SOFT = RNG.dirichlet(np.ones(3), 5)
BITS = RNG.random((5, 3))


def softmax(z, axis=1):
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def check(loss, x, slope):
    """The gradient of a loss at x against its formula."""
    x = Tensor(x)
    loss(x).backward()
    np.testing.assert_allclose(x.grad, slope, rtol=1e-10, atol=1e-14)


def test_mse():
    assert F.mse_loss(Tensor(Z), BITS).item() == pytest.approx(((Z - BITS) ** 2).mean())
    check(lambda x: F.mse_loss(x, BITS), Z, 2 * (Z - BITS) / Z.size)


def test_binary_cross_entropies_agree():
    p = 1 / (1 + np.exp(-Z))
    expected = -(BITS * np.log(p) + (1 - BITS) * np.log(1 - p))
    np.testing.assert_allclose(
        F.binary_cross_entropy_with_logits(Tensor(Z), BITS, reduction="none").data, expected, rtol=1e-12
    )
    np.testing.assert_allclose(F.binary_cross_entropy(Tensor(p), BITS, reduction="none").data, expected, rtol=1e-12)
    check(lambda x: F.binary_cross_entropy_with_logits(x, BITS), Z, (p - BITS) / Z.size)
    check(lambda x: F.binary_cross_entropy(x, BITS), p, (p - BITS) / (p * (1 - p)) / Z.size)


def test_cross_entropy_of_classes_and_of_probabilities():
    p = softmax(Z)
    assert F.cross_entropy(Tensor(Z), CLASSES).item() == pytest.approx(-np.log(p[np.arange(5), CLASSES]).mean())
    assert F.cross_entropy(Tensor(Z), SOFT).item() == pytest.approx(-(SOFT * np.log(p)).sum(1).mean())
    check(lambda z: F.cross_entropy(z, CLASSES), Z, (p - np.eye(3)[CLASSES]) / 5)
    check(lambda z: F.cross_entropy(z, SOFT), Z, (p - SOFT) / 5)
    np.testing.assert_allclose(
        F.cross_entropy(Tensor(Z), np.eye(3)[CLASSES], reduction="none").data,
        F.cross_entropy(Tensor(Z), CLASSES, reduction="none").data,
    )


def test_cross_entropy_has_its_classes_on_axis_one():
    z = RNG.normal(size=(2, 3, 4))
    target = RNG.integers(0, 3, (2, 4))
    rows = np.moveaxis(z, 1, -1).reshape(-1, 3)
    expected = F.cross_entropy(Tensor(rows), target.ravel())
    assert F.cross_entropy(Tensor(z), target).item() == pytest.approx(expected.item())
    soft = softmax(RNG.normal(size=(2, 3, 4)))
    expected = F.cross_entropy(Tensor(rows), np.moveaxis(soft, 1, -1).reshape(-1, 3))
    assert F.cross_entropy(Tensor(z), soft).item() == pytest.approx(expected.item())
    assert F.cross_entropy(Tensor(z), target, reduction="none").shape == (2, 4)


def test_cross_entropy_of_one_row():
    assert F.cross_entropy(Tensor(Z[0]), 2).item() == pytest.approx(-np.log(softmax(Z)[0, 2]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_logits_give_exact_losses(dtype):
    x = Tensor(np.array([1000, -1000, 1000, -1000], dtype))
    loss = F.binary_cross_entropy_with_logits(x, [1, 0, 0, 1], reduction="none")
    assert loss.data.tolist() == [0.0, 0.0, 1000.0, 1000.0]
    loss.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 1.0, -1.0]
    assert loss.dtype == x.grad.dtype == dtype
    z = Tensor(np.array([[1000, -1000], [1000, -1000]], dtype))
    loss = F.cross_entropy(z, [0, 1], reduction="none")
    assert loss.data.tolist() == [0.0, 2000.0]
    loss.sum().backward()
    assert z.grad.tolist() == [[0.0, 0.0], [1.0, -1.0]]


def test_small_losses_keep_their_digits():
    loss = F.binary_cross_entropy_with_logits(Tensor([30.0, -30.0]), [1.0, 0.0], reduction="none")
    np.testing.assert_allclose(loss.data, np.exp(-30.0), rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_certain_probabilities_give_finite_losses(dtype):
    p = Tensor(np.array([0, 1, 0, 1], dtype))
    loss = F.binary_cross_entropy(p, [0, 1, 1, 0], reduction="none")
    np.testing.assert_allclose(loss.data, [0, 0, 100, 100], rtol=1e-6)
    loss.sum().backward()
    assert np.isfinite(p.grad).all()


def test_losses_stay_in_the_precision_of_the_input():
    x = Tensor(Z.astype(np.float32))
    for loss in (F.mse_loss(x, BITS), F.binary_cross_entropy_with_logits(x, BITS > 0.5), F.cross_entropy(x, SOFT)):
        assert loss.dtype == np.float32


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(
    ("kind", "function", "target"),
    [
        (nn.MSELoss, F.mse_loss, BITS),
        (nn.BCEWithLogitsLoss, F.binary_cross_entropy_with_logits, BITS),
        (nn.CrossEntropyLoss, F.cross_entropy, CLASSES),
        (nn.BCELoss, lambda x, t, reduction: F.binary_cross_entropy(x.sigmoid(), t, None, reduction), BITS),
    ],
)
def test_modules_and_reductions(kind, function, target, reduction):
    x = Tensor(Z)
    single = function(x, target, reduction="none")
    expected = {"mean": single.data.mean, "sum": single.data.sum, "none": lambda: single.data}[reduction]()
    np.testing.assert_allclose(function(x, target, reduction=reduction).data, expected)
    module = kind(reduction=reduction)
    assert repr(module).startswith(f"{kind.__name__}(")
    assert f"reduction={reduction!r}" in repr(module)
    np.testing.assert_allclose(module(x.sigmoid() if kind is nn.BCELoss else x, target).data, expected)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(
    ("loss", "target"),
    [
        (F.mse_loss, BITS),
        (F.binary_cross_entropy_with_logits, BITS),
        (
            lambda x, t, reduction: F.binary_cross_entropy(
                [[v.sigmoid() for v in row] for row in x], t, None, reduction
            ),
            BITS,
        ),
        (F.cross_entropy, CLASSES),
        (F.cross_entropy, SOFT),
    ],
)
def test_lists_of_values_give_the_same_as_tensors(loss, target, reduction):
    rows = [[Value(z) for z in row] for row in Z]
    y = loss(rows, target, reduction=reduction)
    assert isinstance(y, Value)
    y.backward()
    tensor = Tensor(Z)
    if loss not in (F.mse_loss, F.binary_cross_entropy_with_logits, F.cross_entropy):
        expected = F.binary_cross_entropy(tensor.sigmoid(), target, None, reduction)
    else:
        expected = loss(tensor, target, reduction=reduction)
    expected.backward()
    assert y.data == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose([[v.grad for v in row] for row in rows], tensor.grad, rtol=1e-10)


def test_one_value_and_its_target():
    assert F.mse_loss(Value(3.0), 1.0).data == 4.0
    z = [Value(1000.0), Value(0.0)]
    assert F.cross_entropy(z, np.int64(1)).data == 1000.0


def test_a_target_may_be_differentiated():
    teacher = Tensor(SOFT)
    F.cross_entropy(Tensor(Z), teacher).backward()
    np.testing.assert_allclose(teacher.grad, -np.log(softmax(Z)) / 5)
