"""One BLAS thread, set before NumPy is imported: two on a busy machine make small products hundreds of times slower."""

import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
