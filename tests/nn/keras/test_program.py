"""Keras's program: what the introductions show runs, and means what it means there."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn
from autograd import OperandError, ShapeError
from nn import keras

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 6))
Y = X[:, :3].argmax(1)


def program(**kwargs):
    nn.manual_seed(0)
    model = nn.Sequential(
        [
            nn.Dense(64, activation="relu", input_shape=(6,)),
            nn.Dense(64, activation="relu"),
            nn.Dense(3, activation="softmax"),
        ]
    )
    model.compile(**{"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **kwargs})
    return model


def test_the_program_of_the_introductions():
    model = program()
    history = model.fit(X, Y, epochs=15, batch_size=32, validation_split=0.2, verbose=0)
    assert list(history.history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert history.history["val_accuracy"][-1] > 0.85
    loss, accuracy = model.evaluate(X, Y, verbose=0)
    assert accuracy > 0.9
    assert model.evaluate(X, Y, return_dict=True) == {"loss": loss, "accuracy": accuracy}
    probabilities = model.predict(X)
    assert probabilities.shape == (200, 3)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
    assert (probabilities.argmax(1) == Y).mean() == accuracy


def test_through_the_names_of_keras():
    model = keras.Sequential()
    model.add(keras.Input(shape=(4, 4)))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dropout(0.1))
    model.add(keras.layers.Dense(8, activation="tanh"))
    model.add(keras.layers.Dense(2))
    model.add(keras.layers.Activation("softmax"))
    model.compile(keras.optimizers.Adam(learning_rate=0.01), keras.losses.SparseCategoricalCrossentropy(), ["acc"])
    images = RNG.integers(0, 256, (60, 4, 4)).astype(np.uint8)
    labels = (images.mean((1, 2)) > 127).astype(np.uint8)
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=2)
    history = model.fit(
        images / 255, labels, epochs=3, validation_data=(images / 255, labels), callbacks=[stop], verbose=0
    )
    assert "val_acc" in history.history
    assert len(model.fit(images, labels, epochs=1, verbose=0)) == 1


@pytest.mark.parametrize(
    ("last", "loss", "target"),
    [
        (nn.Dense(1, activation="sigmoid"), "binary_crossentropy", (X[:, 0] > 0).astype(int)),
        (nn.Dense(1, activation="sigmoid"), "binary_crossentropy", (X[:, :1] > 0).astype(float)),
        (nn.Dense(3, activation="softmax"), "categorical_crossentropy", keras.utils.to_categorical(Y)),
        (nn.Dense(3), keras.losses.SparseCategoricalCrossentropy(from_logits=True), Y),
        (nn.Dense(1), keras.losses.BinaryCrossentropy(from_logits=True), (X[:, 0] > 0).astype(int)),
    ],
)
def test_accuracy_means_what_the_loss_means(last, loss, target):
    nn.manual_seed(0)
    model = nn.Sequential([nn.Dense(16, activation="relu"), last])
    model.compile("adam", loss, metrics=["accuracy"])
    history = model.fit(X, target, epochs=60, verbose=0)
    assert history.history["accuracy"][-1] > 0.9


def test_regression():
    nn.manual_seed(0)
    model = nn.Sequential([nn.Dense(1, input_dim=6)])
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.1), loss="mean_squared_error", metrics=["mae"])
    y = X @ np.arange(6.0) + 2  # (N,), where the output is (N, 1)
    history = model.fit(X, y, epochs=40, verbose=0)
    assert history.history["loss"][-1] < 1e-6
    assert model.predict(X).shape == (200, 1)
    np.testing.assert_allclose(model[0].bias.data, 2, atol=1e-3)


# Losses


def test_probabilities_are_exact_behind_a_softmax():
    model = nn.Sequential([nn.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.build(np.zeros((1, 1)))
    model[0].weight.data[:] = [[0], [500]]
    assert model.evaluate(np.ones((1, 1)), np.zeros(1, int)) == 500  # ln of a probability that is 0 in float64
    sigmoid = nn.Sequential([nn.Dense(1), nn.Sigmoid()])
    sigmoid.compile("sgd", "binary_crossentropy")
    sigmoid.build(np.zeros((1, 1)))
    sigmoid[0].weight.data[:] = 500
    assert sigmoid.evaluate(np.ones((1, 1)), np.zeros(1)) == 500


def test_probabilities_from_elsewhere_are_clipped():
    p = np.array([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]])
    for target, expected in [([2, 1], -np.log(0.5) / 2), ([2, 0], (-np.log(0.5) - np.log(1e-7)) / 2)]:
        for loss, t in [("sparse_categorical_crossentropy", target), ("categorical_crossentropy", np.eye(3)[target])]:
            value = nn.compiled.loss.loss(loss)(autograd.Tensor(p), np.array(t))
            assert value.item() == pytest.approx(expected, abs=1e-6)
    value = nn.compiled.loss.loss("binary_crossentropy")(autograd.Tensor([0.0, 0.25]), np.array([1.0, 0.0]))
    assert value.item() == pytest.approx((-np.log(1e-7) - np.log(0.75)) / 2)


def test_losses_of_sequences():
    logits = RNG.normal(size=(2, 5, 3))
    target = RNG.integers(0, 3, (2, 5))
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    expected = -np.log(np.take_along_axis(p, target[..., None], -1)).mean()
    for loss, t in [("sparse_categorical_crossentropy", target), ("categorical_crossentropy", np.eye(3)[target])]:
        behind = nn.compiled.loss.loss(loss)(autograd.softmax(autograd.Tensor(logits)), t)
        elsewhere = nn.compiled.loss.loss(loss)(autograd.Tensor(p), t)
        assert behind.item() == pytest.approx(expected)
        assert elsewhere.item() == pytest.approx(expected)


A, B = RNG.uniform(0.1, 2, (4, 3)), RNG.uniform(0.1, 2, (4, 3))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mse", ((A - B) ** 2).mean()),
        ("MeanSquaredError", ((A - B) ** 2).mean()),
        ("mean_absolute_error", abs(A - B).mean()),
        ("mape", 100 * (abs(A - B) / B).mean()),
        ("msle", ((np.log1p(A) - np.log1p(B)) ** 2).mean()),
        ("huber", np.where(abs(A - B) < 1, (A - B) ** 2 / 2, abs(A - B) - 0.5).mean()),
        ("log_cosh", np.log(np.cosh(A - B)).mean()),
        ("poisson", (A - B * np.log(A)).mean()),
        ("kld", (np.clip(B, 1e-7, 1) * np.log(np.clip(B, 1e-7, 1) / np.clip(A, 1e-7, 1))).sum(-1).mean()),
    ],
)
def test_losses_of_numbers(name, expected):
    assert nn.compiled.loss.loss(name)(autograd.Tensor(A), B).item() == pytest.approx(expected, abs=1e-6)


def test_hinge():
    y, t = np.array([0.5, -2.0, 0.3]), np.array([1, 0, 0])
    margins = np.maximum(1 - (2 * t - 1) * y, 0)
    assert nn.compiled.loss.loss("hinge")(autograd.Tensor(y), t).item() == pytest.approx(margins.mean())
    assert nn.compiled.loss.loss("squared_hinge")(autograd.Tensor(y), t).item() == pytest.approx((margins**2).mean())


# Layers and defaults


def test_dense_begins_as_keras_does():
    nn.manual_seed(0)
    layer = nn.Dense(300, input_dim=100)
    assert layer.weight.shape == (300, 100)
    bound = (6 / 400) ** 0.5
    assert 0.99 * bound < abs(layer.weight.data).max() <= bound
    assert (layer.bias.data == 0).all()
    he = nn.Dense(300, "relu", kernel_initializer="he_normal", bias_initializer="ones", input_shape=(100,))
    assert he.weight.data.std() == pytest.approx((2 / 100) ** 0.5, rel=0.05)
    assert (he.bias.data == 1).all()
    assert nn.Dense(2, use_bias=False, input_dim=3).bias is None


def test_dense_learns_its_size_from_the_first_input():
    layer = nn.Dense(4, activation="relu")
    assert repr(layer) == "Dense(4, activation='relu', in_features=?)"
    assert layer(np.ones((2, 5, 7), np.float32)).shape == (2, 5, 4)
    assert layer.in_features == 7
    assert np.abs(layer.weight.data).max() > 0
    history = nn.fit(
        nn.Sequential(nn.Dense(8), nn.Dense(3)), "cross_entropy", (X, Y), progress=False
    )  # without compile
    assert len(history) == 1


@pytest.mark.parametrize("name", sorted(nn.dense.ACTIVATIONS))
def test_activations(name):
    x = autograd.Tensor([[-1.0, 0.5, 2.0]])
    assert nn.Activation(name)(x).shape == (1, 3)
    assert name in repr(nn.Dense(2, activation=name))


def test_defaults_of_optimizers():
    for name, lr, eps in [("adam", 1e-3, 1e-7), ("sgd", 0.01, None), ("rmsprop", 1e-3, 1e-7), ("nadam", 1e-3, 1e-7)]:
        model = program(optimizer=name)
        model.fit(X, Y, verbose=0)
        optimizer = model._program[0]
        assert optimizer.lr == lr
        assert eps is None or optimizer.param_groups[0]["eps"] == eps
    assert len(keras.optimizers.__all__) == 9
    for name in keras.optimizers.__all__:
        program(optimizer=getattr(keras.optimizers, name)).fit(X, Y, verbose=0)


def test_a_second_fit_goes_on():
    one, two = program().build(), program().build()
    one.fit(X, Y, epochs=2, shuffle=False, verbose=0)
    two.fit(X, Y, epochs=1, shuffle=False, verbose=0)
    two.fit(X, Y, epochs=1, shuffle=False, verbose=0)
    assert all((x == two.state_dict()[name]).all() for name, x in one.state_dict().items())


def test_validation_split_takes_the_last():
    y = np.zeros(200, int)
    y[160:] = 1  # a class that is never seen in training
    model = program()
    history = model.fit(X * 0, y, epochs=40, validation_split=0.2, verbose=0)
    assert history.history["accuracy"][-1] == 1
    assert history.history["val_accuracy"][-1] == 0


def test_summary_and_sizes(capsys):
    model = program()
    assert model[2].in_features == 0
    model.summary()
    text = capsys.readouterr().out
    assert "4,803 parameters" in text
    assert "(1, 64)" in text
    nn.Sequential([nn.Dense(3)]).summary()
    assert "input_shape" in capsys.readouterr().out
    words = nn.Sequential([nn.Embedding(10, 4), nn.Flatten(), nn.Dense(2, activation="softmax")])
    words.compile("adam", "sparse_categorical_crossentropy")
    words.fit(RNG.integers(0, 10, (20, 3)), RNG.integers(0, 2, 20), verbose=0)


def test_copies_and_pickles():
    model = program()
    model.fit(X, Y, verbose=0)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(nn.Sequential(*model)))):
        assert (other(X).data == model(X).data).all()


def test_sequential_takes_a_list_and_is_one():
    model = nn.Sequential([nn.Linear(2, 3), nn.ReLU()])
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias"]
    assert len(nn.Sequential([])) == 0


# Errors


def test_errors():
    model = nn.Sequential([nn.Dense(3, activation="softmax")])
    with pytest.raises(OperandError, match="compiled first"):
        model.fit(X, Y)
    model.compile("adam")
    with pytest.raises(OperandError, match="not given a loss"):
        model.fit(X, Y)
    with pytest.raises(OperandError, match="'sparse_categorical_crossentropy' meant"):
        model.compile("adam", "sparse_categorical_crosentropy")
    with pytest.raises(OperandError, match="'adam' meant"):
        model.compile("adm", "mse")
    with pytest.raises(OperandError, match="no setting 'lr': it has learning_rate"):
        keras.optimizers.Adam(lr=0.1)
    with pytest.raises(OperandError, match="'relu' meant"):
        nn.Dense(3, activation="rellu")
    with pytest.raises(ShapeError, match="whole number"):
        nn.Dense("relu")
    with pytest.raises(ShapeError, match="takes a batch"):
        nn.Input(shape=(3,))(np.zeros((2, 4)))
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(ShapeError, match="go with categorical_crossentropy"):
        model.fit(X, np.eye(3)[Y], verbose=0)
    model.compile("adam", "categorical_crossentropy")
    with pytest.raises(ShapeError, match="sparse_categorical_crossentropy"):
        model.fit(X, Y, verbose=0)
    with pytest.raises(OperandError, match="equally many"):
        model.fit(X, Y[:5])
    with pytest.raises(OperandError, match="validation_split=2"):
        model.fit(X, Y, validation_split=2.0)
