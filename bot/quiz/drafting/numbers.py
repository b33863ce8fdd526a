"""Find years, days, decades, centuries and quantities in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from bot.quiz.drafting.concordance import Phrase, Sort
from bot.quiz.drafting.vocabulary import FUNCTION_WORDS, MONTHS, NUMBER_WORDS
from index.text.words import stem

_MONTH = "|".join(month.capitalize() for month in MONTHS)
_DAY = re.compile(rf"(?P<first>\b(?:{_MONTH}) \d{{1,2}}\b)(?!\d)|(?P<last>\b\d{{1,2}} (?:{_MONTH})\b)")
_CENTURY = re.compile(r"\b(?P<gap>\d{1,2}(?:st|nd|rd|th))(?=[ -]centur(?:y|ies)\b)")
_DECADE = re.compile(r"\b(?P<gap>(?:1[0-9]|20)\d0s)\b")
_YEAR = re.compile(
    r"(?<![\d.,$\u00a3\u20ac/])(?<![^\d][\u2013-])\b(?P<gap>1[0-9]\d\d|20[0-3]\d)\b(?![\d,.]\d|[%/]|-[a-z])(?!s\b)"
)
_NUMBER = re.compile(
    r"(?<![\w.,/:\u2013-])(?P<sign>[$\u00a3\u20ac]?)(?P<figure>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?P<percent>%?)(?![\w/:\u2013-]|[.,]\d)"
)
_NUMBER_WORD = re.compile(rf"(?<![\w-])(?P<figure>{'|'.join(NUMBER_WORDS)})(?![\w-])")
_UNIT = re.compile(r"\s*(?P<unit>[^\W\d_]+)(?:\s+(?P<next>[^\W\d_]+))?")
_SCALES = frozenset(["million", "billion", "trillion", "thousand", "hundred", "percent"])
_NO_UNITS = frozenset(["of", "am", "pm", "bc", "ad"])
# "More than 500" is also true of 400, and "before 1800" of 1790.
_BOUND = re.compile(
    r"(?:\b(?:than|over|under|above|below|least|most|up to|beyond|exceeding|exceeded|minimum|maximum|within|past"
    r"|another|only|just|number|no\.|every)|[<>\u2265\u2264~:])\s*(?:of\s+|the\s+)?[$\u00a3\u20ac]?\Z",
    re.IGNORECASE,
)
_YEAR_BOUND = re.compile(r"\b(?:before|after|prior to)\s+(?:the\s+year\s+)?\Z", re.IGNORECASE)
# A reader can work out the next century, or a year from another one and a duration.
_NEIGHBOUR = re.compile(r"\b(?:and|to|or|through)\s+(?:the\s+)?(?:early |late |mid-?\s?)?\Z")
_NEIGHBOURED = re.compile(r"(?: century)?,? (?:and|to|or) (?:the |early |late |mid-)*\d")
_YEAR_OF = re.compile(r"\b[Tt]he\s+\Z")
_LIKE_YEAR = re.compile(r"1[0-9]\d\d|20[0-3]\d")
_LASTING = re.compile(r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|every)[ -](?:\w+ )?(?:year|month)s?\b")
_RANGE = re.compile(r"\d\s*[\u2013-]\s*\Z")
_DATED = re.compile(
    r"(?:\b(?:in|of|year|during|and|to|by|from|since|until|between|for|through|around|about|spring|summer|autumn|fall|winter|early"
    rf"|late|mid|{_MONTH})|{_MONTH} \d{{1,2}},|[(,])\s+\Z|[(;]\s?\Z|\d{{4}}[\u2013-]\Z",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?:\b[A-Z][\w.]*|\b(?:No|no|number|article|part|page|chapter|section|version|level|layer)\.?)\s+\Z"
)


def numbers(text: str) -> Iterator[Phrase]:
    """Yield the days, centuries, decades, years and quantities of a sentence, in this order of sorts; none overlap.

    "In 1612 it cost more than 500 guilders and kept 37 masons." gives the year 1612 and the quantity 37 of the unit
    "mason": a number with a bound before it is left out.
    """
    taken: list[Phrase] = []  # also those left out: no part of them is a number of another sort
    for phrase, is_asked in chain(_days(text), _periods(text), _years(text), _quantities(text)):
        if not any(phrase.overlaps(other) for other in taken):
            taken.append(phrase)
            if is_asked:
                yield phrase


def _days(text: str) -> Iterator[tuple[Phrase, bool]]:
    for found in _DAY.finditer(text):
        before = text[: found.start()]
        day = _phrase(found, Sort.DAY, "month first" if found["first"] else "day first")
        yield day, not _YEAR_BOUND.search(before) and not _RANGE.search(before)


def _periods(text: str) -> Iterator[tuple[Phrase, bool]]:
    for sort, pattern in ((Sort.CENTURY, _CENTURY), (Sort.DECADE, _DECADE)):
        for found in pattern.finditer(text):
            before = text[: found.start()]
            has_neighbour = _NEIGHBOUR.search(before) or _NEIGHBOURED.match(text[found.end() :])
            yield _phrase(found, sort), not _YEAR_BOUND.search(before) and not has_neighbour


def _years(text: str) -> Iterator[tuple[Phrase, bool]]:
    for found in _YEAR.finditer(text):
        before, after = text[: found.start()], text[found.end() :]
        if _DATED.search(before) or (_YEAR_OF.search(before) and re.match(r" [A-Za-z]", after)):
            others = [other for other, start in years_in(text) if start != found.start()]
            can_be_derived = others and (
                _LASTING.search(text) or any(abs(int(found[0]) - other) == 1 for other in others)
            )
            yield _phrase(found, Sort.YEAR), not _YEAR_BOUND.search(before) and not can_be_derived


def _quantities(text: str) -> Iterator[tuple[Phrase, bool]]:
    for found in (*_NUMBER.finditer(text), *_NUMBER_WORD.finditer(text)):
        before, figure = text[: found.start()], found["figure"]
        if _BOUND.search(before) or _NUMBERED.search(before) or not before.strip():
            continue
        if value_of(figure) in (0, 1, 2) or _LIKE_YEAR.fullmatch(figure):
            continue
        behind = _UNIT.match(text, found.end())
        unit = behind["unit"].casefold() if behind else ""
        sign, percent = (found["sign"], found["percent"]) if "sign" in found.re.groupindex else ("", "")
        if unit in _NO_UNITS or not (sign or percent or (unit and unit not in FUNCTION_WORDS)):
            continue
        scale = unit if unit in _SCALES else ""
        if scale and behind:
            unit = (behind["next"] or "").casefold()
        spelling = "" if sign or percent else _spelling(figure)  # prices and shares are written in many ways
        yield _phrase(found, Sort.QUANTITY, sign, percent, scale, spelling, unit=stem(unit)), True


def _spelling(figure: str) -> str:
    """Name how a number is written: "4,200" -> "comma False", where False: it has no decimals."""
    if figure in NUMBER_WORDS:
        return "word"
    return f"{'comma' if ',' in figure else 'plain'} {'.' in figure}"


def _phrase(found: re.Match[str], sort: Sort, *form: str, unit: str = "") -> Phrase:
    return Phrase(found.start(), found.end(), found[0], sort, form, unit)


def value_of(text: str) -> float:
    """Return the number in a year, century or quantity, letters and signs ignored; 0.0 when there is none."""
    if text in NUMBER_WORDS:
        return float(NUMBER_WORDS[text])
    digits = re.sub(r"[^\d.]", "", text).strip(".")
    return float(digits) if digits else 0.0


def years_in(text: str) -> list[tuple[int, int]]:
    """List each year from 1000 to 2099 in a text with its offset, in order."""
    return [(int(found[0]), found.start()) for found in re.finditer(r"(?<!\d)(?:1\d\d\d|20\d\d)(?!\d)", text)]
