"""Where an answer is shown: a reply to a message, or the response to an interaction."""

from __future__ import annotations

import logging
from typing import Any, Protocol

import discord

log = logging.getLogger(__name__)

# Discord's code for a reply in a channel whose history the bot may not read.
_NO_HISTORY = 160002


class Surface(Protocol):
    """The place of one answer; showing again replaces what was shown."""

    @property
    def server(self) -> int | None:
        """The server, None in private."""

    @property
    def shows_question(self) -> bool:
        """Whether the channel shows the question above the answer."""

    async def show(self, view: discord.ui.LayoutView) -> None:
        """Show this layout in the place of an earlier one."""

    async def busy(self) -> None:
        """Show the person that the bot is working."""


class MessageSurface:
    """A reply to the question without a ping; an ordinary message when the question was deleted."""

    def __init__(self, message: discord.Message) -> None:
        self._message = message
        self._sent: discord.Message | None = None
        self._attempts = 0
        self.shows_question = True

    @property
    def server(self) -> int | None:
        return self._message.guild.id if self._message.guild is not None else None

    async def show(self, view: discord.ui.LayoutView) -> None:
        try:
            await self._show(view)
        except (discord.Forbidden, discord.NotFound) as error:
            log.info("no answer in channel %s: %s (code %d)", self._message.channel.id, error.status, error.code)

    async def busy(self) -> None:
        if self._sent is None:
            try:
                await self._message.channel.typing()
            except discord.HTTPException as error:
                log.info("no typing in channel %s: %s (code %d)", self._message.channel.id, error.status, error.code)

    async def _show(self, view: discord.ui.LayoutView) -> None:
        if self._sent is not None:
            try:
                self._sent = await self._sent.edit(view=view)
                return
            except discord.NotFound:
                # Somebody deleted the first reply: send the answer again.
                self._sent = None
        question = self._message.to_reference(fail_if_not_exists=False)
        # Discord creates one message for all requests with the same nonce: neither a repeated request nor a question
        # that is received twice after a lost connection gives two replies.
        nonce = f"{self._message.id}.{self._attempts}"
        self._attempts += 1
        try:
            self._sent = await self._message.channel.send(view=view, reference=question, nonce=nonce)
        except discord.Forbidden as error:
            if error.code != _NO_HISTORY:
                raise
            self._sent = await self._message.channel.send(view=view, nonce=nonce)


class InteractionSurface:
    """The response to a deferred interaction; Discord shows that the bot is thinking."""

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        self._interaction = interaction
        self.shows_question = False

    @property
    def server(self) -> int | None:
        return self._interaction.guild_id

    async def show(self, view: discord.ui.LayoutView) -> None:
        try:
            await self._interaction.edit_original_response(view=view)
        except (discord.Forbidden, discord.NotFound) as error:
            log.info("no answer to interaction %s: %s (code %d)", self._interaction.id, error.status, error.code)

    async def busy(self) -> None:
        return
