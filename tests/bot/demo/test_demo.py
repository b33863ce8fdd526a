"""The demo is the bot in real time: nothing a person does is lost, and nothing the bot does stays unseen."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import os
import re
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.ext import commands

from bot.demo import DemoError, serve_demo
from bot.demo._page import _SCRIPT, _STYLE
from bot.demo._words import read_words

SLOW_S = 2.0


class Press(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"stub:(?P<name>\w+)"):
    def __init__(self, name: str) -> None:
        super().__init__(discord.ui.Button(label=name, custom_id=f"stub:{name}"))
        self.name = name

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Press:
        return cls(match["name"])

    async def callback(self, interaction: discord.Interaction) -> None:
        assert isinstance(interaction.client, StubBot)
        interaction.client.pressed.append(interaction.user.name)
        await interaction.response.send_message(f"for {interaction.user.name} alone", ephemeral=True)


class StubBot(commands.Bot):
    """A small bot with every habit the demo must cope with, so that these tests need no model."""

    def __init__(self) -> None:
        super().__init__(command_prefix=commands.when_mentioned, intents=discord.Intents.default())
        self.pressed: list[str] = []
        self.heard: list[discord.Message] = []
        self.closings = 0
        self.tree.add_command(app_commands.Command(name="ask", description="Ask slowly", callback=self._ask))

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Press)
        await self.tree.sync()

    async def close(self) -> None:
        self.closings += 1
        await super().close()

    async def on_message(self, message: discord.Message) -> None:
        if message.author.bot or (message.guild and self.user not in message.mentions):
            return
        self.heard.append(message)
        view = discord.ui.LayoutView(timeout=None)
        view.add_item(discord.ui.TextDisplay("An answer"))
        view.add_item(discord.ui.ActionRow(Press("verify")))
        await message.reply(view=view)

    async def _ask(self, interaction: discord.Interaction, question: str) -> None:
        await interaction.response.defer(thinking=True)
        await asyncio.get_running_loop().run_in_executor(None, time.sleep, SLOW_S)
        await interaction.followup.send(f"Slowly: {question}")

    async def chatter(self, *, every_s: float, leaving: int) -> None:
        """Post now and then, as a reminder or a finished rebuild would; leave only the newest posts."""
        channel = discord.utils.get(self.get_all_channels(), name=read_words().channel)
        assert isinstance(channel, discord.TextChannel)
        posts: list[discord.Message] = []
        for number in itertools.count():
            await asyncio.sleep(every_s)
            posts.append(await channel.send(f"late post {number}"))
            if len(posts) > leaving:
                await posts.pop(0).delete()


class ShardedBot(StubBot, commands.AutoShardedBot):
    """The same bot of the kind that serves many guilds."""


@dataclass
class Visitor:
    """A browser tab as the server sees it: looks twice a second, acts on what it saw last."""

    http: aiohttp.ClientSession
    bot: StubBot
    url: str
    seen: dict[str, Any] = field(default_factory=dict)
    sequence: int = 0

    async def __call__(self, method: str, path: str, body: Any = None) -> Any:
        address, _, capability = self.url.partition("/#")
        headers = {"X-Simcord-Capability": capability, "X-Simcord-Context": self.seen["context"]["id"]}
        async with self.http.request(method, address + path, json=body, headers=headers) as response:
            response.raise_for_status()
            return await response.json()

    async def file(self, path: str) -> str:
        async with self.http.get(self.url.partition("/#")[0] + path) as response:
            return await response.text()

    async def open(self) -> None:
        self.seen = {"context": {"id": ""}}
        self.seen = await self("POST", "/api/pages", {})

    async def look(self) -> dict[str, Any]:
        self.seen = await self("GET", "/api/state")
        return self.seen

    async def act(self, kind: str, **body: Any) -> dict[str, Any]:
        self.sequence += 1
        told = {
            "protocol_version": 3,
            "sequence": self.sequence,
            "request_id": f"r{self.sequence}",
            "generation": self.seen["context"]["generation"],
            "bot_generation": self.seen["botGeneration"],
            "published_revision": self.seen["publishedRevision"],
            "kind": kind,
        }
        result: dict[str, Any] = await self("POST", "/api/action", told | body)
        self.sequence = result["expectedSequence"]
        return result

    async def say(self, content: str) -> None:
        assert (await self.act("send_message", content=content))["settlement"] == "settled"
        await self.look()

    async def look_as(self, label: str) -> None:
        key = next(viewer["id"] for viewer in self.seen["viewers"] if label in viewer["name"])
        assert (await self.act("viewer", viewer_id=key))["settlement"] == "settled"
        await self.look()

    async def ask(self, question: str) -> dict[str, Any]:
        [entry] = (await self("GET", "/api/commands"))["entries"]
        return await self.act(
            "run_command",
            command_id=entry["key"].split(":")[0],
            path=entry["path"],
            schema_fingerprint=entry["schemaFingerprint"],
            options={"question": question},
        )

    def press(self) -> dict[str, str]:
        """Point at the newest button on the page."""
        for identity in reversed(self.seen["timeline"]):
            if found := re.search(r"message:\d+:component:[\w.]+", str(self.seen["messages"][identity])):
                return {"target_id": identity, "control_key": found[0]}
        raise AssertionError("no button on the page")

    async def until(self, shown: Callable[[str], bool], *, within_s: float) -> float:
        """Look as a page does until it shows this; return the seconds it took."""
        began = time.perf_counter()
        while time.perf_counter() - began < within_s:
            if shown(str((await self.look())["messages"])):
                return time.perf_counter() - began
            await asyncio.sleep(0.1)
        raise AssertionError(f"the page did not show it within {within_s} s")


@asynccontextmanager
async def demo(make_bot: Callable[[], StubBot] = StubBot, *, port: int = 0) -> AsyncIterator[Visitor]:
    bots: list[StubBot] = []
    announced: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def make() -> StubBot:
        bots.append(make_bot())
        return bots[0]

    serving = asyncio.create_task(serve_demo(make, port=port, open_browser=False, announce=announced.set_result))
    try:
        first: set[asyncio.Future[Any]] = {serving, announced}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await serving
        [url] = re.findall(r"http://127\.0\.0\.1:\d+/#\S+", await announced)
        async with aiohttp.ClientSession() as http:
            visitor = Visitor(http, bots[0], url)
            await visitor.open()
            yield visitor
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
        assert all(bot.closings >= 1 for bot in bots)


@pytest.mark.asyncio
async def test_welcome_and_company() -> None:
    """A newcomer finds a welcome with what to try, three people to look through and a private chat."""
    async with demo() as visitor:
        [welcome] = visitor.seen["messages"].values()
        assert welcome["author"]["name"] == "Tutor"
        assert str(welcome).count("@Tutor") >= 3
        assert "/ask" in str(welcome)
        assert [viewer["name"] for viewer in visitor.seen["viewers"]][:3] == [
            person.label for person in read_words().people
        ]
        assert len(visitor.seen["viewers"]) == 4


@pytest.mark.asyncio
async def test_only_the_admin_manages_the_server() -> None:
    """What needs Manage Server can be tried, and can be seen to be refused."""
    async with demo() as visitor:
        for person in ("Ada, a learner", "Ben", "Grace"):
            await visitor.look_as(person)
            await visitor.say("@Tutor who am I?")
        authors = [message.author for message in visitor.bot.heard]
        manage = [isinstance(who, discord.Member) and who.guild_permissions.manage_guild for who in authors]
        assert manage == [False, False, True]


@pytest.mark.asyncio
async def test_clock_is_now_and_runs() -> None:
    """What stands in the channel carries the time of day, not simcord's standing New Year."""
    async with demo() as visitor:
        await asyncio.sleep(1.0)
        await visitor.say("@Tutor when is it?")
        [message] = visitor.bot.heard
        assert abs(datetime.now(UTC) - message.created_at) < timedelta(seconds=1)


@pytest.mark.asyncio
async def test_typed_mention_reaches_the_bot() -> None:
    """A typed name becomes a mention, in any case; an address or a longer word does not."""
    async with demo() as visitor:
        await visitor.say("mail tutor@tutor.example or ask @Tutors")
        assert visitor.bot.heard == []
        await visitor.say("@tutor, and @Ben: what is it?")
        [message] = visitor.bot.heard
        assert [user.name for user in message.mentions] == ["Tutor", "ben"]


@pytest.mark.asyncio
async def test_slow_answer_is_thought_about_in_sight() -> None:
    """A slow command shows as thinking at once, and its answer comes by itself."""
    async with demo() as visitor:
        began = time.perf_counter()
        result = await visitor.ask("what is it?")
        assert (result["acknowledgement"], result["settlement"]) == ("deferred", "settled")
        assert time.perf_counter() - began < SLOW_S * 0.75
        took_s = await visitor.until(lambda page: "Slowly: what is it?" in page, within_s=SLOW_S + 2)
        assert took_s + time.perf_counter() - began >= SLOW_S


@pytest.mark.asyncio
async def test_late_posts_appear_and_are_followed() -> None:
    """What the bot posts by itself is on the page within a second, and the page points at it."""
    async with demo() as visitor:
        talking = asyncio.create_task(visitor.bot.chatter(every_s=0.1, leaving=3))
        await visitor.until(lambda page: "late post 0" in page, within_s=1.0)
        talking.cancel()
        await asyncio.sleep(0.6)
        await visitor.look()
        assert visitor.seen["targetId"] == visitor.seen["timeline"][-1]


@pytest.mark.asyncio
async def test_no_click_is_lost_to_late_posts() -> None:
    """Twenty clicks on what was shown half a second ago all reach the bot while posts keep arriving."""
    async with demo() as visitor:
        await visitor.say("@Tutor what is it?")
        pointed = visitor.press()
        talking = asyncio.create_task(visitor.bot.chatter(every_s=0.05, leaving=3))
        spent_s: list[float] = []
        for number in range(20):
            if number % 2 == 0:
                await visitor.look()
            await asyncio.sleep(0.15)
            began = time.perf_counter()
            result = await visitor.act("click", **pointed)
            spent_s.append(time.perf_counter() - began)
            assert (result["rejected"], result["settlement"]) == (False, "settled"), result["diagnostics"]
        talking.cancel()
        assert visitor.bot.pressed == ["ada"] * 20
        median_ms, worst_ms = sorted(spent_s)[10] * 1000, max(spent_s) * 1000
        print(f"20 clicks, 0 lost; median {median_ms:.0f} ms, worst {worst_ms:.0f} ms")


@pytest.mark.asyncio
async def test_channel_stays_short() -> None:
    """What a page publishes does not grow with what was said, and the welcome stays on top."""
    async with demo() as visitor:
        talking = asyncio.create_task(visitor.bot.chatter(every_s=0.0, leaving=100))
        await visitor.until(lambda page: bool(re.search(r"late post \d{3}", page)), within_s=5.0)
        talking.cancel()
        await asyncio.sleep(0.6)
        shown = (await visitor.look())["timeline"]
        assert len(shown) <= 41
        assert "Welcome" in str(visitor.seen["messages"][shown[0]])


@pytest.mark.asyncio
async def test_two_tabs_act_at_once() -> None:
    """Two people's clicks at the same moment both arrive."""
    async with demo() as visitor:
        await visitor.say("@Tutor what is it?")
        other = Visitor(visitor.http, visitor.bot, visitor.url)
        await other.open()
        await other.look_as("Ben")
        await visitor.look()
        results = await asyncio.gather(
            *(tab.act("click", **tab.press()) for tab in (visitor, other)),
        )
        assert [result["settlement"] for result in results] == ["settled", "settled"]
        assert sorted(visitor.bot.pressed) == ["ada", "ben"]


@pytest.mark.asyncio
async def test_ephemeral_stays_with_its_reader() -> None:
    """What only the asker may see is gone from the page of anybody else, and there again for the asker."""
    async with demo() as visitor:
        await visitor.say("@Tutor what is it?")
        await visitor.act("click", **visitor.press())
        assert "for ada alone" in str(await visitor.look())
        await visitor.look_as("Ben")
        assert "for ada alone" not in str(visitor.seen)
        await visitor.look_as("Ada, a learner")
        assert "for ada alone" in str(visitor.seen)


@pytest.mark.asyncio
async def test_private_chat() -> None:
    """The bot answers in a private chat, its buttons work there, and the server sees none of it."""
    async with demo() as visitor:
        await visitor.look_as("private")
        await visitor.say("no mention needed here")
        [message] = visitor.bot.heard
        assert message.guild is None
        await visitor.act("click", **visitor.press())
        assert visitor.bot.pressed == ["ada"]
        assert (await visitor.ask("in private"))["settlement"] == "settled"
        await visitor.look_as("Ada, a learner")
        assert "no mention needed" not in str(visitor.seen)


@pytest.mark.asyncio
async def test_sharded_bot() -> None:
    """The bot of the real run may be one that shards."""
    async with demo(ShardedBot) as visitor:
        await visitor.say("@Tutor what is it?")
        assert len(visitor.bot.heard) == 1


@pytest.mark.asyncio
async def test_many_reloads() -> None:
    """Reloading the page for the twentieth time still opens it."""
    async with demo() as visitor:
        for _ in range(20):
            await visitor.open()
        assert visitor.seen["messages"]


@pytest.mark.asyncio
async def test_taken_port() -> None:
    """A taken port is one sentence that says what to do, before a bot is made or a model loaded."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=rf"{port} is taken.*--port"):
            async with demo(lambda: pytest.fail("a bot was made"), port=port):
                pass


@pytest.mark.asyncio
async def test_the_address_is_given_when_all_is_prepared() -> None:
    """Nobody opens the page before the first question can be answered."""
    seen: list[str] = []

    async def prepare(ended: asyncio.Event) -> None:
        await asyncio.sleep(0.3)
        seen.append("prepared")

    announced = asyncio.Event()

    def announce(line: str) -> None:
        seen.append("announced")
        announced.set()

    serving = asyncio.create_task(serve_demo(StubBot, port=0, open_browser=False, announce=announce, prepare=prepare))
    await announced.wait()
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving
    assert seen == ["prepared", "announced"]


@pytest.mark.asyncio
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_ends_cleanly(number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end the demo without an error, close the bot and give the handlers back."""
    before = signal.getsignal(number)
    bot = StubBot()
    announced = asyncio.Event()
    serving = asyncio.create_task(
        serve_demo(lambda: bot, port=0, open_browser=False, announce=lambda _: announced.set())
    )
    await announced.wait()
    os.kill(os.getpid(), number)
    await asyncio.wait_for(serving, 10)
    assert bot.closings == 1
    assert signal.getsignal(number) is before


@pytest.mark.asyncio
async def test_page_speaks_our_words() -> None:
    """Every phrase we replace is still in the page, and every developer's tool we hide still has its name."""
    async with demo() as visitor:
        served = "".join([await visitor.file(path) for path in ("/", "/actions.js", "/app.js")])
        assert _STYLE in await visitor.file("/preview.css")
        assert _SCRIPT in await visitor.file("/app.js")
        missing = [theirs for theirs, ours in read_words().page.items() if ours not in served]
        assert missing == []
        assert [theirs for theirs in read_words().page if theirs in served] == []
        assert "SimCord" not in re.sub(r"(?s)<(\w+)[^>]*hidden.*", "", served.partition("<body>")[0])
        names = set(re.findall(r"#([a-z-]+)[ ,{]", _STYLE)) | {"send-message", "channel-composer"}
        assert {name for name in names if f'id="{name}"' not in served} == set()


def test_private_names_of_simcord() -> None:
    """A new simcord that renames what the demo leans on is named here, before a person meets it."""
    from simcord import Env
    from simcord._clock import Clock
    from simcord.preview import Preview
    from simcord.preview._pages import _Page
    from simcord.preview._server import PreviewServer

    parameters: dict[Callable[..., Any], list[str]] = {
        Env._settle_internal: ["self", "timeout", "idle", "dispatch", "_deadline"],
        Preview._action: ["self", "context_id", "body"],
        Preview._publish: ["self", "page", "reason"],
        Preview._page_payload: ["self", "page"],
        Preview._viewer: ["self", "viewer_id"],
        Preview._open_page: ["self", "viewer_id", "target_id"],
        Preview._close_page: ["self", "context_id"],
        Preview._publish_message_pages: ["self", "reason"],
        Preview._advance_presentation_time: ["self"],
        PreviewServer.__init__: ["self", "preview", "port"],
        PreviewServer._static: ["self", "request"],
        PreviewServer.start: ["self"],
    }
    changed = {f: list(inspect.signature(f).parameters) for f in parameters}
    assert changed == parameters
    fields = {"id", "viewer", "channel_id", "target_id", "window_end_id", "revision", "last_activity"}
    assert fields <= set(_Page.__dataclass_fields__)
    assert hasattr(Clock(), "_epoch")
    assert {"_MAX_PAGES", "_PAGE_LEASE_SECONDS"} <= set(vars(Preview))
    source = inspect.getsource(Preview) + inspect.getsource(PreviewServer)
    assert {
        name for name in ("_pages", "_python", "_active", "_server", "_requested_port") if f"self.{name}" not in source
    } == set()
