"""The buttons under a draft as they look: which draft, and in which version, stands in their custom ids."""

from __future__ import annotations

from typing import Any

import discord

from bot.quiz.items import Item
from bot.ui.persistent import BaseButton, ShownButton
from prompts import words

# A maintainer decides about what they see: the version in the id tells when it was edited since.
DRAFT = r"(?P<item>[a-z0-9][a-z0-9-]{0,59}):(?P<version>[0-9a-f]{12})"

_LOOKS = {
    "approve": discord.ButtonStyle.success,
    "edit": discord.ButtonStyle.secondary,
    "reject": discord.ButtonStyle.danger,
    "skip": discord.ButtonStyle.secondary,
}


def template(act: str) -> str:
    """Return the pattern of the custom ids of an act; they outlive the code, so a change needs a new version."""
    return f"draft:v1:{act}:{DRAFT}"


def button(act: str, item: str, version: str, *, disabled: bool = False) -> BaseButton:
    """Return a bare button for a draft as it is in this version."""
    return discord.ui.Button(
        label=words(f"library.drafts.button.{act}"),
        style=_LOOKS[act],
        custom_id=f"draft:v1:{act}:{item}:{version}",
        disabled=disabled,
    )


def decisions(item: Item, *, may_approve: bool) -> list[discord.ui.Item[Any]]:
    """Return what can be decided about a draft; one with faults can be edited, not approved."""
    return [
        ShownButton(button(act, item.id, item.version, disabled=act == "approve" and not may_approve)) for act in _LOOKS
    ]
