"""PyTorch's module database: every module that both have, in both precisions, while training and after."""

import pytest

pytest.importorskip("torch", reason="PyTorch is installed by hand, for comparison")

from tests.nn.modules.harness import absent, compare, is_ours
from tests.nn.modules.samples import names

OURS = [name for name in names() if is_ours(name)]


def hold(name, dtype, training, **how):
    wrong = [outcome for outcome in compare(name, dtype, training, **how) if outcome.wrong]
    assert not wrong, "\n" + "\n".join(map(str, wrong[:5]))


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("name", OURS)
def test_some_samples_agree_with_pytorch(name, training):
    for dtype in ("float64", "float32"):
        hold(name, dtype, training, most=12)


@pytest.mark.slow
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("name", OURS)
def test_all_samples_of_other_seeds_agree_with_pytorch(name, training):
    for seed in (0, 1, 2):
        for dtype in ("float64", "float32"):
            hold(name, dtype, training, seed=seed)


def test_the_modules_that_we_do_not_have_are_known():
    import torch

    kinds = {name: kind for name, kind in vars(torch.nn).items() if isinstance(kind, type)}
    theirs = {name for name, kind in kinds.items() if issubclass(kind, torch.nn.Module)}
    assert {name for name in theirs if not is_ours(name)} == set(absent())


def test_every_module_that_both_have_has_samples():
    import torch

    without = {"NLLLoss2d", "RNNBase", "RNNCellBase"}  # an old name, and parents of others
    kinds = {name for name, kind in vars(torch.nn).items() if isinstance(kind, type) and is_ours(name)}
    containers = {"Module", "ModuleDict", "ModuleList", "Parameter", "ParameterDict", "ParameterList", "Sequential"}
    assert kinds - set(names()) == without | containers


def test_the_harness_sees_what_differs(monkeypatch):
    """A weight that is off by 1e-5, a gradient that is lost, an input that is written into, a state that stays."""
    import nn

    forward = nn.Linear.forward
    faults = {
        "outputs": lambda self, input: forward(self, input) * (1 + 1e-5),
        "gradients": lambda self, input: forward(self, input.detach()),
        "inputs": lambda self, input: [forward(self, input), input.data.__imul__(2.0)][0],
    }
    for part, fault in faults.items():
        monkeypatch.setattr(nn.Linear, "forward", fault)
        assert part in next(compare("Linear", "float64", True)).wrong
    monkeypatch.setattr(nn.functional, "batch_norm", lambda x, *rest: x * 1.0)
    assert {"outputs", "state"} <= set(next(compare("BatchNorm1d", "float64", True)).wrong)
    monkeypatch.setattr(nn.ReLU, "extra_repr", lambda self: "no")
    assert set(next(compare("ReLU", "float64", True)).wrong) == {"print"}
