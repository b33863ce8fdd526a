"""A server's library is changed in Discord by those who look after it, while everybody goes on asking."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import discord
import pytest
from typer.testing import CliRunner

import bot.libraries.opening
import bot.libraries.source_text
from bot.cli import app
from bot.errors import WorkError
from bot.libraries.jobs import JobRunner, JobState
from bot.libraries.paths import own_folder
from bot.libraries.uploads import MAX_UPLOAD_BYTES, Upload, file_name
from bot.ui.builds import building_view
from index.errors import RoomError
from index.evaluation.golden import read_golden
from index.evaluation.metrics import Question
from index.generations.manifest import live
from index.generations.promotion import history
from index.generations.texts import open_texts
from tests.bot.conftest import Stage, labels, parts, refused, texts
from tests.bot.player import Player

if TYPE_CHECKING:
    from bot.libraries.opening import Library
    from bot.settings import Settings

pytestmark = [pytest.mark.asyncio, pytest.mark.model]

BEES = b"""The beekeeper's year

A colony of honey bees winters as a ball around its queen. The workers on the outside creep inwards when they are cold.

In April the colony doubles in size every three weeks. A keeper who adds a second box too late loses the swarm.
"""
QUESTION = "What do bees do in winter?"
ANSWER = "ball around its queen"


def said(result: Any) -> str:
    return texts([each for each in (result.response, *result.followups) if each is not None][-1])


def managing(stage: Stage, name: str) -> Any:
    """Add somebody who manages the server."""
    guild = stage.channel.guild
    role = guild.create_role("Teachers", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(stage.env.create_user(name), roles=[role])


@pytest.fixture
def grace(quiz_stage: Stage) -> Any:
    return managing(quiz_stage, "grace")


def outside(stage: Stage, monkeypatch: pytest.MonkeyPatch, work: Callable[..., Any]) -> None:
    """Have this do the workshop's work; the simulation knows that it takes its time."""

    async def waited(self: JobRunner, *given: Any) -> Any:
        return await stage.env.external_wait(work(self, *given), reason="a build")

    monkeypatch.setattr(JobRunner, "work", waited)
    stage.env.settle_timeout = 300  # builds take a low rank on a busy machine


@pytest.fixture
def builds(quiz_stage: Stage, essay: tuple[Settings, Library], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the workshop's commands in this process with the model that is loaded: the same builds, sooner."""
    monkeypatch.setattr(bot.libraries.opening, "load_encoder", lambda settings, *_: essay[1].encoder)
    levels = {handler: handler.level for handler in logging.getLogger().handlers}

    def run(arguments: list[str]) -> dict[str, Any]:
        result = CliRunner().invoke(app, ["--data", str(quiz_stage.bot.services.settings.data), *arguments])
        for handler, level in levels.items():
            handler.setLevel(level)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise WorkError(str(result.exception))
        return dict(json.loads(result.stdout.splitlines()[-1]))

    outside(
        quiz_stage, monkeypatch, lambda self, folder, arguments, progress=None: asyncio.to_thread(run, [*arguments])
    )


async def asked(stage: Stage, question: str = QUESTION) -> str:
    return said(await stage.alice.slash(stage.channel, "ask", question=question))


async def added(stage: Stage, keeper: Any, name: str = "bees.txt", content: bytes = BEES) -> Any:
    return await keeper.slash(stage.channel, "library add", document=(name, content))


def folders(stage: Stage) -> list[Path]:
    own = own_folder(stage.bot.services.settings.data, stage.channel.guild.id)
    return list((own / "inbox").glob("*"))


async def test_a_document_is_added_promoted_asked_and_rolled_back(
    quiz_stage: Stage, grace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way, built in a process of its own: diff, exam, a press, and a learner is answered from it."""
    outside(quiz_stage, monkeypatch, JobRunner.work)
    assert ANSWER not in await asked(quiz_stage)
    result = await added(quiz_stage, grace)
    for part in ("**Added:** `bees.txt`", "2 added, 0 changed, 0 removed", "2 encoded", "Exam passed"):
        assert part in said(result)
    assert labels(result.response) == ["Promote", "Discard"]
    assert ANSWER not in await asked(quiz_stage), "nothing is live before somebody says so"
    await grace.click(result.response, label="Promote")
    assert "live now" in said(result)
    assert f"> A colony of honey bees winters as a {ANSWER}." in await asked(quiz_stage)
    history = said(await grace.slash(quiz_stage.channel, "library history"))
    assert history.index("promoted by") < history.index("taken over from the shared library")
    assert "is live again" in said(await grace.slash(quiz_stage.channel, "library rollback"))
    assert ANSWER not in await asked(quiz_stage)
    assert folders(quiz_stage) == [], "uploads are not kept"


async def test_a_build_that_cannot_read_anything_says_why(
    quiz_stage: Stage, grace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the other process refuses is one sentence for the person, and the server reads what it read before."""
    outside(quiz_stage, monkeypatch, JobRunner.work)
    result = await added(quiz_stage, grace, "picture.png", b"\x89PNG\r\n\x1a\n")
    assert "picture.png" in said(result)
    assert "are not read" in said(result)
    assert str(quiz_stage.bot.services.settings.data) not in said(result)
    assert live(own_folder(quiz_stage.bot.services.settings.data, quiz_stage.channel.guild.id)) is None


@pytest.mark.usefixtures("builds")
async def test_many_documents_come_through_the_form(quiz_stage: Stage, grace: Any) -> None:
    """Without a file the command opens a form; whatever the files are called, each is a document of its own."""
    opened = await grace.slash(quiz_stage.channel, "library add")
    files = [
        ("bees.txt", BEES),
        ("bees.txt", BEES.replace(b"three weeks", b"two weeks")),
        ("../../etc/" + "x" * 250 + ".md", b"# Wasps\n\nWasps make paper from wood. They leave the nest in autumn."),
    ]
    [field] = opened.modal["components"]
    result = await grace.submit_modal(opened, {field["component"]["custom_id"]: files})
    assert "Added:" in said(result)
    assert "3 documents" not in said(result)
    assert "4 documents" in said(result)
    await grace.click(result.response, label="Promote")
    assert "paper from wood" in await asked(quiz_stage, "What do wasps make paper from?")
    assert not (quiz_stage.bot.services.settings.data.parent / "etc").exists()


@pytest.mark.usefixtures("builds")
async def test_a_build_waits_through_a_restart(quiz_stage: Stage, grace: Any) -> None:
    """The buttons go on working, and /library status shows what waits."""
    result = await added(quiz_stage, grace)
    await quiz_stage.restart()
    status = await grace.slash(quiz_stage.channel, "library status")
    assert "waits for your word" in texts(status.response)
    assert "bees.txt" in said(status)
    await grace.click(result.response, label="Promote")
    assert ANSWER in await asked(quiz_stage)
    status = await grace.slash(quiz_stage.channel, "library status")
    assert "waits for your word" not in texts(status.response)
    assert "server's own" in texts(status.response)


@pytest.mark.usefixtures("builds")
async def test_what_was_live_cannot_be_discarded(quiz_stage: Stage, grace: Any) -> None:
    """A button decides about a build made on what is live; a forged id of an earlier generation does not delete it."""
    first = await added(quiz_stage, grace)
    buttons = {each["label"]: each["custom_id"] for each in parts(first.response) if each["type"] == 2}
    await grace.click(first.response, label="Promote")
    await grace.click((await added(quiz_stage, grace, "wasps.txt", b"Wasps make paper.")).response, label="Promote")
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.ActionRow(*(discord.ui.Button(label=k, custom_id=v) for k, v in buttons.items())))
    message = await quiz_stage.bot.get_partial_messageable(quiz_stage.channel.id).send(view=view)
    own = own_folder(quiz_stage.bot.services.settings.data, quiz_stage.channel.guild.id)
    before = live(own), sorted((own / "generations").iterdir())
    for label in buttons:
        assert "has changed since" in said(await grace.click(message, label=label))
    assert (live(own), sorted((own / "generations").iterdir())) == before


@pytest.mark.usefixtures("builds")
async def test_a_discarded_build_is_gone(quiz_stage: Stage, grace: Any) -> None:
    """Nothing of it is left, its buttons say so, and the server follows the shared library again."""
    result = await added(quiz_stage, grace)
    own = own_folder(quiz_stage.bot.services.settings.data, quiz_stage.channel.guild.id)
    assert live(own) is not None
    pressed = result.response
    second = await grace.slash(quiz_stage.channel, "library status")
    waiting = second.followups[-1]
    await grace.click(pressed, label="Discard")
    assert "discarded" in said(result)
    assert live(own) is None
    late = await grace.click(waiting, label="Promote")
    assert "older than the library" in said(late)
    assert ANSWER not in await asked(quiz_stage)
    assert "shared one" in texts((await grace.slash(quiz_stage.channel, "library status")).response)


@pytest.mark.usefixtures("builds")
async def test_the_right_is_judged_at_the_press(quiz_stage: Stage, grace: Any) -> None:
    """Whoever may not manage the server gets no further than the button, whatever they see."""
    result = await added(quiz_stage, grace)
    quiz_stage.env.backend.get_guild(quiz_stage.channel.guild.id).members[grace.id].role_ids.clear()
    late = await grace.click(result.response, label="Promote")
    assert "Only people who may manage this server" in said(late)
    assert ANSWER not in await asked(quiz_stage)


@pytest.mark.usefixtures("builds")
async def test_two_changes_do_not_undo_each_other(quiz_stage: Stage, grace: Any) -> None:
    """A build made on what is not live any more is refused: it would take back what was promoted since."""
    first = await added(quiz_stage, grace)
    second = await added(quiz_stage, grace, "wasps.txt", b"Wasps make paper from wood. They leave the nest in autumn.")
    await grace.click(first.response, label="Promote")
    late = await grace.click(second.response, label="Promote")
    assert "has changed since" in said(late)
    assert ANSWER in await asked(quiz_stage)


@pytest.mark.usefixtures("builds")
async def test_a_failed_exam_is_shown_and_can_be_overruled(quiz_stage: Stage, grace: Any) -> None:
    """Quiz items that lose their words hold a build back; the diff says which, and a red button promotes anyway."""
    status = await quiz_stage.bot.services.engine.library_status(server=quiz_stage.channel.guild.id)
    [essay] = status.documents
    text = (await quiz_stage.bot.services.engine.texts()).document(essay.id).text
    result = await added(quiz_stage, grace, essay.id, text[: len(text) // 2].encode())
    for part in (
        "it failed its exam",
        "Exam failed",
        "no longer answered",
        "quiz items whose words changed",
        "Changed:",
    ):
        assert part in said(result)
    assert labels(result.response) == ["Promote anyway", "Discard"]
    await grace.click(result.response, label="Promote anyway")
    assert "live now" in said(result)
    removed = await grace.slash(quiz_stage.channel, "library remove", document=essay.id)
    assert "last document cannot be removed" in said(removed)


@pytest.mark.usefixtures("builds")
async def test_a_server_never_sees_another_ones_documents(quiz_stage: Stage, grace: Any) -> None:
    """What one server adds is answered there alone: not in another server, not in private."""
    result = await added(quiz_stage, grace)
    await grace.click(result.response, label="Promote")
    shown = await quiz_stage.alice.slash(quiz_stage.channel, "ask", question=QUESTION)
    assert ANSWER in said(shown)
    other = quiz_stage.env.create_guild("Elsewhere")
    room = other.create_text_channel("general")
    mallory = other.add_member(quiz_stage.env.create_user("mallory"))
    assert ANSWER not in said(await mallory.slash(room, "ask", question=QUESTION))
    assert "bees.txt" not in said(await mallory.slash(room, "sources"))
    tutor, here = quiz_stage.bot.services.engine, quiz_stage.channel.guild.id
    found = await tutor.ask(QUESTION, server=here)
    places = [
        bot.libraries.source_text.Place(found.generation, quote.document, quote.start, quote.end)
        for quote in found.quotes[:1]
    ]
    assert ANSWER in (await tutor.quotes(places, server=here))[0].text
    for server in (other.id, None):
        with pytest.raises(Exception, match="missing"):
            await tutor.quotes(places, server=server)
        assert ANSWER not in str((await tutor.ask(QUESTION, server=server)).quotes)


@pytest.mark.usefixtures("builds")
async def test_nothing_changes_when_nothing_is_new(quiz_stage: Stage, grace: Any) -> None:
    """The same again is said to be the same, and there is nothing to decide."""
    await grace.click((await added(quiz_stage, grace)).response, label="Promote")
    for again in (await added(quiz_stage, grace), await grace.slash(quiz_stage.channel, "library rebuild")):
        assert "Nothing would change" in said(again)
        assert labels(again.response) == []


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
    assert curator.is_busy(here)
    result = await added(quiz_stage, grace)
    assert "going on in this library already" in said(result)
    may_end.set()
    with pytest.raises(WorkError, match="enough"):
        await first
    assert not curator.is_busy(here)


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
    await channel.send(view=building_view(quiz_stage.bot.services.library_admin.job(server)))
    message = quiz_stage.replies[-1]
    assert "Only people who may manage" in said(await quiz_stage.alice.click(message, label="Cancel"))
    assert not task.done()
    await grace.click(message, label="Cancel")
    await cancelled(quiz_stage, task)
    again = await building(quiz_stage)
    assert "nothing to cancel" in said(await grace.click(message, label="Cancel")), "it is the button of another build"
    await quiz_stage.restart()
    with pytest.raises(WorkError, match="restarted"):
        await again
    assert "nothing to cancel" in said(await grace.click(message, label="Cancel"))


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
    quiz_stage.bot.services.library_admin.cancel(quiz_stage.channel.guild.id)
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


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.md", "a.md"),
        (".htaccess", "htaccess"),
        ("a\x00b\nc.txt", "abc.txt"),
        ("", "document.txt"),
        ("..", "document.txt"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
async def test_names_of_uploads_lead_nowhere(given: str, kept: str) -> None:
    """An upload is a file in its own folder, whatever it is called."""
    assert file_name(given) == kept


@pytest.mark.parametrize("letter", ["a", "é", "本", "𝔸", "👩‍👩‍👧", "e\u0301"])
@pytest.mark.parametrize("suffix", [".txt", ".PDF", ".本本本", "", ".notasuffixatall"])
async def test_a_long_name_is_cut_by_bytes(tmp_path: Path, letter: str, suffix: str) -> None:
    """Whatever its letters take, a name fits every file system, is whole code points, and keeps its suffix."""
    for count in range(40, 260, 7):
        given = letter * count + suffix
        kept = file_name(given)
        assert len(kept.encode()) <= 200
        if len(given.encode()) <= 200:
            assert kept == given
        elif len(suffix) <= 11:
            assert kept.endswith(suffix)
            assert given.startswith(kept.removesuffix(suffix))
            assert len(kept.encode()) > 190
        (tmp_path / kept).write_text("x", encoding="utf-8")


async def test_a_name_with_half_a_character_can_be_kept(tmp_path: Path) -> None:
    """JSON may hold lone surrogates, which are in no file's name."""
    (tmp_path / file_name("half \ud83d.txt")).write_text("x", encoding="utf-8")
    assert os.listdir(tmp_path) == ["half ?.txt"]


@pytest.mark.usefixtures("builds")
async def test_an_answer_that_is_right_is_asked_again_in_every_exam(quiz_stage: Stage, grace: Any) -> None:
    """Marked by menu, after a command and after a mention; known the second time; then counted in the exam."""
    shown = await quiz_stage.alice.slash(
        quiz_stage.channel, "ask", question="What is the metaverse's leading technology?"
    )
    marked = await grace.context_menu(quiz_stage.channel, "This answer is right", shown.response)
    assert "Noted" in said(marked)
    assert "What is the metaverse's leading technology?" in said(marked).replace("\\", "")
    await quiz_stage.alice.send(
        quiz_stage.channel, f"{quiz_stage.mention} Does the metaverse treat traffic as its goal?"
    )
    marked = await grace.context_menu(quiz_stage.channel, "This answer is right", quiz_stage.replies[-1])
    assert "Does the metaverse treat traffic as its goal?" in said(marked)
    marked = await grace.context_menu(quiz_stage.channel, "This answer is right", quiz_stage.replies[-1])
    assert "known already" in said(marked)
    result = await added(quiz_stage, grace)
    assert "26 of 26 answered right (26 before)" in said(result)


async def test_a_comparison_is_right_by_both_sides(quiz_stage: Stage, grace: Any) -> None:
    """Both sides are repeated, and an exam asks for both."""
    question = "How does the metaverse differ from the Internet?"
    found = await quiz_stage.bot.services.engine.ask(question)
    assert found.sides
    first, second, *_ = (quote.text for quote in found.quotes)
    shown = await quiz_stage.alice.slash(quiz_stage.channel, "ask", question=question)
    marked = said(await grace.context_menu(quiz_stage.channel, "This answer is right", shown.response))
    assert [first[:60] in marked.replace("\\", ""), second[:60] in marked.replace("\\", "")] == [True, True]
    own = own_folder(quiz_stage.bot.services.settings.data, quiz_stage.channel.guild.id)
    (golden,) = (each for each in read_golden(own) if each.text == question)
    assert golden == Question(question, (first, second), every=True)


@pytest.mark.usefixtures("builds")
async def test_a_removed_document_is_said_to_be_gone(quiz_stage: Stage, grace: Any) -> None:
    """Context and Verify still show what was stored, and say that the library holds it no more and since when."""
    await grace.click((await added(quiz_stage, grace)).response, label="Promote")
    shown = (await quiz_stage.alice.slash(quiz_stage.channel, "ask", question=QUESTION)).response

    async def pressed(label: str) -> str:
        ids = [each["custom_id"] for each in parts(shown) if each.get("label") == label]
        return said(await quiz_stage.alice.click(shown, custom_id=ids[0]))

    for label in ("Show in context", "Verify"):
        assert "removed from the library" not in await pressed(label)
    result = await grace.slash(quiz_stage.channel, "library remove", document="bees.txt")
    await grace.click(result.response, label="Promote")
    for label, still in (("Show in context", ANSWER), ("Verify", "exact to the character")):
        told = await pressed(label)
        assert "removed from the library <t:" in told
        assert still in told
    own = own_folder(quiz_stage.bot.services.settings.data, quiz_stage.channel.guild.id)
    for generation in {event.generation for event in history(own)} - {live(own)}:
        shutil.rmtree(own / "generations" / generation)
    open_texts.cache_clear()
    for label in ("Show in context", "Verify"):
        told = await pressed(label)
        assert "was removed from the library since, and its text is not kept" in told
        assert ANSWER not in told


@pytest.mark.usefixtures("builds")
async def test_a_quiz_is_offered_where_there_is_something_to_ask(quiz_stage: Stage, grace: Any) -> None:
    """Not under a document without questions, nor where all questions about it were taken out."""
    await grace.click((await added(quiz_stage, grace)).response, label="Promote")
    bees = await quiz_stage.alice.slash(quiz_stage.channel, "ask", question=QUESTION)
    assert ANSWER in said(bees)
    assert "Quiz me on this" not in labels(bees.response)

    async def offered() -> bool:
        question = "What is the metaverse's leading technology?"
        answer = await quiz_stage.alice.slash(quiz_stage.channel, "ask", question=question)
        return "Quiz me on this" in labels(answer.response)

    assert await offered()
    for item in (await quiz_stage.bot.services.deck.cards(quiz_stage.channel.guild.id)).bank.items:
        await quiz_stage.bot.services.moderation.retire(quiz_stage.channel.guild.id, item.id, grace.id)
    assert not await offered()


async def test_only_those_who_look_after_the_library_may_mark_answers(quiz_stage: Stage, grace: Any) -> None:
    """A learner is refused, and what is no answer is none."""
    shown = await quiz_stage.alice.slash(
        quiz_stage.channel, "ask", question="What is the metaverse's leading technology?"
    )
    hello = await quiz_stage.alice.send(quiz_stage.channel, "Hello all")
    await grace.context_menu(quiz_stage.channel, "This answer is right", hello)
    assert "no answer of mine" in refused(quiz_stage)
    with pytest.raises(Exception, match=r"(?i)permission|not"):
        await quiz_stage.alice.context_menu(quiz_stage.channel, "This answer is right", shown.response)


@pytest.mark.usefixtures("builds")
async def test_a_new_document_is_asked_about_in_quizzes(quiz_stage: Stage, grace: Any) -> None:
    """Added, promoted, drafted by rule from what the server holds now, approved, and asked of a learner."""
    from tests.bot.quiz.drafting.town import HARBOUR, MILLS

    for name, text in (("harbour.txt", HARBOUR), ("mills.txt", MILLS)):
        await grace.click((await added(quiz_stage, grace, name, text.encode())).response, label="Promote")
    result = await grace.slash(quiz_stage.channel, "library draft-quiz", count=5, document="harbour.txt")
    assert "drafted" in said(result)
    assert "Approve" in labels(result.response)
    items = (await quiz_stage.bot.services.deck.cards(quiz_stage.channel.guild.id)).bank.items
    await grace.click(result.response, label="Approve")
    now = (await quiz_stage.bot.services.deck.cards(quiz_stage.channel.guild.id)).bank.items
    [new] = {item.id: item for item in now if item not in items}.values()
    assert new.quote in HARBOUR
    assert new.id not in {item.id for item in (await quiz_stage.bot.services.deck.cards(None)).bank.items}
    player = await Player(quiz_stage, quiz_stage.alice).start(axis=now[-1].axis)
    assert (await player.item()).id == new.id
    await player.answer(right=True)
    assert "Right" in player.screen
