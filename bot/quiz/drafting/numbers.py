"""Find years, days, decades, centuries and quantities in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
_FOLLOWING_SCALE = frozenset(["million", "billion", "trillion", "thousand", "hundred", "percent"])
# "More than 500" is true of 400 too, and "before 1800" of 1790.
_BOUND = re.compile(
    r"(?:\b(?:than|over|under|above|below|least|most|up to|beyond|exceeding|exceeded|minimum|maximum|within|past"
    r"|another|only|just|number|no\.|every)|[<>\u2265\u2264~:])\s*(?:of\s+|the\s+)?[$\u00a3\u20ac]?\Z",
    re.IGNORECASE,
)
_YEAR_BOUND = re.compile(r"\b(?:before|after|prior to)\s+(?:the\s+year\s+)?\Z", re.IGNORECASE)
# The next century, or the year two years on, is worked out from what is there.
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
    """Yield days, centuries, decades, years and quantities, in this order of sorts; no two overlap.

    A number with a bound before it is left out: "more than 500" is true of 400 too.
    """
    taken: list[Phrase] = []  # includes what is left out, so that no part of it is yielded as another sort
    for found in _DAY.finditer(text):
        before = text[: found.start()]
        day = _phrase(found, Sort.DAY, "month first" if found["first"] else "day first")
        taken.append(day)
        if not _YEAR_BOUND.search(before) and not _RANGE.search(before):
            yield day
    for sort, pattern in ((Sort.CENTURY, _CENTURY), (Sort.DECADE, _DECADE)):
        for found in pattern.finditer(text):
            before = text[: found.start()]
            period = _phrase(found, sort)
            taken.append(period)
            neighbour = _NEIGHBOUR.search(before) or _NEIGHBOURED.match(text[found.end() :])
            if not _YEAR_BOUND.search(before) and not neighbour:
                yield period
    for found in _YEAR.finditer(text):
        before = text[: found.start()]
        year = _phrase(found, Sort.YEAR)
        is_dated = _DATED.search(before) or (_YEAR_OF.search(before) and re.match(r" [A-Za-z]", text[found.end() :]))
        if not is_dated or any(year.overlaps(other) for other in taken):
            continue
        taken.append(year)
        others = [other for other, start in years_in(text) if start != year.start]
        worked_out = others and (_LASTING.search(text) or any(abs(int(year.text) - other) == 1 for other in others))
        if not _YEAR_BOUND.search(before) and not worked_out:
            yield year
    for quantity in _quantities(text):
        if not any(quantity.overlaps(other) for other in taken):
            yield quantity


def _phrase(found: re.Match[str], sort: Sort, *form: str) -> Phrase:
    return Phrase(found.start(), found.end(), found[0], sort, form)


def _quantities(text: str) -> Iterator[Phrase]:
    for found in (*_NUMBER.finditer(text), *_NUMBER_WORD.finditer(text)):
        before, after = text[: found.start()], text[found.end() :]
        if _BOUND.search(before) or _NUMBERED.search(before) or not before.strip():
            continue
        behind = _UNIT.match(after)
        unit = behind["unit"].casefold() if behind else ""
        sign, percent = (found["sign"], found["percent"]) if "sign" in found.re.groupindex else ("", "")
        if not (sign or percent or (unit and (unit not in FUNCTION_WORDS or unit == "of"))):
            continue
        if behind and unit in ("of", "am", "pm", "bc", "ad"):
            continue
        scale = unit if unit in _FOLLOWING_SCALE else ""
        if scale and behind:
            unit = (behind["next"] or "").casefold()
        figure = found["figure"]
        looks = (
            "word"
            if figure in NUMBER_WORDS
            else f"comma {'.' in figure}"
            if "," in figure
            else f"plain {'.' in figure}"
        )
        if sign or percent:  # prices and shares are written in many ways
            looks = ""
        if value_of(figure) in (0, 1, 2) or _LIKE_YEAR.fullmatch(figure):
            continue
        yield Phrase(found.start(), found.end(), found[0], Sort.QUANTITY, (sign, percent, scale, looks), stem(unit))


def value_of(text: str) -> float:
    """Return the number in a year, century or quantity, letters and signs ignored; 0.0 when there is none."""
    if text in NUMBER_WORDS:
        return float(NUMBER_WORDS[text])
    digits = re.sub(r"[^\d.]", "", text).strip(".")
    return float(digits) if digits else 0.0


def years_in(text: str) -> list[tuple[int, int]]:
    """List each year from 1000 to 2099 in a text with its offset, in order."""
    return [(int(found[0]), found.start()) for found in re.finditer(r"(?<!\d)(?:1\d\d\d|20\d\d)(?!\d)", text)]
