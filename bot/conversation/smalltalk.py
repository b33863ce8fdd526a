"""Tells a greeting, a thank-you or "what can you do" from a question, so that only questions are searched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from prompts import read_data

PHRASES_FILE = "smalltalk.yaml"

_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
_TOKEN = re.compile(rf"[^\W_]+(?:['{_APOSTROPHE}][^\W_]+)*")
_LETTER_RUN = re.compile(r"(.)\1{2,}")
_BREAK = frozenset(",.!?;:…\n\N{EN DASH}\N{EM DASH}")
# Longer runs of words are not small talk; looking no further keeps a long question cheap.
_MOST_WORDS = 16


class SmallTalk(StrEnum):
    """Kinds in rising order of weight: of a message that holds several, the heaviest is answered."""

    GREETING = "greeting"
    FAREWELL = "farewell"
    PRAISE = "praise"
    THANKS = "thanks"
    WELLBEING = "wellbeing"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases and fillers as tuples of normalised tokens, and by first token how many the longest of them has."""

    kinds: dict[tuple[str, ...], SmallTalk]
    fillers: frozenset[tuple[str, ...]]
    question_starts: frozenset[str]
    longest_from: dict[str, int]

    @classmethod
    @cache
    def load(cls) -> Phrases:
        """Read the file that ships."""
        data = read_data(PHRASES_FILE)
        kinds = {tokens(phrase): SmallTalk(kind) for kind, phrases in data["phrases"].items() for phrase in phrases}
        fillers = frozenset(tokens(filler) for filler in data["fillers"])
        longest: dict[str, int] = {}
        for phrase in (*kinds, *fillers):
            longest[phrase[0]] = max(longest.get(phrase[0], 0), len(phrase))
        return cls(kinds, fillers, frozenset(data["question_starts"]), longest)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message is: small talk of a kind, or a question without the greeting around it."""

    kind: SmallTalk | None
    question: str


def tokens(text: str) -> tuple[str, ...]:
    """Split into words as the phrases are written: lower case, no punctuation, letters at most doubled."""
    return tuple(_fold(match[0]) for match in _TOKEN.finditer(text))


def hear(text: str) -> Heard:
    """Decide whether this text is small talk; if not, take greetings off its front and thanks off its end."""
    phrases = Phrases.load()
    found = list(_TOKEN.finditer(text))
    words = [_fold(match[0]) for match in found]
    kinds = _decompose(words, phrases)[0] if len(words) <= _MOST_WORDS else None
    if kinds:
        order = list(SmallTalk)
        return Heard(max(kinds, key=order.index), text)
    return Heard(None, _without_frame(text, found, words, phrases))


def _fold(token: str) -> str:
    return _LETTER_RUN.sub(r"\1\1", token.casefold().replace(_APOSTROPHE, "'"))


def _decompose(words: Sequence[str], phrases: Phrases) -> list[list[SmallTalk] | None]:
    """Return for each start the kinds of the phrases that make up `words[start:]`, None when something else is there.

    The last of the list is for the end, where nothing is left.
    """
    best: list[list[SmallTalk] | None] = [None] * len(words) + [[]]
    for start in range(len(words) - 1, -1, -1):
        longest = min(phrases.longest_from.get(words[start], 0), len(words) - start)
        for length in range(longest, 0, -1):
            rest, piece = best[start + length], tuple(words[start : start + length])
            if rest is None:
                continue
            if piece in phrases.kinds:
                best[start] = [phrases.kinds[piece], *rest]
                break
            if piece in phrases.fillers and best[start] is None:
                best[start] = rest
    return best


def _without_frame(text: str, found: list[re.Match[str]], words: list[str], phrases: Phrases) -> str:
    first = _front(text, found, words, phrases)
    last = _back(text, found, words, phrases, first)
    start = found[first].start() if first else 0
    end = found[last].start() if last < len(found) else len(text)
    return text[start:end].strip() or text.strip()


def _front(text: str, found: list[re.Match[str]], words: list[str], phrases: Phrases) -> int:
    """Return how many tokens at the front are small talk, up to a pause or a word that starts a question.

    "Hello World was written by whom?" keeps its "Hello": no pause follows it and no question word.
    """
    at_pause = at_question = 0
    # False where fillers alone lead to, True where a phrase of small talk was among them.
    reached: dict[int, bool] = {0: False}
    for start in range(min(len(words), _MOST_WORDS)):
        if start not in reached:
            continue
        for length in range(1, phrases.longest_from.get(words[start], 0) + 1):
            piece = tuple(words[start : start + length])
            if piece in phrases.kinds or piece in phrases.fillers:
                end = start + length
                reached[end] = reached.get(end, False) or reached[start] or piece in phrases.kinds
    for count in sorted(reached):
        if not reached[count] or not 0 < count < min(len(words), _MOST_WORDS):
            continue
        if _BREAK.intersection(text[found[count - 1].end() : found[count].start()]):
            at_pause = count
        elif words[count] in phrases.question_starts:
            at_question = count
    # The pause goes first: in "Thanks. And what about …?" the "And" belongs to the question.
    return at_pause or at_question


def _back(text: str, found: list[re.Match[str]], words: list[str], phrases: Phrases, first: int) -> int:
    """Return where the small talk at the end begins: "What is a node? Thanks!" ends before "Thanks"."""
    begin = max(first, len(words) - _MOST_WORDS) + 1
    kinds = _decompose(words[begin:], phrases)
    for start in range(begin, len(words)):
        paused = bool(_BREAK.intersection(text[found[start - 1].end() : found[start].start()]))
        if paused and kinds[start - begin]:
            return start
    return len(words)
