"""The buttons under an answer that lead on: to more quotes, and to a quiz about the quoted passages."""

from __future__ import annotations

from re import Match
from typing import TYPE_CHECKING, Self

import discord

from bot.errors import OutdatedButton
from bot.ui.owner import KEYED, Owner
from bot.ui.persistent import PersistentButton
from bot.ui.quiz.step import view_of
from bot.ui.quote_buttons import PLACES_PATTERN, PlacesButton
from bot.ui.quotes import MAX_HEADING, quotes_view
from bot.ui.text import inline
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

MORE_ID = "ask:v1:more:"
QUIZ_ID = "ask:v1:quiz:"
SECTION_ID = "ask:v1:section:"
START_QUIZ_ID = "ask:v1:start-quiz"
QUIZ_LENGTH = 5


class MoreButton(PlacesButton, template=MORE_ID + PLACES_PATTERN):
    """Shows the next quotes, in private."""

    prefix = MORE_ID
    label = words("ask.button.more")

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        engine, places = interaction.client.services.engine, await self.places(interaction)
        quotes = await engine.quotes(places, server=interaction.guild_id)
        if not quotes:
            raise OutdatedButton
        await interaction.edit_original_response(view=quotes_view(words("ask.lead.more"), quotes))


class QuizMeButton(PlacesButton, template=QUIZ_ID + PLACES_PATTERN):
    """Starts a quiz about the passages that contain these quotes, in private."""

    prefix = QUIZ_ID
    label = words("quiz.button.quiz_me")

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        sessions, places = interaction.client.services.quiz_sessions, await self.places(interaction)
        shown = await sessions.start_about(interaction.user.id, interaction.guild_id, places)
        await interaction.edit_original_response(view=view_of(shown))


class SectionButton(PlacesButton, template=SECTION_ID + PLACES_PATTERN):
    """Shows the main points of the section in which a quote stands, in private."""

    prefix = SECTION_ID
    most = 1
    label = words("conversation.button.section")

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        [place], engine = await self.places(interaction), interaction.client.services.engine
        quotes = (await engine.overview(place, server=interaction.guild_id)).answer.quotes
        if not quotes:
            raise OutdatedButton
        name = inline(quotes[0].heading or quotes[0].title, MAX_HEADING)
        view = quotes_view(words("conversation.overview.part", name=name), quotes)
        await interaction.edit_original_response(view=view)


class StartQuizButton(PersistentButton, template=START_QUIZ_ID):
    """Starts a quiz about the whole library, in private."""

    def __init__(self) -> None:
        super().__init__(discord.ui.Button(label=words("conversation.quiz.start"), custom_id=START_QUIZ_ID))

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        return cls()

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED  # the session belongs to the person of the press

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        sessions = interaction.client.services.quiz_sessions
        shown = await sessions.start(interaction.user.id, interaction.guild_id, number=QUIZ_LENGTH)
        await interaction.edit_original_response(view=view_of(shown))
