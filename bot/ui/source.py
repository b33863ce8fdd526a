"""Layouts of the stored source: a quote in its paragraph, and the verification of quotes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import discord

from bot.libraries.source_text import Context, Removed, Verification
from bot.ui import text
from bot.ui.limits import MAX_TEXT
from bot.ui.notice import Accent, Item, framed, text_item
from prompts import words

_MAX_TITLE = 90
_MAX_HEADING = 90
_MAX_NAME = 60
_MAX_REMINDER = 100
_HASH_LINE = 32
_MAX_NEIGHBOUR = 600
_MAX_PARAGRAPH = MAX_TEXT - 2 * _MAX_NEIGHBOUR - 800
_BOLD = "**"


def context_view(context: Context, removed: Removed | None = None) -> discord.ui.LayoutView:
    """Lay out the paragraph with the whole quote in bold, between its neighbours in small print.

    `removed` is given when the live library no longer contains the document.
    """
    items: list[Item] = [text_item(_heading(context), *_removed(removed)), discord.ui.Separator()]
    before = _neighbour(context.before, keep_end=True)
    after = _neighbour(context.after, keep_end=False)
    for part in (before, _paragraph(context), after):
        if part:
            items += [discord.ui.TextDisplay(part), discord.ui.Separator(visible=False)]
    return framed(Accent.CLOSEST if removed else Accent.FRIENDLY, *items[:-1])


def verification_view(
    checks: Sequence[Verification], removed: Mapping[str, Removed | None] | None = None
) -> discord.ui.LayoutView:
    """Lay out the verification of quotes; `removed` names documents that the live library no longer contains."""
    removed = removed or {}
    items: list[Item] = [text_item(words("ask.lead.verify"))]
    for check in checks:
        items += [discord.ui.Separator(), text_item(*_removed(removed.get(check.document)), _check(check))]
    items += [discord.ui.Separator(), text_item(words("ask.verify.legend"))]
    accent = Accent.CLOSEST if any(removed.values()) else Accent.ANSWER
    return framed(accent if all(check.matches for check in checks) else Accent.TROUBLE, *items)


def _removed(removed: Removed | None) -> list[str]:
    if removed is None:
        return []
    when = discord.utils.format_dt(removed.at, "R") if removed.at is not None else ""
    return [words("ask.removed", when=when)]


def _heading(context: Context) -> str:
    lead = words("ask.lead.context", title=text.inline(context.title, _MAX_TITLE))
    place = {"page": context.page, "paragraph": context.paragraph}
    if context.heading and context.heading != context.title:
        heading = text.inline(context.heading, _MAX_HEADING)
        return f"{lead}\n{words('ask.place_heading', heading=heading, **place)}"
    return f"{lead}\n{words('ask.place', **place)}"


def _paragraph(context: Context) -> str:
    front = context.text[: context.quote_start]
    quote = context.text[context.quote_start : context.quote_end]
    back = context.text[context.quote_end :]
    most = _MAX_PARAGRAPH - len(text.escape(quote)) - 2 * len(_BOLD)
    if most < 0:
        place = {"page": context.page, "paragraph": context.paragraph}
        return words("ask.too_long_here", characters=len(quote), **place)
    front = _shortened(text.shorten_front, front, max(most // 2, most - len(text.escape(back))))
    back = _shortened(text.shorten, back, most - len(text.escape(front)))
    return text.escape_around(front, quote, back, _BOLD)


def _neighbour(paragraph: str, *, keep_end: bool) -> str:
    shorten = text.shorten_front if keep_end else text.shorten
    return text.subtext(_shortened(shorten, paragraph.strip(), _MAX_NEIGHBOUR))


def _shortened(shorten: Callable[[str, int], str], part: str, most: int) -> str:
    """Shorten a text until it has at most so many characters after escaping."""
    limit = most
    while len(text.escape(shortened := shorten(part, limit))) > most and limit > 0:
        limit -= max(1, limit // 10)
    return shortened


def _check(check: Verification) -> str:
    verdict = words("ask.verify.matches") if check.matches else words("ask.verify.differs")
    quote = words("ask.verify.quote", quote=text.inline(check.text, _MAX_REMINDER))
    rows = words(
        "ask.verify.rows",
        document=text.shorten(text.code(check.document), _MAX_NAME),
        start=check.start,
        end=check.end,
        expected=_lines(check.expected_sha256),
        found=_lines(check.found_sha256),
        source=_lines(check.document_sha256),
    )
    return f"{verdict}\n{quote}\n||```\n{rows}\n```||"  # a spoiler: for those who open it


def _lines(sha256: str) -> list[str]:
    """Split a hash into lines that fit on the screen of a telephone."""
    return [sha256[at : at + _HASH_LINE] for at in range(0, len(sha256), _HASH_LINE)]
