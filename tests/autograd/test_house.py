"""What never happens in this house: read from the sources, so that no review has to."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for package in ("autograd", "nn") for path in (ROOT / package).rglob("*.py"))
ENGINE = "node graph sweep fast_record fast_sweep modes operand array_operand value tensor backward transform symbol"
ENGINE = {f"autograd.{name}" for name in (ENGINE + " protocol tree origin fast_value_sweep").split()}
OPTIONAL = {"graphviz", "graphviz_pure", "IPython", "matplotlib", "scipy", "sklearn", "tqdm", "torch", "sympy", "cupy"}
OPTIONAL |= {"anywidget", "traitlets", "marimo", "numba", "llvmlite", "threadpoolctl"}


def module(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(path): path for path in FILES}


def imports(path, body=None):
    """What a file imports when it is imported itself: not inside functions, and not for the type checker alone."""
    found = set()
    for node in ast.parse(path.read_text()).body if body is None else body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in whole}
        elif isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.unparse(node.test):
            found |= imports(path, node.body + node.orelse)
        elif isinstance(node, ast.Try | ast.With):
            found |= imports(path, node.body)
    return found


GRAPH = {name: imports(path) for name, path in MODULES.items()}


def test_the_whole_house_is_read():
    assert {"autograd", "autograd.node", "autograd.rules.arithmetic", "nn"} <= set(GRAPH)
    assert "autograd.node" in GRAPH["autograd.graph"]
    assert {name for name in ENGINE if name not in MODULES} == set()


def test_arrows_point_down_only():
    done, path = set(), []

    def visit(name):
        assert name not in path, f"a circle: {' -> '.join([*path[path.index(name) :], name])}"
        if name not in done:
            path.append(name)
            for below in sorted(GRAPH[name] & set(GRAPH)):
                visit(below)
            done.add(path.pop())

    for name in GRAPH:
        visit(name)


def test_who_lives_here_does_not_come_through_the_front_door():
    for path in FILES:
        name = module(path)
        if name.startswith("autograd."):
            text = path.read_text()
            found = [x.module for x in ast.parse(text).body if isinstance(x, ast.ImportFrom)]
            assert "autograd" not in found, f"{name}: write `import autograd.tree as tree`"


def test_rules_and_engine_never_meet():
    for name, found in GRAPH.items():
        if name.startswith("autograd.rules"):
            assert not found & ENGINE, name
            assert "autograd" not in found, name
    for name in ("errors", "domain", "node", "primitive", "graph", "sweep", "modes", "scattered", "tree"):
        rules = {found for found in GRAPH[f"autograd.{name}"] if found.startswith("autograd.rules")}
        assert not rules, name
    for name in ("autograd.fast_record", "autograd.fast_sweep", "autograd.fast_value_sweep", "autograd.backward"):
        assert not any(found.startswith("autograd.rules") for found in GRAPH[name]), name


def test_nn_knows_the_front_door_only():
    for name, found in GRAPH.items():
        inside = {f for f in found if f.startswith("autograd.")}
        assert not (name.split(".")[0] == "nn" and inside), (name, inside)
        assert not (name.startswith("autograd") and any(f.split(".")[0] == "nn" for f in found)), name


def test_the_type_checker_is_told_of_every_name_of_the_front_door():
    import autograd

    tree = ast.parse(MODULES["autograd"].read_text())
    (told,) = (node for node in tree.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
    stars = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"}
    assert stars == {family.__name__ for family in autograd.rules.families()}
    (listed,) = (node.value for node in told.body if isinstance(node, ast.Assign))
    of_rules = {name for family in autograd.rules.families() for name in family.__all__}
    assert set(ast.literal_eval(listed)) == set(autograd.__all__) - of_rules


def test_no_module_hides_a_name_of_the_front_door():
    import autograd

    for name in autograd.__all__:
        if f"autograd.{name}" in MODULES:
            assert isinstance(getattr(autograd, name), type(ast)), f"autograd/{name}.py and the function {name}"


def test_optional_parts_are_imported_where_they_are_used():
    for name, found in GRAPH.items():
        allowed = {"sklearn"} if name == "nn.sklearn" else set()  # its classes are scikit-learn's; nothing imports it
        assert not {f.split(".")[0] for f in found} & OPTIONAL - allowed, name
        assert "nn.sklearn" not in found, name


@pytest.mark.parametrize("path", FILES, ids=lambda path: module(path))
def test_files_are_short_and_say_what_they_are(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("package", ["autograd", "nn"])
def test_importing_brings_in_nothing_optional(package):
    code = f"import sys, {package}; print(*(m for m in {sorted(OPTIONAL)!r} if m in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
    assert found.stderr == ""
