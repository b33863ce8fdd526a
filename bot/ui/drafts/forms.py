"""The form in which a draft is edited; what is written in it arrives even when the bot was restarted meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from re import Match
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.quiz.review import HOLDS
from bot.ui.drafts.controls import template
from bot.ui.drafts.views import turn_view
from bot.ui.limits import MAX_FIELD
from bot.ui.owner import KEYED, Owner
from bot.ui.permissions import maintained_server
from bot.ui.persistent import PersistentForm
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_LONGEST = {"question": 400, "statement": 400, "right": 200, "gap": 200, "wrong": 1000}
_SHORT = frozenset({"right", "gap"})


class EditForm(PersistentForm, template=template("edited")):
    """Asks for what can be edited of a draft, filled in as it is now."""

    def __init__(self, item: str, version: str, fields: Mapping[str, str]) -> None:
        super().__init__(title=words("library.drafts.edit.title"), custom_id=f"draft:v1:edited:{item}:{version}")
        self.draft, self.version = item, version
        for name, value in fields.items():
            field = _choice(name, value) if name == "holds" else _input(name, value)
            label, hint = words(f"library.drafts.edit.label.{name}"), words(f"library.drafts.edit.hint.{name}")
            self.add_item(discord.ui.Label(text=label, description=hint, component=field))

    @classmethod
    def restore(cls, match: Match[str]) -> Self:
        return cls(match["item"], match["version"], {})

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED

    async def submitted(self, interaction: discord.Interaction[TutorClient], fields: dict[str, str]) -> None:
        await interaction.response.defer()
        server = await maintained_server(interaction)
        turn = await interaction.client.services.drafts.edit(server, self.draft, self.version, fields)
        await interaction.edit_original_response(view=turn_view(turn))


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
