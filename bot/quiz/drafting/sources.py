"""Drafts questions for the document, or the section of one, that a sentence is from."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.quiz.drafting.concordance import Sort
from bot.quiz.drafting.drafts import is_named, shortened
from bot.quiz.drafting.vocabulary import FUNCTION_WORDS
from index.text.words import all_words, stem
from prompts import words

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from bot.quiz.drafting.concordance import Statement
    from bot.quiz.drafting.inventory import Inventory
    from index.models.encoder import Encoder

WRONG = 3
_FEWEST_DOCUMENTS, _FEWEST_HEADINGS = 3, 4
_FEWEST_PHRASES = 2  # names and numbers: a sentence without them could be from anywhere
_ALIKE = 0.3  # cosine of two titles from which they are about similar things
_NEARER = 1  # wrong options nearer in meaning than the right one, so that nearness does not tell it
_POINTS_ELSEWHERE = re.compile(r"\b(?:see|please)\b", re.IGNORECASE)
_LONGEST = 320  # characters of the sentence
_WORTH = 0.5


@dataclass(frozen=True, slots=True)
class SourceCandidate:
    """A sentence, the title or heading it is under, and the other titles or headings."""

    statement: Statement
    right: str
    others: tuple[str, ...]
    is_section: bool
    score: float = _WORTH


def source_candidates(
    statements: Iterable[Statement], inventory: Inventory, main: Collection[int] = ()
) -> Iterator[SourceCandidate]:
    """Find sentences that have no word which tells their title or heading from the others; none with too few of these.

    A main sentence (by its number) tells enough without names and numbers.
    """
    concordance = inventory.concordance
    titles = list(dict.fromkeys(shortened(each.title) for each in concordance.documents if is_named(each)))
    headings: dict[int, dict[str, None]] = {}
    for statement in concordance.statements:
        if statement.heading:
            headings.setdefault(statement.document, {})[shortened(statement.heading)] = None
    for statement in statements:
        sections = list(headings.get(statement.document, ()))
        is_section = len(sections) >= _FEWEST_HEADINGS and bool(statement.heading)
        options = sections if is_section else titles
        right = shortened(statement.heading if is_section else concordance.documents[statement.document].title)
        stems = concordance.stems[statement.number]
        if any((own := _words(option) - _shared(options)) and own <= stems for option in options):
            continue  # names a heading, be it another one
        if (
            (is_section or len(titles) >= _FEWEST_DOCUMENTS)
            and len(statement.text) <= _LONGEST
            and (statement.number in main or _tells_enough(statement, inventory))
            and not (_words(right) - _shared(options)) & stems
            and (is_section or right in titles)
            and not _POINTS_ELSEWHERE.search(statement.text)
            and concordance.is_unique(statement)
        ):
            others = tuple(option for option in options if option != right and not _words(option) <= _words(right))
            yield SourceCandidate(statement, right, others, is_section)


def source_rows(
    candidates: Sequence[SourceCandidate], encoder: Encoder, rng: random.Random
) -> Iterator[tuple[SourceCandidate, dict[str, Any]]]:
    """Pick wrong options, at least one of them nearer in meaning than the right one; else leave the sentence out."""
    questions = [_question(candidate) for candidate in candidates]
    options = list(dict.fromkeys(each for c in candidates for each in (c.right, *c.others)))
    rows = dict(zip(options, encoder.encode_documents(options), strict=True)) if options else {}
    asked = encoder.encode_queries(questions)
    for candidate, question, row in zip(candidates, questions, asked, strict=True):
        right = float(rows[candidate.right] @ row)
        alike = [text for text in candidate.others if float(rows[text] @ rows[candidate.right]) >= _ALIKE]
        by_nearness = sorted(alike, key=lambda text: -float(rows[text] @ row))
        nearer = [text for text in by_nearness if float(rows[text] @ row) > right]
        if len(nearer) < _NEARER or len(alike) < WRONG:
            continue
        first = nearer[: rng.randint(_NEARER, WRONG)]
        wrong = [*first, *(text for text in by_nearness if text not in first)][:WRONG]
        said = {"question": question, "right": candidate.right, "wrong": sorted(wrong)}
        yield candidate, {"kind": "choice", **said, "quote": candidate.statement.text}


def _question(candidate: SourceCandidate) -> str:
    quote = " ".join(candidate.statement.text.split())
    return words("quiz.draft.which_section" if candidate.is_section else "quiz.draft.which_document", quote=quote)


def _shared(titles: Sequence[str]) -> set[str]:
    """Return the words of more than half of some titles: they tell none of them apart."""
    counts = Counter(word for title in titles for word in _words(title))
    return {word for word, count in counts.items() if 2 * count > len(titles)}


def _tells_enough(statement: Statement, inventory: Inventory) -> bool:
    return sum(each.sort is not Sort.TERM for each in inventory.phrases(statement)) >= _FEWEST_PHRASES


def _words(title: str) -> set[str]:
    return {stem(word) for word in all_words(title) if word not in FUNCTION_WORDS}
