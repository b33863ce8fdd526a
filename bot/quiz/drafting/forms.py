"""The grammatical forms of the ends of sentences, by which the end of one may stand in another's place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.quiz.drafting.predicates import (
    ANY,
    BARE,
    MANY,
    ONE,
    PAST,
    TRAILING,
    VERB,
    finite_form,
    predicate,
    subject,
)
from bot.quiz.drafting.vocabulary import (
    AUXILIARIES,
    COMMON_VERBS,
    DETERMINERS,
    FUNCTION_WORDS,
    IRREGULAR_PASTS,
    PREPOSITIONS,
    PRONOUNS,
)
from index.text.words import all_words

if TYPE_CHECKING:
    from bot.quiz.drafting.concordance import Statement

# Tails of one form are interchangeable.
CLAUSE = "clause"  # a subject and its verb: "... because the lock was closed"
NOUN = "noun"  # a noun with its article: "... is a lock"
NOUNS = "nouns"  # the same behind "are"
GERUND = "gerund"  # "... by closing the lock"
STATE = "state"  # an adjective: "... is open at night"
DONE, DOING = "done", "doing"  # a participle: "... is closed at night", "... is closing the lock"
FORMS = (ONE, MANY, ANY, CLAUSE, BARE, NOUN, NOUNS, GERUND, STATE, DONE, DOING, VERB, PAST)

MODALS = r"(?:can|could|may|might|must|shall|should|will|would|cannot)(?: not| never| only| always)?"
MODAL = rf"(?:{MODALS}|ought to|needs? to|ha(?:s|ve) to)"
SAYS = (
    r"(?:believes?|argues?|shows?|means?|says?|holds?|requires?|suggests?|follows|admits?|supposes?|finds?|proves?"
    r"|thinks?|assumes?|knows?|is|are|clear|true|certain|obvious|agreed?|decided|recommended?|fact)"
    r"(?: [a-z]+ly)? that"
)
BEFORE_TO = (
    r"(?:is|are|was|were|way|ways|need|needed|right|duty|attempt|aim|goal|purpose|task|important|necessary|easy|easier"
    r"|hard|harder|difficult|possible|impossible|able|unable|likely|tr(?:y|ies|ied|ying)|wants?|wish(?:es)?|tends?"
    r"|helps?|likes?|ready|free|required|allowed|encouraged|enough|seems?|begins?|fails?|meant|designed|used)"
)
IS = (
    r"(?:is|are|was|were|be|becomes?|remains?)(?: (?:also|now|often|usually|generally|still|no longer|always|then))?"
    r"(?: (?:only|simply|just))?"
)
NO_THERE = r"(?<!\bthere)(?<!\bThere)"
# "If X, Y": X may hold one comma of a list, Y is the rest.
FIRST = r"[^,;:()]{12,}?(?:, (?:and|or|but)\b[^,;:()]+)?"
CONDITION = r"(?:If|When|Unless|As long as|So long as|Whenever|Once|Where|Until)"
REASON = r"(?:Because|Since)"
CONTRAST = r"(?:Although|Though|While|Whereas|Even if|Even though)"
PART = r"[^,.;:!?()\[\]\u201c\u201d\"*]"
END = r"(?P<tail>[^.;:!?()\[\]\u201c\u201d\"*]+)[.!]\Z"
_GOES_ON = r"and|or|but|nor|which|such as|including|even|not|without|when|as|so|unless|where|than"
# To a comma behind which something else begins, or to the end of the sentence.
_TAIL = rf"(?P<tail>{PART}+(?:, (?:{_GOES_ON})\b{PART}*)*)(?=[,.;!])"
_PLAIN = rf"(?P<tail>{PART}+)(?=[,.;!])"  # "if X, Y": to the comma
_SUBORDINATE = rf"\b(?:because|so that|unless|if|whereas|although|though|when|{SAYS})"
_STATES = (rf"\s{IS}\s+{_TAIL}",)
_TAILS = {
    CLAUSE: (
        rf"(?:{_SUBORDINATE}|[,;] (?:but|and|while|since))\s+{_PLAIN}",
        rf"\A(?:{CONDITION}|{REASON}|{CONTRAST}) {FIRST},\s+(?:then\s+)?{END}",
        rf"\A{END}",
    ),
    BARE: (rf"\b{MODAL}\s+{_TAIL}", rf"\b(?:in order|so as|{BEFORE_TO}) to\s+{_TAIL}"),
    NOUN: (rf"{NO_THERE}\s(?:is|was|be|becomes?|called|means|as|rather than|instead of)\s+{_TAIL}",),
    NOUNS: (rf"{NO_THERE}\s(?:are|were)\s+{_TAIL}",),
    GERUND: (rf"\b(?:by|of|without|for|from|in|than|on)\s+{_TAIL}",),
    STATE: _STATES,
    DONE: _STATES,
    DOING: _STATES,
    VERB: (rf"\b(?:that|which|who|it|he|she)\s+{_TAIL}",),
    PAST: (rf"\b(?:that|which|who|it|he|she|they|we|I)\s+{_TAIL}",),
}
_ALTERNATIVES = {ONE: (ONE, ANY), MANY: (MANY, ANY), ANY: (ONE, MANY, ANY), NOUNS: (NOUNS, NOUN)}
_PATTERNS = {form: tuple(map(re.compile, patterns)) for form, patterns in _TAILS.items()}
_VERB = re.compile(rf"\b{MODALS}\s+([a-z]+)\b")
# Behind a comma the sentence's own verb, or a further clause, goes on.
_RUNS_ON = re.compile(
    r",\s+(?:is|are|was|were|be|must|can|cannot|may|will|should|has|have|had|do|does|did|said|says|it|they|he|she|we|you"
    r"|first|this|these|but it|but they|for)\b|\b(?:does|do|did) (?:it|they|he|she|we)\b"
)
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|had|do|does|did|can|must|should|may|will|would)\b")
_RELATIVE = re.compile(
    r"\b(?:that|which|who|whom|whose|where|when|what|why|how|if|than|as|because|and|but|so|unless|though|although)\b"
)
_RELATIVE_PRONOUN = re.compile(r"\b(?:that|which|who|whom|whose)\b")
_FEWEST_RELATIVE = 3  # words of a relative clause: a shorter one is cut short
_OUTSIDE = re.compile(
    r"\b(?:above|below|following|here|aforementioned|this|these|such(?! as))\b|\bthose\b(?! (?:who|of|in|that))| - "
)
_ADJECTIVES = ("able", "ible", "al", "ive", "ful", "ous", "ent", "ant", "ic", "less", "ary", "ory", "en", "est", "er")
_COMPLEMENTS = PREPOSITIONS | {"to", "that"}  # behind an adjective: "free of", "valid for"
_NO_STATE = frozenset(all_words("asked informed called named supposed"))
_ARTICLES = frozenset(all_words("a an the any every no some all"))
_SUBJECTS = (DETERMINERS | PRONOUNS | frozenset(all_words("there people nobody everybody everyone nothing men"))) - {
    "i",
    "me",
    "that",
    "such",
}
_ANAPHORS = frozenset(
    all_words("it its itself they them their theirs themselves he she him his her hers himself this these those such")
)
_NO_GERUND = frozenset(all_words("nothing something everything anything according during being"))
_SHORTEST, _LONGEST, _FEWEST_WORDS = 18, 150, 3  # characters and words of a tail
_FEWEST_CONTENT = 2  # content words of a tail
_NAMED = 2  # content words before a pronoun, from which on it may refer to them


@dataclass(frozen=True, slots=True)
class Tail:
    """A part of a sentence that may be a wrong option, with the sentence's number."""

    text: str
    number: int


def base_verbs(statements: Iterable[Statement]) -> frozenset[str]:
    """Collect common verbs and those of a library: the words after "can", "must" and the like."""
    found = {word for statement in statements for word in _VERB.findall(statement.text)}
    return COMMON_VERBS | frozenset(found - FUNCTION_WORDS | {"be", "have", "do"})


def tails(statement: Statement, form: str, verbs: frozenset[str]) -> Iterator[Tail]:
    """Yield the parts of a sentence that have a form."""
    if form in (ONE, MANY, ANY):
        if (opening := subject(statement.text, 0, verbs)) and opening[0] == form:
            yield Tail(statement.text[: opening[1]], statement.number)
        return
    for pattern in _PATTERNS[form]:
        for found in pattern.finditer(statement.text):
            tail = found["tail"].strip()
            if found.start("tail") == 0:
                tail = tail[:1].lower() + tail[1:]
            if fits(tail, form, verbs):
                yield Tail(tail, statement.number)
    if (verb := predicate(statement.text, 0, verbs)) and verb[0] == form:
        tail = statement.text[verb[1] :].rstrip(" .!")
        if fits(tail, form, verbs):
            yield Tail(tail, statement.number)


def alternatives(form: str) -> tuple[str, ...]:
    """Return the forms that may stand in a form's place: under "must" a subject of any number."""
    return _ALTERNATIVES.get(form, (form,))


def fits(tail: str, form: str, verbs: frozenset[str]) -> bool:
    """Return whether a text has a form: it opens as that form does, and it is whole."""
    words = all_words(tail)
    if not (_SHORTEST <= len(tail) <= _LONGEST and len(words) >= _FEWEST_WORDS) or words[-1] in TRAILING:
        return False
    if not re.match(r"[a-z]", tail) or tail.count("\u2014") == 1 or tail.rstrip().endswith(","):
        return False
    if _RUNS_ON.search(tail) or sum(word not in FUNCTION_WORDS for word in words) < _FEWEST_CONTENT:
        return False
    if last := list(_RELATIVE_PRONOUN.finditer(tail)):
        relative = all_words(tail[last[-1].end() :])
        if len(relative) < _FEWEST_RELATIVE or not any(_is_verb(word, verbs) for word in relative):
            return False
    if _OUTSIDE.search(tail) or (form != CLAUSE and _has_second_verb(tail)):
        return False
    return _opens(words, form, verbs)


def _opens(words: list[str], form: str, verbs: frozenset[str]) -> bool:
    first, *_ = words = words[words[0] == "not" :]
    if form == STATE and first.endswith("ly") and len(words) > 2:  # "completely different"
        first, *_ = words = words[1:]
    is_plain = first not in FUNCTION_WORDS
    match form:
        case "bare":
            return first in verbs
        case "gerund" | "doing":
            return first.endswith("ing") and len(first) > 4 and first not in _NO_GERUND
        case "state":
            is_adjective = first.endswith(_ADJECTIVES) or words[1] in _COMPLEMENTS
            return is_plain and is_adjective and not first.endswith(("ing", "ed", "s", "ly"))
        case "done":
            return is_plain and first.endswith("ed") and first not in _NO_STATE
        case "verb" | "past":
            return finite_form(first, verbs) == form
        case "noun" | "nouns":
            return first in _ARTICLES
    return first in _SUBJECTS | _ANAPHORS and any(_is_verb(word, verbs) for word in words[1:])


def leading_anaphor(tail: str) -> str:
    """Return the pronoun before which a tail names nothing, or an empty string."""
    content = 0
    for word in all_words(tail):
        if word in _ANAPHORS:
            return word if content < _NAMED else ""
        content += word not in FUNCTION_WORDS
    return ""


def _has_second_verb(tail: str) -> bool:
    """Return whether a finite verb stands in a tail without a word before it that begins a clause."""
    finite = _FINITE.search(tail, tail.find(" "))
    return finite is not None and not _RELATIVE.search(tail[: finite.start()])


def _is_verb(word: str, verbs: frozenset[str]) -> bool:
    return word in AUXILIARIES | IRREGULAR_PASTS | verbs or bool(
        word.endswith(("s", "ed")) and {word[:-1], word[:-2], word.removesuffix("ied") + "y"} & verbs
    )
