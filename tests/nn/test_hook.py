"""Hooks: what they see, in which order, what they may change, and how they go."""

import copy

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor

X = np.array([[1.0, -2.0], [0.5, 3.0]])


class Scale(nn.Module):
    def __init__(self, factor=2.0):
        self.factor = nn.Parameter(factor)

    def forward(self, x, *, shift=0.0):
        return x * self.factor + shift


def test_forward_hooks_see_and_change_arguments_and_results():
    model, seen = Scale(), []
    model.register_forward_pre_hook(lambda module, args: seen.append((module, args)))
    model.register_forward_pre_hook(lambda module, args: args[0] + 1)
    model.register_forward_hook(lambda module, args, output: seen.append((args, output)))
    model.register_forward_hook(lambda module, args, output: output * 10)
    y = model(X)
    np.testing.assert_array_equal(y.data, (X + 1) * 20)
    assert seen[0][0] is model
    assert seen[0][1][0] is X
    np.testing.assert_array_equal(seen[1][0][0], X + 1)
    np.testing.assert_array_equal(seen[1][1].data, (X + 1) * 2)


def test_hooks_with_keyword_arguments():
    model = Scale()
    model.register_forward_pre_hook(lambda m, args, kwargs: ((args[0] * 0,), kwargs | {"shift": 7.0}), with_kwargs=True)
    model.register_forward_hook(lambda m, args, kwargs, output: output + kwargs["shift"], with_kwargs=True)
    np.testing.assert_array_equal(model(X, shift=1.0).data, np.full((2, 2), 14.0))
    bad = Scale()
    bad.register_forward_pre_hook(lambda m, args, kwargs: args, with_kwargs=True)
    with pytest.raises(autograd.OperandError, match="new \\(args, kwargs\\)"):
        bad(X)


def test_order_and_prepending():
    model, order = Scale(), []
    for number, prepend in ((1, False), (2, False), (3, True)):
        model.register_forward_hook(lambda m, args, output, n=number: order.append(n), prepend=prepend)
    model(X)
    assert order == [3, 1, 2]


def test_a_removed_hook_is_gone_and_costs_nothing():
    model, seen = Scale(), []
    first = model.register_forward_hook(lambda *_: seen.append(1))
    with model.register_forward_hook(lambda *_: seen.append(2)):
        model(X)
    first.remove()
    first.remove()
    model(X)
    assert seen == [1, 2]
    assert not model._hooks


def test_a_hook_may_remove_itself():
    model, seen = Scale(), []

    def once(*_):
        seen.append(1)
        handle.remove()

    handle = model.register_forward_hook(once)
    model.register_forward_hook(lambda *_: seen.append(2))
    model(X)
    model(X)
    assert seen == [1, 2, 2]


def test_always_call_is_called_when_forward_fails():
    model, seen = nn.Linear(3, 1), []
    model.register_forward_hook(lambda m, args, output: seen.append("never"))
    model.register_forward_hook(lambda m, args, output: seen.append(output), always_call=True)
    with pytest.raises(autograd.ShapeError):
        model(X)
    assert seen == [None]


def test_a_hook_is_a_function():
    with pytest.raises(autograd.OperandError, match="is a function"):
        nn.ReLU().register_forward_hook("print")


def test_backward_hooks_see_gradients_of_inputs_and_outputs():
    model, seen = Scale(3.0), []
    model.register_full_backward_hook(lambda module, into, out: seen.append((module, into, out)))
    x = Tensor(X)
    (model(x) * 5 + x).sum().backward()
    ((module, (dx,), (dy,)),) = seen
    assert module is model
    np.testing.assert_array_equal(dy.data, np.full((2, 2), 5.0))
    np.testing.assert_array_equal(dx.data, np.full((2, 2), 15.0))  # through the module alone
    np.testing.assert_array_equal(x.grad, np.full((2, 2), 16.0))
    np.testing.assert_array_equal(model.factor.grad, 5 * X.sum())


def test_backward_hooks_change_gradients():
    model = Scale(3.0)
    model.register_full_backward_pre_hook(lambda module, out: (out[0] * 2,))
    model.register_full_backward_hook(lambda module, into, out: (into[0] + 1,))
    model.register_full_backward_hook(lambda module, into, out: into[0] * 10)
    x = Tensor(X)
    model(x).sum().backward()
    np.testing.assert_array_equal(x.grad, np.full((2, 2), 70.0))
    np.testing.assert_array_equal(model.factor.grad, 2 * X.sum())


def test_backward_hooks_where_the_input_is_data():
    model, seen = nn.Linear(2, 3, dtype=float), []
    model.register_full_backward_hook(lambda module, into, out: seen.append((into, out[0].shape)))
    model(X).sum().backward()
    assert seen == [((None,), (2, 3))]
    assert model.weight.grad is not None
    with autograd.no_grad():
        model(X)


def test_backward_hooks_of_several_inputs_and_outputs():
    class Cross(nn.Module):
        def forward(self, a, b, flag):
            return a * b, a + b, flag

    model, seen = Cross(), []
    model.register_full_backward_hook(lambda module, into, out: seen.append((into, out)))
    a, b = Tensor([2.0, 3.0]), Tensor([5.0, 7.0])
    y, z, flag = model(a, b, "flag")
    assert flag == "flag"
    (y.sum() + 0.0 * z.sum()).backward()
    ((into, out),) = seen
    assert len(into) == len(out) == 3
    assert into[2] is out[2] is None
    np.testing.assert_array_equal(into[0].data, b.data)
    np.testing.assert_array_equal(a.grad, b.data)
    np.testing.assert_array_equal(b.grad, a.data)
    wrong = Cross()
    wrong.register_full_backward_hook(lambda module, into, out: (into[0],))
    with pytest.raises(autograd.OperandError, match="returned 1 gradients, not 3"):
        wrong(a, b, 0)[0].sum().backward()


def test_backward_hooks_on_values():
    neuron, seen = nn.Neuron(2, nonlin=False), []
    neuron.register_full_backward_hook(lambda module, into, out: seen.append(out))
    neuron([1.0, 2.0]).backward()
    assert [float(g) for (g,) in seen] == [1.0]
    assert [p.grad for p in neuron.parameters()] == [1.0, 2.0, 1.0]


def test_backward_hooks_do_not_stand_in_the_way_of_second_derivatives():
    model = Scale(3.0)
    model.register_full_backward_hook(lambda module, into, out: None)
    found = autograd.grad(autograd.grad(lambda x: (model(x) ** 3).sum().reshape(())))
    assert float(found(Tensor(2.0)).sum()) == pytest.approx(27 * 6 * 2.0)


def test_a_result_that_no_gradient_can_pass_is_named():
    class Dict(nn.Module):
        def forward(self, x):
            return {"y": x}

    model = Dict()
    model.register_full_backward_hook(lambda *_: None)
    with pytest.raises(autograd.OperandError, match="return a Tensor, or a tuple"):
        model(Tensor(X))


def test_hooks_inside_annotate():
    model, seen = Scale(), []
    model.register_forward_hook(lambda module, args, output: seen.append(output))
    with autograd.annotate():
        y = model(Tensor(X))
    assert y is seen[0]
    assert y.origin.scope.path == ("model",)


def test_a_copied_model_has_hooks_of_its_own():
    model, seen = Scale(), []
    handle = model.register_forward_hook(lambda *_: seen.append(1))
    twin = copy.deepcopy(model)
    handle.remove()
    model(X)
    assert seen == []
    twin(X)
    assert seen == [1]


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")
@pytest.mark.parametrize("kind", ["forward", "backward"])
def test_hooks_see_what_torch_shows(kind):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle")

    def run(model, x, wrap):
        seen = []
        for layer in model:
            if kind == "forward":
                layer.register_forward_pre_hook(lambda m, args: (args[0] * 2,))
                layer.register_forward_hook(lambda m, args, y: seen.extend([args[0], y]))
            else:
                layer.register_full_backward_pre_hook(lambda m, gs: (gs[0] * 3,))
                layer.register_full_backward_hook(lambda m, into, out: seen.extend([*into, *out]))
        model(wrap(x)).sum().backward()
        return [g.detach().numpy() if hasattr(g, "detach") else g for g in seen]

    ours = nn.Sequential(nn.Linear(2, 3, dtype=float), nn.Tanh(), nn.Linear(3, 1, dtype=float))
    theirs = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1)).double()
    theirs.load_state_dict({name: torch.tensor(x) for name, x in ours.state_dict().items()})
    for mine, other in zip(run(ours, X, np.array), run(theirs, X, torch.tensor), strict=True):
        if mine is None or other is None:
            assert mine is other
        else:
            np.testing.assert_allclose(mine, other, rtol=1e-12)
