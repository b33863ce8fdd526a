"""Finds where sentences end: sentencex, corrected for abbreviations, citations and lower-case continuations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from sentencex import get_sentence_boundaries

from index.text.clauses import SHORTEST_CLAUSE
from index.text.lexicon import ENGLISH, any_of, lexicon

# All lengths are in characters.
_SHORTEST_QUOTED = 20
_LONG = 600  # in a longer sentence, those that stand in its quotation marks are sentences
_WINDOW = 4000  # given to sentencex at once: its time grows with the characters times the sentences among them
_LOOK_AHEAD = 200  # a boundary is certain when so many characters after it were read too

# Only before a word that opens a main clause: before a name a semicolon more often separates items of a list.
_SEMICOLON = re.compile(rf";\s+(?={any_of(lexicon(ENGLISH).clause_openers)}\b)")
# Abbreviations that sentencex takes for the end of a sentence, though a name or number always follows.
_NEVER_LAST = re.compile(rf"\b{any_of(lexicon(ENGLISH).abbreviations)}\.\s*\Z")
# Before a number these are abbreviations; some are words too.
_BEFORE_NUMBER = re.compile(rf"\b{any_of(lexicon(ENGLISH).abbreviations_before_numbers)}\.\s*\Z")
# A genus or the like, before its species: "Ae. aegypti".
_SHORT_NAME = re.compile(r"(?:\A|[\s(\[])[A-Z][a-z]{0,3}\.\s*\Z")
# A number that only counts what follows: "2. The second ...", "Step 1. Open ...".
_LONGEST_COUNT = 20
_COUNTS = re.compile(r"\s*(?:(?:Step|Question|Rule|Part|Q|A)\s+)?\(?\d{1,3}[.)]\s*\Z", re.IGNORECASE)
# The number of a note, raised before the text lost its type: "It was old.12 Then".
_RAISED_NOTE = re.compile(
    r"(?<=[a-z)][.?!])(?:\d{1,3}(?:[,\u2013-]\d{1,3})*|[\u00b9\u00b2\u00b3\u2070-\u2079,]+)\s+(?=[A-Z][a-z]*\s)"
)
# A Chinese or Japanese full stop before a number or a word in Latin letters, which sentencex overlooks.
_WIDE_STOP = re.compile(r"[\u3002\uff01\uff1f](?=[0-9A-Za-z])")
_RAISED = re.compile(r"[\u00b9\u00b2\u00b3\u2070-\u2079]")
_INSIDE_QUOTES = re.compile(r"(?<!\.)[.!?][\"\u201d\u2019')\]]*\s+(?=[\"\u201c\u2018(\[]?[A-Z][a-z']*\s)")
_OPENING = ("\u201c", "\u2018", "\u00ab", "\u201e", "(", "[")
_NO_WORD = re.compile(r"[^\w'\u2019-]|[\d_]")
_LOW = frozenset(("e.g", "i.e"))
_INITIAL = re.compile(r"\b[A-Z]\.\s*\Z")


def boundaries(item: str, language: str = ENGLISH) -> Iterator[tuple[int, int]]:
    """Yield the sentences of a paragraph as offsets that cover it; a semicolon before a main clause ends one too.

    The language tells which words are abbreviations.

    "It fell. See Fig. 2 for it." gives (0, 9), (9, 27).
    """
    if not item.strip():
        return
    start = 0
    ends = list(_sentence_ends(item, language))
    habit = _starts_low_by_habit(item, ends)
    for found in _with_notes(item, ends):
        end = _before_opening(item, found)
        if end < len(item) and _goes_on(item, start, end, language, habit=habit):
            continue
        for inner, shortest in _inner_ends(item, start, end):
            if inner - start >= shortest and end - inner >= shortest:
                yield start, inner
                start = inner
        yield start, end
        start = end
    if start < len(item):
        yield start, len(item)


def starts_low(text: str) -> bool:
    """Say whether a text starts in lower case, and not as a name, a label or code does: iPhone, oli:, main.rs."""
    if not text[:1].islower():
        return False
    word = text[:40].split(maxsplit=1)[0].rstrip(",;.!?)\u201d\"'\u2019")
    return word in _LOW or not (any(map(str.isupper, word)) or _NO_WORD.search(word))


def _inner_ends(item: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where a sentence may be cut: before main clauses, and in a long one between quoted sentences.

    With each place the fewest characters that the parts must have.
    """
    found = {(semicolon.end(), SHORTEST_CLAUSE) for semicolon in _SEMICOLON.finditer(item, start, end)}
    if end - start > _LONG:
        for stop in _INSIDE_QUOTES.finditer(item, start, end):
            tail = item[max(start, stop.start() - 20) : stop.start() + 1]
            if not (_NEVER_LAST.search(tail) or _INITIAL.search(tail)):
                found.add((stop.end(), _SHORTEST_QUOTED))
    return sorted(found)


def _with_notes(item: str, ends: Sequence[int]) -> list[int]:
    """Put the number of a note into the sentence that it ends: "It was old.12 Then" ends after "12 "."""
    if not any(map(str.isdecimal, item)) and not _RAISED.search(item):
        return list(ends)
    notes = [note.span() for note in _RAISED_NOTE.finditer(item)]
    inside = {at for start, stop in notes for at in range(start, stop)}
    return sorted({*(end for end in ends if end not in inside), *(stop for _, stop in notes)})


def _before_opening(item: str, end: int) -> int:
    """Move an end before a quotation mark that opens the next sentence."""
    bare = item[max(0, end - 3) : end].rstrip()
    return end - 1 - (min(end, 3) - len(bare)) if bare[-1:] in _OPENING and bare[-2:-1].isspace() else end


def _sentence_ends(item: str, language: str) -> Iterator[int]:
    """Yield the ends of sentences by sentencex, in order, in time linear in the length of the item.

    A window without any end is cut at white space, and failing that at its own end.
    """
    start = 0
    while len(item) - start > _WINDOW:
        window = item[start : start + _WINDOW]
        ends = [end for end in _ends_in(window, language) if end <= _WINDOW - _LOOK_AHEAD]
        if not ends:
            space = max(window.rfind(" ", _WINDOW // 2), window.rfind("\n", _WINDOW // 2))
            ends = [space + 1 if space > 0 else _WINDOW]
        yield from (start + end for end in ends)
        start += ends[-1]
    yield from (start + end for end in _ends_in(item[start:], language))


def _ends_in(text: str, language: str) -> list[int]:
    ends = [int(found["end_index"]) for found in get_sentence_boundaries(language, text)]
    return ends if text.isascii() else sorted({*ends, *(stop.end() for stop in _WIDE_STOP.finditer(text))})


def _starts_low_by_habit(item: str, ends: Sequence[int]) -> bool:
    """Say whether sentences of a text start in lower case as a habit, as in chats: more than start in upper case."""
    firsts = [first for start in (0, *ends) if (first := item[start : start + 40].lstrip()[:1])]
    return sum(map(str.islower, firsts)) > sum(map(str.isupper, firsts))


def _goes_on(item: str, start: int, end: int, language: str, *, habit: bool) -> bool:
    """Say whether the sentence goes on after what sentencex takes for its end.

    It does after an abbreviation, inside a name like a.m., where no space follows, after a mere number, and before a
    word in lower case, unless the text has the habit to start sentences so.
    """
    tail = item[max(start, end - 20) : end]
    after = item[end : end + 40]
    following = after.lstrip()
    if not following or "\n\n" in tail[len(tail.rstrip()) :] + after[: len(after) - len(following)]:
        return False
    if end - start < _LONGEST_COUNT and _COUNTS.match(item, start, end):
        return True
    word = following.split(maxsplit=1)[0]
    if starts_low(word) and (not habit or _SHORT_NAME.search(tail)):
        return True
    if not tail.rstrip().endswith("."):
        return False
    if not tail[-1:].isspace() and ((following[:1].islower() and "." in word) or following[:1] in "/\\_@#"):
        return True
    if _BEFORE_NUMBER.search(tail) and (following[:1].isdecimal() or following[:1] == "("):
        return True
    if not following[:1].isalnum():
        return False
    return bool(_NEVER_LAST.search(tail) or (language != ENGLISH and _abbreviated(language).search(tail)))


@cache
def _abbreviated(language: str) -> re.Pattern[str]:
    """Match an abbreviation of a language at the end."""
    return re.compile(rf"\b{any_of(lexicon(language).abbreviations)}\.\s*\Z")
