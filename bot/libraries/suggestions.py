"""What a library can suggest after an answer: questions that it is known to answer, and sentences that face each other.

The answering engine asks the questions in its worker thread while nobody waits (bot/answering/preparing.py).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.answering.dependence import Dependence, dependence
from index.errors import SourceError
from index.evaluation.golden import read_golden
from index.evaluation.metrics import Question

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from index.generations.generation import Generation

MAX_QUESTION = 100
"""Characters of a question that can be suggested: Discord's limit for an option of a menu."""
_FEWEST_WORDS = 3
_MOST = 200  # questions of each kind: bounds the time and memory of asking them
_DIGEST = 16  # hexadecimal digits: 64 bits


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question that the library answers, its unit vector [dim], and the places that the answer quotes, best first."""

    text: str
    row: NDArray[np.float32]
    quoted: tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class Suggestions:
    """What is known so far of one generation; read and filled in one thread.

    `waiting` are questions that were not asked yet. `facing` maps the number of a sentence to that of the sentence
    which says the same of the other side, and the name of that side; None until it is known.
    """

    waiting: list[Question] = field(default_factory=list)
    answered: list[AnsweredQuestion] = field(default_factory=list)
    facing: Mapping[int, tuple[int, str]] | None = None
    _texts: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self._texts = {digest(question.text): question.text for question in self.waiting}

    @property
    def ready(self) -> bool:
        """Say whether nothing is left to prepare."""
        return self.facing is not None and not self.waiting

    def question(self, wanted: str) -> str | None:
        """Return the question with this digest; None when the library has none."""
        return self._texts.get(wanted)


def digest(question: str) -> str:
    """Return the first 64 bits of the SHA-256 of a question in hexadecimal digits: its name in a custom id."""
    return hashlib.sha256(question.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]


def suggestions_for(folder: Path, generation: Generation) -> Suggestions:
    """Collect the questions to try: the golden questions of a library, then its headings that are questions.

    Of a golden question its text and quotes are known; the golden text of a heading is empty. An unreadable file of
    golden questions is passed over: `tutor doctor` reports it.
    """
    try:
        golden = [question for question in read_golden(folder) if question.gold][-_MOST:]
    except SourceError:
        golden = []
    headings = list(dict.fromkeys(each.heading for each in generation.sections if _asks_alone(each.heading)))
    spread = headings[:: -(-len(headings) // _MOST) or 1]
    by_text = {question.text: question for question in (*golden, *(Question(text, ()) for text in spread))}
    return Suggestions(list(_readable(by_text.values())))


def _asks_alone(heading: str) -> bool:
    """Say whether a heading is a question that needs nothing before it: "What about the others?" does."""
    return heading.endswith("?") and dependence(heading) is not Dependence.CERTAIN


def _readable(questions: Iterable[Question]) -> Iterable[Question]:
    """Leave out questions that no option of a menu shows whole, and questions of a word or two."""
    return (
        question
        for question in questions
        if len(question.text) <= MAX_QUESTION and len(question.text.split()) >= _FEWEST_WORDS
    )
