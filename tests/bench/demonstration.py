"""What the show goes through, step by step; each says what was seen, and raises AssertionError when it is not so."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Coroutine
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.libraries.rebuild import SEEDS
from bot.store.migrate import FILE
from bot.store.schema import PERSON, metadata
from prompts import words
from tests.bench.container import Container
from tests.bench.image import UID
from tests.bench.learners import controls
from tests.gateway.person import Actor
from tests.gateway.process import READY
from tests.gateway.server import Server
from tests.gateway.world import Json, texts

_WITHIN_S = 180.0
_ANSWERS = 3


@dataclass(slots=True)
class Stage:
    """What the steps share."""

    folder: Path
    server: Server
    box: Container
    alice: Actor
    bob: Actor
    message: Json = field(default_factory=dict)
    """The quiz that Alice has in front of her."""

    @property
    def store(self) -> Path:
        return self.box.data / FILE

    async def answered(self, acting: Coroutine[Any, Any, Any]) -> Json:
        """Let somebody act and give what they see then."""
        begun = await acting
        found: Json = await self.server.until(lambda: begun.answer, 60.0, "an answer")
        assert not begun.followups, texts(begun.followups[0])
        return found

    async def started(self) -> str:
        began, box = time.monotonic(), self.box
        await box.start()
        await self.server.until(lambda: READY in box.said and self.server.gateway.live, _WITHIN_S, box.said[-500:])
        return f"connected and its library open after {time.monotonic() - began:.1f} s"

    def rows(self, person: Actor) -> dict[str, int]:
        """Count the rows with a person's id in them, by table."""
        found = {}
        with closing(sqlite3.connect(self.store)) as store:
            for table in metadata.sorted_tables:
                for column in (each.name for each in table.c if PERSON in each.info):
                    statement = f"SELECT count(*) FROM {table.name} WHERE {column} = ?"
                    found[f"{table.name}.{column}"] = store.execute(statement, (int(person.person.id),)).fetchone()[0]
        return found


async def asked(stage: Stage) -> str:
    """A question is answered with the author's words."""
    reply = await stage.server.reply(await stage.alice.says("How does the metaverse differ from the Internet?"), 60.0)
    quotes = [line.removeprefix("> ") for line in texts(reply).splitlines() if line.startswith("> ")]
    essay = "".join(path.read_text(encoding="utf-8") for path in SEEDS.glob("*.txt"))
    assert quotes
    assert all(quote in essay for quote in quotes)
    return f"{len(quotes)} quotes, each in the essay to the character"


async def doctored(stage: Stage) -> str:
    """The image's health check is content with the bot that runs."""
    code, said = await stage.box.run("tutor", "doctor", "--brief")
    assert code == 0, said
    return f"exit code 0, {len(said.splitlines())} lines"


async def quizzed(stage: Stage) -> str:
    """Alice answers; so does Bob, once."""
    await _answer(stage, stage.bob, 1)
    stage.message = await _answer(stage, stage.alice, _ANSWERS)
    counted = stage.rows(stage.alice)["answers.person"]
    assert counted == _ANSWERS
    return f"{counted} answers with a verdict, {counted} in the store; the last: {texts(stage.message).splitlines()[0]}"


async def killed(stage: Stage) -> str:
    """Kill it when an option is chosen and nothing submitted."""
    stage.message = await _choose(stage, stage.alice, stage.message)
    before = stage.rows(stage.alice)["answers.person"]
    await stage.box.kill()
    assert stage.server.gateway.live is None or await stage.server.until(lambda: stage.server.gateway.live is None)
    return f"in the middle of a question, {before} answers in the store"


async def went_on(stage: Stage) -> str:
    """The button shown before the kill submits what was chosen before it."""
    before = stage.rows(stage.alice)["answers.person"]
    stage.message = await stage.answered(stage.alice.presses(stage.message, words("quiz.button.submit")))
    assert stage.rows(stage.alice)["answers.person"] == before + 1
    return f"Submit: {texts(stage.message).splitlines()[0]}"


async def exported(stage: Stage) -> str:
    """The export has every answer and nobody else's id."""
    message = await stage.answered(stage.alice.slash("privacy export"))
    [file] = message["attachments"]
    held = json.loads(stage.server.world.files[file["url"]])
    assert held["person"] == stage.alice.person.id
    assert len(held["stored"]["answers"]) == stage.rows(stage.alice)["answers.person"] > _ANSWERS
    assert stage.bob.person.id not in json.dumps(held)
    return ", ".join(f"{len(rows)} {table}" for table, rows in held["stored"].items() if rows)


async def deleted(stage: Stage) -> str:
    """Nothing of Alice is left in any table, nor her id in the files; Bob's answer is."""
    message = await stage.answered(stage.alice.slash("privacy delete"))
    await stage.answered(stage.alice.presses(message, words("privacy.delete.button.delete")))
    left = stage.rows(stage.alice)
    assert not any(left.values()), left
    forms = (int(stage.alice.person.id).to_bytes(8, "big"), stage.alice.person.id.encode())
    files = [path for path in stage.box.data.rglob("*") if path.is_file()]
    assert not [path for path in files if any(form in path.read_bytes() for form in forms)]
    assert stage.rows(stage.bob)["answers.person"] == 1
    nowhere = f"0 rows in {len(left)} columns with people's ids, the id in 0 of {len(files)} files"
    return f"{nowhere}; another person's answer is there"


async def backed_up(stage: Stage) -> str:
    """Beside the running bot, with a new quiz of Alice's under way."""
    stage.message = await _choose(stage, stage.alice, await _answer(stage, stage.alice, 1))
    code, said = await stage.box.run("tutor", "backup", "/backups/tutor.zip")
    assert code == 0, said
    file = stage.box.backups / "tutor.zip"
    assert file.stat().st_mode & 0o077 == 0
    return said.strip().splitlines()[-1]


async def stopped(stage: Stage) -> str:
    """SIGINT, as the image's STOPSIGNAL says."""
    began = time.monotonic()
    code = await stage.box.stop()
    assert code == 0, stage.box.said[-500:]
    assert "Traceback" not in stage.box.said
    return f"exit code 0 after {time.monotonic() - began:.1f} s"


async def restored(stage: Stage) -> str:
    """Into an empty volume, from which the bot goes on."""
    stage.box.data = volume(stage.folder / "elsewhere")
    code, said = await stage.box.run("tutor", "restore", "/backups/tutor.zip")
    assert code == 0, said
    return said.strip().splitlines()[-1]


async def _start(stage: Stage) -> str:
    return await stage.started()


STEPS: tuple[tuple[str, Callable[[Stage], Coroutine[Any, Any, str]]], ...] = (
    ("tutor run, on an empty volume", _start),
    ("tutor doctor --brief", doctored),
    ("a question by mention", asked),
    ("/quiz start", quizzed),
    ("kill -9", killed),
    ("tutor run", _start),
    ("the button from before the kill", went_on),
    ("/privacy export", exported),
    ("/privacy delete", deleted),
    ("tutor backup", backed_up),
    ("SIGINT", stopped),
    ("tutor restore, into another volume", restored),
    ("tutor run there", _start),
    ("the button from before the backup", went_on),
    ("SIGINT there", stopped),
)


async def _answer(stage: Stage, person: Actor, number: int) -> Json:
    """Begin quizzes and answer what has options, so often; gives the last verdict, behind which a question waits."""
    message = await stage.answered(person.slash("quiz start", number=10))
    for _ in range(number):
        message = await _choose(stage, person, message)
        message = await stage.answered(person.presses(message, words("quiz.button.submit")))
        assert any(control.act == "next" for _, control in controls(message))
    return message


async def _choose(stage: Stage, person: Actor, message: Json) -> Json:
    """Go on from here to a question with options, and choose the first."""
    while True:
        found = {control.act: button for button, control in reversed(controls(message))}
        if "pick" in found:
            return await stage.answered(person.presses(message, found["pick"]["label"]))
        if "next" in found:
            message = await stage.answered(person.presses(message, found["next"]["label"]))
        else:
            message = await stage.answered(person.slash("quiz start", number=10))


def volume(path: Path) -> Path:
    """Make a folder that belongs to the image's user alone."""
    path.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(path, UID, UID)
    return path
