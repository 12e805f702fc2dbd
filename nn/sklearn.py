"""Networks as estimators of scikit-learn: in pipelines, grid searches and cross-validation, like any other of its.

Only `import nn.sklearn` needs scikit-learn; `import nn` does not read this file.

>>> from nn.sklearn import Classifier
>>> from sklearn.datasets import load_iris
>>> from sklearn.model_selection import cross_val_score
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> pipeline = make_pipeline(StandardScaler(), Classifier(hidden=(16,), epochs=30, lr=0.02, random_state=0))
>>> bool(cross_val_score(pipeline, *load_iris(return_X_y=True), cv=3).mean() > 0.93)
True
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy import ndarray

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data
except ImportError:
    raise ImportError('nn.sklearn needs scikit-learn 1.6 or later: pip install "scikit-learn>=1.6".') from None

import nn.models as models
from autograd import OperandError, softmax
from nn.activation import ELU, GELU, ReLU, Sigmoid, SiLU, Tanh
from nn.module import Module
from nn.random import drawing_from
from nn.training.evaluate import predict
from nn.training.fit import fit

__all__ = ["Classifier", "Regressor"]

ACTIVATIONS: dict[str, Callable[[], Module]] = {
    "elu": ELU,
    "gelu": GELU,
    "relu": ReLU,
    "sigmoid": Sigmoid,
    "silu": SiLU,
    "tanh": Tanh,
}


class _Estimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What both have in common: their parameters, and how they train and answer."""

    def __init__(
        self,
        model: Any = None,
        *,
        hidden: Sequence[int] = (64,),
        activation: str = "relu",
        loss: Any = None,
        optimizer: Any = "adam",
        lr: float | None = None,
        epochs: int = 100,
        batch_size: int = 32,
        validation: float | None = None,
        callbacks: Sequence[Any] = (),
        scheduler: Any = None,
        clip_norm: float | None = None,
        random_state: Any = None,
        progress: bool = False,
    ) -> None:
        self.model = model
        self.hidden = hidden
        self.activation = activation
        self.loss = loss
        self.optimizer = optimizer
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation = validation
        self.callbacks = callbacks
        self.scheduler = scheduler
        self.clip_norm = clip_norm
        self.random_state = random_state
        self.progress = progress

    def _train(self, x: ndarray, y: ndarray, outputs: int, loss: Any) -> None:
        seed = int(check_random_state(self.random_state).randint(2**31))
        with drawing_from(np.random.default_rng(seed)):
            self.module_ = self._made(x.shape[1], outputs).to(x.dtype)
            self.history_ = fit(
                self.module_,
                self.loss if self.loss is not None else loss,
                (x, y),
                epochs=self.epochs,
                optimizer=self.optimizer,
                lr=self.lr,
                batch_size=self.batch_size,
                validation=self.validation,
                callbacks=copy.deepcopy(list(self.callbacks)),
                scheduler=self.scheduler,
                clip_norm=self.clip_norm,
                progress=self.progress,
            )
        self.n_iter_ = len(self.history_)

    def _made(self, features: int, outputs: int) -> Module:
        if isinstance(self.model, Module):
            return copy.deepcopy(self.model)
        if self.model is not None:
            found = self.model(features, outputs)
            if not isinstance(found, Module):
                raise OperandError(f"model(features, outputs) was to make a nn.Module, and made {found!r:.80}.")
            return found
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation is one of {', '.join(ACTIVATIONS)}, and not {self.activation!r}.")
        return models.MLP(features, *self.hidden, outputs, activation=ACTIVATIONS[self.activation])

    def _answer(self, X: Any) -> ndarray:  # noqa: N803
        check_is_fitted(self)
        x = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        return np.asarray(predict(self.module_, x))


class Classifier(ClassifierMixin, _Estimator):  # type: ignore[misc]
    """A network as a classifier of scikit-learn.

    - `model`: a function of the numbers of features and of classes that makes a network with a logit for each class; or
      a network, which is copied; otherwise an MLP with layers of the sizes `hidden`, and `activation` between them.
    - `loss`: of logits and class numbers; otherwise cross-entropy.
    - `optimizer`, `lr`, `epochs`, `batch_size`, `validation`, `callbacks`, `scheduler`, `clip_norm`, `progress`: as for
      `nn.fit`. They are copied or made anew for each training; an optimizer is therefore a name or a function.
    - `random_state`: a seed, for the first weights, the order of the examples, and dropout.

    The weights are of X's precision, float32 or float64. Fitted, it has `classes_`, `n_features_in_`, `module_` (the
    network), `history_` and `n_iter_`. Scale the features, as in the example above.

    >>> from nn.sklearn import Classifier
    >>> Classifier(epochs=300, random_state=0).fit([[0.0], [1.0], [2.0]], ["low", "low", "high"]).predict([[2.5]])
    array(['high'], dtype='<U4')
    """

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """Train on X (N, features) and the classes y (N,), which may be numbers or words."""
        x, y = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(y)
        self.classes_, numbers = np.unique(column_or_1d(y, warn=True), return_inverse=True)
        self._train(x, numbers, len(self.classes_), "cross_entropy")
        return self

    def predict_proba(self, X: Any) -> ndarray:  # noqa: N803
        """The probability of each class, in the order of `classes_`: shape (N, classes)."""
        return np.asarray(softmax(self._answer(X), -1))

    def predict(self, X: Any) -> ndarray:  # noqa: N803
        """The most probable class of each row."""
        best = self._answer(X).argmax(1)
        return np.asarray(self.classes_[best])


class Regressor(RegressorMixin, _Estimator):  # type: ignore[misc]
    """A network as a regressor of scikit-learn: of one number, or of several, y (N, outputs).

    Parameters as of `Classifier`; `model` is a function of the numbers of features and outputs, and the `loss`, of
    outputs (N, outputs) and targets of that shape, is the mean squared error unless given. Scale features and targets.

    >>> from nn.sklearn import Regressor
    >>> import numpy as np
    >>> x = np.linspace(-1, 1, 50).reshape(-1, 1)
    >>> Regressor(lr=0.01, random_state=0).fit(x, x[:, 0] ** 2).score(x, x[:, 0] ** 2) > 0.95
    True
    """

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """Train on X (N, features) and the numbers y, (N,) or (N, outputs)."""
        x, y = validate_data(self, X, y, dtype=[np.float64, np.float32], multi_output=True, y_numeric=True)
        self._flat = y.ndim == 1
        rows = y.astype(x.dtype).reshape(len(x), -1)
        self._train(x, rows, rows.shape[1], "mse_loss")
        return self

    def predict(self, X: Any) -> ndarray:  # noqa: N803
        """The numbers of each row, in the shape that y had."""
        found = self._answer(X)
        return found[:, 0] if self._flat else found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = True
        return tags
