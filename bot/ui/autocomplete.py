"""Autocompletion of command options, and reading the option back: people type titles, programs need ids."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from discord import app_commands

from bot.errors import QuizError, WorkError

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_MOST_CHOICES = 25
_MAX_NAME = 100
_MAX_VALUE = 100

Choices = list[app_commands.Choice[str]]


def matching(names: Mapping[str, str], typed: str) -> Choices:
    """Return the values, at most 25, whose names contain what the person typed."""
    wanted = typed.casefold().strip()
    found = [(value, name) for value, name in names.items() if wanted in name.casefold()]
    return [app_commands.Choice(name=name[:_MAX_NAME], value=value) for value, name in found[:_MOST_CHOICES]]


async def document_choices(bot: TutorClient, server: int | None, typed: str) -> Choices:
    """Return documents of a server's library by title; the id is added where titles are the same."""
    library = await bot.services.engine.library_status(server=server)
    titles = Counter(document.title for document in library.documents)
    named = {d.id: d.title if titles[d.title] == 1 else f"{d.title} ({d.id})" for d in library.documents}
    return matching({_value(id): name for id, name in named.items()}, typed)


async def known_document(bot: TutorClient, server: int, typed: str) -> str:
    """Return the id of the document with this title or id; raises WorkError when there is none."""
    wanted = typed.casefold().strip()
    for document in (await bot.services.engine.library_status(server=server)).documents:
        if typed == _value(document.id) or wanted in (document.id.casefold(), document.title.casefold()):
            return document.id
    raise WorkError.no_document()


async def axis_choices(bot: TutorClient, server: int | None, typed: str) -> Choices:
    """Return the axes that have quiz items in a server, by title."""
    bank = (await bot.services.deck.cards(server)).bank
    used = {item.axis for item in bank.items}
    return matching({axis: title for axis, title in bank.axes.items() if axis in used}, typed)


async def known_axis(bot: TutorClient, server: int | None, typed: str | None) -> str | None:
    """Return the axis with this key or title, None for None; raises QuizError when there is none."""
    if typed is None:
        return None
    for axis, title in (await bot.services.deck.cards(server)).bank.axes.items():
        if typed.casefold() in (axis.casefold(), title.casefold()):
            return axis
    raise QuizError("unknown_axis")


def _value(document: str) -> str:
    """Return a document's id, or its hash when the id is longer than the value of a choice may be."""
    return document if len(document) <= _MAX_VALUE else hashlib.sha256(document.encode()).hexdigest()
