"""Schedules in closed form; together with others; previews, pictures, states, errors."""

import math

import numpy as np
import pytest

import nn
from autograd import Tensor
from nn.optim import lr_scheduler as schedules


def sgd(**settings):
    return nn.optim.SGD([Tensor([1.0])], **({"lr": 1.0} | settings))


def rates(scheduler, steps):
    """The learning rates of so many epochs of training."""
    found = []
    for _ in range(steps):
        found.append(scheduler.optimizer.lr)
        scheduler.optimizer.step()
        scheduler.step()
    return found


def wave(t, length):
    return (1 + math.cos(math.pi * t / length)) / 2


CLOSED = [
    (lambda o: schedules.StepLR(o, 3, 0.5), lambda t: 0.5 ** (t // 3)),
    (lambda o: schedules.MultiStepLR(o, [4, 2], 0.5), lambda t: 0.5 ** ((t >= 2) + (t >= 4))),
    (lambda o: schedules.ConstantLR(o, 0.25, 4), lambda t: 0.25 if t < 4 else 1),
    (lambda o: schedules.LinearLR(o, 0.2, 1.0, 4), lambda t: 0.2 + 0.8 * min(t, 4) / 4),
    (lambda o: schedules.ExponentialLR(o, 0.5), lambda t: 0.5**t),
    (lambda o: schedules.PolynomialLR(o, 4, 2), lambda t: (1 - min(t, 4) / 4) ** 2),
    (lambda o: schedules.LambdaLR(o, lambda t: 1 / (1 + t)), lambda t: 1 / (1 + t)),
    (lambda o: schedules.MultiplicativeLR(o, lambda t: 0.5), lambda t: 0.5**t),
    (lambda o: schedules.InverseSqrtLR(o, 3), lambda t: min((t + 1) / 3, math.sqrt(3 / (t + 1)))),
    (lambda o: schedules.CosineAnnealingLR(o, 5), lambda t: wave(t, 5)),
    (lambda o: schedules.CosineAnnealingLR(o, 1), lambda t: wave(t, 1)),
    (lambda o: schedules.CosineAnnealingLR(o, 4, eta_min=0.5), lambda t: 0.5 + 0.5 * wave(t, 4)),
    (lambda o: schedules.CosineAnnealingWarmRestarts(o, 4), lambda t: wave(t % 4, 4)),
    (
        lambda o: schedules.CosineAnnealingWarmRestarts(o, 2, 2),
        lambda t: wave(t, 2) if t < 2 else wave(t - 2, 4) if t < 6 else wave(t - 6, 8),
    ),
    (
        lambda o: schedules.WarmupCosineLR(o, 3, 9, 0.1),
        lambda t: (t + 1) / 4 if t < 3 else 0.1 + 0.9 * wave(min(t - 3, 6), 6),
    ),
    (
        lambda o: schedules.CyclicLR(o, 0.5, 1.5, 4, cycle_momentum=False),
        lambda t: 0.5 + (t % 8 if t % 8 < 4 else 8 - t % 8) / 4,
    ),
    (
        lambda o: schedules.ChainedScheduler([schedules.ExponentialLR(o, 0.5), schedules.LinearLR(o, 0.2, 1.0, 4)]),
        lambda t: 0.5**t * (0.2 + 0.8 * min(t, 4) / 4),
    ),
    (
        lambda o: schedules.SequentialLR(o, [schedules.LinearLR(o, 0.2, 1.0, 4), schedules.ExponentialLR(o, 0.5)], [4]),
        lambda t: 0.2 + 0.2 * t if t < 4 else 0.5 ** (t - 4),
    ),
    (
        lambda o: schedules.SequentialLR(
            o, [schedules.ChainedScheduler([schedules.ExponentialLR(o, 0.5)]), schedules.CosineAnnealingLR(o, 5)], [3]
        ),
        lambda t: 0.5**t if t < 3 else wave(t - 3, 5),
    ),
]
every_schedule = pytest.mark.parametrize(("make", "formula"), CLOSED, ids=[str(i) for i in range(len(CLOSED))])


@every_schedule
def test_closed_form(make, formula):
    expected = [formula(t) for t in range(12)]
    assert rates(make(sgd()), 12) == pytest.approx(expected, abs=1e-12)


@every_schedule
def test_a_preview_shows_what_will_be_and_changes_nothing(make, formula):
    optimizer = sgd()
    scheduler = make(optimizer)
    rates(scheduler, 2)
    before = scheduler.state_dict(), repr(optimizer.param_groups)
    preview = scheduler.preview(8)
    assert (repr(scheduler.state_dict()), repr(optimizer.param_groups)) == (repr(before[0]), before[1])
    assert preview.tolist() == rates(scheduler, 8)


@every_schedule
def test_it_goes_on_where_it_stopped(make, formula):
    first, second = sgd(), sgd(lr=7.0)
    one = make(first)
    rates(one, 5)
    two = make(second)
    second.load_state_dict(first.state_dict())
    two.load_state_dict(one.state_dict())
    assert all(x.dtype.kind in "fib" for x in one.state_dict().values())
    assert rates(two, 7) == rates(one, 7)


def test_one_cycle():
    optimizer = nn.optim.Adam([Tensor([1.0])])
    scheduler = schedules.OneCycleLR(optimizer, max_lr=1.0, total_steps=20, pct_start=0.25, div_factor=10)
    seen = scheduler.preview(20)
    assert seen[[0, 4, 19]].tolist() == pytest.approx([0.1, 1.0, 1e-5])
    assert seen.argmax() == 4
    assert (np.diff(seen[:5]) > 0).all()
    assert (np.diff(seen[4:]) < 0).all()
    momenta = []
    for _ in range(20):
        momenta.append(optimizer.betas[0])
        optimizer.step()
        scheduler.step()
    assert [momenta[i] for i in (0, 4, 19)] == pytest.approx([0.95, 0.85, 0.95])
    with pytest.raises(ValueError, match="step 21 of 20: the cycle is over"):
        scheduler.step()


def test_a_plateau():
    optimizer = sgd()
    scheduler = schedules.ReduceLROnPlateau(optimizer, factor=0.5, patience=2, cooldown=2, min_lr=0.2)
    losses = [3, 2, 2, 2, 2, 1.9999, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    seen = scheduler.preview(losses)
    assert seen.tolist() == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2]
    for loss in losses[:7]:
        scheduler.step(Tensor(loss))
    other = schedules.ReduceLROnPlateau(sgd(lr=0.5), factor=0.9)
    other.load_state_dict(scheduler.state_dict())
    assert other.preview(losses[7:]).tolist() == scheduler.preview(losses[7:]).tolist()
    assert schedules.ReduceLROnPlateau(sgd(), "max", patience=0).preview([1, 2, 3, 3]).tolist() == [1, 1, 1, 0.1]


def test_groups_keep_their_proportion():
    optimizer = nn.optim.SGD([{"params": [Tensor([1.0])], "lr": 0.5}, {"params": [Tensor([1.0])]}], lr=0.1)
    scheduler = schedules.StepLR(optimizer, 2, 0.5)
    np.testing.assert_allclose(scheduler.preview(3), [[0.5, 0.1], [0.5, 0.1], [0.25, 0.05]])
    assert scheduler.get_last_lr() == [0.5, 0.1]
    optimizer.add_param_group({"params": [Tensor([1.0])]})
    optimizer.step()
    with pytest.raises(ValueError, match="has 3 groups, and had 2"):
        schedules.LambdaLR.set_lr(scheduler, [1.0, 2.0])


def test_what_the_user_sets_is_taken_further():
    optimizer = sgd()
    scheduler = schedules.StepLR(optimizer, 1, 0.5)
    optimizer.lr = 8.0
    assert rates(scheduler, 3) == [8.0, 4.0, 2.0]


def test_resuming_by_the_last_epoch():
    optimizer = sgd()
    rates(schedules.ExponentialLR(optimizer, 0.5), 3)
    again = schedules.ExponentialLR(optimizer, 0.5, last_epoch=3)
    assert rates(again, 2) == [0.125, 0.0625]
    with pytest.raises(ValueError, match="must have an 'initial_lr'"):
        schedules.ExponentialLR(sgd(), 0.5, last_epoch=3)


def test_the_wrong_order_is_noticed():
    scheduler = schedules.StepLR(sgd(), 2)
    with pytest.warns(UserWarning, match="Call optimizer.step\\(\\) first"):
        scheduler.step()


def test_pictures():
    plt = pytest.importorskip("matplotlib.pyplot", reason="pictures are drawn by matplotlib")
    optimizer = sgd()
    axes = schedules.CosineAnnealingLR(optimizer, 10).plot(11)
    x, y = axes.lines[0].get_data()
    assert (x[0], x[-1], y[0]) == (0, 10, 1.0)
    assert axes.get_xlabel() == "epoch"
    assert schedules.ReduceLROnPlateau(sgd(), patience=1).plot([1, 1, 1, 1], ax=axes) is axes
    assert len(axes.lines) == 2
    plt.close("all")


def test_a_state_that_does_not_fit_is_refused():
    optimizer = sgd()
    scheduler = schedules.StepLR(optimizer, 3, 0.5)
    state = scheduler.state_dict()
    assert set(state) == {"base_lrs", "last_epoch", "step_size", "gamma"}
    for damage, words in [
        ({"gamma": None}, "gamma is missing"),
        ({"T_max": 3}, "no place for T_max"),
        ({"base_lrs": [1.0, 2.0], "gamma": 3.0}, r"base_lrs has shape \(2,\)"),
        ({"gamma": "x"}, "gamma has shape"),
    ]:
        with pytest.raises(nn.StateError, match=words):
            scheduler.load_state_dict({k: x for k, x in (state | damage).items() if x is not None})
        assert scheduler.gamma == 0.5
    both = schedules.SequentialLR(optimizer, [scheduler, schedules.StepLR(optimizer, 5)], [2])
    state = both.state_dict()
    with pytest.raises(nn.StateError, match="gamma is missing"):
        both.load_state_dict({k: np.array(9) if k == "0.gamma" else x for k, x in state.items() if k != "1.gamma"})
    assert repr(both.state_dict()) == repr(state)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: schedules.StepLR(3, 2), TypeError, "takes an optimizer"),
        (lambda: schedules.StepLR(sgd(), 0), ValueError, "step_size"),
        (lambda: schedules.ConstantLR(sgd(), 1.5), ValueError, "factor"),
        (lambda: schedules.LinearLR(sgd(), 0.0), ValueError, "start_factor"),
        (lambda: schedules.LinearLR(sgd(), 0.5, 2.0), ValueError, "end_factor"),
        (lambda: schedules.CosineAnnealingLR(sgd(), 0), ValueError, "T_max"),
        (lambda: schedules.CosineAnnealingWarmRestarts(sgd(), 0), ValueError, "T_0"),
        (lambda: schedules.CosineAnnealingWarmRestarts(sgd(), 1, 0.5), ValueError, "T_mult"),
        (lambda: schedules.CosineAnnealingWarmRestarts(sgd(), 1).step(-1), ValueError, "epoch"),
        (lambda: schedules.WarmupCosineLR(sgd(), 5, 5), ValueError, "below total_iters"),
        (lambda: schedules.InverseSqrtLR(sgd(), 0), ValueError, "warmup_iters"),
        (lambda: schedules.OneCycleLR(sgd(), 1.0), ValueError, "give total_steps, or epochs and steps_per_epoch"),
        (lambda: schedules.OneCycleLR(sgd(), 1.0, 10, pct_start=2.0), ValueError, "pct_start"),
        (lambda: schedules.OneCycleLR(sgd(), 1.0, 10, anneal_strategy="x"), ValueError, "'cos' or 'linear'"),
        (lambda: schedules.OneCycleLR(nn.optim.Rprop([Tensor([1.0])]), 1.0, 10), ValueError, "has no momentum"),
        (lambda: schedules.OneCycleLR(sgd(), [1.0, 2.0], 10), ValueError, "2 entries, and the optimizer has 1 groups"),
        (lambda: schedules.CyclicLR(sgd(), 0.1, 1.0, mode="x"), ValueError, "'triangular2'"),
        (lambda: schedules.CyclicLR(sgd(), 0.1, 1.0, scale_mode="x"), ValueError, "'iterations'"),
        (lambda: schedules.CyclicLR(sgd(), 0.1, 1.0, 0), ValueError, "at least 1"),
        (lambda: schedules.LambdaLR(sgd(), 3), TypeError, "a function of the epoch"),
        (lambda: schedules.ReduceLROnPlateau(sgd(), "low"), ValueError, "'min' or 'max'"),
        (lambda: schedules.ReduceLROnPlateau(sgd(), factor=1.0), ValueError, "factor must be below 1"),
        (lambda: schedules.ReduceLROnPlateau(sgd(), threshold_mode="x"), ValueError, "'rel' or 'abs'"),
        (lambda: schedules.SequentialLR(sgd(), [], []), ValueError, "takes schedules"),
        (lambda: schedules.SequentialLR(sgd(), [schedules.StepLR(sgd(), 1)], []), ValueError, "its own optimizer"),
        (lambda: schedules.ChainedScheduler([]), ValueError, "at least one"),
        (lambda: schedules.ChainedScheduler([schedules.ReduceLROnPlateau(sgd())]), ValueError, "wants a number"),
        (lambda: schedules.ChainedScheduler([3], sgd()), TypeError, "takes schedules, and got 3"),
        (lambda: schedules.LRScheduler(sgd()), NotImplementedError, r"define multiplier\(\)"),
    ],
)
def test_bad_arguments(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_combinations_inside_combinations():
    o = sgd()
    chain = schedules.ChainedScheduler([schedules.ExponentialLR(o, 0.5)])
    with pytest.raises(ValueError, match="can only be the first"):
        schedules.SequentialLR(o, [schedules.StepLR(o, 1), chain], [1])
