"""nn.sklearn: scikit-learn's own checks of estimators, all of them, and its tools around them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import nn
from autograd import OperandError

pytest.importorskip("sklearn", reason="scikit-learn is not installed", minversion="1.6")

from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from nn.sklearn import Classifier, Regressor

IRIS = load_iris(return_X_y=True)
QUICK = {"hidden": (16,), "epochs": 30, "lr": 0.02, "random_state": 0}


@parametrize_with_checks([Classifier(epochs=30, lr=0.01), Regressor(epochs=30, lr=0.01)])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def test_in_a_pipeline_and_a_search():
    pipeline = make_pipeline(StandardScaler(), Classifier(**QUICK))
    assert cross_val_score(pipeline, *IRIS, cv=3).mean() > 0.93
    grid = {"classifier__hidden": [(4,), (16, 16)], "classifier__activation": ["relu", "tanh"]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(*IRIS)
    assert search.best_score_ > 0.9
    assert set(search.best_params_) == set(grid)


def test_classes_may_be_words():
    x, y = load_breast_cancer(return_X_y=True)
    names = np.array(["bad", "good"])[y]
    model = make_pipeline(StandardScaler(), Classifier(**QUICK, validation=0.2)).fit(x, names)
    assert model.score(x, names) > 0.97
    assert set(model.predict(x)) == {"bad", "good"}
    p = model.predict_proba(x)
    np.testing.assert_allclose(p.sum(1), 1)
    assert (model[-1].classes_[p.argmax(1)] == model.predict(x)).all()
    assert model[-1].history_.names == ["epoch", "loss", "val_loss"]


def test_numbers():
    x, y = load_diabetes(return_X_y=True)
    x, y = StandardScaler().fit_transform(x), (y - y.mean()) / y.std()
    one = Regressor(**QUICK).fit(x, y)
    assert one.score(x, y) > 0.5
    two = Regressor(**QUICK).fit(x, np.c_[y, -y])
    assert two.predict(x).shape == (442, 2)
    assert two.score(x, np.c_[y, -y]) > 0.5


def test_models_of_your_own():
    def wide(features, outputs):
        return nn.Sequential(nn.Linear(features, 8), nn.Dropout(0.1), nn.ReLU(), nn.Linear(8, outputs))

    assert Classifier(wide, epochs=40, lr=0.02, random_state=0).fit(*IRIS).score(*IRIS) > 0.9
    given = nn.models.MLP(4, 8, 3)
    before = given.state_dict()
    fitted = Classifier(given, **QUICK).fit(*IRIS)
    assert all((before[name] == x).all() for name, x in given.state_dict().items())  # a copy was trained
    assert fitted.module_ is not given
    with pytest.raises(OperandError, match=r"was to make a nn\.Module"):
        Classifier(lambda features, outputs: 3).fit(*IRIS)
    with pytest.raises(ValueError, match="activation is one of"):
        Classifier(activation="rellu").fit(*IRIS)


def test_repeatable_and_apart_from_nns_generator():
    nn.manual_seed(5)
    first = Classifier(**QUICK).fit(*IRIS).predict_proba(IRIS[0])
    drawn = nn.Linear(2, 2).weight.data
    nn.manual_seed(5)
    assert (drawn == nn.Linear(2, 2).weight.data).all()
    assert (Classifier(**QUICK).fit(*IRIS).predict_proba(IRIS[0]) == first).all()


def test_precision_callbacks_and_pickles():
    x = IRIS[0].astype(np.float32)
    stop = nn.EarlyStopping(patience=2, min_delta=0.05)
    fitted = Classifier(**{**QUICK, "epochs": 200}, callbacks=[stop]).fit(x, IRIS[1])
    assert fitted.n_iter_ < 200
    assert not hasattr(stop, "best")  # each training has copies
    assert fitted.module_[0].weight.dtype == np.float32
    assert fitted.predict_proba(x).dtype == np.float32
    again = pickle.loads(pickle.dumps(fitted))
    assert (again.predict_proba(x) == fitted.predict_proba(x)).all()
    assert clone(fitted).get_params()["hidden"] == (16,)
