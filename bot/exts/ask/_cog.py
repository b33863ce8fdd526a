"""The five ways of asking; each calls the same AskHandler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.conversation.recent import ConversationKey
from bot.exts.ask._handler import AskHandler
from bot.exts.ask._surfaces import InteractionSurface, MessageSurface
from bot.ui.reading import MAX_QUESTION, Reply
from bot.ui.shown_answer import ShownAnswer
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_WRITTEN_BY_PEOPLE = frozenset({discord.MessageType.default, discord.MessageType.reply})


class Ask(commands.Cog):
    """Mention, reply, DM, /ask and the message menu."""

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot
        self.handler = AskHandler(bot)
        # discord.py has no decorator for a context menu in a cog.
        self._menu = app_commands.ContextMenu(name=words("ask.menu.name"), callback=self.ask_about)

    async def cog_load(self) -> None:
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        if not self._is_from_person(message) or not self._is_to_bot(message):
            return
        server = message.guild.id if message.guild else None
        if not message.content and server is not None and self._is_reply_to_bot(message):
            parsed = self.handler.counted(Reply(words("ask.unread"), trouble=True), message.author.id, server)
        else:
            parsed = self.handler.read(message.content, message.author.id, server)
        if isinstance(parsed, Reply) and parsed.is_repetition:
            return  # unlike an interaction, a message may stay without a reply
        key = ConversationKey(message.author.id, message.channel.id, private=message.guild is None)
        earlier = message.reference.resolved if message.reference is not None else None
        shown = ShownAnswer.of(earlier) if isinstance(earlier, discord.Message) and self._is_own(earlier) else None
        await self.handler.reply(MessageSurface(message), parsed, key, shown)

    @app_commands.command(name="ask", description=words("ask.command.description"))
    @app_commands.describe(question=words("ask.command.question"), private=words("ask.command.private"))
    async def ask(
        self,
        interaction: discord.Interaction[TutorClient],
        question: app_commands.Range[str, 1, MAX_QUESTION],
        private: bool = False,
    ) -> None:
        """Answer a question, for everybody in the channel or only for the person."""
        parsed = self.handler.read(question, interaction.user.id, interaction.guild_id)
        # The deferral decides who sees the reply: a refused question is shown only to the person.
        trouble = isinstance(parsed, Reply) and parsed.trouble
        await interaction.response.defer(ephemeral=private or trouble, thinking=True)
        key = ConversationKey(
            interaction.user.id, interaction.channel_id or 0, private=private or interaction.guild_id is None
        )
        await self.handler.reply(InteractionSurface(interaction), parsed, key)

    async def ask_about(self, interaction: discord.Interaction[TutorClient], message: discord.Message) -> None:
        """Answer the text of a message; it may be another person's, so it is not part of a conversation."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        parsed = self.handler.read(message.content, interaction.user.id, interaction.guild_id)
        await self.handler.reply(InteractionSurface(interaction), parsed, None)

    def _is_from_person(self, message: discord.Message) -> bool:
        is_machine = message.author.bot or message.webhook_id is not None
        return not is_machine and message.type in _WRITTEN_BY_PEOPLE

    def _is_to_bot(self, message: discord.Message) -> bool:
        """Return whether the bot is addressed: in private, by mention or by reply, but not by "@everyone" or a role."""
        mentioned = any(user.id == self._own_id for user in message.mentions)
        return message.guild is None or mentioned or self._is_reply_to_bot(message)

    def _is_reply_to_bot(self, message: discord.Message) -> bool:
        earlier = message.reference.resolved if message.reference is not None else None
        return isinstance(earlier, discord.Message) and self._is_own(earlier)

    def _is_own(self, message: discord.Message) -> bool:
        return message.author.id == self._own_id

    @property
    def _own_id(self) -> int:
        assert self.bot.user is not None  # there are no messages before the login
        return self.bot.user.id
