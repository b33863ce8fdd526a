"""What belongs to a server goes some time after the bot was removed from it, and what people have learnt stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
import pytest_asyncio

from bot.errors import WorkError
from bot.learning.approved import ApprovedItems
from bot.libraries import paths
from bot.libraries.admin import LibraryAdmin
from bot.libraries.disk import servers_bytes
from bot.libraries.jobs import JobRunner
from bot.libraries.preferences import ServerPreferences
from bot.libraries.pseudonyms import Pseudonyms
from bot.libraries.uploads import Upload
from bot.people.memberships import Memberships
from bot.runtime.shards import Layout
from bot.settings import Settings
from bot.store import memberships as stored
from bot.store.database import Store
from bot.store.schema import SERVER, metadata
from index.errors import LibraryLockedError
from index.generations.lock import building
from tests.bot.conftest import Stage
from tests.bot.store.test_persons import everything, values
from tests.index.fakes import CLAY, build_texts

GRACE = timedelta(days=30)
HERE, GONE, FOREIGN = 11, 22, 33


class Clock:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def store(tmp_path: Path, database: str | None) -> AsyncIterator[Store]:
    opened = Store(tmp_path, database=database)
    yield opened
    await opened.close()


@pytest.fixture
def memberships(store: Store, tmp_path: Path, clock: Clock) -> Memberships:
    return Memberships(store, tmp_path, ServerPreferences(store), [ApprovedItems(store)], grace=GRACE, now=clock)


async def fill(store: Store, data: Path, *servers: int) -> None:
    """Give each server a library and a row in every table with servers' ids."""
    async with store.writing() as connection:
        for number, server in enumerate(servers, 1):
            build_texts(paths.own_folder(data, server), CLAY)
            for table in metadata.sorted_tables:
                columns = [column.name for column in table.c if SERVER in column.info]
                if columns and table.name != "memberships":
                    row = values(table, 1000 + number, number) | dict.fromkeys(columns, server)
                    await connection.execute(table.insert().values(row))


def servers_of(found: dict[str, list[dict[str, Any]]]) -> dict[str, set[int]]:
    return {
        table.name: {row[column.name] for row in found[table.name]}
        for table in metadata.sorted_tables
        for column in table.c
        if SERVER in column.info
    }


async def test_what_a_server_leaves_behind_goes_after_the_grace(
    store: Store, memberships: Memberships, tmp_path: Path, clock: Clock
) -> None:
    """Its library and rows, not before; other servers keep theirs, and people their sessions and answers."""
    await fill(store, tmp_path, HERE, GONE)
    await memberships.compare([HERE, GONE])
    await memberships.left(GONE)
    clock.now += GRACE - timedelta(hours=1)
    assert await memberships.purge() == []
    clock.now += timedelta(hours=1)
    assert await memberships.purge() == [GONE]
    assert [path.name for path in (tmp_path / "servers").iterdir()] == [str(HERE)]
    async with store.reading() as connection:
        found = await everything(connection)
    left = servers_of(found)
    assert {name for name, servers in left.items() if servers == {HERE, GONE}} == {"sessions", "answers", "disputes"}
    assert {name for name, servers in left.items() if servers == {HERE}} == {
        name for name, each in left.items() if name not in ("sessions", "answers", "disputes")
    }
    assert [row["round"] for row in found["sessions"]] == [1, None], "the session stays, its round went"


async def test_a_server_that_comes_back_in_time_finds_everything(
    store: Store, memberships: Memberships, tmp_path: Path, clock: Clock
) -> None:
    """Whether the bot hears of it or finds it at its next start."""
    await fill(store, tmp_path, HERE, GONE)
    for comes_back in (lambda: memberships.joined(GONE), lambda: memberships.compare([HERE, GONE])):
        await memberships.compare([HERE])
        clock.now += GRACE - timedelta(hours=1)
        await comes_back()
        clock.now += 2 * GRACE
        assert await memberships.purge() == []


async def test_a_process_speaks_for_its_own_shards(
    store: Store, memberships: Memberships, tmp_path: Path, clock: Clock
) -> None:
    """That servers of another process are not among this one's does not mean that the bot was removed from them."""
    elsewhere, gone = 1 << 22, 2 << 22
    await fill(store, tmp_path, elsewhere, gone)
    await memberships.compare([], Layout(shards=2, processes=2, ordinal=0).has)
    async with store.reading() as connection:
        assert await stored.every(connection) == {gone: clock.now}


async def test_a_removal_while_the_bot_was_away_is_noted_once(
    store: Store, memberships: Memberships, tmp_path: Path, clock: Clock
) -> None:
    """Of servers it was a member of, known or by what only those have; never where people use it without the bot."""
    await fill(store, tmp_path, GONE)
    async with store.writing() as connection:
        for name in ("rounds", "contenders"):
            table = metadata.tables[name]
            row = values(table, 5, 9) | {"guild": FOREIGN}
            await connection.execute(table.insert().values(row))
    await memberships.compare([HERE])
    first = clock.now
    clock.now += GRACE / 2
    await memberships.compare([HERE])
    async with store.reading() as connection:
        assert await stored.every(connection) == {HERE: None, GONE: first}


async def test_a_library_that_is_being_built_waits(
    store: Store, memberships: Memberships, tmp_path: Path, clock: Clock
) -> None:
    """The next sweep finds it again."""
    await fill(store, tmp_path, GONE)
    await memberships.left(GONE)
    clock.now += GRACE
    with building(paths.own_folder(tmp_path, GONE)), pytest.raises(LibraryLockedError):
        await memberships.purge()
    assert await memberships.purge() == [GONE]


async def test_discord_tells_of_servers(stage: Stage) -> None:
    """The bot notes where it is added and removed; a server that is only unavailable is not left."""
    guild = stage.channel.guild

    async def noted() -> dict[int, Any]:
        await stage.env.settle()
        async with stage.bot.services.store.reading() as connection:
            return await stored.every(connection)

    feed: Any = stage.env._gateway_feed  # the simulation has no public way to remove a bot
    await stage.bot.get_cog("Servers").purge()  # type: ignore[union-attr]
    assert await noted() == {guild.id: None}
    feed("GUILD_DELETE", {"id": str(guild.id), "unavailable": True})
    assert await noted() == {guild.id: None}
    feed("GUILD_DELETE", {"id": str(guild.id)})
    assert (await noted())[guild.id] is not None


async def test_all_libraries_together_have_a_limit(store: Store, tmp_path: Path) -> None:
    """Files that libraries share count once; beyond it nothing is added or rebuilt, and the person reads why."""
    settings = Settings(_env_file=None, data=tmp_path, servers_megabytes=1)
    one, two = (paths.own_folder(tmp_path, server) for server in (1, 2))
    for folder in (one, two):
        folder.mkdir(parents=True)
    (one / "held").write_bytes(bytes(700_000))
    (two / "shared").hardlink_to(one / "held")
    assert servers_bytes(tmp_path) == 700_000
    (two / "more").write_bytes(bytes(300_000))
    unused: Any = None
    curator = LibraryAdmin(settings, unused, JobRunner(settings), Pseudonyms(store), now=Clock())

    async def read() -> bytes:
        raise AssertionError

    for work in (
        lambda: curator.add(3, [Upload("a.txt", 10, read)], "7", lambda done, total: None),
        lambda: curator.refresh(3, "7", lambda done, total: None),
    ):
        with pytest.raises(WorkError, match="take up the 1 MB that they may have"):
            await work()


async def test_a_server_without_the_bot_has_no_library(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """People may use the bot anywhere, in a server of their own making too, but not give it a library there."""
    payload = next(c.to_dict(stage.bot.tree) for c in stage.bot.tree.get_commands() if c.name == "library")
    assert payload["integration_types"] == [0]
    guild = stage.channel.guild
    role = guild.create_role("Teachers", permissions=discord.Permissions(manage_guild=True))
    grace = guild.add_member(stage.env.create_user("grace"), roles=[role])
    monkeypatch.setattr(type(stage.bot), "get_guild", lambda self, id: None)
    await grace.slash(stage.channel, "library status")
    (error,) = stage.env.errors
    stage.env.check_errors = False
    assert "Add me to the server first" in str(error)
