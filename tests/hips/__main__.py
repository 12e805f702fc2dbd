"""`python tests/hips [--examples [NAME...]] [--seconds N]`: HIPS autograd's own tests on ours, or its examples."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def main() -> None:
    """Run, and print."""
    from tests.hips import example, suite
    from tests.hips.source import MissingError

    parser = argparse.ArgumentParser(prog="python tests/hips", description=__doc__)
    parser.add_argument("files", nargs="*", help="test files, such as test_numpy.py; all, when none is named")
    parser.add_argument("--examples", nargs="*", metavar="NAME", help="run example programs instead: these, or all")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long an example may run")
    given = parser.parse_args()
    try:
        if given.examples is None:
            report = suite.run(*given.files)
            print(report.table())
            sys.exit(bool(report.failed))
        for name in given.examples or example.names():
            why = example.missing(name)
            if why:
                print(f"{name}: not run, {why}")
                continue
            found = example.run(name, given.seconds)
            ended = {None: f"stopped after {given.seconds:g} s", 0: "ran to its end"}.get(found.status, "FAILED")
            lines = found.output.rstrip().splitlines()
            print(f"{name}: {ended}, {len(lines)} lines", *(f"    {line[:150]}" for line in lines[-2:]), sep="\n")
            if found.status:
                print(found.errors)
    except MissingError as error:
        sys.exit(f"HIPS autograd's source distribution is missing: {error}")


main()
