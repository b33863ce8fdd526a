"""The bot in a simulated Discord: a server with one channel, two people, and the tutor each test asks for."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord
import pytest
import pytest_asyncio
import simcord
from discord import app_commands

import bot.libraries.opening
from bot.answering.engine import AnsweringEngine
from bot.app import TutorBot
from bot.conversation.acts import ActClassifier
from bot.settings import Settings
from tests.bot.scripted import ScriptedTutor

if TYPE_CHECKING:
    from bot.libraries.opening import Library
    from index.models.encoder import Encoder


@pytest.fixture(scope="session", autouse=True)
def acts_fitted_once() -> Iterator[None]:
    """Fit the acts once for each model: for one without fitted acts that ship it takes a second whenever one opens."""
    known: dict[str, ActClassifier] = {}

    def fitted(encoder: Encoder, path: Path) -> ActClassifier:
        if encoder.fingerprint not in known:
            known[encoder.fingerprint] = ActClassifier(encoder, path)
        return known[encoder.fingerprint]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bot.libraries.opening, "ActClassifier", fitted)
        yield


@pytest.fixture(autouse=True)
def quick_settling(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulation looks every 2 ms, not every 50, whether the bot has come to rest."""
    defaults = simcord.Env._settle_internal.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "idle", 0.002)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """Run a test on both databases: the address of an empty one on PostgreSQL, which the settings name too, or None."""
    if request.param == "sqlite":
        return None
    from bot.store.postgresql.cluster import Cluster
    from bot.store.postgresql.coordination import ManyProcesses

    async def nothing(*_: object) -> None:
        """Do nothing: the simulation waits until the bot is at rest, and who listens or watches never is."""

    monkeypatch.setattr(ManyProcesses, "listen", nothing)
    monkeypatch.setattr(Cluster, "_watch", nothing)
    # Simulated people begin anew sooner after a deletion than anybody could.
    monkeypatch.setattr("bot.store.postgresql.coordination._LATE_S", 0)
    address: str = request.getfixturevalue("postgresql").migrated()
    monkeypatch.setenv("TUTOR_DATABASE", address)
    return address


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data=tmp_path)


@dataclass
class Stage:
    """The simulated Discord with the bot in it."""

    env: simcord.Env
    make_bot: Callable[[], TutorBot]
    channel: Any
    alice: Any
    bob: Any

    @property
    def bot(self) -> TutorBot:
        assert isinstance(self.env.bot, TutorBot)
        return self.env.bot

    @property
    def mention(self) -> str:
        return f"<@{self.bot.user.id}>"

    @property
    def replies(self) -> list[Any]:
        return [each for each in self.channel.history() if each.author.id == self.bot.user.id]

    async def restart(self) -> None:
        await self.bot.close()
        await self.env.restart_bot(self.make_bot())


@pytest_asyncio.fixture
async def set_stage(settings: Settings) -> AsyncIterator[Callable[..., Any]]:
    """Return a function that opens the curtain on a bot with the given tutor; the fixture closes it."""
    stages: list[Stage] = []

    async def open_stage(make_tutor: Callable[[], Any], settings: Settings = settings) -> Stage:
        def make_bot() -> TutorBot:
            return TutorBot(settings, make_tutor())

        env = simcord.Env(make_bot(), shard_count=1)
        await env.start()
        guild = env.create_guild()
        channel = guild.create_text_channel("library")
        alice = guild.add_member(env.create_user("alice"))
        bob = guild.add_member(env.create_user("bob"))
        stages.append(Stage(env, make_bot, channel, alice, bob))
        return stages[-1]

    yield open_stage
    for stage in stages:
        await stage.bot.close()
        await stage.env.shutdown()
    for stage in stages:
        if stage.env.check_errors:
            stage.env._raise_errors_since(stage.env._errors_acknowledged)


@pytest.fixture
def tutor() -> ScriptedTutor:
    return ScriptedTutor()


@pytest_asyncio.fixture
async def stage(set_stage: Callable[..., Any], tutor: ScriptedTutor) -> Stage:
    """The bot with the scripted tutor."""
    opened = await set_stage(lambda: tutor)
    assert isinstance(opened, Stage)
    return opened


@pytest.fixture
def small_library(settings: Settings) -> Library:
    """Two documents, CLAY and SEA, in the settings' data folder: indexed and opened with the fake encoder."""
    from bot.libraries.opening import Library  # brings in FAISS, which most tests do without
    from tests.index.fakes import CLAY, SEA, FakeEncoder, library

    return Library(library(settings.data, CLAY, SEA), FakeEncoder())


@pytest_asyncio.fixture
async def small_stage(set_stage: Callable[..., Any], settings: Settings, small_library: Library) -> Stage:
    """The bot with the real engine over the small library: for what is quoted or stored, without the model."""
    opened = await set_stage(lambda: AnsweringEngine(settings, load=lambda: small_library))
    await opened.env.settle()
    assert isinstance(opened, Stage)
    return opened


@pytest_asyncio.fixture
async def essay_stage(set_stage: Callable[..., Any], essay: tuple[Settings, Library]) -> Stage:
    """The bot with the real tutor; only the loading has happened before."""
    settings, library = essay
    opened = await set_stage(lambda: AnsweringEngine(settings, load=lambda: library), settings)
    await opened.env.settle()
    assert isinstance(opened, Stage)
    return opened


@pytest_asyncio.fixture
async def quiz_stage(set_stage: Callable[..., Any], essay: tuple[Settings, Library], tmp_path: Path) -> Stage:
    """The bot with the real tutor and a store of its own, beside a copy of the library."""
    settings, library = essay
    shutil.copytree(settings.data, tmp_path, dirs_exist_ok=True)
    own = Settings(_env_file=None, data=tmp_path)
    opened = await set_stage(lambda: AnsweringEngine(own, load=lambda: library), own)
    await opened.env.settle()
    assert isinstance(opened, Stage)
    return opened


def refused(stage: Stage) -> str:
    """Take note of the one error that a command was refused with, and give its sentence."""
    (error,) = stage.env.errors
    assert isinstance(error, app_commands.CommandInvokeError)
    stage.env.check_errors = False
    return str(error.original)


def deferred_first(stage: Stage) -> bool:
    """Tell whether the first thing Discord heard after the last interaction began was a deferral."""
    callbacks = [each for each in stage.env.http_requests if each.path.endswith("/callback")]
    return (
        bool(callbacks) and callbacks[-1].json["type"] == discord.InteractionResponseType.deferred_channel_message.value
    )


def texts(message: Any) -> str:
    """Return all text of a message, one component a line."""
    return "\n".join(each["content"] for each in parts(message) if each["type"] == 10)


def labels(message: Any) -> list[str]:
    return [each["label"] for each in parts(message) if each["type"] == 2]


def parts(message: Any) -> list[dict[str, Any]]:
    """Return the components of a message, nested ones too, as they went over the wire."""
    raw = message.components
    components = [each.to_dict() if hasattr(each, "to_dict") else each for each in raw]
    return [dict(each) for each in simcord.components.walk_components(components)]
