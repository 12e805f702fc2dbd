"""Pruning: what is left out, that it stays out, and PyTorch's choice of it."""

import copy

import numpy as np
import pytest

import nn
from autograd import OperandError
from nn import pruning


def layer(weight):
    found = nn.Linear(len(weight[0]), len(weight))
    found.weight.data[...] = weight
    return found


@pytest.fixture
def model():
    nn.manual_seed(0)
    return nn.models.lenet_small()


def digits(n=320):
    x, y = nn.datasets.digits().train[:n]
    return x, y


def test_the_smallest_go_first_and_again_of_what_is_left():
    each = layer([[8, -1, 2, -7], [3, 6, -5, 4]])
    pruning.l1_unstructured(each, "weight", 0.5)
    np.testing.assert_array_equal(each.weight.data, [[8, 0, 0, -7], [0, 6, -5, 0]])
    pruning.l1_unstructured(each, "weight", 0.5)
    np.testing.assert_array_equal(each.weight.data, [[8, 0, 0, -7], [0, 0, 0, 0]])
    pruning.l1_unstructured(each, "weight", 1)
    np.testing.assert_array_equal(each.weight.data, [[8, 0, 0, 0], [0, 0, 0, 0]])
    pruning.l1_unstructured(each, "weight", 0)
    assert pruning.sparsity([(each, "weight")]) == 7 / 8
    np.testing.assert_array_equal(each.parametrizations["weight"].original.data[0], [8, -1, 2, -7])


def test_all_layers_together_or_each_alone(model):
    alone = copy.deepcopy(model)
    pruning.global_unstructured(pruning.prunable(model), 0.7)
    for module, name in pruning.prunable(alone):
        pruning.l1_unstructured(module, name, 0.7)
    shares = [[pruning.sparsity([place]) for place in pruning.prunable(each)] for each in (model, alone)]
    assert pruning.sparsity(model) == pytest.approx(0.7, abs=1e-4)
    assert max(shares[0]) - min(shares[0]) > 0.3
    np.testing.assert_allclose(shares[1], 0.7, atol=0.01)
    largest = [abs(p.data[m.parametrizations[n].children().__next__().mask == 0]).max()
               for m, n in pruning.prunable(model) for p in [m.parametrizations[n].original]]  # fmt: skip
    kept = [abs(m.weight.data[m.weight.data != 0]).min() for m, n in pruning.prunable(model)]
    assert max(largest) <= min(kept)


def test_slices():
    each = layer([[3, 0, 0], [1, 1, 1], [2, 2, 0]])
    pruning.ln_structured(each, "weight", 1, n=2)
    np.testing.assert_array_equal(each.weight.data, [[3, 0, 0], [0, 0, 0], [2, 2, 0]])
    pruning.ln_structured(each, "weight", 1, n=1)  # of the two that are left
    np.testing.assert_array_equal(each.weight.data, [[0, 0, 0], [0, 0, 0], [2, 2, 0]])
    columns = layer([[3, 0, 1], [1, 1, 1]])
    pruning.ln_structured(columns, "weight", 1 / 3, n=np.inf, dim=1)
    np.testing.assert_array_equal(columns.weight.data, [[3, 0, 1], [1, 0, 1]])
    conv = nn.Conv2d(4, 8, 3)
    pruning.ln_structured(conv, "weight", 0.25, dim=0)
    assert (conv.weight.data.reshape(8, -1) == 0).all(1).sum() == 2


def test_by_chance_and_by_seed():
    masks = []
    for _ in range(2):
        nn.manual_seed(1)
        each = layer(np.ones((20, 20)))
        pruning.random_unstructured(each, "weight", 0.3)
        rows = layer(np.ones((20, 20)))
        pruning.random_structured(rows, "weight", 5)
        masks.append((each.weight.data, rows.weight.data))
    assert (masks[0][0] == 0).sum() == 120
    assert (masks[0][1].sum(1) == 0).sum() == 5
    assert np.array_equal(masks[0], masks[1])


@pytest.mark.parametrize("amount", [0.3, 7])
def test_what_pytorch_leaves_out(amount):
    torch = pytest.importorskip("torch", reason="torch.nn.utils.prune is the oracle, and torch is not installed")
    prune = pytest.importorskip("torch.nn.utils.prune")
    weight = np.random.default_rng(0).normal(size=(8, 5)).astype(np.float32)
    for kind, ours, theirs in [
        ("l1", pruning.l1_unstructured, prune.l1_unstructured),
        ("ln", lambda *a: pruning.ln_structured(*a, n=1, dim=0), lambda *a: prune.ln_structured(*a, n=1, dim=0)),
    ]:
        peer = torch.nn.Linear(5, 8)
        peer.weight.data = torch.from_numpy(weight.copy())
        mine = layer(weight)
        for _ in range(2):
            if kind == "ln" and amount == 7:
                continue
            theirs(peer, "weight", amount)
            ours(mine, "weight", amount)
            np.testing.assert_array_equal(mine.weight.data, peer.weight.detach().numpy())


def test_masks_are_kept_through_training_and_remove_makes_it_a_weight(model):
    x, y = digits()
    optimizer = nn.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)  # made before the masks
    nn.fit(model, nn.CrossEntropyLoss(), (x, y), epochs=1, optimizer=optimizer, progress=False)
    pruning.global_unstructured(pruning.prunable(model), 0.6)
    masks = [module.weight.data != 0 for module, _ in pruning.prunable(model)]
    before = nn.evaluate(model, nn.CrossEntropyLoss(), (x, y))["loss"]
    nn.fit(model, nn.CrossEntropyLoss(), (x, y), epochs=2, optimizer=optimizer, progress=False)
    assert nn.evaluate(model, nn.CrossEntropyLoss(), (x, y))["loss"] < before
    for (module, name), mask in zip(pruning.prunable(model), masks):
        assert not module.weight.data[~mask].any()
        module.zero_grad()
        nn.functional.cross_entropy(model(x[:4]), y[:4]).backward()
        assert not module.parametrizations[name].original.grad[~mask].any()
    outputs = model(x).data
    again = nn.models.lenet_small()
    for place in pruning.prunable(again):
        pruning.l1_unstructured(*place, 0)
    again.load_state_dict(model.state_dict())
    assert np.array_equal(again(x).data, outputs)
    assert np.array_equal(copy.deepcopy(model)(x).data, outputs)
    assert pruning.is_pruned(model)
    for module, name in pruning.prunable(model):
        pruning.remove(module, name)
    assert not pruning.is_pruned(model)
    assert np.array_equal(model(x).data, outputs)
    assert set(model.state_dict()) == set(nn.models.lenet_small().state_dict())


def test_gradual_pruning_on_digits(model):
    gradual = pruning.GradualPruning(0.9, frequency=10)
    data = nn.datasets.digits()
    history = nn.fit(model, nn.CrossEntropyLoss(), data.train, epochs=8, lr=0.005, callbacks=[gradual], progress=False)
    shares = [row["sparsity"] for row in history]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(0.9, abs=1e-3)
    assert nn.evaluate(model, nn.CrossEntropyLoss(), data.test, metrics=["accuracy"])["accuracy"] > 0.9
    end = gradual.end
    assert end == 8 * 45 * 3 // 4
    assert [gradual.sparsity_at(t) for t in (-1, 0, end // 2, end, end + 9)] == pytest.approx(
        [0, 0, 0.9 * (1 - 0.5**3), 0.9, 0.9]
    )


def test_it_goes_on_from_a_checkpoint(tmp_path):
    x, y = digits()

    def train(epochs, name):
        nn.manual_seed(0)
        model = nn.models.lenet_small()
        callbacks = [pruning.GradualPruning(0.8, frequency=3, end_step=25), nn.Checkpoint(tmp_path / name, resume=True)]
        nn.fit(model, nn.CrossEntropyLoss(), (x, y), epochs=epochs, callbacks=callbacks, progress=False)
        return model

    train(1, "parts.npz")
    parts, whole = train(3, "parts.npz"), train(3, "whole.npz")
    assert pruning.sparsity(parts) == pytest.approx(0.8, abs=1e-4)
    assert all(np.array_equal(part, parts.state_dict()[name]) for name, part in whole.state_dict().items())


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: pruning.l1_unstructured(nn.Linear(2, 2), "weight", 1.5), ValueError, "a share from 0.0 to 1.0"),
        (lambda: pruning.l1_unstructured(nn.Linear(2, 2), "weight", 5), ValueError, "up to 4"),
        (lambda: pruning.l1_unstructured(nn.Linear(2, 2), "wieght", 1), OperandError, "no weight 'wieght'"),
        (lambda: pruning.ln_structured(nn.Linear(2, 2), "bias", 1), OperandError, "no axis 0 has slices"),
        (lambda: pruning.custom_from_mask(nn.Linear(2, 2), "weight", [1, 0]), OperandError, r"the mask \(2,\)"),
        (lambda: pruning.global_unstructured([], 0.5), OperandError, "no parameters"),
        (lambda: pruning.remove(nn.Linear(2, 2), "weight"), OperandError, "is not pruned"),
        (lambda: pruning.GradualPruning(1.2), ValueError, "final_sparsity"),
        (lambda: pruning.GradualPruning(0.5, begin_step=5, end_step=5), ValueError, "a later end_step"),
    ],
)
def test_what_cannot_be_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
