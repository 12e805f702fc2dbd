"""diagnose: planted faults are blamed on the right layer and line, the advice mends them; the healthy are healthy."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value
from autograd.errors import GradientError, OperandError

CLASSES = nn.CrossEntropyLoss()


class Net(nn.Module):
    """Layers with names, an activation that can be chosen, and a line for each."""

    def __init__(self, activation=autograd.relu, depth=3, width=32):
        super().__init__()
        self.first = nn.Linear(10, width)
        self.middle = nn.ModuleList([nn.Linear(width, width) for _ in range(depth - 2)])
        self.last = nn.Linear(width, 3)
        self.activation = activation

    def forward(self, x):
        h = self.activation(self.first(x))
        for layer in self.middle:
            h = self.activation(layer(h))  # the line to blame
        return self.last(h)


@pytest.fixture
def batch():
    x = np.random.default_rng(0).normal(size=(64, 10)).astype("float32")
    return x, (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)


@pytest.fixture(autouse=True)
def _seed():
    nn.manual_seed(0)


def only(checkup):
    assert len(checkup) == 1, checkup
    return checkup.findings[0]


def test_a_healthy_network(batch):
    checkup = autograd.diagnose(Net(), batch, CLASSES)
    assert checkup
    assert checkup.ok
    assert len(checkup) == 0
    assert [row.layer for row in checkup.layers] == ["first", "middle.0", "last"]
    assert "3 layers, loss 1.1" in str(checkup)
    assert ": healthy." in str(checkup)
    row = checkup.layers[0]
    assert (row.kind, row.size, row.activation) == ("affine", 352, "relu")
    assert row.dead < 0.2
    assert row.weight_gradient > 0


def test_a_dead_layer(batch):
    model = Net()
    model.middle[0].bias.data[:] = -100.0
    checkup = autograd.diagnose(model, batch, CLASSES)
    found = only(checkup)
    assert (found.kind, found.severity, found.layer, found.operation) == ("dead relu", "severe", "middle.0", "relu")
    assert found.figure == 1.0
    assert "all 32 units" in found.measured
    assert "64 samples" in found.measured
    assert "the biases are to blame: they are -100.0" in found.why
    assert "No gradient gets to first, middle.0." in found.why
    assert "self.activation(layer(h))  # the line to blame" in found.place
    assert "test_diagnose.py:" in found.place
    assert not checkup.ok
    assert not checkup
    assert checkup["middle.0"] == [found]
    # What it says to do, each by itself.
    again = Net()
    again.load_state_dict(model.state_dict())
    nn.init.kaiming_normal_(again.middle[0].weight)
    nn.init.zeros_(again.middle[0].bias)
    assert autograd.diagnose(again, batch, CLASSES).ok
    model.activation = autograd.leaky_relu
    assert "dead relu" not in {f.kind for f in autograd.diagnose(model, batch, CLASSES)}
    CLASSES(model(batch[0]), batch[1]).backward()
    assert np.any(model.first.weight.grad)


def test_saturated_by_its_weights(batch):
    model = Net(autograd.sigmoid)
    model.middle[0].weight.data *= 300
    found = only(autograd.diagnose(model, batch, CLASSES))
    assert (found.kind, found.layer, found.operation) == ("saturated units", "middle.0", "sigmoid")
    assert "the weights of middle.0 are large" in found.why
    assert "the line to blame" in found.place
    nn.init.xavier_uniform_(model.middle[0].weight)
    assert autograd.diagnose(model, batch, CLASSES).ok


def test_saturated_by_its_inputs(batch):
    x, target = batch
    found = only(autograd.diagnose(Net(autograd.tanh), (x * 1000 + 50, target), CLASSES))
    assert (found.kind, found.layer, found.operation) == ("saturated units", "first", "tanh")
    assert "the inputs are large" in found.why
    assert "h = self.activation(self.first(x))" in found.place
    wide = x * 1000 + 50
    standard = (wide - wide.mean(0)) / wide.std(0)
    assert autograd.diagnose(Net(autograd.tanh), (standard, target), CLASSES).ok


def test_a_product_is_no_input_of_the_bias_that_is_added_to_it():
    x, target = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]])
    rng = np.random.default_rng(0)
    W1, b1, W2 = (Tensor(rng.normal(size=shape)) for shape in ((2, 16), (16,), (16, 1)))
    W1.data *= 50
    checkup = autograd.diagnose(((autograd.tanh(x @ W1 + b1) @ W2 - target) ** 2).mean())
    (found,) = (f for f in checkup if f.kind == "saturated units")
    assert "the weights of W1, b1 are large" in found.why


def test_an_output_may_be_sure(batch):
    x = batch[0]
    model = nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid())
    model[2].weight.data *= 1e4
    kinds = {f.kind for f in autograd.diagnose(model, (x, np.ones((64, 1), "float32")), nn.MSELoss())}
    assert "saturated units" not in kinds


def test_a_gradient_that_vanishes_in_a_deep_net_of_sigmoids(batch):
    found = only(autograd.diagnose(Net(autograd.sigmoid, depth=12), batch, CLASSES))
    assert (found.kind, found.severity, found.operation) == ("vanishing gradient", "severe", "sigmoid")
    assert found.layer.startswith("first … middle.")
    assert found.figure > 1e6
    assert "11 × sigmoid pass on 0.2" in found.why
    assert "its slope is at most 1/4" in found.why
    assert "the line to blame" in found.place
    model = Net(autograd.relu, depth=12)
    for layer in [model.first, *model.middle]:
        nn.init.kaiming_normal_(layer.weight)
        nn.init.zeros_(layer.bias)
    assert autograd.diagnose(model, batch, CLASSES).ok


def test_a_recurrence_that_explodes():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 10))

    def unrolled(w):
        u = Tensor(np.random.default_rng(1).normal(size=(10, 8)) * 0.1, label="U")
        h = np.zeros((4, 8))
        with autograd.annotate():
            for _ in range(50):
                h = autograd.relu(h @ w + x @ u)  # the step
            return (h**2).mean()

    w = Tensor(rng.normal(size=(8, 8)), label="W")
    found = autograd.diagnose(unrolled(w)).findings[0]
    assert (found.kind, found.layer, found.operation) == ("exploding gradient", "W", "matmul")
    assert "over the 49 uses of W" in found.measured
    assert "# the step" in found.place
    orthogonal, _ = np.linalg.qr(w.data)
    assert autograd.diagnose(unrolled(Tensor(orthogonal, label="W"))).ok


def test_a_recurrent_layer_that_explodes():
    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.out = nn.RNN(4, 16, nonlinearity="relu"), nn.Linear(16, 1)

        def forward(self, x):
            return self.out(self.rnn(x)[0][-1])

    x = np.random.default_rng(0).normal(size=(40, 4, 4)).astype("float32")
    model = Reader()
    model.rnn.weight_hh_l0.data *= 2.5
    checkup = autograd.diagnose(model, (x, np.zeros((4, 1), "float32")), nn.MSELoss())
    assert ("exploding gradient", "rnn", "rnn") in {(f.kind, f.layer, f.operation) for f in checkup}
    assert "self.rnn(x)" in checkup["rnn"][0].place
    nn.init.orthogonal_(model.rnn.weight_hh_l0)
    assert autograd.diagnose(model, (x, np.zeros((4, 1), "float32")), nn.MSELoss()).ok


def test_a_deep_net_whose_weights_are_too_large(batch):
    model = Net(depth=12)
    for layer in model.middle:
        nn.init.kaiming_normal_(layer.weight)
        layer.weight.data *= 4
    found = next(f for f in autograd.diagnose(model, batch, CLASSES) if f.kind == "exploding gradient")
    assert found.figure > 1e4
    assert "in each layer" in found.measured
    for layer in model.middle:
        nn.init.kaiming_normal_(layer.weight)
    assert autograd.diagnose(model, batch, CLASSES).ok


def test_a_loss_that_is_a_sum_over_huge_numbers(batch):
    model = nn.Linear(10, 1)
    found = only(autograd.diagnose(model, (batch[0] * 1e4, batch[0][:, :1]), lambda y, t: ((y - t) ** 2).sum()))
    assert (found.kind, found.layer) == ("exploding gradient", "Linear")
    assert autograd.diagnose(model, (batch[0], batch[0][:, :1]), nn.MSELoss()).ok


def test_a_layer_that_is_never_used(batch):
    class Forgetful(Net):
        def __init__(self):
            super().__init__()
            self.extra = nn.Linear(32, 32)

    model = Forgetful()
    found = only(autograd.diagnose(model, batch, CLASSES))
    assert (found.kind, found.severity, found.layer) == ("unused parameter", "warning", "extra")
    assert "extra.weight, extra.bias" in found.measured
    for parameter in model.extra.parameters():
        parameter.requires_grad = False
    assert autograd.diagnose(model, batch, CLASSES).ok
    del model.extra
    assert autograd.diagnose(model, batch, CLASSES).ok


@pytest.mark.parametrize("constant", [0.1, 0.5])
def test_weights_that_are_all_alike(batch, constant):
    model = Net()
    for parameter in model.parameters():
        parameter.data[...] = constant
    checkup = autograd.diagnose(model, batch, CLASSES)
    assert {(f.kind, f.severity, f.layer) for f in checkup} == {
        ("symmetric units", "severe", "first"),
        ("symmetric units", "severe", "middle.0"),
        ("symmetric units", "warning", "last"),
    }
    assert "all 96 weights of last.weight are 0." in checkup["last"][0].measured
    assert "32 of the 32 units" in checkup["first"][0].measured
    for layer in (model.first, model.middle[0], model.last):
        nn.init.kaiming_normal_(layer.weight)
    assert autograd.diagnose(model, batch, CLASSES).ok


def test_alike_in_matrices_made_by_hand():
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(32, 5)), rng.normal(size=(32, 1))
    w1, b1 = Tensor(np.full((5, 6), 0.3)), Tensor(np.zeros(6))
    w2 = Tensor(np.full((6, 1), 0.3))
    loss = ((autograd.tanh(x @ w1 + b1) @ w2 - t) ** 2).mean()
    found = only(autograd.diagnose(loss))
    assert (found.kind, found.layer) == ("symmetric units", "w1, b1")
    w1.data = rng.normal(size=(5, 6))
    assert autograd.diagnose(((autograd.tanh(x @ w1 + b1) @ w2 - t) ** 2).mean()).ok


def test_zeros_at_the_end_are_noted_and_no_fault(batch):
    model = Net()
    nn.init.zeros_(model.last.weight)
    checkup = autograd.diagnose(model, batch, CLASSES)
    assert checkup.ok
    assert {(f.kind, f.severity) for f in checkup} == {("zero gradient", "note")}
    assert "the weights of last behind it are all 0" in checkup["first"][0].why
    assert checkup["middle.0"] == checkup["first"]


def test_a_gradient_that_is_stopped(batch):
    class Rounding(Net):
        def forward(self, x):
            h = autograd.relu(self.first(x))
            h = autograd.sign(h)
            return self.last(self.middle[0](h))

    found = autograd.diagnose(Rounding(), batch, CLASSES)["first"][0]
    assert (found.kind, found.severity, found.operation) == ("zero gradient", "warning", "sign")
    assert "h = autograd.sign(h)" in found.place


def test_numbers_that_are_not_finite(batch):
    model = Net()
    model.middle[0].weight.data[0, 0] = np.nan
    with np.errstate(all="ignore"):
        found = only(autograd.diagnose(model, batch, CLASSES))
    assert found.kind == "not finite"
    assert "detect_anomaly" in found.advice


def test_of_a_loss_and_its_graph(batch):
    model = Net()
    model.middle[0].bias.data[:] = -100.0
    loss = CLASSES(model(batch[0]), batch[1])
    for checkup in (
        autograd.diagnose(loss),
        autograd.diagnose(loss, model=model),
        autograd.diagnose(loss, model),
        autograd.diagnose(loss, names={"m": model}),
    ):
        assert only(checkup).layer == "middle.0"
        assert only(checkup).place == ""
        assert "Recorded inside `with autograd.annotate():`" in str(checkup)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_values_neuron_by_neuron():
    model = nn.MLP(3, [4, 4, 1])

    def loss():
        whole = Value(0.0, requires_grad=False)
        for i, target in enumerate([1.0, -1.0, 1.0, 1.0] * 3):
            out = model([np.cos(i), np.sin(3.0 * i), 0.3 * i])
            whole = whole + ((out[0] if isinstance(out, list) else out) - target) ** 2
        return whole * (1 / 12)

    checkup = autograd.diagnose(loss(), model=model)
    assert checkup.ok
    assert [row.layer for row in checkup.layers] == ["layers.0", "layers.1", "layers.2"]
    for name, parameter in model.named_parameters():
        if name.startswith("layers.0") and name.endswith(".b"):
            parameter.data = -50.0
    found = only(autograd.diagnose(loss(), model=model))
    assert (found.kind, found.layer) == ("dead relu", "layers.0")
    assert "all 4 units" in found.measured
    assert "12 samples" in found.measured
    for parameter in model.parameters():
        parameter.data = 0.25
    assert {f.layer for f in autograd.diagnose(loss(), model=model) if f.kind == "symmetric units"} == {
        "layers.0",
        "layers.1",
    }


def test_the_model_is_left_as_it_was(batch):
    model = nn.Sequential(nn.Linear(10, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
    before = {name: np.array(x) for name, x in model.named_buffers()}
    autograd.diagnose(model, batch, CLASSES)
    for name, x in model.named_buffers():
        np.testing.assert_array_equal(x, before[name])
    assert all(parameter.grad is None for parameter in model.parameters())


def test_data_of_other_kinds(batch):
    x, target = batch
    assert autograd.diagnose(Net(), [(x, target), (x, target)][:1], CLASSES).ok
    assert autograd.diagnose(Net(), iter([(x, target)]), CLASSES).ok
    assert autograd.diagnose(Net(), nn.data.DataLoader(nn.data.ArrayDataset(x, target), batch_size=32), CLASSES).ok
    many = np.tile(x, (20, 1)), np.tile(target, 20)
    checkup = autograd.diagnose(Net(), many, CLASSES)
    assert checkup.ok
    assert autograd.diagnose(nn.Linear(10, 2), x, lambda y: (y**2).mean()).ok


def test_notebooks_get_a_table(batch):
    model = Net()
    model.middle[0].bias.data[:] = -100.0
    checkup = autograd.diagnose(model, batch, CLASSES)
    html = checkup._repr_html_()
    assert html.count("<tr>") == 4
    assert "dead relu in middle.0" in html
    assert "<b>What to do:</b>" in html
    assert repr(checkup) == str(checkup)


def test_as_a_plot(batch):
    matplotlib = pytest.importorskip("matplotlib", reason="the package matplotlib is not installed")
    matplotlib.use("Agg")
    model = Net(autograd.sigmoid, depth=6)
    model.middle[0].weight.data *= 300
    left, right = autograd.diagnose(model, batch, CLASSES).plot()
    assert [label.get_text() for label in left.get_yticklabels()][:2] == ["first", "middle.0"]
    assert left.get_xscale() == "log"
    assert max(bar.get_width() for bar in right.patches) > 60
    matplotlib.pyplot.close(left.figure)


def test_no_layers_are_not_called_healthy():
    x = Tensor([1.0, 2.0])
    assert "no layer was found" in str(autograd.diagnose((x * 2.0).sum(), names={"x": x}))


def test_what_cannot_be_looked_at_says_why(batch):
    x, _ = batch
    with pytest.raises(OperandError, match="needs data and a loss function for a model"):
        autograd.diagnose(Net())
    with pytest.raises(OperandError, match="diagnose takes a loss, or a model"):
        autograd.diagnose(3.0)
    with pytest.raises(GradientError, match="a single number, and this is Tensor"):
        autograd.diagnose(Net()(x))
    with pytest.raises(GradientError, match="does not require grad"):
        autograd.diagnose(Tensor(1.0, requires_grad=False))
    with pytest.raises(OperandError, match="without data"):
        autograd.diagnose(Net()(x).sum(), batch)
    with pytest.raises(OperandError, match=r"data are a pair of arrays"):
        autograd.diagnose(Net(), 5, CLASSES)
    with pytest.raises(OperandError, match=r"model needs named_parameters"):
        autograd.diagnose(Net()(x).sum(), model=3)
    large = Tensor(np.ones((600, 600)))
    loss = (large @ large).sum()
    loss.backward(retain_graph=False)
    with pytest.raises(GradientError, match="let the graph go"):
        autograd.diagnose(loss)
    with pytest.raises(GradientError, match=r"the loss function gave float"):
        autograd.diagnose(Net(), batch, lambda y, t: 1.0)


# The healthy


def trained(model, batch, loss, steps):
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(model(batch[0]), batch[1]).backward()
        optimizer.step()


class Sequence(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.reader, self.out = kind(4, 16), nn.Linear(16, 3)

    def forward(self, x):
        return self.out(self.reader(x)[0][-1])


def perceptron(activation):
    return lambda: nn.Sequential(nn.Linear(10, 32), activation(), nn.Linear(32, 32), activation(), nn.Linear(32, 3))


def language():
    class Words(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.places = nn.Embedding(20, 16), nn.Embedding(12, 16)
            self.block = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
            self.out = nn.Linear(16, 3)

        def forward(self, x):
            words = (np.abs(x) * 10).astype(int) % 20
            return self.out(self.block(self.embedding(words) + self.places(np.arange(12)))[:, 0])

    return Words()


def convolutions():
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(256, 4)),
    )


HEALTHY = {
    "relu": (perceptron(nn.ReLU), (64, 10)),
    "tanh": (perceptron(nn.Tanh), (64, 10)),
    "sigmoid": (perceptron(nn.Sigmoid), (64, 10)),
    "convolutions": (convolutions, (16, 1, 12, 12)),
    "LSTM": (lambda: Sequence(nn.LSTM), (28, 16, 4)),
    "GRU": (lambda: Sequence(nn.GRU), (28, 16, 4)),
    "RNN": (lambda: Sequence(nn.RNN), (28, 16, 4)),
    "words": (language, (16, 12)),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_networks_get_a_clean_bill(name):
    make, shape = HEALTHY[name]
    for seed in range(12):
        nn.manual_seed(seed)
        model, rng = make(), np.random.default_rng(seed)
        x = rng.normal(size=shape).astype("float32")
        batch = x, np.arange(shape[1] if len(shape) == 3 else shape[0]) % 3
        checkup = autograd.diagnose(model, batch, CLASSES)
        assert checkup.findings == [], seed
        assert len(checkup.layers) >= 2
        if seed < 4:
            trained(model, batch, CLASSES, 25)
            assert autograd.diagnose(model, batch, CLASSES).findings == [], seed
