"""What Discord is told about the bot: its commands, its intents, and only when they changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from discord import app_commands

from bot.app import extensions, intents
from bot.runtime.instance_lock import COMMANDS
from bot.ui.persistent import PersistentItem
from tests.bot.conftest import Stage

pytestmark = pytest.mark.asyncio


def walk(stage: Stage) -> Iterator[Any]:
    for command in stage.bot.tree.get_commands():
        yield command
        if isinstance(command, app_commands.Group):
            yield from command.walk_commands()


async def test_every_extension_is_loaded(stage: Stage) -> None:
    """A feature in bot/exts is found by being there."""
    assert set(stage.bot.extensions) == set(extensions()) >= {"bot.exts.ask", "bot.exts.library"}


async def test_commands_are_described(stage: Stage) -> None:
    """Names are unique; every command and every option says in a short line what it does."""
    names: list[tuple[Any, str]] = []
    for command in walk(stage):
        names.append((type(command), command.qualified_name))
        if isinstance(command, app_commands.ContextMenu):
            assert len(command.name) <= 32
            continue
        assert 10 <= len(command.description) <= 100
        assert command.description != "…"
        for option in getattr(command, "parameters", ()):
            assert 5 <= len(option.description) <= 100
            assert option.description != "…"
    assert len(names) == len(set(names))


async def test_no_privileged_intent_is_asked_for(stage: Stage) -> None:
    """The bot runs without any switch in the developer portal."""
    assert not (intents().message_content)
    assert not (intents().members)
    assert not (intents().presences)
    assert stage.bot.intents == intents()


async def test_nothing_is_ever_pinged(stage: Stage) -> None:
    """The default of every message the bot sends is to mention nobody."""
    assert stage.bot.allowed_mentions is not None
    assert stage.bot.allowed_mentions.to_dict() == {"parse": [], "replied_user": False} or not any(
        (
            stage.bot.allowed_mentions.everyone,
            stage.bot.allowed_mentions.users,
            stage.bot.allowed_mentions.roles,
        )
    )


async def test_people_can_take_it_along(stage: Stage) -> None:
    """The commands work for a server and for a person, in servers, in DMs and between friends.

    A library is a server's: its commands are there where the bot was added alone.
    """
    for command in stage.bot.tree.get_commands():
        payload = command.to_dict(stage.bot.tree)
        assert sorted(payload["integration_types"]) == ([0] if command.name == "library" else [0, 1])
        assert sorted(payload["contexts"]) == ([0] if command.name == "library" else [0, 1, 2])


async def test_every_button_is_registered(stage: Stage) -> None:
    """A button of an older message finds its class after a restart."""
    known = set(stage.bot._connection._view_store._dynamic_items.values())
    assert set(PersistentItem.registered) <= known


def registrations(stage: Stage) -> int:
    return sum(each.method == "PUT" and each.path.endswith("/commands") for each in stage.env.http_requests)


async def test_commands_are_registered_only_when_they_changed(stage: Stage) -> None:
    """A restart does not use up a registration; a change and a Discord that has forgotten do."""
    assert registrations(stage) == 1
    await stage.restart()
    assert registrations(stage) == 1
    note = stage.bot.services.settings.data / COMMANDS
    note.write_text(json.dumps({**json.loads(note.read_text()), "wanted": "older"}))
    await stage.restart()
    assert registrations(stage) == 2
    note.write_text("half a fi")
    await stage.restart()
    assert registrations(stage) == 3
    stage.env.backend.commands.clear()
    await stage.restart()
    assert registrations(stage) == 4


async def test_a_refused_registration_does_not_stop_the_bot(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """Mentions work without commands; the next start tries again."""
    (stage.bot.services.settings.data / COMMANDS).unlink()
    stage.env.inject_error("PUT", "/applications/*/commands", status=429, message="Too many")
    await stage.restart()
    await stage.alice.send(stage.channel, f"{stage.mention} What does clay remember?")
    assert len(stage.replies) == 1
    assert "could not register" in caplog.text
