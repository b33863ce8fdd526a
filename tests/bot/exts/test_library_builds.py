"""Builds of a server's library: one at a time, cancelled by command or button, and what they leave behind."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.errors import WorkError
from bot.libraries.jobs import JobRunner, JobState
from bot.libraries.paths import own_folder
from bot.libraries.uploads import MAX_UPLOAD_BYTES, Upload
from bot.ui.builds import building_view
from index.errors import RoomError
from index.generations.manifest import live
from tests.bot.conftest import Stage, labels, refused, texts
from tests.bot.exts.library_stage import (
    BEES,
    added,
    asked,
    folders,
    outside,
    said,
)

pytestmark = [pytest.mark.asyncio, pytest.mark.model]


async def test_one_build_at_a_time(quiz_stage: Stage, grace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second change while one is being built is refused at once, and the first goes on."""
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(self: JobRunner, *given: Any) -> dict[str, Any]:
        begun.set()
        await may_end.wait()
        raise WorkError("That was enough.")

    monkeypatch.setattr(JobRunner, "work", slow)
    curator, here = quiz_stage.bot.services.library_admin, quiz_stage.channel.guild.id

    def hear(done: int, total: int) -> None: ...

    first = asyncio.create_task(curator.refresh(here, "1", hear))
    await begun.wait()
    assert await curator.is_busy(here)
    result = await added(quiz_stage, grace)
    assert "going on in this library already" in said(result)
    may_end.set()
    with pytest.raises(WorkError, match="enough"):
        await first
    assert not await curator.is_busy(here)


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a process in the place of every build that leaves half a generation and never ends."""
    program = """
import json, sys, time
from pathlib import Path
data, server = Path(sys.argv[sys.argv.index("--data") + 1]), sys.argv[sys.argv.index("--server") + 1]
(data / "servers" / server / "generations" / ".half").mkdir()
print(json.dumps({"done": 1, "total": 2}), file=sys.stderr, flush=True)
time.sleep(60)
"""
    monkeypatch.setattr("bot.libraries.command._PROGRAM", program)


async def building(stage: Stage) -> asyncio.Task[Any]:
    """Begin to add a document, and give the task once its process runs."""
    running = asyncio.Event()

    async def fetch() -> bytes:
        return BEES

    upload = Upload("bees.txt", len(BEES), fetch)
    adding = stage.bot.services.library_admin.add(
        stage.channel.guild.id, [upload], "1", lambda done, total: running.set()
    )
    task = asyncio.create_task(adding)
    await asyncio.wait_for(running.wait(), 20)
    return task


async def cancelled(stage: Stage, task: asyncio.Task[Any]) -> None:
    """Assert that a build was cancelled and left nothing behind."""
    with pytest.raises(WorkError, match="Cancelled"):
        await asyncio.wait_for(task, 10)
    own = own_folder(stage.bot.services.settings.data, stage.channel.guild.id)
    assert folders(stage) == []
    assert list((own / "generations").glob(".*")) == []
    assert live(own) is None, "the server reads the shared library again"
    assert stage.bot.services.library_admin.job(stage.channel.guild.id) is None


@pytest.mark.usefixtures("endless")
async def test_a_build_is_cancelled_by_command(quiz_stage: Stage, grace: Any) -> None:
    """Those who may change the library stop its build at once, whoever began it; nothing of it stays."""
    task = await building(quiz_stage)
    result = await grace.slash(quiz_stage.channel, "library cancel")
    assert "Cancelled" in said(result)
    await cancelled(quiz_stage, task)
    await grace.slash(quiz_stage.channel, "library cancel")
    assert "nothing to cancel" in refused(quiz_stage)


@pytest.mark.usefixtures("endless")
async def test_a_build_is_cancelled_by_its_button(quiz_stage: Stage, grace: Any) -> None:
    """The button stops its own build, for those who may change the library; later there is nothing to cancel."""
    task = await building(quiz_stage)
    channel, server = quiz_stage.bot.get_channel(quiz_stage.channel.id), quiz_stage.channel.guild.id
    assert isinstance(channel, discord.TextChannel)
    for _ in range(2):
        await channel.send(view=building_view(quiz_stage.bot.services.library_admin.job(server)))
    message, old = quiz_stage.replies[-2:]
    assert "Only people who may manage" in said(await quiz_stage.alice.click(message, label="Cancel"))
    assert not task.done()
    await grace.click(message, label="Cancel")
    await cancelled(quiz_stage, task)
    assert "Cancelled" in texts(quiz_stage.replies[-2]), "the message has no other author after a restart"
    again = await building(quiz_stage)
    assert "nothing to cancel" in said(await grace.click(old, label="Cancel")), "it is the button of another build"
    await quiz_stage.restart()
    with pytest.raises(WorkError, match="restarted"):
        await again
    assert "nothing to cancel" in said(await grace.click(old, label="Cancel"))


@pytest.mark.usefixtures("endless")
async def test_the_progress_has_a_button_that_cancels(
    quiz_stage: Stage, grace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a document is added the message says how it goes on, with the button; then, that it was cancelled."""
    outside(quiz_stage, monkeypatch, JobRunner.work)
    edit, shown = discord.Interaction.edit_original_response, asyncio.Event()

    async def edited(self: discord.Interaction, *, view: discord.ui.LayoutView) -> Any:
        message = await edit(self, view=view)
        if "library:v1:cancel:" in str(view.to_components()):
            shown.set()
        return message

    monkeypatch.setattr(discord.Interaction, "edit_original_response", edited)
    adding = asyncio.create_task(added(quiz_stage, grace))
    await asyncio.wait_for(shown.wait(), 30)
    await quiz_stage.bot.services.library_admin.cancel(quiz_stage.channel.guild.id)
    assert "Cancelled. The library in use is untouched." in said(await asyncio.wait_for(adding, 60))


async def test_the_progress_says_the_place_in_the_queue() -> None:
    """Who waits sees how many are before them, and the button that takes them out of the queue."""
    view = SimpleNamespace(components=building_view(JobState("0" * 8, 3)).to_components())
    assert "number **3** in the queue" in texts(view)
    assert labels(view) == ["Cancel"]


@pytest.mark.usefixtures("builds")
async def test_what_a_killed_run_left_in_the_inbox_goes(quiz_stage: Stage, grace: Any) -> None:
    """Uploads of a run that was killed are neither kept nor built."""
    left = own_folder(quiz_stage.bot.services.settings.data, quiz_stage.channel.guild.id) / "inbox" / "0"
    left.mkdir(parents=True)
    (left / "old.txt").write_text("Nobody wants this any more.", encoding="utf-8")
    result = await added(quiz_stage, grace)
    assert "**Added:** `bees.txt`" in said(result)
    assert "old.txt" not in said(result)
    assert folders(quiz_stage) == []


async def test_what_is_too_large_is_not_even_fetched(quiz_stage: Stage) -> None:
    """The announced size is enough to refuse."""

    async def fetch() -> bytes:
        raise AssertionError("fetched")

    upload = Upload("big.txt", MAX_UPLOAD_BYTES + 1, fetch)
    with pytest.raises(WorkError, match=r"big\.txt.*10 MB"):
        await quiz_stage.bot.services.library_admin.add(
            quiz_stage.channel.guild.id, [upload], "1", lambda done, total: None
        )


async def test_a_full_disk_is_said_so(quiz_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the disk refuses is a sentence, and the library in use answers as before."""

    def full(path: Path, held: bytes) -> None:
        raise OSError(28, "No space left on device")

    async def fetch() -> bytes:
        return BEES

    monkeypatch.setattr("bot.libraries.uploads._store", full)
    upload = Upload("bees.txt", len(BEES), fetch)
    with pytest.raises(RoomError, match="No space left"):
        await quiz_stage.bot.services.library_admin.add(
            quiz_stage.channel.guild.id, [upload], "1", lambda done, total: None
        )
    assert "metaverse" in await asked(quiz_stage, "What is the metaverse's leading technology?")
    assert folders(quiz_stage) == []
