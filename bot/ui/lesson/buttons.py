"""The buttons of a lesson that go on; those that answer its questions are the quiz's."""

from __future__ import annotations

from re import Match
from typing import TYPE_CHECKING, Self

import discord

from bot.errors import OutdatedButton
from bot.ui.lesson import controls
from bot.ui.lesson.view import lesson_view
from bot.ui.owner import ANY, KEYED, Owner
from bot.ui.persistent import PersistentButton
from bot.ui.quiz.step import view_of

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

MOST_DUE = 20


class OnwardButton(PersistentButton, template=controls.NEXT):
    """Goes on from one step to the next; pressed under an old step it shows the newest."""

    def __init__(self, session: int, position: int) -> None:
        self.session, self.position = session, position
        super().__init__(controls.next_button(session, position, label="next"))

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        return cls(int(match["session"]), int(match["position"]))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        """The person may use it in any channel of the server where the lesson began, or in private messages."""
        found = await interaction.client.services.quiz_sessions.find(self.session)
        if found.lesson is None or self.position >= len(found.lesson.steps):
            raise OutdatedButton
        return Owner(guild=found.guild, channel=ANY, person=found.person)

    async def next_view(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        lessons = interaction.client.services.lessons
        return lesson_view(await lessons.onward(self.session, self.position, interaction.user.id))


class _OwnButton(PersistentButton, template=r"(?!)"):
    """A button that begins something of the person who presses, in private."""

    custom_id = ""

    def __init__(self) -> None:
        super().__init__(discord.ui.Button(label="go", custom_id=self.custom_id))

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        return cls()

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED  # what is begun belongs to the person of the press

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=interaction.guild_id is not None, thinking=True)
        await interaction.edit_original_response(view=await self.begun(interaction))

    async def begun(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        """Begin it and return its first layout."""
        raise NotImplementedError


class GoButton(_OwnButton, template=controls.GO_ID):
    """Begins a lesson, or goes on with the one that is not finished."""

    custom_id = controls.GO_ID

    async def begun(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        lessons = interaction.client.services.lessons
        return lesson_view(await lessons.start(interaction.user.id, interaction.guild_id))


class DueButton(_OwnButton, template=controls.DUE_ID):
    """Begins a quiz of the items that are due."""

    custom_id = controls.DUE_ID

    async def begun(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        sessions = interaction.client.services.quiz_sessions
        return view_of(await sessions.start_due(interaction.user.id, interaction.guild_id, MOST_DUE))
