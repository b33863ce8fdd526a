"""Log lines are for machines or people, and neither tokens nor what people say are in them."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import subprocess
import sys
import timeit
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.errors import WorkError
from bot.libraries.uploads import Upload
from bot.observability.logs import JsonFormatter, TextFormatter, hidden, set_up
from bot.settings import Settings
from bot.ui.error_handler import explain
from index.errors import SourceError
from tests.bot.conftest import Stage
from tests.bot.observability.conftest import Reader
from tests.bot.player import Player

ROOT = Path(__file__).parents[3]
# Made up, in the form that Discord gives them.
TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWsAAAAAAAAAAA"
SECRET = "zebra crossing"


def record(message: str, *values: object, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord(
        "bot.ui.error_handler", logging.ERROR, "tree.py", 1, message, values, more.pop("exc_info", None)
    )
    made.__dict__.update(more)
    return made


def test_a_json_line_holds_what_a_machine_looks_for() -> None:
    """One object a line, with the time in UTC, the error id, and the traceback where there is one."""
    try:
        raise TypeError("the inside\nof the bot")
    except TypeError:
        line = JsonFormatter().format(record("error %s", "cafe0123", error_id="cafe0123", exc_info=sys.exc_info()))
    assert "\n" not in line
    row = json.loads(line)
    assert list(row) == ["time", "level", "logger", "message", "error_id", "exception"]
    assert datetime.fromisoformat(row["time"]).utcoffset() is not None
    assert row["time"].endswith("+00:00")
    assert (row["level"], row["logger"], row["message"]) == ("ERROR", "bot.ui.error_handler", "error cafe0123")
    assert row["error_id"] == "cafe0123"
    assert row["exception"].endswith("TypeError: the inside\nof the bot")
    assert list(json.loads(JsonFormatter().format(record("fine")))) == ["time", "level", "logger", "message"]


@pytest.mark.parametrize("formatter", [TextFormatter("short-token"), JsonFormatter("short-token")])
@pytest.mark.parametrize(
    "said",
    [
        TOKEN,
        f"Bot {TOKEN}, again {TOKEN}",
        "the token in use is short-token",
        "POST https://discord.com/api/v10/interactions/123/aW50ZXJhY3Rpb246Zm9v/callback",
        "PATCH https://discord.com/api/v10/webhooks/456/aW50ZXJhY3Rpb246Zm9v/messages/@original",
    ],
)
def test_tokens_are_blacked_out(formatter: logging.Formatter, said: str) -> None:
    """In messages and in tracebacks, whatever let them slip in."""
    try:
        raise RuntimeError(said)
    except RuntimeError:
        line = formatter.format(record("it said %s", said, exc_info=sys.exc_info()))
    for token in (TOKEN, "short-token", "aW50ZXJhY3Rpb246Zm9v", TOKEN.rsplit(".", 1)[1]):
        assert token not in line
    assert "[hidden]" in line


@pytest.mark.parametrize(
    "said",
    [
        "2026-11-25T02:31:56.123+00:00",
        "bot.observability.status: store: locked. Another program holds the store",
        "the library in /var/lib/tutor/servers/1234567890123456789 cannot be opened",
        "/interactions/ and /webhooks/ without any token",
        "sha256 53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        'File "/srv/tutor/bot/exts/ask/_desk.py", line 61, in reply',
    ],
)
def test_what_is_no_token_stays(said: str) -> None:
    """An address, a hash or a moment is what whoever reads the log needs."""
    assert hidden(said, "") == said


@pytest.mark.parametrize(
    "unit", ["a", "a.", "aaaa.", "a" * 30 + ".", "a" * 30 + ".aaaa.", "/interactions/1", "/webhooks/"]
)
def test_tokens_are_looked_for_in_linear_time(unit: str) -> None:
    """Four times as much of what nearly is a token takes about four times as long, not sixteen times."""

    def seconds(characters: int) -> float:
        line = unit * (characters // len(unit))
        return min(timeit.repeat(lambda: hidden(line), number=1, repeat=3))

    assert seconds(400_000) < 8 * seconds(100_000) + 0.01


def test_a_traceback_shows_where_but_no_values() -> None:
    """Types, files and lines of an error and its causes; messages only where they cannot repeat what people wrote."""
    try:
        try:
            try:
                int(SECRET)
            except ValueError:
                {}[SECRET]
        except KeyError as error:
            raise FileNotFoundError(2, "No such file", f"/srv/{SECRET}.txt") from error
    except FileNotFoundError:
        line = JsonFormatter().format(record("error", exc_info=sys.exc_info()))
    shown = json.loads(line)["exception"]
    assert [each for each in shown.splitlines() if each and not each.startswith((" ", "Traceback", "Then"))] == [
        "ValueError",
        "KeyError",
        "FileNotFoundError: No such file",
    ]
    assert "int(SECRET)" in shown
    assert SECRET not in shown


def test_the_setting_chooses_the_form(tmp_path: Path) -> None:
    """The program itself writes JSON when told to, and results stay on stdout."""
    environment = {"TUTOR_LOG_FORMAT": "JSON", "TUTOR_LOG_LEVEL": "INFO", "TUTOR_DISCORD_TOKEN": TOKEN}
    program = (
        "import sys, logging; from bot.settings import load_settings; from bot.observability.logs import set_up;"
        f"set_up(load_settings()); logging.getLogger('bot').info('the token is {TOKEN}')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, env={"PATH": "", **environment}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stderr)["message"] == "the token is [hidden]"
    assert done.stdout == ""


@pytest.fixture
def tutor() -> Reader:
    return Reader()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """Everything that the program itself logs at the finest level, set up as it sets logging up, tracebacks too."""
    stream = io.StringIO()
    loggers = [logging.getLogger(name) for name in (None, "bot", "index")]
    before = [logger.level for logger in loggers]
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(loggers[0], "handlers", [])
    set_up(Settings(_env_file=None, log_level="DEBUG"))
    yield stream.getvalue
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


async def uploaded(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a build of an upload break, with the upload's name in its last words."""
    last_words = f"raise ValueError('{SECRET}.txt holds {SECRET}')"
    program = f"import os, sys\ntry: {last_words}\nexcept ValueError as e:\n print(e, file=sys.stderr); os._exit(9)"
    monkeypatch.setattr("bot.libraries.command._PROGRAM", program)
    monkeypatch.setattr("bot.libraries.paths.adopt_into", lambda *given, **named: None)

    async def read() -> bytes:
        return SECRET.encode()

    with pytest.raises(WorkError):
        await stage.bot.services.library_admin.add(1, [Upload(f"{SECRET}.txt", 1, read)], "1", lambda done, total: None)


async def test_nothing_that_people_say_is_in_the_log(
    stage: Stage, tutor: Reader, written: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking in every way, a quiz with a complaint, an upload, refusals and accidents: no line tells who or what.

    That holds at every level; libraries, which log whole messages when they debug, are not heard below a warning.
    """
    question = f"What does clay remember of the {SECRET}?"
    accidents = (RuntimeError(f"broken by {SECRET}"), KeyError(SECRET), ValueError(f"no number: {SECRET!r}"))
    for fault in (None, *accidents, SourceError(f"There is no document '{SECRET}'.")):
        tutor.fault = fault
        await stage.alice.send(stage.channel, f"{stage.mention} {question}")
        await stage.alice.slash(stage.channel, "ask", question=question)
        await stage.alice.send_dm(question)
    tutor.fault = None
    player = await Player(stage, stage.alice).start(number=1)
    await player.answer(right=False)
    session, position = player.place
    await stage.bot.services.quiz_sessions.dispute(session, position, SECRET, stage.alice.id)
    await uploaded(stage, monkeypatch)
    explain(SourceError(f"There is no document {SECRET!r}."))
    for library in ("discord.gateway", "discord.http", "aiosqlite", "pypdf", "trafilatura.core"):
        logging.getLogger(library).setLevel(logging.DEBUG)  # as some set it themselves
        logging.getLogger(library).debug("a payload with %s", SECRET)
        logging.getLogger(library).setLevel(logging.NOTSET)

    asyncio.get_running_loop().call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": ValueError(SECRET), "future": SECRET}
    )
    said = written()
    assert "DEBUG bot.ui.error_handler: told a person: SourceError" in said
    assert "Task exception was never retrieved" in said
    assert "Traceback" in said
    assert "a build ended with 9" in said
    for secret in (SECRET, "zebra", "clay", "alice", tutor.item.question, TOKEN):
        assert secret not in said, [line for line in said.splitlines() if secret in line]


def test_the_filter_is_at_the_only_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the form, the handler that the program sets up hides tokens."""
    import bot.observability.logs as logs

    root = logging.getLogger()
    level = root.level
    monkeypatch.setattr(root, "handlers", [])
    for form in ("text", "json"):
        root.handlers.clear()
        logs.set_up(Settings(_env_file=None, log_format=form, discord_token="a-token"))
        (handler,) = root.handlers
        assert "a-token" not in handler.format(record("a-token"))
    root.setLevel(level)
