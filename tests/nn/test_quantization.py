"""Quantisation: rounding and its derivative against PyTorch's, and whole numbers that give what was trained."""

import copy

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError, Tensor, grad
from nn import pruning
from nn.quantization import (
    FakeQuantize,
    MinMaxObserver,
    MovingAverageMinMaxObserver,
    QuantizedLayer,
    calibrate,
    convert,
    dequantize,
    fake_quantize,
    prepare,
    quantization_parameters,
    quantize,
    size_in_bytes,
)


def numbers(*shape, dtype=np.float32):
    return (3 * np.random.default_rng(0).normal(size=shape)).astype(dtype)


@pytest.mark.parametrize(
    ("scale", "zero_point", "low", "high"), [(0.1, 0, -8, 7), (0.037, 12, 0, 255), (0.5, -3, -128, 127)]
)
def test_per_tensor_as_pytorch(scale, zero_point, low, high):
    torch = pytest.importorskip("torch", reason="its fake quantisation is the oracle, and it is not installed")
    x = np.concatenate(
        [numbers(2000), np.float32(scale) * np.arange(-20, 20, 0.5, dtype=np.float32)]
    )  # ties among them
    theirs = torch.from_numpy(x.copy()).requires_grad_()
    result = torch.fake_quantize_per_tensor_affine(theirs, scale, zero_point, low, high)
    (result * torch.arange(len(x))).sum().backward()
    mine = Tensor(x)
    found = fake_quantize(mine, scale, zero_point, low, high)
    (found * np.arange(len(x), dtype=np.float32)).sum().backward()
    np.testing.assert_array_equal(found.data, result.detach().numpy())
    np.testing.assert_allclose(mine.grad, theirs.grad.numpy(), rtol=2e-7)  # scale · (1 / scale) is 1 but for rounding
    assert found.dtype == np.float32


def test_per_channel_as_pytorch():
    torch = pytest.importorskip("torch", reason="its fake quantisation is the oracle, and it is not installed")
    x, scale = numbers(4, 5, 3), np.array([0.02, 0.1, 0.3, 0.01, 1.0], np.float32)
    zero_point = np.array([0, 3, -5, 9, 1], np.int32)
    theirs = torch.from_numpy(x.copy()).requires_grad_()
    result = torch.fake_quantize_per_channel_affine(
        theirs, torch.from_numpy(scale), torch.from_numpy(zero_point), 1, -16, 15
    )
    result.sum().backward()
    mine = Tensor(x)
    found = fake_quantize(mine, scale, zero_point, -16, 15, axis=1)
    found.sum().backward()
    np.testing.assert_array_equal(found.data, result.detach().numpy())
    np.testing.assert_allclose(mine.grad, theirs.grad.numpy(), rtol=2e-7)


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("average", [True, False])
@pytest.mark.filterwarnings("ignore")  # torch.ao says that it will move
def test_scales_as_pytorch(symmetric, average):
    torch = pytest.importorskip("torch", reason="its observers are the oracle, and it is not installed")
    ao = pytest.importorskip("torch.ao.quantization")
    kind = ao.MovingAverageMinMaxObserver if average else ao.MinMaxObserver
    scheme, dtype = (torch.per_tensor_symmetric, torch.qint8) if symmetric else (torch.per_tensor_affine, torch.quint8)
    theirs = kind(dtype=dtype, qscheme=scheme)
    mine = (MovingAverageMinMaxObserver if average else MinMaxObserver)()
    for i in range(5):
        x = numbers(50) * (i + 1) + 2
        theirs(torch.from_numpy(x))
        mine(x)
    scale, zero_point = quantization_parameters(mine.min_val, mine.max_val, 8, symmetric)
    expected = theirs.calculate_qparams()
    np.testing.assert_allclose(scale, expected[0].numpy()[0], rtol=1e-6)
    assert zero_point == expected[1].numpy()[0]


def test_the_error_is_at_most_half_a_step_and_zero_stays_zero():
    x = np.append(numbers(500, dtype=np.float64), 0.0)
    for bits in (2, 4, 8, 12):
        for symmetric in (True, False):
            found = FakeQuantize(bits, symmetric)(x)
            scale, zero_point = FakeQuantize(bits, symmetric).parameters_for(x)
            allowed = scale / 2 if not symmetric else scale  # the greatest may lie half a step above the range
            assert abs(found - x).max() <= allowed * (1 + 1e-9)
            assert found[-1] == 0
            assert len(np.unique(found)) <= 2**bits
            q = quantize(
                x, scale, zero_point, *((-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if symmetric else (0, 2**bits - 1))
            )
            np.testing.assert_array_equal(dequantize(q, scale, zero_point), found)


def test_a_scale_can_be_learned():
    x = np.array([0.3, -0.6, 5.0, -5.0])
    slope = grad(lambda s: fake_quantize(x, s, 0, -4, 3).sum())(np.array(0.25))
    expected = (1 - 1.2) + (-2 + 2.4) + 3 - 4  # round(x / s) - x / s within the range, and its ends
    assert float(slope) == pytest.approx(expected)


def test_an_observer_looks_on_in_train_mode_only():
    fake = FakeQuantize(observer=MovingAverageMinMaxObserver(0.5))
    with pytest.raises(OperandError, match="has not seen any numbers"):
        fake.eval()(numbers(3))
    fake.train()(np.array([-1.0, 2.0]))
    fake(np.array([-3.0, 6.0]))
    assert (fake.observer.min_val, fake.observer.max_val) == (-2, 4)
    fake.eval()(np.array([100.0]))
    assert fake.observer.max_val == 4
    fake.train().observing = False
    fake(np.array([100.0]))
    assert fake.observer.max_val == 4
    channels = MinMaxObserver(axis=1, channels=2)
    channels(np.array([[[1, 2], [-5, 0]], [[7, 0], [4, 4]]]))
    assert (channels.min_val.tolist(), channels.max_val.tolist()) == ([0, -5], [7, 4])


@pytest.fixture(scope="module")
def trained():
    nn.manual_seed(0)
    model, data = nn.models.lenet_small(), nn.datasets.digits()
    nn.fit(model, nn.CrossEntropyLoss(), data.train, epochs=4, lr=0.005, progress=False)
    return model, data


def accuracy(model, data):
    x, y = data.test[:]
    return float((nn.predict(model, x).argmax(1) == y).mean())


def test_eight_bits_after_training(trained):
    model, data = trained
    prepared = prepare(model)
    calibrate(prepared, [data.train[:200]])
    assert accuracy(prepared, data) > accuracy(model, data) - 0.02
    small = convert(prepared)
    assert size_in_bytes(model) == 4 * model.num_parameters
    assert size_in_bytes(small) < 0.31 * size_in_bytes(model)
    assert np.array_equal(nn.predict(small, data.test[:][0]), nn.predict(prepared, data.test[:][0]))


def test_training_with_two_bits_does_better_than_rounding_afterwards(trained):
    model, data = trained
    longer = copy.deepcopy(model)
    prepared = prepare(model, weight_bits=2, activation_bits=3)
    for each in (longer, prepared):
        nn.manual_seed(0)
        nn.fit(each, nn.CrossEntropyLoss(), data.train, epochs=3, lr=0.002, progress=False)
    rounded = prepare(longer, weight_bits=2, activation_bits=3)
    calibrate(rounded, [data.train[:200]])
    after = accuracy(prepared, data)
    assert accuracy(longer, data) > 0.95
    assert after > accuracy(rounded, data) + 0.03
    assert after > 0.9
    small = convert(prepared)
    assert accuracy(small, data) == after
    assert {len(np.unique(layer.weight)) for layer in small.modules() if isinstance(layer, QuantizedLayer)} <= {3, 4}


def test_what_was_converted_is_kept_and_loaded(trained):
    model, data = trained
    prepared = prepare(model)
    calibrate(prepared, [data.train[:50]])
    small, other = convert(prepared), convert(prepared)
    for name, array in other.state_dict().items():
        if array.dtype == np.int8:
            other.get_buffer(name)[...] = 0
    assert not np.array_equal(nn.predict(other, data.test[:5][0]), nn.predict(small, data.test[:5][0]))
    other.load_state_dict(small.state_dict())
    assert np.array_equal(nn.predict(other, data.test[:5][0]), nn.predict(small, data.test[:5][0]))
    x = data.test[:5][0]
    calm = small(x).data
    small.train()(100 * x)  # nobody looks on any more
    assert np.array_equal(small.eval()(x).data, calm)


def test_other_layers_and_what_contains_them():
    class Net(nn.Module):
        def __init__(self):
            self.parts = [nn.ConvTranspose2d(2, 3, 2), {"last": nn.Dense(4)}]
            self.norm = nn.LayerNorm(3)

        def forward(self, x):
            return self.parts[1]["last"](self.norm(self.parts[0](x).mean((2, 3))))

    net, x = Net(), numbers(5, 2, 4, 4)
    net(x)
    prepared = prepare(net, activation_bits=None)
    assert not hasattr(prepared.parts[0], "input_quantizer")
    assert prepared.parts[0].parametrizations["weight"].get_submodule("0").axis == 1
    expected = prepared.eval()(x).data
    small = convert(prepared)
    assert isinstance(small.parts[1]["last"], QuantizedLayer)
    assert np.array_equal(small(x).data, expected)
    np.testing.assert_allclose(expected, net(x).data, atol=0.1)
    assert "parametrizations.weight.original" not in " ".join(small.state_dict())


def test_pruned_weights_stay_zero(trained):
    model, data = trained
    prepared = prepare(model)
    calibrate(prepared, [data.train[:50]])
    layer = prepared[7]
    pruned = prepare(_pruned(model))
    assert (pruned[7].weight.data == 0).sum() >= (layer.weight.data == 0).sum()
    calibrate(pruned, [data.train[:50]])
    small = convert(pruned)
    assert (small[7].weight == 0).mean() >= 0.5


def _pruned(model):
    found = copy.deepcopy(model)
    pruning.l1_unstructured(found[7], "weight", 0.5)
    return found


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: FakeQuantize(bits=1), ValueError, "2 to 16 bits"),
        (lambda: fake_quantize(np.ones((2, 3)), np.ones(2), axis=1), ShapeError, "has 3 channels"),
        (lambda: prepare(nn.ReLU()), OperandError, "no linear or convolutional layer"),
        (lambda: prepare(prepare(nn.Linear(2, 2))), OperandError, "quantised already"),
        (lambda: convert(nn.Linear(2, 2)), OperandError, "prepare"),
    ],
)
def test_what_cannot_be_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
