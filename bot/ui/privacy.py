"""Layouts of /privacy: what is stored about a person, its export, and its deletion after a second press."""

from __future__ import annotations

from re import Match
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.conversation.recent import TURNS
from bot.learning.session_cache import UNTOUCHED
from bot.libraries.unanswered import KEPT
from bot.ui.notice import Accent, button_row, framed, notice
from bot.ui.owner import ANY, Owner
from bot.ui.persistent import PersistentButton, ShownButton
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_STYLES = {"delete": discord.ButtonStyle.danger, "keep": discord.ButtonStyle.secondary}


def privacy_view(minutes: int, grace_days: int, policy: str | None) -> discord.ui.LayoutView:
    """Lay out what is stored, with a link to the policy at the URL `policy` if there is one.

    Questions are kept for `minutes`, the data of a server for `grace_days` after the bot was removed from it.
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
    """Lay out one of the files of an export; the message must have an attachment with this name."""
    attached = discord.ui.File[discord.ui.LayoutView](f"attachment://{file}")
    sentence = words("privacy.export.done", number=number, files=files)
    return framed(Accent.FRIENDLY, discord.ui.TextDisplay(sentence), attached)


def sure_view(person: int) -> discord.ui.LayoutView:
    """Ask a person whether all their data shall be deleted."""
    row = [ShownButton(_button(act, person)) for act in _STYLES]
    return framed(Accent.TROUBLE, discord.ui.TextDisplay(words("privacy.delete.sure")), *button_row(*row))


class ForgetButton(PersistentButton, template=r"privacy:v1:(?P<act>delete|keep):(?P<person>\d+)"):
    """Deletes all data of a person, or keeps it; only the person may press it."""

    def __init__(self, act: str, person: int) -> None:
        self.act, self.person = act, person
        super().__init__(_button(act, person))

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        return cls(match["act"], int(match["person"]))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return Owner(guild=ANY, channel=ANY, person=self.person)

    async def next_view(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        if self.act == "keep":
            return notice(words("privacy.delete.kept"))
        await interaction.client.services.personal_data.forget(self.person)
        return notice(words("privacy.delete.done"))


def _button(act: str, person: int) -> discord.ui.Button[Any]:
    label, custom_id = words(f"privacy.delete.button.{act}"), f"privacy:v1:{act}:{person}"
    return discord.ui.Button(label=label, style=_STYLES[act], custom_id=custom_id)
