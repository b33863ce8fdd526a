"""The Discord client: connects, loads the features, starts and stops the services."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import pkgutil
import sys
from collections.abc import Coroutine, Iterator
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket

import bot.exts
from bot.runtime.handover import leave, resume, resume_left_sessions
from bot.runtime.http import be_patient, pass_over_unreadable
from bot.runtime.instance_lock import COMMANDS
from bot.runtime.reconnect import IdentifyPace, reconnect_within_seconds
from bot.runtime.shards import Layout
from bot.services import Clock, build_services
from bot.store.coordination import Topic
from bot.ui.client import TutorClient
from bot.ui.error_handler import TutorTree, explain
from bot.ui.persistent import PersistentItem, handle_interaction

if TYPE_CHECKING:
    from yarl import URL

    from bot.answering.engine import AnsweringEngine
    from bot.errors import ClusterError
    from bot.settings import Settings
    from bot.store.postgresql.cluster import Cluster

log = logging.getLogger(__name__)


# Docker kills the process after ten seconds; people whose questions are not answered are told before.
_ANSWERED_WITHIN_S = 4.0
_ENDED_WITHIN_S = 6.0

# Discord resets the token of a bot that begins more sessions than it may; so many are left for the other processes.
_SPARED_SESSIONS = 20


def extensions() -> Iterator[str]:
    """Return the names of the modules and packages of bot/exts, sorted."""
    for module in sorted(pkgutil.iter_modules(bot.exts.__path__), key=lambda module: module.name):
        if not module.name.startswith("_"):
            yield f"{bot.exts.__name__}.{module.name}"


def intents() -> discord.Intents:
    """Return the intents, none of them privileged: DMs, mentions and menu targets have their content without."""
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.guild_messages = True
    wanted.dm_messages = True
    return wanted


class TutorBot(TutorClient):
    """The Discord client. `clock` returns the current time, aware UTC; the default is the system clock."""

    def __init__(self, settings: Settings, engine: AnsweringEngine, *, clock: Clock | None = None) -> None:
        # A lambda, because simcord replaces utcnow.
        self.services = build_services(settings, engine, now=clock or (lambda: discord.utils.utcnow()))
        super().__init__(
            # There are no prefix commands; on_message ignores them. discord.py warns about the missing privileged
            # intent with any other prefix.
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=TutorTree,
            intents=intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            max_messages=None,
            http_trace=self.services.acknowledgements.trace(),
            **_sharding(self.services.layout),
        )
        self._identifies = IdentifyPace()
        self._cluster = _cluster(settings.database_address, self.services.layout)
        self._handing_over: set[asyncio.Task[None]] = set()
        self._is_leaving = False
        self.expelled: ClusterError | None = None
        """Why the process has to end: another one has its shards."""

    async def setup_hook(self) -> None:
        """Start the engine, open the store, load the features and register buttons and commands.

        Raises ClusterError before that when another process has the shards of this one.
        """
        if self._cluster is not None:
            await self.services.store.open()
            await self._cluster.join(self._expel)
            self.services.store.coordination.on(Topic.LEFT, self._host)
            self.services.store.coordination.on(Topic.WANTED, self._give_back)
        reconnect_within_seconds()
        resume_left_sessions()
        be_patient(self)
        pass_over_unreadable(self)
        self.services.engine.start()
        await self.services.store.open()
        await self.services.store.coordination.listen()
        for name in extensions():
            await self.load_extension(name)
        self.add_dynamic_items(*PersistentItem.registered)
        if self.services.layout.leads:
            await self._sync_if_changed()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait as Discord's limits on new sessions require; discord.py always waits 5 seconds."""
        if self._cluster is None or shard_id is None:
            await self._identifies.turn()
            return
        limits = await self.fetch_session_start_limits()
        if limits.remaining < max(_SPARED_SESSIONS, self.services.layout.processes):
            log.warning("Discord's limit on new sessions is near: the next one begins in %d ms", limits.reset_after)
            await asyncio.sleep(limits.reset_after / 1000)
        await self._cluster.identify_slot(shard_id, limits.max_concurrency)

    async def launch_shard(self, gateway: URL, shard_id: int, *, initial: bool = False) -> None:
        """Resume the session that another process has left, or begin one."""
        if self._cluster is not None:
            session = await self._cluster.sessions.take(shard_id, lambda: self.services.engine.ready)
            if session is not None:
                log.info("shard %d goes on with its session", shard_id)
                resume(self, session)
        await super().launch_shard(gateway, shard_id, initial=initial)

    def _host(self, _: int | None) -> None:
        """Run the shards of a process that is being replaced, until its successor wants them."""
        if self.is_ready() and not self._is_leaving:
            self._begin(self._host_left())

    async def _host_left(self) -> None:
        assert self._cluster is not None
        for session in await self._cluster.sessions.host():
            log.info("shard %d is run here until its process is back", session.shard)
            resume(self, session)
            await super().launch_shard(DiscordWebSocket.DEFAULT_GATEWAY, session.shard)

    def _give_back(self, shard: int | None) -> None:
        if shard is not None and shard in self.shards and shard not in self.services.layout.own:
            self._begin(self._leave_to_own(shard))

    async def _leave_to_own(self, shard: int) -> None:
        assert self._cluster is not None
        await self._cluster.sessions.give_back(await leave(self, [shard]))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._handing_over.add(task)
        task.add_done_callback(self._handing_over.discard)

    def _expel(self, error: ClusterError) -> None:
        self.expelled = error
        self._expelling = asyncio.create_task(self.close())

    async def on_ready(self) -> None:
        """Log the connection."""
        log.info("connected as %s to %d servers", self.user, len(self.guilds))

    async def on_message(self, message: discord.Message, /) -> None:
        """Do nothing: features listen to messages, and there are no prefix commands."""

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Handle what discord.py gives to no feature: submitted forms, and presses of unknown buttons."""
        await handle_interaction(interaction)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log the exception of a listener with an id."""
        error = sys.exc_info()[1]
        if error is not None:
            log.error("in %s:", event_method)
            explain(error)

    async def finish(self) -> None:
        """Leave what comes to other processes, answer what waits, and refuse the rest; returns within some seconds."""
        self._is_leaving = True
        if self._cluster is not None:  # first, so that other processes take what comes from now on
            await self._cluster.sessions.leave(await leave(self, [*self.shards]))
        await asyncio.gather(
            self.services.in_flight.end(_ENDED_WITHIN_S),
            self.services.job_runner.close(),
            self.services.engine.finish(_ANSWERED_WITHIN_S),
        )

    async def close(self) -> None:
        """Close everything. The engine is last, because it may still open a library."""
        await super().close()
        await self.services.job_runner.close()
        await self.services.store.close()
        await self.services.engine.close()
        if self._cluster is not None:
            await self._cluster.leave()

    async def _sync_if_changed(self) -> None:
        """Register the commands when they, or those that Discord has, changed since the last registration.

        Discord limits registrations a day, not look-ups.
        """
        note = self.services.settings.data / COMMANDS
        payload = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        wanted = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
        try:
            ids = sorted(str(command.id) for command in await self.tree.fetch_commands())
            if ids and _read(note) == {"wanted": wanted, "held": ids}:
                return
            ids = sorted(str(command.id) for command in await self.tree.sync())
            log.info("registered %d commands", len(ids))
        except discord.HTTPException as error:
            # Mentions, replies and DMs work without commands; the next start tries again.
            log.warning("could not register the commands: %s", error)
            return
        try:
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text(json.dumps({"wanted": wanted, "held": ids}), encoding="utf-8")
        except OSError as error:
            # The next start registers them again.
            log.warning("could not note that the commands are registered: %s", error.strerror)


def _cluster(database: str | None, layout: Layout) -> Cluster | None:
    """Return this process's place among those on a database; None without one."""
    if database is None:
        return None
    from bot.store.postgresql.cluster import Cluster  # SQLAlchemy's dialect takes a tenth of the start

    return Cluster(database, layout)


def _sharding(layout: Layout) -> dict[str, Any]:
    """Return discord.py's options; without a count of shards it asks Discord."""
    if not layout.shards:
        return {}
    # With many processes a shard may wait for minutes until it may IDENTIFY.
    return {"shard_count": layout.shards, "shard_ids": [*layout.own], "shard_connect_timeout": None}


def _read(note: Any) -> Any:
    try:
        return json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
