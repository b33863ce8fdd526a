"""Splits a text into words and marks for comparing it letter by letter: typographic variants have one form.

Used by the quotation check for the texts of a library and for what is held against them.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import cache
from typing import NamedTuple


class Kind(IntEnum):
    """What a token is; SYMBOL stands for a word (a currency, a sign of arithmetic, a percent sign)."""

    WORD = 0
    MARK = 1
    GAP = 2
    SYMBOL = 3


class Token(NamedTuple):
    """A word, a mark or an ellipsis at text[start:end]; equal tokens have one `form`, which keeps capitals."""

    form: str
    kind: Kind
    start: int
    end: int


def _of_category(*categories: str) -> str:
    found = (chr(code) for code in range(0x80, 0x10000) if unicodedata.category(chr(code)) in categories)
    return "".join(map(re.escape, found))


_A_WORD, _A_GAP, _A_DASH, _A_QUOTE = range(1, 5)  # groups of a pattern
_INVISIBLE = _of_category("Cf")
_ATTACHED = _of_category("Mn", "Mc", "Cf")  # accents and vowel signs, which \w leaves out, and invisible characters
# Scripts without spaces between words: Thai, Lao, Burmese, Khmer, kana, Chinese characters. Each character is a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
_UNSPACED += "\uf900-\ufaff\U00020000-\U0003ffff"
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
QUOTATION_MARKS = "\"'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a\u00ab\u00bb"
QUOTATION_MARKS += "\u300c-\u300f\u300a\u300b\u3008\u3009\uff02\uff07"
_DOTS = r"(?:\u2026|\.(?:[ \u00a0]?\.){2,})"


def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(
        rf"({word})|(\[\s*{_DOTS}\s*\]|\(\s*{_DOTS}\s*\)|{_DOTS})|([{DASHES}]+)|([{QUOTATION_MARKS}]+)|([^\s\w])"
    )


# An apostrophe between letters and a point between digits belong to the word.
_INSIDE = r"['\u2019\u02bc\uff07]{0}+|(?<=\d)[.,](?=\d){0}+"
_PLAIN_LETTER = r"[^\W_]"
_PLAIN_WORD = rf"{_PLAIN_LETTER}+(?:{_INSIDE.format(_PLAIN_LETTER)})*"
_LETTER = rf"[^\W_{_UNSPACED}]"
_WORD = rf"{_LETTER}+(?:[{_ATTACHED}]+{_LETTER}*|{_INSIDE.format(_LETTER)})*|(?=\w)[{_UNSPACED}][{_ATTACHED}]*"
# The second of each pair is slower: for texts with characters that are attached to others, or scripts without spaces.
_TOKENS = _pattern(_PLAIN_WORD), _pattern(_WORD)
_WORDS = re.compile(_PLAIN_WORD), re.compile(_WORD)
_SPECIAL = re.compile(f"[{_ATTACHED}{_UNSPACED}]")
# "[T]he": the letter in brackets replaces the one that stands in the source.
_BRACKETED_LETTER = re.compile(rf"\[({_LETTER})\](?={_LETTER})")
_FORMATTING = frozenset("*_~#|\\\u200b")  # Markdown, and what separates the cells of a table
_INVISIBLES = re.compile(f"[{_INVISIBLE}]")
_VARIANTS = str.maketrans(
    {"\u2019": "'", "\u02bc": "'", "\uff07": "'"}
    | {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
)


def words_of(text: str) -> list[str]:
    """List the words of a text in lower case, in order: those of `tokens`, in less time."""
    if text.isascii():
        return _WORDS[0].findall(text.lower())
    return [_form(word).lower() for word in _WORDS[bool(_SPECIAL.search(text))].findall(text)]


def tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Split text[start:end] into tokens, in order, without formatting and invisible characters.

    "Don’t -- stop…" gives don't (with its capital), "-", stop and an ellipsis. Offsets are into the whole text.
    """
    end = len(text) if end is None else end
    found: list[Token] = []
    add, new, word = found.append, tuple.__new__, Kind.WORD
    special = not text.isascii() and bool(_SPECIAL.search(text, start, end))
    for match in _TOKENS[special].finditer(text, start, end):
        written, group = match[0], match.lastindex
        if group == _A_WORD:
            # Without the constructor, which would take half of the time of a check.
            add(new(Token, (written if written.isascii() else _form(written), word, *match.span())))
        elif group == _A_GAP:
            add(Token("\u2026", Kind.GAP, *match.span()))
        elif group == _A_DASH:
            add(Token("-", Kind.MARK, *match.span()))
        elif group == _A_QUOTE:
            add(Token('"', Kind.MARK, *match.span()))
        elif (kind := _kind_of(written)) is not None:
            add(Token(written, kind, *match.span()))
    return found


@cache
def _kind_of(mark: str) -> Kind | None:
    """Return the kind of a single mark; None when it is left out."""
    category = unicodedata.category(mark)
    if mark in _FORMATTING or category == "Cf":
        return None
    return Kind.SYMBOL if category in ("Sc", "Sm", "So") or mark in "%\u2030" else Kind.MARK


def without_bracketed_letters(text: str) -> str:
    """Return the text with the letter of "[T]he" bare, followed by two word joiners: all offsets stay the same."""
    return _BRACKETED_LETTER.sub("\\1\u2060\u2060", text)


def _form(word: str) -> str:
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", _INVISIBLES.sub("", word)).translate(_VARIANTS)
