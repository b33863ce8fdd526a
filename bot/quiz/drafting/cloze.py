"""Chooses the phrase of each sentence that makes the best cloze item, and finds wrong options for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.quiz.drafting.concordance import Phrase, Sort
from bot.quiz.drafting.misfit import Cloze
from bot.quiz.drafting.standalone import named_later
from bot.quiz.drafting.vocabulary import FUNCTION_WORDS, PERSON_TITLES, RULERS
from bot.quiz.order import in_turn
from index.text.words import all_words, stem

if TYPE_CHECKING:
    import random

    from bot.quiz.drafting.concordance import Statement
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
# "5 miles (8 km)": a reader can convert one into the other.
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
_FEMALE = re.compile(r"\b(?:she|her|hers|herself|wife|widow|mother|daughter|sister|woman)\b")
_TITLED = re.compile(r"\b[a-z]+\s+\Z")
_LISTED_BEFORE = re.compile(r"(?:,|\b(?:and|or|both))(?: the)?\s+\Z")
_LISTED_AFTER = re.compile(r"(?:,? (?:and|or)\b|,)")
_ABBREVIATED = re.compile(r"\s*\((?:[A-Z]|or |also )")
# Worth of a gap: a sum without a unit, about 0 to 1. The constants above and below are its summands, set by
# reading drafts. After a change run `python -m tests.bench drafts` and read those of `... drafts --sample 100`.
_LEAST_WORTH = 0.35  # no gap below this is drafted
_OTHER_PHRASE, _MOST_OTHER_PHRASES = 0.04, 3  # for each other phrase of the sentence
_NO_OTHER_PHRASE = -0.15
_GOOD_LENGTH, _BAD_LENGTH = range(80, 221), -0.1  # characters of the sentence
_REFERS_BACK, _BACK_REFERENCE = -0.1, re.compile(r"\b(?:also|still|too|again|instead|even)\b")
_IN_TITLE = -0.5  # the document's title has a word of the phrase
# Summands for terms
_IS_DEFINED = 0.15  # "called", "known as" and the like are before it
_SEVERAL_WORDS = 0.15
_HYPHENATED = 0.05
_NOT_REPEATED = -0.1  # the document has it once
# Summands for names
_AFTER_OTHERS = -0.2  # in a list
_BEFORE_OTHERS = -0.15
_OPENS_SENTENCE = -0.1
_COMMON_WORD = -0.3  # also written without a capital
_COMMON_SHARE, _COMMON_NAME = 0.15, -0.35  # in more than this share of the document's passages
_FEWEST_PASSAGES, _REPEATED_NAME = 2, 0.05  # in at least so many passages of the document


@dataclass(frozen=True, slots=True)
class GapCandidate:
    """A sentence with its gap, its wrong options (best first, more than are shown) and its worth, about 0 to 1."""

    gap: Cloze
    wrong: tuple[str, ...]
    score: float

    @property
    def statement(self) -> Statement:
        """Return the sentence of the gap."""
        return self.gap.statement


def best_gaps(
    statements: Iterable[Statement], inventory: Inventory, rng: random.Random, *, most: int
) -> list[GapCandidate]:
    """Return the best gap of each sentence that has one with enough wrong options; at most `most`, best first.

    Looking for wrong options takes longest by far, so it ends as soon as there are enough gaps.
    """
    found = [gaps for each in statements if (gaps := gap_candidates(each, inventory))]
    found.sort(key=lambda gaps: -gaps[0][0])
    chosen: list[GapCandidate] = []
    for gaps in in_turn(found, lambda gaps: gaps[0][1].statement.document):
        if len(chosen) == most:
            break
        for score, gap in gaps:
            if (candidate := with_options(score, gap, inventory, rng)) is not None:
                chosen.append(candidate)
                break
    return chosen


def gap_candidates(statement: Statement, inventory: Inventory) -> list[tuple[float, Cloze]]:
    """List the gaps of a sentence with their worth, best first, without wrong options.

    "Governor Peter Lammers opened the great lock of Veldmar in 1631." -> gaps for "Peter Lammers" and "1631"
    """
    found: list[tuple[float, Cloze]] = []
    for phrase in inventory.phrases(statement):
        if phrase.start >= statement.lead and _may_be_asked(statement, phrase, inventory):
            gap = Cloze(statement, phrase, inventory.concordance)
            if not gap.gives_itself_away() and (worth := _worth(gap, inventory)) >= _LEAST_WORTH:
                found.append((worth, gap))
    return sorted(found, key=lambda each: (-each[0], each[1].phrase.start))


def with_options(score: float, gap: Cloze, inventory: Inventory, rng: random.Random) -> GapCandidate | None:
    """Find wrong options for a gap; None when fewer are proved than an item needs."""
    wrong = inventory.wrong_options(gap, rng)
    return GapCandidate(gap, tuple(wrong), score) if len(wrong) >= FEWEST_WRONG else None


def gap_row(candidate: GapCandidate, wrong: tuple[str, ...]) -> dict[str, Any]:
    """Return a gap as a row of the bank."""
    gap = candidate.gap
    return {"kind": "gap", "quote": gap.statement.text, "gap": gap.phrase.text, "wrong": list(wrong)}


def is_defined(gap: Cloze) -> bool:
    """Return whether "called", "known as" and the like stand before the gap."""
    return bool(_DEFINED.search(gap.statement.text[: gap.phrase.start]))


def unknown_person(statement: Statement, inventory: Inventory) -> bool:
    """Return whether a sentence says "he" or "she" without naming the person before."""
    pronoun = _PERSONAL.search(statement.text)
    if pronoun is None:
        return False
    persons = {
        phrase.text
        for phrase in inventory.phrases(statement)
        if phrase.sort is Sort.NAME and phrase.form[0] in ("person", "other") and phrase.end <= pronoun.start()
    }
    is_named = len(persons) > (pronoun[0].casefold() == "him")  # the subject and "him" are two persons
    has_title = any(word in PERSON_TITLES for word in all_words(statement.text[: pronoun.start()]))
    return not is_named and not has_title and not named_later(statement.text, pronoun)


def _may_be_asked(statement: Statement, phrase: Phrase, inventory: Inventory) -> bool:
    """Return whether only this phrase can be right, and nobody can derive it from the rest of the sentence."""
    before, after = statement.text[: phrase.start], statement.text[phrase.end :]
    is_title = re.search(r"\b[Tt]he \Z", before) and phrase.text in inventory.title_of(statement)
    if _ANY_INSTANCE.search(before) or is_title:
        return False
    if phrase.sort is Sort.QUANTITY:
        is_example = re.search(r"\bthere (?:is|are|was|were) \Z", before)
        return (
            not is_example
            and before.count("(") == before.count(")")
            and not _CONVERTED.search(before)
            and not _CONVERTS.match(after)
        )
    return phrase.sort is not Sort.NAME or _name_may_be_asked(statement, phrase, inventory)


def _name_may_be_asked(statement: Statement, phrase: Phrase, inventory: Inventory) -> bool:
    before, after = statement.text[: phrase.start], statement.text[phrase.end :]
    sense, _, _, use = phrase.form
    # A woman's name is easy to tell among men's.
    if use == "joined" or (sense == "person" and _FEMALE.search(statement.text)):
        return False
    if _ABBREVIATED.match(after) or before.endswith("("):
        return False
    if (_LIST_BEFORE.search(before) and re.match(r",? (?:and|or)\b|,|\.", after)) or _LIST_AFTER.match(after):
        return False
    if inventory.names.is_known_everywhere(phrase.text) or sense == "initials" or _IN_STATE.match(after):
        return False
    found = _TITLED.search(before)
    title = found[0].strip() if found else None
    if sense == "person" and title in RULERS:
        return False
    # "prime Minister ...": the name was cut in two.
    is_cut = phrase.text.split()[0].casefold() in PERSON_TITLES and title is not None and title not in FUNCTION_WORDS
    return not is_cut


def _worth(gap: Cloze, inventory: Inventory) -> float:
    """Return the worth of a gap, about 0 to 1, higher is better: by its sort, its sentence and its phrase.

    A person (0.9) in a sentence of 90 characters with two other phrases (2 * 0.04) that opens with it (-0.1) -> 0.88
    """
    phrase = gap.phrase
    worth = _NAME_WORTH[phrase.form[0]] if phrase.sort is Sort.NAME else _WORTH[phrase.sort]
    for summand in _summands(gap, inventory):
        worth += summand
    return worth


def _summands(gap: Cloze, inventory: Inventory) -> Iterator[float]:
    statement, phrase = gap.statement, gap.phrase
    others = [other for other in inventory.phrases(statement) if other.text != phrase.text]
    yield _OTHER_PHRASE * min(_MOST_OTHER_PHRASES, len(others)) if others else _NO_OTHER_PHRASE
    yield _BAD_LENGTH * (len(statement.text) not in _GOOD_LENGTH)
    if phrase.sort is Sort.TERM:
        yield from _term_summands(gap, inventory)
    if phrase.sort is Sort.NAME:
        yield from _name_summands(gap, inventory)
    yield _REFERS_BACK * bool(_BACK_REFERENCE.search(statement.text))


def _term_summands(gap: Cloze, inventory: Inventory) -> Iterator[float]:
    statement, term = gap.statement, gap.phrase.text
    yield _IS_DEFINED * is_defined(gap) + _SEVERAL_WORDS * (" " in term) + _HYPHENATED * ("-" in term)
    yield _NOT_REPEATED * (not inventory.terms.is_repeated(statement.document, term))
    yield _IN_TITLE * bool(_title_stems(statement, inventory) & {stem(word) for word in all_words(term)})


def _name_summands(gap: Cloze, inventory: Inventory) -> Iterator[float]:
    statement, name, concordance = gap.statement, gap.phrase.text, inventory.concordance
    before, after = statement.text[: gap.phrase.start], statement.text[gap.phrase.end :]
    yield _AFTER_OTHERS * bool(_LISTED_BEFORE.search(before)) + _BEFORE_OTHERS * bool(_LISTED_AFTER.match(after))
    yield _OPENS_SENTENCE * (not before.strip())
    yield _COMMON_WORD * inventory.names.is_common(name)
    words = {stem(word) for word in all_words(name) if word not in FUNCTION_WORDS}
    passages = min((concordance.passages_in(statement.document, word) for word in words), default=0)
    yield _IN_TITLE * bool(_title_stems(statement, inventory) & words)
    yield _COMMON_NAME * (passages > _COMMON_SHARE * concordance.passage_count(statement.document))
    yield _REPEATED_NAME * (passages >= _FEWEST_PASSAGES)


def _title_stems(statement: Statement, inventory: Inventory) -> set[str]:
    return {stem(word) for word in all_words(inventory.title_of(statement))}
