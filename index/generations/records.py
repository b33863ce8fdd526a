"""Exam records: the result of a generation's exam and its calibration, one JSON file a generation under `exams/`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from index.errors import GenerationError
from index.generations.durable import delete_named, replace_text
from index.generations.manifest import said_sha256

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOLDER = "exams"


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
        """Say whether the golden questions are answered about as well as before."""
        return self.right_before - self.right <= self.margin * self.golden

    @property
    def passed(self) -> bool:
        """Say whether the generation may go live."""
        return self.golden_passed and not self.orphans


@dataclass(frozen=True, slots=True)
class Calibration:
    """The thresholds on confidence for one library, and what they did with the questions they were fitted on.

    `precision` is the share of the answered answerable questions whose first quote holds what was left out of them,
    `coverage` the share of answerable ones that were answered, `false_answers` the expected share of unanswerable
    ones that are, allowing for people's coming nearer than ours. All are estimates on made questions, not a promise.
    `fitted` is false where there were too few questions and the default thresholds stand.
    """

    answer_from: float
    closest_from: float
    precision: float
    coverage: float
    false_answers: float
    answerable: int
    unanswerable: int
    fitted: bool

    def to_json(self) -> dict[str, Any]:
        """Give a plain dict that `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Any) -> Calibration:
        """Read what `to_json` gave; raises GenerationError when anything is missing, odd or out of range."""
        names = {field.name for field in fields(cls)}
        if not isinstance(content, dict) or set(content) != names:
            raise GenerationError(f"A calibration holds exactly {', '.join(sorted(names))}.")
        if type(content["fitted"]) is not bool:
            raise GenerationError("A calibration says with true or false whether it was fitted.")
        for name in ("answerable", "unanswerable"):
            if type(content[name]) is not int or content[name] < 0:
                raise GenerationError(f"The {name} questions of a calibration are a number from 0 up.")
        for name in ("answer_from", "closest_from", "precision", "coverage", "false_answers"):
            if type(content[name]) not in (int, float) or not 0 <= content[name] <= 1:
                raise GenerationError(f"The {name} of a calibration is a number from 0 to 1.")
        if not 0 < content["closest_from"] <= content["answer_from"] < 1:
            raise GenerationError("The thresholds of a calibration lie between 0 and 1, closest_from not above.")
        return cls(**content)


def record(data: Path, generation: str, content: Mapping[str, Any]) -> None:
    """Write the record of a generation, with its SHA-256."""
    folder = data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    said = json.loads(json.dumps(content))
    text = json.dumps({**said, "sha256": said_sha256(said)}, ensure_ascii=False)
    replace_text(folder / f"{generation}.json", text)


def read_record(data: Path, generation: str) -> dict[str, Any] | None:
    """Read the record of a generation; None when it is missing, unreadable or does not match its SHA-256."""
    try:
        said = json.loads((data / FOLDER / f"{generation}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return said if isinstance(said, dict) and said.pop("sha256", None) == said_sha256(said) else None


def drop_record(data: Path, generation: str) -> None:
    """Delete the record of a generation, if there is one."""
    (data / FOLDER / f"{generation}.json").unlink(missing_ok=True)


def examined(data: Path) -> list[str]:
    """List the ids of all generations that have a record, deleted generations included; sorted."""
    return sorted(path.stem for path in (data / FOLDER).glob("[!.]*.json"))


def forget_name(data: Path, by: str) -> None:
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
