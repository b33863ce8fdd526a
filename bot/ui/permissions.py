"""Who may change a server's library; checked at every command and press, whatever Discord shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.errors import MaintainerError

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


async def maintained_server(interaction: discord.Interaction[TutorClient]) -> int:
    """Return the server whose library this person may change; raises MaintainerError for anybody else.

    People who manage the server may, and people with the role that was chosen by `/library role`.
    """
    server = _member_server(interaction)
    if not interaction.permissions.manage_guild and not await _has_role(interaction, server):
        raise MaintainerError("not_keeper")
    return server


def managed_server(interaction: discord.Interaction[TutorClient]) -> int:
    """Return the server that this person manages; raises MaintainerError for anybody else."""
    server = _member_server(interaction)
    if not interaction.permissions.manage_guild:
        raise MaintainerError("not_manager")
    return server


def _member_server(interaction: discord.Interaction[TutorClient]) -> int:
    """Return the server of an interaction; raises MaintainerError where the bot is not a member.

    People can use an app that they installed for themselves in any server. Only servers to which the bot was added have
    a library, which is deleted some time after the bot was removed.
    """
    if interaction.guild_id is None:
        raise MaintainerError("only_in_server")
    if interaction.client.get_guild(interaction.guild_id) is None:
        raise MaintainerError("not_member")
    return interaction.guild_id


async def _has_role(interaction: discord.Interaction[TutorClient], server: int) -> bool:
    role = (await interaction.client.services.preferences.of(server)).role
    person = interaction.user
    return role is not None and isinstance(person, discord.Member) and person.get_role(role) is not None
