"""The buttons and forms of a quiz session: each does one step of the session and shows the result in its place."""

from __future__ import annotations

from re import Match
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.errors import OutdatedButton
from bot.learning.views import Shown, Summary
from bot.ui.lesson.view import lesson_view
from bot.ui.limits import MAX_FIELD
from bot.ui.notice import notice
from bot.ui.owner import ANY, Owner
from bot.ui.persistent import ABSTRACT, PersistentButton, PersistentForm
from bot.ui.quiz.controls import button, template
from bot.ui.quiz.step import view_of
from prompts import words

if TYPE_CHECKING:
    from bot.learning.sessions import QuizSessions
    from bot.ui.client import TutorClient

FIELD = "text"
MAX_COMPLAINT = 500
_TEMPLATE = r"(?P<session>\d{1,18}):(?P<position>\d{1,6})"


async def session_owner(interaction: discord.Interaction[TutorClient], session: int, position: int) -> Owner:
    """Return the owner of a session; raises OutdatedButton when it has no such step (after the last is the summary).

    The person may use it in any channel of the server where it began, or in private messages if it began there.
    """
    found = await interaction.client.services.quiz_sessions.find(session, steps=position)
    if position > len(found.steps):
        raise OutdatedButton
    return Owner(guild=found.guild, channel=ANY, person=found.person)


async def _screen(
    interaction: discord.Interaction[TutorClient], shown: Shown | Summary, written: str = ""
) -> discord.ui.LayoutView:
    """Lay out what a press came to; a lesson shows its current step, also when an old one was pressed."""
    if isinstance(shown, Shown) and shown.in_lesson:
        lessons = interaction.client.services.lessons
        return lesson_view(await lessons.current(shown.session, interaction.user.id), written)
    return view_of(shown, written)


class StepButton(PersistentButton, template=ABSTRACT):
    """A button of one step of a session."""

    act = ""

    def __init__(self, session: int, position: int, value: int) -> None:
        self.session, self.position, self.value = session, position, value
        super().__init__(button(self.act, session, position, value, label=self.act))

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        return cls(int(match["session"]), int(match["position"]), int(match["value"]))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return await session_owner(interaction, self.session, self.position)

    async def next_view(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        return await _screen(
            interaction, await self.done(interaction.client.services.quiz_sessions, interaction.user.id)
        )

    async def done(self, sessions: QuizSessions, person: int) -> Shown | Summary:
        """Do what the button says and return what to show next."""
        raise NotImplementedError


class PickButton(StepButton, template=template("pick")):
    """Chooses the option that is shown as number `value`; it may be changed until it is submitted."""

    act = "pick"

    async def done(self, sessions: QuizSessions, person: int) -> Shown:
        return await sessions.pick(self.session, self.position, self.value, person)


class SubmitButton(StepButton, template=template("submit")):
    """Submits what was chosen."""

    act = "submit"

    async def done(self, sessions: QuizSessions, person: int) -> Shown:
        return await sessions.submit(self.session, self.position, person)


class HintButton(StepButton, template=template("hint")):
    """Shows the hints up to number `value`."""

    act = "hint"

    async def done(self, sessions: QuizSessions, person: int) -> Shown:
        return await sessions.hint(self.session, self.position, self.value, person)


class NextButton(StepButton, template=template("next")):
    """Shows a step, or the summary after the last one."""

    act = "next"

    async def done(self, sessions: QuizSessions, person: int) -> Shown | Summary:
        return await sessions.show(self.session, self.position, person)


class JudgeButton(StepButton, template=template("judge")):
    """Submits the learner's own judgement; `value` is the score in halves."""

    act = "judge"

    async def done(self, sessions: QuizSessions, person: int) -> Shown:
        return await sessions.judge(self.session, self.position, self.value / 2, person)


class WriteButton(StepButton, template=template("write")):
    """Opens the form for a free answer."""

    act = "write"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await WriteForm(self.session, self.position).open(interaction)


class DisputeButton(StepButton, template=template("dispute")):
    """Opens the form for a complaint about the item."""

    act = "dispute"

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await DisputeForm(self.session, self.position).open(interaction)


class _StepForm(PersistentForm, template=ABSTRACT):
    """A form about one step of a session; `key` names its sentences, `longest` is in characters."""

    act = ""
    key = ""
    longest = MAX_FIELD

    def __init__(self, session: int, position: int) -> None:
        super().__init__(title=words(f"quiz.{self.key}.title"), custom_id=f"quiz:v1:{self.act}:{session}:{position}")
        self.session, self.position = session, position
        style = discord.TextStyle.paragraph
        field: discord.ui.TextInput[Any] = discord.ui.TextInput(custom_id=FIELD, style=style, max_length=self.longest)
        label, hint = words(f"quiz.{self.key}.label"), words(f"quiz.{self.key}.hint")
        self.add_item(discord.ui.Label(text=label, description=hint, component=field))

    @classmethod
    def restore(cls, match: Match[str]) -> Self:
        return cls(int(match["session"]), int(match["position"]))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return await session_owner(interaction, self.session, self.position)


class WriteForm(_StepForm, template=f"quiz:v1:written:{_TEMPLATE}"):
    """Takes a free answer."""

    act = "written"
    key = "write"

    async def submitted(self, interaction: discord.Interaction[TutorClient], fields: dict[str, str]) -> None:
        await interaction.response.defer()
        sessions, text = interaction.client.services.quiz_sessions, fields.get(FIELD, "")
        shown = await sessions.write(self.session, self.position, text, interaction.user.id)
        await interaction.edit_original_response(view=await _screen(interaction, shown, text))


class DisputeForm(_StepForm, template=f"quiz:v1:disputed:{_TEMPLATE}"):
    """Takes a complaint about an item."""

    act = "disputed"
    key = "dispute"
    longest = MAX_COMPLAINT

    async def submitted(self, interaction: discord.Interaction[TutorClient], fields: dict[str, str]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        sessions, text = interaction.client.services.quiz_sessions, fields.get(FIELD, "")
        await sessions.dispute(self.session, self.position, text, interaction.user.id)
        await interaction.edit_original_response(view=notice(words("quiz.dispute.thanks")))
