"""HIPS autograd's own tests pass on ours, but for those in exclusions.toml; its example programs run unchanged."""

from __future__ import annotations

import re

import pytest

from tests.hips import example, suite
from tests.hips.source import MissingError, exclusions, source

# What programs print at their end, or near it: the numbers that HIPS autograd itself gives
PRINTED = {
    "define_gradient": r"Gradient:",
    "dot_graph": r'label="sin"',
    "fixed_points": r"0\.353380761\d+\n\n-0\.0883883476\d+\n-0\.088099899\d+",
    "gaussian_process": r"Log likelihood 18\.9049047\d*\s*$",
    "logistic_regression": r"Trained loss: 0\.3890075431558\d+",
    "negative_binomial_maxlike": r"r=5\.43844065\d+, p=0\.4700636195\d+",
    "neural_net": r"4\|\s*0\.94466\d+\|\s*0\.85185\d+",
    "print_trace": r"C = sin\(B\) = 0\.6300306299958922",
    "rosenbrock": r"Found minimum at \[0\.9999920\d 0\.9999840\d\]",
    "sinusoid": r"^0 1 2 3 4 5 6",
    "tanh": "",
}


@pytest.fixture(autouse=True)
def fetched():
    try:
        source()
    except MissingError as error:
        pytest.skip(f"HIPS autograd's source distribution is missing: {error}")


@pytest.mark.slow
def test_its_own_tests_pass():
    report = suite.run()
    print(report.table())
    assert not report.failed, report.table()
    assert len(report.passed) >= 550
    assert report.counts["checks of derivatives"] >= 5500
    names = [*report.passed, *report.excluded, *report.skipped]
    unknown = [test for test in exclusions() if not any(name.startswith(test) for name in names)]
    assert not unknown, f"excluded, and not among its tests: {unknown}"


@pytest.mark.slow
@pytest.mark.parametrize("name", PRINTED)
def test_example_programs_run_with_no_line_changed(name):
    why = example.missing(name)
    if why:
        pytest.skip(f"{name}: {why}")
    found = example.run(name, 120)
    assert found.status == 0, found.errors
    assert re.search(PRINTED[name], found.output), found.output
