"""The layout of a library's unanswered questions, with buttons that switch the counting and delete the questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.libraries.unanswered import KEPT, Found, UnansweredGroup
from bot.ui import text
from bot.ui.limits import MAX_TEXT
from bot.ui.notice import Accent, Item, button_row, first_fitting, framed
from bot.ui.owner import KEYED, Owner
from bot.ui.permissions import maintained_server
from bot.ui.persistent import PersistentButton, ShownButton
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_MOST_GROUPS = 15
_MOST_OTHERS = 2
_MAX_GROUPS_TEXT = MAX_TEXT - 800

_STYLES = {
    "on": discord.ButtonStyle.success,
    "off": discord.ButtonStyle.secondary,
    "clear": discord.ButtonStyle.secondary,
    "forget": discord.ButtonStyle.danger,
    "keep": discord.ButtonStyle.secondary,
}


def unanswered_view(found: Found, *, sure: bool = True) -> discord.ui.LayoutView:
    """Lay out the most asked groups that fit; with `sure` False, ask whether all of them shall be deleted."""
    state = words("library.gaps.on", days=KEPT.days) if found.counts else words("library.gaps.off")
    if not found.groups:
        body = words("library.gaps.none")
    else:
        shown = first_fitting([_group(group) for group in found.groups[:_MOST_GROUPS]], _MAX_GROUPS_TEXT)
        others = len(found.groups) - len(shown)
        body = "\n".join([*shown, *([words("library.gaps.others", count=others)] if others else [])])
    acts = ["off" if found.counts else "on", *(["clear"] if found.total else [])]
    items: list[Item] = [
        discord.ui.TextDisplay(words("library.gaps.head", total=found.total)),
        discord.ui.TextDisplay(body),
        discord.ui.Separator(),
        discord.ui.TextDisplay(state if sure else words("library.gaps.sure", total=found.total)),
    ]
    row = [ShownButton(_button(act)) for act in (acts if sure else ["forget", "keep"])]
    return framed(Accent.FRIENDLY if sure else Accent.TROUBLE, *items, *button_row(*row))


class UnansweredButton(PersistentButton, template=r"gaps:v1:(?P<act>on|off|clear|forget|keep)"):
    """Switches the counting on and off, and deletes the counted questions after a second press."""

    def __init__(self, act: str) -> None:
        self.act = act
        super().__init__(_button(act))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED

    async def next_view(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        server, bot = await maintained_server(interaction), interaction.client
        if self.act in ("on", "off"):
            await bot.services.preferences.count_gaps(server, self.act == "on")
        elif self.act == "forget":
            await bot.services.unanswered.clear(server)
        return unanswered_view(await bot.services.unanswered.found(server), sure=self.act != "clear")


def _group(group: UnansweredGroup) -> str:
    return words(
        "library.gaps.group",
        question=text.inline(group.question),
        others=[text.inline(other) for other in group.others[:_MOST_OTHERS]],
        count=group.count,
        closest=group.closest,
        when=discord.utils.format_dt(group.last_asked, "R"),
    )


def _button(act: str) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=words(f"library.gaps.button.{act}"), style=_STYLES[act], custom_id=f"gaps:v1:{act}")
