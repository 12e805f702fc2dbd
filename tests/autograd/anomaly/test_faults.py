"""Planted faults: each is blamed on the right operation and line, its script fails alike, and its advice mends it."""

from __future__ import annotations

import linecache
import math
import warnings
from dataclasses import dataclass
from textwrap import dedent

import numpy as np
import pytest

import autograd
import nn
from autograd import AnomalyError, MutationError, detect_anomaly


@dataclass
class Fault:
    """A program that ends in `loss`; the line with `# here` is the culprit's.

    `advice` must be told word for word; `mend` replaces the culprit's line (or what `old` names) by what follows it.
    """

    program: str
    operation: str
    where: str
    nature: str
    cause: str
    advice: str
    mend: str
    old: str = ""


FAULTS = {
    "log of 0": Fault(
        """
        x = Tensor([0.5, 0.0, 2.0])
        y = autograd.log(x)  # here
        loss = (y * 2.0).sum()
        """,
        "log",
        "forward",
        "inf",
        "log of 0",
        "autograd.log(autograd.clip(x, 1e-12, None))",
        "y = autograd.log(autograd.clip(x, 1e-12, None))",
    ),
    "log of 0, a Value": Fault(
        """
        x = Value(0.0)
        y = autograd.log(x)  # here
        loss = y * 2.0 + x
        """,
        "log",
        "forward",
        "inf",
        "log of 0",
        "autograd.log(x + 1e-12)",
        "y = autograd.log(x + 1e-12)",
    ),
    "log of a softmax": Fault(
        """
        z = Tensor([[0.0, 800.0], [1.0, 2.0]])
        p = autograd.softmax(z, axis=-1)
        loss = -autograd.log(p)[[0, 1], [0, 1]].mean()  # here
        """,
        "log",
        "forward",
        "inf",
        "log of 0",
        "autograd.log_softmax(z, axis=-1)",
        "loss = -autograd.log_softmax(z, axis=-1)[[0, 1], [0, 1]].mean()",
    ),
    "log of a sigmoid": Fault(
        """
        z = Tensor([-800.0, 1.0])
        p = autograd.sigmoid(z)
        loss = -autograd.log(p).mean()  # here
        """,
        "log",
        "forward",
        "inf",
        "log of 0",
        "autograd.log_sigmoid(z)",
        "loss = -autograd.log_sigmoid(z).mean()",
    ),
    "log of 1 - sigmoid": Fault(
        """
        z = Tensor([800.0, 1.0])
        loss = -autograd.log(1.0 - autograd.sigmoid(z)).mean()  # here
        """,
        "log",
        "forward",
        "inf",
        "log of 0",
        "autograd.log_sigmoid(-z)",
        "loss = -autograd.log_sigmoid(-z).mean()",
    ),
    "log of a dead relu": Fault(
        """
        z = Tensor([-1.0, 1.0])
        loss = autograd.log(autograd.relu(z)).mean()  # here
        """,
        "log",
        "forward",
        "inf",
        "log of 0",
        "autograd.softplus in place of relu",
        "loss = autograd.log(autograd.softplus(z)).mean()",
    ),
    "log of a product": Fault(
        """
        p = Tensor(np.full(500, 0.1))
        loss = -autograd.log(autograd.prod(p))  # here
        """,
        "log",
        "forward",
        "inf",
        "log of 0",
        "the sum of the logs",
        "loss = -autograd.log(p).sum()",
    ),
    "sqrt at 0": Fault(
        """
        x = Tensor([0.0, 4.0])
        y = autograd.sqrt(x)  # here
        loss = y.sum()
        """,
        "sqrt",
        "backward",
        "inf",
        "sqrt at 0, where its slope is infinite",
        "autograd.sqrt(x + 1e-12)",
        "y = autograd.sqrt(x + 1e-12)",
    ),
    "sqrt at 0, a Value": Fault(
        """
        x = Value(0.0)
        y = autograd.sqrt(x)  # here
        loss = y * 3.0
        """,
        "sqrt",
        "backward",
        "inf",
        "sqrt at 0",
        "autograd.where(x > 0, autograd.sqrt(autograd.where(x > 0, x, 1.0)), 0.0)",
        "y = autograd.where(x > 0, autograd.sqrt(autograd.where(x > 0, x, 1.0)), 0.0)",
    ),
    "a norm made by hand": Fault(
        """
        x = Tensor([0.0, 0.0])
        s = (x * x).sum()
        loss = autograd.sqrt(s)  # here
        """,
        "sqrt",
        "backward",
        "inf",
        "sqrt at 0",
        "autograd.linalg.norm(x)",
        "loss = autograd.linalg.norm(x)",
    ),
    "the power 0.5 at 0": Fault(
        """
        x = Tensor([0.0, 4.0])
        loss = (x ** 0.5).sum()  # here
        """,
        "power_of",
        "backward",
        "inf",
        "sqrt at 0",
        "autograd.sqrt(x + 1e-12)",
        "loss = autograd.sqrt(x + 1e-12).sum()",
    ),
    "sqrt of a rounding error": Fault(
        """
        x = Tensor([0.1, 0.1, 0.1])
        v = (x * x).mean() - x.mean() ** 2 - 1e-17
        loss = autograd.sqrt(v)  # here
        """,
        "sqrt",
        "forward",
        "nan",
        "sqrt of a negative number",
        "autograd.sqrt(autograd.maximum(v, 1e-12))",
        "loss = autograd.sqrt(autograd.maximum(v, 1e-12))",
    ),
    "a masked where": Fault(
        """
        x = Tensor([0.0, 1.0, 4.0])
        mask = x.data > 0
        y = autograd.log(x)  # here
        loss = autograd.where(mask, y, 0.0).sum()
        """,
        "log",
        "backward",
        "nan",
        "a branch that is masked later",
        "autograd.where(mask, x, 1.0)",
        "y = autograd.log(autograd.where(mask, x, 1.0))",
    ),
    "a masked where, a Value": Fault(
        """
        x = Value(0.0)
        mask = x.data > 0
        y = autograd.sqrt(x)  # here
        loss = autograd.where(mask, y, 0.0) * 2.0
        """,
        "sqrt",
        "backward",
        "nan",
        "a branch that is masked later",
        "autograd.where(mask, x, 1.0)",
        "y = autograd.sqrt(autograd.where(mask, x, 1.0))",
    ),
    "a mask by multiplication": Fault(
        """
        x = Tensor([0.0, 4.0])
        mask = x.data > 0
        y = x ** 0.25  # here
        loss = (y * mask).sum()
        """,
        "power_of",
        "backward",
        "nan",
        "a branch that is masked later",
        "autograd.where(mask, safe ** 0.25, 0.0)",
        "safe = autograd.where(mask, x, 1.0); y = safe ** 0.25",
    ),
    "log of a negative number, half precision": Fault(
        """
        x = Tensor([-1.0, 1.0], "float16")
        y = autograd.log(x)  # here
        loss = y.sum()
        """,
        "log",
        "forward",
        "nan",
        "log of a negative number",
        "autograd.log(autograd.clip(x, 1e-4, None))",
        "y = autograd.log(autograd.clip(x, 1e-4, None))",
    ),
    "a masked quotient": Fault(
        """
        a, b = Tensor([1.0, 2.0]), Tensor([0.0, 2.0])
        mask = b.data != 0
        y = a / b  # here
        loss = autograd.where(mask, y, 0.0).sum()
        """,
        "divide",
        "backward",
        "nan",
        "a branch that is masked later",
        "a / safe",
        "safe = autograd.where(mask, b, 1.0); y = a / safe",
    ),
    "an exploding recurrence": Fault(
        """
        W = Tensor([[3.0, 1.0], [0.0, 4.0]])
        h = Tensor([1.0, 1.0])
        for t in range(600):
            h = W @ h  # here
        loss = h.sum()
        """,
        "matmul",
        "forward",
        "inf",
        "an exploding recurrence",
        "autograd.tanh(...) around the step",
        "    h = autograd.tanh(W @ h)",
    ),
    "an exploding recurrence of Values": Fault(
        """
        w = Value(7.0)
        h = Value(1.0)
        for t in range(500):
            h = w * h  # here
        loss = h * 1.0
        """,
        "multiply",
        "forward",
        "inf",
        "an exploding recurrence",
        "autograd.tanh(...) around the step",
        "    h = autograd.tanh(w * h)",
    ),
    "an exploding gradient": Fault(
        """
        w = Tensor([5.0, 0.1])
        h = Tensor([0.0, 1.0])
        for t in range(600):
            h = autograd.sin(h) * w  # here
            h = h * 1.0
        loss = h.sum()
        """,
        "multiply",
        "backward",
        "inf",
        "an exploding gradient",
        "h = h.detach()",
        "    h = h.detach() if t % 10 == 5 else h * 1.0",
        "    h = h * 1.0",
    ),
    "a softmax made by hand": Fault(
        """
        z = Tensor([[1.0, 900.0], [0.0, 1.0]])
        e = autograd.exp(z)  # here
        p = e / e.sum(axis=-1, keepdims=True)
        loss = (p * [1.0, 2.0]).sum()
        """,
        "exp",
        "forward",
        "inf",
        "in a softmax made by hand",
        "exp(z - z.max(axis=-1, keepdims=True))",
        "e = autograd.exp(z - z.max(axis=-1, keepdims=True))",
    ),
    "a softmax made by hand, in a line": Fault(
        """
        z = Tensor([[1.0, 900.0], [0.0, 1.0]])
        p = autograd.exp(z) / autograd.exp(z).sum(axis=-1, keepdims=True)  # here
        loss = (p * [1.0, 2.0]).sum()
        """,
        "exp",
        "forward",
        "inf",
        "in a softmax made by hand",
        "autograd.softmax(z, axis=-1)",
        "p = autograd.softmax(z, axis=-1)",
    ),
    "a sigmoid made by hand, the other way": Fault(
        """
        z = Tensor([900.0, 1.0])
        loss = (autograd.exp(z) / (1.0 + autograd.exp(z))).sum()  # here
        """,
        "exp",
        "forward",
        "inf",
        "in a sigmoid made by hand",
        "autograd.sigmoid(z)",
        "loss = autograd.sigmoid(z).sum()",
    ),
    "a tanh made by hand": Fault(
        """
        z = Tensor([900.0, 1.0])
        up, down = autograd.exp(z), autograd.exp(-z)  # here
        loss = ((up - down) / (up + down)).sum()
        """,
        "exp",
        "forward",
        "inf",
        "in a tanh made by hand",
        "autograd.tanh(z)",
        "loss = autograd.tanh(z).sum()",
        "loss = ((up - down) / (up + down)).sum()",
    ),
    "the log of a determinant": Fault(
        """
        A = Tensor(np.eye(40) * 1e-9)
        loss = autograd.log(autograd.linalg.det(A))  # here
        """,
        "log",
        "forward",
        "inf",
        "log of 0",
        "autograd.linalg.slogdet(A)",
        "loss = autograd.linalg.slogdet(A)[1]",
    ),
    "a normalisation without eps": Fault(
        """
        x = Tensor([[2.0, 2.0, 2.0]])
        y = nn.functional.layer_norm(x, (3,), eps=0.0)  # here
        loss = (y * [1.0, 2.0, 3.0]).sum()
        """,
        "normalization",
        "forward",
        "nan",
        "with eps=0",
        "eps=1e-5",
        "y = nn.functional.layer_norm(x, (3,), eps=1e-5)",
    ),
    "a softmax made by hand that underflows": Fault(
        """
        z = Tensor([[-900.0, -901.0], [0.0, 1.0]])
        e = autograd.exp(z)
        p = e / e.sum(axis=-1, keepdims=True)  # here
        loss = (p * [1.0, 2.0]).sum()
        """,
        "divide",
        "forward",
        "nan",
        "0 / 0, in a softmax made by hand",
        "exp(z - z.max(axis=-1, keepdims=True))",
        "e = autograd.exp(z - z.max(axis=-1, keepdims=True))",
        "e = autograd.exp(z)",
    ),
    "a softmax made by hand of Values": Fault(
        """
        z = [Value(1.0), Value(900.0)]
        e = [autograd.exp(x) for x in z]  # here
        total = e[0] + e[1]
        loss = e[0] / total + 2.0 * (e[1] / total)
        """,
        "exp",
        "forward",
        "inf",
        "in a softmax made by hand",
        "autograd.softmax(",
        "e = list(autograd.softmax(Tensor(z), axis=-1))",
    ),
    "a logsumexp made by hand": Fault(
        """
        z = Tensor([1.0, 900.0])
        e = autograd.exp(z)  # here
        loss = autograd.log(e.sum())
        """,
        "exp",
        "forward",
        "inf",
        "in a logsumexp made by hand",
        "autograd.logsumexp(z, axis=-1)",
        "loss = autograd.logsumexp(z, axis=-1)",
        "loss = autograd.log(e.sum())",
    ),
    "a softplus made by hand": Fault(
        """
        z = Tensor([1.0, 900.0])
        e = autograd.exp(z)  # here
        loss = autograd.log(1.0 + e).sum()
        """,
        "exp",
        "forward",
        "inf",
        "in a softplus made by hand",
        "autograd.softplus(z)",
        "loss = autograd.softplus(z).sum()",
        "loss = autograd.log(1.0 + e).sum()",
    ),
    "a sigmoid made by hand": Fault(
        """
        z = Tensor([-900.0, 1.0])
        e = autograd.exp(-z)  # here
        loss = (1.0 / (1.0 + e)).sum()
        """,
        "exp",
        "backward",
        "nan",
        "in a sigmoid made by hand",
        "autograd.sigmoid(x)",
        "loss = autograd.sigmoid(z).sum()",
        "loss = (1.0 / (1.0 + e)).sum()",
    ),
    "division by 0": Fault(
        """
        a, b = Tensor([1.0, 2.0]), Tensor([0.0, 2.0])
        loss = (a / b).sum()  # here
        """,
        "divide",
        "forward",
        "inf",
        "division by 0",
        "a / autograd.where(b == 0, 1.0, b)",
        "loss = (a / autograd.where(b == 0, 1.0, b)).sum()",
    ),
    "a constant column": Fault(
        """
        x = Tensor([[1.0, 2.0], [1.0, 3.0]])
        s = x.std(axis=0)
        y = (x - x.mean(axis=0)) / s  # here
        loss = (y * [1.0, 2.0]).sum()
        """,
        "divide",
        "forward",
        "nan",
        "division by 0",
        "(s + 1e-8)",
        "y = (x - x.mean(axis=0)) / (s + 1e-8)",
    ),
    "0 to a negative power": Fault(
        """
        x = Tensor([0.0, 2.0])
        loss = (x ** -2).sum()  # here
        """,
        "power_of",
        "forward",
        "inf",
        "power of 0",
        "autograd.where(x == 0, 1.0, x) ** -2",
        "loss = (autograd.where(x == 0, 1.0, x) ** -2).sum()",
    ),
    "0 to a variable power": Fault(
        """
        x, p = Tensor([0.0, 2.0]), Tensor([-1.5, 2.0])
        loss = (x ** p).sum()  # here
        """,
        "power",
        "forward",
        "inf",
        "0 to a negative power",
        "(x + 1e-12) ** p",
        "loss = ((x + 1e-12) ** p).sum()",
    ),
    "arcsin at 1": Fault(
        """
        x = Tensor([1.0, 0.5])
        loss = autograd.arcsin(x).sum()  # here
        """,
        "arcsin",
        "backward",
        "inf",
        "arcsin of 1.0",
        "autograd.arcsin(autograd.clip(x, -1 + 1e-7, 1 - 1e-7))",
        "loss = autograd.arcsin(autograd.clip(x, -1 + 1e-7, 1 - 1e-7)).sum()",
    ),
    "float32 ends": Fault(
        """
        x = Tensor([1e30, 1.0], "float32")
        y = x * x  # here
        loss = autograd.log(y).sum()
        """,
        "multiply",
        "forward",
        "inf",
        "overflow of float32",
        "x.astype('float64')",
        "z = x.astype('float64'); y = z * z",
    ),
    "an exponent too large": Fault(
        """
        x = Tensor([1000.0, 1.0])
        y = autograd.exp(x)  # here
        loss = y.sum()
        """,
        "exp",
        "forward",
        "inf",
        "overflow: exp(1000.0)",
        "autograd.exp(autograd.minimum(x, 630))",
        "y = autograd.exp(autograd.minimum(x, 630))",
    ),
    "a row masked altogether": Fault(
        """
        scores, mask = Tensor([[1.0, 2.0], [3.0, 4.0]]), np.array([[True, False], [False, False]])
        scores = autograd.where(mask, scores, -np.inf)
        loss = (autograd.softmax(scores, axis=-1) * [1.0, 2.0]).sum()  # here
        """,
        "softmax",
        "forward",
        "nan",
        "a row that is masked altogether",
        "-1e9)",
        "scores = autograd.where(mask, Tensor([[1.0, 2.0], [3.0, 4.0]]), -1e9)",
        "scores = autograd.where(mask, scores, -np.inf)",
    ),
    "infinities that meet": Fault(
        """
        x, big = Tensor([1.0, 2.0]), np.array([np.inf, 0.0])
        y = x + big
        loss = (y - big).sum()  # here
        """,
        "subtract",
        "forward",
        "nan",
        "∞ - ∞",
        "1e9",
        "x, big = Tensor([1.0, 2.0]), np.array([1e9, 0.0])",
        "x, big = Tensor([1.0, 2.0]), np.array([np.inf, 0.0])",
    ),
    "the mean of nothing": Fault(
        """
        x = Tensor([1.0, 2.0])
        few = x[x.data > 5.0]
        loss = few.mean() + x.sum()  # here
        """,
        "mean_all",
        "forward",
        "nan",
        "of no elements",
        "only if x.size > 0",
        "loss = (few.mean() if few.size > 0 else 0.0) + x.sum()",
    ),
    "holes in the data": Fault(
        """
        x = np.array([[1.0, np.nan], [2.0, 3.0]])
        w = Tensor([1.0, 2.0])
        loss = (x @ w).sum()  # here
        """,
        "leaf",
        "forward",
        "nan",
        "it is in the data",
        "nan_to_num",
        "loss = (np.nan_to_num(x) @ w).sum()",
    ),
}


def run(program, name):
    """A program as a file of its own, so that its lines are known; its variables."""
    file = f"/planted/{name.replace(' ', '_')}.py"
    linecache.cache[file] = (len(program), None, program.splitlines(keepends=True), file)
    variables = {"np": np, "nn": nn, "autograd": autograd, "Tensor": autograd.Tensor, "Value": autograd.Value}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's
        exec(compile(program, file, "exec"), variables)
    return variables


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_blamed_and_mended(name):
    fault = FAULTS[name]
    program = dedent(fault.program).lstrip()
    (here,) = (i for i, line in enumerate(program.splitlines(), 1) if "# here" in line)
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        run(f"{program}loss.backward()\n", name)
    report = caught.value.report
    assert (report.operation, report.where, report.nature) == (fault.operation, fault.where, fault.nature), str(report)
    assert report.origin.line == here
    assert fault.cause in report.cause
    assert fault.advice in "\n".join(report.advice), report.advice
    assert len(report.operands) == len(report.node.parents)

    with pytest.raises(AnomalyError) as again:
        run(report.script(), f"{name}, script")
    if fault.operation != "leaf":
        assert again.value.report.operation == fault.operation
        assert (again.value.report.where, again.value.report.nature) == (fault.where, fault.nature), report.script()
        assert len(report.script()) < 1000

    lines = program.splitlines()
    at = lines.index(fault.old) if fault.old else here - 1
    lines[at] = fault.mend
    if at != here - 1 and lines[here - 1].startswith(("e = ", "up, down = ")):
        del lines[here - 1]  # exp is not needed any more
    variables = run("\n".join(lines) + "\n", f"{name}, mended")
    with np.errstate(all="ignore"):
        variables["loss"].backward()
    leaves = autograd.leaves(variables["loss"])
    assert leaves
    assert math.isfinite(variables["loss"].data)
    for leaf in leaves:
        assert np.isfinite(leaf.grad).all(), (leaf, leaf.grad)
    assert autograd.blame(lambda: run("\n".join(lines) + "\n", f"{name}, mended")["loss"]) is None


@pytest.mark.parametrize("kind", ["Tensor([1.0, 2.0])", "Value(2.0)"])
def test_an_array_changed_in_place(kind):
    program = f"x = {kind}\ny = x * x\nx.data {'[:]' if 'T' in kind else ''} += 1.0\nz = y * 1.0\n".replace(
        " [:]", "[:]"
    )
    end = "z.sum().backward()\n" if "T" in kind else "z.backward()\n"
    with pytest.raises(MutationError) as caught, detect_anomaly():
        run(program + end, kind)
    report = caught.value.report
    assert (report.operation, report.where, report.origin.line) == ("multiply", "stale", 2)
    assert "x = x + 1" in report.advice[0]
    with pytest.raises(MutationError) as again:
        run(report.script(), "script")
    assert again.value.report.operation == "multiply"
    assert "multiply" in str(caught.value.picture()) or "*" in str(caught.value.picture())
    mended = program.replace("x.data[:] += 1.0", "x = x + 1.0").replace("x.data  += 1.0", "x = x + 1.0")
    with detect_anomaly():
        run(mended + end, kind)
