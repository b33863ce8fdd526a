"""Measures answers against a question set: how often the right words are quoted, and how often silence is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.answering.answer import Answer, Asked, Outcome, answer
from index.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from index.answering.reranker import Reranker
    from index.generations.generation import Generation
    from index.models.encoder import Encoder

_TOGETHER = 32
_INSIDE = 25  # a quote that lies inside a gold snippet counts only when it is longer than this


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the snippets of which an answer must quote one; none when the library does not answer it.

    With `every` the answer must quote each of them, as that to a comparison does.
    """

    text: str
    gold: tuple[str, ...]
    every: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """What came out, in counts; `wrong` lists the questions that went wrong and how."""

    answerable: int
    quote_at_1: int
    quote_at_3: int
    answered: int
    unanswerable: int
    falsely_answered: int
    not_verbatim: int
    wrong: tuple[str, ...]


def read_questions(content: Any, documents: Collection[str] | None = None) -> list[Question]:
    """Read `{"answerable": [{"question", "gold": [...]}], "unanswerable": ["..."]}`; a fault raises SourceError.

    An answerable question may have `"every": true`: an answer must quote each gold text. It may have an `id`, a text or
    a number that no other has, and a `document`; where `documents` are given, their ids or titles, it has to be one of
    them. The sentence of a fault names the question.
    """
    if not isinstance(content, dict) or not isinstance(content.get("answerable", []), list):
        raise SourceError('A question set is {"answerable": [{"question", "gold": [...]}], "unanswerable": ["..."]}.')
    questions = []
    ids: dict[str | int, int] = {}
    for number, row in enumerate(content.get("answerable", []), 1):
        questions.append(_answerable(row, f"Answerable question {number}"))
        if "id" in row:
            _claim(row["id"], number, ids)
        if (document := row.get("document")) is not None and documents is not None and document not in documents:
            raise SourceError(f"Answerable question {number} is about {document!r}, which the library does not hold.")
    unanswerable = content.get("unanswerable", [])
    if not isinstance(unanswerable, list):
        raise SourceError('"unanswerable" must be a list of questions.')
    for number, text in enumerate(unanswerable, 1):
        if not _is_text(text):
            raise SourceError(f"Unanswerable question {number} must be a text.")
        questions.append(Question(text, ()))
    if not questions:
        raise SourceError("The question set holds no question.")
    return questions


def _answerable(row: Any, named: str) -> Question:
    gold = row.get("gold") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not _is_text(row.get("question")) or not _is_texts(gold) or not gold:
        raise SourceError(f'{named} needs "question" (text) and "gold" (a list of texts).')
    if row.get("document") is not None and not _is_text(row["document"]):
        raise SourceError(f'{named} has a "document" that is not the name of one.')
    if not isinstance(row.get("every", False), bool):
        raise SourceError(f'{named} has "every" that is neither true nor false.')
    return Question(row["question"], tuple(gold), row.get("every", False))


def _claim(id: Any, number: int, taken: dict[str | int, int]) -> None:
    """Note whose id it is; two questions with one id could not be told apart in what is measured."""
    if not _is_text(id) and (not isinstance(id, int) or isinstance(id, bool)):
        raise SourceError(f'Answerable question {number} has an "id" that is neither text nor a whole number.')
    if id in taken:
        raise SourceError(f"Answerable question {number} has the id {id!r} of answerable question {taken[id]}.")
    taken[id] = number


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(_is_text(item) for item in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def measure(
    generation: Generation, encoder: Encoder, questions: Sequence[Question], reranker: Reranker | None = None
) -> Measured:
    """Ask every question and count; a hit is a quote that holds a gold snippet, or a long one inside it."""
    answers = list(_answers(generation, encoder, questions, reranker))
    pairs = list(zip(questions, answers, strict=True))
    answerable = [(question, found) for question, found in pairs if question.gold]
    unanswerable = [(question, found) for question, found in pairs if not question.gold]
    quotes = [quote for found in answers for quote in (*found.quotes, *found.more)]
    texts = {document.id: document.text for document in generation.texts.documents}
    wrong = [
        f"not first: {question.text}" if _hit(question, found, 3) else f"not quoted: {question.text}"
        for question, found in answerable
        if not _hit(question, found, 1)
    ]
    wrong += [f"{found.outcome}: {q.text}" for q, found in answerable if found.outcome is not Outcome.ANSWER]
    wrong += [f"answered: {q.text}" for q, found in unanswerable if found.outcome is Outcome.ANSWER]
    return Measured(
        answerable=len(answerable),
        quote_at_1=sum(_hit(question, found, 1) for question, found in answerable),
        quote_at_3=sum(_hit(question, found, 3) for question, found in answerable),
        answered=sum(found.outcome is Outcome.ANSWER for _, found in answerable),
        unanswerable=len(unanswerable),
        falsely_answered=sum(found.outcome is Outcome.ANSWER for _, found in unanswerable),
        not_verbatim=sum(quote.text != texts[quote.document][quote.start : quote.end] for quote in quotes),
        wrong=tuple(wrong),
    )


def hits(generation: Generation, encoder: Encoder, questions: Sequence[Question], among: int) -> list[bool]:
    """Tell for each question whether one of its first quotes holds what is right."""
    answers = _answers(generation, encoder, questions)
    return [_hit(question, found, among) for question, found in zip(questions, answers, strict=True)]


def _answers(
    generation: Generation, encoder: Encoder, questions: Sequence[Question], reranker: Reranker | None = None
) -> Iterator[Answer]:
    for first in range(0, len(questions), _TOGETHER):
        asked = [Asked(question.text) for question in questions[first : first + _TOGETHER]]
        yield from answer(generation, encoder, asked, reranker=reranker)


def _hit(question: Question, found: Answer, among: int) -> bool:
    hit = [
        any(gold in quote.text or (len(quote.text) > _INSIDE and quote.text in gold) for quote in found.quotes[:among])
        for gold in question.gold
    ]
    # Fewer quotes than texts cannot hold each of them: then one has to do.
    return all(hit) if question.every and among >= len(hit) else any(hit)
