"""HIPS autograd's tests, run in a process of their own in which `autograd` is ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

from tests.hips.source import HERE, exclusions, source

ROOT = HERE.parents[1]


@dataclass
class Report:
    """What became of each test, by name; and how many checks there were."""

    passed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)  # by its own doing
    counts: dict[str, int] = field(default_factory=dict)
    output: str = ""

    def table(self) -> str:
        """For people: the sums, and every test that is not run, with the reason."""
        lines = [
            f"HIPS autograd's own tests on ours: {len(self.passed)} passed, {len(self.failed)} failed, "
            f"{len(self.excluded)} excluded, {len(self.skipped)} skipped",
            *(f"  {number} {what}" for what, number in self.counts.items()),
            *(f"  FAILED {name}: {why}" for name, why in self.failed.items()),
        ]
        for kind, tests in (("excluded", self.excluded), ("skipped", self.skipped)):
            for reason in dict.fromkeys(tests.values()):
                names = [name for name, why in tests.items() if why == reason]
                lines += [f"{kind}: {reason}", *(f"    {name}" for name in names)]
        return "\n".join(lines)


def run(*chosen: str) -> Report:
    """Run all of it, or the files named. Errors: source.MissingError."""
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(source() / "tests", Path(scratch) / "tests")  # away from the `autograd` beside them
        results, counts = Path(scratch) / "results.xml", Path(scratch) / "counts.json"
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)]),
            "HIPS_EXCLUSIONS": json.dumps(exclusions()),
            "HIPS_COUNTS": str(counts),
        }
        command = [sys.executable, "-m", "pytest", "-q", "-p", "complexity", "-p", "no:cacheprovider"]
        command += ["-c", os.devnull, "--rootdir", scratch, f"--junit-xml={results}"]
        done = subprocess.run(
            [*command, *(f"tests/{name}" for name in chosen or ["."])],
            cwd=scratch,
            env=environment,
            capture_output=True,
            text=True,
        )
        report = Report(output=done.stdout + done.stderr)
        if not results.exists():
            report.failed["the run itself"] = report.output[-2000:]
            return report
        report.counts = json.loads(counts.read_text()) if counts.exists() else {}
        for case in ET.parse(results).iter("testcase"):
            _enter(report, case)
    return report


def _enter(report: Report, case: ET.Element) -> None:
    name = f"{case.get('classname', '').split('.')[-1]}.py::{case.get('name')}"
    problem = next((part for part in case if part.tag in ("failure", "error")), None)
    idle = case.find("skipped")
    if problem is not None:
        report.failed[name] = (problem.get("message") or "").split("\n")[0]
    elif idle is None:
        report.passed.append(name)
    else:
        why = idle.get("message") or ""
        (report.excluded if why.startswith("excluded: ") else report.skipped)[name] = why.removeprefix("excluded: ")
