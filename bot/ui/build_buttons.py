"""The buttons under a build: cancel it, make it live, discard it; for people who may change the server's library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.errors import OutdatedButton
from bot.ui.builds import build_button, decided_view
from bot.ui.notice import notice
from bot.ui.owner import KEYED, Owner
from bot.ui.permissions import maintained_server
from bot.ui.persistent import ABSTRACT, PersistentButton
from prompts import words

if TYPE_CHECKING:
    from bot.libraries.proposals import Proposal
    from bot.ui.client import TutorClient


class CancelButton(PersistentButton, template=r"library:v1:cancel:(?P<job>[0-9a-f]{8})"):
    """Cancels one build, queued or running, also one that a process before this one has put into the queue."""

    def __init__(self, job: str) -> None:
        self.job = job
        super().__init__(build_button("cancel", job))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        server = await maintained_server(interaction)
        await interaction.response.defer()
        await interaction.client.services.library_admin.cancel(server, self.job)
        # The command that began the build says the same, unless its process has ended.
        await interaction.edit_original_response(view=notice(words("library.cancel.done")))


class _DecisionButton(PersistentButton, template=ABSTRACT):
    """Decides on a build that waits."""

    act = ""

    def __init__(self, generation: str) -> None:
        self.generation = generation
        super().__init__(build_button(self.act, generation))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        server = await maintained_server(interaction)
        await interaction.response.defer()
        proposal = await interaction.client.services.library_admin.proposed(server, self.generation)
        if proposal is None:
            raise OutdatedButton
        await interaction.edit_original_response(view=await self.decided(interaction, server, proposal))

    async def decided(
        self, interaction: discord.Interaction[TutorClient], server: int, proposal: Proposal
    ) -> discord.ui.LayoutView:
        """Do what the button says and return the layout of the result."""
        raise NotImplementedError


class PromoteButton(_DecisionButton, template=r"library:v1:promote:(?P<generation>[0-9a-f]{12})"):
    """Makes a build live."""

    act = "promote"

    async def decided(
        self, interaction: discord.Interaction[TutorClient], server: int, proposal: Proposal
    ) -> discord.ui.LayoutView:
        admin, by = interaction.client.services.library_admin, str(interaction.user.id)
        await admin.promote(server, self.generation, by, anyway=self.act == "anyway")
        return decided_view(proposal, words("library.proposal.promoted"))


class PromoteAnywayButton(PromoteButton, template=r"library:v1:anyway:(?P<generation>[0-9a-f]{12})"):
    """Makes a build live that failed its exam."""

    act = "anyway"


class DiscardButton(_DecisionButton, template=r"library:v1:discard:(?P<generation>[0-9a-f]{12})"):
    """Deletes a build."""

    act = "discard"

    async def decided(
        self, interaction: discord.Interaction[TutorClient], server: int, proposal: Proposal
    ) -> discord.ui.LayoutView:
        await interaction.client.services.library_admin.discard(server, self.generation)
        return decided_view(None, words("library.proposal.discarded"))
