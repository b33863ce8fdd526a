"""Base classes of buttons, menus and forms that work after a restart: found by custom id, authorised, then handled.

A custom id can be forged, and a real one can be sent from anywhere. So every class returns the owner of the record that
its id names (`owner`), and the base class compares it with the interaction first. An id that no class knows, of another
version of the bot for example, is answered with a sentence (`handle_interaction`).

discord.py only logs an exception of a dynamic item, and the person reads "This interaction failed". Here it is shown.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from re import Match, Pattern
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import discord

from bot.errors import UnknownButton
from bot.ui.owner import Owner
from index.documents.decoding import without_surrogates

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

BaseButton = discord.ui.Button[Any]
BaseSelect = discord.ui.Select[Any]
ItemT = TypeVar("ItemT", bound=discord.ui.Item[Any])

# Discord waits three seconds for the first response; what takes longer than this is acknowledged first.
_ACKNOWLEDGE_AFTER_S = 1.5
_OWN_ID = re.compile(r"[a-z]+:v\d+:.*", re.DOTALL)

ABSTRACT = r"(?!)"
"""The template of base classes; it matches nothing."""


class Owned:
    """A component with a custom id. A class with a template must define or inherit `owner`."""

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        """Return the owner of the record that the custom id names; raise the error to show when there is none.

        Return `KEYED` when the id names no record by itself: it is only looked up under the server or person of the
        interaction (`tutor.document_ids(generation, server=interaction.guild_id)`).
        """
        raise NotImplementedError

    @classmethod
    def _require_owner(cls) -> None:
        if cls.owner is Owned.owner:
            raise TypeError(f"{cls.__name__} has no owner of its records: define `owner`")

    async def _admit(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Count the action; raise the error to show unless the interaction comes from the record's place and person."""
        interaction.client.tree.enter(interaction)
        (await self.owner(interaction)).check(interaction)


class PersistentItem(Owned, discord.ui.DynamicItem[ItemT], template=ABSTRACT):
    """A button or menu whose custom id, or the values of its options, contain all its state.

    A subclass has a `template` (with a version: ids outlive the code that made them), `owner`, and `pressed` or
    `next_view`; tests/hostile/forged_records.py needs a recipe that forges it.
    """

    registered: ClassVar[list[type[PersistentItem[Any]]]] = []
    _fault: Exception | None = None

    def __init_subclass__(cls, *, template: str | Pattern[str]) -> None:
        super().__init_subclass__(template=template)
        if template != ABSTRACT:
            cls._require_owner()
            PersistentItem.registered.append(cls)

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        """Return the item with this custom id; by default the groups of the template are its arguments, in order."""
        return cls(*match.groupdict().values())  # type: ignore[arg-type]  # a subclass has its own arguments

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Answer the press; by default `next_view` replaces the message."""
        await replace(interaction, self.next_view(interaction))

    async def next_view(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        """Do what the button says and return the layout that replaces the message."""
        raise NotImplementedError

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: Match[str], /
    ) -> Self:
        try:
            return await cls.restore(interaction, match)
        except Exception as error:
            # Raised in interaction_check, which can stop the press: this method has to return an item.
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
            await interaction.client.tree.show(interaction, error)
            return False

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await self.pressed(interaction)
        except Exception as error:
            await interaction.client.tree.show(interaction, error)


class PersistentButton(PersistentItem[BaseButton], template=ABSTRACT):
    """A button whose custom id contains all its state."""


class PersistentSelect(PersistentItem[BaseSelect], template=ABSTRACT):
    """A menu of which one option is chosen; the values of the options are the state, and can be forged like ids."""

    @staticmethod
    def chosen(interaction: discord.Interaction[TutorClient]) -> str:
        """Return the value of the chosen option, as it was sent: it need not be one that the menu has."""
        data: Any = interaction.data or {}
        values = data.get("values")
        return str(values[0]) if isinstance(values, list) and values else ""


class PersistentForm(Owned, discord.ui.Modal):
    """A form that is restored from its custom id when it is submitted, also after a restart.

    discord.py keeps open forms in memory only, so the fields are read from the interaction.
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
        """Return the form with this custom id, without the contents of its fields."""
        raise NotImplementedError

    async def submitted(self, interaction: discord.Interaction[TutorClient], fields: dict[str, str]) -> None:
        """Handle what the person wrote, by the custom ids of the fields."""
        raise NotImplementedError

    async def open(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form and remove it from discord.py's memory."""
        await interaction.response.send_modal(self)
        self.stop()


async def handle_interaction(interaction: discord.Interaction[TutorClient]) -> None:
    """Handle a submitted form, and tell people when no class knows their button or form. Ignore everything else.

    Call it for every interaction. discord.py itself gives presses of known buttons to their classes, but only when the
    message contains the button. Forms without an id of ours are those that it keeps in memory.
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
        await interaction.client.tree.show(interaction, error)


def fields_in(components: list[Any]) -> dict[str, str]:
    """Return the contents of a form by the custom ids of its fields, as text that can be stored."""
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
    """Return whether discord.py gives this press to one of our classes: see `ViewStore.schedule_dynamic_item_call`."""
    if not any(kind.__discord_ui_compiled_template__.fullmatch(custom_id) for kind in PersistentItem.registered):
        return False
    message, data = interaction.message, dict(interaction.data or {})
    return message is not None and any(
        getattr(item, "custom_id", None) == custom_id and item.type.value == data.get("component_type")
        for item in discord.ui.LayoutView.from_message(message, timeout=None).walk_children()
    )


class ShownButton(discord.ui.DynamicItem[BaseButton], template=r"[a-z]+:v\d+:"):
    """A button in a layout that cannot import the class which handles its presses: layouts lead to one another.

    discord.py keeps every layout with plain buttons in memory, but none with dynamic items. A press goes to the class
    whose template matches the whole custom id; this template matches only the start of one.
    """


class ShownSelect(discord.ui.DynamicItem[BaseSelect], template=r"[a-z]+:v\d+:"):
    """A menu in a layout that cannot import the class which handles what is chosen."""


async def replace(interaction: discord.Interaction[Any], view: Coroutine[Any, Any, discord.ui.LayoutView]) -> None:
    """Replace the message of a press by a layout: in one response, or after a deferral when the layout takes long."""
    loop = asyncio.get_running_loop()
    late: list[asyncio.Task[Any]] = []
    # A timer instead of a second task: most presses are handled long before it fires.
    timer = loop.call_later(_ACKNOWLEDGE_AFTER_S, lambda: late.append(loop.create_task(interaction.response.defer())))
    try:
        layout = await view
    finally:
        timer.cancel()
        await asyncio.gather(*late)
    if late:
        await interaction.edit_original_response(view=layout)
    else:
        await interaction.response.edit_message(view=layout)
