"""One door for everything that goes wrong: a sentence for the person, the rest for the log."""

from __future__ import annotations

import logging
import re
from types import SimpleNamespace

import discord
import pytest
from discord import app_commands

from bot.errors import DraftError, OutdatedButton, WorkError
from bot.ui import text
from bot.ui.error_handler import explain
from index.errors import GenerationError
from tests.bot.conftest import Stage, texts
from tests.bot.scripted import ScriptedTutor
from tests.hostile.layouts import alive

pytestmark = pytest.mark.asyncio

QUESTION = "What does clay remember?"
SECRET = "zebra crossing"


async def ask_by_mention(stage: Stage) -> str:
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION} {SECRET}")
    return texts(stage.replies[-1])


async def ask_by_command(stage: Stage) -> str:
    result = await stage.alice.slash(stage.channel, "ask", question=f"{QUESTION} {SECRET}")
    return texts(result.response)


async def ask_by_menu(stage: Stage) -> str:
    message = await stage.bob.send(stage.channel, f"{QUESTION} {SECRET}")
    result = await stage.alice.context_menu(stage.channel, "Ask the tutor about this", message)
    return texts(result.response)


WAYS = pytest.mark.parametrize("ask", [ask_by_mention, ask_by_command, ask_by_menu])


@WAYS
async def test_an_unexpected_error_shows_an_id_and_logs_the_rest(
    stage: Stage, tutor: ScriptedTutor, caplog: pytest.LogCaptureFixture, ask: object
) -> None:
    """The person reads one sentence with an id; under that id the log has the traceback."""
    tutor.fault = RuntimeError("the inside of the bot")
    said = await ask(stage)  # type: ignore[operator]
    (error_id,) = re.findall(r"`([0-9a-f]{8})`", said)
    assert "inside" not in said
    assert "Traceback" not in said
    (record,) = [record for record in caplog.records if error_id in record.getMessage()]
    assert record.exc_info is not None
    assert record.exc_info[1] is tutor.fault


@WAYS
async def test_an_error_for_people_is_shown_as_it_is(stage: Stage, tutor: ScriptedTutor, ask: object) -> None:
    """A sentence that was written for people reaches them unchanged."""
    tutor.fault = GenerationError("The index is missing. Run `tutor index build`.")
    assert await ask(stage) == "The index is missing. Run `tutor index build`."  # type: ignore[operator]


@WAYS
async def test_questions_are_not_logged(
    stage: Stage, tutor: ScriptedTutor, caplog: pytest.LogCaptureFixture, ask: object
) -> None:
    """At the default level no line holds what a person asked, whether it went well or not."""
    caplog.set_level(logging.INFO)
    await ask(stage)  # type: ignore[operator]
    tutor.fault = RuntimeError("broken")
    await ask(stage)  # type: ignore[operator]
    assert SECRET not in "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("bot"))


async def test_a_failing_command_comes_to_the_door(
    stage: Stage, tutor: ScriptedTutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that raises is answered, after deferring as before."""

    async def fail() -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(tutor, "library_status", fail)
    result = await stage.alice.slash(stage.channel, "sources")
    (error,) = stage.env.errors
    assert isinstance(error, app_commands.CommandInvokeError)
    said = [each for each in (result.response, *result.followups) if each is not None]
    assert "Something went wrong" in texts(said[-1])
    assert said[-1].ephemeral


async def test_a_failing_listener_is_logged_with_an_id(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """An error outside of any answer is in the log like the others."""

    async def fail(message: discord.Message) -> None:
        raise RuntimeError("broken")

    stage.bot.add_listener(fail, "on_message")
    await stage.alice.send(stage.channel, "hello everyone")
    assert [type(error) for error in stage.env.errors] == [RuntimeError]
    assert any(re.fullmatch(r"error [0-9a-f]{8}", record.getMessage()) for record in caplog.records)
    assert stage.replies == []


async def test_a_channel_the_bot_may_not_write_in_is_no_error(stage: Stage) -> None:
    """A refused reply is noted, not raised."""
    stage.env.inject_error("POST", "/channels/*/messages", status=403, code=50013, message="Missing Permissions")
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    assert stage.replies == []
    assert stage.env.errors == []


async def test_without_history_the_answer_stands_alone(stage: Stage) -> None:
    """Where the bot may not read history it cannot reply; it answers without the reference."""
    stage.env.inject_error("POST", "/channels/*/messages", status=403, code=160002, message="Cannot reply")
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    (reply,) = stage.replies
    assert reply.reference is None
    assert "> Clay remembers" in texts(reply)


async def test_every_kind_of_command_error_has_a_sentence() -> None:
    """Outdated commands and failed checks are told apart from accidents."""
    outdated = app_commands.CommandNotFound("gone", [])
    assert "reload Discord" in explain(outdated)
    assert "cannot use" in explain(app_commands.MissingPermissions(["administrator"]))
    assert explain(OutdatedButton()) == str(OutdatedButton())


@pytest.mark.parametrize("name", ["@everyone", "<@1>", "[x](http://y)", "**b** `{a}`", "\n# a\n> b", "\u202e_c_"])
async def test_a_sentence_repeats_names_as_they_are(name: str) -> None:
    """What somebody typed, or called a file, pings, links and formats nothing in the sentence that refuses it."""
    for error in (
        GenerationError(f"The generation {name} is missing. See `tutor index list`."),
        WorkError.too_large(name, 2**20),
        DraftError(f"{name} is among the wrong ones"),
    ):
        said = explain(error)
        assert alive(said) == ""
        assert text.inline(name) in said or text.escape(name) in said
    assert "See `tutor index list`." in explain(GenerationError(f"{name}: See `tutor index list`."))


async def test_an_expired_interaction_is_one_line_in_the_log(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """When Discord takes no answer any more there is nobody to tell, and no fault of the code to trace."""
    command = next(each for each in stage.bot.tree.get_commands() if isinstance(each, app_commands.Command))
    response = SimpleNamespace(status=404, reason="Not Found")
    expired = discord.NotFound(response, {"code": 10062, "message": "Unknown interaction"})  # type: ignore[arg-type]
    await stage.bot.tree.show(None, app_commands.CommandInvokeError(command, expired))  # type: ignore[arg-type]
    (record,) = [record for record in caplog.records if record.name == "bot.ui.error_handler"]
    assert record.levelno == logging.WARNING
    assert record.exc_info is None
