"""The button that asks a question again as it was written, without what was said before."""

from __future__ import annotations

from re import Match
from typing import TYPE_CHECKING, Self

import discord

from bot.errors import OutdatedButton
from bot.ui.answer import AS_WRITTEN_ID, AnswerDetails, answer_view, as_written_button
from bot.ui.owner import KEYED, Owner
from bot.ui.persistent import PersistentButton
from bot.ui.shown_answer import ShownAnswer

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


class AsWrittenButton(PersistentButton, template=AS_WRITTEN_ID):
    """Answers the question in the message alone, in private."""

    def __init__(self) -> None:
        super().__init__(as_written_button())

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        return cls()

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED  # the question is in the message that was pressed

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        shown = ShownAnswer.of(interaction.message) if interaction.message is not None else None
        question = await shown.written() if shown is not None else None
        if question is None:
            raise OutdatedButton
        engine, server = interaction.client.services.engine, interaction.guild_id
        answer = await engine.ask(question, server=server)
        titles = [document.title for document in (await engine.library_status(server=server)).documents]
        await interaction.edit_original_response(view=answer_view(answer, titles, AnswerDetails(show_question=True)))
