"""Short layouts: a sentence or two in a coloured frame, for everything that is not an answer."""

from __future__ import annotations

from enum import IntEnum

import discord

from bot.ui.limits import assert_fits
from prompts import words


class Accent(IntEnum):
    """The colour at the edge of a layout tells its kind at a glance."""

    ANSWER = 0x2D9D78
    CLOSEST = 0xE0A030
    NOT_COVERED = 0x80848E
    FRIENDLY = 0x5865F2
    TROUBLE = 0xD9534F


def framed(accent: Accent, *items: discord.ui.Item[discord.ui.LayoutView]) -> discord.ui.LayoutView:
    """Return a layout of one frame; it never times out, for its buttons live in their custom ids."""
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container(*items, accent_colour=accent.value))
    return assert_fits(view)


def notice(text: str, accent: Accent = Accent.FRIENDLY) -> discord.ui.LayoutView:
    return framed(accent, discord.ui.TextDisplay(text))


def waking() -> discord.ui.LayoutView:
    return notice(words("ask.waking"))
