"""How the buttons of a lesson look, apart from those that answer its questions; bot/ui/lesson/buttons.py acts."""

from __future__ import annotations

from typing import Any

import discord

from bot.learning.views import LessonPlace
from bot.ui.notice import Item
from bot.ui.persistent import BaseButton, ShownButton
from prompts import words

GO_ID = "lesson:v1:go"
DUE_ID = "quiz:v1:due"
NEXT = r"lesson:v1:next:(?P<session>\d{1,18}):(?P<position>\d{1,6})"


def next_button(session: int, position: int, **looks: Any) -> BaseButton:
    """Return the button that goes on from a step, for the class that handles presses."""
    return discord.ui.Button(custom_id=f"lesson:v1:next:{session}:{position}", **looks)


def onward(place: LessonPlace, label: str, style: discord.ButtonStyle = discord.ButtonStyle.primary) -> Item:
    """Return the same button for a layout."""
    return ShownButton(next_button(place.session, place.position, label=label, style=style))


def go(label: str, style: discord.ButtonStyle = discord.ButtonStyle.primary) -> Item:
    """Return the button that begins a lesson or goes on with it, for a layout."""
    return ShownButton(discord.ui.Button(label=label, custom_id=GO_ID, style=style))


def start() -> Item:
    """Return the button under an outline."""
    return go(words("lesson.button.start"))


def due() -> Item:
    """Return the button that begins a quiz of what is due, for a layout."""
    return ShownButton(discord.ui.Button(label=words("lesson.button.due"), custom_id=DUE_ID))
