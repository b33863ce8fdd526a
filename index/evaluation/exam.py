"""Examines a new generation before it goes live: whether it still bears out what people rely on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from index.evaluation.metrics import Question, hits
from index.generations.durable import delete_named, replace_text
from index.generations.manifest import said_sha256
from index.generations.texts import quotable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from index.generations.generation import Generation
    from index.generations.texts import Texts
    from index.models.encoder import Encoder

FOLDER = "exams"
AMONG = 3
"""A golden question is answered right when one of this many quotes holds what is right."""


@dataclass(frozen=True, slots=True)
class Exam:
    """What came out. `against` is the generation that was live, None before the first.

    `golden` counts the golden questions that concern documents which are still there, `right` and `right_before` how
    many of them are answered right now and by the live generation; `worse` names those that only the latter answers.
    `orphans` are the ids of pinned words that no longer stand in a document which is still there, `gone` of those
    whose document went. `margin` is by which share of the golden questions the new one may be worse.
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
class Syllabus:
    """What is examined: questions with right answers, and words by id that must stay verbatim.

    `margin` is by which share of the questions a new generation may be worse than the live one.
    """

    golden: Sequence[Question] = ()
    pinned: Mapping[str, Sequence[str]] = field(default_factory=dict)
    margin: float = 0.0


def examine(new: Generation, before: Generation | None, encoder: Encoder, syllabus: Syllabus) -> Exam:
    """Hold a generation against the live one; `before` is None when there is none that could be asked."""
    texts = new.texts
    earlier = before.texts if before is not None else None
    golden = [question for question in syllabus.golden if question.gold and _concerns(question, earlier, texts)]
    right = hits(new, encoder, golden, AMONG)
    was_right = hits(before, encoder, golden, AMONG) if before is not None else [False] * len(golden)
    orphans, gone = _orphans(syllabus.pinned, earlier, texts)
    return Exam(
        generation=new.id,
        against=before.id if before is not None else None,
        golden=len(golden),
        right=sum(right),
        right_before=sum(was_right),
        worse=tuple(q.text for q, now, then in zip(golden, right, was_right, strict=True) if then and not now),
        orphans=orphans,
        gone=gone,
        margin=syllabus.margin,
    )


def _concerns(question: Question, before: Texts | None, after: Texts) -> bool:
    """Say whether a question's right answer stands in the library, or stood in a document that is still there."""
    if any(gold in document.text for document in after.documents for gold in question.gold):
        return True
    kept = {document.id for document in after.documents}
    return before is not None and any(
        gold in document.text for document in before.documents if document.id in kept for gold in question.gold
    )


def _orphans(
    pinned: Mapping[str, Sequence[str]], before: Texts | None, after: Texts
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the ids of pinned words that the new generation lost: in documents that stayed, and with their document."""
    if before is None:
        return (), ()
    old, new = quotable(before), quotable(after)
    orphans: list[str] = []
    gone: list[str] = []
    for id, sentences in pinned.items():
        lost = [sentence for sentence in sentences if not any(sentence in text for text in new.values())]
        homes = [[document for document, text in old.items() if sentence in text] for sentence in lost]
        if not lost or not all(homes):
            continue  # the live generation does not bear it out either
        (orphans if any(document in new for home in homes for document in home) else gone).append(id)
    return tuple(orphans), tuple(gone)


def record(data: Path, generation: str, content: Mapping[str, Any]) -> None:
    """Write down what came out for a generation, with a hash of it."""
    folder = data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    said = json.loads(json.dumps(content))
    text = json.dumps({**said, "sha256": said_sha256(said)}, ensure_ascii=False)
    replace_text(folder / f"{generation}.json", text)


def read_record(data: Path, generation: str) -> dict[str, Any] | None:
    """Read what was written down; None when there is nothing or it was altered."""
    try:
        said = json.loads((data / FOLDER / f"{generation}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return said if isinstance(said, dict) and said.pop("sha256", None) == said_sha256(said) else None


def drop_record(data: Path, generation: str) -> None:
    """Forget what was written down for a generation that is gone."""
    (data / FOLDER / f"{generation}.json").unlink(missing_ok=True)


def examined(data: Path) -> list[str]:
    """Name the generations of which something was written down, whether they are still there or not."""
    return sorted(path.stem for path in (data / FOLDER).glob("[!.]*.json"))


def forget_name(data: Path, by: str) -> None:
    """Take somebody's name out of all records; one that was altered or cut short and holds it is deleted.

    Nobody reads those.
    """
    for generation in examined(data):
        said = read_record(data, generation)
        if said is not None and said.get("by") == by:
            record(data, generation, {**said, "by": ""})
    delete_named((data / FOLDER).glob("*.json*"), by)


def as_row(exam: Exam) -> dict[str, Any]:
    """Give an exam as JSON can hold it, with the verdict."""
    return {**asdict(exam), "passed": exam.passed}
