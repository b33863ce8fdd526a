"""The exam of a new generation before promotion: golden questions, and sentences that must stay verbatim."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.evaluation.metrics import Question, hits
from index.generations.records import Exam
from index.generations.texts import blotted_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.generations.generation import Generation
    from index.generations.texts import Texts
    from index.models.encoder import Encoder

AMONG = 3  # a golden question is right when one of this many first quotes holds a gold text


@dataclass(frozen=True, slots=True)
class Syllabus:
    """What is examined: golden questions, and pinned sentences by the id of the quiz item that quotes them.

    `margin` is the tolerated loss, as a share of the golden questions.
    """

    golden: Sequence[Question] = ()
    pinned: Mapping[str, Sequence[str]] = field(default_factory=dict)
    margin: float = 0.0


def examine(new: Generation, before: Generation | None, encoder: Encoder, syllabus: Syllabus) -> Exam:
    """Compare a new generation with the live one, `before`; None when there is none that can be asked."""
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
    """Return whether a gold text is in the library, or was in a document that is still there."""
    if any(gold in document.text for document in after.documents for gold in question.gold):
        return True
    kept = {document.id for document in after.documents}
    return before is not None and any(
        gold in document.text for document in before.documents if document.id in kept for gold in question.gold
    )


def _orphans(
    pinned: Mapping[str, Sequence[str]], before: Texts | None, after: Texts
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return ids of pinned sentences that were lost: from documents that stayed, and with removed documents."""
    if before is None:
        return (), ()
    old, new = blotted_texts(before), blotted_texts(after)
    orphans: list[str] = []
    gone: list[str] = []
    for id, sentences in pinned.items():
        lost = [sentence for sentence in sentences if not any(sentence in text for text in new.values())]
        homes = [[document for document, text in old.items() if sentence in text] for sentence in lost]
        if not lost or not all(homes):
            continue  # missing from the live generation too
        (orphans if any(document in new for home in homes for document in home) else gone).append(id)
    return tuple(orphans), tuple(gone)
