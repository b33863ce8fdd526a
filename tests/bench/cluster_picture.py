"""Pictures of a cluster for docs/scaling.md: `python -m tests.bench.cluster_picture`.

Four bots and two workers run as processes with PostgreSQL, a bucket and a Discord on loopback. A bot is killed in a
round of a quiz, which goes on and is closed; a document is added. docs/images/cluster.svg has what all of them logged,
docs/images/dashboard.png the dashboard with their metrics.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from index.models import openvino_runtime
from tests.bench.dashboard_picture import draw, prometheus
from tests.bench.quality import essay_settings
from tests.bench.soak import QUESTIONS
from tests.gateway.person import Actor
from tests.gateway.process import ROOT, Process
from tests.gateway.server import Server
from tests.gateway.world import Json, parts, texts
from tests.postgresql import Server as Database
from tests.s3 import S3Server, s3_server

IMAGES = ROOT / "docs" / "images"
_BOTS, _WORKERS, _SHARDS, _KILLED = 4, 2, 8, 2
_STARTS_WITHIN_S = 400.0
_BEFORE_S, _AFTER_S = 45.0, 30.0  # of load before the round begins, and after it was closed
_PATIENCE_S = 8.0
_ROUND_MINUTES = 2
_LINE = re.compile(r"\d+-\d+-\d+ (\d+:\d+:\d+),(\d+) ([A-Z]+) \S+ (.*)")
_SHOWN = re.compile(r"connected as|the library is open|registered|waiting for|uploaded|build \w+")
_FOLDER = re.compile(r"/\S+/(?:bot|worker)-\d")
_INK, _DIM, _WORKER = "#e6edf3", "#8b949e", "#d2a8ff"
_COLOURS = {"bot-0": "#7ee787", "bot-1": "#79c0ff", "bot-2": "#ffa657", "bot-3": "#f778ba", "discord": f"bold {_INK}"}
_NOTE = """The lighthouse of Norderhoft shines for ninety seconds. Ships wait for it before they enter the harbour.

The keeper of the lighthouse writes the name of every ship into a book. Nobody has read that book yet."""


@dataclass(slots=True)
class Scene:
    """The parts of a run; `said` are lines of the picture: seconds of the day, who, what."""

    server: Server
    bots: list[Process]
    workers: dict[str, Path]
    said: list[tuple[float, str, str]] = field(default_factory=list)
    is_over: bool = False

    def tell(self, what: str, who: str = "discord") -> None:
        now = datetime.now()
        self.said.append((now.hour * 3600 + now.minute * 60 + now.second + now.microsecond / 1e6, who, what))
        print(f"{now:%H:%M:%S} {who:9} {what}", file=sys.stderr, flush=True)

    def lines(self) -> list[tuple[float, str, str]]:
        """Return what happened in Discord and what the processes logged of it, in order."""
        logs = {f"bot-{number}": bot.said for number, bot in enumerate(self.bots)}
        logs |= {name: path.read_text(encoding="utf-8") for name, path in self.workers.items()}
        found = [*self.said]
        for who, log in logs.items():
            for at, milliseconds, level, what in _LINE.findall(log):
                if _SHOWN.search(what) or level != "INFO":
                    hours, minutes, seconds = map(int, at.split(":"))
                    moment = hours * 3600 + minutes * 60 + seconds + int(milliseconds) / 1000
                    found.append((moment, who, _FOLDER.sub("/data", what)))
        return sorted(found)


async def _run(folder: Path) -> None:
    async with AsyncExitStack() as running:
        running.callback(lambda: print(*(each.said[-1500:] for each in bots), sep="\n---\n", file=sys.stderr))
        bots: list[Process] = []
        database = Database(synchronous_commit="on").start()
        running.callback(database.remove)
        s3 = await asyncio.to_thread(running.enter_context, s3_server(folder / "s3"))
        server = await running.enter_async_context(Server(shards=_SHARDS))
        server.gateway.max_concurrency = 4
        address = database.empty()
        bots += [_bot(server, folder, address, s3, ordinal) for ordinal in range(_BOTS)]
        scene = Scene(server, bots, {})
        for bot in bots:
            await running.enter_async_context(bot)
        for number in range(_WORKERS):
            running.push_async_callback(_end, await _work(scene, folder, address, s3, f"worker-{number}"))
        ports = {f"127.0.0.1:{bot._health_port}": f"bot-{number}" for number, bot in enumerate(bots)}
        scraping = prometheus(folder, [int(each.rpartition(":")[2]) for each in ports])
        source = await asyncio.to_thread(running.enter_context, scraping)
        await server.until(lambda: _are_ready(scene), _STARTS_WITHIN_S, "every bot is ready")
        begin = time.time() - 10
        await _play(scene)
        await asyncio.to_thread(draw, source, begin, time.time(), ports, IMAGES / "dashboard.png")
        print_terminal(scene.lines(), IMAGES / "cluster.svg")


def _settings(address: str, s3: S3Server) -> dict[str, str]:
    bucket = {"TUTOR_BUCKET": "s3://bucket/cluster", "TUTOR_BUCKET_ENDPOINT": s3.endpoint, **s3.environment()}
    backend = "openvino" if openvino_runtime.is_installed() else "torch"
    return {"TUTOR_DATABASE": address, "TUTOR_BACKEND": backend, **bucket}


def _bot(server: Server, folder: Path, address: str, s3: S3Server, ordinal: int) -> Process:
    data = folder / f"bot-{ordinal}"
    shutil.copytree(essay_settings().data, data)
    own = {"TUTOR_SHARDS": str(_SHARDS), "TUTOR_PROCESSES": str(_BOTS), "TUTOR_ORDINAL": str(ordinal)}
    given = _settings(address, s3)
    return Process(server, data, health=True, backend=given.pop("TUTOR_BACKEND"), more=given | own)


async def _work(scene: Scene, folder: Path, address: str, s3: S3Server, name: str) -> asyncio.subprocess.Process:
    """Start `tutor work`."""
    shutil.copytree(essay_settings().data, folder / name)
    scene.workers[name] = folder / f"{name}.log"
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("TUTOR_")}
    with scene.workers[name].open("wb") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "--data", str(folder / name), "work",
            cwd=ROOT, env=inherited | _settings(address, s3), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip


async def _end(process: asyncio.subprocess.Process) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), 10)
    except TimeoutError:
        process.kill()


def _are_ready(scene: Scene) -> bool:
    return all(bot.is_open for bot in scene.bots) and scene.server.gateway.live_shards == [*range(_SHARDS)]


async def _play(scene: Scene) -> None:
    """Let people ask all the time; add a document, then play a round in which a bot is killed."""
    guilds = [*scene.server.world.more_guilds]
    asking = [asyncio.create_task(_ask(scene, number)) for number in range(2)]
    asking += [asyncio.create_task(_practise(scene, guild)) for guild in guilds[::2]]
    scene.tell(f"people ask and practise in {len(guilds)} servers")
    building = asyncio.create_task(_add(scene, guilds[1]))
    await asyncio.sleep(_BEFORE_S)
    await _round(scene, next(each for each in guilds if scene.server.gateway.shard_of(each) // 2 == _KILLED))
    await building
    await asyncio.sleep(_AFTER_S)
    scene.is_over = True
    await asyncio.gather(*asking)


async def _ask(scene: Scene, number: int) -> None:
    """Ask by mention and by /ask, in all servers in turn."""
    guilds = [*scene.server.world.more_guilds]
    while not scene.is_over:
        number += 2
        actor, question = Actor(scene.server, f"asker{number}", guild=guilds[number % 8]), QUESTIONS[number % 7]
        await (actor.says(question) if number % 4 < 2 else actor.slash("ask", question=question))
        await asyncio.sleep(0.5)


async def _practise(scene: Scene, guild: str) -> None:
    """Begin one quiz after the other and answer one question of each."""
    learner = Actor(scene.server, "learner", guild=guild)
    while not scene.is_over:
        step = await _answered(scene, lambda: learner.slash("quiz start", number=1))
        await _choose(scene, learner, step)
        await asyncio.sleep(3)


async def _add(scene: Scene, guild: str) -> None:
    keeper = Actor(scene.server, "keeper", guild=guild)
    scene.tell("keeper: /library add norderhoft.txt")
    note = keeper.attaches("norderhoft.txt", _NOTE.encode())
    act = await keeper.slash("library add", document=note)
    await scene.server.until(lambda: act.answer and "Promote" in _labels(act.answer), 600, "the build is shown")
    assert act.answer is not None
    scene.tell("the build waits for a decision; keeper presses Promote")
    await keeper.presses(act.answer, "Promote")


async def _round(scene: Scene, guild: str) -> None:
    """Play a round whose bot is killed after the first answers, and wait until it is closed."""
    host, ben = (Actor(scene.server, name, guild=guild) for name in ("ada", "ben"))
    scene.tell(f"ada: /quiz round, of 3 questions, in a server of bot-{_KILLED}")
    begun = await _answered(scene, lambda: host.slash("quiz round", number=3, minutes=_ROUND_MINUTES))
    for actor in (host, ben):
        await _answer(scene, actor, begun, 1)
    scene.tell(f"kill -9 bot-{_KILLED}, then a supervisor starts it again")
    await scene.bots[_KILLED].kill()
    await scene.bots[_KILLED].start()
    await scene.server.until(lambda: _are_ready(scene), _STARTS_WITHIN_S, "the bot is back")
    for actor in (host, ben):
        await _answer(scene, actor, begun, 2)
    await scene.server.until(lambda: "The round is closed" in texts(begun), 60 * _ROUND_MINUTES + 60, "it is closed")
    places = [line for line in texts(begun).splitlines() if re.match(r"\d+\. ", line)]
    for actor in (host, ben):
        places = [each.replace(f"<@{actor.person.id}>", actor.person.name) for each in places]
    scene.tell("the round is closed: " + "; ".join(places).replace("**", ""))


async def _answer(scene: Scene, actor: Actor, begun: Json, count: int) -> None:
    """Answer so many questions of a round in private."""
    step = await _answered(scene, lambda: actor.presses(begun, "Answer"))
    for number in range(count):
        await _choose(scene, actor, step)
        if "Next question" in _labels(step) and number + 1 < count:
            await _answered(scene, lambda: actor.presses(step, "Next question"))
    scene.tell(f"{actor.person.name} answers {'a question' if count == 1 else f'{count} questions'}")


async def _choose(scene: Scene, actor: Actor, step: Json) -> None:
    """Choose the longest option, which is often the right one, and submit it."""
    options = re.findall(r"\*\*([A-E])\*\* · (.*)", texts(step))
    for label in (max(options, key=lambda each: len(each[1]))[0] if options else "A", "Submit"):
        if label in _labels(step):
            await _answered(scene, lambda label=label: actor.presses(step, label))  # type: ignore[misc]
            await asyncio.sleep(1)


async def _answered(scene: Scene, act: Callable[[], Awaitable[object]]) -> Json:
    """Act until the bot answers, as a person tries again; returns the message."""
    from tests.gateway.interactions import Interaction

    while True:
        begun = await act()
        assert isinstance(begun, Interaction)
        with suppress(AssertionError):
            await scene.server.until(lambda begun=begun: begun.answer, _PATIENCE_S)
            assert begun.answer is not None
            return begun.answer


def _labels(message: Json) -> set[str]:
    return {each.get("label", "") for each in parts(message["components"]) if not each.get("disabled")}


def print_terminal(lines: list[tuple[float, str, str]], path: Path) -> None:
    """Draw lines as a terminal shows them."""
    console = Console(record=True, width=100, file=StringIO(), force_terminal=True, color_system="truecolor")
    for at, who, what in lines:
        seconds = int(at)
        line = Text(f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02} ", style=_DIM)
        line.append(f"{who:9}", style=_COLOURS.get(who, _WORKER)).append("| ", style=_DIM)
        line.append(what, style=_COLOURS["discord"] if who == "discord" else _INK)
        console.print(line, overflow="ellipsis", no_wrap=True)
    drawn = console.export_svg(title="four bots, two workers, PostgreSQL and a bucket")
    path.write_text("".join(f"{line.rstrip()}\n" for line in drawn.splitlines()), encoding="utf-8")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tutor-picture-") as folder:
        asyncio.run(_run(Path(folder)))


if __name__ == "__main__":
    main()
