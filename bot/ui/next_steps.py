"""Handles the menu under an answer: asks what was chosen, as if the person had typed it, and shows the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.answering.next_steps import shown_alone
from bot.answering.turn import Response, StepKind
from bot.conversation.recent import ConversationKey
from bot.errors import OutdatedButton
from bot.ui.answer import AnswerDetails, answer_view
from bot.ui.next_menu import NEXT_ID, PRIVATE
from bot.ui.owner import KEYED, Owner
from bot.ui.packed_places import unpack
from bot.ui.persistent import PersistentSelect
from bot.ui.quote_buttons import places_of_press
from bot.ui.quotes import MAX_HEADING
from bot.ui.text import inline
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient
    from index.answering.answer import Answer


class NextMenu(PersistentSelect, template=f"{NEXT_ID}(?P<private>{PRIVATE})?"):
    """Answers the chosen question, or shows the chosen sentence: in private in a server, where others read along."""

    def __init__(self, private: str | None) -> None:
        self._private = private is not None
        super().__init__(discord.ui.Select(custom_id=NEXT_ID + (private or "")))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED  # questions and places are looked up in the libraries that the server of the press may read

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=interaction.guild_id is not None, thinking=True)
        kind, _, state = self.chosen(interaction).partition(":")
        if kind == StepKind.QUESTION:
            view = await self._ask(interaction, state)
        elif kind in (StepKind.SIDE, StepKind.POINT, StepKind.PART):
            view = await self._quote(interaction, StepKind(kind), state)
        else:
            raise OutdatedButton
        await interaction.edit_original_response(view=view)

    async def _ask(self, interaction: discord.Interaction[TutorClient], digest: str) -> discord.ui.LayoutView:
        """Answer a question alone, as it was tried."""
        engine, server = interaction.client.services.engine, interaction.guild_id
        question = await engine.suggested(digest, server=server)
        if question is None:
            raise OutdatedButton
        response = await engine.respond(question, server=server)
        self._remember(interaction, question, response.answer)
        titles = [document.title for document in (await engine.library_status(server=server)).documents]
        return answer_view(response.answer, titles, await self._details(interaction, response))

    async def _quote(
        self, interaction: discord.Interaction[TutorClient], kind: StepKind, state: str
    ) -> discord.ui.LayoutView:
        engine, server = interaction.client.services.engine, interaction.guild_id
        places = await places_of_press(unpack(state, hashed=False), interaction)
        [quote] = await engine.quotes(places[:1], server=server)
        response = shown_alone(kind, quote, await engine.steps_from(quote, server=server))
        self._remember(interaction, "", response.answer)
        lead = words(f"conversation.next.{kind}_lead", name=inline(quote.heading, MAX_HEADING))
        return answer_view(response.answer, [], await self._details(interaction, response, lead=lead))

    async def _details(
        self, interaction: discord.Interaction[TutorClient], response: Response, lead: str | None = None
    ) -> AnswerDetails:
        sessions = interaction.client.services.quiz_sessions
        return AnswerDetails(
            show_question=lead is None,
            quiz_quotes=await sessions.asked_about(interaction.guild_id, response.answer.quotes),
            steps=response.steps,
            private=self._private,
            lead=lead,
        )

    def _remember(self, interaction: discord.Interaction[TutorClient], question: str, answer: Answer) -> None:
        services, channel = interaction.client.services, interaction.channel_id or 0
        key = ConversationKey(interaction.user.id, channel, private=self._private or interaction.guild_id is None)
        services.conversations.remember(key, question, services.now()).quotes = answer.quotes
