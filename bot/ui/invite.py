"""The link that invites the bot to a server, asking for no more than it uses."""

from __future__ import annotations

import discord

SCOPES = ("bot", "applications.commands")


def permissions() -> discord.Permissions:
    """Give what the bot needs: to see where it is asked, to answer there, and to read what a reply points at."""
    needed = discord.Permissions.none()
    needed.view_channel = True
    needed.send_messages = True
    needed.send_messages_in_threads = True
    needed.read_message_history = True
    return needed


def invite(application: int) -> str:
    """Give the link for an application's id."""
    return discord.utils.oauth_url(application, permissions=permissions(), scopes=SCOPES)
