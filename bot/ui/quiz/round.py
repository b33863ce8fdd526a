"""A public round: how to take part while it is open, who knew what once it is closed."""

from __future__ import annotations

from re import Match
from typing import TYPE_CHECKING, Self

import discord

from bot.learning.rounds import RoundState
from bot.quiz.rounds import key_text
from bot.ui import text
from bot.ui.notice import Accent, framed
from bot.ui.owner import ANY, Owner
from bot.ui.persistent import ABSTRACT, PersistentButton, replace
from bot.ui.quiz.controls import Control, button, control, template
from bot.ui.quiz.step import view_of
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_MOST_PLACES = 10
_MAX_KEY = 2200


def round_view(state: RoundState) -> discord.ui.LayoutView:
    """Lay out a round as everybody sees it."""
    return _open(state) if state.round.closed_at is None else _closed(state)


class _RoundButton(PersistentButton, template=ABSTRACT):
    act = ""

    def __init__(self, round_id: int) -> None:
        self.round_id = round_id
        super().__init__(button(self.act, round_id, 0, label=self.act))

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        return cls(int(match["session"]))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        """A round is public in its channel; who may close it is decided by `Rounds.close`."""
        found = await interaction.client.services.rounds.find(self.round_id)
        return Owner(guild=found.guild, channel=found.channel, person=ANY)


class AnswerButton(_RoundButton, template=template("answer")):
    """Shows the round's questions in private; after the round, the person's answers."""

    act = "answer"

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        shown = await interaction.client.services.rounds.join(self.round_id, interaction.user.id)
        await interaction.edit_original_response(view=view_of(shown))


class CloseButton(_RoundButton, template=template("close")):
    """Closes the round early."""

    act = "close"

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        async def view() -> discord.ui.LayoutView:
            manages = interaction.permissions.manage_guild
            return round_view(
                await interaction.client.services.rounds.close(self.round_id, interaction.user.id, manages)
            )

        await replace(interaction, view())


def _answer_button(state: RoundState) -> Control:
    label = words("quiz.button.answer" if state.round.closed_at is None else "quiz.button.mine")
    style = discord.ButtonStyle.primary
    return control("answer", state.round.id, 0, label=label, style=style)


def _open(state: RoundState) -> discord.ui.LayoutView:
    when = discord.utils.format_dt(state.round.closes_at, "R")
    row = discord.ui.ActionRow(
        _answer_button(state), control("close", state.round.id, 0, label=words("quiz.button.close"))
    )
    return framed(
        Accent.FRIENDLY,
        discord.ui.TextDisplay(words("quiz.round.head", items=len(state.round.items), when=when)),
        row,
        discord.ui.TextDisplay(words("quiz.round.sealed", commitment=state.commitment)),
    )


def _closed(state: RoundState) -> discord.ui.LayoutView:
    key = "\n".join(text.code(line) for line in key_text(state.round.items).split("\n"))
    return framed(
        Accent.ANSWER,
        discord.ui.TextDisplay("\n".join([words("quiz.round.closed"), *_standings(state)])),
        discord.ui.Separator(),
        discord.ui.TextDisplay(words("quiz.round.key_head")),
        discord.ui.TextDisplay(words("quiz.round.key", key=text.shorten(key, _MAX_KEY))),
        discord.ui.TextDisplay(words("quiz.round.opened", seed=state.round.seed, commitment=state.commitment)),
        discord.ui.ActionRow(_answer_button(state)),
    )


def _standings(state: RoundState) -> list[str]:
    came = [standing for standing in state.standings if standing.answered]
    if not came:
        return [words("quiz.round.nobody")]
    lines = [
        words(
            "quiz.round.place",
            place=place,
            person=standing.person,
            points=round(standing.points, 1),
            items=len(state.round.items),
            seconds=standing.seconds,
        )
        for place, standing in enumerate(came[:_MOST_PLACES], 1)
    ]
    return lines + ([words("quiz.round.others", count=len(came) - _MOST_PLACES)] if len(came) > _MOST_PLACES else [])
