"""What the buttons of a quiz do: take the session one press further and show what came of it in the same place."""

from __future__ import annotations

from re import Match
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.learning.views import Shown, Summary
from bot.ui.owner import Owner
from bot.ui.persistent import ABSTRACT, PersistentButton, replace
from bot.ui.quiz.controls import button, template
from bot.ui.quiz.forms import DisputeForm, WriteForm, session_owner
from bot.ui.quiz.step import view_of

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


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

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        async def view() -> discord.ui.LayoutView:
            return view_of(await self.done(interaction))

        await replace(interaction, view())

    async def done(self, interaction: discord.Interaction[TutorClient]) -> Shown | Summary:
        """Do what the button says and give what there is to show."""
        raise NotImplementedError


class PickButton(StepButton, template=template("pick")):
    """Chooses the option that is shown as number `value`; it may be changed until it is submitted."""

    act = "pick"

    async def done(self, interaction: discord.Interaction[TutorClient]) -> Shown:
        return await interaction.client.services.quiz_sessions.pick(
            self.session, self.position, self.value, interaction.user.id
        )


class SubmitButton(StepButton, template=template("submit")):
    """Submits what was chosen."""

    act = "submit"

    async def done(self, interaction: discord.Interaction[TutorClient]) -> Shown:
        return await interaction.client.services.quiz_sessions.submit(self.session, self.position, interaction.user.id)


class HintButton(StepButton, template=template("hint")):
    """Uncovers the source up to rung `value`."""

    act = "hint"

    async def done(self, interaction: discord.Interaction[TutorClient]) -> Shown:
        return await interaction.client.services.quiz_sessions.hint(
            self.session, self.position, self.value, interaction.user.id
        )


class NextButton(StepButton, template=template("next")):
    """Goes on to a step, or to the summary behind the last one."""

    act = "next"

    async def done(self, interaction: discord.Interaction[TutorClient]) -> Shown | Summary:
        return await interaction.client.services.quiz_sessions.show(self.session, self.position, interaction.user.id)


class JudgeButton(StepButton, template=template("judge")):
    """Submits the learner's own judgement; `value` is the score in halves."""

    act = "judge"

    async def done(self, interaction: discord.Interaction[TutorClient]) -> Shown:
        score = self.value / 2
        return await interaction.client.services.quiz_sessions.judge(
            self.session, self.position, score, interaction.user.id
        )


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
