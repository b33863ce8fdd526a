"""Finds what a question says and its quote contradicts: numbers, names, opposites, negations, owners. English rules."""

from __future__ import annotations

import math
import re
import unicodedata
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from rapidfuzz.fuzz import ratio

from index.answering.polarity import TOKEN, opposites
from index.text.lexicon import ENGLISH, any_of, lexicon
from index.text.words import STOP_WORDS, all_words, stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence, Set

    from index.generations.generation import Generation

_ENGLISH = lexicon(ENGLISH)
_ASKING = frozenset((*_ENGLISH.asking, *_ENGLISH.question_words))
_FUNCTION_WORDS = STOP_WORDS.union(_ENGLISH.function_words)

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?=(?:st|nd|rd|th|s)?\b)|\w+|%")
_YEAR = re.compile(r"1\d{3}|20\d\d")
_NUMBER_WORDS = dict(zip(_ENGLISH.cardinals[1:], range(2, 13), strict=True))
_NUMBER_WORDS |= dict(zip(_ENGLISH.ordinals, range(1, 13), strict=True))

# Too general to say that a sentence is about the opposite: "the first years" for "the last king".
_GENERAL = frozenset(map(stem, _ENGLISH.general))
# An opposite answers what is asked whether: "Do unions support it?"
_WHETHER = re.compile(
    r"^(?:and |but )?(?:do|does|did|is|are|was|were|can|could|has|have|had|will|would|should)\b", re.IGNORECASE
)
_SHARED = 0.6  # share of the question's other words that a sentence with an opposite must have

_NEGATES = re.compile(r"not|never|cannot|\w+n['’]t", re.IGNORECASE)
# A negation outside the main clause, and questions for a reason or for help, which no negation answers.
_SUBORDINATE = re.compile(
    r"\b(?:if|when|because|since|although|though|unless|whether|while|but|that|who|which|where|after|before|and|or|so)\b",
    re.IGNORECASE,
)
_HELP = re.compile(
    r"^(?:why|how|if|can|could|should|do|does|is|are|explain|please|my)\b|"
    r"\bhow (?:to|do|can|should)\b|\bwhy\b|\bnot only\b",
    re.IGNORECASE,
)
# What may say in other words that something is not so.
_DENIES = re.compile(any_of(_ENGLISH.denials), re.IGNORECASE)

_WORD = r"[\w-]{1,40}"  # bounded, so that a pattern takes no time with the square of a long word
_POSSESSIVE = re.compile(rf"((?:{_WORD}\s+){{0,2}}{_WORD})(?:['’]s|(?<=s)['’])\s+((?:{_WORD}\s*){{1,3}})")
_OF = re.compile(
    rf"((?:{_WORD}\s+){{1,3}})(?:in\s+the\s+(?:\w+\s+)?\w+\s+)?of\s+(?:the\s+|an?\s+)?"
    rf"(?=((?:{_WORD}\s*){{1,3}}))"  # not passed: of "the board of the form of the Internet" both are found
)
# "What form does the Internet take?" asks for the Internet's form.
_WHAT_DOES = re.compile(
    rf"\b(?:what|which)\s+((?:{_WORD}\s+){{1,3}}?)(?:does|do|did|has|have|had)\s+(?:the\s+|an?\s+)?((?:{_WORD}\s*){{1,3}})",
    re.IGNORECASE,
)
_OWNED = ((_POSSESSIVE, 1, 2), (_OF, 2, 1), (_WHAT_DOES, 2, 1))  # groups: the owner, and what is its own
# What stands before "of" in a name rather than being owned: "the University of Chicago".
_PARTS_OF_NAMES = frozenset(map(stem, _ENGLISH.parts_of_names))
_ALIKE = 70  # per cent, of two words that may be spellings or forms of one name: Céloron and Celeron
_SAME_START = 4  # letters: Philippines and Filipino differ, China and Chinese do not
_SHORTEST_OWNER = 3  # letters
_LONGEST = 1_000  # characters of a question and of a quote
_DOUBTED = math.log(2)  # cost in log-odds of a contradiction: a sentence half as likely without one is quoted first


def contradicts(question: str, quote: str, passage: str, known: Set[str] = frozenset()) -> bool:
    """Return whether a quote is about something else than the question, although they share words.

    `passage` is the text around the quote with its heading: a number or a word that stands there is not missed. `known`
    are words in lower case that count as names, as capitalised ones do.
    """
    if max(len(question), len(quote)) > _LONGEST:
        return False
    return (
        _has_other_number(question, quote, passage)
        or _lacks_a_name(question, quote if " | " in quote else passage)  # a row of a table is not about its neighbours
        or _says_opposite(question, quote, passage)
        or _affirms(question, quote)
        or _has_other_owner(question, quote, known)
    )


def agreeing_first(
    ranked: Iterable[tuple[int, float]], generation: Generation, question: str
) -> tuple[Iterable[tuple[int, float]], bool]:
    """Move the best sentence that does not contradict the question first, if it is at least half as likely.

    `ranked` are (sentence number, score in log-odds), best first. Returns them and whether the first one contradicts;
    those that it passed have its score.
    """
    asked, known = generation.aliases.canonical(question), frozenset(generation.aliases.variants.values())

    def disagrees(number: int) -> bool:
        sentence = generation.sentence(number)
        passage = sentence.passage
        around = f"{passage.heading} {sentence.document.title} {sentence.document.text[passage.start : passage.end]}"
        quote, around = map(generation.aliases.canonical, (sentence.text, around))
        return contradicts(asked, quote, around, known)

    rest = iter(ranked)
    waiting: list[tuple[int, float]] = []
    for number, score in rest:
        if waiting and score < waiting[0][1] - _DOUBTED:
            return chain(waiting, [(number, score)], rest), True
        if not disagrees(number):
            return chain([(number, score)], ((other, score) for other, _ in waiting), rest), False
        waiting.append((number, score))
    return waiting, bool(waiting)


def _has_other_number(question: str, quote: str, passage: str) -> bool:
    """Return whether the passage lacks a number of the question and the quote has another one in its place.

    Its place is the same next word ("level 3", "50 majors"); a year is in the place of any other year.
    """
    asked = _numbers(question)
    if not asked:
        return False
    around, quoted = {value for value, _, _ in _numbers(passage)}, _numbers(quote)
    return any(_replaced(value, before, after, quoted) for value, before, after in asked if value not in around)


def _replaced(value: str, before: str, after: str, quoted: Sequence[tuple[str, str, str]]) -> bool:
    if _YEAR.fullmatch(value):
        return any(_YEAR.fullmatch(other) for other, _, _ in quoted)
    others = [each for each in quoted if not _YEAR.fullmatch(each[0])]
    return any(
        after == other_after if after else before and before == other_before for _, other_before, other_after in others
    )


def _numbers(text: str) -> list[tuple[str, str, str]]:
    """List the numbers of a text, each with the stems of the words before and after it, "" for a stop word or none."""
    tokens = ["", *_NUMBER.findall(text.lower()), ""]
    found = []
    for (before, _), (token, after) in zip(pairwise(tokens), pairwise(tokens[1:]), strict=False):
        value = token.replace(",", "") if token[:1].isdigit() else str(_NUMBER_WORDS.get(token, ""))
        if value:
            found.append((value, _content(before), _content(after)))
    return found


def _content(word: str) -> str:
    return "" if not word or word in STOP_WORDS else stem(word)


def _says_opposite(question: str, quote: str, passage: str) -> bool:
    """Return whether a word of the question is nowhere in the passage, and the quote has its opposite."""
    if _WHETHER.search(question):
        return False
    asked = {stem(word) for word in all_words(question) if word not in _FUNCTION_WORDS}
    quoted = set(map(stem, all_words(quote)))
    turned = [word for word in asked - quoted - _GENERAL if not opposites(word).isdisjoint(quoted - asked - _GENERAL)]
    if not turned:
        return False
    around = set(map(stem, all_words(passage)))
    return any(
        word not in around and len(asked) > 2 and len(asked & quoted) >= _SHARED * (len(asked) - 1) for word in turned
    )


def _affirms(question: str, quote: str) -> bool:
    """Return whether the question asks for what is not so, and nothing in the quote denies anything."""
    negation = next((found for found in TOKEN.finditer(question) if _NEGATES.fullmatch(found[0])), None)
    if negation is None or not all_words(question[negation.end() :]) or _HELP.search(question):
        return False
    asking = TOKEN.search(question)
    if (
        asking is None
        or asking.start() == negation.start()
        or _SUBORDINATE.search(question, asking.end(), negation.start())
    ):
        return False
    return not any(_DENIES.fullmatch(word) for word in TOKEN.findall(quote))


def _lacks_a_name(question: str, passage: str) -> bool:
    """Return whether a question of names alone has one that the passage does not: what is asked of it is not told."""
    names = [word for word in re.findall(r"\w+", question) if word.lower() not in STOP_WORDS]
    if not all(word[0].isupper() or word.isdecimal() for word in names) or _ASKING.intersection(map(str.lower, names)):
        return False
    return not set(_stems(" ".join(names))) <= set(_stems(passage))


def _has_other_owner(question: str, quote: str, known: Set[str]) -> bool:
    """Return whether the quote has what the question asks for of something else: the sea's level for the lake's.

    It may have it of both, "the sea's level is above the lake's level": the first one is what it speaks of.
    """
    asked = [*_owned(question, known)]
    if not asked:
        return False
    quoted, said, of_quote = _stems(quote), set(_stems(question)), [*_owned(quote, known)]
    in_quote = set(quoted)
    for owner, thing in asked:
        owners = [other for other, same in of_quote if _same_thing(thing, same)]
        if not owners or thing[-1] in _PARTS_OF_NAMES:
            continue
        others = [not any(_is_alike(word, said) for word in other) for other in owners]
        is_named = any(_is_alike(word, in_quote) for word in owner)
        # Said once, it is one thing of both: "Ann's life of Bea".
        is_second = others[0] and not all(others) and quoted.count(thing[-1]) > 1
        if is_second if is_named else any(others):
            return True
    return False


def _owned(text: str, known: Set[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the stems of each named owner and of what is its own, in order of the text.

    "The lake's level" and "the level of Lake Erie" are such.
    """
    places = [(each, owner, thing) for pattern, owner, thing in _OWNED for each in pattern.finditer(text)]
    for found, owner_group, thing_group in sorted(places, key=lambda place: place[0].start()):
        owner = _run(found[owner_group].split(), from_end=owner_group == 1)
        thing = _run(found[thing_group].split(), from_end=thing_group == 1)
        if owner and thing and any(_is_name(word, known) for word in owner):
            yield _stems(" ".join(owner)), _stems(" ".join(thing))


def _run(words: Sequence[str], *, from_end: bool) -> list[str]:
    """Return the words up to the first function word, from the end or from the beginning."""
    found: list[str] = []
    for word in reversed(words) if from_end else words:
        if word.lower() in _FUNCTION_WORDS:
            break
        found.append(word)
    return found[::-1] if from_end else found


def _is_name(word: str, known: Set[str]) -> bool:
    capitalised = word[0].isupper() and not word.isupper() and len(word) >= _SHORTEST_OWNER
    return capitalised or word.lower() in known


def _same_thing(thing: Sequence[str], other: Sequence[str]) -> bool:
    count = min(len(thing), len(other), 2)
    return thing[-count:] == other[-count:] or thing[:count] == other[:count]


def _is_alike(word: str, others: Set[str]) -> bool:
    return any(word[:_SAME_START] == other[:_SAME_START] or ratio(word, other, score_cutoff=_ALIKE) for other in others)


def _stems(text: str) -> list[str]:
    """List the stems of the words of a text, without accents."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return [stem(word) for word in re.findall(_WORD, plain.lower())]
