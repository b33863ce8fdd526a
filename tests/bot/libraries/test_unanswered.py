"""What people ask and the library does not answer: counted only where it is wanted, and never with a name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord
import numpy as np
import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.libraries.preferences import ServerPreferences
from bot.libraries.unanswered import KEPT, LONGEST, MOST, UnansweredQuestions, without_personal
from bot.store import unanswered as stored
from bot.store.database import Store
from bot.store.schema import gaps as table
from bot.ui.unanswered import unanswered_view
from index.answering.answer import Outcome
from tests.bot.conftest import Stage, labels, refused, texts
from tests.bot.store.test_persons import everything

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio

HERE, ALICE, BOB = 1, 42, 43
HEADSET = "How much does a headset cost?"


class Clock:
    """A time that tests move on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, span: timedelta) -> None:
        self.now += span


class OneByOne:
    """Encodes each question as far away from all others."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    async def rows(self, questions: Sequence[str]) -> np.ndarray:
        first, self.encoded = len(self.encoded), [*self.encoded, *questions]
        return np.eye(64, dtype=np.float32)[first : len(self.encoded)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def store(tmp_path: Path, database: str | None) -> AsyncIterator[Store]:
    opened = Store(tmp_path, database=database)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def gaps(store: Store, clock: Clock) -> UnansweredQuestions:
    """The gaps, counted in one server."""
    preferences = ServerPreferences(store)
    await preferences.count_gaps(HERE, True)
    return UnansweredQuestions(store, preferences, OneByOne(), now=clock)


async def count(store: Store, server: int = HERE) -> int:
    async with store.reading() as connection:
        wanted = select(func.count()).select_from(table).where(table.c.server == server)
        return int((await connection.execute(wanted)).scalar_one())


async def test_nothing_is_written_where_nobody_asked_for_it(gaps: UnansweredQuestions, store: Store) -> None:
    """Off is the beginning; private questions and answered ones are never counted; a server's switch is its own."""
    await gaps.note(2, ALICE, HEADSET, Outcome.NOT_COVERED)
    await gaps.note(None, ALICE, HEADSET, Outcome.NOT_COVERED)
    await gaps.note(HERE, ALICE, HEADSET, Outcome.ANSWER)
    assert (await count(store), await count(store, 2)) == (0, 0)
    await gaps.note(HERE, ALICE, HEADSET, Outcome.NOT_COVERED)
    await gaps.note(HERE, ALICE, "What about the weather?", Outcome.CLOSEST)
    assert (await count(store), await count(store, 2)) == (2, 0)


async def test_repeating_oneself_counts_once(gaps: UnansweredQuestions, store: Store, clock: Clock) -> None:
    """Within a minute the same person is heard once, however it is spelt; others, and later, count."""
    for said in (HEADSET, HEADSET, "how much does a HEADSET cost???", "cost a headset does how much"):
        await gaps.note(HERE, ALICE, said, Outcome.NOT_COVERED)
    assert await count(store) == 1
    await gaps.note(HERE, BOB, HEADSET, Outcome.NOT_COVERED)
    await gaps.note(HERE, ALICE, "How much is a ticket?", Outcome.NOT_COVERED)
    assert await count(store) == 3
    clock.wait(timedelta(seconds=61))
    await gaps.note(HERE, ALICE, HEADSET, Outcome.NOT_COVERED)
    assert await count(store) == 4
    assert len(gaps._lately) == 1, "who asked is forgotten after a minute"


async def test_what_is_too_old_or_too_much_goes(gaps: UnansweredQuestions, store: Store, clock: Clock) -> None:
    """Ninety days and two thousand questions a server are the most; sweeping needs nobody to ask."""
    async with store.writing() as connection:
        for number in range(MOST):
            await stored.add(
                connection, HERE, stored.UnansweredQuestion(f"Question {number}?", "not_covered", clock.now)
            )
    clock.wait(timedelta(days=1))
    await gaps.note(HERE, ALICE, HEADSET, Outcome.NOT_COVERED)
    assert await count(store) == MOST
    clock.wait(KEPT - timedelta(hours=1))
    await gaps.sweep()
    assert await count(store) == 1
    clock.wait(timedelta(hours=2))
    await gaps.sweep()
    assert await count(store) == 0


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Does <@123456789012345678> know @bob#1234?", "Does know?"),
        ("Write to jane.doe+x@mail.example.org or https://example.org/me?id=7 please", "Write to or please"),
        ("Call +49 (0)30 1234567 or 555-123-4567 now", "Call or now"),
        ("Is 123456789012345678 my account? user123456789012345678", "Is my account? user"),
        ("What happened in 1973-1979, and in 1998/99?", "What happened in 1973-1979, and in 1998/99?"),
        ("Does it cost 19,999.50 or 2000 dollars in 2026?", "Does it cost 19,999.50 or 2000 dollars in 2026?"),
        ("in <#123456789012345678> :wave: <:wave:123456789012345678>", "in :wave:"),
    ],
)
async def test_what_points_to_a_person_is_taken_out(said: str, kept: str) -> None:
    """Mentions, addresses, links and numbers of accounts go; years and prices stay."""
    assert without_personal(said) == kept


async def test_long_questions_are_shortened_in_any_script(gaps: UnansweredQuestions, store: Store) -> None:
    """Also where no blank parts the words; what has no word left is not counted."""
    assert len(without_personal("word " * 400)) <= LONGEST
    assert len(without_personal("語" * 400)) == LONGEST
    await gaps.note(HERE, ALICE, "<@123456789012345678> ???", Outcome.NOT_COVERED)
    assert await count(store) == 0


async def test_each_question_is_encoded_once(gaps: UnansweredQuestions, clock: Clock) -> None:
    """Pressing a button does not cost the model its time again; the most asked comes first."""
    for person, question in ((1, "One?"), (2, "Two?"), (3, "Two?")):
        await gaps.note(HERE, person, question, Outcome.CLOSEST)
        clock.wait(timedelta(minutes=2))
    first, second = await gaps.found(HERE), await gaps.found(HERE)
    assert first == second
    assert [(group.question, group.count, group.closest) for group in first.groups] == [("Two?", 2, 2), ("One?", 1, 1)]
    assert isinstance(gaps._encoder, OneByOne)
    assert len(gaps._encoder.encoded) == 2
    assert await gaps.clear(HERE) == 3
    assert (await gaps.found(HERE)).groups == ()


async def test_the_longest_list_fits(gaps: UnansweredQuestions) -> None:
    """Many groups of long questions full of Markdown are listed as far as they fit, the rest is counted."""
    for number in range(40):
        await gaps.note(HERE, number, f"{number} " + "*" * 500, Outcome.NOT_COVERED)
    found = await gaps.found(HERE)
    for sure in (True, False):
        view = unanswered_view(found, sure=sure)
        assert "more." in str([item.content for item in view.walk_children() if hasattr(item, "content")])


def said(result: Any) -> str:
    return texts([each for each in (result.response, *result.followups) if each is not None][-1])


@pytest.fixture
def grace(quiz_stage: Stage) -> Any:
    """Somebody who manages the server."""
    guild = quiz_stage.channel.guild
    role = guild.create_role("Teachers", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(quiz_stage.env.create_user("grace"), roles=[role])


@pytest.mark.model
async def test_from_a_question_to_the_list(quiz_stage: Stage, grace: Any) -> None:
    """The whole way: switched on by a press, asked in several words by several, grouped, cleared, switched off."""
    stage = quiz_stage
    await stage.alice.send(stage.channel, f"{stage.mention} {HEADSET}")
    shown = await grace.slash(stage.channel, "library gaps")
    assert shown.ephemeral
    assert "Nothing was counted yet" in said(shown)
    assert "**off**" in said(shown)
    assert labels(shown.response) == ["Start counting"]
    await grace.click(shown.response, label="Start counting")
    assert "**on**" in texts(shown.response)

    await stage.alice.send(stage.channel, f"{stage.mention} {HEADSET} <@{stage.bob.id}> alice@example.org")
    await stage.bob.slash(stage.channel, "ask", question="What is the price of a headset?")
    await stage.bob.send(stage.channel, f"{stage.mention} Who won the football match yesterday?")
    await stage.bob.send(stage.channel, f"{stage.mention} hello")
    await stage.bob.send(stage.channel, f"{stage.mention} What is the metaverse's leading technology?")
    await stage.bob.slash(stage.channel, "ask", question="Is there a vegetarian menu?", private=True)
    await stage.bob.send_dm("How tall is the tower of Pisa?")
    listed = await grace.slash(stage.channel, "library gaps")
    assert "asked 3×" in said(listed)
    assert said(listed).index("**2×**") < said(listed).index("**1×** Who won the football match yesterday?")
    assert "headset" in said(listed)
    for unheard in ("hello", "leading technology", "vegetarian", "Pisa", "example.org", str(stage.bob.id)):
        assert unheard not in said(listed)

    await stage.restart()
    await stage.env.settle()
    await grace.click(listed.response, label="Clear everything")
    assert "Forget all 3 questions" in texts(listed.response)
    await grace.click(listed.response, label="Keep them")
    assert "asked 3×" in texts(listed.response)
    await grace.click(listed.response, label="Clear everything")
    await grace.click(listed.response, label="Forget them all")
    assert "Nothing was counted yet" in texts(listed.response)
    await grace.click(listed.response, label="Stop counting")
    await stage.alice.send(stage.channel, f"{stage.mention} How much does a ticket cost?")
    assert "Nothing was counted yet" in said(await grace.slash(stage.channel, "library gaps"))


@pytest.mark.model
@pytest.mark.usefixtures("database")
async def test_nobody_can_be_found_in_it(quiz_stage: Stage) -> None:
    """Of a person who only asked, the whole store holds neither the number nor the name."""
    stage = quiz_stage
    await stage.bot.services.preferences.count_gaps(stage.channel.guild.id, True)
    await stage.alice.send(stage.channel, f"{stage.mention} {HEADSET} I am <@{stage.alice.id}>, {stage.alice.id}")
    async with stage.bot.services.store.reading() as connection:
        dump = str(await everything(connection))
    assert "headset" in dump
    assert str(stage.alice.id) not in dump
    assert "alice" not in dump


@pytest.mark.model
async def test_only_keepers_see_and_switch(quiz_stage: Stage, grace: Any) -> None:
    """Anybody else is refused at the command and at each button."""
    stage = quiz_stage
    view = discord.ui.LayoutView(timeout=None)
    for act in ("on", "off", "clear", "forget", "keep"):
        view.add_item(discord.ui.ActionRow(discord.ui.Button(label=act, custom_id=f"gaps:v1:{act}")))
    public = await stage.bot.get_channel(stage.channel.id).send(view=view)  # type: ignore[union-attr]
    for act in ("on", "off", "clear", "forget", "keep"):
        assert "Only people who may manage this server" in said(await stage.bob.click(public, label=act))
    assert not (await stage.bot.services.preferences.of(stage.channel.guild.id)).counts_gaps
    for command in await stage.bot.tree.fetch_commands():
        if command.name == "library":
            stage.channel.guild.set_command_permissions(command, {stage.bob: True})
    assert "Only people who may manage this server" in said(await stage.bob.slash(stage.channel, "library gaps"))
    assert "Only people" in refused(stage)


@pytest.mark.model
async def test_a_store_that_fails_spoils_no_answer(
    quiz_stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Who asked is answered all the same; the log has the fault."""

    async def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(quiz_stage.bot.services.unanswered, "note", fail)
    await quiz_stage.alice.send(quiz_stage.channel, f"{quiz_stage.mention} {HEADSET}")
    assert len(quiz_stage.replies) == 1
    assert "does not answer" in texts(quiz_stage.replies[0])
    assert "the disk is full" in caplog.text


async def test_old_questions_go_though_nobody_looks(stage: Stage) -> None:
    """The bot sweeps at its start and once a day."""
    began = datetime(2026, 1, 1, tzinfo=UTC)  # when the simulation always begins
    old = began - KEPT + timedelta(hours=12)
    async with stage.bot.services.store.writing() as connection:
        await stored.add(connection, HERE, stored.UnansweredQuestion(HEADSET, "not_covered", old))
        await stored.add(connection, HERE, stored.UnansweredQuestion(HEADSET, "not_covered", old - timedelta(days=1)))
    await stage.restart()
    await stage.env.settle()
    assert await count(stage.bot.services.store) == 1
    await stage.env.advance_time(25 * 3600)
    await stage.env.settle()
    assert await count(stage.bot.services.store) == 0
