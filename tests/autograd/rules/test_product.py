"""Products added to what is there already: NumPy's own words for them, the slopes of differences, and PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import ShapeError, Tensor

RNG = np.random.default_rng(7)
A, B, X = RNG.normal(size=(2, 3)), RNG.normal(size=(3, 4)), RNG.normal(size=(2, 4))
STACK_A, STACK_B = RNG.normal(size=(5, 2, 3)), RNG.normal(size=(5, 3, 4))
ROW, V, W = RNG.normal(size=4), RNG.normal(size=2), RNG.normal(size=3)

PRODUCTS = {
    "addmm": (X, A, B, A @ B),
    "addmm to a row": (ROW, A, B, A @ B),
    "addmv": (V, A, W, A @ W),
    "addmv to a number": (np.array(2.0), A, W, A @ W),
    "addr": (A, V, W, np.outer(V, W)),
    "baddbmm": (X, STACK_A, STACK_B, STACK_A @ STACK_B),
    "addbmm": (X, STACK_A, STACK_B, (STACK_A @ STACK_B).sum(0)),
}


def called(name, beta, alpha, library=autograd):
    return lambda *args: getattr(library, name.split()[0])(*args, beta=beta, alpha=alpha)


@pytest.mark.parametrize("name", PRODUCTS)
@pytest.mark.parametrize(("beta", "alpha"), [(1, 1), (0.5, -2.0)])
def test_products_added(name, beta, alpha, agrees):
    x, a, b, product = PRODUCTS[name]
    f = called(name, beta, alpha)
    np.testing.assert_allclose(f(x, a, b), beta * x + alpha * product)
    agrees(f, x, a, b)


@pytest.mark.parametrize("name", PRODUCTS)
def test_pytorch_says_the_same(name, same_as_torch):
    torch = pytest.importorskip("torch", reason="PyTorch is compared with where it is installed")
    x, a, b, _ = PRODUCTS[name]
    same_as_torch(called(name, 0.5, -2.0), called(name, 0.5, -2.0, torch), x, a, b)


PLAIN = {
    "vdot": (A, RNG.normal(size=(3, 2))),
    "matvec": (STACK_A, RNG.normal(size=(5, 3))),
    "vecmat": (RNG.normal(size=(5, 2)), STACK_A),
}


@pytest.mark.parametrize("name", PLAIN)
def test_products_of_vectors(name, agrees):
    f = getattr(autograd, name)
    if hasattr(np, name):  # two of them came with NumPy 2.2
        np.testing.assert_allclose(f(*PLAIN[name]), getattr(np, name)(*PLAIN[name]))
    agrees(f, *PLAIN[name])


def test_with_beta_0_nothing_comes_through():
    nothing = np.full((2, 4), np.nan)
    np.testing.assert_array_equal(autograd.addmm(nothing, A, B, beta=0), A @ B)


def test_what_does_not_fit_is_an_error():
    with pytest.raises(ShapeError, match=r"(?s)broadcast_to.*test_product.py"):
        autograd.addmm(Tensor(A), A, B)
