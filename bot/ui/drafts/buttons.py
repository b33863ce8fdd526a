"""The buttons under a draft and the form that edits it; for people who may change the server's library.

Custom ids outlive the code that made them: a change of their contents needs a new version.
"""

from __future__ import annotations

from collections.abc import Mapping
from re import Match
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.learning.drafts import Drafts, Turn
from bot.quiz.review import HOLDS
from bot.ui.drafts.views import DRAFT_PATTERN, draft_button, turn_view
from bot.ui.limits import MAX_FIELD
from bot.ui.owner import KEYED, Owner
from bot.ui.permissions import maintained_server
from bot.ui.persistent import ABSTRACT, PersistentButton, PersistentForm
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_LONGEST = {"question": 400, "statement": 400, "right": 200, "gap": 200, "wrong": 1000}
_SHORT = frozenset({"right", "gap"})


class DraftButton(PersistentButton, template=ABSTRACT):
    """A button under one version of a draft."""

    act = ""

    def __init__(self, item: str, version: str) -> None:
        self.draft, self.version = item, version
        super().__init__(draft_button(self.act, item, version))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED

    async def next_view(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        server = await maintained_server(interaction)
        return turn_view(await self.done(interaction.client.services.drafts, server, interaction.user.id))

    async def done(self, drafts: Drafts, server: int, person: int) -> Turn:
        """Do what the button says and return what to show next."""
        raise NotImplementedError


class ApproveButton(DraftButton, template="draft:v1:approve:" + DRAFT_PATTERN):
    """Approves the draft: quizzes ask it."""

    act = "approve"

    async def done(self, drafts: Drafts, server: int, person: int) -> Turn:
        return await drafts.approve(server, self.draft, self.version, person)


class RejectButton(DraftButton, template="draft:v1:reject:" + DRAFT_PATTERN):
    """Rejects the draft: it is not shown again."""

    act = "reject"

    async def done(self, drafts: Drafts, server: int, person: int) -> Turn:
        return await drafts.reject(server, self.draft, self.version, person)


class SkipButton(DraftButton, template="draft:v1:skip:" + DRAFT_PATTERN):
    """Shows the next draft without a decision on this one."""

    act = "skip"

    async def done(self, drafts: Drafts, server: int, person: int) -> Turn:
        return await drafts.next(server, self.draft)


class EditButton(DraftButton, template="draft:v1:edit:" + DRAFT_PATTERN):
    """Opens the form that edits the draft."""

    act = "edit"

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        server = await maintained_server(interaction)
        fields = await interaction.client.services.drafts.fields(server, self.draft, self.version)
        if fields is None:
            await super().pressed(interaction)
        else:
            await EditForm(self.draft, self.version, fields).open(interaction)

    async def done(self, drafts: Drafts, server: int, person: int) -> Turn:
        return await drafts.look(server, self.draft, self.version)


class EditForm(PersistentForm, template="draft:v1:edited:" + DRAFT_PATTERN):
    """The fields of a draft that can be edited, with their present contents."""

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
