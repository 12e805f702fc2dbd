"""Schedules against PyTorch's: the same learning rates and momenta over 200 steps."""

import numpy as np
import pytest

import nn
from autograd import Tensor

torch = pytest.importorskip("torch", reason="torch is the oracle here, and no dependency")

STEPS = 200
WORSE = np.concatenate([1 / np.arange(1, 40), np.full(40, 1 / 39), 1 / np.arange(40, 60), np.full(101, 0.02)])

SCHEDULES = {
    "StepLR": [{"step_size": 30}, {"step_size": 7, "gamma": 0.9}, {"step_size": 50, "gamma": 0.0}],
    "MultiStepLR": [{"milestones": [30, 80]}, {"milestones": [5, 90, 5, 120], "gamma": 0.5}],
    "ConstantLR": [{}, {"factor": 0.5, "total_iters": 40}],
    "LinearLR": [{}, {"start_factor": 0.1, "total_iters": 100}, {"start_factor": 1.0, "end_factor": 0.0}],
    "ExponentialLR": [{"gamma": 0.97}, {"gamma": 1.01}],
    "PolynomialLR": [{}, {"total_iters": 150, "power": 2.0}, {"total_iters": 250, "power": 0.5}],
    "CosineAnnealingLR": [{"T_max": 200}, {"T_max": 30}, {"T_max": 47, "eta_min": 0.01}, {"T_max": 1}],
    "CosineAnnealingWarmRestarts": [{"T_0": 10}, {"T_0": 13, "T_mult": 2, "eta_min": 0.01}],
    "LambdaLR": [
        {"lr_lambda": lambda epoch: 0.95**epoch},
        {"lr_lambda": [lambda epoch: 1 / (1 + epoch), lambda epoch: epoch // 30]},
    ],
    "MultiplicativeLR": [{"lr_lambda": lambda epoch: 0.99}, {"lr_lambda": lambda epoch: 1 - 1 / (epoch + 1) ** 2}],
    "OneCycleLR": [
        {"max_lr": 0.5, "total_steps": 200},
        {"max_lr": [0.5, 0.1], "total_steps": 210, "anneal_strategy": "linear", "pct_start": 0.1},
        {"max_lr": 0.5, "epochs": 10, "steps_per_epoch": 21, "three_phase": True, "div_factor": 5.0},
        {"max_lr": 0.5, "total_steps": 200, "cycle_momentum": False, "final_div_factor": 10.0},
    ],
    "CyclicLR": [
        {"base_lr": 0.001, "max_lr": 0.1, "step_size_up": 20},
        {"base_lr": [0.001, 0.1], "max_lr": [0.1, 0.2], "step_size_up": 13, "step_size_down": 29},
        {"base_lr": 0.001, "max_lr": 0.1, "step_size_up": 20, "mode": "triangular2"},
        {"base_lr": 0.001, "max_lr": 0.1, "step_size_up": 20, "mode": "exp_range", "gamma": 0.99},
        {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 9, "scale_fn": lambda k: 1 / k, "cycle_momentum": False},
        {"base_lr": 0.01, "max_lr": 0.1, "scale_fn": lambda k: np.cos(k) ** 2, "scale_mode": "iterations"},
    ],
    "ReduceLROnPlateau": [
        {},
        {"patience": 3, "cooldown": 4, "factor": 0.5, "min_lr": [0.001, 0.01]},
        {"mode": "max", "patience": 5, "threshold": 0.01},
        {"threshold_mode": "abs", "patience": 2, "threshold": 1e-3},
        {"mode": "max", "threshold_mode": "abs", "patience": 7, "eps": 1e-3},
    ],
}
COMBINED = {
    "warm-up then cosine": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, total_iters=20), s.CosineAnnealingLR(o, T_max=180)], [20]
    ),
    "four, one of them from 0": lambda s, o: s.SequentialLR(
        o,
        [s.ConstantLR(o, 0.1), s.ExponentialLR(o, 0.9), s.CosineAnnealingWarmRestarts(o, 7), s.StepLR(o, 30)],
        [10, 50, 100],
    ),
    "functions": lambda s, o: s.SequentialLR(
        o, [s.LambdaLR(o, lambda e: 1 / (e + 1)), s.MultiplicativeLR(o, lambda e: 0.9 + e / 1e3)], [60]
    ),
    "from cycles to a line": lambda s, o: s.SequentialLR(
        o, [s.CyclicLR(o, 0.01, 0.1, 10), s.PolynomialLR(o, 90), s.OneCycleLR(o, 0.3, 100)], [60, 150]
    ),
    "chained": lambda s, o: s.ChainedScheduler(
        [s.ConstantLR(o, 0.1, 20), s.ExponentialLR(o, 0.99), s.CosineAnnealingLR(o, 33), s.StepLR(o, 50)]
    ),
}
TABLE = [
    pytest.param(lambda s, o, name=name, kwargs=kwargs: getattr(s, name)(o, **kwargs), id=f"{name}-{i}")
    for name, inputs in SCHEDULES.items()
    for i, kwargs in enumerate(inputs)
] + [pytest.param(make, id=name) for name, make in COMBINED.items()]


def test_the_table_has_all_of_torch():
    theirs = {name for name in torch.optim.lr_scheduler.__all__ if name.endswith(("LR", "Restarts", "Plateau"))}
    assert theirs - {"LRScheduler"} == set(SCHEDULES) | {"SequentialLR"}
    assert set(torch.optim.lr_scheduler.__all__) - set(nn.optim.lr_scheduler.__all__) == set()


def run(library, tensors, make, kind, steps, state=None):
    groups = [{"params": [tensors[0]]}, {"params": [tensors[1]], "lr": 0.02}]
    settings = {"momentum": 0.9} if kind == "SGD" else {}
    optimizer = getattr(library.optim, kind)(groups, lr=0.1, **settings)
    scheduler = make(library.optim.lr_scheduler, optimizer)
    seen = []
    for step in range(steps):
        momenta = [group.get("momentum", group.get("betas", [0])[0]) for group in optimizer.param_groups]
        seen.append([*(group["lr"] for group in optimizer.param_groups), *momenta, *scheduler.get_last_lr()])
        optimizer.step()
        if "Plateau" in type(scheduler).__name__:
            scheduler.step(WORSE[step])
        else:
            scheduler.step()
    return np.array(seen), optimizer, scheduler


@pytest.mark.filterwarnings("ignore:.*lr_scheduler.step:UserWarning")  # torch's own, inside SequentialLR
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize("make", TABLE)
def test_two_hundred_steps_follow_torch(make, kind):
    ours, *_ = run(nn, [Tensor([1.0]), Tensor([2.0])], make, kind, STEPS)
    theirs, *_ = run(torch, [torch.ones(1), torch.ones(1)], make, kind, STEPS)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("T_mult", [1, 2])
def test_fractions_of_epochs(T_mult):
    for at in (0.5, 3.75, 10.0, 24.3, 30.0, 69.9, 5.2):
        rates = []
        for library, tensor in ((nn, Tensor([1.0])), (torch, torch.ones(1))):
            optimizer = library.optim.SGD([tensor], lr=0.1)
            scheduler = library.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 10, T_mult)
            optimizer.step()
            scheduler.step(at)
            rates.append(scheduler.get_last_lr())
            scheduler.step()
            rates.append(scheduler.get_last_lr())
        assert rates[:2] == [pytest.approx(x, rel=1e-9) for x in rates[2:]], at
