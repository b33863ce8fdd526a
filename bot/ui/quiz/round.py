"""Layout and buttons of a public round: open, with a button to answer, or closed, with results and key."""

from __future__ import annotations

from re import Match
from typing import TYPE_CHECKING, Self

import discord

from bot.learning.rounds import RoundState
from bot.quiz.rounds import key_text
from bot.ui import text
from bot.ui.notice import Accent, Item, framed, text_item
from bot.ui.owner import ANY, Owner
from bot.ui.persistent import ABSTRACT, PersistentButton
from bot.ui.quiz.controls import button, control, template
from bot.ui.quiz.step import view_of
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_MOST_PLACES = 10
_MAX_KEY = 2200


def round_view(state: RoundState) -> discord.ui.LayoutView:
    """Lay out a round for its channel."""
    return _open(state) if state.round.closed_at is None else _closed(state)


class _RoundButton(PersistentButton, template=ABSTRACT):
    """A button of a round; its id has the form of a session's, with the round in the place of the session."""

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

    async def next_view(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        rounds, manages = interaction.client.services.rounds, interaction.permissions.manage_guild
        return round_view(await rounds.close(self.round_id, interaction.user.id, manages))


def _answer_button(state: RoundState) -> Item:
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
        text_item(words("quiz.round.head", items=len(state.round.items), when=when)),
        row,
        text_item(words("quiz.round.sealed", commitment=state.commitment)),
    )


def _closed(state: RoundState) -> discord.ui.LayoutView:
    key = "\n".join(text.code(line) for line in key_text(state.round.items).split("\n"))
    return framed(
        Accent.ANSWER,
        text_item(words("quiz.round.closed"), *_standings(state)),
        discord.ui.Separator(),
        text_item(words("quiz.round.key_head")),
        text_item(words("quiz.round.key", key=text.shorten(key, _MAX_KEY))),
        text_item(words("quiz.round.opened", seed=state.round.seed, commitment=state.commitment)),
        discord.ui.ActionRow(_answer_button(state)),
    )


def _standings(state: RoundState) -> list[str]:
    ranked = [standing for standing in state.standings if standing.answered]
    if not ranked:
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
        for place, standing in enumerate(ranked[:_MOST_PLACES], 1)
    ]
    if len(ranked) > _MOST_PLACES:
        lines.append(words("quiz.round.others", count=len(ranked) - _MOST_PLACES))
    return lines
