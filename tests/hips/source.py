"""Where HIPS autograd's source distribution is: unpacked by the user, or fetched from PyPI with pip."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from functools import cache
from pathlib import Path

VERSION = "1.9.1"
HERE = Path(__file__).parent


class MissingError(Exception):
    """It could not be fetched; the text says why."""


@cache
def source() -> Path:
    """The folder with `tests` and `examples`. Errors: MissingError."""
    given = os.environ.get("HIPS_AUTOGRAD")
    if given:
        if not (Path(given) / "tests").is_dir():
            raise MissingError(f"HIPS_AUTOGRAD is {given}, which has no folder tests")
        return Path(given)
    into = Path(tempfile.gettempdir()) / f"hips-autograd-{VERSION}"
    if not (into / f"autograd-{VERSION}" / "tests").is_dir():
        fetch = [sys.executable, "-m", "pip", "download", "-q", "--no-binary", ":all:", "--no-deps", "-d", str(into)]
        try:
            done = subprocess.run([*fetch, f"autograd=={VERSION}"], capture_output=True, text=True, timeout=240)
        except subprocess.TimeoutExpired:
            raise MissingError("pip did not answer in time") from None
        if done.returncode:
            raise MissingError(
                f"pip download autograd=={VERSION}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}"
            )
        (archive,) = into.glob("*.tar.gz")
        with tarfile.open(archive) as packed:
            packed.extractall(into, filter="data")
    return into / f"autograd-{VERSION}"


def exclusions() -> dict[str, str]:
    """Names of tests that are not run, with the reason."""
    table = tomllib.loads((HERE / "exclusions.toml").read_text())
    return {test: part["reason"] for part in table["exclusion"] for test in part["tests"]}
