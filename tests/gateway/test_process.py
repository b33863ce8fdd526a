"""The process starts, ends and comes back as an operator expects, and says nothing that it should keep to itself."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.settings import Settings
from prompts import words
from tests.gateway.conftest import Stage
from tests.gateway.process import Process
from tests.gateway.server import Server
from tests.gateway.test_answers import QUESTION, choice, quotes
from tests.gateway.world import TOKEN, texts

if TYPE_CHECKING:
    from bot.libraries.opening import Library

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="package")]


async def test_a_killed_bot_goes_on_with_the_same_buttons(stage: Stage) -> None:
    """After kill -9 in mid-quiz a new process takes the quiz up where it was; the commands are not registered again."""
    server, alice = stage.server, stage.actor("killed")
    step = await choice(stage, alice)
    picked = await alice.presses(step, "A")
    step = await server.until(lambda: picked.answer)
    await stage.bot.kill()
    await stage.bot.start()
    await server.until(lambda: server.gateway.live)
    submitted = await alice.presses(step, "Submit")
    assert quotes(await server.until(lambda: submitted.answer))
    assert len(server.sent("PUT", "/commands")) == 1


async def test_nothing_private_is_logged(stage: Stage) -> None:
    """At DEBUG neither the token, nor what people wrote or uploaded, nor a key to an interaction is on stderr."""
    await stage.bot.ready()
    keeper = stage.actor("keeper")
    document = keeper.attaches("quokka.txt", b"The quokka is a small animal. It lives on Rottnest Island.")
    await stage.server.reply(await keeper.says("What is a quokka, and where does the quokka live?"))
    acts = [await keeper.slash("library add", document=document) for _ in range(2)]  # the second one is refused
    acts += [await keeper.slash("ask", question="quokka quokka quokka")]

    def read() -> bool:
        return all(act.answer for act in acts) and "quokka.txt" in texts(acts[0].answer or {})

    await stage.server.until(read, 90, "the document is read")
    typing = await keeper.types("library remove", "document", "quokka")
    await stage.server.until(lambda: typing.choices is not None)
    written = {QUESTION, "The second option is right as well.", "quokka", "Rottnest"}
    secrets = {TOKEN, *stage.server.desk.taken}
    assert " DEBUG " in stage.bot.said
    assert [each for each in written | secrets if each in stage.bot.said] == []


async def test_asked_to_end_it_first_answers(stage: Stage) -> None:
    """SIGTERM: within 10 s it has ended with 0, and everybody who was waiting got an answer or a word."""
    await stage.bot.ready()
    before = len(stage.bot.said)
    said = [await stage.actor(f"t{n}", channel=n).says(f"{QUESTION} {n}") for n in range(20)]
    slashed = [await stage.actor(f"s{n}").slash("ask", question=f"{QUESTION} {n}") for n in range(20)]
    building = await stage.actor("keeper").slash("library rebuild")
    await stage.server.until(lambda: all(each.kind for each in [*slashed, building]))
    assert await stage.bot.stop(within_s=10) == 0
    assert [asked["content"] for asked in said if not stage.server.replies(asked)] == []
    assert [command.body["data"] for command in slashed if command.answer is None] == []
    assert words("errors.work_left") in texts(building.answer or {"components": []})
    assert "Traceback" not in stage.bot.said[before:]
    await stage.bot.start()  # for the tests that come after


@pytest.fixture
def unused(essay: tuple[Settings, Library], tmp_path: Path) -> Path:
    """A folder with the essay's library that no bot uses."""
    return Path(shutil.copytree(essay[0].data, tmp_path / "data"))


async def test_asked_to_end_while_it_wakes_it_tells_those_who_wait(unused: Path) -> None:
    """A bot that is ended before its library is open ends with 0 within 10 s, and tells whoever asked already."""
    async with Server() as server, Process(server, unused) as bot:
        await server.until(lambda: server.gateway.live, 60, "the bot connects, on a busy machine too")
        stage = Stage(server, bot, unused)
        asked = await stage.actor().says(QUESTION)
        await server.reply(asked)
        assert await bot.stop(within_s=10) == 0
        assert "…" not in str(server.replies(asked)[0]["components"])


async def test_a_bot_that_discord_turns_away_ends_with_one_line(unused: Path) -> None:
    """A wrong token, and a close code that forbids coming back, end the process with 1 and one sentence."""

    async def last_words(token: str = TOKEN, code: int | None = None) -> str:
        async with Server() as server:
            server.gateway.refuse_with = code
            async with Process(server, unused, token=token) as bot:
                assert await bot.ended(within_s=30) == 1
                [complaint] = [line for line in bot.said.splitlines() if " INFO " not in line]
                return complaint

    for said in (await last_words(token="wrong"), await last_words(code=4004)):
        assert "token" in said
