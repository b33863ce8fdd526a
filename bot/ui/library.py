"""Lays out what the tutor has read and what it is."""

from __future__ import annotations

from typing import Any

import discord

from bot.libraries.source_text import DocumentStatus, LibraryStatus
from bot.ui import text
from bot.ui.limits import MAX_TEXT
from bot.ui.notice import Accent, framed
from prompts import words

_MAX_TITLE = 90
_MAX_NAME = 60
_MAX_DOCUMENTS = 15
_MAX_DOCUMENTS_TEXT = MAX_TEXT - 800

Item = discord.ui.Item[Any]


def sources_view(library: LibraryStatus) -> discord.ui.LayoutView:
    """Lay out the documents, as many as fit, and since when and with which model they are read."""
    lead = f"{words('library.sources.lead')}\n{_summary(library)}"
    return framed(
        Accent.FRIENDLY,
        discord.ui.TextDisplay(lead),
        discord.ui.Separator(),
        discord.ui.TextDisplay(_documents(library)),
        discord.ui.Separator(),
        discord.ui.TextDisplay(_facts(library)),
    )


def status_view(library: LibraryStatus, *, own: bool, busy: bool, waits: bool) -> discord.ui.LayoutView:
    """Lay out the documents for those who look after them: whose they are, and whether something is going on."""
    state = [words("library.status.own" if own else "library.status.shared")]
    if busy:
        state.append(words("library.status.busy"))
    if waits:
        state.append(words("library.status.waits"))
    return framed(
        Accent.FRIENDLY,
        discord.ui.TextDisplay("\n".join([words("library.status.lead"), _summary(library), *state])),
        discord.ui.Separator(),
        discord.ui.TextDisplay(_documents(library)),
        discord.ui.Separator(),
        discord.ui.TextDisplay(_facts(library)),
    )


def about_view() -> discord.ui.LayoutView:
    return framed(
        Accent.FRIENDLY,
        _titled(words("library.about.lead"), words("library.about.text")),
        _titled(words("library.about.how_lead"), words("library.about.how", menu=words("ask.menu.name"))),
        _titled(words("library.about.limits_lead"), words("library.about.limits")),
        discord.ui.Separator(),
        discord.ui.TextDisplay(words("library.about.privacy")),
    )


def _titled(title: str, body: str) -> Item:
    return discord.ui.TextDisplay(f"{title}\n{body}")


def _summary(library: LibraryStatus) -> str:
    return words("library.sources.summary", documents=len(library.documents), passages=library.passages)


def _facts(library: LibraryStatus) -> str:
    return words(
        "library.sources.facts",
        when=discord.utils.format_dt(library.built_at, "f"),
        ago=discord.utils.format_dt(library.built_at, "R"),
        model=text.inline(library.model, _MAX_TITLE),
        dimension=library.dimension,
        generation=library.generation,
    )


def _documents(library: LibraryStatus) -> str:
    lines: list[str] = []
    for document in library.documents[:_MAX_DOCUMENTS]:
        line = _document(document)
        if sum(map(len, lines)) + len(line) > _MAX_DOCUMENTS_TEXT:
            break
        lines.append(line)
    if len(lines) < len(library.documents):
        lines.append(words("library.sources.others", count=len(library.documents) - len(lines)))
    return "\n".join(lines)


def _document(document: DocumentStatus) -> str:
    return words(
        "library.sources.document",
        title=text.inline(document.title, _MAX_TITLE),
        passages=document.passages,
        characters=document.characters,
        id=text.shorten(text.code(document.id), _MAX_NAME),
    )
