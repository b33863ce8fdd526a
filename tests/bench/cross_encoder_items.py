"""Makes what the cross-encoder is trained on: questions, and windows of sentences that answer them or do not.

The windows are what the search finds for each question in a library of its set: what the cross-encoder will be asked
about.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from index.answering.ranking import search
from index.errors import GenerationError
from tests.bench import sets
from tests.bench.quality import folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.generations.generation import Generation
    from index.models.encoder import Encoder
    from tests.bench.sets import Question, QuestionSet

# Sets in which other documents answer many questions just as well ("How is the sound?"), so only windows of the
# document that was asked about are wrong; and one in which other windows of the same document may answer, too.
_ONLY_OWN_DOCUMENT = ("molweni-test", "qasper-dev-evidence", "squadshifts-amazon-reviews")
_NO_OTHERS = ("squadshifts-amazon-reviews",)
_MOST = {"molweni-test": 1200, "qasper-dev-evidence": 700}  # questions, where many are alike or odd
_EVERY = 7  # of the documents of a set, one in so many is held out
_SEARCHED = 8  # best sentences of which windows are made
_WITH_NEIGHBOUR = 0.8  # probability that the sentence before is in a window, and that the one after is
_NEIGHBOUR = 300  # characters: the longest of them
_CUT, _EXCHANGED = 0.15, 0.15  # shares of answerable questions: the answer cut out; a name or number exchanged
_TOGETHER = 32
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_NAME = re.compile(r"(?<=[a-z,] )(?:[A-Z][\w-]+)(?: [A-Z][\w-]+)*")


@dataclass(frozen=True, slots=True)
class Item:
    """A question, a text, and where in it the answer stands, in code points; nowhere when it does not answer."""

    question: str
    text: str
    spans: tuple[tuple[int, int], ...]


def held_out(found: QuestionSet) -> frozenset[str]:
    """Name the documents of a set that the cross-encoder is not trained on, so that it can be calibrated on them."""
    return frozenset(sorted(found.documents)[::_EVERY])


def held_out_questions(found: QuestionSet, generation: Generation, encoder: Encoder) -> Iterator[Question]:
    """Yield the questions that it is not trained on; one without an answer is about the document found first."""
    hidden = held_out(found)
    open_ones = [question for question in found.questions if not question.gold]
    first = _searched(generation, encoder, open_ones)
    about = {id(question): generation.sentence(numbers[0]).document.id for question, numbers in first if numbers}
    for question in found.questions:
        document = question.gold[0].document if question.gold else about.get(id(question))
        if document in hidden:
            yield question


def _searched(
    generation: Generation, encoder: Encoder, questions: Sequence[Question]
) -> Iterator[tuple[Question, list[int]]]:
    """Yield each question with the best sentences for it."""
    for first in range(0, len(questions), _TOGETHER):
        batch = questions[first : first + _TOGETHER]
        rankings = search(generation, encoder, [question.text for question in batch])
        for question, ranking in zip(batch, rankings, strict=True):
            yield question, [number for number, _ in islice(ranking.self_contained(generation), _SEARCHED)]


class Source:
    """The questions of one set with what the search finds for them."""

    def __init__(self, found: QuestionSet, generation: Generation, encoder: Encoder) -> None:
        """Search in the library of the set; takes minutes."""
        self.name, self._generation = found.name, generation
        hidden = {id(question) for question in held_out_questions(found, generation, encoder)}
        own = [question for question in found.questions if id(question) not in hidden]
        asked = random.Random(1).sample(own, min(_MOST.get(found.name, len(own)), len(own)))
        self._asked = [*_searched(generation, encoder, asked)]

    def items(self, rng: random.Random) -> Iterator[Item]:
        """Yield one epoch: for each question a text that answers it, and such as do not."""
        for question, best in self._asked:
            windows = [(number, self._window(question, number, rng)) for number in best]
            right = [item for _, item in windows if item.spans] or [*self._of_gold(question, rng)]
            wrong = [item for number, item in windows if not item.spans and self._may_be_wrong(question, number)]
            if right:
                chosen = rng.choice(right[:3])
                yield chosen
                yield from self._spoilt(chosen, rng)
            nearest, others = wrong[:1], wrong[1:]
            yield from nearest
            yield from rng.sample(others, min(len(others), 1 if right else 0))

    def _may_be_wrong(self, question: Question, number: int) -> bool:
        if self.name not in _ONLY_OWN_DOCUMENT or not question.gold:
            return True
        document = self._generation.sentence(number).document.id
        return self.name not in _NO_OTHERS and document == question.gold[0].document

    def _of_gold(self, question: Question, rng: random.Random) -> Iterator[Item]:
        """Yield a window around a gold place that the search did not find."""
        for gold in question.gold[:1]:
            texts, starts = self._generation.texts, self._generation.sentence_starts
            try:
                passage = texts.passage_index_at(gold.document, gold.start)
            except GenerationError:  # it stands in what is never quoted
                return
            last = starts[passage + 1] if passage + 1 < len(starts) else len(self._generation.sentences)
            for number in range(int(starts[passage]), int(last)):
                if self._generation.sentences[number].end > gold.start:
                    yield self._window(question, number, rng)
                    return

    def _window(self, question: Question, number: int, rng: random.Random) -> Item:
        """Cut out a sentence, mostly with the ones before and after it."""
        sentences, passage_of = self._generation.sentences, self._generation.passage_of
        first = last = number
        for other in (number - 1, number + 1):
            if (
                0 <= other < len(sentences)
                and passage_of[other] == passage_of[number]
                and sentences[other].end - sentences[other].start <= _NEIGHBOUR
                and rng.random() < _WITH_NEIGHBOUR
            ):
                first, last = min(first, other), max(last, other)
        document, start, end = self._generation.sentence(number).document, sentences[first].start, sentences[last].end
        spans = (
            (max(gold.start, start) - start, min(gold.end, end) - start)
            for gold in question.gold
            if gold.document == document.id and gold.start < end and start < gold.end
        )
        return Item(question.text, document.text[start:end], tuple(spans))

    def _spoilt(self, item: Item, rng: random.Random) -> Iterator[Item]:
        """Yield, of some, a copy that no longer answers: the answer's sentences cut out, or the question altered."""
        chance = rng.random()
        if chance < _CUT:
            kept = [
                (start, end)
                for start, end in _sentences(item.text)
                if not any(start < last and first < end for first, last in item.spans)
            ]
            rest = " ".join(item.text[start:end] for start, end in kept)
            if rest and not any(item.text[a:b].casefold() in rest.casefold() for a, b in item.spans):
                yield Item(item.question, rest, ())
        elif chance < _CUT + _EXCHANGED:
            for pattern in rng.sample([_NUMBER, _NAME], 2):
                said = [*pattern.finditer(item.question)]
                if not said:
                    continue
                place = rng.choice(said)
                others = sorted({each for each in pattern.findall(item.text) if not _alike(each, place.group())})
                if others:
                    altered = item.question[: place.start()] + rng.choice(others) + item.question[place.end() :]
                    yield Item(altered, item.text, ())
                    return


def _alike(one: str, other: str) -> bool:
    return one.casefold() in other.casefold() or other.casefold() in one.casefold()


def _sentences(text: str) -> list[tuple[int, int]]:
    ends = [found.end() for found in re.finditer(r"[.!?]\s+|\n+", text)]
    return [*zip([0, *ends], [*ends, len(text)], strict=True)]


def source(name: str, encoder: Encoder) -> Source:
    """Read a set, build its library, or open it, and search."""
    found = sets.read(name)
    if found is None:
        raise SystemExit(f"{name} is not there: set BENCH_DATA to the folder that holds it.")
    return Source(found, sets.library(found, folder() / "cross_encoder" / name, encoder), encoder)


def epoch(sources: Sequence[Source], seed: int) -> list[Item]:
    """Give the items of all sets in one order that the seed decides."""
    rng = random.Random(seed)
    found = [item for source in sources for item in source.items(rng)]
    rng.shuffle(found)
    return found


def by_length(items: Sequence[Item], rng: random.Random, batch: int) -> Iterator[list[Item]]:
    """Yield batches of items of similar length, in an order that changes: little is spent on padding."""
    pool = 40 * batch
    chunks = [items[first : first + pool] for first in range(0, len(items), pool)]
    batches: list[list[Item]] = []
    for chunk in chunks:
        ordered = sorted(chunk, key=lambda item: len(item.question) + len(item.text))
        own = [ordered[first : first + batch] for first in range(0, len(ordered), batch)]
        rng.shuffle(own)
        batches += own
    yield from batches
