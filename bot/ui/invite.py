"""The link that adds the bot to a server, with only the permissions that it uses."""

from __future__ import annotations

import discord

SCOPES = ("bot", "applications.commands")


def permissions() -> discord.Permissions:
    """Return what the bot needs: see channels, answer in them, and read the message that a reply refers to."""
    needed = discord.Permissions.none()
    needed.view_channel = True
    needed.send_messages = True
    needed.send_messages_in_threads = True
    needed.read_message_history = True
    return needed


def invite(application: int) -> str:
    """Return the link for an application's id."""
    return discord.utils.oauth_url(application, permissions=permissions(), scopes=SCOPES)
