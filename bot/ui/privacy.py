"""Lays out what is kept about a person, and asks once more before it is deleted."""

from __future__ import annotations

from re import Match
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.conversation.recent import TURNS
from bot.learning.expiry import UNTOUCHED
from bot.libraries.unanswered import KEPT
from bot.ui.notice import Accent, framed, notice
from bot.ui.owner import ANY, Owner
from bot.ui.persistent import PersistentButton, ShownButton, replace
from bot.ui.quotes import button_row
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_LOOKS = {"delete": discord.ButtonStyle.danger, "keep": discord.ButtonStyle.secondary}


def privacy_view(minutes: int, grace_days: int, policy: str | None) -> discord.ui.LayoutView:
    """Lay out what is kept, with a button that opens the policy where there is one.

    Questions are kept for `minutes`, and what belongs to a server for `grace_days` after the bot was removed from it.
    """
    texts = [
        words("privacy.about.lead"),
        words("privacy.about.asking", turns=TURNS, minutes=minutes),
        words("privacy.about.learning", days=UNTOUCHED.days),
        words("privacy.about.looking_after"),
        words("privacy.about.unnamed", days=KEPT.days),
        words("privacy.about.removed", days=grace_days),
        words("privacy.about.seen"),
        words("privacy.about.rights"),
    ]
    link = discord.ui.Button[Any](label=words("privacy.about.policy"), url=policy) if policy else None
    return framed(Accent.FRIENDLY, *map(discord.ui.TextDisplay[Any], texts), *button_row(link))


def export_view(file: str, number: int = 1, files: int = 1) -> discord.ui.LayoutView:
    """Lay out a file of an export; the message has to carry one of this name."""
    attached = discord.ui.File[discord.ui.LayoutView](f"attachment://{file}")
    said = words("privacy.export.done", number=number, files=files)
    return framed(Accent.FRIENDLY, discord.ui.TextDisplay(said), attached)


def sure_view(person: int) -> discord.ui.LayoutView:
    """Ask a person whether all shall be deleted."""
    row = [ShownButton(_button(act, person)) for act in _LOOKS]
    return framed(Accent.TROUBLE, discord.ui.TextDisplay(words("privacy.delete.sure")), *button_row(*row))


class ForgetButton(PersistentButton, template=r"privacy:v1:(?P<act>delete|keep):(?P<person>\d+)"):
    """Deletes all that is kept of a person, or nothing, at their own press alone."""

    def __init__(self, act: str, person: int) -> None:
        self.act, self.person = act, person
        super().__init__(_button(act, person))

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        return cls(match["act"], int(match["person"]))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return Owner(guild=ANY, channel=ANY, person=self.person)

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        async def view() -> discord.ui.LayoutView:
            if self.act == "keep":
                return notice(words("privacy.delete.kept"))
            await interaction.client.services.personal_data.forget(self.person)
            return notice(words("privacy.delete.done"))

        await replace(interaction, view())


def _button(act: str, person: int) -> discord.ui.Button[Any]:
    label, custom_id = words(f"privacy.delete.button.{act}"), f"privacy:v1:{act}:{person}"
    return discord.ui.Button(label=label, style=_LOOKS[act], custom_id=custom_id)
