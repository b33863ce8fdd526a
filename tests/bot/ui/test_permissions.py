"""Who may change a server's library: those who manage it, and those with the role that was chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
import pytest
import pytest_asyncio

from bot.libraries.preferences import ServerPreferences
from bot.store.database import Store
from bot.store.preferences import Preferences
from tests.bot.conftest import Stage, refused, texts

pytestmark = pytest.mark.asyncio

REFUSED = "Only people who may manage this server, or have the role"


def said(result: Any) -> str:
    return texts([each for each in (result.response, *result.followups) if each is not None][-1])


@pytest.fixture
def grace(stage: Stage) -> Any:
    """Somebody who manages the server."""
    guild = stage.channel.guild
    role = guild.create_role("Teachers", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(stage.env.create_user("grace"), roles=[role])


async def show_commands_to(stage: Stage, guild: Any, *roles: Any) -> None:
    """Allow these roles the commands, as an administrator does under Integrations."""
    for command in await stage.bot.tree.fetch_commands():
        if command.name == "library":
            guild.set_command_permissions(command, dict.fromkeys(roles, True))


@pytest_asyncio.fixture
async def curators(stage: Stage) -> Any:
    """A role without any right of its own, whose people are shown the commands."""
    guild = stage.channel.guild
    role = guild.create_role("Curators")
    await show_commands_to(stage, guild, role)
    return role


@pytest.fixture
def carol(stage: Stage, curators: Any) -> Any:
    return stage.channel.guild.add_member(stage.env.create_user("carol"), roles=[curators])


async def test_people_with_the_chosen_role_may(stage: Stage, grace: Any, curators: Any, carol: Any) -> None:
    """From the moment it is chosen, and after a restart; the answer says what an administrator has to do."""
    told = await grace.slash(stage.channel, "library role", role=curators)
    assert told.ephemeral
    assert f"<@&{curators.id}>" in said(told)
    assert "Integrations" in said(told)
    for _ in range(2):
        assert REFUSED not in said(await carol.slash(stage.channel, "library status"))
        await stage.restart()


async def test_without_the_role_nobody_may(stage: Stage, carol: Any) -> None:
    """That Discord shows somebody the commands gives no right."""
    assert REFUSED in said(await carol.slash(stage.channel, "library status"))
    assert REFUSED in refused(stage)


async def test_nobody_else_may_when_a_role_is_chosen(stage: Stage, grace: Any, curators: Any, carol: Any) -> None:
    """Who has another role, or has the chosen one no more, is refused at the next press."""
    others = stage.channel.guild.create_role("Others")
    await show_commands_to(stage, stage.channel.guild, curators, others)
    dave = stage.channel.guild.add_member(stage.env.create_user("dave"), roles=[others])
    await grace.slash(stage.channel, "library role", role=curators)
    assert REFUSED in said(await dave.slash(stage.channel, "library status"))
    assert REFUSED not in said(await carol.slash(stage.channel, "library status"))
    await show_commands_to(stage, stage.channel.guild, others)
    stage.env.backend.remove_member_role(stage.channel.guild.id, carol.id, curators.id)
    stage.env.backend.add_member_role(stage.channel.guild.id, carol.id, others.id)
    assert REFUSED in said(await carol.slash(stage.channel, "library status"))
    assert len(stage.env.errors) == 2
    stage.env.check_errors = False


async def test_the_right_can_be_taken_away(stage: Stage, grace: Any, curators: Any, carol: Any) -> None:
    """It is judged at each press anew: left out, the role counts no more."""
    await grace.slash(stage.channel, "library role", role=curators)
    await carol.slash(stage.channel, "library status")
    assert "Only people who manage this server" in said(await grace.slash(stage.channel, "library role"))
    assert REFUSED in said(await carol.slash(stage.channel, "library status"))
    assert REFUSED in refused(stage)


async def test_the_role_does_not_pass_itself_on(stage: Stage, grace: Any, curators: Any, carol: Any) -> None:
    """Only who manages the server chooses the role."""
    await grace.slash(stage.channel, "library role", role=curators)
    assert "can choose who else" in said(await carol.slash(stage.channel, "library role"))
    assert "can choose who else" in refused(stage)
    assert (await stage.bot.services.preferences.of(stage.channel.guild.id)).role == curators.id


async def test_the_role_of_everybody_is_refused(stage: Stage, grace: Any) -> None:
    """@everyone would leave the library to whoever joins."""
    everyone = stage.channel.guild.roles["@everyone"]
    assert "Everybody here has that role" in said(await grace.slash(stage.channel, "library role", role=everyone))
    assert "Everybody here has that role" in refused(stage)


async def test_a_role_counts_in_its_own_server_alone(stage: Stage, grace: Any, curators: Any) -> None:
    """What one server chooses gives nobody a right in another."""
    await grace.slash(stage.channel, "library role", role=curators)
    elsewhere = stage.env.create_guild()
    role = elsewhere.create_role("Curators")
    await show_commands_to(stage, elsewhere, role)
    channel = elsewhere.create_text_channel("there")
    dave = elsewhere.add_member(stage.env.create_user("dave"), roles=[role])
    assert REFUSED in said(await dave.slash(channel, "library status"))
    assert REFUSED in refused(stage)


async def test_what_was_chosen_is_on_the_disk(tmp_path: Path) -> None:
    """One choice leaves the other as it was, and a new process finds both."""
    store = Store(tmp_path)
    chosen = ServerPreferences(store)
    assert await chosen.of(1) == Preferences(None, counts_gaps=False)
    await chosen.choose_role(1, 5)
    await chosen.count_gaps(1, True)
    assert await chosen.of(1) == await ServerPreferences(store).of(1) == Preferences(5, counts_gaps=True)
    assert await ServerPreferences(store).of(2) == Preferences()
    await store.close()
