"""What zoom opens, how far, what it is called, and what it says where it cannot."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

import autograd
import nn
from autograd import (
    GradientError,
    MatrixError,
    OperandError,
    ShapeError,
    Stepper,
    Tensor,
    Value,
    draw,
    fuse,
    leaves,
    zoom,
)
from autograd.tensor import element


def labels(value):
    return sorted(leaf.label for leaf in leaves(value))


def operations(value):
    return [node.operation for node in autograd.topological_order([value]) if node.parents]


def network():
    rng = np.random.default_rng(0)
    x, weight, bias = Tensor(rng.normal(size=(2, 3))), Tensor(rng.normal(size=(4, 3))), Tensor(rng.normal(size=4))
    h = x @ weight.T + bias
    return x, weight, bias, h, autograd.softmax(autograd.tanh(h))


# One operation


def test_one_element_of_a_product_of_matrices():
    x, w = Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([[0.5, -1.0], [2.0, 3.0]])
    y = x @ w
    value = zoom(y, (0, 1))
    assert type(value) is Value
    assert value.label == "y[0, 1]"
    assert value.data == 5.0
    assert labels(value) == ["w[0, 1]", "w[1, 1]", "x[0, 0]", "x[0, 1]"]
    assert operations(value) == ["*", "*", "+"]
    value.backward()
    assert {leaf.label: leaf.grad for leaf in leaves(value)}["w[1, 1]"] == 2.0


def test_all_elements_or_some_come_as_an_array_and_share_their_leaves():
    x = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    y = autograd.softmax(x)
    every = zoom(y)
    assert every.shape == (2, 3)
    assert every.dtype == object
    assert set(leaves(every[0, 0])) == set(leaves(every[0, 2]))
    assert set(leaves(every[0, 0])).isdisjoint(leaves(every[1, 0]))
    assert zoom(y, (slice(None), -1)).shape == (2,)
    assert zoom(y, -1)[0].label == "y[1, 0]"


def test_the_text_of_softmax_is_that_of_the_textbook():
    x = Tensor([0.0, 1.0])
    y = autograd.softmax(x)
    assert str(draw(zoom(y, 0), names=False)).splitlines()[-1].startswith("y[0] = /(")
    assert operations(zoom(y, 0)) in (["exp", "exp", "+", "/"], ["exp", "+", "exp", "/"])


def test_linear_operations_are_sums_with_their_coefficients():
    x = Tensor([1.0, 2.0, 4.0])
    m, d = x.mean(), autograd.diff(x)
    assert operations(zoom(m)) == ["+", "/"]
    assert operations(zoom(d, 0)) == ["-"]
    t = x.reshape(3, 1)
    assert zoom(t, (2, 0)).is_leaf
    assert zoom(t, (2, 0)).label == "x[2]"


def test_constants_keep_their_names_and_get_no_gradient():
    data = np.array([2.0, 3.0])
    w = Tensor([1.0, 1.0])
    y = (w * data).sum()
    value = zoom(y, inputs=w)
    assert labels(value) == ["w[0]", "w[1]"]
    assert "data[1]" in str(draw(value))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: autograd.max(x),
        lambda x: autograd.min(x * 0.0),
        lambda x: autograd.std(x * 0.0),
        lambda x: autograd.linalg.norm(x * 0.0),
        lambda x: autograd.linalg.norm(x - 1.0, 3),
        lambda x: autograd.softmax(x * 1000.0),
        lambda x: autograd.log_softmax(x * 1000.0),
        lambda x: autograd.logsumexp(x * -1000.0),
        lambda x: autograd.logcumsumexp(x * -1000.0),
        lambda x: autograd.prod(x - 1.0),
        lambda x: autograd.cumprod(x - 1.0),
        lambda x: autograd.sort(x),
        lambda x: autograd.median(x),
        lambda x: autograd.max_pool1d(x.reshape(1, 1, 4), 2, 1),
    ],
)
def test_ties_zeros_and_large_numbers(f):
    x = Tensor([1.0, 3.0, 3.0, 2.0])
    y = f(x)
    values = np.array([zoom(y, inputs=x)]).reshape(y.shape)
    for index in np.ndindex(y.shape):
        assert math.isclose(values[index].data, y.data[index], rel_tol=1e-13, abs_tol=1e-13)
    autograd.sum([v * 1.0 for v in values.flat]).backward()
    y.backward(np.ones(y.shape))
    found = {leaf.label: leaf.grad for v in values.flat for leaf in leaves(v)}
    np.testing.assert_allclose([found.get(f"x[{i}]", 0.0) for i in range(4)], x.grad, rtol=1e-12, atol=1e-12)


def test_singular_matrices_have_determinants():
    a = Tensor([[1.0, 2.0], [2.0, 4.0]])
    value = zoom(autograd.linalg.det(a))
    value.backward()
    assert value.data == 0.0
    assert {leaf.label: leaf.grad for leaf in leaves(value)} == {
        "a[0, 0]": 4.0,
        "a[0, 1]": -2.0,
        "a[1, 0]": -2.0,
        "a[1, 1]": 1.0,
    }


# Several operations


def test_depth_counts_operations_but_not_what_only_moves_elements():
    x, weight, bias, h, p = network()
    assert labels(zoom(h, (0, 1))) == ["bias[1]", "v1[0, 1]"]
    two = zoom(h, (0, 1), depth=2)
    assert labels(two) == ["bias[1]", *(f"weight[1, {i}]" for i in range(3)), *(f"x[0, {i}]" for i in range(3))]
    everything = zoom(p, (1, 2), depth=math.inf)
    assert len(leaves(everything)) == 3 + 12 + 4
    everything.backward()
    g = np.zeros((2, 4))
    g[1, 2] = 1.0
    p.backward(g)
    for leaf in leaves(everything):
        name, _, index = leaf.label.partition("[")
        tensor = {"x": x, "weight": weight, "bias": bias}[name]
        at = tuple(map(int, index.rstrip("]").split(",")))
        assert math.isclose(leaf.grad, tensor.grad[at], rel_tol=1e-12, abs_tol=1e-15)


def test_zooming_up_to_given_inputs_begins_there():
    _, _, _, h, p = network()
    value = zoom(p, (0, 0), inputs=[h])
    assert labels(value) == [f"h[0, {i}]" for i in range(4)]
    assert labels(zoom(p, (0, 0), inputs=h, depth=1)) == ["v1[0, 0]", "v1[0, 1]", "v1[0, 2]", "v1[0, 3]"]


def test_an_input_that_is_reached_in_two_ways():
    x = Tensor([1.0, 2.0])
    a = x * x
    y = (a + autograd.exp(a)).sum()
    value = zoom(y, depth=2)
    assert value.data == y.item()
    assert len(leaves(value)) == 2 + 2  # a is met one operation deep: it and exp(a) are leaves
    assert labels(zoom(y, inputs=x)) == ["x[0]", "x[1]"]


def test_only_what_is_needed_is_made():
    rng = np.random.default_rng(0)
    x, w, v = Tensor(rng.normal(size=(64, 200))), Tensor(rng.normal(size=(200, 30))), Tensor(rng.normal(size=(30, 10)))
    y = autograd.relu(x @ w) @ v
    value = zoom(y, (5, 3), inputs=[x, w, v])
    assert len(leaves(value)) == 200 + 200 * 30 + 30
    with pytest.raises(ShapeError, match=r"more than 20,000 operations(.|\n)*zoom\(y, index=\(0, 0\)\)"):
        zoom(y, inputs=[x, w, v])
    with pytest.raises(ShapeError, match="more than 50 operations"):
        zoom(y, (5, 3), inputs=[x, w, v], limit=50)


def test_a_chain_of_thousands_of_operations():
    x = Tensor([1.0, 2.0])
    y = x
    for _ in range(3000):
        y = y * 0.999
    assert len(autograd.topological_order([zoom(y, 1, depth=math.inf)])) == 3001


def test_values_inside_tensors_and_tensors_inside_values():
    a, b = Value(1.0, label="a"), Value(2.0, label="b")
    t = autograd.stack([a, b])
    y = (t * t).sum()
    assert labels(zoom(y, depth=math.inf)) == ["a", "b"]
    x = Tensor([3.0, 4.0])
    z = element(x, index=(1,)) * a
    assert labels(zoom(z, depth=math.inf)) == ["a", "x[1]"]


def test_zooming_after_a_backward_pass():
    rng = np.random.default_rng(0)
    q, k, v = (Tensor(rng.normal(size=(2, 3))) for _ in range(3))
    y = autograd.scaled_dot_product_attention(q, k, v)
    (y * y).sum().backward()
    assert labels(zoom(y, (1, 0), depth=math.inf))[-1] == "v[1, 0]"
    n = autograd.layer_norm(q, 3)
    (n * n).sum().backward()
    assert len(leaves(zoom(n, (0, 0)))) == 3


# Pictures and stepping


def test_it_is_drawn_and_stepped_through_as_any_other_graph():
    _, _, _, h, p = network()
    value = zoom(p, (0, 1), inputs=h)
    text = draw(value).svg()
    assert "h[0, 3]" in text
    assert "p · softmax" in text  # a frame for each operation
    folded = draw(value, depth=0)
    assert len(folded.sketch.boxes) == 2
    assert len(draw(value, depth=0, expand="p").sketch.boxes) > 5
    stepper = Stepper(value)
    assert [str(event.place) for event in stepper if ":0" in str(event)] == []
    assert len(stepper) > 20
    assert repr(draw(zoom(p))) == repr(draw(zoom(p).ravel().tolist()))


def test_modules_and_lines_that_were_noted_are_those_of_the_scalar_graph():
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    with autograd.annotate():
        y = model(Tensor(np.ones((1, 2), np.float32)))
    value = zoom(y, (0, 0), depth=math.inf)
    assert value.origin.scope.path[:2] == ("model", "1")
    assert value.origin.text.startswith("y = model(")
    assert "model.0.weight[0, 1]" in labels(value)
    assert value.parents[0].origin.scope.path == ("model", "0", "affine")


def test_a_dot_node_opens_into_products():
    w, x = [Value(0.5), Value(-1.0)], [Value(2.0), Value(3.0)]
    y = autograd.dot(w, x, 0.25)
    assert y.operation == "·"
    value = zoom(y)
    assert operations(value) == ["*", "*", "+"]
    assert labels(value) == ["w[0]", "w[1]", "x[0]", "x[1]"]
    assert operations(fuse(value)) == ["·"]


# What must not happen


def test_nothing_of_the_tensors_is_touched():
    x = Tensor([1.0, 2.0])
    called = []
    a = x * x
    a.register_hook(called.append)
    x.register_hook(called.append)
    y = autograd.softmax(a)
    zoom(y, depth=math.inf)
    assert called == []
    assert x.grad is a.grad is y.grad is None
    with autograd.no_grad():
        assert zoom(y, 0).requires_grad
    y.backward(np.ones(2))
    zoom(y, 0, depth=math.inf)


def test_a_wrong_formula_is_found_out(monkeypatch):
    from autograd.lens.formula import FORMULAS, along_rows

    x = Tensor([1.0, 2.0])
    monkeypatch.setitem(FORMULAS, "softmax", along_rows(lambda row: [v / autograd.sum(row) for v in row]))
    with pytest.raises(GradientError, match=r"a value of the new graph is .*, where the Tensor's, by softmax, is"):
        zoom(autograd.softmax(x))
    monkeypatch.setitem(FORMULAS, "prod", lambda y, x, **how: lambda index: x[(0,)] * 2.0)
    with pytest.raises(GradientError, match=r"a gradient of the new graph is .*, where the Tensor's, by prod, is"):
        zoom(autograd.prod(x))


def test_an_array_that_was_written_into_is_found_out():
    x = Tensor([1.0, 2.0])
    y = x * 3.0
    x.data[0] = 5.0
    with pytest.raises(GradientError, match="written into"):
        zoom(y)


def test_what_cannot_be_opened_says_why_and_what_can():
    x = Tensor(np.array([[2.0, 1.0], [0.5, 3.0]]))
    s = autograd.linalg.svdvals(x)
    y = s.sum()
    with pytest.raises(OperandError, match=r"svdvals cannot be opened(.|\n)*found by iteration(.|\n)*inputs="):
        zoom(y, depth=2)
    assert labels(zoom(y, inputs=s)) == ["s[0]", "s[1]"]
    with pytest.raises(MatrixError, match="not symmetric"):
        zoom(autograd.linalg.cholesky(x), depth=2)
    with pytest.raises(OperandError, match="it is a leaf"):
        zoom(x)
    with pytest.raises(OperandError, match="does not require grad"):
        zoom(x.detach() * 2.0)
    with pytest.raises(OperandError, match="got ndarray"):
        zoom(np.ones(2))
    with pytest.raises(ShapeError, match=r"has no element \(7, 0\)"):
        zoom(x * 2.0, (7, 0))
    for other in (Tensor([1.0]), "x", np.ones(2)):
        with pytest.raises(OperandError, match="it was not made from"):
            zoom(x * 2.0, inputs=[other])
    with pytest.raises(OperandError, match="nothing is opened"):
        zoom(x * 2.0, depth=0)
    with pytest.raises(ShapeError, match="8 rows"):
        zoom(autograd.linalg.det(Tensor(np.eye(9))))
    y.backward(retain_graph=False)
    with pytest.raises(OperandError, match=r"let the graph of .* go(.|\n)*retain_graph=True"):
        zoom(y)


def test_primitives_of_the_users_own_open_when_they_are_elementwise():
    @autograd.custom_function
    def bent(x):
        return math.tanh(x)

    @bent.partials
    def _(y, x):
        return 1 - y * y

    @autograd.custom_function
    def squares(x):
        return x @ x

    @squares.vjp
    def _(g, y, x):
        return 2 * g * x

    x = Tensor([0.5, -0.5])
    assert zoom(bent(x), 0).data == math.tanh(0.5)
    with pytest.raises(OperandError, match=r"squares cannot be opened(.|\n)*no scalar formula"):
        zoom(squares(x))


def test_nobody_waits_for_it_who_does_not_use_it():
    code = "import sys, autograd; autograd.Value(1.0); print([m for m in sys.modules if m.startswith('autograd.lens')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_stepper_goes_into_the_operation_at_work():
    x, weight = Tensor([[1.0, 2.0]]), Tensor([[0.5, -1.0], [2.0, 3.0]])
    h = x @ weight
    y = autograd.softmax(h).sum()
    stepper = Stepper(y)
    with pytest.raises(GradientError, match="before the first event"):
        stepper.zoom()
    stepper.to("@")
    inside = stepper.zoom((0, 1))
    assert inside.position == -1
    inside.goto(-1)
    assert inside.value("x[0, 1]") == 2.0
    assert inside.grad("x[0, 1]") == 3.0
    with pytest.raises(OperandError, match=r"has 2 elements; name the one(.|\n)*zoom\(\(0, 0\)\)"):
        stepper.zoom()
    stepper.goto(-1)  # the last edge is one of the product's
    assert stepper.zoom((0, 0)).recording.root.data == 4.5
    weight.data[0, 0] = 100.0  # the numbers are those of the moment the Stepper was made
    assert stepper.zoom((0, 0)).recording.root.data == 4.5
    stepper.to("sum", backwards=True)
    assert len(stepper.zoom()) > 3
    assert stepper.zoom(inputs=stepper.recording.find("x")).recording.find("x[0, 0]").data == 1.0
