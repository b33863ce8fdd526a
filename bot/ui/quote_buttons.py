"""The buttons of quotes: their custom ids contain places, and the stored source is read when they are pressed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from re import Match
from typing import TYPE_CHECKING, Any, ClassVar, Self

import discord

from bot.errors import BotError, OutdatedButton, RemovedError
from bot.libraries.source_text import Place
from bot.ui.owner import KEYED, Owner
from bot.ui.packed_places import (
    MAX_CHECKED_PLACES,
    MAX_PLACES,
    PackedPlaces,
    documents_of,
    fits,
    pack,
    packed_place,
    tag,
    unpack,
)
from bot.ui.persistent import ABSTRACT, PersistentButton
from bot.ui.source import context_view, verification_view
from index.answering.answer import Quote
from index.errors import LibraryError
from prompts import words

if TYPE_CHECKING:
    from bot.answering.engine import AnsweringEngine
    from bot.ui.client import TutorClient

# Custom ids outlive the code that made them: a change of their contents needs a new version.
CONTEXT_ID = "ask:v1:context:"
VERIFY_ID = "ask:v1:verify:"
PLACES_PATTERN = r"(?P<state>[A-Za-z0-9_-]+)"


async def places_in(state: PackedPlaces, engine: AnsweringEngine, server: int | None) -> list[Place]:
    """Return packed places with the ids of their documents; raises OutdatedButton, LibraryError when they are gone."""
    documents = documents_of(state.places, await engine.document_ids(state.generation, server=server))
    return [Place(state.generation, documents[each.tag], each.start, each.end) for each in state.places]


async def places_of_press(state: PackedPlaces, interaction: discord.Interaction[TutorClient]) -> list[Place]:
    """Find packed places in the libraries that the server of a press may read; raises OutdatedButton, RemovedError."""
    try:
        return await places_in(state, interaction.client.services.engine, interaction.guild_id)
    except LibraryError:
        raise await _missing(state, interaction) from None


async def _missing(state: PackedPlaces, interaction: discord.Interaction[TutorClient]) -> BotError:
    """Return the error for a generation that cannot be read: its document may have been removed on purpose."""
    engine, server = interaction.client.services.engine, interaction.guild_id
    if await engine.was_live(state.generation, server=server):
        live = {tag(document.id) for document in (await engine.library_status(server=server)).documents}
        if any(each.tag not in live for each in state.places):
            return RemovedError()
    return OutdatedButton()


class PlacesButton(PersistentButton, template=ABSTRACT):
    """A button with the places of quotes; `prefix` starts its custom id, `hashed` adds the start of each SHA-256."""

    label: ClassVar[str]
    prefix: ClassVar[str]
    hashed: ClassVar[bool] = False
    most: ClassVar[int] = MAX_PLACES

    def __init__(self, state: PackedPlaces) -> None:
        self.state = state
        super().__init__(discord.ui.Button(label=self.label, custom_id=self.prefix + pack(state)))

    @classmethod
    def for_quotes(cls, quotes: Sequence[Quote]) -> Self | None:
        """Return the button for the first of these quotes, all of one generation, that fit into it; None for none."""
        fitting = [quote for quote in quotes if fits(quote)][: cls.most]
        places = tuple(packed_place(quote, hashed=cls.hashed) for quote in fitting)
        return cls(PackedPlaces(fitting[0].generation, places)) if places else None

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        return cls(unpack(match["state"], hashed=cls.hashed))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED  # generations are looked up in the libraries that the server of the press may read

    async def places(self, interaction: discord.Interaction[TutorClient]) -> list[Place]:
        """Return the places with the ids of their documents; raises OutdatedButton or RemovedError."""
        return await places_of_press(self.state, interaction)


class ShowContextButton(PlacesButton, template=CONTEXT_ID + PLACES_PATTERN):
    """Shows the paragraph of a quote and its neighbours, in private."""

    prefix = CONTEXT_ID
    label = words("ask.button.context")

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        (place, *_), engine = await self.places(interaction), interaction.client.services.engine
        context = await engine.context(place, server=interaction.guild_id)
        removed = await engine.removed(place.document, server=interaction.guild_id)
        await interaction.edit_original_response(view=context_view(context, removed))


class VerifyButton(PlacesButton, template=VERIFY_ID + PLACES_PATTERN):
    """Reads the source again and compares the hash of the quoted span with the hash in the custom id, in private."""

    prefix = VERIFY_ID
    hashed = True
    most = MAX_CHECKED_PLACES
    label = words("ask.button.verify")

    @classmethod
    def in_message(cls, component: Mapping[str, Any]) -> Self | None:
        """Return the button that a component of a message is; None when it is another one."""
        id = str(component.get("custom_id", ""))
        return cls(unpack(id.removeprefix(cls.prefix), hashed=True)) if id.startswith(cls.prefix) else None

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        places, engine, server = (
            await self.places(interaction),
            interaction.client.services.engine,
            interaction.guild_id,
        )
        checks = [
            await engine.verify(place, packed.sha256_front, server=server)
            for place, packed in zip(places, self.state.places, strict=True)
        ]
        removed = {place.document: await engine.removed(place.document, server=server) for place in places}
        await interaction.edit_original_response(view=verification_view(checks, removed))
