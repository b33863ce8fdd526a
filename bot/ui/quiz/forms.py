"""The forms of a quiz: free answers and complaints."""

from __future__ import annotations

from re import Match
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.errors import OutdatedButton
from bot.ui.limits import MAX_FIELD
from bot.ui.notice import notice
from bot.ui.owner import ANY, Owner
from bot.ui.persistent import ABSTRACT, PersistentForm
from bot.ui.quiz.step import view_of
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

FIELD = "text"
MAX_COMPLAINT = 500
_TEMPLATE = r"(?P<session>\d{1,18}):(?P<position>\d{1,6})"


async def session_owner(interaction: discord.Interaction[TutorClient], session: int, position: int) -> Owner:
    """Return whose a session is; raise OutdatedButton when it has no such step. Behind the last one is the summary.

    Its person may use it in any channel of the server where it began, or in private messages if it began there.
    """
    found = await interaction.client.services.quiz_sessions.find(session)
    if position > len(found.steps):
        raise OutdatedButton
    return Owner(guild=found.guild, channel=ANY, person=found.person)


class _StepForm(PersistentForm, template=ABSTRACT):
    """A form about one step of a session; `room` names its words, `longest` is in characters."""

    act = ""
    room = ""
    longest = MAX_FIELD

    def __init__(self, session: int, position: int) -> None:
        super().__init__(title=words(f"quiz.{self.room}.title"), custom_id=f"quiz:v1:{self.act}:{session}:{position}")
        self.session, self.position = session, position
        style = discord.TextStyle.paragraph
        field: discord.ui.TextInput[Any] = discord.ui.TextInput(custom_id=FIELD, style=style, max_length=self.longest)
        label, hint = words(f"quiz.{self.room}.label"), words(f"quiz.{self.room}.hint")
        self.add_item(discord.ui.Label(text=label, description=hint, component=field))

    @classmethod
    def restore(cls, match: Match[str]) -> Self:
        return cls(int(match["session"]), int(match["position"]))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return await session_owner(interaction, self.session, self.position)


class WriteForm(_StepForm, template=f"quiz:v1:written:{_TEMPLATE}"):
    """Takes a free answer."""

    act = "written"
    room = "write"

    async def submitted(self, interaction: discord.Interaction[TutorClient], fields: dict[str, str]) -> None:
        await interaction.response.defer()
        text = fields.get(FIELD, "")
        shown = await interaction.client.services.quiz_sessions.write(
            self.session, self.position, text, interaction.user.id
        )
        await interaction.edit_original_response(view=view_of(shown, text))


class DisputeForm(_StepForm, template=f"quiz:v1:disputed:{_TEMPLATE}"):
    """Takes a complaint about an item."""

    act = "disputed"
    room = "dispute"
    longest = MAX_COMPLAINT

    async def submitted(self, interaction: discord.Interaction[TutorClient], fields: dict[str, str]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        text = fields.get(FIELD, "")
        await interaction.client.services.quiz_sessions.dispute(self.session, self.position, text, interaction.user.id)
        await interaction.edit_original_response(view=notice(words("quiz.dispute.thanks")))
