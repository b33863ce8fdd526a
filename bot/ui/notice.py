"""The parts of every layout: the coloured frame, its texts, and layouts of one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import discord

from bot.ui.limits import assert_fits
from prompts import words

Item = discord.ui.Item[Any]


class Accent(IntEnum):
    """The colour at the edge of a layout, which shows its kind."""

    ANSWER = 0x2D9D78
    CLOSEST = 0xE0A030
    NOT_COVERED = 0x80848E
    FRIENDLY = 0x5865F2
    TROUBLE = 0xD9534F


def framed(accent: Accent, *items: Item) -> discord.ui.LayoutView:
    """Return a layout of one frame; raises LayoutError when it exceeds Discord's limits.

    It never times out: the state of its buttons is in their custom ids.
    """
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container(*items, accent_colour=accent.value))
    return assert_fits(view)


def notice(text: str, accent: Accent = Accent.FRIENDLY) -> discord.ui.LayoutView:
    """Return a layout that only contains a text."""
    return framed(accent, discord.ui.TextDisplay(text))


def loading() -> discord.ui.LayoutView:
    """Return the notice that the library is still loading."""
    return notice(words("ask.waking"))


def text_item(*lines: str) -> Item:
    """Return a text of these lines, without the empty ones."""
    return discord.ui.TextDisplay("\n".join(line for line in lines if line))


def button_row(*buttons: Item | None) -> list[Item]:
    """Return a separator and a row of the buttons that are not None; nothing when all are."""
    present = [button for button in buttons if button is not None]
    return [discord.ui.Separator(), discord.ui.ActionRow(*present)] if present else []


def first_fitting(texts: Sequence[str], most_characters: int) -> list[str]:
    """Return the first texts that have at most so many characters together."""
    kept: list[str] = []
    for text in texts:
        if sum(map(len, kept)) + len(text) > most_characters:
            break
        kept.append(text)
    return kept
