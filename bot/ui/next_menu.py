"""The menu under an answer: what can be asked next. Its options hold all that a choice needs, also after a restart."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.answering.turn import NextStep
from bot.libraries.suggestions import digest
from bot.ui.notice import Item
from bot.ui.packed_places import PackedPlaces, fits, pack, packed_place
from bot.ui.persistent import BaseSelect, ShownSelect
from bot.ui.step_labels import step_label
from prompts import words

NEXT_ID = "ask:v1:next"
PRIVATE = ":private"


def next_menu(steps: Sequence[NextStep], *, private: bool) -> list[Item]:
    """Return the row of the menu; nothing without a step.

    `private`: what is chosen belongs to the person's private conversation.
    """
    options = [option(step) for step in steps if step.quote is None or fits(step.quote)]
    if not options:
        return []
    custom_id = NEXT_ID + (PRIVATE if private else "")
    menu: BaseSelect = discord.ui.Select(
        custom_id=custom_id, placeholder=words("conversation.next.menu"), options=options
    )
    return [discord.ui.ActionRow(ShownSelect(menu))]


def option(step: NextStep) -> discord.SelectOption:
    """Return a step as an option of the menu: its value is its kind, then a place or the digest of a question."""
    label, below = step_label(step)
    if step.quote is None:
        state = digest(step.text)
    else:
        state = pack(PackedPlaces(step.quote.generation, (packed_place(step.quote),)))
    return discord.SelectOption(label=label, value=f"{step.kind}:{state}", description=below or None)
