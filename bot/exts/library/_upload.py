"""The form that takes many documents at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord

from prompts import words

_MOST_FILES = 10
# discord.py lets go of a form that was closed unsent only when its time is over.
_PATIENCE_S = 600

Take = Callable[[discord.Interaction[Any], list[discord.Attachment]], Awaitable[None]]


class UploadForm(discord.ui.Modal):
    """Takes up to ten files."""

    def __init__(self, take: Take) -> None:
        """Take what is done with the files; the interaction it gets is deferred."""
        super().__init__(title=words("library.upload.title"), timeout=_PATIENCE_S)
        self._take = take
        self._files: discord.ui.FileUpload[Any] = discord.ui.FileUpload(min_values=1, max_values=_MOST_FILES)
        label, hint = words("library.upload.label"), words("library.upload.hint")
        self.add_item(discord.ui.Label(text=label, description=hint, component=self._files))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        try:
            interaction.client.tree.enter(interaction)
            await interaction.response.defer(ephemeral=True, thinking=True)
            await self._take(interaction, list(self._files.values))
        except Exception as error:  # discord.py would log it and leave the person with nothing
            await interaction.client.tree.show(interaction, error)
