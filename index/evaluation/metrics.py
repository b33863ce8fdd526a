"""Measures answers against a question set: quote@1, quote@3, answered, falsely answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from index.answering.answer import Answer, Asked, Outcome
from index.answering.selection import answer
from index.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from index.answering.reranker import Reranker
    from index.generations.generation import Generation
    from index.models.encoder import Encoder

_BATCH = 32  # questions that are encoded together
_INSIDE = 25  # characters: a quote that lies inside a gold text counts only when it is longer


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its gold texts, of which an answer must quote one, or each with `every`; no gold: unanswerable."""

    text: str
    gold: tuple[str, ...]
    every: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """Counts of questions; `wrong` lists the questions that went wrong and how."""

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

    Optional fields of an answerable question: `every` (an answer must quote each gold text), `id` (a text or a whole
    number, unique in the set) and `document`, which must be one of `documents`, ids or titles, where these are given.
    The sentence of a fault names the question by its number from 1. Answerable questions come first.
    """
    try:
        found = _QuestionSet.model_validate(content)
    except ValidationError as error:
        raise SourceError(_sentence(error.errors()[0]["loc"])) from None
    ids: dict[str | int, int] = {}
    for number, row in enumerate(found.answerable, 1):
        if row.id != "" and (other := ids.setdefault(row.id, number)) != number:
            raise SourceError(f"Answerable question {number} has the id {row.id!r} of answerable question {other}.")
        if row.document is not None and documents is not None and row.document not in documents:
            raise SourceError(
                f"Answerable question {number} is about {row.document!r}, which the library does not hold."
            )
    questions = [Question(row.question, tuple(row.gold), row.every) for row in found.answerable]
    questions += [Question(text, ()) for text in found.unanswerable]
    if not questions:
        raise SourceError("The question set holds no question.")
    return questions


_Text: TypeAlias = Annotated[str, StringConstraints(pattern=r"\S")]


class _Answerable(BaseModel, strict=True):
    question: _Text
    gold: Annotated[list[_Text], Field(min_length=1)]
    every: bool = False
    id: _Text | int = ""
    document: _Text | None = None


class _QuestionSet(BaseModel, strict=True):
    answerable: list[_Answerable] = []
    unanswerable: list[_Text] = []


_FAULTS = {
    "every": '"every" that is neither true nor false',
    "id": 'an "id" that is neither text nor a whole number',
    "document": 'a "document" that is not the name of one',
}


def _sentence(place: tuple[int | str, ...]) -> str:
    """Say what is wrong at a place in a question set, as pydantic names it: ("answerable", 0, "gold")."""
    match place:
        case ("answerable", int(number), ("every" | "id" | "document") as field, *_):
            return f"Answerable question {number + 1} has {_FAULTS[field]}."
        case ("answerable", int(number), *_):
            return f'Answerable question {number + 1} needs "question" (text) and "gold" (a list of texts).'
        case ("unanswerable", int(number)):
            return f"Unanswerable question {number + 1} must be a text."
        case ("unanswerable",):
            return '"unanswerable" must be a list of questions.'
    return 'A question set is {"answerable": [{"question", "gold": [...]}], "unanswerable": ["..."]}.'


def measure(
    generation: Generation, encoder: Encoder, questions: Sequence[Question], reranker: Reranker | None = None
) -> Measured:
    """Ask every question and count; a hit is a quote that holds a gold text, or a long quote inside one."""
    answers = list(_answers(generation, encoder, questions, reranker))
    pairs = list(zip(questions, answers, strict=True))
    answerable = [(question, found) for question, found in pairs if question.gold]
    unanswerable = [(question, found) for question, found in pairs if not question.gold]
    quotes = [quote for found in answers for quote in (*found.quotes, *found.more)]
    texts = {document.id: document.text for document in generation.texts.documents}
    first, among_three = ([is_hit(question, found, among) for question, found in answerable] for among in (1, 3))
    missed = [(q.text, quoted) for (q, _), hit, quoted in zip(answerable, first, among_three, strict=True) if not hit]
    wrong = [f"{'not first' if quoted else 'not quoted'}: {text}" for text, quoted in missed]
    wrong += [f"{found.outcome}: {q.text}" for q, found in answerable if found.outcome is not Outcome.ANSWER]
    wrong += [f"answered: {q.text}" for q, found in unanswerable if found.outcome is Outcome.ANSWER]
    return Measured(
        answerable=len(answerable),
        quote_at_1=sum(first),
        quote_at_3=sum(among_three),
        answered=sum(found.outcome is Outcome.ANSWER for _, found in answerable),
        unanswerable=len(unanswerable),
        falsely_answered=sum(found.outcome is Outcome.ANSWER for _, found in unanswerable),
        not_verbatim=sum(quote.text != texts[quote.document][quote.start : quote.end] for quote in quotes),
        wrong=tuple(wrong),
    )


def hits(generation: Generation, encoder: Encoder, questions: Sequence[Question], among: int) -> list[bool]:
    """Return for each question whether one of its first `among` quotes is a hit."""
    answers = _answers(generation, encoder, questions)
    return [is_hit(question, found, among) for question, found in zip(questions, answers, strict=True)]


def _answers(
    generation: Generation, encoder: Encoder, questions: Sequence[Question], reranker: Reranker | None = None
) -> Iterator[Answer]:
    for first in range(0, len(questions), _BATCH):
        asked = [Asked(question.text) for question in questions[first : first + _BATCH]]
        yield from answer(generation, encoder, asked, reranker=reranker)


def is_hit(question: Question, found: Answer, among: int) -> bool:
    """Say whether one of the first `among` quotes holds a gold text of the question, or is a long part of one."""
    hit = [
        any(gold in quote.text or (len(quote.text) > _INSIDE and quote.text in gold) for quote in found.quotes[:among])
        for gold in question.gold
    ]
    # Fewer quotes than texts cannot hold each of them: then one has to do.
    return all(hit) if question.every and among >= len(hit) else any(hit)
