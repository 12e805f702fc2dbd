"""All benchmarks: `python tests/speed`. Side by side in one run, one BLAS thread, ratios to read and no test to fail.

Peers that are not installed are left out, and it says so: `pip install -e ".[speed]"`, and `pip install torch`.
"""

from __future__ import annotations

import os
import pathlib
import statistics
import subprocess
import sys
import time

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


def imports() -> None:
    """What `import autograd` takes over `import numpy`, in fresh interpreters taking turns."""
    times: dict[str, list[float]] = {"numpy": [], "autograd": []}
    for _ in range(9):
        for module, found in times.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", f"import {module}"], cwd=ROOT, check=True)
            found.append(time.perf_counter() - start)
    numpy, ours = (statistics.median(found) * 1e3 for found in times.values())
    print(f"\nimport numpy {numpy:.0f} ms, import autograd {ours:.0f} ms: {ours - numpy:.0f} ms more")


def main() -> None:
    """Run them all, or those named on the command line."""
    import networks
    import numpy as np
    import operations
    import optimizers
    import pictures
    import scalars
    import tensors
    import training

    from autograd import kernel

    benchmarks = {
        "chain": scalars.chains,
        "demo": scalars.demos,
        "bytes": scalars.bytes_per_node,
        "small": lambda: tensors.expression(10, rounds=25, repeat=1000),
        "large": lambda: tensors.expression(1_000_000, rounds=15, repeat=1),
        "mlp32": lambda: tensors.training_step(32, rounds=15, repeat=300),
        "mlp256": lambda: tensors.training_step(256, rounds=15, repeat=100),
        "mlp4096": lambda: tensors.training_step(4096, rounds=15, repeat=10),
        "conv": operations.convolution,
        "pool": operations.pooling,
        "layernorm": operations.layer_norm,
        "crossentropy": operations.cross_entropy,
        "activations": operations.activations,
        "attention": operations.attention,
        "lstm": operations.recurrent,
        "lenet": networks.lenet,
        "gpt": networks.gpt_block,
        "fit": training.fit,
        "adam": optimizers.adam,
        "optimizers": optimizers.optimizers,
        "pictures": pictures.pictures,
        "import": imports,
    }
    chosen = sys.argv[1:] or list(benchmarks)
    for name in chosen:
        if name not in benchmarks:
            sys.exit(f"no benchmark {name!r}; there are {', '.join(benchmarks)}")
    used = kernel.fits(np.ones(kernel.LEAST, np.float32))
    print("kernels: " + ("by numba" if used else 'none, all in NumPy (`pip install "chainrule[fast]"` brings numba)'))
    for name in chosen:
        benchmarks[name]()


main()
