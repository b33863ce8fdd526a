"""Collect the phrases of a library by sort and form; wrong options are chosen from them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
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

POOL = 24  # wrong options of a gap
_POOL_UNKNOWN_SENSE = 60  # of a name whose sense is not known: most of these are dropped later
_TRIED = 120  # phrases that are tried for one gap
_ENOUGH = 4  # wrong options from the same document
_LONGER, _LONGER_CHARACTERS = 1.3, 6  # no option is longer than 1.3 times the shortest plus 6 characters
_FIGURE = re.compile(r"\d+(?:[,.]\d+)*")
_NEAR_YEARS, _FARTHEST_YEARS = 20, 90  # years from the right one: preferred, allowed
_LEAST_YEARS, _LEAST_YEARS_ABOUT = 2, 8  # "about 1830" is true of 1832
_ABOUT = re.compile(r"\b(?:around|about|circa|c\.) \Z", re.IGNORECASE)
_LEAST_RATIO, _MOST_RATIO = 1.3, 10.0  # of a wrong quantity and the right one, the larger to the smaller


class Inventory:
    """All phrases of a library and the documents that contain them."""

    def __init__(self, concordance: Concordance, encoder: Encoder) -> None:
        self.concordance = concordance
        self.names = Names((statement.text for statement in concordance.statements), encoder)
        self.terms = Terms((statement.document, statement.text) for statement in concordance.statements)
        self._found: dict[str, tuple[Phrase, ...]] = {}
        self._by_form: defaultdict[tuple[Sort, tuple[str, ...]], dict[str, set[int]]] = defaultdict(dict)
        self._units: defaultdict[str, set[str]] = defaultdict(set)
        for statement in concordance.statements:
            for phrase in self.phrases(statement):
                self._by_form[phrase.sort, _slot(phrase)].setdefault(phrase.text, set()).add(statement.document)
                self._units[phrase.text].add(phrase.unit)

    def phrases(self, statement: Statement) -> tuple[Phrase, ...]:
        """Return the numbers, the names without a number in them and the terms of a sentence, in this order."""
        text = statement.text
        if text not in self._found:
            found = tuple(numbers(text))
            names = (name for name in self.names.find(text) if not any(map(name.overlaps, found)))
            self._found[text] = (*found, *names, *self.terms.find(statement.document, text))
        return self._found[text]

    def title_of(self, statement: Statement) -> str:
        """Return the title of a sentence's document."""
        return self.concordance.documents[statement.document].title

    def wrong_options(self, gap: Cloze, rng: random.Random) -> list[str]:
        """Find up to POOL phrases of the gap's sort and form, best first, each proved not to fit.

        "Governor Peter Lammers opened the lock in 1631." with the gap 1631 -> ["1635", "1641", "1644", ...]
        """
        is_number = gap.phrase.sort not in (Sort.NAME, Sort.TERM)
        most = _POOL_UNKNOWN_SENSE if has_unknown_sense(gap.phrase) else POOL
        documents_of = self._by_form[gap.phrase.sort, _slot(gap.phrase)]
        same_document: list[str] = []
        other_documents: list[str] = []
        for option in self._candidates(gap, documents_of, rng):
            pool = same_document if gap.statement.document in documents_of[option] else other_documents
            if len(pool) < most and _alike_in_length(option, gap.phrase.text) and gap.excludes(option, near=is_number):
                pool.append(option)
        # A name or term from another document is easy to tell from those of this one.
        if not is_number and len(same_document) >= _ENOUGH:
            return same_document
        return [*same_document, *other_documents][:most]

    def _candidates(self, gap: Cloze, documents_of: Mapping[str, set[int]], rng: random.Random) -> list[str]:
        """List phrases that may be wrong options, the most plausible first; in random order among equals."""
        phrase, statement = gap.phrase, gap.statement
        options = [text for text in documents_of if text != phrase.text]
        rng.shuffle(options)

        # Keys to sort by: False comes before True.
        def is_elsewhere(option: str) -> bool:
            return statement.document not in documents_of[option]

        def has_other_unit(option: str) -> bool:
            return phrase.unit not in self._units[option]

        match phrase.sort:
            case Sort.YEAR | Sort.DECADE:
                options = [option for option in options if _same_order(statement, phrase, option)]
                options.sort(key=lambda option: (_is_far(phrase, option), is_elsewhere(option), rng.random()))
            case Sort.QUANTITY:
                others = [value_of(each) for each in _FIGURE.findall(statement.text) if each != phrase.text]
                options = [option for option in options if _comparable(phrase, option, others)]
                options.sort(key=lambda option: (has_other_unit(option), is_elsewhere(option)))
            case Sort.TERM:
                options = [option for option in options if not is_elsewhere(option)]
            case Sort.NAME:
                sense, *_, use = phrase.form
                if sense == "person":  # general knowledge rules a famous person in or out
                    options = [option for option in options if not self.names.is_known_everywhere(option)]
                if sense in ("place", "country", "other"):
                    options = [option for option in options if option.casefold().split()[-1] not in BROAD_PLACES]
                # A siege needs other sieges beside it, and what stands before "dynasty" other dynasties.
                if (sense, use) != ("people", "modifier"):
                    options = [option for option in options if not has_other_unit(option)]
                length = len(phrase.text.split())
                options.sort(
                    key=lambda option: (
                        has_other_unit(option),
                        is_elsewhere(option),
                        abs(len(option.split()) - length),
                    )
                )
        return options[:_TRIED]


def has_unknown_sense(phrase: Phrase) -> bool:
    """Return whether a phrase is a name whose sense is not known."""
    return phrase.sort is Sort.NAME and phrase.form[0] == "other"


def _slot(phrase: Phrase) -> tuple[str, ...]:
    """Return the form that a replacement must have; a possessive is a noun with an ending."""
    if phrase.sort is not Sort.NAME:
        return phrase.form
    *form, use = phrase.form
    return (*form, "noun" if use == "owner" else use)


def _same_order(statement: Statement, phrase: Phrase, option: str) -> bool:
    """Return whether a year is near the right one and on the same side of every other year in the sentence."""
    right, wrong = value_of(phrase.text), value_of(option)
    others = [year for year, start in years_in(statement.text) if start != phrase.start]
    least = _LEAST_YEARS_ABOUT if _ABOUT.search(statement.text[: phrase.start]) else _LEAST_YEARS
    return least <= abs(right - wrong) <= _FARTHEST_YEARS and _same_side(right, wrong, others)


def _is_far(phrase: Phrase, option: str) -> bool:
    return abs(value_of(phrase.text) - value_of(option)) > _NEAR_YEARS


def _comparable(phrase: Phrase, option: str, others: Sequence[float]) -> bool:
    """Return whether a quantity is near the right one, and larger and smaller than the same other figures."""
    right, wrong = value_of(phrase.text), value_of(option)
    low, high = sorted((right, wrong))
    return low > 0 and _LEAST_RATIO <= high / low <= _MOST_RATIO and _same_side(right, wrong, others)


def _same_side(right: float, wrong: float, others: Sequence[float]) -> bool:
    return all(wrong != other and (right < other) == (wrong < other) for other in others)


def _alike_in_length(option: str, right: str) -> bool:
    short, long = sorted((len(option), len(right)))
    return long <= _LONGER * short + _LONGER_CHARACTERS
