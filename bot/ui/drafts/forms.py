"""The form in which a draft is edited; what is written in it arrives even when the bot was restarted meanwhile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import discord

from bot.quiz.review import HOLDS
from bot.ui.drafts.controls import DRAFT
from bot.ui.limits import MAX_FIELD
from prompts import words

EDITED = re.compile(f"draft:v1:edited:{DRAFT}")

_LONGEST = {"question": 400, "statement": 400, "right": 200, "gap": 200, "wrong": 1000}
_SHORT = frozenset({"right", "gap"})


class EditForm(discord.ui.Modal):
    """Asks for what can be edited of a draft, filled in as it is now."""

    def __init__(self, item: str, version: str, fields: Mapping[str, str]) -> None:
        super().__init__(title=words("library.drafts.edit.title"), custom_id=f"draft:v1:edited:{item}:{version}")
        for name, value in fields.items():
            field = _choice(name, value) if name == "holds" else _input(name, value)
            label, hint = words(f"library.drafts.edit.label.{name}"), words(f"library.drafts.edit.hint.{name}")
            self.add_item(discord.ui.Label(text=label, description=hint, component=field))


def fields_in(components: list[Any]) -> dict[str, str]:
    """Find what was written into a form, by the custom ids of its fields."""
    found = {}
    for component in components:
        inner = [component["component"]] if "component" in component else component.get("components", [])
        for field in inner:
            found[str(field.get("custom_id"))] = str(field.get("value") or "")
    return found


def _input(name: str, value: str) -> discord.ui.TextInput[Any]:
    style = discord.TextStyle.short if name in _SHORT else discord.TextStyle.paragraph
    longest = min(MAX_FIELD, max(_LONGEST[name], len(value)))
    return discord.ui.TextInput(custom_id=name, style=style, default=value, max_length=longest)


def _choice(name: str, value: str) -> discord.ui.RadioGroup[Any]:
    options = [
        discord.RadioGroupOption(label=words(f"library.drafts.edit.{each}"), value=each, default=each == value)
        for each in HOLDS
    ]
    return discord.ui.RadioGroup(custom_id=name, options=options)
