"""One turn of a conversation: the message with what came before it, and the response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from bot.conversation.acts import Act
from bot.libraries.source_text import Place
from index.answering.answer import Answer, Quote
from index.answering.facts import DocumentFacts


@dataclass(frozen=True, slots=True)
class Turn:
    """A message, the earlier messages of the conversation, oldest first, and the quotes that were shown last."""

    text: str
    history: tuple[str, ...] = ()
    shown: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """A section or a document in an outline; `quote` stands in it and opens its overview."""

    name: str
    words: int
    quote: Quote | None


class StepKind(StrEnum):
    """What a next step leads to."""

    SIDE = "side"
    POINT = "point"
    PART = "part"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class NextStep:
    """Something to go on with after an answer, of which the library is known to say something.

    `text` is a question; else the name of the other side, or the heading above the next point, and `quote` is what is
    shown.
    """

    kind: StepKind
    text: str
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """A quote beside those that were asked for: on a `word` of theirs, or of the other `side` of a comparison."""

    kind: Literal["word", "side"]
    name: str
    quote: Quote


@dataclass(frozen=True, slots=True)
class Response:
    """What is shown in response to a message.

    `answer` has the quotes; for every act but a question its outcome says whether there is something to show. `lead` is
    a key below `conversation` in the prompts, "" for a question; `values` are the values in that text. `languages` are
    the ISO 639 codes of a question and of the library, where the question is not answered and they differ. `steps` are
    what can be asked next, at most three.
    """

    act: Act
    answer: Answer
    lead: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    asides: tuple[Aside, ...] = ()
    outline: tuple[OutlineRow, ...] = ()
    documents: tuple[DocumentFacts, ...] = ()
    steps: tuple[NextStep, ...] = ()
    languages: tuple[str, str] | None = None
