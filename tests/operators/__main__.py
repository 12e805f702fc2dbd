"""`python tests/operators [NAME...]`: the table of all operators, or of those named with everything that differs."""

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
    import numpy as np

    from tests.operators import adapter
    from tests.operators.harness import compare
    from tests.operators.peer import MOVES
    from tests.operators.table import HEAD, Row, failures

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="operators, `core`, `extended`, or a family")
    parser.add_argument("--move", nargs="+", choices=[*MOVES, "all"], default=["as given"])
    parser.add_argument("--seed", nargs="+", type=int, default=[0])
    parser.add_argument("--most", type=int, help="of each variant no more samples than this")
    parser.add_argument("--show", type=int, default=0, help="so many differences of each operator")
    given = parser.parse_args()
    moves = list(MOVES) if "all" in given.move else given.move
    total = agreeing = excused = 0
    for part in ("core", "extended"):
        listed = adapter.names(part)
        chosen = [n for n, family in listed.items() if not given.names or {n, family, part} & set(given.names)]
        if not chosen:
            continue
        covered = [n for n in chosen if n in adapter.adapters()]
        print(f"\n{part}: {len(covered)} of {len(chosen)} have an adapter\n{HEAD}")
        for name in chosen:
            if name not in covered:
                print(f"{name:40} no adapter")
                continue
            row = Row(name)
            for move in moves:
                for seed in given.seed:
                    for dtype in (np.float64, np.float32):
                        row.outcomes += compare(name, dtype, move, seed, given.most)
            print(row, flush=True)
            if row.wrong and given.show:
                print(failures(row.wrong, given.show))
            total, agreeing, excused = total + len(row.outcomes), agreeing + row.agreeing, excused + row.excused
    share = 100 * agreeing / max(total, 1)
    print(f"\n{agreeing} of {total} samples agree ({share:.2f} %), {excused} differ on purpose (exceptions.toml)")


main()
