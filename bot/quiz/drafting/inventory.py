"""Collect the phrases of a library by sort and form; wrong options are chosen from them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bot.quiz.drafting.concordance import Phrase, Sort
from bot.quiz.drafting.misfit import Cloze
from bot.quiz.drafting.names import Names
from bot.quiz.drafting.numbers import numbers, value_of, years_in
from bot.quiz.drafting.terms import Terms
from bot.quiz.drafting.vocabulary import BROAD_PLACES

if TYPE_CHECKING:
    import random

    from bot.quiz.drafting.concordance import Concordance, Statement
    from index.models.encoder import Encoder

POOL = 24
ENOUGH = 4
_POOL_OF_OTHERS = 60
_TRIED = 120
_LONGER, _WORD = 1.5, 12  # as in bot/quiz/check.py: options of like length
_FIGURE = re.compile(r"\d+(?:[,.]\d+)*")
_NEAREST_YEARS = 90
_NEAR_YEARS = 20
_LEAST_YEARS = 2
_LEAST_ABOUT = 8  # "about 1830" is true of 1832
_ABOUT = re.compile(r"\b(?:around|about|circa|c\.) \Z", re.IGNORECASE)
_MAGNITUDE = 10.0
_APART = 1.3


class Inventory:
    """All phrases of a library and the documents that contain them."""

    def __init__(self, concordance: Concordance, encoder: Encoder) -> None:
        self._concordance = concordance
        self.names = Names((statement.text for statement in concordance.statements), encoder)
        self.terms = Terms((statement.document, statement.text) for statement in concordance.statements)
        self._found: dict[str, tuple[Phrase, ...]] = {}
        self._by_form: defaultdict[tuple[Sort, tuple[str, ...]], dict[str, set[int]]] = defaultdict(dict)
        self._kinds: defaultdict[str, set[str]] = defaultdict(set)
        for statement in concordance.statements:
            for phrase in self.phrases(statement):
                self._by_form[phrase.sort, _slot(phrase)].setdefault(phrase.text, set()).add(statement.document)
                self._kinds[phrase.text].add(phrase.unit)

    def phrases(self, statement: Statement) -> tuple[Phrase, ...]:
        """List the numbers, names and terms of a sentence, in this order."""
        text = statement.text
        if text not in self._found:
            terms = self.terms.find(statement.document, text)
            self._found[text] = (*numbers(text), *self._outside(text), *terms)
        return self._found[text]

    def title_of(self, statement: Statement) -> str:
        """Return the title of a sentence's document."""
        return self._concordance.documents[statement.document].title

    def _outside(self, text: str) -> Iterator[Phrase]:
        """Yield the names that contain no date or number."""
        taken = list(numbers(text))
        for name in self.names.find(text):
            if not any(name.overlaps(number) for number in taken):
                yield name

    def wrong_options(self, gap: Cloze, rng: random.Random) -> list[str]:
        """Find up to POOL phrases of the gap's sort and form, best first, each proved not to fit."""
        is_number = gap.phrase.sort not in (Sort.NAME, Sort.TERM)
        most = _POOL_OF_OTHERS if is_other(gap.phrase) else POOL
        same_document: list[str] = []
        other_documents: list[str] = []
        known = self._by_form[gap.phrase.sort, _slot(gap.phrase)]
        for option in self._candidates(gap, rng):
            pool = same_document if gap.statement.document in known[option] else other_documents
            if len(pool) < most and _alike_in_length(option, gap.phrase.text) and gap.excludes(option, near=is_number):
                pool.append(option)
        # A name or term from another document is easy to tell from those of this one.
        if not is_number and len(same_document) >= ENOUGH:
            return same_document
        return [*same_document, *other_documents][:most]

    def _candidates(self, gap: Cloze, rng: random.Random) -> list[str]:
        phrase, document = gap.phrase, gap.statement.document
        known = self._by_form[phrase.sort, _slot(phrase)]
        others = [text for text in known if text != phrase.text]
        rng.shuffle(others)
        match phrase.sort:
            case Sort.YEAR | Sort.DECADE:
                others = [text for text in others if _same_order(gap.statement, phrase, text)]
                others.sort(key=lambda text: (_far(phrase, text), document not in known[text], rng.random()))
            case Sort.QUANTITY:
                right = value_of(phrase.text)
                figures = [value_of(each) for each in _FIGURE.findall(gap.statement.text) if each != phrase.text]
                others = [text for text in others if _comparable(right, value_of(text), figures)]
                others.sort(key=lambda text: (phrase.unit not in self._kinds[text], document not in known[text]))
            case Sort.TERM:
                others = [text for text in others if document in known[text]]
            case Sort.NAME:
                if phrase.form[0] == "person":  # general knowledge rules a famous person in or out
                    others = [text for text in others if not self.names.is_known_everywhere(text)]
                broad = phrase.form[0] in ("place", "country", "other")
                others = [text for text in others if not (broad and text.casefold().split()[-1] in BROAD_PLACES)]
                # A siege needs other sieges beside it, and what stands before "dynasty" other dynasties.
                if phrase.form[-1] != "modifier" or phrase.form[0] != "people":
                    others = [text for text in others if phrase.unit in self._kinds[text]]
                others.sort(
                    key=lambda text: (
                        phrase.unit not in self._kinds[text],
                        document not in known[text],
                        abs(len(text.split()) - len(phrase.text.split())),
                    )
                )
        return others[:_TRIED]


def is_other(phrase: Phrase) -> bool:
    """Return whether a phrase is a name whose sense is not known."""
    return phrase.sort is Sort.NAME and phrase.form[0] == "other"


def _slot(phrase: Phrase) -> tuple[str, ...]:
    """Return the form that a replacement must have; a possessive is a noun with an ending."""
    if phrase.sort is not Sort.NAME:
        return phrase.form
    sense, article, number, use = phrase.form
    return (sense, article, number, "noun" if use == "owner" else use)


def _same_order(statement: Statement, phrase: Phrase, option: str) -> bool:
    """Return whether a year is near the right one and on the same side of every other year in the sentence."""
    right, wrong = value_of(phrase.text), value_of(option)
    others = [year for year, start in years_in(statement.text) if start != phrase.start]
    least = _LEAST_ABOUT if _ABOUT.search(statement.text[: phrase.start]) else _LEAST_YEARS
    return (
        least <= abs(right - wrong) <= _NEAREST_YEARS
        and wrong not in others
        and all((right < year) == (wrong < year) for year in others)
    )


def _far(phrase: Phrase, option: str) -> bool:
    return abs(value_of(phrase.text) - value_of(option)) > _NEAR_YEARS


def _comparable(right: float, wrong: float, figures: Sequence[float]) -> bool:
    """Return whether a quantity is near the right one, and larger and smaller than the same other figures."""
    low, high = sorted((right, wrong))
    near = low > 0 and _APART <= high / low <= _MAGNITUDE
    return near and wrong not in figures and all((right < each) == (wrong < each) for each in figures)


def _alike_in_length(option: str, right: str) -> bool:
    short, long = sorted((len(option), len(right)))
    return long <= 1.3 * short + 6
