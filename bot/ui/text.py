"""Escapes text for Discord: people read exactly the text; nothing in it pings, links, formats or is invisible.

In Discord's Markdown a backslash escapes any character that is not a letter, digit or white space. Text is escaped only
when it is shown; stored quotes stay unchanged.
"""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"
QUOTE_PREFIX = "> "
SUBTEXT_PREFIX = "-# "
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# `:` is part of links and emoji, `<` starts mentions and timestamps, `@` the two names that ping everybody.
_ALWAYS = re.compile(r"[\\*_~`|<@:\[\]]")
# At the start of a line: headings, subtext, lists, block quotes; and "1.", whose number cannot be escaped.
_AT_LINE_START = re.compile(r"^([^\S\n]*)([#>+-])", re.MULTILINE)
_NUMBERED = re.compile(r"^([^\S\n]*\d+)([.)])", re.MULTILINE)
_ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")
_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# A Unicode noncharacter, which never occurs in text.
_SEPARATOR = "\ufdd0"
_WHITE = re.compile(r"\s+")
# Joiners are part of emoji and several scripts; beside ASCII characters they are removed.
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
_VISIBLE_FORMAT = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u180e\u034f\u17b4\u17b5")
# Reserved by Unicode for invisible characters; no table of categories contains them yet.
_INVISIBLE_FOR_EVER = re.compile("[\u2065\ufff0-\ufff8\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]")


def plain(text: str) -> str:
    r"""Remove invisible characters, controls and direction marks; every line end becomes `\n`."""
    text = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    if text.isascii() and text.isprintable():
        return text
    neighbours = zip(" " + text, text, text[1:] + " ", strict=False)
    return "".join(_visible(before, character, after) for before, character, after in neighbours)


def escape(text: str) -> str:
    """Return text that Discord shows as it is."""
    escaped = _ALWAYS.sub(r"\\\g<0>", plain(text))
    escaped = _AT_LINE_START.sub(r"\1\\\2", escaped)
    return _NUMBERED.sub(r"\1\\\2", escaped)


def unescape(text: str) -> str:
    """Return the text that was given to `escape`, without its invisible characters."""
    return _ESCAPED.sub(r"\1", text)


def inline(text: str, limit: int | None = None) -> str:
    """Return escaped text on one line, at most `limit` characters before escaping."""
    folded = _WHITE.sub(" ", plain(text)).strip()
    return escape(folded if limit is None else shorten(folded, limit))


def code(text: str) -> str:
    """Return one line for a code block, in which only backticks are replaced."""
    return _WHITE.sub(" ", plain(text)).strip().replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}")


def block_quote(text: str) -> str:
    """Return escaped text as a block quote."""
    return prefixed(QUOTE_PREFIX, escape(text))


def subtext(text: str) -> str:
    """Return escaped lines in small print, without blank lines, whose marks Discord would show."""
    return "\n".join(SUBTEXT_PREFIX + line for line in escape(text).split("\n") if line.strip())


def escape_around(front: str, marked: str, back: str, mark: str) -> str:
    """Return three consecutive pieces of a text, escaped, with the middle one between Markdown marks."""
    # Escaped in one piece: the text after a mark is not at the start of a line.
    pieces = (piece.replace(_SEPARATOR, "") for piece in (front, marked, back))
    return escape(_SEPARATOR.join(pieces)).replace(_SEPARATOR, mark)


def prefixed(prefix: str, escaped: str) -> str:
    """Add a prefix to each line of an escaped text."""
    return "\n".join(prefix + line for line in escaped.split("\n"))


def shorten(text: str, limit: int) -> str:
    """Return at most the first `limit` characters, cut between words, with an ellipsis when cut."""
    if len(text) <= limit:
        return text
    kept = text[: max(limit - len(ELLIPSIS), 0)]
    at_word = kept.rstrip() if text[len(kept)].isspace() else kept.rpartition(" ")[0].rstrip()
    return (at_word or kept) + ELLIPSIS


def shorten_front(text: str, limit: int) -> str:
    """Return at most the last `limit` characters, cut between words, with an ellipsis when cut."""
    if len(text) <= limit:
        return text
    cut = len(text) - max(limit - len(ELLIPSIS), 0)
    kept = text[cut:]
    at_word = kept.lstrip() if text[cut - 1].isspace() else kept.partition(" ")[2].lstrip()
    return ELLIPSIS + (at_word or kept)


def _visible(before: str, character: str, after: str) -> str:
    if character in "\n ":
        return character
    if character in _JOINERS:
        return "" if before.isascii() or after.isascii() else character
    if character in _VISIBLE_FORMAT:
        return character
    match unicodedata.category(character):
        case "Cs":
            return REPLACEMENT
        case "Cc" | "Cf" | "Zl" | "Zp":
            return ""
    return "" if character in _INVISIBLE_LETTERS or _INVISIBLE_FOR_EVER.match(character) else character
