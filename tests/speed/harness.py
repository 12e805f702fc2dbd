"""Contenders take turns in one process, so that a change of the machine's speed meets them all alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable

Contender = Callable[[], object]


def compare(
    title: str, contenders: dict[str, Contender], *, unit: float = 1e-6, per: int = 1, rounds: int = 25, repeat: int = 1
) -> dict[str, float]:
    """Time each contender `rounds` times, `repeat` calls at a time, and print a table; the first one is the measure.

    Figures are for one call divided by `per`, in `unit` seconds. Returns the minima. The cyclic garbage collector runs
    as a user has it, but starts each turn with nothing to do, so that nobody pays for what another left behind; with
    several calls to a turn everybody pays for his own.
    """
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for run in contenders.values():
        run()  # warm up
    for _ in range(rounds):
        for name, run in contenders.items():
            gc.collect()
            start = time.perf_counter()
            for _ in range(repeat):
                run()
            times[name].append((time.perf_counter() - start) / repeat / per / unit)
    best = {name: min(found) for name, found in times.items()}
    first = next(iter(best.values()))
    suffix = {1e-9: "ns", 1e-6: "µs", 1e-3: "ms"}[unit]
    print(f"\n{title}")
    print(f"  {'':34}{'minimum':>13}{'median':>13}{'chainrule is':>16}")
    for name, value in best.items():
        ratio = "" if value == first else f"{first / value:.3f}×"
        median = statistics.median(times[name])
        print(f"  {name:34}{value:>10.1f} {suffix}{median:>10.1f} {suffix}{ratio:>16}")
    return best
