"""Optimizers against PyTorch's: the same path over 200 steps, for all settings of its own optimizer database."""

import numpy as np
import pytest

import nn
from autograd import Tensor

torch = pytest.importorskip("torch", reason="torch is the oracle here, and no dependency")
database = pytest.importorskip(
    "torch.testing._internal.common_optimizers", reason="this torch has no database of optimizers"
)

STEPS = 200
SHAPES = [(5, 3), (3,), (), (2, 3, 2), (6, 6)]
EXCEPTIONS = {"SparseAdam": "for sparse gradients, which autograd does not have"}
MORE = {  # settings that the database does not have
    "SGD": [{"lr": 1e-3, "momentum": 0.5, "nesterov": True, "maximize": True}, {"lr": 1e-4, "momentum": 1.01}],
    "Adam": [{"betas": (0.0, 0.9)}, {"betas": (0.5, 0.0)}, {"amsgrad": True, "lr": 0.05, "eps": 1e-3}],
    "AdamW": [{"amsgrad": True, "maximize": True, "lr": 0.05}],
    "Adadelta": [{"rho": 0.0}, {"rho": 1.0, "eps": 1e-3}],
    "RMSprop": [{"momentum": 0.9, "lr": 0.01}, {"alpha": 0.0}],
    "ASGD": [{"t0": 50, "lambd": 0.01, "alpha": 0.5, "lr": 0.1}],
    "NAdam": [{"betas": (0.6, 0.9), "lr": 0.02}],
    "RAdam": [{"betas": (0.6, 0.7), "lr": 0.02}],
    "Rprop": [{"lr": 0.5, "etas": (0.1, 3.0), "step_sizes": (1e-3, 0.7)}],
    "Adafactor": [{"eps": (1e-3, 0.1), "d": 1.0, "lr": 0.5}],
    "Muon": [{"adjust_lr_fn": "match_rms_adamw", "nesterov": False}],
    "LBFGS": [{"line_search_fn": "strong_wolfe", "history_size": 3, "max_iter": 7, "max_eval": 30}],
}


def table():
    for info in database.optim_db:
        name = info.optim_cls.__name__
        if name in EXCEPTIONS:
            continue
        inputs = [(i.desc, i.kwargs) for i in info.optim_inputs_func(device="cpu")]
        for desc, kwargs in [*inputs, *(("more", kwargs) for kwargs in MORE.get(name, []))]:
            yield pytest.param(name, kwargs, id=f"{name}-{desc}-{len(kwargs)}")


def test_the_table_has_all_of_torch():
    ours = {name for name in nn.optim.__all__ if name[0].isupper()}
    theirs = {name for name in torch.optim.__all__ if name[0].isupper()}
    assert theirs - ours == set(EXCEPTIONS)
    assert ours - theirs == {"LAMB", "Lion"}
    assert {info.optim_cls.__name__ for info in database.optim_db} == theirs - {"Optimizer"}


class Problem:
    """A loss that changes from step to step, with its gradient: slopes of very different sizes, and bends."""

    def __init__(self, seed, shapes, range):
        rng = np.random.default_rng(seed)
        self.start = [rng.normal(size=shape) for shape in shapes]
        self.goals = [rng.normal(size=shape) for shape in shapes]
        self.scales = [10.0 ** rng.uniform(-range, 0, size=shape) for shape in shapes]
        self.noise = rng.normal(size=(STEPS, len(shapes)))

    def __call__(self, ps, noise):
        """The loss, and its gradient by each parameter."""
        loss, gradients = 0.0, []
        for p, goal, scale, z in zip(ps, self.goals, self.scales, noise, strict=True):
            bent = np.tanh(p)
            loss += ((scale * (p - goal)) ** 2 + z * goal * bent).sum()
            gradients.append(np.asarray(2 * scale**2 * (p - goal) + z * goal * (1 - bent * bent)))
        return float(loss), gradients


def optimizers(name, kwargs, start):
    ours = [Tensor(x) for x in start]
    theirs = [torch.tensor(x, requires_grad=True) for x in start]
    plain = {key: x.item() if isinstance(x, torch.Tensor) else x for key, x in kwargs.items()}
    exact = {key: x.double() if isinstance(x, torch.Tensor) else x for key, x in kwargs.items()}
    return ours, theirs, getattr(nn.optim, name)(ours, **plain), getattr(torch.optim, name)(theirs, **exact)


@pytest.mark.parametrize(("name", "kwargs"), list(table()))
def test_two_hundred_steps_follow_torch(name, kwargs, monkeypatch):
    """A learning rate that is a tensor is given to torch in float64: it computes in the tensor's precision."""
    if name == "Muon":  # torch orthogonalizes in bfloat16, to three digits; the formula is compared in float64
        monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)
    problem = Problem(0, [s for s in SHAPES if name != "Muon" or len(s) == 2], 0.5 if name == "LBFGS" else 3)
    ours, theirs, mine, other = optimizers(name, kwargs, problem.start)
    steps = 20 if name == "LBFGS" and "lr" in kwargs else STEPS  # each is 20 iterations then, and takes a while
    for step in range(steps):
        noise = problem.noise[0 if name == "LBFGS" else step]

        def closure(noise=noise):
            loss, gradients = problem([p.data for p in ours], noise)
            for p, g in zip(ours, gradients, strict=True):
                p.grad = g
            return loss

        def their_closure(noise=noise):
            loss, gradients = problem([p.detach().numpy() for p in theirs], noise)
            for p, g in zip(theirs, gradients, strict=True):
                p.grad = torch.from_numpy(g)
            return loss

        assert mine.step(closure) == pytest.approx(other.step(their_closure), rel=1e-6, abs=1e-6)
        for p, q in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=1e-6, atol=1e-6)
    assert max(np.abs(p.data - x).max() for p, x in zip(ours, problem.start, strict=True)) > 1e-5
