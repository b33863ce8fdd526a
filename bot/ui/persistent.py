"""The bases of buttons and forms that outlive a restart: found by their custom id, checked, then handled.

A custom id can be forged, and a real one can be sent from anywhere. So every class says whose the record is that its
id names (`owner`), and the base compares that with the interaction before the class does anything. An id that no class
knows, of another version of the bot for example, is answered with a sentence (`handle_interaction`).

discord.py logs an exception in a dynamic item's callback or `from_custom_id` and swallows one in its
`interaction_check`; the person would be left with "This interaction failed". Here each is shown to them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from re import Match, Pattern
from typing import TYPE_CHECKING, Any, ClassVar, Self

import discord

from bot.errors import UnknownButton
from bot.ui.owner import Owner
from index.documents.decoding import without_surrogates

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

BaseButton = discord.ui.Button[Any]

# Discord waits three seconds for the first response; what takes longer than this is acknowledged first.
_ACKNOWLEDGE_AFTER_S = 1.5
_OWN_ID = re.compile(r"[a-z]+:v\d+:.*", re.DOTALL)

ABSTRACT = r"(?!)"
"""The template, which matches nothing, of classes that only other classes are made of."""


class Owned:
    """Something with a custom id. A class with a template must define or inherit `owner`, or it cannot be defined."""

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        """Return whose the record is that the custom id names; raise the error to show when there is none.

        Return `KEYED` when the id alone names no record: what it says is only looked up under the server or the
        person of the interaction (`tutor.documents(generation, server=interaction.guild_id)`).
        """
        raise NotImplementedError

    @classmethod
    def _require_owner(cls) -> None:
        if cls.owner is Owned.owner:
            raise TypeError(f"{cls.__name__} does not say whose the record of its custom id is: define `owner`")

    async def _admit(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Raise the error to show unless the interaction comes from the record's place and person."""
        interaction.client.tree.enter(interaction)
        (await self.owner(interaction)).check(interaction)


class PersistentButton(Owned, discord.ui.DynamicItem[BaseButton], template=ABSTRACT):
    """A button whose custom id holds all it needs: it is restored from it and acts when pressed.

    A new class gives its `template` (with a version: ids outlive the code that made them), `restore`, `owner` and
    `pressed`; tests/hostile/forged.py needs a recipe that forges it.
    """

    registered: ClassVar[list[type[PersistentButton]]] = []
    _fault: Exception | None = None

    def __init_subclass__(cls, *, template: str | Pattern[str]) -> None:
        super().__init_subclass__(template=template)
        if template != ABSTRACT:
            cls._require_owner()
            PersistentButton.registered.append(cls)

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        """Return the button that this custom id stands for."""
        raise NotImplementedError

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Answer the press."""
        raise NotImplementedError

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
            await self._admit(interaction)
            return True
        except Exception as error:
            await _door(interaction, error)
            return False

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await self.pressed(interaction)
        except Exception as error:
            await _door(interaction, error)


class PersistentForm(Owned, discord.ui.Modal):
    """A form that is restored from its custom id when it is submitted, whichever run of the bot opened it.

    discord.py keeps open forms in memory only, so what was submitted is read from the interaction itself.
    """

    registered: ClassVar[list[type[PersistentForm]]] = []
    pattern: ClassVar[Pattern[str]] = re.compile(ABSTRACT)

    def __init_subclass__(cls, *, template: str) -> None:
        super().__init_subclass__()
        cls.pattern = re.compile(template)
        if template != ABSTRACT:
            cls._require_owner()
            PersistentForm.registered.append(cls)

    @classmethod
    def restore(cls, match: Match[str]) -> Self:
        """Return the form that this custom id stands for; what stood in its fields is not needed any more."""
        raise NotImplementedError

    async def submitted(self, interaction: discord.Interaction[TutorClient], fields: dict[str, str]) -> None:
        """Answer what was written, by the custom ids of the fields."""
        raise NotImplementedError

    async def open(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form, and have discord.py forget it."""
        await interaction.response.send_modal(self)
        self.stop()


async def handle_interaction(interaction: discord.Interaction[TutorClient]) -> None:
    """Handle a submitted form; tell people whose button or form no class knows any more. Leave the rest alone.

    Call it for every interaction. discord.py hands presses of known buttons to their classes itself, but only when the
    message holds the button; forms without an id of ours are those that it keeps in memory.
    """
    data: Any = interaction.data or {}
    custom_id = str(data.get("custom_id", ""))
    try:
        if interaction.type is discord.InteractionType.component:
            if not _reaches_a_class(interaction, custom_id):
                interaction.client.tree.enter(interaction)
                raise UnknownButton
        elif interaction.type is discord.InteractionType.modal_submit and _OWN_ID.fullmatch(custom_id):
            await _submitted(interaction, custom_id, data)
    except Exception as error:
        await _door(interaction, error)


def fields_in(components: list[Any]) -> dict[str, str]:
    """Return what was written into a form by the custom ids of its fields, as text that can be stored."""
    found = {}
    for component in components:
        inner = [component["component"]] if "component" in component else component.get("components", [])
        for field in inner:
            found[str(field.get("custom_id"))] = without_surrogates(str(field.get("value") or ""))
    return found


async def _submitted(interaction: discord.Interaction[TutorClient], custom_id: str, data: Any) -> None:
    for kind in PersistentForm.registered:
        if (found := kind.pattern.fullmatch(custom_id)) is not None:
            form = kind.restore(found)
            await form._admit(interaction)
            await form.submitted(interaction, fields_in(data.get("components", [])))
            return
    interaction.client.tree.enter(interaction)
    raise UnknownButton


def _reaches_a_class(interaction: discord.Interaction[TutorClient], custom_id: str) -> bool:
    """Tell whether discord.py gives this press to a class of ours: see `ViewStore.schedule_dynamic_item_call`."""
    if not any(kind.__discord_ui_compiled_template__.fullmatch(custom_id) for kind in PersistentButton.registered):
        return False
    message = interaction.message
    return message is not None and any(
        getattr(item, "custom_id", None) == custom_id
        for item in discord.ui.LayoutView.from_message(message, timeout=None).walk_children()
    )


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


async def _door(interaction: discord.Interaction[TutorClient], error: Exception) -> None:
    await interaction.client.tree.show(interaction, error)
