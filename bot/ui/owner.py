"""The owner of the record that a custom id names, compared with the interaction that uses the id."""

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
"""Any server, channel or person may use the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The server, channel and person of a record. A guild of None means private messages."""

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
"""The id names no record by itself: it is only looked up under the server or person of the interaction."""
