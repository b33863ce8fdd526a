"""The list of items that work badly, with the button that has it sent once a week, and the message that is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import discord

from bot.errors import QuizError
from bot.ui import text
from bot.ui.notice import Accent, button_row, framed, text_item
from bot.ui.owner import KEYED, Owner
from bot.ui.persistent import PersistentButton, ShownButton
from bot.ui.quiz.community import item_blocks
from prompts import words

if TYPE_CHECKING:
    from bot.learning.digests import Digest
    from bot.learning.moderation import BadItem
    from bot.ui.client import TutorClient

_MAX_SERVER = 90


def items_view(found: Sequence[BadItem], *, weekly: bool) -> discord.ui.LayoutView:
    """Lay out the items that work badly, with proposals; `weekly`: the person is sent them once a week."""
    blocks = item_blocks(found)
    button = ShownButton(_button("off" if weekly else "on"))
    return framed(
        Accent.FRIENDLY,
        text_item(words("quiz.items.head"), *(blocks or [words("quiz.items.none")])),
        text_item(words("quiz.disputes.how") if blocks else "", words("quiz.items.weekly", weekly=weekly)),
        *button_row(button),
    )


def digest_view(digest: Digest, server: str) -> discord.ui.LayoutView:
    """Lay out the message of a week, which is sent to a person in private: about this server."""
    head = words("quiz.items.digest", server=text.inline(server, _MAX_SERVER), items=len(digest.items))
    return framed(Accent.FRIENDLY, text_item(head, *item_blocks(digest.items)), text_item(words("quiz.items.stop")))


class DigestButton(PersistentButton, template=r"digest:v1:(?P<act>on|off)"):
    """Has the items that work badly sent to the person once a week, or no longer."""

    def __init__(self, act: str) -> None:
        self.act = act
        super().__init__(_button(act))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED

    async def next_view(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        server, services = interaction.guild_id, interaction.client.services
        if server is None or interaction.client.get_guild(server) is None:
            raise QuizError("only_in_server")
        if not interaction.permissions.manage_guild:
            raise QuizError("not_manager")
        await services.digests.switch(server, interaction.user.id, on=self.act == "on")
        return items_view(await services.moderation.bad_items(server), weekly=self.act == "on")


def _button(act: str) -> discord.ui.Button[Any]:
    style = discord.ButtonStyle.primary if act == "on" else discord.ButtonStyle.secondary
    return discord.ui.Button(label=words(f"quiz.items.button.{act}"), custom_id=f"digest:v1:{act}", style=style)
