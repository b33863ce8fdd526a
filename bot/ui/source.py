"""Shows the source itself: a quote within its paragraph, and the proof that it stands there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.libraries.source_text import Context, Removed, Verification
from bot.ui import text
from bot.ui.limits import MAX_TEXT
from bot.ui.notice import Accent, framed
from prompts import words

_MAX_TITLE = 90
_MAX_HEADING = 90
_MAX_NAME = 60
_MAX_REMINDER = 100
_HASH_LINE = 32
_MAX_NEIGHBOUR = 600
_MAX_PARAGRAPH = MAX_TEXT - 2 * _MAX_NEIGHBOUR - 800
_BOLD = "**"

Item = discord.ui.Item[Any]


def context_view(context: Context, removed: Removed | None = None) -> discord.ui.LayoutView:
    """Lay out the paragraph, the quote in bold, with its neighbours dimmed; the quote itself is never cut.

    `removed` says that the live library no longer holds the document.
    """
    head = "\n".join([_heading(context), *_gone(removed)])
    items: list[Item] = [discord.ui.TextDisplay(head), discord.ui.Separator()]
    before = _dimmed(context.before, keep_end=True)
    after = _dimmed(context.after, keep_end=False)
    for part in (before, _paragraph(context), after):
        if part:
            items += [discord.ui.TextDisplay(part), discord.ui.Separator(visible=False)]
    return framed(Accent.CLOSEST if removed else Accent.FRIENDLY, *items[:-1])


def verification_view(
    checks: Sequence[Verification], removed: Mapping[str, Removed | None] | None = None
) -> discord.ui.LayoutView:
    """Lay out what was recomputed, quote by quote; `removed` says of documents that the library holds them no more."""
    gone = removed or {}
    items: list[Item] = [discord.ui.TextDisplay(words("ask.lead.verify"))]
    for check in checks:
        said = "\n".join([*_gone(gone.get(check.document)), _check(check)])
        items += [discord.ui.Separator(), discord.ui.TextDisplay(said)]
    items += [discord.ui.Separator(), discord.ui.TextDisplay(words("ask.verify.legend"))]
    all_match = all(check.matches for check in checks)
    accent = Accent.CLOSEST if any(gone.values()) else Accent.ANSWER
    return framed(accent if all_match else Accent.TROUBLE, *items)


def _gone(removed: Removed | None) -> list[str]:
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
    room = _MAX_PARAGRAPH - len(text.escape(quote)) - 2 * len(_BOLD)
    if room < 0:
        place = {"page": context.page, "paragraph": context.paragraph}
        return words("ask.too_long_here", characters=len(quote), **place)
    front = _fit_front(front, max(room // 2, room - len(text.escape(back))))
    back = _fit_back(back, room - len(text.escape(front)))
    return text.escape_around(front, quote, back, _BOLD)


def _dimmed(paragraph: str, *, keep_end: bool) -> str:
    fit = _fit_front if keep_end else _fit_back
    return text.subtext(fit(paragraph.strip(), _MAX_NEIGHBOUR))


def _fit_front(part: str, room: int) -> str:
    """Cut the front off a text until what is left, escaped, fits."""
    limit = room
    while len(text.escape(shortened := text.shorten_front(part, limit))) > room and limit > 0:
        limit -= max(1, limit // 10)
    return shortened


def _fit_back(part: str, room: int) -> str:
    """Cut the end off a text until what is left, escaped, fits."""
    limit = room
    while len(text.escape(shortened := text.shorten(part, limit))) > room and limit > 0:
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
    return f"{verdict}\n{quote}\n```\n{rows}\n```"


def _lines(sha256: str) -> list[str]:
    """Break a hash so that a telephone shows all of it."""
    return [sha256[at : at + _HASH_LINE] for at in range(0, len(sha256), _HASH_LINE)]
