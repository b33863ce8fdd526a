"""Libraries open beside the answering: nobody waits for another server's, and nobody for a newer one of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

import bot.libraries.opening
from bot.answering.engine import AnsweringEngine
from bot.libraries.opening import Library
from bot.libraries.paths import adopt, own_folder
from bot.settings import Settings
from index.errors import GenerationError
from index.generations.generation import load
from tests.index.fakes import CLAY, FakeEncoder, build_texts

pytestmark = pytest.mark.asyncio
QUESTION = "What does clay remember?"
HARVEST = "The harvest brings barley to every door in the valley."


class Slow:
    """Opens libraries only when it is let."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.may_open = threading.Event()
        self.opened: list[str] = []
        monkeypatch.setattr(bot.libraries.opening, "open_library", self._open)

    def _open(self, settings: Settings, encoder: Any, folder: Path, *shared: Any) -> Library:
        self.may_open.wait(20)
        name = (folder / "live").read_text(encoding="utf-8").strip()
        self.opened.append(name)
        return Library(load(folder, name), FakeEncoder())


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    return Slow(monkeypatch)


@pytest_asyncio.fixture
async def tutor(settings: Settings, small_library: Library) -> AsyncIterator[AnsweringEngine]:
    """A tutor whose shared library is open."""
    opened = AnsweringEngine(settings, load=lambda: small_library)
    await opened.ask(QUESTION)
    yield opened
    await opened.close()


async def until_open(slow: Slow, count: int) -> None:
    slow.may_open.set()
    async with asyncio.timeout(20):
        while len(slow.opened) < count:  # noqa: ASYNC110 - another thread opens
            await asyncio.sleep(0.01)


async def test_the_old_one_answers_while_the_new_one_opens(tutor: AnsweringEngine, slow: Slow, tmp_path: Path) -> None:
    """A library that takes long to open holds up no answer; when it is open it answers."""
    before = (await tutor.ask(QUESTION)).generation
    new = build_texts(tmp_path, CLAY, HARVEST).generation
    assert {(await tutor.ask(QUESTION)).generation for _ in range(5)} == {before}
    await until_open(slow, 1)
    await asyncio.sleep(0.1)
    assert (await tutor.ask(QUESTION)).generation == new
    assert slow.opened == [new], "it is opened once, however many ask meanwhile"


async def test_a_server_waits_for_its_own_library_alone(tutor: AnsweringEngine, slow: Slow, tmp_path: Path) -> None:
    """The first question of a server waits until its library is open; others are answered meanwhile."""
    for server in (7, 8):
        adopt(tmp_path, server, at="2026-01-01T00:00:00+00:00")
    build_texts(own_folder(tmp_path, 7), HARVEST)
    waiting = [asyncio.create_task(tutor.ask("What does the harvest bring?", server=7)) for _ in range(3)]
    assert (await asyncio.wait_for(tutor.ask(QUESTION), 5)).quotes
    assert not any(task.done() for task in waiting)
    await until_open(slow, 1)
    assert {found.quotes[0].text for found in await asyncio.gather(*waiting)} == {HARVEST}


async def test_a_damaged_library_is_its_own_servers_affair(tutor: AnsweringEngine, tmp_path: Path) -> None:
    """Asked together, one server is told of the damage and the others are answered."""
    own = adopt(tmp_path, 7, at="2026-01-01T00:00:00+00:00")
    (own / "live").write_text("0123456789ab", encoding="utf-8")
    bad, good = await asyncio.gather(
        tutor.ask(QUESTION, server=7), tutor.ask(QUESTION, server=8), return_exceptions=True
    )
    assert isinstance(bad, GenerationError)
    assert not isinstance(good, BaseException)
    assert good.quotes


@pytest.fixture
def three_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.libraries.cache.bytes_of", lambda folder: 700 * 10**6)  # of 2,000 MB


async def test_the_libraries_asked_longest_ago_are_closed(
    three_open: None, tutor: AnsweringEngine, slow: Slow, tmp_path: Path
) -> None:
    """The memory of open libraries stays within its budget; the shared library stays open."""
    slow.may_open.set()
    for server in (1, 2, 1, 2):
        adopt(tmp_path, server, at="2026-01-01T00:00:00+00:00")
        await tutor.ask(QUESTION, server=server)
    assert len(slow.opened) == 4, "with the shared one, only one more fits"
    await tutor.ask(QUESTION, server=2)
    await tutor.ask(QUESTION)
    assert len(slow.opened) == 4


async def test_closing_gives_up_whoever_waits(tutor: AnsweringEngine, slow: Slow, tmp_path: Path) -> None:
    """A question that waits for a library to open does not keep the bot from ending."""
    adopt(tmp_path, 7, at="2026-01-01T00:00:00+00:00")
    waiting = asyncio.create_task(tutor.ask(QUESTION, server=7))
    await asyncio.sleep(0.3)
    threading.Timer(0.2, slow.may_open.set).start()
    await asyncio.wait_for(tutor.close(), 10)
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_pointer_that_cannot_be_read_changes_nothing(tutor: AnsweringEngine, tmp_path: Path) -> None:
    """What is in use answers on, as it does when a new generation is damaged."""
    before = (await tutor.ask(QUESTION)).generation
    (tmp_path / "live").write_bytes(b"../../etc")
    assert (await tutor.ask(QUESTION)).generation == before


async def test_what_nobody_foresaw_is_tried_again(
    tutor: AnsweringEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An opening that breaks, in whatever way, is not kept: the old library answers, the next question tries again."""
    new = build_texts(tmp_path, CLAY, HARVEST).generation

    def broken(*given: Any) -> Library:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(bot.libraries.opening, "open_library", broken)
    for _ in range(2):
        await tutor.renew()
        assert (await tutor.ask(QUESTION)).generation != new
    monkeypatch.setattr(
        bot.libraries.opening, "open_library", lambda *given: Library(load(tmp_path, new), FakeEncoder())
    )
    await tutor.renew()
    assert (await tutor.ask(QUESTION)).generation == new
