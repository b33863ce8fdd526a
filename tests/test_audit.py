"""The audit never calls safe what it could not look up."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.audit import judge

ROOT = Path(__file__).parents[1]
WORKFLOWS = ROOT / ".github" / "workflows"


def report(*rows: Mapping[str, object]) -> str:
    return json.dumps({"dependencies": list(rows), "fixes": []})


FINE = {"name": "idna", "version": "1", "vulns": []}
BAD = {"name": "lxml", "version": "2", "vulns": [{"id": "PYSEC-1"}, {"id": "PYSEC-2"}]}
SKIPPED = {"name": "torch", "skip_reason": "not found"}


def test_a_known_vulnerability_fails() -> None:
    """With the package, its version and the advisories."""
    verdict = judge(report(FINE, BAD, SKIPPED))
    assert verdict.code(required=False) == 1
    assert "lxml 2 (PYSEC-1, PYSEC-2)" in verdict.sentence()


def test_what_could_not_be_looked_up_is_said() -> None:
    """Nothing answered is not "nothing known"; with AUDIT=required it fails."""
    for said in ("", "Traceback", "[]", report(), report(SKIPPED, SKIPPED)):
        verdict = judge(said)
        assert verdict.sentence().startswith("NOT AUDITED")
        assert (verdict.code(required=False), verdict.code(required=True)) == (0, 1)


def test_what_was_looked_up_is_counted() -> None:
    """A package that the database does not know is named, so that nobody takes it for safe."""
    verdict = judge(report(FINE, FINE, SKIPPED))
    assert verdict.sentence() == "No known vulnerability in 2 of 3 pinned packages. Not found there: torch."
    assert verdict.code(required=True) == 0


def test_check_audits() -> None:
    """`make check` does what it says: format, lint, types, tests and the audit."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^check:.*\baudit\b", makefile, re.MULTILINE)
    assert "python -m tests.audit" in makefile


def test_check_and_the_workflows_agree() -> None:
    """What `make check` runs CI runs too, on every Python from the oldest that is supported."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [checked] = re.findall(r"^check: \S+ (.*)$", makefile, re.MULTILINE)
    workflows = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in WORKFLOWS.glob("*.yml")}
    steps = [step for each in workflows.values() for job in each["jobs"].values() for step in job["steps"]]
    made = {target for step in steps for target in re.findall(r"^make (.+)$", step.get("run", ""), re.MULTILINE)}
    assert {*checked.split()} <= {target for targets in made for target in targets.split()}
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    assert workflows["ci.yml"]["jobs"]["tests"]["strategy"]["matrix"]["python"][0] == oldest.removeprefix(">=")
    [audit] = [step for step in steps if step.get("run") == "make audit"]
    assert audit["env"] == {"AUDIT": "required"}
