"""What commands propose where a document is asked for: its title, which people know, for its id, which they do not."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

from bot.errors import WorkError
from bot.ui.choices import matching

if TYPE_CHECKING:
    from discord import app_commands

    from bot.ui.client import TutorClient

_LONGEST_VALUE = 100


async def document_choices(bot: TutorClient, server: int | None, typed: str) -> list[app_commands.Choice[str]]:
    """Propose the documents of a server's library by their titles, with their ids where titles are the same."""
    library = await bot.services.engine.library(server=server)
    titles = Counter(document.title for document in library.documents)
    named = {d.id: d.title if titles[d.title] == 1 else f"{d.title} ({d.id})" for d in library.documents}
    return matching({_value(id): name for id, name in named.items()}, typed)


async def known_document(bot: TutorClient, server: int, typed: str) -> str:
    """Give the id of the document with this title or id; raises WorkError when there is none."""
    wanted = typed.casefold().strip()
    for document in (await bot.services.engine.library(server=server)).documents:
        if typed == _value(document.id) or wanted in (document.id.casefold(), document.title.casefold()):
            return document.id
    raise WorkError.no_document()


def _value(document: str) -> str:
    """Give a document's id as a choice may carry it."""
    return document if len(document) <= _LONGEST_VALUE else hashlib.sha256(document.encode()).hexdigest()
