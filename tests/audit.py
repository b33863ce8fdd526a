"""Asks the Python advisory database about every pinned package; run by `make audit`, as a program.

pip-audit itself says that nothing is known when it could look up nothing at all. This says so instead. Exit codes: 0
nothing known or, unless AUDIT=required is set, nobody to ask; 1 known vulnerabilities, or not audited though required.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

LOCKS = [Path(__file__).parents[1] / "requirements" / name for name in ("dev.txt", "torch.txt", "bootstrap.txt")]
_TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known: `asked` packages of `pinned` were found in the database."""

    vulnerable: tuple[str, ...]
    asked: int
    pinned: int
    unanswered: tuple[str, ...]

    def sentence(self) -> str:
        if self.vulnerable:
            known = "; ".join(self.vulnerable)
            return f"Known vulnerabilities: {known}. Raise them: make lock UPGRADE='--upgrade-package NAME'."
        if not self.asked:
            return (
                "NOT AUDITED: the advisory database knows none of the pinned packages, or cannot be reached from here."
            )
        missing = f" Not found there: {', '.join(self.unanswered)}." if self.unanswered else ""
        return f"No known vulnerability in {self.asked} of {self.pinned} pinned packages.{missing}"

    def code(self, *, required: bool) -> int:
        return int(bool(self.vulnerable) or (required and not self.asked))


def judge(report: str) -> Verdict:
    """Read what pip-audit prints as JSON; whatever is not that means that nobody could be asked."""
    try:
        rows = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Verdict((), 0, 0, ())
    answered = [row for row in rows if "skip_reason" not in row]
    vulnerable = tuple(
        f"{row['name']} {row['version']} ({', '.join(each['id'] for each in row['vulns'])})"
        for row in answered
        if row["vulns"]
    )
    unanswered = tuple(row["name"] for row in rows if "skip_reason" in row)
    return Verdict(vulnerable, len(answered), len(rows), unanswered)


def ask() -> str:
    """Run pip-audit over the pins; gives what it prints, which is nothing when it breaks off."""
    options = [
        *(word for lock in LOCKS for word in ("--requirement", str(lock))),
        "--no-deps",
        "--disable-pip",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    command = [sys.executable, "-m", "pip_audit", *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return ""
    if not done.stdout:
        print((done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1][:300], file=sys.stderr)
    return done.stdout


def main() -> int:
    verdict = judge(ask())
    print(verdict.sentence())
    return verdict.code(required=os.environ.get("AUDIT") == "required")


if __name__ == "__main__":
    raise SystemExit(main())
