"""Whose the record is that a custom id names, and the comparison with where and by whom the id is used."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final

from bot.errors import ForeignButton

if TYPE_CHECKING:
    import discord


class Unbound(Enum):
    """The type of `ANY`."""

    ANY = auto()


ANY: Final = Unbound.ANY
"""A record is not bound to one of these: it may be used from any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The server, channel and person that a record belongs to. A guild of None means private messages."""

    guild: int | Unbound | None
    channel: int | Unbound
    person: int | Unbound

    def check(self, interaction: discord.Interaction[Any]) -> None:
        """Raise ForeignButton unless the interaction comes from this place and person."""
        if self.person not in (ANY, interaction.user.id):
            raise ForeignButton("person")
        if self.guild not in (ANY, interaction.guild_id) or self.channel not in (ANY, interaction.channel_id):
            raise ForeignButton("place")


KEYED: Final = Owner(guild=ANY, channel=ANY, person=ANY)
"""The id alone names no record: what it says is only looked up under the server or the person of the interaction."""
