"""Decides which dialogue act a message is; the answering engine asks with the vector it made for retrieval.

A kernel ridge classifier over the unit vector of the message (radial basis functions around example utterances) and
its words, fitted to prompts/acts.yaml. An act is chosen only where its score is above that of a question.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.conversation.ridge import SparseRows, ridge
from bot.conversation.smalltalk import SmallTalk, hear
from bot.conversation.topics import topic_of
from bot.conversation.wording import UNKNOWN, Wording
from prompts import read_data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from index.models.encoder import Encoder

EXAMPLES_FILE = "acts.yaml"
SHIPPED = Path(__file__).with_name("acts.npz")
_ARRAYS = ("basis", "centres", "weights")  # of Fitted, in its order
# By how much an act's score has to exceed the question's, and by how much more for each word that no act is said with.
# Chosen from the pairs that `python -m tests.bench acts` compares, on questions of other data sets than SQuAD's half.
THRESHOLD = -0.2
THRESHOLD_PER_UNKNOWN = 0.1
_MOST_UNKNOWN = 6
_FORMAT = 2  # of the cache file: another one is not read
_VARIANTS = 2  # texts made of an example with a {slot}
# Radial basis functions and the principal components they are computed in: most of a decision's time.
_CENTRES = 1000
_COMPONENTS = 192
_SHARPNESS = 2.0  # of the radial basis functions: exp(_SHARPNESS * (cosine - 1))
_RIDGE = 0.3  # penalty on squared weights: 0.1 took more questions, 1 lost more acts
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


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is fitted: `basis` [dim, components], `centres` [centres, components], `weights` [inputs, acts]."""

    basis: NDArray[np.float32]
    centres: NDArray[np.float32]
    weights: NDArray[np.float32]

    @classmethod
    def fit(cls, rows: NDArray[np.float32], acts: Sequence[Act], features: Sequence[tuple[list[int], float]]) -> Fitted:
        """Fit to unit vectors [texts, dim] and word features of texts whose acts are known."""
        basis = np.linalg.svd(rows, full_matrices=False)[2][:_COMPONENTS].T
        spread = np.linspace(0, len(rows) - 1, min(_CENTRES, len(rows))).astype(int)
        centres = rows[spread] @ basis
        targets = np.array([[1 if act is each else -1 for each in _ACTS] for act in acts], np.float32)
        nearness = np.exp(_SHARPNESS * (rows @ basis @ centres.T - 1))
        weights = ridge(nearness, SparseRows(features), targets, _RIDGE)
        # Rounded as they are kept, so that a later start decides the same.
        return cls(*(each.astype(np.float16).astype(np.float32) for each in (basis, centres, weights)))

    def scores(self, vector: NDArray[np.float32], numbers: Sequence[int], weight: float) -> NDArray[np.float32]:
        """Score each act, in the order of Act, for one vector [dim] and the word features of its text."""
        nearness = np.exp(_SHARPNESS * (self.centres @ (vector @ self.basis) - 1))
        by_words = self.weights[len(self.centres) :][[*numbers]].sum(axis=0) * np.float32(weight)
        return np.asarray(nearness @ self.weights[: len(self.centres)] + by_words, np.float32)


class ActClassifier:
    """Decides acts for the vectors of one encoder."""

    def __init__(self, encoder: Encoder, path: Path, examples: Examples | None = None) -> None:
        """Fit to the examples that ship, or others. What was fitted is kept in `path` for the next start.

        For the default model and the examples that ship nothing is fitted: `make fit` made acts.npz beside this module.
        Encoding and fitting take seconds; a file that is damaged, or of other examples or another model, is replaced.
        """
        examples = examples or Examples.load()
        self._generic = examples.generic
        self._wording = examples.wording()
        self._exact = examples.exact(self._wording)
        texts = examples.texts()
        key = hashlib.sha256(repr((_FORMAT, encoder.fingerprint, examples.shorthand, texts)).encode()).hexdigest()
        fitted = _read(SHIPPED, key) or _read(path, key)
        if fitted is None:
            features = [self._wording.features(self._wording.words(text)) for _, text in texts]
            rows = encoder.encode_queries([text for _, text in texts])
            fitted = Fitted.fit(rows, [act for act, _ in texts], features)
            _write(path, key, fitted)
        self._fitted = fitted

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
        act = self._exact.get(self._wording.words(asked))
        first, second = (asked, None) if act else self._parts(asked)
        act = act or self._exact.get(self._wording.words(first)) or self._act(asked, vector)
        if act in (Act.QUESTION, Act.SMALLTALK):
            return Decision(act, rest=rest if act is Act.QUESTION else None)
        topic = topic_of(first, self._generic) if act in _WITH_TOPIC else None
        return Decision(act, topic, second or rest)

    def certain(self, text: str) -> Act | None:
        """Return the act of a message that equals an example or is small talk; None when its vector has to decide."""
        if hear(text).kind is not None:
            return Act.SMALLTALK
        return self._exact.get(self._wording.words(text))

    def _act(self, text: str, vector: NDArray[np.float32]) -> Act:
        words = self._wording.words(text)
        if all(word == UNKNOWN for word in words):
            return Act.QUESTION
        scores = self._fitted.scores(vector, *self._wording.features(words))
        best = int(np.argmax(scores[1:])) + 1
        unknown = min(words.count(UNKNOWN), _MOST_UNKNOWN)
        lead = scores[best] - scores[0] - THRESHOLD_PER_UNKNOWN * unknown
        return _ACTS[best] if lead > THRESHOLD else Act.QUESTION

    def _parts(self, text: str) -> tuple[str, str | None]:
        """Split a message of two different acts, of which the second is certain by its words alone."""
        for gap in _SECOND.finditer(text):
            first, second = text[: gap.start()], text[gap.end() :]
            act = self._exact.get(self._wording.words(second), Act.QUESTION)
            if act not in (Act.QUESTION, Act.SMALLTALK, self._exact.get(self._wording.words(first))):
                return first, second
        return text, None


def _act_of_signs(text: str) -> Act:
    """Decide a message without letters and digits: question marks ask again, emoji and smileys are small talk."""
    if not text.strip():
        return Act.QUESTION
    return Act.CLARIFY if set(text.strip()) <= set("?!¿？❓❔ ") else Act.SMALLTALK


def _read(path: Path, key: str) -> Fitted | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if str(kept["key"]) == key:
                return Fitted(*(kept[name].astype(np.float32) for name in _ARRAYS))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        pass
    return None


def _write(path: Path, key: str, fitted: Fitted) -> None:
    """Replace the file at once; where that is not possible the next start fits again."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            written = Path(folder) / path.name
            with written.open("wb") as file:
                arrays = {name: getattr(fitted, name).astype(np.float16) for name in _ARRAYS}
                np.savez_compressed(file, key=np.array(key), **arrays)
            written.replace(path)
