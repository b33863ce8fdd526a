"""Exam records: the result of a generation's exam and its calibration, one JSON file a generation under `exams/`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import Field
from pydantic.dataclasses import dataclass as validated

from index.generations.durable import delete_named, replace_text
from index.generations.manifest import STORED, json_sha256

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOLDER = "exams"

_Share: TypeAlias = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Count: TypeAlias = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class Exam:
    """Result of an exam. `against` is the id of the live generation, None for the first generation.

    `golden` counts the golden questions about documents the new generation has; `right` and `right_before` count
    those answered correctly by the new and by the live generation; `worse` lists those that only the live one answers.
    `orphans` are the ids of pinned sentences missing from a document that is still in the library, `gone` those whose
    document was removed. `margin` is the tolerated loss, as a share of `golden`.
    """

    generation: str
    against: str | None
    golden: int
    right: int
    right_before: int
    worse: tuple[str, ...]
    orphans: tuple[str, ...]
    gone: tuple[str, ...]
    margin: float

    @property
    def golden_passed(self) -> bool:
        """Return whether the loss of right answers is within the margin."""
        return self.right_before - self.right <= self.margin * self.golden

    @property
    def passed(self) -> bool:
        """Return whether the generation may be promoted."""
        return self.golden_passed and not self.orphans


@validated(frozen=True, slots=True, config=STORED)
class Calibration:
    """Confidence thresholds fitted to one library, and their results on the questions they were fitted on.

    `precision` is the share of answered answerable questions whose first quote holds the expected words, `coverage`
    the share of answerable questions that were answered, `false_answers` the expected share of unanswerable questions
    that are answered. All three are estimates on generated questions. `answerable` and `unanswerable` count questions.
    `fitted` is false when there were too few questions: the thresholds are then the default ones. Fields that are
    missing, of another type or out of range raise a ValueError; unknown ones are ignored.
    """

    answer_from: _Share
    closest_from: _Share
    precision: _Share
    coverage: _Share
    false_answers: _Share
    answerable: _Count
    unanswerable: _Count
    fitted: bool

    def __post_init__(self) -> None:
        """Check the order of the thresholds."""
        if not 0 < self.closest_from <= self.answer_from < 1:
            raise ValueError("needs 0 < closest_from <= answer_from < 1")

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return asdict(self)


def record(data: Path, generation: str, content: Mapping[str, Any]) -> None:
    """Write the record of a generation, with its SHA-256."""
    folder = data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    said = json.loads(json.dumps(content))
    text = json.dumps({**said, "sha256": json_sha256(said)}, ensure_ascii=False)
    replace_text(folder / f"{generation}.json", text)


def read_record(data: Path, generation: str) -> dict[str, Any] | None:
    """Read the record of a generation; None when it is missing, unreadable or does not match its SHA-256."""
    try:
        said = json.loads((data / FOLDER / f"{generation}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return said if isinstance(said, dict) and said.pop("sha256", None) == json_sha256(said) else None


def read_calibration(data: Path, generation: str) -> Calibration | None:
    """Read the thresholds in a generation's exam record; None when there are none or they are not valid."""
    try:
        return Calibration(**(read_record(data, generation) or {})["calibration"])
    except (KeyError, TypeError, ValueError):
        return None


def drop_record(data: Path, generation: str) -> None:
    """Delete the record of a generation, if there is one."""
    (data / FOLDER / f"{generation}.json").unlink(missing_ok=True)


def examined(data: Path) -> list[str]:
    """List the ids of all generations that have a record, deleted generations included; sorted."""
    return sorted(path.stem for path in (data / FOLDER).glob("[!.]*.json"))


def remove_name_from_records(data: Path, by: str) -> None:
    """Blank the value of `by` in all records.

    Records that are altered or truncated and contain the value are deleted: `read_record` rejects them anyway.
    """
    for generation in examined(data):
        said = read_record(data, generation)
        if said is not None and said.get("by") == by:
            record(data, generation, {**said, "by": ""})
    delete_named((data / FOLDER).glob("*.json*"), by)


def as_row(exam: Exam) -> dict[str, Any]:
    """Return an exam as a JSON object, `passed` included."""
    return {**asdict(exam), "passed": exam.passed}
