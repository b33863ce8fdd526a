"""Handles every error: the person reads one sentence, and the log has the details."""

from __future__ import annotations

import logging
import re
import secrets

import discord
from discord import app_commands

from bot.errors import BotError, DraftError, WorkError
from bot.ui import text
from bot.ui.client import EntryTree, TutorClient
from bot.ui.notice import Accent, notice
from index.errors import LibraryError
from prompts import words

log = logging.getLogger(__name__)

# A command or name between backticks in an error sentence, after escaping.
_COMMAND = re.compile(r"\\`([A-Za-z0-9./-]+(?: [A-Za-z0-9./-]+)*)\\`")
# Discord's code for an interaction that was not acknowledged within three seconds: no reply is possible any more.
_UNKNOWN_INTERACTION = 10062


def explain(error: BaseException) -> str:
    """Return the sentence for the person; an unexpected error is logged with an id, and the sentence names the id."""
    match error:
        case app_commands.CommandInvokeError():
            return explain(error.original)
        case BotError() | LibraryError():
            # The sentence is not logged: it may contain what the person wrote.
            log.debug("told a person: %s", type(error).__name__)
            return _sentence(error)
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            log.warning("a command is out of date on Discord's side: %s", error)
            return words("errors.outdated_command")
        case app_commands.CheckFailure():
            return words("errors.not_allowed")
    error_id = secrets.token_hex(4)
    log.error("error %s", error_id, exc_info=error, extra={"error_id": error_id})
    return words("errors.unexpected", id=error_id)


def _sentence(error: BotError | LibraryError) -> str:
    """Return an error's sentence as Markdown, with text of people and names of files escaped."""
    match error:
        case DraftError():
            return words("errors.draft", reason=text.inline(error.reason))
        case LibraryError() | WorkError():
            return _COMMAND.sub(r"`\1`", text.escape(str(error)))
    return str(error)


def error_view(error: BaseException) -> discord.ui.LayoutView:
    """Return the layout of an error."""
    return notice(explain(error), Accent.TROUBLE)


class TutorTree(EntryTree):
    """The command tree of the bot; its `on_error` is called for every command that raises."""

    async def interaction_check(self, interaction: discord.Interaction[TutorClient], /) -> bool:
        """Return whether the command may run; otherwise tell the person why not."""
        if interaction.type is not discord.InteractionType.autocomplete:
            try:
                self.enter(interaction)
            except BotError as error:
                await self.show(interaction, error)
                return False
        return True

    def enter(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Count an action of the person against their quota, and the running task as work in flight.

        Raises LeavingError when the bot is stopping, and TooManyError when the quota is used up.
        """
        self.client.services.quotas.action(interaction.user.id, self.client.services.now())
        self.client.services.in_flight.enter(lambda error: self.show(interaction, error))

    async def on_error(
        self, interaction: discord.Interaction[TutorClient], error: app_commands.AppCommandError
    ) -> None:
        await self.show(interaction, error)

    async def show(self, interaction: discord.Interaction[TutorClient], error: Exception) -> None:
        """Show the error to the person: as the response, or as a follow-up when there is one already."""
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        if isinstance(cause, discord.NotFound) and cause.code == _UNKNOWN_INTERACTION:
            log.warning("an interaction had expired before it was acknowledged")
            return
        view = error_view(error)
        try:
            if interaction.response.is_done():
                await interaction.followup.send(view=view, ephemeral=True)
            else:
                await interaction.response.send_message(view=view, ephemeral=True)
        except discord.HTTPException as unreachable:
            # The interaction has expired or its place is gone; the error itself is in the log.
            log.warning("could not tell the person: %s (code %d)", unreachable.status, unreachable.code)
