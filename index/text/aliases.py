"""Aliases: other spellings of a word, so that a search finds all of them; read from a file, and suggested."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import Stemmer
import yaml
from rapidfuzz.distance import JaroWinkler

from index.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_JOINT = r"[\s\-\u2010-\u2015]"
_ENDING = r"(?=(?:e?s|['\u2019]s|s['\u2019])?(?![\w]))"


class Aliases:
    """Maps each known variant, case folded, to the canonical spelling, which is the one that is searched."""

    __slots__ = ("_pattern", "variants")

    def __init__(self, variants: Mapping[str, str]) -> None:
        self.variants = {_key(variant): canonical for variant, canonical in variants.items()}
        longest_first = sorted(self.variants, key=lambda key: (-len(key), key))
        spellings = "|".join(f"{_JOINT}{{0,2}}".join(map(re.escape, key.split("-"))) for key in longest_first)
        self._pattern = re.compile(rf"(?<!\w)(?:{spellings}){_ENDING}", re.IGNORECASE) if spellings else None

    def canonical(self, text: str) -> str:
        """Replace every variant by its canonical spelling, also in plurals and possessives: for the search only."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._lookup(found[0]), text)

    def _lookup(self, spelling: str) -> str:
        if (known := self.variants.get(_key(spelling))) is not None:
            return known
        bare = re.sub(_JOINT, "", spelling).casefold()
        return next((c for key, c in self.variants.items() if key.replace("-", "") == bare), spelling)


def _key(spelling: str) -> str:
    return re.sub(f"{_JOINT}+", "-", spelling.strip()).casefold()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A likely variant for a maintainer to confirm; `count` of the variant, `score` 0..1, higher = surer."""

    variant: str
    canonical: str
    count: int
    score: float


def read_aliases(path: Path) -> Aliases:
    """Read a file of `canonical: [variant, ...]`; raise SourceError when it says something else or twice."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read; restore it or make it an empty file.") from error
    except Exception as error:  # on an odd date, number or depth PyYAML raises whatever its parts raise
        raise SourceError(f"{path} is not valid YAML; write each line as `word: [spelling, spelling]`.") from error
    variants: dict[str, str] = {}
    if not isinstance(content, dict):
        raise SourceError(f"{path} holds no list of words; write each line as `word: [spelling, spelling]`.")
    for canonical, spellings in content.items():
        if not isinstance(canonical, str) or not isinstance(spellings, list):
            raise SourceError(f"{path}: {canonical!r} needs a list; write it as `word: [spelling, spelling]`.")
        for spelling in spellings:
            if not isinstance(spelling, str) or not re.search(r"\w", spelling):
                raise SourceError(
                    f"{path}: {spelling!r} under {canonical!r} is no spelling; put it in quotation marks."
                )
            if variants.setdefault(_key(spelling), canonical) != canonical:
                raise SourceError(f"{path}: {spelling!r} stands for two words; leave it under one of them.")
    if both := sorted(variants.keys() & {_key(canonical) for canonical in variants.values()}):
        raise SourceError(f"{path}: {both[0]!r} is both a word and a spelling of another; leave it in one place.")
    return Aliases(variants)


_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*")
_PREFIX = 4  # letters that variants share
_BUCKET = 200  # words of one prefix that are compared, the most frequent ones
_SHORTEST = 6  # letters of a word that may have variants
_FREQUENT = 5  # occurrences, at least, of a word that a document is about
# Fitted on a machine translation with six spellings of one word, against encyclopedia articles with none.
_ALIKE = 0.75  # Jaro-Winkler similarity of two spellings, at least
_SURE_ENOUGH = 0.45  # score of a suggestion, at least
_TOPICAL = 0.002  # share of a document's words, at least, of a word that the document is about
_STEMMER = Stemmer.Stemmer("english")


def suggest_aliases(texts: Iterable[str]) -> list[Suggestion]:
    """Suggest rare words that resemble a topical word in spelling and in the words around them, surest first.

    Forms of one word (plurals, tenses, derivations) are no suggestion: the search stems them anyway. In the
    essay that ships, "metasverse" is suggested as a variant of "metaverse".
    """
    counts: Counter[str] = Counter()
    company: defaultdict[str, Counter[str]] = defaultdict(Counter)
    topics: set[str] = set()
    for text in texts:
        words = [word.casefold() for word in _WORD.findall(text)]
        here = Counter(words)
        counts.update(here)
        topics.update(word for word, count in here.items() if count >= max(_FREQUENT, _TOPICAL * len(words)))
        for at, word in enumerate(words):
            if len(word) >= _SHORTEST:
                seen = company[word]
                for near in (-2, -1, 1, 2):
                    if 0 <= at + near < len(words):
                        seen[f"{near}{words[at + near]}"] += 1
    buckets: defaultdict[str, list[str]] = defaultdict(list)
    for word in company:
        buckets[word[:_PREFIX]].append(word)
    suggestions: list[Suggestion] = []
    for bucket in buckets.values():
        bucket.sort(key=lambda word: (-counts[word], word))
        suggestions += _suggest(bucket[:_BUCKET], counts, company, topics)
    return sorted(suggestions, key=lambda s: (-s.score, s.variant))


def _suggest(
    bucket: list[str], counts: Counter[str], company: Mapping[str, Counter[str]], topics: set[str]
) -> Iterator[Suggestion]:
    """Add each word of a bucket, most frequent first, to the family that it resembles most, or begin a new one.

    The score is the Jaro-Winkler similarity of spellings times the cosine of the counts of neighbouring words.
    """
    families: list[tuple[str, list[str], Counter[str]]] = []
    for word in bucket:
        best, joined = 0.0, None
        for family in families:
            head, members, shared = family
            if head not in topics or counts[head] < 2 * counts[word] or _same_word(word, head):
                continue
            form = max(JaroWinkler.similarity(_joined(word), _joined(member)) for member in members)
            if form >= _ALIKE and (score := form * _cosine(company[word], shared)) > best:
                best, joined = score, family
        if joined is None or best < _SURE_ENOUGH:
            families.append((word, [word], Counter(company[word])))
        else:
            joined[1].append(word)
            joined[2].update(company[word])
            yield Suggestion(word, joined[0], counts[word], round(best, 3))


def _joined(word: str) -> str:
    return re.sub(_JOINT, "", word)


def _same_word(word: str, other: str) -> bool:
    """Say whether two words are forms or compounds of one word rather than two spellings of it."""
    short, long = sorted((_joined(word), _joined(other)), key=len)
    if long.startswith(short) and len(long) - len(short) > 2:
        return True
    first, _, last = word.partition("-")
    other_first, _, other_last = other.partition("-")
    if last and other_last and first == other_first and JaroWinkler.similarity(last, other_last) < _ALIKE:
        return True
    stem, other_stem = _STEMMER.stemWords([word, other])
    return bool(stem == other_stem)


def _cosine(a: Counter[str], b: Counter[str]) -> float:
    dot = sum(count * b[key] for key, count in a.items())
    return dot / math.sqrt(sum(c * c for c in a.values()) * sum(c * c for c in b.values())) if dot else 0.0
