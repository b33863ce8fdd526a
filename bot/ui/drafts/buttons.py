"""What the buttons under a draft do: decide, for those who may, and show the next draft in the same place."""

from __future__ import annotations

from re import Match
from typing import TYPE_CHECKING, Self

import discord

from bot.learning.drafts import Turn
from bot.ui.drafts.controls import button, template
from bot.ui.drafts.forms import EditForm
from bot.ui.drafts.views import turn_view
from bot.ui.owner import KEYED, Owner
from bot.ui.permissions import maintained_server
from bot.ui.persistent import ABSTRACT, PersistentButton, replace

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


class DraftButton(PersistentButton, template=ABSTRACT):
    """A button under one draft as it was when it was shown."""

    act = ""

    def __init__(self, item: str, version: str) -> None:
        self.draft, self.version = item, version
        super().__init__(button(self.act, item, version))

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        return cls(match["item"], match["version"])

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        async def view() -> discord.ui.LayoutView:
            return turn_view(await self.done(interaction, await maintained_server(interaction)))

        await replace(interaction, view())

    async def done(self, interaction: discord.Interaction[TutorClient], server: int) -> Turn:
        """Do what the button says and give what there is to show."""
        raise NotImplementedError


class ApproveButton(DraftButton, template=template("approve")):
    """Has the draft asked."""

    act = "approve"

    async def done(self, interaction: discord.Interaction[TutorClient], server: int) -> Turn:
        return await interaction.client.services.drafts.approve(server, self.draft, self.version, interaction.user.id)


class RejectButton(DraftButton, template=template("reject")):
    """Has the draft never shown again."""

    act = "reject"

    async def done(self, interaction: discord.Interaction[TutorClient], server: int) -> Turn:
        return await interaction.client.services.drafts.reject(server, self.draft, self.version, interaction.user.id)


class SkipButton(DraftButton, template=template("skip")):
    """Leaves the draft for another time."""

    act = "skip"

    async def done(self, interaction: discord.Interaction[TutorClient], server: int) -> Turn:
        return await interaction.client.services.drafts.next(server, self.draft)


class EditButton(DraftButton, template=template("edit")):
    """Opens the form in which the draft is edited."""

    act = "edit"

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        server = await maintained_server(interaction)
        fields = await interaction.client.services.drafts.fields(server, self.draft, self.version)
        if fields is None:
            await super().pressed(interaction)
        else:
            await EditForm(self.draft, self.version, fields).open(interaction)

    async def done(self, interaction: discord.Interaction[TutorClient], server: int) -> Turn:
        return await interaction.client.services.drafts.look(server, self.draft, self.version)
