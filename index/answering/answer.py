"""Decides what to say: which sentences to quote, and whether they answer the question at all."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from index.answering.follow_up import stand_alone
from index.answering.question import Comparison, comparison_in
from index.answering.ranking import Ranking, search
from index.answering.reranker import reranked
from index.answering.weights import Weights, default_weights
from index.documents.decoding import without_surrogates
from index.text.noise import is_damaged, mended
from index.text.words import stems, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.answering.reranker import Reranker
    from index.documents.document import Document
    from index.generations.generation import Generation
    from index.generations.texts import Texts
    from index.models.encoder import Encoder
    from index.text.passages import Passage

_QUOTES = 3
_MORE = 5
_PASSAGES = 10
_FEWEST_WORDS = 4
_FACING = 12  # sentences of each side that may face each other
_PARALLEL = 10.0  # what it is worth that facing quotes speak of the same, against the fitted score
_BOTH = 2.0  # what it costs a facing quote to speak of the other side too
_ONLY_SAYS_SO = 6.0  # what it costs one that does to say that the sides differ or do not
_BESIDE_THE_TOPIC = -6.0  # a facing quote this far from the best sentence on the topic is not about it
_SAYS_SO = frozenset(
    stems("differ difference different differently distinct distinction same parallels contrast compare")
)
_TOPICLESS = 0.3  # how much the score still counts when no topic is named, and the words of comparing made it


class Outcome(StrEnum):
    """What a person is told about the quotes."""

    ANSWER = "answer"
    CLOSEST = "closest"
    NOT_COVERED = "not_covered"


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a document, exact to the character: `text == source_text[start:end]`.

    `score` is how likely these words answer, 0..1; `sha256` is that of the text; `paragraph` counts from 1, and so does
    `page`, None where the document has no pages.
    """

    text: str
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
    """What the library says to one question.

    `quotes` are the best, best first (in a comparison: one for each side, then the best of the rest), whatever the
    outcome: whoever shows them must say so by the outcome. `more` are the next ones. `confidence` is 0..1.
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


def answer(
    generation: Generation,
    encoder: Encoder,
    questions: Sequence[Asked],
    weights: Weights | None = None,
    reranker: Reranker | None = None,
) -> list[Answer]:
    """Answer questions together, in order: everything that has to be encoded for them is encoded in one pass.

    Without `weights` the outcome follows the thresholds that were calibrated for this library, if any were.
    """
    weights = weights or _calibrated(generation)
    understood = [
        stand_alone(without_surrogates(asked.text), [*map(without_surrogates, asked.history)], encoder)
        for asked in questions
    ]
    compared = [comparison_in(text) for text in understood]
    texts = list(understood)
    for comparison in compared:
        if comparison is not None:
            texts += [f"{comparison.topic} {side}".strip() for side in (comparison.first, comparison.second)]
    rankings = iter(search(generation, encoder, texts, weights))
    main = [next(rankings) for _ in understood]
    if reranker is not None:
        main = [reranked(found, generation, text, reranker) for found, text in zip(main, understood, strict=True)]
    answers = []
    for asked, text, ranking, comparison in zip(questions, understood, main, compared, strict=True):
        sides = (next(rankings), next(rankings)) if comparison is not None else None
        answers.append(_Decision(generation, weights, ranking).answer(asked.text, text, comparison, sides))
    return answers


def _calibrated(generation: Generation) -> Weights:
    fitted = generation.calibration
    if fitted is None:
        return default_weights()
    return replace(default_weights(), answer_from=fitted.answer_from, closest_from=fitted.closest_from)


def quote_at(texts: Texts, document_id: str, start: int, end: int) -> Quote:
    """Quote a place of a document, with no score; raises GenerationError when it is not in the library."""
    passage = texts.passages[texts.passage_index_at(document_id, start)]
    return _quote(texts.document(document_id), passage, start, end)


def _quote(
    document: Document, passage: Passage, start: int, end: int, *, score: float = 0.0, side: str | None = None
) -> Quote:
    text = document.text[start:end]
    return Quote(
        text=text,
        document=document.id,
        title=document.title,
        start=start,
        end=end,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        score=score,
        paragraph=passage.number,
        heading=passage.heading,
        side=side,
        page=document.page_at(start),
    )


class _Decision:
    """One question's way from a ranking to an answer."""

    def __init__(self, generation: Generation, weights: Weights, ranking: Ranking) -> None:
        self._generation = generation
        self._weights = weights
        self._ranking = ranking
        logit = float(ranking.evidence @ weights.evidence) + weights.bias
        self._confidence = 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))

    def answer(
        self,
        question: str,
        understood: str,
        comparison: Comparison | None,
        sides: tuple[Ranking, Ranking] | None,
    ) -> Answer:
        facing = self._facing(comparison, sides) if comparison is not None and sides is not None else []
        shown = {number for number, _ in facing}
        best = float(self._ranking.scores[0])
        rest = (self._quote(number, score - best) for number, score in self._readable() if number not in shown)
        quotes = [quote for _, quote in facing]
        ordered = [*quotes, *islice(rest, _QUOTES + _MORE - len(quotes))]
        nothing_asked = not words(understood)
        return Answer(
            question=question,
            understood=understood,
            outcome=Outcome.NOT_COVERED if nothing_asked else self._outcome(),
            confidence=0.0 if nothing_asked else self._confidence,
            quotes=tuple(ordered[:_QUOTES]),
            more=tuple(ordered[_QUOTES:]),
            passages=tuple(self._passages()),
            sides=(comparison.first, comparison.second) if comparison is not None and facing else None,
            generation=self._generation.id,
        )

    def _outcome(self) -> Outcome:
        if self._confidence >= self._weights.answer_from:
            return Outcome.ANSWER
        return Outcome.CLOSEST if self._confidence >= self._weights.closest_from else Outcome.NOT_COVERED

    def _readable(self) -> Iterator[tuple[int, float]]:
        """Give the ranked sentences that say something by themselves: no bare question, no fragment, none twice."""
        seen: set[str] = set()
        for number, score in self._ranking.with_damaged_later(lambda number: is_damaged(self._text(number))):
            text = mended(self._text(number))
            if len(text.split()) >= _FEWEST_WORDS and not text.endswith("?") and text not in seen:
                seen.add(text)
                yield number, score

    def _facing(self, comparison: Comparison, sides: tuple[Ranking, Ranking]) -> list[tuple[int, Quote]]:
        """Find two sentences, one of each side, that answer well and speak of the same; none when a side has none."""
        names = (comparison.first, comparison.second)
        counts = 1.0
        if not comparison.topic:
            sides, counts = (self._ranking, self._ranking), _TOPICLESS
        found = [
            self._speaking_of(ranking, own, other)
            for ranking, own, other in zip(sides, names, reversed(names), strict=True)
        ]
        rows = self._generation.sentence_vectors.vectors
        pairs = [
            (counts * (score + other_score) + _PARALLEL * float(rows[number] @ rows[other]), number, other)
            for number, score in found[0]
            for other, other_score in found[1]
            if number != other and (not comparison.topic or min(score, other_score) > _BESIDE_THE_TOPIC)
        ]
        if not pairs:
            return []
        _, *chosen = max(pairs)
        return [
            (n, self._quote(n, float(dict(f)[n]), side=side)) for n, f, side in zip(chosen, found, names, strict=True)
        ]

    def _speaking_of(self, ranking: Ranking, own: str, other: str) -> list[tuple[int, float]]:
        """Give the best sentences that speak of one side first, with the distance of their score from the best."""
        wanted, unwanted = self._stems(own), self._stems(other)
        found = []
        for number, score in _Decision(self._generation, self._weights, ranking)._readable():
            said = self._stems(self._text(number))
            if not set(wanted) <= set(said):
                continue
            both = bool(set(unwanted) & set(said))
            if both and min(map(said.index, wanted)) > min(said.index(word) for word in unwanted if word in said):
                continue
            cost = both * (_BOTH + _ONLY_SAYS_SO * bool(_SAYS_SO & set(said)))
            found.append((number, score - float(ranking.scores[0]) - cost))
        return sorted(found, key=lambda item: -item[1])[:_FACING]

    def _stems(self, text: str) -> list[str]:
        return stems(self._generation.aliases.canonical(text))

    def _text(self, number: int) -> str:
        sentence = self._generation.sentences[number]
        return self._generation.document_of(self._generation.passage_of[number]).text[sentence.start : sentence.end]

    def _quote(self, number: int, distance: float, side: str | None = None) -> Quote:
        """Quote a sentence; `distance` is that of its score from the best one's, at most 0."""
        sentence, passage = self._generation.sentences[number], self._generation.passage_of[number]
        return _quote(
            self._generation.document_of(passage),
            self._generation.passages[passage],
            sentence.start,
            sentence.end,
            score=self._confidence * math.exp(min(0.0, distance)),
            side=side,
        )

    def _passages(self) -> Iterator[PassageHit]:
        best = float(self._ranking.scores[0])
        for number, score in self._ranking.passages(self._generation)[:_PASSAGES]:
            passage = self._generation.passages[number]
            yield PassageHit(
                passage.document,
                passage.start,
                passage.end,
                self._confidence * math.exp(min(0.0, score - best)),
            )
