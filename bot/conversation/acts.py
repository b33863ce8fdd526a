"""Decides which dialogue act a message is; the answering engine asks with the vector it made for retrieval.

A kernel ridge classifier over the unit vector of the message (radial basis functions around example utterances) and
its words, fitted to prompts/acts.yaml. An act is chosen only where its score is above that of a question.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.conversation.smalltalk import SmallTalk, hear
from bot.conversation.topics import topic_of
from bot.conversation.wording import UNKNOWN, Wording
from prompts import read_data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from index.models.encoder import Encoder

EXAMPLES_FILE = "acts.yaml"
THRESHOLD = 0.0
_FORMAT = 1  # of the cache file: another one is not read
_VARIANTS = 2  # texts made of an example with a {slot}
_CENTRES = 800  # radial basis functions: their cosines are most of a decision's time
_SHARPNESS = 2.0  # of the radial basis functions: exp(_SHARPNESS * (cosine - 1))
_WORD_COLUMNS = 1024  # word features share columns, which bounds the time of fitting
_RIDGE = 0.3
_MOST_CHARACTERS = 300  # a longer message is a question: nobody asks for a quiz at such length
_SLOT = re.compile(r"\{(\w+)\}")
# Where a second act may begin in a message: "summarise it, then quiz me".
_SECOND = re.compile(
    r"(?:[.!?;,]+\s+(?:and |then |but |also )*|\s+(?:and )?then |\s+and (?:also )?)(?=\w)", re.IGNORECASE
)


class Act(StrEnum):
    """What a message asks for, by the names of `tutor ask --batch`."""

    QUESTION = "question"
    OVERVIEW = "overview"
    OUTLINE = "outline"
    METADATA = "metadata"
    MORE = "more"
    CLARIFY = "clarify"
    OPINION = "opinion"
    QUIZ = "quiz"
    LESSON = "lesson"
    REPAIR = "repair"
    SMALLTALK = "smalltalk"
    HELP = "help"


_ACTS = tuple(Act)
_WITH_TOPIC = frozenset({Act.OVERVIEW, Act.OUTLINE, Act.CLARIFY, Act.QUIZ, Act.LESSON})


@dataclass(frozen=True, slots=True)
class Decision:
    """The act of a message.

    `topic` is what it names ("chapter 2" in "quiz me on chapter 2"). `rest` is the text of the second act in a message
    of two: after small talk `act` is the act of `rest`; after any other act it is the first one's.
    """

    act: Act
    topic: str | None = None
    rest: str | None = None


@dataclass(frozen=True, slots=True)
class Examples:
    """The content of acts.yaml: utterances by act, with {topic} and {doc} as slots."""

    acts: Mapping[Act, Sequence[str]]
    slots: Mapping[str, Sequence[str]]
    generic: frozenset[str]
    shorthand: Mapping[str, str]

    @classmethod
    @cache
    def load(cls) -> Examples:
        """Read the file that ships."""
        data = read_data(EXAMPLES_FILE)
        acts = {act: tuple(data["acts"][act.value]) for act in Act}
        slots = {"topic": tuple(data["topics"]), "doc": tuple(data["docs"])}
        return cls(acts, slots, frozenset(data["generic"].split()), data["shorthand"])

    def texts(self) -> list[tuple[Act, str]]:
        """Fill the slots: each example as one text, or as a few with other words in its slots."""
        words = {slot: cycle(choices) for slot, choices in self.slots.items()}
        return [
            (act, _SLOT.sub(lambda slot: next(words[slot[1]]), example))
            for act, examples in self.acts.items()
            for example in examples
            for _ in range(_VARIANTS if _SLOT.search(example) else 1)
        ]

    def wording(self) -> Wording:
        """Collect the vocabulary of all acts but questions, and learn the features of all."""
        said = [_SLOT.sub(" ", each) for act in Act if act is not Act.QUESTION for each in self.acts[act]]
        wording = Wording([*said, *self.slots["doc"]], self.shorthand)
        wording.learn([text for _, text in self.texts()])
        return wording

    def exact(self, wording: Wording) -> dict[tuple[str, ...], Act]:
        """Map the words of each example without a topic to its act; an utterance of two acts is a question."""
        found: dict[tuple[str, ...], Act] = {}
        for act, examples in self.acts.items():
            for example in examples:
                for noun in self.slots["doc"] if "{doc}" in example else ("",):
                    words = wording.words(example.replace("{doc}", noun))
                    if words and "{topic}" not in example and UNKNOWN not in words:
                        found.setdefault(words, act)
        return found


class ActClassifier:
    """Decides acts for the vectors of one encoder."""

    def __init__(self, examples: Examples, rows: NDArray[np.float32]) -> None:
        """Fit to `examples`; `rows` are the unit vectors of `examples.texts()`, float32 [texts, dim]."""
        self._generic = examples.generic
        self._wording = examples.wording()
        self._exact = examples.exact(self._wording)
        texts = examples.texts()
        spread = np.linspace(0, len(rows) - 1, min(_CENTRES, len(rows))).astype(int)
        self._centres = np.ascontiguousarray(rows[spread])
        inputs = np.stack(
            [self._input(self._wording.words(text), row) for (_, text), row in zip(texts, rows, strict=True)]
        )
        targets = np.array([[1 if act is each else -1 for each in _ACTS] for act, _ in texts], np.float32)
        ridge = _RIDGE * np.eye(inputs.shape[1], dtype=np.float32)
        self._weights = np.linalg.solve(inputs.T @ inputs + ridge, inputs.T @ targets).astype(np.float32)

    @classmethod
    def load(cls, encoder: Encoder, path: Path, examples: Examples | None = None) -> ActClassifier:
        """Fit to the examples that ship, or others; their vectors are kept in `path` for the next start."""
        examples = examples or Examples.load()
        return cls(examples, _rows(encoder, [text for _, text in examples.texts()], path))

    def decide(self, text: str, vector: NDArray[np.float32]) -> Decision:
        """Decide the act of a message; `vector` is its unit vector [dim] as the encoder makes it of a question.

        The vector may be of the text without its small talk, as it is searched with: small talk is left out anyway.
        """
        if len(text) > _MOST_CHARACTERS:
            return Decision(Act.QUESTION)
        if not any(character.isalnum() for character in text):
            return Decision(_act_of_signs(text))
        heard = hear(text)
        if heard.kind is not None:
            return Decision(Act.HELP if heard.kind is SmallTalk.HELP else Act.SMALLTALK)
        asked = heard.question.strip(" ,;")
        rest = asked if asked != text.strip(" ,;") else None
        act = self._act(asked, vector)
        if act in (Act.QUESTION, Act.SMALLTALK):
            return Decision(act, rest=rest if act is Act.QUESTION else None)
        first, second = self._parts(asked, act)
        topic = topic_of(first, self._generic) if act in _WITH_TOPIC else None
        return Decision(act, topic, second or rest)

    def _act(self, text: str, vector: NDArray[np.float32]) -> Act:
        words = self._wording.words(text)
        if act := self._exact.get(words):
            return act
        if all(word == UNKNOWN for word in words):
            return Act.QUESTION
        scores = self._input(words, vector) @ self._weights
        best = int(np.argmax(scores[1:])) + 1
        return _ACTS[best] if scores[best] - scores[0] > THRESHOLD else Act.QUESTION

    def _parts(self, text: str, act: Act) -> tuple[str, str | None]:
        """Split a message of two acts, of which the second is certain by its words alone."""
        for gap in _SECOND.finditer(text):
            second = self._exact.get(self._wording.words(text[gap.end() :]), Act.QUESTION)
            if second not in (Act.QUESTION, Act.SMALLTALK, act):
                return text[: gap.start()], text[gap.end() :]
        return text, None

    def _input(self, words: Sequence[str], vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the radial basis functions and the word features as one row."""
        row = np.zeros(len(self._centres) + _WORD_COLUMNS, np.float32)
        row[: len(self._centres)] = np.exp(_SHARPNESS * (self._centres @ vector - 1))
        numbers, weight = self._wording.features(words)
        for number in numbers:
            row[len(self._centres) + number % _WORD_COLUMNS] += weight
        return row


def _act_of_signs(text: str) -> Act:
    """Decide a message without letters and digits: question marks ask again, emoji and smileys are small talk."""
    if not text.strip():
        return Act.QUESTION
    return Act.CLARIFY if set(text.strip()) <= set("?!¿？❓❔ ") else Act.SMALLTALK


def _rows(encoder: Encoder, texts: Sequence[str], path: Path) -> NDArray[np.float32]:
    """Return the vectors of `texts`, from `path` if it holds them; a damaged or outdated file is replaced."""
    digest = hashlib.sha256("\n".join([str(_FORMAT), encoder.fingerprint, *texts]).encode()).hexdigest()
    try:
        with np.load(path, allow_pickle=False) as kept:
            rows = np.asarray(kept["rows"], np.float32)
            if str(kept["key"]) == digest and rows.shape == (len(texts), encoder.dimension):
                return rows
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        pass
    rows = encoder.encode_queries(texts)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
        np.savez(file, rows=rows, key=np.array(digest))
    os.replace(file.name, path)
    return rows
