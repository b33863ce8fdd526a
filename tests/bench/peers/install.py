"""Makes the environment that the frameworks run in, apart from ours: `python -m tests.bench.peers.install FOLDER`.

One that cannot be installed is noted with its reason, for the table to say; the others are installed all the same.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.peers.recipes import PACKAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Pip = Callable[..., str | None]
    """Runs pip with these arguments; gives the reason why it failed, or None."""

CONSTRAINTS = Path(__file__).with_name("constraints.txt")
FAILED = "failed.json"
_COMMON = ("sentence-transformers",)
_CUDA = re.compile(r"nvidia|cuda|triton", re.IGNORECASE)
_NO_CUDA = "pip would take torch's CUDA build, several gigabytes: set TORCH_FROM as docs/getting-started.md says"


def install(pip: Pip, packages: Mapping[str, tuple[str, ...]] = PACKAGES) -> dict[str, str]:
    """Install torch by its pin, then each framework; gives the reason for each that could not be."""
    torch_from = shlex.split(os.environ.get("TORCH_FROM", ""))
    reason = _brings_cuda(pip, *torch_from, "torch") or pip("install", *torch_from, "torch")
    if reason is not None:
        return dict.fromkeys(packages, f"torch: {reason}")
    failed = {}
    for peer, names in packages.items():
        reason = _brings_cuda(pip, *names, *_COMMON) or pip("install", *names, *_COMMON)
        if reason is not None:
            failed[peer] = reason
    return failed


def _brings_cuda(pip: Pip, *wanted: str) -> str | None:
    """Ask what would be installed; a build for GPUs is a reason not to."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        reason = pip("install", "--dry-run", "--report", str(report), *wanted)
        if reason is not None:
            return reason
        chosen = json.loads(report.read_text(encoding="utf-8"))["install"]
    return _NO_CUDA if any(_CUDA.search(package["metadata"]["name"]) for package in chosen) else None


def _pip_of(python: Path) -> Pip:
    def pip(*arguments: str) -> str | None:
        command = [
            str(python),
            "-m",
            "pip",
            "--quiet",
            "--disable-pip-version-check",
            *arguments,
            "-c",
            str(CONSTRAINTS),
        ]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        return None if done.returncode == 0 else last_line(done.stderr) or f"pip ended with {done.returncode}"

    return pip


def last_line(text: str) -> str:
    """Give the last line that says something: where programs put the reason."""
    lines = [line.strip() for line in text.splitlines()]
    return next((line for line in reversed(lines) if line), "")


def main() -> None:
    """Make the folder what the frameworks need; says who is missing."""
    folder = Path(sys.argv[1])
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    failed = install(_pip_of(python))
    (folder / FAILED).write_text(json.dumps(failed, indent=2) + "\n", encoding="utf-8")
    for peer, reason in failed.items():
        print(f"{peer} cannot be installed: {reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
