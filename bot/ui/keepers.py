"""Who may change a server's library: judged here at every command and every press, whatever Discord showed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import KeeperError

if TYPE_CHECKING:
    import discord

    from bot.app import TutorBot


async def kept_server(interaction: discord.Interaction[TutorBot]) -> int:
    """Give the server whose library this person may change; raises KeeperError for anybody else."""
    if interaction.guild_id is None:
        raise KeeperError("only_in_server")
    if not interaction.permissions.manage_guild:
        raise KeeperError("not_keeper")
    return interaction.guild_id
