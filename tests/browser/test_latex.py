"""What `autograd.latex` writes, set by the MathJax that JupyterLab brings along: every formula without an error."""

import importlib.util
from pathlib import Path

import pytest

import autograd

nbformat = pytest.importorskip("nbformat", reason="the package nbformat is not installed")
_path = Path(__file__).parents[1] / "autograd" / "chain" / "lecture.py"
_spec = importlib.util.spec_from_file_location("lecture", _path)
lecture = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(lecture)

SET = ".jp-OutputArea-output mjx-container"
WRONG = "mjx-merror, mjx-mtext[style*='color: red']"  # a macro that is not known is set as text, in red


def written(name, make):
    y, x = make()
    rule = autograd.latex(y, wrt=x, names={})
    data = {"text/latex": rule._repr_latex_(), "text/plain": repr(rule)}
    output = nbformat.v4.new_output("execute_result", data, execution_count=1)
    return nbformat.v4.new_code_cell(f"# {name}", execution_count=1, outputs=[output])


def odd_names():
    x = autograd.Value(2.0, label=r"50 % of {cost} \href{evil} ^_~ $$ & # <b> 'ü' 🙂")
    return autograd.exp(x) * 2.0, x


def large():
    x = autograd.Value(0.3, label="x")
    y = x
    for _ in range(40):
        y = autograd.tanh(y * 1.1 + x)
    return y, x


def broken(text):
    output = nbformat.v4.new_output("execute_result", {"text/latex": f"$${text}$$"}, execution_count=1)
    return nbformat.v4.new_code_cell("# broken", execution_count=1, outputs=[output])


def open_in_lab(lab, page, name, cells):
    folder, _, address = lab
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / name)
    page.set_viewport_size({"width": 1600, "height": 12_000})  # what is not in sight is not set
    page.goto(address(name))
    page.wait_for_function(f"document.querySelectorAll('{SET}').length >= {len(cells)}", timeout=60_000)


def test_mathjax_sets_every_formula(lab, watched):
    cases = lecture.LECTURE | {"odd names": odd_names, "a large graph": large}
    open_in_lab(lab, watched, "formulas.ipynb", [written(name, make) for name, make in cases.items()])
    assert watched.locator(SET).count() == len(cases)
    assert watched.locator(WRONG).count() == 0
    sizes = watched.evaluate(f"[...document.querySelectorAll('{SET}')].map(x => x.getBoundingClientRect().height)")
    assert min(sizes) > 100  # they have been set, and not left as text
    assert "\\frac" not in watched.locator(".jp-OutputArea").all_inner_texts()[0]


def test_wrong_formulas_would_be_seen(lab, watched):
    cells = [broken(text) for text in (r"\frac{1}{\nosuchmacro{x}}", r"\left( x", r"\frac{1}", "a & b")]
    open_in_lab(lab, watched, "broken.ipynb", cells)
    assert watched.locator(WRONG).count() == len(cells)
