"""A build that waits for a decision is read as it was recorded."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from bot.libraries.proposals import Proposal
from index.generations.diff import Changes
from index.generations.manifest import LIVE
from index.generations.records import Calibration, Exam, as_row, read_record, record

LIVE_ID, BUILT_ID = "0123456789ab", "ba9876543210"
EXAM = Exam(BUILT_ID, LIVE_ID, 4, 3, 4, ("What is clay?",), ("clay-1",), ("sea-2",), 0.05)
FITTED = Calibration(0.5, 0.4, 0.9, 0.8, 0.02, 60, 40, True)
BEFORE = replace(FITTED, coverage=0.7)
CHANGES = Changes(documents_added=("bees.txt",), passages_added=3)
ROW: dict[str, Any] = {
    "generation": BUILT_ID,
    "documents": 2,
    "passages": 9,
    "encoded": 3,
    "reused": 6,
    "skipped": [{"name": "a.doc", "reason": "it is not read"}],
    "changes": asdict(CHANGES),
    "exam": as_row(EXAM),
    "calibration": FITTED.to_json(),
}


@pytest.mark.parametrize(
    ("live", "before"),
    [
        ({"calibration": BEFORE.to_json()}, BEFORE),
        ({"calibration": {**BEFORE.to_json(), "coverage": 7}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_record_is_read_as_it_was_written(tmp_path: Path, live: Any, before: Calibration | None) -> None:
    """Exam, calibration and changes are equal; the live calibration is None where it is missing or not valid."""
    if live is not None:
        (tmp_path / LIVE).write_text(LIVE_ID, encoding="utf-8")
        record(tmp_path, LIVE_ID, live)
    record(tmp_path, BUILT_ID, ROW)
    row = read_record(tmp_path, BUILT_ID)
    assert row is not None
    found = Proposal.compared(tmp_path, row)
    assert (found.exam, found.calibration, found.before, found.changes) == (EXAM, FITTED, before, CHANGES)
    assert [(each.name, each.reason) for each in found.skipped] == [("a.doc", "it is not read")]
