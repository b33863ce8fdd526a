"""The base of buttons that outlive a restart, with every failure of theirs led to the one error door.

discord.py logs an exception in a dynamic item's callback or `from_custom_id` and swallows one in its
`interaction_check`; the person would be left with "This interaction failed".
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Coroutine
from re import Match, Pattern
from typing import TYPE_CHECKING, Any, ClassVar, Self

import discord

if TYPE_CHECKING:
    from bot.app import TutorBot

BaseButton = discord.ui.Button[Any]

# Discord waits three seconds for the first response; what takes longer than this is acknowledged first.
_ACKNOWLEDGE_AFTER_S = 1.5


ABSTRACT = r"(?!)"
"""The template, which matches nothing, of classes that only other buttons are made of."""


class PersistentButton(discord.ui.DynamicItem[BaseButton], template=ABSTRACT):
    """A button whose custom id holds all it needs: it is restored from it and acts when pressed."""

    registered: ClassVar[list[type[PersistentButton]]] = []
    _fault: Exception | None = None

    def __init_subclass__(cls, *, template: str | Pattern[str]) -> None:
        super().__init_subclass__(template=template)
        if template != ABSTRACT:
            PersistentButton.registered.append(cls)

    @classmethod
    @abstractmethod
    async def restore(cls, interaction: discord.Interaction[TutorBot], match: Match[str]) -> Self:
        """Return the button that this custom id stands for."""

    @abstractmethod
    async def pressed(self, interaction: discord.Interaction[TutorBot]) -> None:
        """Answer the press."""

    async def allowed(self, interaction: discord.Interaction[TutorBot]) -> bool:
        """Tell whether this person may press; one who may not is told so before False is returned."""
        return True

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: Match[str], /
    ) -> Self:
        try:
            return await cls.restore(interaction, match)
        except Exception as error:
            # Carried to interaction_check, where stopping is possible: this method has to return a button.
            broken = cls.__new__(cls)
            discord.ui.DynamicItem.__init__(broken, item)
            broken._fault = error
            return broken

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        try:
            if self._fault is not None:
                raise self._fault
            interaction.client.tree.enter(interaction)
            return await self.allowed(interaction)
        except Exception as error:
            await _door(interaction, error)
            return False

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await self.pressed(interaction)
        except Exception as error:
            await _door(interaction, error)


class ShownButton(discord.ui.DynamicItem[BaseButton], template=r"[a-z]+:v\d+:"):
    """A button as it is shown, where the class that acts on its presses cannot be named: layouts lead to one another.

    discord.py keeps every layout with plain buttons for ever, waiting for their presses; of dynamic ones it keeps
    nothing. A press is given to the class whose template matches the whole custom id, and this one matches a front.
    """


async def replace(interaction: discord.Interaction[Any], view: Coroutine[Any, Any, discord.ui.LayoutView]) -> None:
    """Put a layout in the place of the message that was pressed: in one response, or after it when it takes long."""
    loop = asyncio.get_running_loop()
    late: list[asyncio.Task[Any]] = []
    # A timer, not a second task for the work: most presses are done long before it goes off.
    timer = loop.call_later(_ACKNOWLEDGE_AFTER_S, lambda: late.append(loop.create_task(interaction.response.defer())))
    try:
        made = await view
    finally:
        timer.cancel()
        await asyncio.gather(*late)
    if late:
        await interaction.edit_original_response(view=made)
    else:
        await interaction.response.edit_message(view=made)


async def _door(interaction: discord.Interaction[TutorBot], error: Exception) -> None:
    await interaction.client.tree.show(interaction, error)
