"""Who may change a server's library: judged here at every command and every press, whatever Discord showed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.errors import KeeperError

if TYPE_CHECKING:
    from bot.app import TutorBot


async def kept_server(interaction: discord.Interaction[TutorBot]) -> int:
    """Give the server whose library this person may change; raises KeeperError for anybody else.

    Those may who manage the server, and those who have the role that was chosen for it.
    """
    if interaction.guild_id is None:
        raise KeeperError("only_in_server")
    if not interaction.permissions.manage_guild and not await _has_role(interaction, interaction.guild_id):
        raise KeeperError("not_keeper")
    return interaction.guild_id


def managed_server(interaction: discord.Interaction[TutorBot]) -> int:
    """Give the server that this person manages; raises KeeperError for anybody else, whatever their role."""
    if interaction.guild_id is None:
        raise KeeperError("only_in_server")
    if not interaction.permissions.manage_guild:
        raise KeeperError("not_manager")
    return interaction.guild_id


async def _has_role(interaction: discord.Interaction[TutorBot], server: int) -> bool:
    role = (await interaction.client.preferences.of(server)).role
    person = interaction.user
    return role is not None and isinstance(person, discord.Member) and person.get_role(role) is not None
