"""/quiz: sessions and rounds for learners, complaints and items for people who manage a server."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import QuizError
from bot.exts.quiz._rounds import RoundCloser
from bot.ui.autocomplete import Choices, axis_choices, known_axis, matching
from bot.ui.notice import notice
from bot.ui.quiz.community import disputes_view
from bot.ui.quiz.digest import items_view
from bot.ui.quiz.round import round_view
from bot.ui.quiz.step import view_of
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_DIFFICULTIES = [app_commands.Choice(name=words(f"quiz.menu.difficulty.{level}"), value=level) for level in (1, 2, 3)]
_NUMBER = 5
_MOST = 20
_MOST_IN_ROUND = 10
_MINUTES = 5
_MOST_MINUTES = 60


class Quiz(commands.GroupCog, name="quiz", description=words("quiz.command.group")):
    """Private sessions, public rounds, and their moderation."""

    def __init__(self, bot: TutorClient, closer: RoundCloser) -> None:
        super().__init__()
        self.bot = bot
        self._closer = closer

    @app_commands.command(name="start", description=words("quiz.command.start"))
    @app_commands.describe(
        axis=words("quiz.command.axis"),
        number=words("quiz.command.number"),
        difficulty=words("quiz.command.difficulty"),
        private=words("quiz.command.private"),
    )
    @app_commands.choices(difficulty=_DIFFICULTIES)
    async def start(
        self,
        interaction: discord.Interaction[TutorClient],
        axis: str | None = None,
        number: app_commands.Range[int, 1, _MOST] = _NUMBER,
        difficulty: int | None = None,
        private: bool = True,
    ) -> None:
        """Begin a session with items that are due and new ones."""
        await interaction.response.defer(ephemeral=private, thinking=True)
        shown = await self.bot.services.quiz_sessions.start(
            interaction.user.id,
            interaction.guild_id,
            number=number,
            axis=await known_axis(self.bot, interaction.guild_id, axis),
            difficulty=difficulty,
        )
        await interaction.edit_original_response(view=view_of(shown))

    @app_commands.command(name="due", description=words("quiz.command.due"))
    async def due(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Begin a session with the items that are due."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        shown = await self.bot.services.quiz_sessions.start_due(interaction.user.id, interaction.guild_id, _MOST)
        await interaction.edit_original_response(view=view_of(shown))

    @app_commands.command(name="round", description=words("quiz.command.round"))
    @app_commands.describe(
        number=words("quiz.command.number"), minutes=words("quiz.command.minutes"), axis=words("quiz.command.axis")
    )
    async def round(
        self,
        interaction: discord.Interaction[TutorClient],
        number: app_commands.Range[int, 1, _MOST_IN_ROUND] = _NUMBER,
        minutes: app_commands.Range[int, 1, _MOST_MINUTES] = _MINUTES,
        axis: str | None = None,
    ) -> None:
        """Open a public round in this channel."""
        guild, channel = interaction.guild_id, interaction.channel_id
        await interaction.response.defer(ephemeral=guild is None, thinking=True)
        if guild is None or channel is None or interaction.guild is None:
            # A bot that is not a member of the server could not edit the message when the round ends.
            raise QuizError("only_in_server")
        state = await self.bot.services.rounds.open(
            guild=guild,
            channel=channel,
            host=interaction.user.id,
            number=number,
            lasts=timedelta(minutes=minutes),
            axis=await known_axis(self.bot, interaction.guild_id, axis),
        )
        message = await interaction.edit_original_response(view=round_view(state))
        await self.bot.services.rounds.announce(state.round.id, message.id)
        self._closer.watch(state.round.id, state.round.closes_at)

    @app_commands.command(name="disputes", description=words("quiz.command.disputes"))
    async def disputes(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Show complaints about items, without names."""
        guild = await self._managed(interaction)
        found, bank = await self.bot.services.moderation.disputes(guild)
        await interaction.edit_original_response(view=disputes_view(found, bank))

    @app_commands.command(name="items", description=words("quiz.command.items"))
    async def items(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Show items that work badly."""
        guild = await self._managed(interaction)
        weekly = await self.bot.services.digests.wants(guild, interaction.user.id)
        found = await self.bot.services.moderation.bad_items(guild)
        await interaction.edit_original_response(view=items_view(found, weekly=weekly))

    @app_commands.command(name="retire", description=words("quiz.command.retire"))
    @app_commands.describe(item=words("quiz.command.item"))
    async def retire(self, interaction: discord.Interaction[TutorClient], item: str) -> None:
        """Take an item out of the quizzes of this server."""
        guild = await self._managed(interaction)
        await self.bot.services.moderation.retire(guild, item, interaction.user.id)
        await interaction.edit_original_response(view=notice(words("quiz.retired", item=item)))

    @app_commands.command(name="restore", description=words("quiz.command.restore"))
    @app_commands.describe(item=words("quiz.command.item"))
    async def restore(self, interaction: discord.Interaction[TutorClient], item: str) -> None:
        """Use a retired item again."""
        guild = await self._managed(interaction)
        await self.bot.services.moderation.restore(guild, item)
        await interaction.edit_original_response(view=notice(words("quiz.restored", item=item)))

    @start.autocomplete("axis")
    @round.autocomplete("axis")
    async def _axes(self, interaction: discord.Interaction[TutorClient], typed: str) -> Choices:
        return await axis_choices(self.bot, interaction.guild_id, typed)

    @retire.autocomplete("item")
    async def _items(self, interaction: discord.Interaction[TutorClient], typed: str) -> Choices:
        cards = await self.bot.services.deck.cards(interaction.guild_id)
        return matching({id: id for id in cards.bank.by_id}, typed)

    @restore.autocomplete("item")
    async def _retired(self, interaction: discord.Interaction[TutorClient], typed: str) -> Choices:
        out = await self.bot.services.moderation.retired(interaction.guild_id or 0)
        return matching({id: id for id in sorted(out)}, typed)

    async def _managed(self, interaction: discord.Interaction[TutorClient]) -> int:
        """Defer, and return the server that this person manages; raises QuizError for anybody else.

        Discord can hide only a whole group of commands by permission.
        """
        await interaction.response.defer(ephemeral=True, thinking=True)
        if interaction.guild_id is None:
            raise QuizError("only_in_server")
        if not interaction.permissions.manage_guild:
            raise QuizError("not_manager")
        return interaction.guild_id
