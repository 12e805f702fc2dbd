"""The classic tables, which scikit-learn and mlxtend bring: a few hundred rows each, to classify or to predict.

The features are in their own units: bring them to one scale with `nn.data.standardize` before a network learns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from nn.data.dataset import ArrayDataset
from nn.data.split import train_test_split
from nn.datasets.data import Data, in_package
from nn.datasets.idx import unpacked

__all__ = ["auto_mpg", "breast_cancer", "diabetes", "iris", "wine"]

_UCI = "UCI Machine Learning Repository, {}, from the package {}"


def iris() -> Data:
    """150 irises of 3 species: petals and sepals in cm, x float32 (N, 4), y int64 (N,). 120 to learn from, 30 to test.

    >>> import nn
    >>> nn.datasets.iris().classes
    ('setosa', 'versicolor', 'virginica')
    """
    x, y = _read("iris", "iris.csv")
    return _divided(
        "iris",
        x,
        y,
        classes=("setosa", "versicolor", "virginica"),
        features=("sepal length", "sepal width", "petal length", "petal width"),
        source=_UCI.format("Iris (R. A. Fisher, 1936)", "scikit-learn"),
        licence="CC BY 4.0",
        description="which species of iris it is, by the size of its petals and sepals in cm",
    )


def wine() -> Data:
    """178 wines of 3 growers: their chemistry, x float32 (N, 13), y int64 (N,). 142 to learn from, 36 to test."""
    x, y = _read("wine", "wine_data.csv")
    features = (
        "alcohol, malic acid, ash, alcalinity of ash, magnesium, total phenols, flavanoids, nonflavanoid phenols, "
    )
    features += "proanthocyanins, color intensity, hue, od280/od315, proline"
    return _divided(
        "wine",
        x,
        y,
        classes=("grower 0", "grower 1", "grower 2"),
        features=tuple(features.split(", ")),
        source=_UCI.format("Wine (S. Aeberhard, M. Forina, 1991)", "scikit-learn"),
        licence="CC BY 4.0",
        description="which of three growers a wine of Piedmont is from, by its chemistry",
    )


def breast_cancer() -> Data:
    """569 tumours, 357 of them benign: x float32 (N, 30), y int64 (N,), 0 malignant. 455 to learn from, 114 to test."""
    x, y = _read("breast_cancer", "breast_cancer.csv")
    measures = "radius, texture, perimeter, area, smoothness, compactness, concavity, concave points, symmetry, "
    measures += "fractal dimension"
    return _divided(
        "breast_cancer",
        x,
        y,
        classes=("malignant", "benign"),
        features=tuple(f"{kind} {m}" for kind in ("mean", "error of", "worst") for m in measures.split(", ")),
        source=_UCI.format("Breast Cancer Wisconsin, Diagnostic (W. Wolberg et al., 1993)", "scikit-learn"),
        licence="CC BY 4.0",
        description="whether a tumour is malignant, by the shapes of the nuclei of its cells under a microscope",
    )


def diabetes() -> Data:
    """442 patients: 10 measures, and the progress of their disease in a year. x float32 (N, 10), y float32 (N, 1).

    353 to learn from, 89 to test.
    """
    x = _numbers("diabetes", "scikit-learn", "sklearn", "datasets", "data", "diabetes_data_raw.csv.gz", delimiter=None)
    y = _numbers("diabetes", "scikit-learn", "sklearn", "datasets", "data", "diabetes_target.csv.gz")
    return _divided(
        "diabetes",
        x,
        y,
        features=("age", "sex", "bmi", "blood pressure", *(f"serum {i}" for i in range(1, 7))),
        source="B. Efron, T. Hastie, I. Johnstone, R. Tibshirani: Least Angle Regression, Annals of Statistics 2004; "
        "from the package scikit-learn",
        licence="none stated by its authors; published with the article",
        description="how far diabetes has progressed after a year (25 to 346), by what was measured before",
    )


def auto_mpg() -> Data:
    """392 cars of 1970 to 1982: x float32 (N, 6), miles a gallon y float32 (N, 1). 313 to learn from, 79 to test."""
    table = _numbers("auto_mpg", "mlxtend", "mlxtend", "data", "data", "autompg.csv.gz", usecols=(0, 1, 2, 3, 4, 5, 8))
    return _divided(
        "auto_mpg",
        table[:, :6],
        table[:, 6:],
        features=("cylinders", "displacement", "horsepower", "weight", "acceleration", "year"),
        source=_UCI.format("Auto MPG (R. Quinlan, 1993)", "mlxtend"),
        licence="CC BY 4.0",
        description="how far a car goes with a gallon of petrol, by its weight in pounds, its power and its age",
    )


def _divided(name: str, x: ndarray, y: ndarray, **about: Any) -> Data:
    """A fifth for the test, with the classes in their shares."""
    stratify = y if y.dtype.kind == "i" else None
    parts = train_test_split(x, y, test_size=0.2, random_state=0, stratify=stratify)
    return Data(name, ArrayDataset(*parts[::2]), ArrayDataset(*parts[1::2]), **about)


def _read(name: str, file: str) -> tuple[ndarray, ndarray]:
    """Features, and labels from the last column, of a table of scikit-learn; its first line has counts and names."""
    table = _numbers(name, "scikit-learn", "sklearn", "datasets", "data", file, skiprows=1)
    return table[:, :-1], table[:, -1].astype(np.int64)


def _numbers(name: str, project: str, *path: str, delimiter: str | None = ",", **settings: Any) -> ndarray:
    """The numbers in a file of a package, float32."""
    lines = unpacked(in_package(name, project, *path)).decode().splitlines()
    return np.loadtxt(lines, np.float32, delimiter=delimiter, ndmin=2, **settings)
