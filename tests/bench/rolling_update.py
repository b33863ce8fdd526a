"""Replaces the processes of a bot by those of the next version, one after the other, while people ask and press.

Real processes, PostgreSQL and the strict gateway; a scripted tutor in the place of the model: what is measured is who
hears of what, and when. The database gets a migration that only adds, unless the version before would refuse that.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.store.postgresql.migrating import migrate
from tests.bench.results import Row
from tests.bot.store.later import make_later
from tests.gateway.interactions import ACKNOWLEDGED_WITHIN_S, Interaction
from tests.gateway.person import Actor
from tests.gateway.process import ROOT, Process
from tests.gateway.server import Server
from tests.gateway.world import Json, parts
from tests.postgresql import Server as Database

_BOTS, _SHARDS, _MAX_CONCURRENCY = 4, 8, 4
_ROUNDS_PER_S = 2  # of a mention and a command or a press in one server after the other
_QUESTION = "What does clay remember?"
_WITHIN_S = 600.0
_SETTLED_S = 10.0
_MODULE = "tests.gateway.scripted_bot"


@dataclass(slots=True)
class Run:
    """What was asked and pressed, and how long each shard was without a connection at a time."""

    server: Server
    mentions: list[Json] = field(default_factory=list)
    acts: list[Interaction] = field(default_factory=list)
    away_s: dict[int, float] = field(default_factory=lambda: defaultdict(float))


def rows(since: str | None = None) -> Iterator[Row]:
    """Update from a revision of this repository to the working tree."""
    name = since or _tagged() or "HEAD^"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "code"
        root.mkdir()
        archive = subprocess.run(["git", "archive", name], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", root], input=archive, check=True)
        commit = _git("log", "-1", "--format=%h %s", name)
        yield Row("the version before; its code", f"{commit}; {_code(root)}"[:160], "", None)
        yield Row("this version; its code", f"{_git('describe', '--always', '--dirty')}; {_code(ROOT)}"[:160], "", None)
        yield from asyncio.run(_run(root, Path(folder)))


def _tagged() -> str:
    done = subprocess.run(["git", "describe", "--tags", "--abbrev=0"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip()


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def _code(root: Path) -> str:
    """Return the folder whose code runs there, which has to be this one: the package is installed from another."""
    command = [sys.executable, "-c", "import bot.app; print(bot.app.__file__)"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    found = subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True, text=True).stdout
    assert Path(found.strip()).is_relative_to(root), found
    return str(Path(found.strip()).parent.parent)


def _migrate(root: Path, data: Path, address: str) -> None:
    """Make the tables of the version before, as its migration Job does."""
    environment = {**os.environ, "PYTHONPATH": str(root), "TUTOR_DATABASE": address}
    command = [sys.executable, "-m", "bot", "--data", str(data), "store", "migrate"]
    subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)


async def _run(root: Path, folder: Path) -> list[Row]:
    database = Database().start()
    try:
        address = database.empty()
        async with Server(shards=_SHARDS) as server, AsyncExitStack() as running:
            server.gateway.max_concurrency = _MAX_CONCURRENCY
            data = folder / "data"
            await asyncio.to_thread(_migrate, root, data, address)
            bots = [_bot(server, data, address, ordinal, root) for ordinal in range(_BOTS)]
            for bot in bots:
                await running.enter_async_context(bot)
            await _ready(server, bots)
            run, ended = Run(server), asyncio.Event()
            load = [asyncio.create_task(each) for each in (_ask(run, ended), _watch(run, ended))]
            identified, resumed, began = server.gateway.identified, server.gateway.resumed, time.monotonic()
            adds = "compatible_from" in (root / "bot/store/migrate.py").read_text()
            await asyncio.to_thread(make_later if adds else migrate, address)
            codes = [await bots[0].stop(60)]
            await bots[0].start()
            await _ready(server, bots)
            for ordinal in reversed(range(_BOTS)):
                codes.append(await bots[ordinal].stop(60))
                bots[ordinal] = await running.enter_async_context(_bot(server, data, address, ordinal, ROOT))
                await _ready(server, bots)
            took_s = time.monotonic() - began
            ended.set()
            await asyncio.gather(*load)
            with suppress(AssertionError):
                await server.until(lambda: not _unanswered(run), _SETTLED_S)
            gateway = server.gateway
            return [
                Row("migration before", "one that only adds" if adds else "none (refused by the version before)"),
                Row(
                    "processes ended by SIGTERM (the first started again as before); took",
                    f"{len(codes)}; {took_s:.0f} s",
                ),
                Row("... with an exit code other than 0", str(sum(map(bool, codes))), "0", not any(codes)),
                *_rows(run),
                Row("IDENTIFYs; RESUMEs", f"{gateway.identified - identified}; {gateway.resumed - resumed}"),
            ]
    finally:
        database.remove()


def _bot(server: Server, data: Path, address: str, ordinal: int, root: Path) -> Process:
    layout = {"DATABASE": address, "SHARDS": _SHARDS, "PROCESSES": _BOTS, "ORDINAL": ordinal}
    more = {"PYTHONPATH": str(root), **{f"TUTOR_{name}": str(value) for name, value in layout.items()}}
    return Process(server, data, module=_MODULE, more=more, root=root)


async def _ready(server: Server, bots: list[Process]) -> None:
    """Wait until every process runs its shards, as a rolling update waits for each."""

    def is_so() -> bool:
        assert all(bot.exit_code is None for bot in bots), [
            bot.said[-500:] for bot in bots if bot.exit_code is not None
        ]
        connected = all("connected as" in bot.said[bot.begun_at :] for bot in bots)
        return connected and server.gateway.live_shards == [*range(_SHARDS)]

    await server.until(is_so, _WITHIN_S, "every process is ready")


async def _ask(run: Run, ended: asyncio.Event) -> None:
    """Ask by mention and by command in one server after the other; press the first button of an earlier answer."""
    guilds, number, began = [*run.server.world.more_guilds], 0, time.monotonic()
    while not ended.is_set():
        await asyncio.sleep(max(began + number / _ROUNDS_PER_S / 2 - time.monotonic(), 0))
        actor = Actor(run.server, f"person{number}", guild=guilds[number % len(guilds)])
        run.mentions.append(await actor.says(_QUESTION))
        earlier = run.acts[-len(guilds)] if len(run.acts) >= len(guilds) else None
        label = _label(earlier.answer) if earlier is not None and earlier.answer is not None else None
        if number % 2 and earlier is not None and earlier.answer is not None and label is not None:
            run.acts.append(await actor.presses(earlier.answer, label))
        else:
            run.acts.append(await actor.slash("ask", question=_QUESTION))
        number += 1


def _label(message: Json) -> str | None:
    found = (each["label"] for each in parts(message["components"]) if "custom_id" in each and each.get("label"))
    return next(found, None)


async def _watch(run: Run, ended: asyncio.Event) -> None:
    """Note how long each shard is without a connection, the longest time of each."""
    since: dict[int, float] = {}
    while not ended.is_set():
        live, now = {*run.server.gateway.live_shards}, time.monotonic()
        for shard in range(_SHARDS):
            if shard in live:
                since.pop(shard, None)
            else:
                run.away_s[shard] = max(run.away_s[shard], now - since.setdefault(shard, now))
        await asyncio.sleep(0.01)


def _unanswered(run: Run) -> list[Json]:
    answered = {(each.get("message_reference") or {}).get("message_id") for each in run.server.world.messages.values()}
    return [each for each in run.mentions if each["id"] not in answered]


def _rows(run: Run) -> Iterator[Row]:
    lost, server = _unanswered(run), run.server
    yield Row("mentions; unanswered", f"{len(run.mentions)}; {len(lost)}", "0", bool(run.mentions) and not lost)
    twice = sum(len(server.replies(each)) > 1 for each in run.mentions)
    yield Row("mentions answered twice", str(twice), "0", twice == 0)
    presses = sum(each.body["type"] == 3 for each in run.acts)
    late = [each for each in run.acts if not (each.acknowledged_s or _SETTLED_S) <= ACKNOWLEDGED_WITHIN_S]
    slowest = max((each.acknowledged_s or 0.0 for each in run.acts if each not in late), default=0.0)
    what = f"commands; presses; of both not acknowledged within {ACKNOWLEDGED_WITHIN_S:g} s"
    yield Row(what, f"{len(run.acts) - presses}; {presses}; {len(late)}", "0", presses > 0 and not late)
    yield Row("the slowest of the others", f"{slowest:.2f} s")
    yield Row("a shard without a connection, longest", f"{max(run.away_s.values(), default=0.0):.2f} s")
    doubled = server.gateway.doubled_shards
    yield Row("shards begun by a second process", str(doubled), "0", doubled == 0)
    early = server.gateway.identify_violations
    yield Row("IDENTIFYs too early for their bucket", str(early), "0", early == 0)
    broken = [each for each in server.violations if not each.startswith("acknowledged after")]
    yield Row("other rules of Discord's broken", f"{len(broken)} {sorted(set(broken))[:2]}"[:120], "0", not broken)
