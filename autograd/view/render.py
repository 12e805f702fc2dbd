"""Render: run Graphviz, wherever it is. There may be none, so every answer may be None."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path


def programs() -> list[str]:
    """The programs that can draw, best first: Graphviz's own `dot`, then the script of the `graphviz-pure` package."""
    scripts = [sysconfig.get_path("scripts"), os.path.dirname(sys.executable)]
    beside = shutil.which("graphviz-pure", path=os.pathsep.join(scripts)) or shutil.which("graphviz-pure")
    return [program for program in (shutil.which("dot"), beside) if program]


def render(source: str, format: str, seconds: float) -> bytes | None:
    """A picture in `format`, `svg` or `png`, of a text in the language of Graphviz; None when no program can draw it.

    The program writes into a file: a pipe could be held open by what it started, after its time is over.
    Errors: TimeoutError when it takes more than so many seconds.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        given, made = Path(folder, "picture.gv"), Path(folder, f"picture.{format}")
        given.write_text(source, encoding="utf-8")
        for program in programs():
            command = [program, f"-T{format}", "-o", str(made), str(given)]
            if format == "png":
                command.insert(1, "-Gdpi=144")
            try:
                ended = subprocess.run(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    timeout=seconds,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise TimeoutError from None
            except OSError:  # there is a file of that name, but it cannot be run
                continue
            if ended.returncode == 0 and made.exists() and made.stat().st_size:
                return made.read_bytes()
    return None


def on_paper(svg: str) -> str:
    """Graphviz's background as a sheet with round corners: what is on it can be read on dark pages, too."""
    sheet = '<rect x="0" y="0" width="100%" height="100%" rx="10" fill="white"/>'
    bare = re.sub(r'<polygon fill="(?:white|#ffffff)" stroke="(?:transparent|none)"[^>]*/>', "", svg, count=1)
    return bare.replace('<g id="graph0"', f'{sheet}\n<g id="graph0"', 1)
