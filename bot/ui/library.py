"""Layouts about the library: its documents, its state for maintainers, and what the tutor is."""

from __future__ import annotations

import discord

from bot.libraries.source_text import DocumentStatus, LibraryStatus
from bot.ui import text
from bot.ui.answer import language_name
from bot.ui.limits import MAX_TEXT
from bot.ui.notice import Accent, first_fitting, framed, text_item
from prompts import words

_MAX_TITLE = 90
_MAX_NAME = 60
_MAX_DOCUMENTS = 15
_MAX_DOCUMENTS_TEXT = MAX_TEXT - 800


def sources_view(library: LibraryStatus) -> discord.ui.LayoutView:
    """Lay out as many documents as fit, when they were read and with which model."""
    return _documents_view(library, words("library.sources.lead"), _summary(library))


def status_view(library: LibraryStatus, *, own: bool, busy: bool, waits: bool) -> discord.ui.LayoutView:
    """Lay out the documents for maintainers: whether the library is the server's `own`, being built, or `waits`.

    A build that `waits` has not been decided on.
    """
    state = [words("library.status.own" if own else "library.status.shared")]
    if busy:
        state.append(words("library.status.busy"))
    if waits:
        state.append(words("library.status.waits"))
    return _documents_view(library, words("library.status.lead"), _summary(library), *state)


def about_view() -> discord.ui.LayoutView:
    """Lay out what the tutor is, how to ask, and its limits."""
    return framed(
        Accent.FRIENDLY,
        text_item(words("library.about.lead"), words("library.about.text")),
        text_item(words("library.about.how_lead"), words("library.about.how", menu=words("ask.menu.name"))),
        text_item(words("library.about.limits_lead"), words("library.about.limits")),
        discord.ui.Separator(),
        text_item(words("library.about.privacy")),
    )


def _documents_view(library: LibraryStatus, *lead: str) -> discord.ui.LayoutView:
    return framed(
        Accent.FRIENDLY,
        text_item(*lead),
        discord.ui.Separator(),
        text_item(*_documents(library)),
        discord.ui.Separator(),
        text_item(_facts(library)),
    )


def _summary(library: LibraryStatus) -> str:
    summary = words("library.sources.summary", documents=len(library.documents), passages=library.passages)
    if library.unread:
        names = [language_name(code) for code in library.unread]
        summary += "\n" + words("library.sources.unread", languages=names, model=text.inline(library.model, _MAX_TITLE))
    return summary


def _facts(library: LibraryStatus) -> str:
    return words(
        "library.sources.facts",
        when=discord.utils.format_dt(library.built_at, "f"),
        ago=discord.utils.format_dt(library.built_at, "R"),
        model=text.inline(library.model, _MAX_TITLE),
        dimension=library.dimension,
        generation=library.generation,
    )


def _documents(library: LibraryStatus) -> list[str]:
    lines = first_fitting([_document(each) for each in library.documents[:_MAX_DOCUMENTS]], _MAX_DOCUMENTS_TEXT)
    if len(lines) < len(library.documents):
        lines.append(words("library.sources.others", count=len(library.documents) - len(lines)))
    return lines


def _document(document: DocumentStatus) -> str:
    return words(
        "library.sources.document",
        title=text.inline(document.title, _MAX_TITLE),
        passages=document.passages,
        characters=document.characters,
        id=text.shorten(text.code(document.id), _MAX_NAME),
    )
