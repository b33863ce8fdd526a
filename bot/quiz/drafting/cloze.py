"""Choose the phrase of each sentence that makes the best cloze item, and find wrong options for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from bot.quiz.drafting.concordance import Phrase, Sort
from bot.quiz.drafting.misfit import Cloze
from bot.quiz.drafting.standalone import named_later
from bot.quiz.drafting.vocabulary import FUNCTION_WORDS, PERSON_TITLES
from index.text.words import all_words, stem

if TYPE_CHECKING:
    import random

    from bot.quiz.drafting.concordance import Concordance, Statement
    from bot.quiz.drafting.inventory import Inventory

FEWEST_WRONG = 3
_WORTH = {Sort.QUANTITY: 0.95, Sort.DAY: 0.9, Sort.YEAR: 0.85, Sort.CENTURY: 0.6, Sort.DECADE: 0.7, Sort.TERM: 0.55}
_NAME_WORTH = {
    "person": 0.9,
    "organisation": 0.85,
    "event": 0.85,
    "place": 0.75,
    "country": 0.55,
    "other": 0.55,
    "initials": 0.5,
    "people": 0.4,
}
_ANY_INSTANCE = re.compile(
    r"\b(?:such as|including|include|includes|included|like|e\.g\.|especially|notably|among others)\b[^.;()]*\Z"
)
# "5 miles (8 km)": whoever can convert needs no text.
_CONVERTED = re.compile(r"\d[\d,.]*\s+[^\W\d]+\s*\([^)]*\Z|\d[\d,.]*\s*%?\s*\((?:or )?\Z")
_CONVERTS = re.compile(r"\s*[^\W\d]*\s*\(\D{0,12}\d")
_CAPITALS = r"[A-Z][\w'\u2019-]*(?: [A-Z][\w'\u2019-]*)*"
_LIST_BEFORE = re.compile(
    rf"{_CAPITALS}, (?:and |or )?(?:the )?\Z|{_CAPITALS}, (?:\w+ )?{_CAPITALS},? (?:and|or) (?:the )?\Z"
)
_LIST_AFTER = re.compile(rf"\s*(?:,|/) (?:and |or )?(?:the )?{_CAPITALS}(?:,| and\b| or\b)")
_PERSONAL = re.compile(r"\b(?:he|she|him|his|her|himself|herself)\b", re.IGNORECASE)
_DEFINED = re.compile(r"\b(?:called|named|termed|known as|referred to as)(?: the| a| an)?\s+\Z")
_IN_STATE = re.compile(r", [A-Z]")
_RULERS = frozenset(
    ["pope", "king", "queen", "emperor", "empress", "prophet", "saint", "pharaoh", "sultan", "tsar", "duke"]
)
_TITLED = re.compile(r"\b[a-z]+\s+\Z")
_LISTED_BEFORE = re.compile(r"(?:,|\b(?:and|or|both))(?: the)?\s+\Z")
_LISTED_AFTER = re.compile(r"(?:,? (?:and|or)\b|,)")
_ABBREVIATED = re.compile(r"\s*\((?:[A-Z]|or |also )")
# Worth is a sum without a unit, about 0 to 1; the figures below are added to the worth of the phrase's sort.
# Measure a change with `python -m tests.bench drafts`.
_LEAST_WORTH = 0.35  # a cloze below this is not made
_OTHER_PHRASE, _MOST_OTHER_PHRASES = 0.04, 3  # for each other phrase of the sentence, up to three
_NO_OTHER_PHRASE = -0.15
_GOOD_LENGTH, _BAD_LENGTH = range(80, 221), -0.1  # characters of the sentence
_REFERS_BACK, _BACK_REFERENCE = -0.1, re.compile(r"\b(?:also|still|too|again|instead|even)\b")
_IN_TITLE = -0.5  # a word of the phrase is in the document's title
# Terms.
_IS_DEFINED = 0.15  # "called", "known as" and the like stand before it
_SEVERAL_WORDS = 0.15
_HYPHENATED = 0.05
_NOT_REPEATED = -0.1  # in its document
# Names.
_LISTED_AFTER_OTHERS = -0.2
_LISTED_BEFORE_OTHERS = -0.15
_OPENS_SENTENCE = -0.1
_COMMON_WORD = -0.3  # also written without a capital
_COMMON_SHARE, _COMMON_NAME = 0.15, -0.35  # in more than this share of the document's passages
_FEWEST_PASSAGES, _REPEATED_NAME = 2, 0.05  # in at least so many passages of the document


@dataclass(frozen=True, slots=True)
class GapCandidate:
    """A sentence with its gap, its wrong options (best first, more than are shown) and how good it promises to be."""

    gap: Cloze
    wrong: tuple[str, ...]
    score: float

    @property
    def statement(self) -> Statement:
        """Give the sentence that the gap is in."""
        return self.gap.statement


def gap_candidates(statement: Statement, inventory: Inventory, concordance: Concordance) -> list[tuple[float, Cloze]]:
    """List the gaps that a sentence can have, best first, before any wrong option is looked for."""
    found: list[tuple[float, Cloze]] = []
    for phrase in inventory.phrases(statement):
        if phrase.start < statement.lead or not _may_be_asked(statement, phrase, inventory):
            continue
        gap = Cloze(statement, phrase, concordance)
        if not gap.gives_itself_away():
            found.append((_worth(gap, inventory, concordance), gap))
    found = [each for each in found if each[0] >= _LEAST_WORTH]
    return sorted(found, key=lambda each: (-each[0], each[1].phrase.start))


def with_options(score: float, gap: Cloze, inventory: Inventory, rng: random.Random) -> GapCandidate | None:
    """Find wrong options; None when fewer than an item needs are proved."""
    wrong = inventory.wrong_options(gap, rng)
    return GapCandidate(gap, tuple(wrong), score) if len(wrong) >= FEWEST_WRONG else None


def unknown_person(statement: Statement, inventory: Inventory) -> bool:
    """Say whether somebody is "he" or "she" before whom the sentence names no person."""
    pronoun = _PERSONAL.search(statement.text)
    if pronoun is None:
        return False
    before = statement.text[: pronoun.start()]
    persons = {
        phrase.text
        for phrase in inventory.phrases(statement)
        if phrase.sort is Sort.NAME and phrase.form[0] in ("person", "other") and phrase.end <= pronoun.start()
    }
    # Whoever does something to "him" is another.
    named = len(persons) > (pronoun[0].casefold() == "him")
    titled = any(word in PERSON_TITLES for word in all_words(before))
    return not named and not titled and not named_later(statement.text, pronoun)


def _may_be_asked(statement: Statement, phrase: Phrase, inventory: Inventory) -> bool:
    before, after = statement.text[: phrase.start], statement.text[phrase.end :]
    named = re.search(r"\b[Tt]he \Z", before) and phrase.text in inventory.title_of(statement)
    if _ANY_INSTANCE.search(before) or named:
        return False
    if phrase.sort is Sort.QUANTITY:
        return not _CONVERTED.search(before) and not _CONVERTS.match(after)
    if phrase.sort is Sort.NAME:
        sense, _, _, use = phrase.form
        # A woman's name stands out among men's.
        gendered = sense == "person" and re.search(
            r"\b(?:she|her|hers|herself|wife|widow|mother|daughter|sister|woman)\b", statement.text
        )
        if use == "joined" or gendered or _ABBREVIATED.match(after) or before.endswith("("):
            return False
        if (_LIST_BEFORE.search(before) and re.match(r",? (?:and|or)\b|,|\.", after)) or _LIST_AFTER.match(after):
            return False
        known = inventory.names.is_known_everywhere(phrase.text)
        if known or sense == "initials" or _IN_STATE.match(after):
            return False
        if sense == "person" and (word := _TITLED.search(before)) and word[0].strip() in _RULERS:
            return False
        first = phrase.text.split()[0].casefold()
        # "prime Minister ...": the name was cut in two.
        if first in PERSON_TITLES and (word := _TITLED.search(before)) and word[0].strip() not in FUNCTION_WORDS:
            return False
    return True


def _worth(gap: Cloze, inventory: Inventory, concordance: Concordance) -> float:
    """Score a cloze, about 0 to 1, higher is better: by sort, by the rest of the sentence, by phrase."""
    statement, phrase = gap.statement, gap.phrase
    before, after = statement.text[: phrase.start], statement.text[phrase.end :]
    worth = _NAME_WORTH[phrase.form[0]] if phrase.sort is Sort.NAME else _WORTH[phrase.sort]
    others = [other for other in inventory.phrases(statement) if other.text != phrase.text]
    worth += _OTHER_PHRASE * min(_MOST_OTHER_PHRASES, len(others)) + (_NO_OTHER_PHRASE if not others else 0.0)
    worth += _BAD_LENGTH * (len(statement.text) not in _GOOD_LENGTH)
    title = {stem(word) for word in all_words(concordance.documents[statement.document].title)}
    if phrase.sort is Sort.TERM:
        worth += (
            _IS_DEFINED * bool(_DEFINED.search(before))
            + _SEVERAL_WORDS * (" " in phrase.text)
            + _HYPHENATED * ("-" in phrase.text)
        )
        worth += _NOT_REPEATED * (not inventory.terms.is_repeated(statement.document, phrase.text))
        worth += _IN_TITLE * bool(title & {stem(word) for word in all_words(phrase.text)})
    if phrase.sort is Sort.NAME:
        worth += _LISTED_AFTER_OTHERS * bool(_LISTED_BEFORE.search(before)) + _LISTED_BEFORE_OTHERS * bool(
            _LISTED_AFTER.match(after)
        )
        worth += _OPENS_SENTENCE * (not before.strip())
        worth += _COMMON_WORD * inventory.names.is_common(phrase.text)
        words = [stem(word) for word in all_words(phrase.text) if word not in FUNCTION_WORDS]
        passages = min((concordance.passages_in(statement.document, word) for word in words), default=0)
        worth += _IN_TITLE * bool(title & set(words))
        if passages > _COMMON_SHARE * concordance.passage_count(statement.document):
            worth += _COMMON_NAME
        worth += _REPEATED_NAME * (passages >= _FEWEST_PASSAGES)
    return worth + _REFERS_BACK * bool(_BACK_REFERENCE.search(statement.text))


def rows_of(candidate: GapCandidate, wrong: tuple[str, ...]) -> dict[str, object]:
    """Give what the bank's form says of a gap."""
    gap = candidate.gap
    return {"kind": "gap", "quote": gap.statement.text, "gap": gap.phrase.text, "wrong": list(wrong)}


def candidates(
    statements: Iterable[Statement], inventory: Inventory, concordance: Concordance, rng: random.Random, *, most: int
) -> list[GapCandidate]:
    """Give the best gap of each sentence that has one with enough wrong options; at most so many, best first.

    Proving wrong options takes longest by far, so it is done for no more sentences than are wanted.
    """
    gaps = {each.number: found for each in statements if (found := gap_candidates(each, inventory, concordance))}
    chosen: list[GapCandidate] = []
    for number in _order(gaps):
        if len(chosen) == most:
            break
        for score, gap in gaps[number]:
            if (candidate := with_options(score, gap, inventory, rng)) is not None:
                chosen.append(candidate)
                break
    return chosen


def _order(gaps: Mapping[int, Sequence[tuple[float, Cloze]]]) -> list[int]:
    """Put sentences in order: the best of each document in turn."""
    by_document: dict[int, list[int]] = {}
    for number in sorted(gaps, key=lambda number: -gaps[number][0][0]):
        by_document.setdefault(gaps[number][0][1].statement.document, []).append(number)
    return [number for turn in zip_longest(*by_document.values()) for number in turn if number is not None]
