"""The buttons under an answer: they carry places, not quotes, and read the stored source when pressed."""

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
    from bot.ui.client import TutorClient

# A custom id outlives the code that made it: what it holds changes only with a new version.
CONTEXT_ID = "ask:v1:context:"
VERIFY_ID = "ask:v1:verify:"
PLACES_PATTERN = r"(?P<state>[A-Za-z0-9_-]+)"


class PlacesButton(PersistentButton, template=ABSTRACT):
    """A button that carries places; `prefix` is the front of its custom id, `hashed` says that each has a hash."""

    prefix: ClassVar[str]
    hashed: ClassVar[bool] = False
    most: ClassVar[int] = MAX_PLACES

    def __init__(self, state: PackedPlaces) -> None:
        self.state = state
        super().__init__(discord.ui.Button(label=self.label(), custom_id=self.prefix + pack(state)))

    @staticmethod
    def label() -> str:
        """Say what stands on the button."""
        raise NotImplementedError

    @classmethod
    def leading_to(cls, quotes: Sequence[Quote]) -> Self | None:
        """Return the button for the first of these quotes that fit into one, None when there are none.

        The quotes are of one generation.
        """
        fitting = [quote for quote in quotes if fits(quote.start, quote.end)]
        spots = tuple(packed_place(quote, hashed=cls.hashed) for quote in fitting[: cls.most])
        return cls(PackedPlaces(fitting[0].generation, spots)) if spots else None

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        return cls(unpack(match["state"], hashed=cls.hashed))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED  # a generation is looked up in the libraries that the server of the press reads

    async def places(self, interaction: discord.Interaction[TutorClient]) -> list[Place]:
        """Give the spots the names of their documents back; raises OutdatedButton or RemovedError."""
        tutor, generation = interaction.client.services.engine, self.state.generation
        try:
            known = await tutor.documents(generation, server=interaction.guild_id)
        except LibraryError:
            raise await self._lost(interaction) from None
        documents = documents_of(self.state.spots, known)
        return [Place(self.state.generation, documents[each.tag], each.start, each.end) for each in self.state.spots]

    async def _lost(self, interaction: discord.Interaction[TutorClient]) -> BotError:
        """Say why the generation of this button cannot be read: its document may have been removed on purpose."""
        tutor, server = interaction.client.services.engine, interaction.guild_id
        if await tutor.was_live(self.state.generation, server=server):
            live = {tag(document.id) for document in (await tutor.library(server=server)).documents}
            if any(each.tag not in live for each in self.state.spots):
                return RemovedError()
        return OutdatedButton()


class ShowContextButton(PlacesButton, template=CONTEXT_ID + PLACES_PATTERN):
    """Shows the paragraph of a quote and its neighbours, in private."""

    prefix = CONTEXT_ID

    @staticmethod
    def label() -> str:
        return words("ask.button.context")

    @classmethod
    def at(cls, quote: Quote) -> Self:
        return cls(PackedPlaces(quote.generation, (packed_place(quote),)))

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        place, *_ = await self.places(interaction)
        context = await interaction.client.services.engine.context(place, server=interaction.guild_id)
        removed = await interaction.client.services.engine.removed(place.document, server=interaction.guild_id)
        await interaction.edit_original_response(view=context_view(context, removed))


class VerifyButton(PlacesButton, template=VERIFY_ID + PLACES_PATTERN):
    """Reads the source again, cuts the quote out and compares its hash with the one the answer carried."""

    prefix = VERIFY_ID
    hashed = True
    most = MAX_CHECKED_PLACES

    @staticmethod
    def label() -> str:
        return words("ask.button.verify")

    @classmethod
    def in_message(cls, component: Mapping[str, Any]) -> Self | None:
        """Read the button back from a component of a message; None when it is another one."""
        id = str(component.get("custom_id", ""))
        return cls(unpack(id.removeprefix(cls.prefix), hashed=True)) if id.startswith(cls.prefix) else None

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        places = await self.places(interaction)
        tutor = interaction.client.services.engine
        checks = [
            await tutor.verify(place, each.sha256_front, server=interaction.guild_id)
            for place, each in zip(places, self.state.spots, strict=True)
        ]
        removed = {place.document: await tutor.removed(place.document, server=interaction.guild_id) for place in places}
        await interaction.edit_original_response(view=verification_view(checks, removed))
