"""Finds self-contained sentences: a reader understands them without the ones around them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.quiz.drafting.concordance import Concordance
from bot.quiz.drafting.vocabulary import (
    AUXILIARIES,
    FUNCTION_WORDS,
    IRREGULAR_PASTS,
    LEANING_OPENERS,
    LEANING_PHRASES,
    PREPOSITIONS,
)
from index.answering.answer import Quote, quote_sentence
from index.text.quotable import LibrarySentence
from index.text.words import stem

if TYPE_CHECKING:
    from bot.quiz.drafting.concordance import Statement
    from index.generations.texts import Texts

SHORTEST, LONGEST = 45, 390  # characters; a question has at most 400
# Refers to more than the sentence before, or to what follows.
_OUTSIDE = re.compile(r"\b(?:above|below|following)\b", re.IGNORECASE)
_FEWEST_WORDS, _MOST_WORDS = 7, 56
_CENTRAL = 0.12  # share of the passages from which a document is about a noun, so that "the ..." needs no introduction
_OPENS = re.compile(r"[\"\u201c\u2018']?(?:[A-Z]|\d)")
# "As a result of the war" says of what.
_SAYS_OF_WHAT = re.compile(
    r"To this day|(?:As a result|In (?:addition|response|contrast)|By the time|At the time) (?:of|to)"
    r" (?!this|that|these|those|it)"
)
_ENDS = re.compile(r"[^.!?:;,]\.[\"\u201d\u2019')]*\Z")
_DEBRIS = re.compile(
    r"[*`]|\w_\w|https?://|www\.|\||[<>{}\\=]|\[[^\]]*\]|\.\.\.|\u2026|\b(?:Figure|Fig\.|Table|Chapter|Section|Page|p\.)\s*\d|\x00"
)
_VERSE = re.compile(r"[a-z,\u2014\u2060] (?:What|When|Then|That|Who|And|To|Of|If|Not|Is|As|With|From|By|Where|Than)\b")
# Two sentences run into one: "The mill is old, has been repaired."
_SPLICED = re.compile(
    r"(?:(?:For|In|At|On|By|With|After|To) [^,;]*, )?"
    r"[^,;]*\b(?:is|are|was|were|can|could|will|would)\b[^,;]*, (?:is|are|was|were|has|have)\b"
)
_PAIRS = (("(", ")"), ("[", "]"), ("\u201c", "\u201d"))
# Each of these, anywhere in a sentence, refers to something outside it.
_ANYWHERE = re.compile(
    "|".join(
        (
            r"\bthis\b(?!\s+day\b)",
            r"\bthese\b",
            r"\bthose\b(?!\s+(?:who|of|in|with|that|from|whose|at|living|people)\b)",
            r"\bsuch\b(?!\s+as\b)",
            r"\bthe (?:former|latter|same(?! as)|following|above|aforementioned|previous|preceding|next|others?|two"
            r"|three)\b",
            r"\brespectively\b",
            r"\b(?:however|therefore|thus|hence|furthermore|moreover|nevertheless|meanwhile|likewise|consequently)\b",
            r"\b(?:years?|months?|days?|weeks?|decades?|centur(?:y|ies)) (?:later|earlier)\b",
            r"\b(?:that|the) (?:year|month|day|time|point|period|era|decade|century|date|moment|end)\b"
            r"(?! (?:of|that|in|when))",
            r"\b(?:mentioned|described|discussed|seen|noted|shown) (?:above|below|earlier|here)\b",
            r"\b(?:for example|for instance|e\.g\.|i\.e\.|etc\.)",
            r"\b(?:others|as well|too|then|there)[,.]",
            r"\banother\b",
            r"\bhere\b",
            r"(?:\A|, |\bnow |\bso )that (?:\w+ly )?(?:means|is|was)\b",
            r"\bin (?:turn|response|return|addition)\b(?! to)",
            r"\b(?:did|do|doing) so\b|\bso (?:did|was|were|is|are)\b",
        )
    ),
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_PERSONAL = re.compile(r"\b(?:he|she|him|his|her|hers|himself|herself)\b", re.IGNORECASE)
_REFERRING = re.compile(r"\b(?:it|its|itself|they|them|their|theirs|themselves)\b", re.IGNORECASE)
_PLURAL_PRONOUN = re.compile(r"\b(?:they|them|their|theirs|themselves)\b", re.IGNORECASE)
_PLURAL = re.compile(
    r"\b(?:\w\w+(?<![sui])s|people|men|women|children|everyone|everybody|anyone|someone|person|and|or|team|group|family"
    r"|committee|community|council|company|one|who)\b",
    re.IGNORECASE,
)
# "I" is a numeral behind a name.
_QUOTED_SPEECH = re.compile(r"(?<![A-Z][a-z] )(?<![a-z] )\bI (?=[a-z])|\b(?:me|my|myself)\b")
_READER = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)
# Words that only join a sentence to the one before; the rest may stand alone.
_JOINT = re.compile(
    r"(?:But|And|Or|Yet|So|Thus|Therefore|Hence|Now|However|Moreover|Furthermore|Indeed|In fact|In short|Of course"
    r"|Obviously|Clearly|Accordingly|Consequently|As a result|As we all know|In other words|In addition|Finally|Again"
    r"|Meantime|Still|Nevertheless|In practice|In general|Generally|Additionally|Also|It is clear that|In truth"
    r"|On the whole),? (?=[a-z])"
    r"|[A-Z][\w'\u2019-]* [^.:;,]{2,50}: (?=[A-Z])"  # a label; one of a single word may be a speaker's
)
_SPEAKER = re.compile(r"[\w'\u2019-]+: |.{3,60}: [A-Z]")
# "After losing his ship, Talbeek became ...": the name comes behind the clause.
_NAMED_LATER = re.compile(r"[^,;.]*, (?:the |King |Emperor |General )?[A-Z][a-z]+")
_DEFINITE = re.compile(
    r"\b[Tt]he\s+((?:[a-z][\w'\u2019-]*\s+){0,2}?[a-z][\w'\u2019-]*)(?=\s*([,.;:)]|\s[\w'\u2019-]+|\Z))"
)
_ARTICLES = frozenset(["the", "a", "an", "each", "every", "some", "many", "most", "all", "both"])
_COUNTING = frozenset(["some", "many", "most", "few", "several", "all", "each", "none", "one", "two", "three", "four"])
# Words behind a noun that say which one is meant.
_NARROWS = PREPOSITIONS - {"in", "on", "at", "by", "as", "with"} | {"that", "which", "who", "whom", "whose", "where"}
_OF_TEXT = frozenset(
    map(stem, ["author", "reader", "essay", "book", "text", "article", "sense", "world", "future", "past"])
)
_TELLING = frozenset(["first", "last", "only", "most", "largest", "smallest", "main", "greatest", "oldest", "highest"])


def stands_alone(statement: Statement, concordance: Concordance) -> bool:
    """Return whether a sentence is whole and refers to nothing outside it.

    "Governor Peter Lammers opened the lock in 1631." does; "He had paid for it himself." does not.
    """
    text = statement.text
    return (
        SHORTEST <= len(text) <= LONGEST
        and _is_whole(text)
        and not _leans(text)
        and (concordance.addresses_reader(statement.document) or not _READER.search(text))
        and not _pronoun_without_noun(text)
        and not _points_back(statement, concordance)
    )


def without_joint(statement: Statement, concordance: Concordance) -> Statement | None:
    """Return a sentence without the "But", "In fact" or "Therefore" it opens with; None when it has none."""
    end = joint_end(statement.text)
    if not end:
        return None
    rest = replace(statement, start=statement.start + end, text=statement.text[end:])
    return rest if stands_alone(capitalised(rest), concordance) else None


def joint_end(text: str) -> int:
    """Return where a sentence begins behind "But", "In fact" and the like; 0 without these."""
    found = _JOINT.match(text)
    return found.end() if found else 0


def capitalised(statement: Statement) -> Statement:
    """Return a statement whose text opens with a capital, as if it were a whole sentence."""
    return replace(statement, text=statement.text[:1].upper() + statement.text[1:])


def standalone_quotes(texts: Texts) -> list[Quote]:
    """Quote every sentence that a reader understands without the ones around it, in the order of the library.

    Takes seconds for a large library: call it in a thread.
    """
    concordance = Concordance(texts)
    return [
        quote_sentence(
            texts.manifest.generation,
            LibrarySentence(
                texts.documents[statement.document],
                texts.passages[statement.passage],
                statement.passage,
                statement.start,
                statement.end,
            ),
        )
        for statement in concordance.statements
        if stands_alone(statement, concordance)
    ]


def stands_with(first: Statement, second: Statement, concordance: Concordance) -> Statement | None:
    """Join a sentence with the one before when the two are self-contained together; else None.

    The example of `stands_alone`: the second sentence alone is not, both together are.
    """
    if second.passage != first.passage or not stands_alone(first, concordance) or not _is_whole(second.text):
        return None
    both = concordance.joined(first, second)
    if len(both.text) > LONGEST or _OUTSIDE.search(second.text) or _QUOTED_SPEECH.search(second.text):
        return None
    return None if _pronoun_without_noun(both.text) or _points_back(both, concordance) else both


def _is_whole(text: str) -> bool:
    """Return whether a text is a sentence, not a fragment, a heading or a row of a table."""
    words = _WORD.findall(text)
    if not _FEWEST_WORDS <= len(words) <= _MOST_WORDS or not _OPENS.match(text) or not _ENDS.search(text):
        return False
    if "\n\n" in text or _DEBRIS.search(text) or any(text.count(a) != text.count(b) for a, b in _PAIRS):
        return False
    if text.count('"') % 2 or "?" in text or sum(map(str.isdigit, text)) > len(text) / 5:
        return False
    if _SPLICED.match(text) or _VERSE.search(text):
        return False
    if sum(word[0].isupper() for word in words) > 0.7 * len(words):
        return False
    return any(_is_verb(word) for word in words[1:])


def _is_verb(word: str) -> bool:
    return (
        word in AUXILIARIES
        or word in IRREGULAR_PASTS
        or (word.islower() and len(word) > 4 and word.endswith(("ed", "es", "s")))
    )


def _leans(text: str) -> bool:
    words = _WORD.findall(text)
    first, second = words[0].casefold(), words[1].casefold()
    if _SPEAKER.match(text):
        return True
    if (first in LEANING_OPENERS and not text.startswith("Rather than")) or (
        text.casefold().startswith(LEANING_PHRASES) and not _SAYS_OF_WHAT.match(text)
    ):
        return True
    # "Some were ..." means some of those named before.
    if first in _COUNTING and (second in AUXILIARIES or _is_verb(second) or second in ("of", "also", "even", "such")):
        return True
    return bool(_ANYWHERE.search(text)) or bool(_QUOTED_SPEECH.search(text))


def _pronoun_without_noun(text: str) -> bool:
    """Return whether a pronoun has nothing before it that it could refer to."""
    if found := _PERSONAL.search(text):
        before = _WORD.findall(text[: found.start()])
        named = any(word[0].isupper() for word in before[1:]) or (before and _may_be_name(before))
        if not named and not named_later(text, found):
            return True
    if (plural := _PLURAL_PRONOUN.search(text)) and not _PLURAL.search(text[: plural.start()]):
        return True
    if found := _REFERRING.search(text):
        before = _WORD.findall(text[: found.start()])
        return not _names_something(before, "," in text[: found.start()])
    return False


def named_later(text: str, pronoun: re.Match[str]) -> bool:
    """Return whether a pronoun is in a first clause that the name follows at once."""
    return "," not in text[: pronoun.start()] and bool(_NAMED_LATER.match(text, pronoun.end()))


def _names_something(before: list[str], is_parted: bool) -> bool:
    """Return whether "it" has a noun before it; with a comma in between, one with an article or a capital."""
    if any(word.casefold() in _ARTICLES or (at and word[0].isupper()) for at, word in enumerate(before)):
        return True
    return not is_parted and any(word.casefold() not in FUNCTION_WORDS for word in before)


def _may_be_name(words: list[str]) -> bool:
    return words[0].casefold() not in FUNCTION_WORDS and words[0][0].isupper()


def _points_back(statement: Statement, concordance: Concordance) -> bool:
    """Return whether "the treaty" refers to a treaty in the sentences before, or opens the sentence."""
    before = set(map(stem, (word.casefold() for word in _WORD.findall(statement.before))))
    seen: set[str] = set()
    for found in _DEFINITE.finditer(statement.text):
        phrase = found[1].casefold().split()
        head = next((word for word in phrase if word in FUNCTION_WORDS), None)
        phrase = phrase[: phrase.index(head)] if head else phrase
        following = (found[2] or "").strip().casefold()
        noun = stem(phrase[-1]) if phrase else ""
        narrowed = (
            stem(following) in _OF_TEXT
            or head in _NARROWS
            or following in _NARROWS
            or bool(_TELLING & set(phrase))
            or not phrase
        )
        here = [stem(word.casefold()) for word in _WORD.findall(statement.text[: found.start()])]
        if narrowed or noun in here or noun in seen or _is_central(noun, statement.document, concordance):
            seen.add(noun)
            continue
        if noun in before or found.start() == 0:
            return True
    return False


def _is_central(noun: str, document: int, concordance: Concordance) -> bool:
    parts = noun.split("-")  # the concordance has the parts of "meta-universe"
    first, noun = stem(parts[0]), parts[-1]
    if noun in _OF_TEXT:
        return True
    title = set(map(stem, _WORD.findall(concordance.documents[document].title.casefold())))
    wanted = max(3.0, _CENTRAL * concordance.passage_count(document))
    return noun in title or (
        concordance.passages_in(document, noun) >= wanted and concordance.is_the_only(document, first)
    )
