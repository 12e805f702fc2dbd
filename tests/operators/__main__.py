"""`python tests/operators [NAME...]`: the table of all operators, or of those that are named."""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
from importlib.util import find_spec

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))


def main() -> None:
    """Compare, and print."""
    if not find_spec("torch"):
        sys.exit("PyTorch is compared with, and is not installed: pip install torch")
    from itertools import product

    import numpy as np

    from tests.operators.adapter import adapters, names
    from tests.operators.harness import compare
    from tests.operators.peer import MOVES
    from tests.operators.table import HEAD, LEGEND, Tally, failures

    parser = argparse.ArgumentParser(prog="python tests/operators", description=__doc__)
    parser.add_argument("names", nargs="*", help="operators, `core`, `extended`, or a family such as `reduction`")
    parser.add_argument("--move", nargs="+", choices=[*MOVES, "all"], default=["as given"], help="where samples are")
    parser.add_argument("--seed", nargs="+", type=int, default=[0], help="what random samples are drawn with")
    parser.add_argument("--most", type=int, help="of each variant no more samples than this, spread evenly")
    parser.add_argument("--show", type=int, default=0, help="so many differences of each operator")
    given = parser.parse_args()
    moves = list(MOVES) if "all" in given.move else given.move
    known = {*names("core"), *names("extended"), *names("core").values(), *names("extended").values()}
    unknown = set(given.names) - known - {"core", "extended"}
    if unknown:
        parser.error(f"neither an operator of the list nor a family: {', '.join(sorted(unknown))}")

    everything = Tally()
    for part in ("core", "extended"):
        listed = names(part)
        chosen = [n for n, family in listed.items() if not given.names or {n, family, part} & set(given.names)]
        if not chosen:
            continue
        total = Tally()
        print(f"\n{HEAD}")
        for name in chosen:
            if name not in adapters():
                print(f"{name:40} nothing of ours")
                continue
            tally, wrong = Tally(), []
            for move, seed, dtype in product(moves, given.seed, (np.float64, np.float32)):
                for outcome in compare(name, dtype, move, seed, given.most):
                    tally.add(outcome)
                    wrong += [outcome] if outcome.wrong else []
            print(tally.row(name).rstrip(), flush=True)
            if wrong and given.show:
                print(failures(wrong, given.show))
            total += tally
        covered = sum(name in adapters() for name in chosen)
        print(total.row(f"{part}: {covered} of {len(chosen)}") + f"   {total.share:.2%} agree")
        everything += total
    print(LEGEND)
    print(everything.notes())


main()
