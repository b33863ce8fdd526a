"""Measures answers against a question set: how often the right words are quoted, and how often silence is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.answer import Answer, Asked, Outcome, answer
from index.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.encoder import Encoder
    from index.generation import Generation

_TOGETHER = 32
_INSIDE = 25  # a quote that lies inside a gold snippet counts only when it is longer than this


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the snippets of which an answer must quote one; none when the library does not answer it."""

    text: str
    gold: tuple[str, ...]


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


def read_questions(content: Any) -> list[Question]:
    """Read `{"answerable": [{"question", "gold": [...]}], "unanswerable": ["..."]}`; a fault raises SourceError."""
    if not isinstance(content, dict) or not isinstance(content.get("answerable", []), list):
        raise SourceError('A question set is {"answerable": [{"question", "gold": [...]}], "unanswerable": ["..."]}.')
    questions = []
    for number, row in enumerate(content.get("answerable", []), 1):
        gold = row.get("gold") if isinstance(row, dict) else None
        if not isinstance(row, dict) or not isinstance(row.get("question"), str) or not _is_texts(gold) or not gold:
            raise SourceError(f'Answerable question {number} needs "question" (text) and "gold" (a list of texts).')
        questions.append(Question(row["question"], tuple(gold)))
    unanswerable = content.get("unanswerable", [])
    if not _is_texts(unanswerable):
        raise SourceError('"unanswerable" must be a list of questions.')
    questions += [Question(text, ()) for text in unanswerable]
    if not questions:
        raise SourceError("The question set holds no question.")
    return questions


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def measure(generation: Generation, encoder: Encoder, questions: Sequence[Question]) -> Measured:
    """Ask every question and count; a hit is a quote that holds a gold snippet, or a long one inside it."""
    answers = list(_answers(generation, encoder, questions))
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


def _answers(generation: Generation, encoder: Encoder, questions: Sequence[Question]) -> Iterator[Answer]:
    for first in range(0, len(questions), _TOGETHER):
        asked = [Asked(question.text) for question in questions[first : first + _TOGETHER]]
        yield from answer(generation, encoder, asked)


def _hit(question: Question, found: Answer, among: int) -> bool:
    return any(
        gold in quote.text or (len(quote.text) > _INSIDE and quote.text in gold)
        for quote in found.quotes[:among]
        for gold in question.gold
    )
