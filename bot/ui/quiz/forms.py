"""The forms of a quiz: what is written in them arrives even when the bot was restarted meanwhile.

discord.py keeps open forms in memory alone. What they need stands in their custom ids, and what was submitted is
read from the interaction itself (bot/exts/quiz listens for it).
"""

from __future__ import annotations

import re
from typing import Any

import discord

from bot.ui.limits import MAX_FIELD
from index.decoding import without_surrogates
from prompts import words

WRITTEN = re.compile(r"quiz:v1:(?P<act>written|disputed):(?P<session>\d{1,18}):(?P<position>\d{1,6})")
FIELD = "text"
MAX_COMPLAINT = 500


class _Form(discord.ui.Modal):
    def __init__(self, act: str, session: int, position: int, *, room: str, longest: int) -> None:
        super().__init__(title=words(f"quiz.{room}.title"), custom_id=f"quiz:v1:{act}:{session}:{position}")
        style = discord.TextStyle.paragraph
        field: discord.ui.TextInput[Any] = discord.ui.TextInput(custom_id=FIELD, style=style, max_length=longest)
        label, hint = words(f"quiz.{room}.label"), words(f"quiz.{room}.hint")
        self.add_item(discord.ui.Label(text=label, description=hint, component=field))


class WriteForm(_Form):
    """Takes a free answer."""

    def __init__(self, session: int, position: int) -> None:
        super().__init__("written", session, position, room="write", longest=MAX_FIELD)


class DisputeForm(_Form):
    """Takes a complaint about an item."""

    def __init__(self, session: int, position: int) -> None:
        super().__init__("disputed", session, position, room="dispute", longest=MAX_COMPLAINT)


async def send(interaction: discord.Interaction[Any], form: discord.ui.Modal) -> None:
    """Open a form and let go of it: what is written in it is heard without it."""
    await interaction.response.send_modal(form)
    form.stop()


def text_in(components: list[Any]) -> str:
    """Find what was written into the form's field, as text that can be stored."""
    for component in components:
        inner = [component["component"]] if "component" in component else component.get("components", [])
        for field in inner:
            if field.get("custom_id") == FIELD:
                return without_surrogates(str(field.get("value") or ""))
    return ""
