"""Makes questions from sentences of a library by rules, to calibrate its confidence."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from index.text.tokens import DATE, NAME, NUMBER, TOKEN, tokenize
from index.text.words import STOP_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from index.generations.generation import Generation

_FEWEST_WORDS, _MOST_WORDS = 7, 60  # of a sentence that a question is made from
_OPENINGS = {DATE: ("When", "In what year"), NUMBER: ("How many", "How much"), NAME: ("Who", "What", "Where")}
_OTHER = ("What", "How", "Why")
_REACH = 7  # words on each side of the answer that a question may take up
_FEWEST_TAKEN = 2  # topic words in a question
_LOOKED_AT = 4_000  # sentences, evenly spread, of a larger library: bounds the time


@dataclass(frozen=True, slots=True)
class Degree:
    """How much a question differs from its sentence.

    `taken` is the share of topic words around the answer that the question repeats, `borrowed` the number of words
    from the neighbouring sentence, as in people's questions. With `common` the words that the library has most often
    are taken, as by people who do not know the text.
    """

    taken: float
    borrowed: int
    common: bool = False


@dataclass(frozen=True, slots=True)
class Synthetic:
    """A question, the number of its sentence, and the words that were left out: its answer."""

    text: str
    sentence: int
    answer: str


def made_of(
    generation: Generation, sentences: Sequence[int] | NDArray[np.int64], most: int, degrees: Sequence[Degree]
) -> list[Synthetic]:
    """Make at most `most` questions, one per sentence, from `sentences` (numbers), with the degrees in turn.

    Sentences are chosen by a hash of their text, so that one more document does not change all questions.
    """
    spread = map(int, sentences[:: -(-len(sentences) // _LOOKED_AT) or 1])
    hashed = sorted((zlib.crc32(_text(generation, number).encode()), number) for number in spread)
    made: list[Synthetic] = []
    for key, number in hashed:
        if len(made) == most:
            break
        question = _made(generation, number, key, degrees[len(made) % len(degrees)])
        if question is not None:
            made.append(question)
    return made


def _text(generation: Generation, number: int) -> str:
    sentence = generation.sentences[number]
    return generation.document_of(generation.passage_of[number]).text[sentence.start : sentence.end]


def _made(generation: Generation, number: int, key: int, degree: Degree) -> Synthetic | None:
    """Leave one run of words out of a sentence and ask for it with some of the words around it."""
    text = _text(generation, number)
    found = list(TOKEN.finditer(text))
    words = [match[0] for match in found]
    if not _FEWEST_WORDS <= len(words) <= _MOST_WORDS or text.endswith("?"):
        return None
    first, last, kind = _left_out(words, tokenize([text]).kinds[1:].tolist(), key)
    around = [*range(max(0, first - _REACH), first), *range(last, min(len(words), last + _REACH))]
    topical = [place for place in around if _carries_topic(words[place])]
    count = max(_FEWEST_TAKEN, round(degree.taken * len(topical)))
    if degree.common:
        topical.sort(key=lambda place: generation.lexical_overlap.rarity(words[place].lower()))
    taken = set(topical[:count] if degree.common else _some(topical, count, key))
    if len(taken) < _FEWEST_TAKEN:
        return None
    openings = _OPENINGS.get(kind, _OTHER)
    asked = [openings[key % len(openings)], *_phrases(around, taken, words)]
    borrowed = _borrowed(generation, number, key, degree.borrowed)
    if borrowed:
        asked += ["in", *borrowed]
    return Synthetic(" ".join(asked) + "?", number, text[found[first].start() : found[last - 1].end()])


def _left_out(words: Sequence[str], kinds: Sequence[int], key: int) -> tuple[int, int, int]:
    """Choose the answer: a date, number, name, or three words from a topic word on; return (first, end, kind)."""
    runs: list[tuple[int, int, int]] = []
    place = 0
    for kind, run in groupby(next((kind for kind in (DATE, NUMBER, NAME) if bits & kind), 0) for bits in kinds):
        first, place = place, place + len([*run])
        if kind:
            runs.append((first, place, kind))
    topical = [place for place, word in enumerate(words) if _carries_topic(word)] or [0]
    other = topical[key // 7 % len(topical)]
    choices = [*runs, (other, min(len(words), other + 3), 0)]
    return choices[key // 11 % len(choices)]


def _carries_topic(word: str) -> bool:
    return word.lower() not in STOP_WORDS


def _some(places: Sequence[int], count: int, key: int) -> list[int]:
    """Choose `count` places pseudo-randomly, in ascending order."""
    return sorted(sorted(places, key=lambda place: zlib.crc32(f"{key} {place}".encode()))[:count])


def _phrases(around: Sequence[int], taken: set[int], words: Sequence[str]) -> list[str]:
    """Return the taken words, each with up to two stop words before it: "of the harbour"."""
    kept: list[str] = []
    waiting: list[str] = []
    for place in around:
        if place in taken:
            kept += [*waiting[-2:], words[place]]
            waiting = []
        else:
            waiting = [] if _carries_topic(words[place]) else [*waiting, words[place]]
    return kept


def _borrowed(generation: Generation, number: int, key: int, count: int) -> list[str]:
    """Return topic words of the sentence before, or of the next one for the first sentence of a passage."""
    passage = generation.passage_of[number]
    first, last = generation.sentence_starts[passage : passage + 2].tolist()
    neighbour = number - 1 if number > first else number + 1
    if not count or neighbour >= last:
        return []
    words = TOKEN.findall(_text(generation, neighbour))
    topical = [place for place, word in enumerate(words) if _carries_topic(word)]
    return [words[place] for place in _some(topical, count, key)]
