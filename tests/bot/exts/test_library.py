"""A server's library is changed in Discord by those who look after it, while everybody goes on asking."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import discord
import pytest

import bot.libraries.opening
import bot.libraries.source_text
from bot.libraries.jobs import JobRunner
from bot.libraries.paths import own_folder
from index.generations.manifest import live
from index.models.registry import GRAPHS, Backend
from tests.bot.conftest import Stage, labels, parts, texts
from tests.bot.exts.library_stage import (
    ANSWER,
    BEES,
    QUESTION,
    added,
    asked,
    folders,
    outside,
    said,
)

pytestmark = [pytest.mark.asyncio, pytest.mark.model]


async def test_a_document_is_added_promoted_asked_and_rolled_back(
    quiz_stage: Stage, grace: Any, graphs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way, built in a process of its own: diff, exam, a press, and a learner is answered from it."""
    shutil.copytree(graphs, quiz_stage.bot.services.settings.data / GRAPHS)
    monkeypatch.setenv("TUTOR_BACKEND", Backend.AUTO)
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
