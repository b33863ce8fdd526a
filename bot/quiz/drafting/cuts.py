"""Cuts sentences in two where a reason, condition, contrast, definition or claim begins: a beginning and its tail."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.quiz.drafting.forms import (
    BEFORE_TO,
    CLAUSE,
    CONDITION,
    CONTRAST,
    DOING,
    DONE,
    END,
    FIRST,
    GERUND,
    IS,
    MODAL,
    NO_THERE,
    NOUN,
    NOUNS,
    PART,
    REASON,
    SAYS,
    STATE,
    fits,
    leading_anaphor,
)
from bot.quiz.drafting.predicates import BARE, predicate, subject
from bot.quiz.drafting.vocabulary import ADVERBS, FUNCTION_WORDS
from index.text.words import STOP_WORDS, all_words, stem

if TYPE_CHECKING:
    from bot.quiz.drafting.concordance import Statement

_PLAIN_END = rf"(?P<tail>{PART}+)[.!]\Z"
_IF = (
    r"(?:\b(?:only if|only when|unless|as long as|so long as|provided that|until|when|whenever)"
    r"|(?<!\bas)(?<!even)(?<!:)(?<!\band) if)"
)
_TERM = (
    r"\A(?!\S+['\u2019]s (?:is|means)\b)(?:The |A |An )?[\w'\u2019-]+"
    r"(?: (?!that\b|which\b|who\b|it\b)[\w'\u2019-]+){0,4}"
    r" (?:is|means|refers to|consists of|is called)"
)
_ONLY = (
    r"\AOnly (?:when|by|if|in|after|with)\b[^.;:]{20,}?,? can "
    r"(?:we|they|it|people|the [\w-]+(?: (?:of|and|in)(?: the)? [\w-]+)*)(?: truly| really| constantly)?"
)
_PATTERNS = (
    ("reason", CLAUSE, rf"(?:\bbecause|, since)\s+{END}"),
    ("consequence", CLAUSE, rf"(?:\bso that|[;,] therefore,?)\s+{END}"),
    ("consequence", CLAUSE, rf"\A{REASON} {FIRST},\s+{END}"),
    ("purpose", BARE, rf"\b(?:in order to|so as to)\s+{END}"),
    ("condition", CLAUSE, rf"{_IF}\s+{_PLAIN_END}"),
    ("consequence", CLAUSE, rf"\A{CONDITION} {FIRST},\s+(?:then\s+)?{END}"),
    ("consequence", BARE, rf"{_ONLY}\s+{END}"),
    ("contrast", CLAUSE, rf"(?:, (?:whereas|while|but)|\b(?:although|though))\s+{END}"),
    ("contrast", CLAUSE, rf"\A{CONTRAST} {FIRST},\s+{END}"),
    ("contrast", NOUN, rf"\b(?:rather than|instead of)\s+{END}"),
    ("contrast", GERUND, rf"\b(?:rather than|instead of)\s+{END}"),
    ("means", GERUND, rf"\bby\s+{END}"),
    ("definition", NOUN, rf"{_TERM}\s+{END}"),
    ("claim", CLAUSE, rf"\b{SAYS}\s+{END}"),
    ("claim", BARE, rf"\b{MODAL}\s+{END}"),
    ("claim", NOUN, rf"{NO_THERE}\s(?:is|was|becomes?|means)\s+{END}"),
    ("claim", NOUNS, rf"{NO_THERE}\s(?:are|were)\s+{END}"),
    ("claim", BARE, rf"\b{BEFORE_TO} to\s+{END}"),
    ("claim", STATE, rf"\s{IS}\s+{END}"),
    ("claim", DONE, rf"\s{IS}\s+{END}"),
    ("claim", DOING, rf"\s{IS}\s+{END}"),
)
_CUTS = tuple((kind, form, re.compile(pattern)) for kind, form, pattern in _PATTERNS)
# What a claim must not hang on, a clause that is not the main one; nor is what comes behind it the sentence's point.
_ASIDE = re.compile(
    r"\b(?:who|it)\Z|\b(?:that|which|whom|whatever|if|when|where|because|since|until|unless|as|whether|than|what|how|why)\b[^,;:]*\Z"
)
_APART = 8  # words between two cuts of a sentence
SUBJECT = "subject"
_PREMISE = re.compile(rf"(?:{CONDITION}|{REASON}|{CONTRAST}) (?P<tail>{PART}{{15,}}),\s+[^.;:!?()]+\.\Z")
_LISTED = re.compile(r", \w+, \w+,? (?:and|or)\b|, (?:and|or)\b")  # the comma is that of a list
_OPEN_END = re.compile(r"[^.]\Z|\b(?:this|these|such)\b")
_HEAD, _TERM_HEAD = range(20, 291), range(8, 101)  # characters of a beginning, of one that names a term
_FEWEST_TOLD = 2  # content words of a beginning, without these
_TELLS_NOTHING = frozenset(
    map(stem, all_words("generally speaking really mean know say said think make get way thing admit true"))
)


@dataclass(frozen=True, slots=True)
class Cut:
    """A sentence whose part [start, end) is asked for; `kind` says what joins it to what is before."""

    statement: Statement
    kind: str
    form: str
    start: int
    end: int

    @property
    def head(self) -> str:
        """Return what stands before the tail."""
        return self.statement.text[: self.start].rstrip()

    @property
    def rest(self) -> str:
        """Return what is shown of the sentence: what stands before the tail, and behind it what is no mark."""
        behind = self.statement.text[self.end :].strip()
        return f"{self.head} … {behind}".replace(" … ,", " …,").strip() if len(behind) > 1 else f"{self.head} …"

    @property
    def tail(self) -> str:
        """Return the tail, which is the right answer."""
        return self.statement.text[self.start : self.end]


def cuts(statement: Statement, verbs: frozenset[str]) -> Iterator[Cut]:
    """Find the places where a sentence can be cut, at most one for each kind.

    "The lock was closed because the river froze." -> reason, "the river froze"
    """
    text = statement.text[:1].upper() + statement.text[1:]  # it may have lost an opening "But"
    seen: dict[str, int] = {}
    for kind, form, pattern in _CUTS:
        if kind in seen or (found := pattern.search(text, statement.lead)) is None:
            continue
        start, end = found.span("tail")
        cut = Cut(statement, kind, form, start, start + len(text[start:end].rstrip()))
        if kind == "claim" and _ASIDE.search(text[statement.lead : found.start()].rstrip()):
            continue
        if _is_good(cut, verbs) and _is_apart(start, seen, text):
            seen[kind] = start
            yield cut
    if "claim" not in seen and (verb := predicate(text, statement.lead, verbs)):
        form, start = verb
        cut = Cut(statement, "claim", form, start, len(text.rstrip(" .!")))
        if _is_good(cut, verbs) and _is_apart(start, seen, text):
            yield cut


def subject_cut(statement: Statement, verbs: frozenset[str]) -> Cut | None:
    """Cut off the subject that a sentence opens with; None where the rest names it too, or tells too little."""
    text, lead = statement.text, statement.lead
    if (found := subject(text, lead, verbs)) is None:
        return None
    form, end = found
    cut = Cut(statement, SUBJECT, form, lead, end)
    named = {stem(word) for word in all_words(cut.tail) if word not in FUNCTION_WORDS}
    is_named = named & {stem(word) for word in all_words(cut.rest)}
    is_told = len(cut.rest) in _HEAD and _told(cut.rest) >= _FEWEST_TOLD
    return cut if is_told and not is_named and not lead and not _OPEN_END.search(cut.rest) else None


def premise_cut(statement: Statement, verbs: frozenset[str]) -> Cut | None:
    """Cut out the clause of a sentence that opens with "If", "When", "Because" or "Although"; None where there is none.

    "If the tide is low, the keeper will lower the chain." -> "the tide is low"
    """
    text, lead = statement.text[:1].upper() + statement.text[1:], statement.lead
    found = _PREMISE.match(text, lead)
    if lead or found is None:
        return None
    cut = Cut(statement, "premise", CLAUSE, *found.span("tail"))
    is_told = len(cut.rest) in _HEAD and _told(text[cut.end :]) >= _FEWEST_TOLD
    refers = leading_anaphor(text[cut.end :]) or _LISTED.match(text, cut.end)
    return cut if is_told and not refers and fits(cut.tail, CLAUSE, verbs) else None


def _is_good(cut: Cut, verbs: frozenset[str]) -> bool:
    head = cut.statement.text[cut.statement.lead : cut.start]
    lengths = _TERM_HEAD if cut.kind == "definition" else _HEAD
    return (
        len(cut.head) in lengths
        and fits(cut.tail, cut.form, verbs)
        and _told(head) >= (_FEWEST_TOLD - (cut.kind == "definition"))
    )


def _is_apart(start: int, seen: Mapping[str, int], text: str) -> bool:
    """Return whether enough stands between this cut and those before, so that they do not ask the same."""
    spans = (text[slice(*sorted((start, other)))] for other in seen.values())
    return all(len(all_words(span)) >= _APART for span in spans)


def _told(head: str) -> int:
    """Count the content words of a beginning."""
    told = {stem(word) for word in all_words(head) if word not in FUNCTION_WORDS and word not in STOP_WORDS}
    return len(told - ADVERBS - _TELLS_NOTHING)
