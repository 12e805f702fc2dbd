"""`python tests/nn/modules [NAME...]`: the table of all modules, or of those named with everything that differs."""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
from importlib.util import find_spec

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3]))


def main() -> None:
    """Compare, and print."""
    if not find_spec("torch"):
        sys.exit("PyTorch is compared with, and is not installed: pip install torch")

    from tests.nn.modules.harness import absent, compare, is_ours
    from tests.nn.modules.samples import names

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="modules; all by default")
    parser.add_argument("--seed", nargs="+", type=int, default=[0])
    parser.add_argument("--most", type=int, help="of each module no more samples than this")
    parser.add_argument("--show", type=int, default=3, help="so many differences of each module")
    given = parser.parse_args()
    print(f"{'module':32} {'given':>6} {'agree':>6} {'settled':>7} {'except':>6} {'differ':>6}   error / tolerance")
    missing, total, agreeing = [], 0, 0
    for name in given.names or names():
        if not is_ours(name):
            missing.append(name)
            continue
        outcomes = [
            outcome
            for seed in given.seed
            for dtype in ("float64", "float32")
            for training in (True, False)
            for outcome in compare(name, dtype, training, seed, given.most)
        ]
        wrong = [outcome for outcome in outcomes if outcome.wrong]
        excused = sum(bool(outcome.excused.keys() - {"print"}) and not outcome.wrong for outcome in outcomes)
        settled = sum(bool(outcome.settled) and not outcome.wrong for outcome in outcomes)
        good = len(outcomes) - len(wrong) - excused
        errors = [max((o.error for o in outcomes if o.dtype == d), default=0.0) for d in ("float64", "float32")]
        text = f"{name:32} {len(outcomes):6} {good:6} {settled or '':7} {excused or '':6} {len(wrong) or '':6}"
        print(f"{text}   float64 {errors[0]:.1g}, float32 {errors[1]:.1g}", flush=True)
        for outcome in wrong[: given.show]:
            print(f"    {outcome}"[:600])
        total, agreeing = total + len(outcomes), agreeing + good
    print(f"\n{agreeing} of {total} samples agree; settled: where both round, PyTorch's float64 is as near to ours")
    for name in [*missing, *(name for name in absent() if not given.names and name not in missing)]:
        print(f"not here: {name}" + (f" ({absent()[name]})" if name in absent() else ""))


main()
