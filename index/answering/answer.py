"""What a question is answered with: quotes, the passages they are in, and whether they answer it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from index.text.quotable import LibrarySentence

if TYPE_CHECKING:
    from index.generations.texts import Texts


class Outcome(StrEnum):
    """What a person is told about the quotes."""

    ANSWER = "answer"
    CLOSEST = "closest"
    NOT_COVERED = "not_covered"


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a document, exact to the character: `text == source_text[start:end]`.

    `document` is an id in the generation with the id `generation`. `score` is how likely these words answer, 0..1;
    `sha256` is that of the text; `paragraph` counts from 1, and so does `page`, None where the document has no pages.
    """

    text: str
    generation: str
    document: str
    title: str
    start: int
    end: int
    sha256: str
    score: float
    paragraph: int
    heading: str
    side: str | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class PassageHit:
    """A passage that was found; `score` is 0..1, higher for a better match."""

    document: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and what the same person asked before it in the same place, oldest first."""

    text: str
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The quotes and the outcome for one question.

    `quotes` are the best, best first (in a comparison: one for each side, then the best of the rest), whatever the
    outcome: what shows them must also show the outcome. `more` are the next ones. `confidence` is 0..1. `absent` is a
    document that the question names and the library does not hold. `questions` are those of a message that asks
    several; the `side` of a quote is then the question that it is for, and one without a quote is not answered.
    """

    question: str
    understood: str
    outcome: Outcome
    confidence: float
    quotes: tuple[Quote, ...]
    more: tuple[Quote, ...]
    passages: tuple[PassageHit, ...]
    sides: tuple[str, str] | None
    generation: str
    absent: str = ""
    questions: tuple[str, ...] = ()


def quote_at(texts: Texts, document_id: str, start: int, end: int) -> Quote:
    """Quote a place of a document, with no score; raises GenerationError when it is not in the library."""
    index = texts.passage_index_at(document_id, start)
    sentence = LibrarySentence(texts.document(document_id), texts.passages[index], index, start, end)
    return quote_sentence(texts.manifest.generation, sentence)


def quote_sentence(generation: str, sentence: LibrarySentence, *, score: float = 0.0, side: str | None = None) -> Quote:
    """Quote a sentence; `generation` is the id of the generation it is of."""
    return Quote(
        text=sentence.text,
        generation=generation,
        document=sentence.document.id,
        title=sentence.document.title,
        start=sentence.start,
        end=sentence.end,
        sha256=hashlib.sha256(sentence.text.encode()).hexdigest(),
        score=score,
        paragraph=sentence.passage.number,
        heading=sentence.heading,
        side=side,
        page=sentence.document.page_at(sentence.start),
    )
