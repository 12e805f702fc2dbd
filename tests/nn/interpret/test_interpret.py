"""Attributions: against models whose explanation is known, the axioms of their papers, and PyTorch."""

import numpy as np
import pytest

import autograd
import nn
from autograd import OperandError, ShapeError
from nn.interpret import grad_cam, input_x_gradient, integrated_gradients, occlusion, picture, saliency, smooth_grad

GRADIENT = [saliency, input_x_gradient, smooth_grad, integrated_gradients]


@pytest.fixture(scope="module")
def trained():
    nn.manual_seed(0)
    model, data = nn.models.lenet_small(), nn.datasets.digits()
    nn.fit(model, nn.CrossEntropyLoss(), data.train, epochs=4, lr=0.005, progress=False)
    return model, *data.test[:16]


@pytest.fixture
def linear():
    model = nn.Linear(4, 3)
    model.weight.data[...] = np.arange(12).reshape(3, 4) - 5
    return model


def batch(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def test_of_a_linear_model_all_know_the_weights(linear):
    x, w = batch(5, 4), linear.weight.data
    target = np.array([0, 1, 2, 1, 0])
    np.testing.assert_allclose(saliency(linear, x, target, abs=False), w[target])
    np.testing.assert_allclose(saliency(linear, x, target), abs(w[target]))
    np.testing.assert_allclose(smooth_grad(linear, x, target, n_samples=3), abs(w[target]), rtol=1e-6)
    np.testing.assert_allclose(input_x_gradient(linear, x, target), w[target] * x, rtol=1e-6)
    np.testing.assert_allclose(occlusion(linear, x, target, window=1), w[target] * x, rtol=1e-4, atol=1e-5)
    base = batch(4) + 1
    shares = integrated_gradients(linear, x, target, base, n_steps=3)
    np.testing.assert_allclose(shares, w[target] * (x - base), rtol=1e-4, atol=1e-5)


def test_shares_are_complete(trained):
    model, x, y = trained
    shares, delta = integrated_gradients(model, x, y, n_steps=100, return_convergence_delta=True)
    scores = nn.predict(model, x)[np.arange(16), y]
    difference = scores - nn.predict(model, np.zeros_like(x))[np.arange(16), y]
    np.testing.assert_allclose(shares.sum((1, 2, 3)), difference, atol=0.05)
    np.testing.assert_allclose(shares.sum((1, 2, 3)) - difference, delta, atol=1e-4)
    assert abs(difference).min() > 1  # that is what the shares add up to
    coarse = integrated_gradients(model, x, y, n_steps=3, return_convergence_delta=True)[1]
    assert abs(delta).mean() < abs(coarse).mean() / 5
    small = integrated_gradients(model, x, y, n_steps=100, batch_size=40)
    np.testing.assert_allclose(small, shares, atol=1e-5)


def test_shares_are_exact_for_polynomials_and_leave_out_what_has_no_part():
    x = np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 2.0]])
    shares, delta = integrated_gradients(
        lambda x: x[:, 0] ** 3 * x[:, 1], x, n_steps=2, return_convergence_delta=True
    )  # of degree 4 along the line, by the rule that is exact to 3 for the gradient
    np.testing.assert_allclose(delta, 0, atol=1e-12)
    np.testing.assert_allclose(shares[:, 0], 0.75 * x[:, 0] ** 3 * x[:, 1])
    np.testing.assert_allclose(shares[:, 1], 0.25 * x[:, 0] ** 3 * x[:, 1])
    assert not shares[:, 2].any()


def test_what_the_picture_of_a_digit_shows(trained):
    """The model's own evidence lies where there is ink; covering it costs the score."""
    model, x, y = trained
    shares = integrated_gradients(model, x, y)
    assert not shares[x == 0].any()  # a pixel like the baseline has no share
    found = occlusion(model, x, y, window=2)
    assert found.mean() > 0
    before = nn.predict(model, x)[np.arange(16), y]
    best, worst = x.copy(), x.copy()
    for i, each in enumerate(shares.reshape(16, -1)):
        order = np.argsort(each)
        best[i].ravel()[order[-5:]] = 0
        worst[i].ravel()[order[:5]] = 0
    after = [nn.predict(model, images)[np.arange(16), y] for images in (best, worst)]
    assert after[0].mean() < before.mean() - 2
    assert after[1].mean() > before.mean()


def test_smooth_grad_without_noise_and_with(trained):
    model, x, y = trained
    np.testing.assert_allclose(
        smooth_grad(model, x, y, n_samples=2, noise_level=0.0), saliency(model, x, y), rtol=1e-5, atol=1e-6
    )
    nn.manual_seed(0)
    first = smooth_grad(model, x, n_samples=4, method=integrated_gradients, n_steps=5)
    nn.manual_seed(0)
    assert np.array_equal(first, smooth_grad(model, x, n_samples=4, method=integrated_gradients, n_steps=5))


def test_grad_cam_by_hand():
    """Two channels, of which one speaks for the class and one against it."""
    conv = nn.Conv2d(1, 2, 1, bias=False)
    conv.weight.data[...] = [[[[1]]], [[[-1]]]]
    head = nn.Linear(2, 2, bias=False)
    head.weight.data[...] = [[2, 0], [0, 3]]
    model = nn.Sequential(conv, nn.AvgPool2d(2), nn.Flatten(), head)
    x = np.array([[[[1, -2], [3, -4]]]], np.float32)
    np.testing.assert_allclose(grad_cam(model, x, 0, "0"), np.maximum(2 / 4 * x, 0))
    np.testing.assert_allclose(grad_cam(model, x, 1, conv), np.maximum(-3 / 4 * x, 0))
    np.testing.assert_allclose(grad_cam(model, x, 1, conv, relu=False), -3 / 4 * x)


def test_grad_cam_is_that_of_pytorch(trained):
    torch = pytest.importorskip("torch", reason="its hooks are the oracle of Grad-CAM, and it is not installed")
    model, x, y = trained
    peer = torch.nn.Sequential(
        torch.nn.Conv2d(1, 16, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(16, 32, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Flatten(), torch.nn.Linear(128, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10),
    )  # fmt: skip
    peer.load_state_dict({name: torch.from_numpy(part) for name, part in model.state_dict().items()})
    outputs = peer[:4](torch.from_numpy(x))
    (slope,) = torch.autograd.grad(peer[4:](outputs)[torch.arange(16), torch.from_numpy(y)].sum(), outputs)
    cam = torch.relu((slope.mean((2, 3), keepdim=True) * outputs).sum(1, keepdim=True))
    whole = torch.nn.functional.interpolate(cam, (8, 8), mode="bilinear").detach().numpy()
    np.testing.assert_allclose(grad_cam(model, x, y, "3"), whole, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(grad_cam(model, x, y, "3", resize=False), cam.detach().numpy(), rtol=1e-3, atol=1e-5)


def test_occlusion_covers_everything_and_divides_by_how_often():
    x = batch(2, 3, 7, 5)
    weight = batch(3, 7, 5)
    found = occlusion(lambda x: (x * weight).sum((1, 2, 3)), x, window=(2, 2), stride=2)
    score = (x * weight).sum(1)  # of each place, all channels together
    corner = score[:, :2, :2].sum((1, 2))
    np.testing.assert_allclose(found[:, :, 0, 0], np.repeat(corner[:, None], 3, 1), rtol=1e-4, atol=1e-5)
    assert (found != 0).all()  # the last rows and columns, too
    overlap = (score[:, 4:6, :2].sum((1, 2)) + score[:, 5:7, :2].sum((1, 2))) / 2
    np.testing.assert_allclose(found[:, 0, 5, 0], overlap, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("method", [*GRADIENT, occlusion])
def test_targets(method, linear):
    x = batch(3, 4)
    linear.bias.data[...] = [0, 50, 0]
    own = method(linear, x)
    np.testing.assert_allclose(own, seeded(method, linear, x, 1), rtol=1)
    assert own.shape == x.shape
    assert own.dtype == np.float32
    each = seeded(method, linear, x, np.array([2, 0, 1]))
    for i, target in enumerate([2, 0, 1]):
        if method is not smooth_grad:
            np.testing.assert_allclose(each[i], seeded(method, linear, x, target)[i], rtol=1e-5, atol=1e-5)
    single = nn.Linear(4, 1)
    assert seeded(method, single, x, None).shape == x.shape


def seeded(method, model, x, target):
    nn.manual_seed(0)
    return method(model, x, target)


def test_outputs_with_places():
    model, x = nn.Conv2d(1, 3, 3, padding=1, bias=False), batch(2, 1, 6, 6)
    one = saliency(model, x, (2, 3, 4), abs=False)
    np.testing.assert_allclose(one[0, 0, 2:5, 3:6], model.weight.data[2, 0])
    assert np.count_nonzero(one[0]) == 9
    all_places = saliency(model, x, 2, abs=False)
    np.testing.assert_allclose(all_places[0, 0, 2, 2], model.weight.data[2].sum(), rtol=1e-5)


def test_grad_cam_of_sequences_and_volumes():
    series = nn.Sequential(nn.Conv1d(2, 3, 3), nn.ReLU(), nn.AvgPool1d(4, 4), nn.Flatten(), nn.Linear(6, 2))
    assert grad_cam(series, batch(2, 2, 10), layer="0").shape == (2, 1, 10)
    video = nn.Sequential(nn.Conv3d(1, 2, 3), nn.ReLU(), nn.AvgPool3d(2), nn.Flatten(), nn.Linear(2, 2))
    assert grad_cam(video, batch(2, 1, 4, 4, 4), layer=video[0]).shape == (2, 1, 4, 4, 4)


def test_the_model_stays_as_it_is():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(), nn.Flatten(), nn.Linear(72, 3))
    before, x = model.state_dict(), batch(2, 1, 8, 8)
    for method in GRADIENT:
        assert isinstance(method(model, x), np.ndarray)
    grad_cam(model, autograd.Tensor(x), layer="0")
    assert all(np.array_equal(part, before[name]) for name, part in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    assert all(module.training and not module._hooks for module in model.modules())


def test_pictures(trained):
    pytest.importorskip("matplotlib", reason="the pictures are matplotlib's, and it is not installed")
    model, x, y = trained
    maps = {"saliency": saliency(model, x[:2], y[:2]), "Grad-CAM": grad_cam(model, x[:2], y[:2], "0")}
    figure = picture(x[:2], maps, titles=y[:2])
    assert [axes.get_title() for axes in figure.axes] == ["input", "saliency", "Grad-CAM", "", "", ""]
    assert figure.axes[3].get_ylabel() == str(y[1])
    colours = np.random.default_rng(0).random((1, 3, 4, 5))
    assert picture(colours, {}).axes[0].images[0].get_array().shape == (4, 5, 3)
    table = picture(batch(2, 4), {"share": batch(2, 4)})
    assert table.axes[1].images[0].get_array().shape == (1, 4)
    with pytest.raises(ShapeError, match="share is of 3 examples"):
        picture(batch(2, 4), {"share": batch(3, 4)})


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda m, x: saliency(m, x.astype(int)), OperandError, "what small changes would do"),
        (lambda m, x: saliency(m, x, 3), IndexError, "0 to 2"),
        (lambda m, x: saliency(m, x, 1.0), OperandError, "a whole number"),
        (lambda m, x: saliency(m, x, [0, 1]), ShapeError, "an array of 3"),
        (lambda m, x: saliency(m, x, (0, 1)), ShapeError, "does not fit outputs"),
        (lambda m, x: saliency(lambda x: x.sum(), x), ShapeError, "an output for each"),
        (lambda m, x: saliency(lambda x: x.sum(1), x, 1), ShapeError, "one output for each example"),
        (lambda m, x: integrated_gradients(m, x, baseline=np.zeros(3)), ShapeError, "the baseline has shape"),
        (lambda m, x: integrated_gradients(m, x, n_steps=0), ValueError, "at least one step"),
        (lambda m, x: smooth_grad(m, x, n_samples=0), ValueError, "at least one sample"),
        (lambda m, x: occlusion(m, x, window=5), ShapeError, "does not fit into"),
        (lambda m, x: occlusion(m, x, window=0), ShapeError, "must be a positive number"),
        (lambda m, x: grad_cam(m, x), OperandError, "which layer"),
        (lambda m, x: grad_cam(m, x, layer="0.wieght"), AttributeError, "has nothing named"),
        (lambda m, x: grad_cam(m, x, layer=nn.Linear(1, 1)), OperandError, "not inside the model"),
        (lambda m, x: grad_cam(m, x, layer=m), ShapeError, "take a convolution"),
        (lambda m, x: grad_cam(lambda x: x, x), OperandError, "looks into a nn.Module"),
    ],
)
def test_what_cannot_be_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call(nn.Linear(4, 3), batch(3, 4))
