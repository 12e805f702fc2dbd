"""compare: what it takes, how it finds quantities, what it says in errors, remarks and reports."""

import cProfile
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import autograd
from autograd import AutogradError, GradientError, OperandError, Tensor, Value
from autograd.tutor import compare

ROOT = Path(__file__).parents[3]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@pytest.fixture
def line():
    """A linear model: inputs, targets, weights, the forward function, and the right gradients."""
    rng = np.random.default_rng(0)
    X, y, W, b = rng.normal(size=(6, 2)), rng.normal(size=(6, 1)), rng.normal(size=(2, 1)), np.array([0.5])

    def forward(X, y, W, b):
        out = X @ W + b
        return np.mean((out - y) ** 2)

    dout = 2 * (X @ W + b - y) / 6
    return X, y, W, b, forward, dout


# What is compared


def test_the_tutor_is_imported_when_it_is_asked_for():
    assert autograd.tutor.compare is compare
    assert "tutor" in autograd.__all__


def test_a_graph_or_a_function(line):
    X, y, W, b, forward, dout = line
    W_, b_ = Tensor(W), Tensor(b)
    loss = forward(X, y, W_, b_)
    for asked in (
        {"W": (W_, X.T @ dout), "b": (b_, dout.sum(axis=0))},  # the nodes themselves
        {"W": (W, X.T @ dout), "b": (b, dout.sum(axis=0))},  # found by their numbers
        {"dW": (W, (X.T @ dout).tolist())},  # called by the name of the gradient, which may be a list
    ):
        assert compare(loss, asked).ok
    assert compare(forward, {"W": (W, X.T @ dout)}, X, y, W, b).ok
    assert compare(forward, {"W": (W.copy(), X.T @ dout)}, X, y, W, b).ok
    assert compare(forward, {"out": (X @ W + b, dout)}, X, y, W, b).ok  # no parameter asked about
    assert compare(loss, {"W": (W_, Tensor(X.T @ dout))}).ok


def test_a_quantity_goes_by_both_names(line):
    X, _, W, b, forward, dout = line
    report = compare(forward, {"dW": (W, X.T @ dout), "out": (X @ W + b, dout), "delta_b": (b, dout.sum(0))}, *line[:4])
    assert [finding.name for finding in report] == ["out", "W", "b"]
    assert [finding.gradient for finding in report] == ["dout", "dW", "delta_b"]
    assert report["dW"] is report["W"]
    assert report["b"] is report["delta_b"]
    assert len(report) == 3
    with pytest.raises(KeyError, match="the report is about dout, dW, delta_b"):
        report["z"]


def test_what_a_forward_function_may_return(line):
    X, y, W, b, forward, dout = line
    asked = {"W": (W, X.T @ dout)}
    assert compare(lambda *args: (forward(*args), {"more": 1}), asked, X, y, W, b).ok
    assert compare(lambda parameters: forward(X, y, **parameters), asked, {"W": W, "b": b}).ok


def test_the_profiler_of_the_user_is_left_alone(line):
    X, y, W, b, forward, dout = line
    profile = cProfile.Profile()
    profile.enable()
    report = compare(forward, {"W": (W, X.T @ dout)}, X, y, W, b)
    profile.disable()
    assert report.ok
    assert sys.getprofile() is None
    assert compare(forward, {"W": (W, X.T @ dout)}, X, y, W, b).ok
    assert sys.getprofile() is None


def test_nothing_of_the_users_is_changed(line):
    X, y, W, b, forward, dout = line
    W_ = Tensor(W)
    loss = forward(X, y, W_, b)
    nodes = autograd.topological_order([loss], constants=True)
    before = [(node.data.tobytes() if hasattr(node.data, "tobytes") else node.data, node.parents) for node in nodes]
    compare(loss, {"W": (W_, X.T @ dout * 3)})
    after = [(node.data.tobytes() if hasattr(node.data, "tobytes") else node.data, node.parents) for node in nodes]
    assert before == after
    assert W_.grad is None
    assert loss.label == ""


# Errors


def errors(line):
    X, y, W, b, forward, _ = line
    t = Tensor([1.0, 1.0])
    return [
        (OperandError, "no gradients were given", lambda: compare(forward, {}, X, y, W, b)),
        (OperandError, "needs the loss", lambda: compare(3.0, {"W": (W, W)})),
        (OperandError, "must be \\(quantity, gradient\\)", lambda: compare(forward, {"W": W}, X, y, W, b)),
        (OperandError, "a gradient must be an array", lambda: compare(forward, {"W": (W, "no")}, X, y, W, b)),
        (OperandError, "a gradient must be an array", lambda: compare(forward, {"W": (W, [[1], [2, 3]])}, X, y, W, b)),
        (OperandError, "inputs go with a forward function", lambda: compare(t.sum(), {"t": (t, t)}, X)),
        (OperandError, "must be a Value, a Tensor or an array", lambda: compare(t.sum(), {"t": ("t", t)})),
        (OperandError, "holds 1.0 among its Values", lambda: compare(t.sum(), {"t": ([1.0, Value(2.0)], [1, 1])})),
        (GradientError, "the loss must be a single number", lambda: compare(t * 2, {"t": (t, t)})),
        (GradientError, "is not part of the graph", lambda: compare(t.sum(), {"t": (Tensor([1.0, 1.0]), [1, 1])})),
        (GradientError, "is a constant in the graph", lambda: compare((3 * t * y[0]).sum(), {"y": (y[0], [1])})),
        (GradientError, "nothing in the graph", lambda: compare(t.sum(), {"t": ([3.0, 4.0], [1, 1])})),
        (
            GradientError,
            "3 nodes of the graph",
            lambda: compare((t * Tensor([1.0, 1.0])).sum(), {"s": ([1.0, 1.0], t)}),
        ),
        (GradientError, "other numbers .* by up to 1", lambda: compare(forward, {"W": (W + 1, W)}, X, y, W, b)),
        (GradientError, "its shape is \\(2, 1\\)", lambda: compare(forward, {"W": (np.ones(3), W)}, X, y, W, b)),
        (GradientError, "must return the loss", lambda: compare(lambda W: X @ W, {"W": (W, W)}, W)),
        (GradientError, "do not convert with float", lambda: compare(lambda W: float(np.sum(W)), {"W": (W, W)}, W)),
        (GradientError, "depends on none", lambda: compare(lambda W: np.sum(Tensor(X).detach()), {"W": (W, W)}, W)),
    ]


@pytest.mark.parametrize("number", range(18))
def test_errors_say_what_where_and_what_to_do(line, number):
    kind, words, call = errors(line)[number]
    with pytest.raises(kind, match=words) as caught:
        call()
    assert isinstance(caught.value, AutogradError)
    assert "at test_compare.py" in str(caught.value)


def test_a_graph_that_was_let_go():
    W = Tensor(np.ones((300, 300)))
    loss = (W @ W).sum()
    loss.backward(retain_graph=False)
    with pytest.raises(GradientError, match=r"has let the graph .* go"):
        compare(loss, {"W": (W, W.grad)})


# Conventions and small differences


def test_an_epsilon_in_a_logarithm_is_no_mistake():
    rng = np.random.default_rng(1)
    X, y, W = rng.normal(size=(30, 3)), rng.integers(0, 2, (30, 1)).astype(float), 2 * rng.normal(size=(3, 1))

    def forward(X, y, W):
        p = sigmoid(X @ W)
        return -np.mean(y * np.log(p + 1e-8) + (1 - y) * np.log(1 - p + 1e-8))

    p = sigmoid(X @ W)
    report = compare(forward, {"p": (p, (p - y) / (p * (1 - p)) / 30), "W": (W, X.T @ (p - y) / 30)}, X, y, W)
    assert report.ok
    assert "without the epsilon" in report["p"].text
    step = 3e-3 * np.eye(3)[:, :, None]
    numerical = np.array([(forward(X, y, W + e) - forward(X, y, W - e)) / 6e-3 for e in step])[:, None]
    report = compare(forward, {"W": (W, numerical)}, X, y, W)
    assert report["W"].status == "nearly right"
    assert report.ok


def test_a_slope_of_one_at_the_kink_is_a_convention():
    X, V, c = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, -1.0]]), np.array([[1.0, -2.0], [0.5, 1.5]]), np.zeros(2)

    def forward(X, V, c):
        z = X @ V + c
        return np.sum(np.maximum(0, z) ** 2 + 3 * np.maximum(0, z))

    z = X @ V + c
    slope = 2 * np.maximum(0, z) + 3
    for mask in (z > 0, z >= 0):
        dz = slope * mask
        report = compare(forward, {"z": (z, dz), "V": (V, X.T @ dz), "c": (c, dz.sum(axis=0))}, X, V, c)
        assert report.ok
    assert report["z"].status == "convention"
    assert report["c"].status == "right"


def test_gradients_that_cancel_are_compared_with_what_cancels():
    rng = np.random.default_rng(2)
    X, W, b = rng.normal(size=(50, 3)), rng.normal(size=(3, 4)), np.zeros(4)

    def forward(X, W, b):
        z = X @ W + b
        centred = z - np.mean(z, axis=0)
        return np.sum(np.tanh(centred))

    z = X @ W
    dcentred = 1 - np.tanh(z - z.mean(axis=0)) ** 2
    dz = dcentred - dcentred.mean(axis=0)
    report = compare(forward, {"W": (W, X.T @ dz), "b": (b, dz.sum(axis=0))}, X, W, b)  # the latter is rounding alone
    assert np.abs(report["b"].expected).max() < 1e-13
    assert report.ok


def test_zero_and_no_gradient(line):
    X, y, W, b, forward, dout = line
    assert compare(forward, {"W": (W, np.zeros_like(W))}, X, y, W, b).first.kind == "zero gradient"
    report = compare(forward, {"W": (W, None), "out": (X @ W + b, dout * np.inf)}, X, y, W, b)
    assert [finding.kind for finding in report.wrong] == ["not finite", "no gradient"]
    assert "None was found" in report["W"].text


def test_what_cannot_be_explained_is_said_so(line):
    X, y, W, b, forward, _ = line
    report = compare(forward, {"W": (W, np.array([[1.234], [5.678]]))}, X, y, W, b)
    assert report.first.kind == "unexplained"
    assert "no mistake that is known here" in report.first.text
    assert report.first.recipe == "dW = X.T @ (2 * (out - y)) / 6"


# Updates


def test_updates(line):
    X, y, W, b, forward, dout = line
    dW, db = X.T @ dout, dout.sum(axis=0)

    def updated(W_new, b_new=b - 0.1 * db):
        return compare(forward, {"W": (W, dW, W_new), "b": (b, db, b_new)}, X, y, W, b)

    assert updated(W - 0.1 * dW).ok
    assert "learning rate of 0.1" in updated(W - 0.1 * dW)["update of W"].text
    uphill = updated(W + 0.1 * dW)
    assert uphill.first.kind == "wrong update"
    assert uphill.first.place == "the update of W"
    assert "wrong direction, uphill: it is W + 0.1 * dW" in uphill.first.text
    assert "has not changed" in updated(W).first.text
    assert updated(W - 0.1 * dW, b[None]).first.kind == "wrong shape"
    assert "not a plain step" in updated(W - 0.1 * dW * np.array([[1.0], [0.3]]))["update of W"].text
    other = compare(
        lambda A, B: np.sum(A**2) + np.sum(B**3),
        {"A": (W, 2 * W, W - 3 * (W + 1) ** 2), "B": (W + 1, 3 * (W + 1) ** 2)},
        W,
        W + 1,
    )
    assert "A was updated with dB" in other["update of A"].text or "uphill" in other["update of A"].text
    wrong = compare(forward, {"W": (W, -dW, W + 0.1 * dW)}, X, y, W, b)
    assert "uphill, because dW does" in wrong["update of W"].text


# Remarks


def remark(report):
    (found,) = report.remarks
    return found


def test_targets_out_of_reach(line):
    X, _, W, _, _, _ = line
    for f, target, words in (
        (sigmoid, np.full((6, 1), 5.0), "sigmoid can only give numbers between 0 and 1"),
        (np.tanh, np.full((6, 1), -1.5), "tanh can only give numbers between -1 and 1"),
        (lambda z: np.maximum(0, z), np.full((6, 1), -1.0), "relu can only give numbers above 0"),
    ):

        def forward(X, y, W, f=f):
            return np.mean((f(X @ W) - y) ** 2)

        W_ = Tensor(W)
        loss = forward(X, target, W_)
        loss.backward()
        report = compare(forward, {"W": (W, W_.grad)}, X, target, W)
        assert report.ok
        assert remark(report).kind == "target out of range"
        assert words in remark(report).text
    signs = np.array([[-1.0, 1.0]] * 6)

    def softmax(X, y, V):
        e = np.exp(X @ V)
        return -np.mean(np.sum(y * np.log(e / np.sum(e, axis=1, keepdims=True)), axis=1))

    V = np.eye(2)
    right = autograd.grad(lambda V: softmax(X, signs, V))(V)
    assert "softmax can only give" in remark(compare(softmax, {"V": (V, right)}, X, signs, V)).text


def test_a_column_that_meets_a_row(line):
    X, y, W, b, forward, dout = line
    flat = y[:, 0]
    report = compare(forward, {"W": (W, X.T @ dout)}, X, flat, W, b)
    assert remark(report).kind == "broadcast"
    assert "out has shape (6, 1) and y has shape (6,), so out - y has shape (6, 6)" in remark(report).text
    assert report.first.kind == "broadcast"
    assert "compares every output with every target" in report.first.text


def test_parameters_of_whole_numbers(line):
    X, y, _, b, forward, _ = line
    W = np.array([[1], [-2]])
    report = compare(forward, {"W": (W, X.T @ (2 * (X @ W + b - y) / 6))}, X, y, W, b)
    assert report.ok
    assert "W is an array of int64" in remark(report).text


def test_a_loss_that_is_not_finite():
    W = Tensor([0.0, 1.0])
    with np.errstate(divide="ignore"):
        loss = autograd.log(W).sum()
    report = compare(loss, {"W": (W, [1.0, 1.0])})
    assert remark(report).text == "The loss is -inf."
    assert report.first.kind == "not finite"
    assert "the right gradient itself is inf or nan" in report.first.text


# The report


@pytest.fixture
def wrong(line):
    X, y, W, b, forward, dout = line
    dout = dout * 6
    asked = {"out": (X @ W + b, dout), "W": (W, -X.T @ dout), "b": (b, dout.sum(axis=0))}
    return compare(forward, asked, X, y, W, b)


def test_the_report_as_text(wrong):
    assert (
        str(wrong)
        == """Mend dout first. There are 2 mistakes.

  dout  (6, 1)  ✗ constant factor  ← mend this first
  dW    (2, 1)  ✗ sign
  db    (1,)    · right given your dout, from which it follows

dout is off by exactly n = 6: the loss is a mean over 6 elements, and the division by 6 was
forgotten. Divide by 6.
    Right: dout = 2 * (out - y) / 6

dW has the wrong sign. Change its sign.
    Right: dW = X.T @ dout"""
    )
    assert repr(wrong) == str(wrong)
    assert max(map(len, str(wrong).splitlines())) <= 120


def test_the_report_of_what_is_right(line):
    X, y, W, b, forward, dout = line
    assert (
        str(compare(forward, {"W": (W, X.T @ dout)}, X, y, W, b)) == "The gradient is right.\n\n  dW  (2, 1)  ✓ right"
    )


def test_the_report_in_a_notebook(wrong):
    html = wrong._repr_html_()
    assert "<script" not in html
    assert "color:" not in html  # it takes the colours of the page, light or dark
    assert html.count("<tr>") == 3
    assert html.count("← mend this first") == 1
    assert "<code>dout = 2 * (out - y) / 6</code>" in html
    assert "&lt;" not in html


def test_names_are_escaped_in_a_notebook(line):
    X, y, W, b, forward, dout = line
    html = compare(forward, {"<b>": (W, X.T @ dout)}, X, y, W, b)._repr_html_()
    assert "d&lt;b&gt;" in html


def test_a_finding_has_the_numbers(wrong):
    finding = wrong.first
    assert finding.status == "wrong"
    assert not finding.ok
    np.testing.assert_allclose(finding.found, 6 * finding.expected)
    np.testing.assert_allclose(finding.from_yours, finding.expected)
    np.testing.assert_allclose(wrong["dW"].from_yours, -wrong["dW"].found)
    np.testing.assert_allclose(wrong["dW"].expected * 6, wrong["dW"].from_yours)


def test_variables_of_the_forward_function_are_the_names(line):
    X, y, W, _, _, _ = line

    def softmax(scores):
        exps = np.exp(scores)
        return exps / np.sum(exps, axis=1, keepdims=True)

    def forward(X, y, W, V):
        hidden = np.tanh(X @ W)
        probs = softmax(hidden @ V)
        states = [hidden]
        for _ in range(2):
            states.append(np.tanh(states[-1] * 2))
        total = 0
        for state in states:
            total = total + np.mean(state)
        return -np.mean(np.log(probs)) + total

    V = np.ones((1, 3)) * [1, 2, 3]
    right = autograd.grad(lambda W: forward(X, y, W, V))(W)
    report = compare(forward, {"W": (W, right + 0.123)}, X, y, W, V)
    assert report.first.kind == "unexplained"
    halved = autograd.grad(lambda W: forward(X, y, W, V) - np.mean(np.tanh(2 * np.tanh(X @ W))))(W)
    report = compare(forward, {"W": (W, halved)}, X, y, W, V)
    assert report.first.place == "dstates[1]"
    assert "lacks the part that comes back through mean(states[1])" in report.first.text


def test_numbers_that_cancel_are_not_in_the_recipe(line):
    X, y, W, b, _, _ = line

    def forward(X, y, W, b):
        out = X @ W + b
        return 0.5 * np.sum((out - y) ** 2)

    out = X @ W + b
    report = compare(forward, {"out": (out, y - out)}, *line[:4])
    assert report.first.recipe == "dout = out - y"
    report = compare(forward, {"W": (W, 3 * X.T @ (out - y))}, *line[:4])
    assert report.first.recipe == "dW = X.T @ (out - y)"


def test_the_gradient_of_a_bias_that_was_not_summed_over_one_output(line):
    X, y, W, b, forward, dout = line
    report = compare(forward, {"W": (W, X.T @ dout), "b": (b, dout)}, X, y, W, b)
    assert report.first.kind == "unsummed broadcast"
    assert "axis 1" not in report.first.text


def test_a_step_that_is_too_long(line):
    X, y, W, b, forward, dout = line
    dW, db = X.T @ dout, dout.sum(axis=0)

    def after(rate, biased=1.0):
        return {"W": (W, dW, W - rate * dW), "b": (b, db, b - biased * rate * db)}

    def height(t):
        return forward(X, y, W - t * dW, b - t * db)

    rates = np.linspace(0, 5, 100001)
    lowest = rates[np.argmin([height(t) for t in rates[::100]]) * 100]
    short = compare(forward, after(1.9 * lowest), X, y, W, b)
    assert short.ok
    assert not short.remarks
    far = compare(forward, after(4.0), X, y, W, b)
    assert far.ok
    (remark,) = far.remarks
    assert remark.kind == "step too long"
    assert f"from {height(0):.4g} to {height(4.0):.4g}" in remark.text
    assert f"lowest with a learning rate of about {lowest:.2g}" in remark.text
    assert "this is 4" in remark.text
    (remark,) = compare(forward, after(4.0, 0.5), X, y, W, b).remarks
    assert "of the step" in remark.text
    (remark,) = compare(forward, {"W": (W, dW, W - 1e200 * dW)}, X, y, W, b).remarks
    assert "to inf" in remark.text
    wrong = compare(forward, {"W": (W, 2 * dW, W - 4 * dW)}, X, y, W, b)
    assert not wrong.remarks


def test_the_headline_of_what_is_right(line):
    X, y, W, b, forward, dout = line
    dW, db = X.T @ dout, dout.sum(axis=0)

    def headline(*entries):
        return compare(forward, dict(zip(("W", "b", "out"), entries)), X, y, W, b).headline

    both, out = ((W, dW), (b, db)), (X @ W + b, dout)
    assert headline(both[0]) == "The gradient is right."
    assert headline(*both) == "Both gradients are right."
    assert headline(*both, out) == "All 3 gradients are right."
    assert headline((W, dW, W - 0.01 * dW)) == "The gradient is right, and so are the updates."
    assert headline((W, dW, W - 9 * dW)) == "The gradient is right, and so are the updates, but see the note."


def test_a_sign_is_not_taken_for_the_gradient_of_the_targets(line):
    X, y, W, b, *_ = line
    a = sigmoid(X @ W + b)

    def squashed(X, y, W, b):
        z = X @ W + b
        a = sigmoid(z)
        return np.mean((a - y) ** 2)

    report = compare(squashed, {"z": (X @ W + b, 2 * (y - a) / 6 * a * (1 - a))}, X, y, W, b)
    assert report.first.kind == "sign"


ALONE = """
import numpy as np
from autograd.tutor import compare

X, y, W = np.array([[0.0, 1.0], [1.0, 1.0]]), np.array([[0.0], [1.0]]), np.array([[0.5], [-0.25]])

def forward(X, y, W):
    a = 1 / (1 + np.exp(-X @ W))
    return np.sum((a - y) ** 2)

a = 1 / (1 + np.exp(-X @ W))
print(compare(forward, {"W": (W, X.T @ (2 * (a - y)))}, X, y, W).ok)
"""


def test_a_program_that_has_asked_for_nothing_else_is_understood():
    found = subprocess.run([sys.executable, "-c", ALONE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
