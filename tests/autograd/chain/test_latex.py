"""latex: what is written is read as a reader would, row by row, and computed: it must come out as the gradient."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value
from autograd.chain.block import blocks_of
from autograd.chain.wording import called, tex
from autograd.errors import GradientError, OperandError
from autograd.graph import descendants
from autograd.sweep import pull_back
from autograd.view.trace import reading_order

_spec = importlib.util.spec_from_file_location("lecture", Path(__file__).with_name("lecture.py"))
lecture = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(lecture)

FUNCTIONS = {
    **{name: getattr(np, name) for name in "exp log sin cos tan tanh sqrt".split()},
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "mean": np.mean,
    "sum": np.sum,
    "ones": 1.0,
}


def group(text, at):
    """The text between the brace at a place and its partner, and the place behind it."""
    depth, i = 0, at
    while True:
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        i += 1
        if not depth:
            return text[at + 1 : i - 1], i


def python(text, names):
    """A formula in LaTeX as Python: an own reading, which knows nothing of how it was written."""
    text = text.replace(r"\mathbf{1}", " ones ")
    for name in sorted(names, key=len, reverse=True):
        whole = rf"(?<![A-Za-z\\]){re.escape(name)}(?![A-Za-z])"
        text = re.sub(whole, f" ⟨{list(names).index(name)}⟩ ", text)
    out, i = [], 0
    words = [
        (r"\left(", "("),
        (r"\right)", ")"),
        (r"\cdot", "*"),
        (r"\odot", "*"),
        (r"\,", "@"),
        (r"\;", "*"),
        (r"^{\top}", ".T"),
        (r"\times", "*"),
    ]
    while i < len(text):
        for word, said in words:
            if text.startswith(word, i):
                out.append(said)
                i += len(word)
                break
        else:
            if text.startswith(r"\frac", i):
                above, i = group(text, i + 5)
                below, i = group(text, i)
                out.append(f"(({python(above, {})})/({python(below, {})}))")
            elif text.startswith(r"\sqrt", i):
                inside, i = group(text, i + 5)
                out.append(f"sqrt({python(inside, {})})")
            elif text.startswith(r"\sum_", i):
                below, i = group(text, i + 5)
                out.append(f"(lambda x: sum(x, axis={below.rpartition(',')[2]}))")
            elif text.startswith(r"\operatorname", i):
                word, i = group(text, i + 13)
                out.append(word)
            elif text[i] == "^":
                inside, i = group(text, i + 1)
                out.append(f"**({python(inside, {})})")
            elif text[i] == "{":
                inside, i = group(text, i)
                out.append(f"({python(inside, {})})")
            elif text[i] in "[]":
                out.append({"[": "(1.0*(", "]": "))"}[text[i]])
                i += 1
            elif text[i] == "\\":
                word = re.match(r"\\(\w+)", text[i:])
                out.append(word[1])
                i += len(word[0])
            else:
                out.append(text[i])
                i += 1
    return "".join(out)


def computed(text, names):
    code = re.sub(r"⟨(\d+)⟩", r"_\1_", python(text, names)).strip()
    numbers = {f"_{i}_": value for i, value in enumerate(names.values())}
    return eval(code, {"__builtins__": {}, **FUNCTIONS, **numbers})


def sums(rows):
    """The right sides of rows, one after the other; what goes on in the next row is put together."""
    whole = " ".join(right for _, right in rows)
    return whole.split("= ")[1:]


def close(x, y, rtol=1e-12):
    np.testing.assert_allclose(np.broadcast_to(x, np.shape(y)) if np.size(x) == 1 else x, y, rtol=rtol, atol=1e-14)


def gradient(y, x):
    for leaf in autograd.leaves(y):
        leaf.grad = leaf.no_gradient
    y.backward(retain_graph=True)
    return x.grad


@pytest.mark.parametrize("name", lecture.LECTURE)
def test_what_is_written_is_the_gradient(name):
    y, x = lecture.LECTURE[name]()
    rule = autograd.latex(y, wrt=x, names={})
    wanted = gradient(y, x)
    close(rule.value, wanted)
    names = {tex(title): node.data for node, title in rule.names.items()}
    names |= {tex(title): node.data for node, title in rule.names.items() if not node.parents}
    sections = dict(rule.sections)
    for left, right in sections["Forward"]:
        first = sums([("", right)])[0]
        if r"\left[" not in first and "matrix" not in first:  # a leaf
            close(computed(first, names), names[left])
    for left, right in sections.get("Local derivatives", []):
        names[left] = computed(sums([("", right)])[0], names)
    rows = sections["Chain rule"]
    if "Local derivatives" in sections:
        cells = sums(rows)
        close(computed(cells[0], names), wanted)  # as products of ∂s
        close(computed(cells[min(1, len(cells) - 1)], names), wanted, 1e-12 if len(cells) > 2 else 1e-3)
        for cell in cells[2:]:
            close(computed(cell, names), wanted, 2e-2)  # four digits, added and multiplied
    else:
        while rows:
            more = next((i for i, (left, _) in enumerate(rows) if i and left), len(rows))
            left, cells = rows[0][0], sums(rows[:more])
            of = next(n for n, title in rule.names.items() if left.endswith(rf"{{\partial {tex(title)}}}"))
            known = (
                c for c in cells if all(part in names for part in re.findall(r"\\frac\{\\partial .*?\}+\{.*?\}\}+", c))
            )
            names[left] = np.broadcast_to(computed(next(known), names), np.shape(of.data))
            rows = rows[more:]
        close(names[left], wanted)
    if rule.formula is not None:
        close(rule.evaluate(), wanted)


@pytest.mark.parametrize("name", lecture.LECTURE)
def test_sympy_reads_it_in_the_same_way(name):
    latex = pytest.importorskip("sympy.parsing.latex", reason="the package sympy is not installed")
    lark = pytest.importorskip("lark", reason="the package lark, SymPy's reader of LaTeX, is not installed")
    y, x = lecture.LECTURE[name]()
    rule = autograd.latex(y, wrt=x, names={})
    if rule.formula is None or "Local derivatives" not in dict(rule.sections):
        return  # it has a line for each node, and is read above
    text = rule.formula.latex(**{title: tex(title) for title in rule.names.values()})
    try:
        read = latex.parse_latex(text, backend="lark")
    except lark.exceptions.UnexpectedInput:
        pytest.skip("SymPy cannot read [x > 0], nor an index of two digits")
    bare = {tex(title).translate({123: None, 125: None}): node.data for node, title in rule.names.items()}
    numbers = {symbol: bare[str(symbol).translate({123: None, 125: None})] for symbol in read.free_symbols}
    close(float(read.evalf(subs=numbers)), gradient(y, x))


def test_what_is_not_asked_for_is_not_read():
    code = (
        "import sys, autograd; print([m for m in sys.modules if m.startswith(('autograd.chain', 'autograd.health'))])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_letter_by_letter():
    w, x = Value(0.5, label="w"), Value(2.0, label="x")
    y = (w * x) ** 2
    y.label = "y"
    head = r"\frac{\partial y}{\partial w}"
    assert str(autograd.latex(y, wrt=w)).splitlines() == [
        r"\begin{array}{l}",
        r"\textbf{Forward} \\[6pt]",
        r"\begin{aligned}",
        r"v_{1} &= w \cdot x = 0.5 \cdot 2.0 = 1.0 \\[4pt]",
        r"y &= {v_{1}}^{2} = {1.0}^{2} = 1.0",
        r"\end{aligned} \\[6pt]",
        r"\textbf{Local derivatives} \\[6pt]",
        r"\begin{aligned}",
        r"\frac{\partial v_{1}}{\partial w} &= x = 2.0 \\[4pt]",
        r"\frac{\partial y}{\partial v_{1}} &= 2 \cdot v_{1} = 2 \cdot 1.0 = 2.0",
        r"\end{aligned} \\[6pt]",
        r"\textbf{Chain rule} \\[6pt]",
        r"\begin{aligned}",
        rf"{head} &= \frac{{\partial y}}{{\partial v_{{1}}}}\;\frac{{\partial v_{{1}}}}{{\partial w}} \\[4pt]",
        r" &= 2 \cdot v_{1} \cdot x \\[4pt]",
        r" &= 2 \cdot 1.0 \cdot 2.0 \\[4pt]",
        r" &= 4.0",
        r"\end{aligned}",
        r"\end{array}",
    ]


def test_two_uses_are_two_paths():
    a = Value(3.0, label="a")
    rule = autograd.latex(a * a, wrt=a)
    assert str(rule.formula) == "a + a"
    assert sums(dict(rule.sections)["Chain rule"])[0].count(r"\right|_{") == 2


def test_with_other_numbers():
    y, w1 = lecture.LECTURE["tanh neuron"]()
    rule = autograd.latex(y, wrt=w1, names={})
    other = Value(-2.0)
    (autograd.tanh(2.0 * other + 0.5 + 6.88)).backward()
    assert rule.evaluate(w1=-2.0) == pytest.approx(other.grad, rel=1e-12)
    with pytest.raises(OperandError, match="'w3' is no input of this; there are x1, w1, x2, w2, b"):
        rule.evaluate(w3=1.0)


def test_notebooks_are_given_a_formula_and_terminals_a_line():
    x = Value(2.0, label="x")
    rule = autograd.latex(x * x, wrt=x)
    assert rule._repr_latex_() == f"$$\n{rule}\n$$"
    assert repr(rule) == "<∂v1/∂x in 7 lines of LaTeX: a notebook shows it, print() gives its text>"


def test_names_cannot_break_the_formula():
    x = Value(2.0, label=r"50 % of {cost} \href{evil} ^_~ $$ & # <b>")
    text = str(autograd.latex(x * 2.0, wrt=x))
    assert r"\href" not in text
    bare = re.sub(r"\\[%&#$_{} ]", "", text)
    assert bare.count("{") == bare.count("}")
    assert "$" not in bare
    assert "%" not in bare


def test_two_nodes_of_one_name_are_told_apart():
    a, b = Value(2.0, label="w"), Value(5.0, label="w")
    rule = autograd.latex(a * b, wrt=b)
    assert rule.evaluate() == 2.0
    assert str(rule.formula) == "w"


def test_large_graphs_are_outlined_by_modules():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.act, self.fc2 = nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 8)
            self.block = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
            self.fc3 = nn.Linear(8, 2)

        def forward(self, x):
            return self.fc3(self.block(self.fc2(self.act(self.fc1(x)))))

    model, x = Net(), Tensor(np.ones((1, 4, 3)), "float32", label="x")
    with autograd.annotate():
        loss = (model(x) ** 2).mean()
    rule = autograd.latex(loss, wrt=x)
    assert rule.formula is None
    close(rule.value, gradient(loss, x), 1e-6)
    chain = str(rule).partition("Chain rule")[2]
    order = [
        r"J_{\mathrm{fc}_{3}}",
        r"J_{\mathrm{block}}",
        r"J_{\mathrm{fc}_{2}}",
        r"J_{\mathrm{act}}",
        r"J_{\mathrm{fc}_{1},\,x}",
    ]
    places = [chain.index(part) for part in order]
    assert places == sorted(places)
    assert r"\underset{(1 \times 4 \times 8)\,\leftarrow\,(1 \times 4 \times 3)}" in chain
    for name, parameter in model.named_parameters():
        assert name.split(".")[0] in str(autograd.latex(loss, wrt=parameter)).replace("_{", "").replace("}", "")


def test_the_product_of_the_parts_is_the_gradient():
    """What an outline says, computed: each part is swept by itself, from what it gives to what it takes."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.norm, self.fc2 = nn.Linear(3, 8), nn.LayerNorm(8), nn.Linear(8, 8)
            self.block = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)

        def forward(self, x):
            h = autograd.tanh(self.fc1(x))
            return self.block(h + self.fc2(self.norm(h)))

    x = Tensor(np.random.default_rng(0).normal(size=(1, 4, 3)))
    with autograd.annotate():
        loss = (Net()(x) ** 2).mean()
    order = reading_order([loss])
    among = [node for node in descendants(order, [x]) if node.primitive is not None]
    blocks = blocks_of(order, among, called(order, {}), {})
    assert {"fc1", "norm", "fc2", "block"} <= {block.name for block in blocks}
    sent = {loss: np.ones(())}
    for i, block in reversed(list(enumerate(blocks))):
        inside = set(block.nodes)
        taken = {p for node in block.nodes for p in node.parents if p not in inside and p in set(among)}
        assert taken <= {node for j in block.takes for node in (blocks[j].gives if j >= 0 else [x])}, i
        given = {node: sent[node] for node in block.gives}
        for node, g in pull_back([*taken, *block.nodes], given, among=inside | taken, ends=taken):
            if node in taken:
                sent[node] = sent[node] + g if node in sent else g
    close(sent[x], gradient(loss, x))


def test_large_graphs_without_modules_are_cut_where_all_paths_meet():
    x = Value(0.3, label="x")
    y = x
    for _ in range(40):
        y = autograd.tanh(y * 1.1)
    rule = autograd.latex(y, wrt=x)
    close(rule.value, gradient(y, x))
    assert r"\cdots" in str(rule)
    z = x * 1.0
    for i in range(40):
        z = z + autograd.sin(x * float(i))
    rule = autograd.latex(z, wrt=x)
    close(rule.value, gradient(z, x))
    assert "30 more" in str(rule)


def test_what_cannot_be_written_says_why():
    x = Tensor([1.0, 2.0], label="x")
    with pytest.raises(GradientError, match=r"single number, and this is Tensor\(2,\)(.|\n)*y.sum"):
        autograd.latex(x * 2.0, wrt=x)
    with pytest.raises(GradientError, match="is not what it was made from"):
        autograd.latex(Value(1.0) * 2.0, wrt=Value(3.0))
    with pytest.raises(GradientError, match="does not require grad"):
        autograd.latex(Value(1.0) * Value(2.0, requires_grad=False), wrt=Value(2.0, requires_grad=False))
    with pytest.raises(OperandError, match="latex takes a result"):
        autograd.latex(3.0, wrt=x)
    with pytest.raises(OperandError, match="only the chain rule of up to 30 single numbers"):
        autograd.latex((x * x).sum(), wrt=x).evaluate()
    large = Tensor(np.ones((600, 600)))
    loss = (large @ large).sum()
    loss.backward(retain_graph=False)
    with pytest.raises(GradientError, match="let the graph go"):
        autograd.latex(loss, wrt=large)


def test_a_gradient_of_itself():
    x = Value(2.0, label="x")
    rule = autograd.latex(x, wrt=x)
    assert rule.value == rule.evaluate() == 1.0


def test_every_operation_is_written():
    """Each on arrays without an error and with its brackets in pairs; those on single numbers give their gradient."""
    written = computed_by_text = 0
    for primitive in [p for p in autograd.REGISTRY.values() if p.smooth]:
        for case in primitive.cases():
            args, params = case.draw(np.random.default_rng(0))
            operands = [Tensor(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for x in args]
            y = primitive(*operands, **params)
            if not isinstance(y, Tensor) or not y.requires_grad:
                continue
            y = (y * y).sum()
            for x in autograd.leaves(y)[:2]:
                text = re.sub(r"\\[{}]|\\leftarrow|\\rightarrow", "", str(autograd.latex(y, wrt=x)))
                assert text.count("{") == text.count("}"), primitive.name
                assert text.count(r"\left") == text.count(r"\right"), primitive.name
                written += 1
            if not (primitive.partials and primitive.on_number and len(operands) == len(args)):
                continue
            numbers = [Value(float(np.ravel(x)[0])) for x in args]
            z = primitive(*numbers, **params)
            if isinstance(z, Value) and z.requires_grad:
                z = z * z
                for x in autograd.leaves(z):
                    np.testing.assert_allclose(
                        autograd.latex(z, wrt=x).evaluate(),
                        gradient(z, x),
                        rtol=1e-12,
                        atol=1e-13,
                        err_msg=primitive.name,
                    )
                    computed_by_text += 1
    assert written > 300
    assert computed_by_text > 60


@pytest.mark.parametrize("seed", range(20))
def test_random_graphs_of_numbers(seed):
    rng = np.random.default_rng(seed)
    nodes = [Value(rng.normal(), label=f"x{i}") for i in range(3)]
    leaves = list(nodes)
    for _ in range(rng.integers(3, 25)):
        a, b = (nodes[i] for i in rng.integers(0, len(nodes), 2))
        made = [a + b, a * b, a - b, autograd.tanh(a), autograd.sin(a) * b, a / (b * b + 1.0), autograd.sigmoid(a) ** 2]
        nodes.append(made[rng.integers(len(made))])
    y = sum(nodes[3:], Value(0.0, requires_grad=False))
    order = set(autograd.topological_order([y]))
    for x in (leaf for leaf in leaves if leaf in order):
        rule = autograd.latex(y, wrt=x)
        close(rule.value, gradient(y, x))
        if rule.formula is not None:
            close(rule.evaluate(), gradient(y, x))


def test_a_rule_that_cannot_be_read_is_written_as_its_jacobian():
    z = Tensor(np.random.default_rng(0).normal(size=(3, 3)), label="A")
    y = autograd.linalg.det(z @ z.T + np.eye(3))
    y.label = "y"
    rule = autograd.latex(y, wrt=z)
    close(rule.value, gradient(y, z))
    assert "nan" not in str(rule)
