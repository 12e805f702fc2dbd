"""detect_anomaly itself: what it finds, in which transforms, what it leaves alone, and what it costs."""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
import threading
import warnings
import weakref
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
from autograd import AnomalyError, GradientError, MutationError, Tensor, Value, detect_anomaly
from autograd.anomaly.number import statistics
from autograd.anomaly.shrink import shrunk
from autograd.sweep import witnesses

X = np.array([0.0, 1.0])

pytestmark = pytest.mark.filterwarnings("ignore:.*encountered.*:RuntimeWarning")


def caught(function):
    """The report of what is raised."""
    with pytest.raises(AnomalyError) as error, detect_anomaly():
        function()
    return error.value.report


# What is no anomaly

HARMLESS = {
    "masked behind and in front": lambda: autograd.sqrt(autograd.where(X > 0, Tensor(X), 0.0)).sum().backward(),
    "a nan that a mask throws away": lambda: (
        autograd.where(X > 0.5, autograd.log(Tensor(X) - 0.5), 0.0).sum().backward()
    ),
    "a mask of -inf": lambda: (
        (autograd.softmax(autograd.where([True, False], Tensor(X), -np.inf)) * X).sum().backward()
    ),
    "nansum": lambda: autograd.nansum(Tensor([1.0, np.nan])).backward(),
    "a norm of zeros": lambda: autograd.linalg.norm(Tensor([0.0, 0.0])).backward(),
    "an infinity that nobody computed": lambda: Tensor([1.0]) < np.inf,
    "a sum that was written into": lambda: _written_into(lambda x: x + 1.0),
    "nothing to differentiate": lambda: autograd.grad(lambda x: 3.0)(2.0),
    "a result that does not depend on it": lambda: autograd.vjp(lambda x: (x * 2.0, 1.0), X)[1]((None, 1.0)),
    "a reshaped array": lambda: _written_into(lambda x: x.reshape(2, 1)),
}


def _written_into(function):
    x = Tensor([1.0, 2.0])
    y = function(x)
    x.data[:] = 9.0
    y.sum().backward()


@pytest.mark.parametrize("name", HARMLESS)
def test_what_does_no_harm_is_no_error(name):
    with detect_anomaly():
        HARMLESS[name]()


# Where it is found

PLACES = {
    "grad": (lambda: autograd.grad(lambda x: autograd.sqrt(x).sum())(X), "sqrt", "backward"),
    "grad of floats": (lambda: autograd.grad(lambda x: autograd.sqrt(x))(0.0), "sqrt", "backward"),
    "value_and_grad": (lambda: autograd.value_and_grad(lambda x: autograd.log(x).sum())(X), "log", "forward"),
    "the inner of two": (
        lambda: autograd.grad(lambda x: autograd.grad(lambda z: autograd.log(z) * x)(x * 0.0))(1.0),
        "log",
        "forward",
    ),
    "the outer of two": (lambda: autograd.grad(autograd.grad(lambda x: x**1.5))(0.0), "power_of", "backward"),
    "create_graph": (
        lambda: autograd.sqrt(Tensor(X)).sum().backward(create_graph=True),
        "sqrt",
        "backward",
    ),
    "vjp": (lambda: autograd.vjp(autograd.sqrt, X)[1](X + 1.0), "sqrt", "backward"),
    "jvp": (lambda: autograd.jvp(autograd.sqrt, (X,), (X + 1.0,)), "sqrt", "tangent"),
    "jvp, the function": (lambda: autograd.jvp(autograd.log, (X,), (X,)), "log", "forward"),
    "jacobian": (lambda: autograd.jacobian(autograd.sqrt)(X), "sqrt", "tangent"),
    "hessian": (lambda: autograd.hessian(lambda x: autograd.sqrt((x * x).sum()))(np.zeros(2)), "sqrt", "backward"),
    "vmap of grad": (lambda: autograd.vmap(autograd.grad(autograd.sqrt))(X), "sqrt", "backward"),
    "vmap": (lambda: autograd.vmap(autograd.log)(Tensor(X)).sum().backward(), "log", "forward"),
    "no backward pass": (lambda: autograd.log(Tensor(X)), "log", "forward"),
    "retain_graph=False": (
        lambda: autograd.sqrt(Tensor(np.zeros(200_000))).sum().backward(retain_graph=False),
        "sqrt",
        "backward",
    ),
    "Values into a Tensor": (lambda: autograd.log(Tensor([Value(0.0), Value(1.0)])).sum().backward(), "log", "forward"),
    "a Value of a Tensor": (lambda: autograd.sqrt(Tensor(X).to_values()[0]).backward(), "sqrt", "backward"),
    "gradients whose sum is too large": (
        lambda: (lambda x: (x * 1.5e308 + x * 1.5e308).sum().backward())(Tensor([1e-10])),
        "leaf",
        "backward",
    ),
    "a gradient too large": (
        lambda: ((Tensor([1e-200]) * 1e200) * 1e200).sum().backward(),
        "multiply",
        "backward",
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_it_is_found_wherever_it_is(name):
    function, operation, where = PLACES[name]
    report = caught(function)
    assert (report.operation, report.where) == (operation, where), str(report)
    assert report.origin is None if operation == "leaf" else report.origin.file == __file__
    assert "AnomalyError" not in str(report)
    assert report.picture().svg().startswith("<")
    if where != "tangent":
        with pytest.raises(AnomalyError) as again:
            exec(report.script(), {})
        assert (again.value.report.operation, again.value.report.where) == (operation, where)


@autograd.checkpoint
def logarithm(x):
    inner = x * 2.0
    return autograd.log(inner) * 3.0, inner


@autograd.checkpoint
def roots(x):
    inner = x * 2.0
    return autograd.sqrt(inner) * 3.0


def test_the_inside_of_a_checkpoint_is_looked_into():
    report = caught(lambda: logarithm(Tensor(X))[0].sum().backward())
    assert (report.operation, report.origin.text) == ("log", "return autograd.log(inner) * 3.0, inner")
    assert "log(#" in str(report.picture()) or "log(inner" in str(report.picture())
    report = caught(lambda: roots(Tensor(X)).sum().backward())
    assert (report.operation, report.origin.text) == ("sqrt", "return autograd.sqrt(inner) * 3.0")


def test_gradients_that_add_up_to_infinity():
    text = str(caught(PLACES["gradients whose sum is too large"][0]))
    assert "the gradients that arrived at x add up to inf in the backward pass: overflow" in text
    assert "2 gradients are added that are up to 1.5e308" in text


def test_errors_can_be_sent_to_another_process():
    with pytest.raises(AnomalyError) as error, detect_anomaly():
        autograd.log(Tensor(X))
    copy = pickle.loads(pickle.dumps(error.value))
    assert str(copy) == str(error.value)
    assert copy._repr_html_() is None
    with pytest.raises(autograd.AutogradError, match="nothing is known"):
        copy.picture()


def test_a_derivative_that_is_differentiated_again_says_so():
    assert "differentiated again" in str(caught(PLACES["the outer of two"][0]))
    assert "differentiated again" not in str(caught(PLACES["grad"][0]))


def test_the_module_and_the_variable():
    class Head(nn.Module):
        def forward(self, x):
            shifted = x - 1.0
            logarithms = autograd.log(shifted)
            return logarithms * 1.0

    model = nn.Sequential(nn.Identity(), Head())
    report = caught(lambda: model(Tensor([1.0, 2.0])).sum().backward())
    assert report.module == "model.1"
    assert report.origin.name == "logarithms"
    assert "in model.1, for the variable logarithms" in str(report)
    assert "autograd.log(shifted + 1e-12)" in report.advice[0]


def test_the_earliest_of_several():
    def step():
        x = Tensor([0.0, -1.0])
        late = autograd.sqrt(x - 5.0)
        early = autograd.log(x - 1.0)
        return (early + late).sum()

    report = autograd.blame(step)
    assert report.operation == "sqrt"
    assert len(report.path) == 3

    def other():
        x = Tensor([0.0, -1.0])
        first = autograd.log(x - 1.0)
        return (autograd.sqrt(x - 5.0) + first).sum()

    assert autograd.blame(other).operation == "log"


def test_bad_elements_that_have_nothing_to_do_with_each_other():
    x = Tensor([1e200, 1.0])
    with detect_anomaly():
        y = autograd.where([False, True], -np.inf, x)
        with pytest.raises(AnomalyError) as error:
            (y * [1e200, 1.0]).sum().backward()
    assert error.value.report.operation == "multiply"
    assert error.value.report.finding.index == (0,)


def test_a_graph_made_outside_has_no_lines():
    y = autograd.sqrt(Tensor(X)).sum()
    report = caught(y.backward)
    assert report.origin is None
    assert "put the forward pass inside" in str(report)


def test_a_backward_pass_outside_of_the_block():
    x = Tensor(X)
    with detect_anomaly():
        y = autograd.sqrt(x).sum()
    with pytest.raises(AnomalyError, match="sqrt"):
        y.backward()
    assert x.grad is None


def test_an_error_leaves_gradients_as_they_were():
    x, w = Tensor(X), Tensor([1.0, 1.0])
    with pytest.raises(AnomalyError), detect_anomaly():
        (autograd.sqrt(x) * w).sum().backward()
    assert x.grad is None
    assert w.grad is None


def test_gradients_are_the_same():
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
    data = rng.normal(size=(5, 4)).astype("float32")
    found = []
    for mode in (detect_anomaly(), autograd.enable_grad()):
        model.zero_grad()
        with mode:
            (model(data) ** 2).mean().backward()
        found.append([p.grad.copy() for p in model.parameters()])
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


# Settings


def test_check_nan_false_looks_for_changed_arrays_alone():
    x = Tensor(X)
    with detect_anomaly(check_nan=False):
        autograd.sqrt(x).sum().backward()
        y = (x * x).sum()
        x.data[0] = 5.0
        with pytest.raises(MutationError):
            y.backward()
    assert np.isinf(x.grad[0])


def test_as_a_decorator_it_keeps_its_setting():
    @detect_anomaly(check_nan=False)
    def quiet(x):
        return autograd.log(x)

    assert np.isinf(quiet(Tensor(X)).data[0])
    with pytest.raises(AnomalyError):
        detect_anomaly()(quiet.__wrapped__)(Tensor(X))


def test_nested_blocks_judge_their_own():
    def step():
        with detect_anomaly(check_nan=False):
            y = autograd.log(Tensor(X))
        (y * 2.0).sum().backward()

    assert caught(step).operation == "log"


def test_another_error_is_told_of_what_came_before():
    def failing(function):
        raise KeyError(function(Tensor(X)).shape)

    with pytest.raises(KeyError) as error, detect_anomaly():
        failing(autograd.log)
    assert error.value.__notes__ == ["Before that, log gave -inf in the forward pass: log of 0."]
    with pytest.raises(KeyError) as error, detect_anomaly():
        failing(autograd.exp)
    assert not hasattr(error.value, "__notes__")


def test_a_bad_gradient_to_start_with_is_nobodys_fault():
    with pytest.raises(GradientError, match="nan already"), detect_anomaly():
        (Tensor(X) * 2.0).backward(np.array([np.nan, 1.0]))


def test_a_rule_of_ones_own():
    class Reciprocal(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * 1.0

        @staticmethod
        def backward(ctx, g):
            return g / ctx.saved_tensors[0]

    report = caught(lambda: Reciprocal.apply(Tensor(X)).sum().backward())
    assert (report.operation, report.where) == ("Reciprocal", "backward")
    assert "gradcheck" in report.advice[0]
    with pytest.raises(autograd.AutogradError, match="cannot be imported"):
        report.script()


class Logarithm(autograd.Function):
    """One that can be imported."""

    @staticmethod
    def forward(ctx, mode, x):
        ctx.save_for_backward(x)
        return np.log(x) if mode == "natural" else np.log2(x)

    @staticmethod
    def backward(ctx, g):
        return None, g / ctx.saved_tensors[0]


@autograd.custom_function
def squares(x):
    return x * x


@squares.vjp
def _(g, y, x):
    return g * 2.0 * x / x


@pytest.mark.parametrize(
    "function", [lambda x: Logarithm.apply("natural", x), squares], ids=["Function", "custom_function"]
)
def test_functions_of_ones_own_are_imported_by_the_script(function):
    report = caught(lambda: function(Tensor(X)).sum().backward())
    assert report.operation in ("Logarithm", "squares")
    with pytest.raises(AnomalyError) as again:
        exec(report.script(), {})
    assert again.value.report.operation == report.operation


# What it costs


def test_nothing_stays_behind():
    x = Tensor(X)
    gc.collect()
    gc.disable()
    try:
        before = len(witnesses)
        with detect_anomaly():
            y = autograd.exp(x).sum()
            assert len(witnesses) > before
        y.backward()
        held = weakref.ref(y)
        del y
        assert held() is None
        try:
            with detect_anomaly():
                autograd.log(x).sum().backward()
        except AnomalyError as error:
            held = weakref.ref(error.report.node)
        assert held() is None
        assert len(witnesses) == before
    finally:
        gc.enable()


def test_it_is_not_even_read_when_it_is_not_used():
    code = """
import sys, autograd
x = autograd.Tensor([1.0, 2.0]); (x * x).sum().backward(); autograd.Value(2.0).exp().backward()
autograd.grad(lambda x: x * x)(2.0)
print(*(name for name in sys.modules if name.startswith("autograd.anomaly")))
"""
    root = Path(__file__).parents[3]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_another_thread_is_left_alone():
    found = []
    with detect_anomaly():
        thread = threading.Thread(target=lambda: found.append(autograd.log(Tensor(X))))
        thread.start()
        thread.join()
    assert np.isinf(found[0].data[0])
    assert found[0].witness is None


# What is said


def test_the_message_is_short_at_the_top_and_complete_below():
    def step():
        probability = Tensor([[0.5, 0.0], [0.25, 0.25]])
        return -autograd.log(probability).mean()

    text = str(autograd.blame(step))
    head, _, details = text.partition("\n\n")
    first, where, marks, remedy = head.split("\n")
    assert first == "log gave -inf in the forward pass: log of 0."
    assert where.startswith("  at test_detect.py:")
    assert where.endswith("return -autograd.log(probability).mean()")
    assert where[marks.index("^") : marks.rindex("^") + 1] == "autograd.log(probability)"
    assert remedy.startswith("  What to do: keep it away from 0: autograd.log(autograd.clip(probability, 1e-12, None))")
    assert "1 zero; there 0.0" in details
    assert "1 inf, the first bad one at [0, 1]" in details
    assert "log [" in details
    assert "mean" in details
    assert len(head) < 500


def test_one_line_of_a_recurrence_is_told_once():
    def step():
        w, h = Tensor([3.0]), Tensor([1.0])
        for _ in range(700):
            h = h * w
        return h.sum()

    report = autograd.blame(step)
    assert "multiply (h₆₄₇) [" in str(report)
    assert "× 54 → sum" in str(report)
    assert "in 645 rounds, 3.0 times each" in str(report)
    boxes = report.picture().sketch.boxes
    assert len(boxes) < 12
    assert sum(box.bad for box in boxes) >= 3
    assert 'stroke="#c0182b"' in report.picture().svg() or "#c0182b" in report.picture().svg()


def test_a_masked_branch_in_a_picture():
    x = Tensor([0.0, 4.0], label="x")
    report = caught(lambda: autograd.where(x.data > 0, autograd.log(x), 0.0).sum().backward())
    boxes = {box.operation or box.name: box for box in report.picture().sketch.boxes}
    assert boxes["x"].bad
    assert boxes["log"].bad
    assert not boxes["where"].bad
    assert not boxes["sum"].bad
    assert "here it began" in boxes["log"].note
    assert "nan" in str(report.picture())
    assert report._repr_html_().startswith("<pre>the gradient through log")
    assert "<svg" in report._repr_html_()


def test_the_culprit_is_not_folded_away():
    w, h0 = Tensor([5.0, 0.1]), Tensor([0.0, 1.0])

    def step():
        h = h0
        for _ in range(600):
            h = autograd.sin(h) * w
        return h.sum()

    boxes = autograd.blame(step).picture().sketch.boxes
    (culprit,) = [box for box in boxes if "here it began" in box.note]
    assert culprit.count == 1
    assert len([box for box in boxes if box.count > 1]) == 2
    assert next(box for box in boxes if box.name == "w").bad


def test_the_number_of_a_cell():
    pytest.importorskip("IPython", reason="IPython is not installed")
    from IPython.core.interactiveshell import InteractiveShell

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shell = InteractiveShell.instance()
        try:
            shell.run_cell("import autograd\nx = autograd.Tensor([0.0, 1.0])", store_history=True)
            shell.run_cell(
                "report = autograd.blame(lambda: autograd.sqrt(x).sum())\nplace = report.origin.place",
                store_history=True,
            )
            assert shell.user_ns["place"].startswith("In [2]")
            shell.run_cell("with autograd.detect_anomaly():\n    autograd.sqrt(x).sum().backward()", store_history=True)
            shell.run_cell("import sys; picture = sys.last_value.picture()", store_history=True)
            assert "sqrt" in str(shell.user_ns["picture"])
        finally:
            InteractiveShell.clear_instance()


def test_statistics():
    found = statistics(Tensor([[1.0, np.nan], [0.0, -np.inf]]))
    assert (found.shape, found.dtype) == ((2, 2), "float64")
    assert (found.min, found.mean, found.max) == (0.0, 0.5, 1.0)
    assert (found.nan, found.inf, found.zero, found.bad) == (1, 1, 1, (0, 1))
    assert str(found) == "min 0.0, mean 0.5, max 1.0, 1 nan, 1 inf, 1 zero, the first bad one at [0, 1]"
    assert "min" not in str(statistics(np.full(3, np.nan)))


# Programs that show it


def test_operands_are_made_small():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(20, 30)), rng.normal(size=(30, 40))
    a[7, 11], b[11, 13] = 1e200, 1e200

    def shows(arrays):
        return bool(np.isinf(arrays[0] @ arrays[1]).any())

    small = shrunk([a, b], shows)
    assert [x.shape for x in small] == [(1, 1), (1, 1)]
    report = caught(lambda: (Tensor(a) @ Tensor(b)).sum().backward())
    assert report.operation == "matmul"
    assert len(report.script()) < 400


def test_operands_that_cannot_be_made_small_are_packed():
    rng = np.random.default_rng(0)
    q, k = (rng.normal(size=(2, 2, 20, 30)).astype("float32") for _ in range(2))
    q[1, 1, 3] = 3e38
    k[1, 1] *= 1e30

    def step():
        return autograd.scaled_dot_product_attention(Tensor(q), Tensor(k), Tensor(k)).sum()

    report = autograd.blame(step)
    assert report.operation == "attention"
    text = report.script()
    assert "decompress" in text
    with pytest.raises(AnomalyError) as again:
        exec(text, {})
    assert again.value.report.operation == "attention"


def test_scripts_of_operations_with_settings():
    z = np.zeros((3, 4, 5))
    z[1, 2] = -np.inf
    for function in (
        lambda x: autograd.softmax(x, axis=-1),
        lambda x: autograd.log_softmax(x, axis=2),
    ):
        report = caught(lambda function=function: (function(autograd.where(z == 0, Tensor(z * 0), z))).sum().backward())
        with pytest.raises(AnomalyError):
            exec(report.script(), {})
        assert len(report.script()) < 500


# blame


def test_blame_of_what_is_well_is_none():
    x = Tensor([1.0, 2.0])
    assert autograd.blame(lambda: (x * x).sum()) is None
    assert x.grad is None
    assert autograd.blame(lambda factor: (x * factor).sum().backward(), 3.0) is None
    np.testing.assert_array_equal(x.grad, [3.0, 3.0])
    assert autograd.blame(lambda: None) is None


def test_blame_does_not_touch_gradients():
    x, w = Tensor(X), Tensor([1.0, 1.0])
    w.grad = np.array([7.0, 7.0])
    report = autograd.blame(lambda: (autograd.sqrt(x) * w).sum())
    assert report.operation == "sqrt"
    assert x.grad is None
    np.testing.assert_array_equal(w.grad, [7.0, 7.0])


def test_blame_explains_errors_that_come_of_bad_numbers():
    x = Tensor([0.0, 0.5])
    report = autograd.blame(lambda: nn.functional.binary_cross_entropy(x / x, [1.0, 1.0]))
    assert (report.operation, report.nature) == ("divide", "nan")
    with pytest.raises(KeyError):
        autograd.blame(lambda: {}["missing"])


def test_blame_needs_the_function():
    with pytest.raises(autograd.OperandError, match="needs the function that computes it"):
        autograd.blame(Tensor(X).sum())


def test_blame_of_changed_arrays():
    x = Tensor([1.0, 2.0])

    def step():
        y = x * x
        x.data[0] += 1.0
        return y.sum()

    report = autograd.blame(step)
    assert (report.where, report.operation) == ("stale", "multiply")
    assert "was changed after it was used" in report.headline


def test_parameters_that_were_bad_before():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    model[0].weight.data[1, 0] = np.nan
    report = autograd.blame(lambda: model(np.ones((4, 2), "float32")).sum())
    assert report.operation == "leaf"
    assert "model.0.weight" in report.headline
    assert "bad before this step" in report.cause
    assert any("clip_grad_norm_" in text for text in report.advice)
