"""Names what differs between a quotation and the words of the library: a diff by words, and the kinds of changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from rapidfuzz.distance import Levenshtein

from index.text.comparison import Kind, Token
from index.text.lexicon import languages, lexicon
from index.text.words import STOP_WORDS


class Change(StrEnum):
    """A kind of change, the gravest first."""

    NEGATION = "negation"
    NUMBER = "number"
    NAME = "name"
    ORDER = "order"
    WORDS = "words"
    CAPITALS = "capitals"
    PUNCTUATION = "punctuation"


GRAVE = (Change.NEGATION, Change.NUMBER, Change.NAME)


class Part(StrEnum):
    """Where the words of a part of a diff stand."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class DiffPart:
    """Words that both have, that only the library has (removed), or only the quotation (added)."""

    part: Part
    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """Tokens with the text that they are of."""

    text: str
    tokens: Sequence[Token]

    def cut(self, first: int, last: int) -> str:
        """Return the text from one token to before another, on one line."""
        if first >= last:
            return ""
        return " ".join(self.text[self.tokens[first].start : self.tokens[last - 1].end].split())

    def is_spaced(self, at: int) -> bool:
        """Say whether white space stands before a token."""
        return at > 0 and self.tokens[at - 1].end < self.tokens[at].start and self.tokens[at].start > 0

    def begins_sentence(self, at: int) -> bool:
        """Say whether a token is the first word of a sentence, as far as its marks say."""
        before = next((token for token in reversed(self.tokens[:at]) if token.form != '"'), None)
        return before is None or (before.kind == Kind.MARK and before.form in ".!?:") or before.kind == Kind.GAP


def compared(source: Written, quoted: Written, keys: Sequence[str]) -> tuple[tuple[DiffPart, ...], frozenset[Change]]:
    """Compare the words of the library with a quotation; `keys` are the quoted forms, or what counts as the same."""
    parts: list[DiffPart] = []
    changes: set[Change] = set()
    for code in Levenshtein.opcodes([token.form for token in source.tokens], keys):
        (first, last), (begin, end) = (code.src_start, code.src_end), (code.dest_start, code.dest_end)
        if code.tag == "equal":
            parts.append(DiffPart(Part.SAME, _lead(quoted, begin, parts) + quoted.cut(begin, end)))
            continue
        if first < last:
            parts.append(DiffPart(Part.REMOVED, _lead(source, first, parts) + source.cut(first, last)))
        if begin < end:
            parts.append(DiffPart(Part.ADDED, _lead(quoted, begin, parts) + quoted.cut(begin, end)))
        changes |= set(_kinds(source, range(first, last), quoted, range(begin, end)))
    return tuple(parts), frozenset(changes)


def _lead(written: Written, at: int, parts: Sequence[DiffPart]) -> str:
    return " " if parts and written.is_spaced(at) else ""


def _kinds(source: Written, removed: range, quoted: Written, added: range) -> Iterator[Change]:
    """Yield the kinds of one change: of words that were exchanged, left out or added."""
    before, after = [source.tokens[at] for at in removed], [quoted.tokens[at] for at in added]
    sides = ((source, removed), (quoted, added))
    if spoken(before) == spoken(after):
        is_case = [token.form.lower() for token in before] == [token.form.lower() for token in after]
        yield Change.CAPITALS if is_case else Change.PUNCTUATION
        if any(_is_minus(written, at) for written, span in sides for at in span):
            yield Change.NUMBER
        return
    grave = {
        Change.NEGATION: any(map(is_negation, spoken((*before, *after)))) or _are_opposites(before, after),
        Change.NUMBER: any(map(_is_number, (*before, *after))),
        Change.NAME: any(_is_name(source, at) for at in removed)
        or any(_is_name(quoted, at) and not quoted.begins_sentence(at) for at in added),
    }
    yield from (change for change, is_there in grave.items() if is_there)
    if not any(grave.values()):
        yield Change.WORDS


def spoken(found: Iterable[Token]) -> list[str]:
    """List the words and symbols among tokens, in lower case."""
    return [token.form.lower() for token in found if token.kind in (Kind.WORD, Kind.SYMBOL)]


def is_negation(form: str) -> bool:
    """Say whether a word in lower case reverses what a sentence says."""
    return form in _data()[0] or form.endswith("n't")


def _are_opposites(before: Sequence[Token], after: Sequence[Token]) -> bool:
    """Say whether a word was exchanged for the same with a prefix that reverses it: possible, impossible."""
    old, new = ({token.form.lower() for token in side if token.kind == Kind.WORD} for side in (before, after))
    return any(prefix + word in new or prefix + word in old for word in old | new for prefix in _data()[1])


def _is_number(token: Token) -> bool:
    if token.kind == Kind.SYMBOL:
        return True
    return token.kind == Kind.WORD and (any(map(str.isdigit, token.form)) or token.form.lower() in _data()[2])


def _is_minus(written: Written, at: int) -> bool:
    following = written.tokens[at + 1].form if at + 1 < len(written.tokens) else ""
    return written.tokens[at].form == "-" and following[:1].isdigit()


def _is_name(written: Written, at: int) -> bool:
    """Say whether a word is a name: it has a capital where no sentence begins, or never stands in lower case."""
    token = written.tokens[at]
    if token.kind != Kind.WORD or not token.form[0].isupper() or token.form.lower() in STOP_WORDS:
        return False
    if len(token.form) == 1:
        return False
    return not written.begins_sentence(at) or f" {token.form.lower()}" not in written.text


@cache
def _data() -> tuple[frozenset[str], tuple[str, ...], frozenset[str]]:
    """Read the negations, the prefixes that negate and the numbers in words, of all languages together."""
    every = [lexicon(code) for code in sorted(languages())]
    negations, prefixes, numbers = (
        tuple(dict.fromkeys(word for each in every for word in getattr(each, name)))
        for name in ("negations", "negating_prefixes", "numbers")
    )
    return frozenset(negations), prefixes, frozenset(numbers)
