"""The type of the Discord client that layouts, buttons and features use; bot/app.py extends it."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

if TYPE_CHECKING:
    from bot.services import Services


class EntryTree(app_commands.CommandTree["TutorClient"]):
    """The command tree as buttons and forms use it; bot/ui/error_handler.py implements it."""

    @abstractmethod
    def enter(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Count an action of the user, and the running task as one that a user waits for."""

    @abstractmethod
    async def show(self, interaction: discord.Interaction[TutorClient], error: Exception) -> None:
        """Show an error to the user, whether or not the interaction was answered."""


class TutorClient(commands.AutoShardedBot):
    """A Discord client with the services that features use as `interaction.client.services`."""

    services: Services
    tree: EntryTree
