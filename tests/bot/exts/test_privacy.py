"""People read what is kept of them, take it along, have it deleted; and others see of them what they showed alone."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
import zipfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import discord
import pytest
from cachetools import Cache
from sqlalchemy import insert

from bot.libraries import paths
from bot.libraries.jobs import JobRunner
from bot.libraries.preferences import ServerPreferences
from bot.libraries.unanswered import KEPT
from bot.quiz.rounds import Round
from bot.settings import Settings
from bot.store import rounds, servers
from bot.store.preferences import Preferences
from bot.store.schema import drafts, metadata
from bot.ui.privacy import sure_view
from index.answering.answer import Outcome
from index.generations import promotion, records
from tests.bot.conftest import Stage, labels, parts, texts
from tests.bot.player import Player
from tests.bot.scripted import ScriptedTutor, answer
from tests.bot.store.test_persons import everything, traces

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("database")]

QUESTION = "What does clay remember?"
UNANSWERED = "How much does a headset cost?"


def said(result: Any) -> str:
    return texts([each for each in (result.response, *result.followups) if each is not None][-1])


def in_memory(value: object, person: int, seen: set[int] | None = None, path: str = "bot") -> Iterator[str]:
    """Name the places in what the bot's own objects hold where a person's id stands."""
    seen = set() if seen is None else seen
    if isinstance(value, int | str):
        if value == person or (isinstance(value, str) and str(person) in value):
            yield path
        return
    if id(value) in seen or (isinstance(value, Path | discord.Client) and path != "bot"):
        return
    seen.add(id(value))
    if isinstance(value, Cache):  # its own methods hide, by its clock, what has expired but is still held
        value = vars(value)["_Cache__data"]
    inner: list[tuple[str, object]] = []
    if isinstance(value, Mapping):
        inner = [(f"[{n}]", each) for n, pair in enumerate(value.items()) for each in pair]
    elif isinstance(value, list | tuple | set | frozenset | deque):
        inner = [(f"[{n}]", each) for n, each in enumerate(value)]
    elif type(value).__module__.split(".")[0] in ("bot", "index"):
        names = [*getattr(value, "__dict__", {}), *getattr(value, "__slots__", ())]
        inner = [(f".{name}", getattr(value, name, None)) for name in names]
        if path == "bot":  # of the bot's own attributes, those that are ours; the rest is discord.py's
            inner = [pair for pair in inner if type(pair[1]).__module__.split(".")[0] == "bot"]
    for name, each in inner:
        yield from in_memory(each, person, seen, path + name)


async def exported(actor: Any, *channel: Any) -> dict[str, Any]:
    """Get an export, in a channel or in a DM with the bot."""
    result = await actor.slash(*channel, "privacy export")
    assert result.ephemeral
    (file,) = result.response.attachments
    shown = [part["file"]["url"] for part in parts(result.response) if part["type"] == 13]
    assert len(shown) == 1, "a file that no component names is not shown"
    return dict(json.loads(await file.read()))


async def forgotten(actor: Any, *channel: Any) -> Any:
    result = await actor.slash(*channel, "privacy delete")
    assert result.ephemeral
    assert labels(result.response) == ["Delete everything", "Keep it"]
    await actor.click(result.response, label="Delete everything")
    return result.response


async def test_what_is_said_is_what_is_set(set_stage: Callable[..., Any], settings: Settings) -> None:
    """Numbers come from the settings and the code; the policy has a button where there is one; only the asker sees."""
    own = settings.model_copy(update={"remember_minutes": 7, "privacy_policy": "https://example.org/privacy"})
    stage = await set_stage(ScriptedTutor, settings=own)
    result = await stage.alice.slash(stage.channel, "privacy about")
    assert result.ephemeral
    assert "Your last 3 questions in each channel and the quotes I showed, for 7 minutes" in said(result)
    assert f"for {KEPT.days} days at most" in said(result)
    assert [part["url"] for part in parts(result.response) if part.get("url")] == ["https://example.org/privacy"]
    assert "`/privacy about`" in said(await stage.alice.slash(stage.channel, "about")).replace("\n", " ")


async def test_without_a_memory_it_says_so(set_stage: Callable[..., Any], settings: Settings) -> None:
    """With no minutes no question is remembered, follow-ups are not understood, and the page tells so."""
    tutor = ScriptedTutor()
    stage = await set_stage(lambda: tutor, settings=settings.model_copy(update={"remember_minutes": 0}))
    for asked in (QUESTION, "And glass?"):
        await stage.alice.send(stage.channel, f"{stage.mention} {asked}")
    assert tutor.asked == [(QUESTION, ()), ("And glass?", ())]
    assert [*in_memory(stage.bot.services.conversations, stage.alice.id)] == []
    result = await stage.alice.slash(stage.channel, "privacy about")
    assert "When you ask.** No question." in said(result)
    assert labels(result.response) == []


async def test_memory_empties_itself(stage: Stage, tutor: ScriptedTutor) -> None:
    """Though nobody asks any more, what was to be remembered for minutes is gone after them."""
    await stage.bot.services.preferences.count_gaps(stage.channel.guild.id, True)
    tutor.reply = lambda question, history: answer(question, outcome=Outcome.NOT_COVERED)
    await stage.alice.send(stage.channel, f"{stage.mention} {UNANSWERED}")
    found = {re.split(r"[.\[]", place)[2] for place in in_memory(stage.bot, stage.alice.id)}
    assert found == {"conversations", "quotas", "unanswered"}
    await stage.env.advance_time(121)
    assert {place.split(".")[2] for place in in_memory(stage.bot, stage.alice.id)} == {"conversations"}
    await stage.env.advance_time(60 * stage.bot.services.settings.remember_minutes)
    assert [*in_memory(stage.bot, stage.alice.id)] == []


async def test_in_private_too(stage: Stage) -> None:
    """In a DM the same commands give and delete what is kept everywhere."""
    await stage.bot.services.leaderboard.join(stage.channel.guild.id, stage.alice.id)
    await stage.alice.send_dm(QUESTION)
    user = stage.alice.user
    told = await exported(user)
    assert told["stored"]["contenders"][0]["guild"] == str(stage.channel.guild.id)
    assert told["in_memory"]["questions"][0]["question"] == QUESTION
    assert told["in_memory"]["questions"][0]["private"] is True
    await forgotten(user)
    told = await exported(user)
    assert not any(told["stored"].values())
    assert len(told["in_memory"].pop("done_lately")) == 1, "the command that asks for this"
    assert not any(told["in_memory"].values())


async def test_a_large_export_is_packed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too large for a message comes as a zip."""
    monkeypatch.setattr(sys.modules["bot.exts.privacy"], "_MOST_BYTES", 10)
    result = await stage.alice.slash(stage.channel, "privacy export")
    (file,) = result.response.attachments
    assert file.filename.endswith(".json.zip")
    with zipfile.ZipFile(BytesIO(await file.read())) as archive:
        assert json.loads(archive.read(archive.namelist()[0]))["person"] == str(stage.alice.id)


async def test_only_the_person_may_press(stage: Stage) -> None:
    """The press is judged, whatever was shown to whom; changing one's mind deletes nothing; old buttons still work."""
    await stage.bot.services.leaderboard.join(stage.channel.guild.id, stage.alice.id)
    asked = await stage.alice.slash(stage.channel, "privacy delete")
    # The simulation does not let Bob near a message that is shown to Alice alone.
    shown = await stage.bot.get_channel(stage.channel.id).send(view=sure_view(stage.alice.id))  # type: ignore[union-attr]
    await stage.restart()
    assert "somebody else's" in said(await stage.bob.click(shown, label="Delete everything"))
    async with stage.bot.services.store.reading() as connection:
        assert len((await everything(connection))["contenders"]) == 1
    await stage.alice.click(asked.response, label="Keep it")
    assert "Nothing was deleted" in texts(asked.response)
    async with stage.bot.services.store.reading() as connection:
        assert len((await everything(connection))["contenders"]) == 1
    assert "is deleted" in texts(await forgotten(stage.alice, stage.channel))
    assert traces(stage.bot.services.settings.data, stage.alice.id) == []


async def looked_after(stage: Stage, person: int) -> None:
    """Have somebody do all that those who look after a server do."""
    bot, guild, now = stage.bot, stage.channel.guild.id, stage.bot.services.now()
    item = (await bot.services.deck.cards(guild)).bank.items[0].id
    async with bot.services.store.writing() as connection:
        await servers.retire(connection, guild=guild, item=item, person=person, now=now)
        row = {"server": guild, "item": "own-1", "number": 1, "axis": "a", "title": "A", "row": "{}"}
        decided = {"state": "rejected", "made_at": now, "person": person, "decided_at": now}
        await connection.execute(insert(drafts).values(**row, **decided))
    planned = await bot.services.lesson_drafts.begin(guild)
    await bot.services.lesson_drafts.approve(guild, planned.plan.id, planned.version, person)
    await bot.services.digests.switch(guild, person, on=True)
    own = paths.adopt(bot.services.settings.data, guild, at=now.isoformat(), by=str(person))
    generation = promotion.history(own)[0].generation
    # One file as older versions wrote it, with the id, and one with the pseudonym.
    by = await bot.services.pseudonyms.given(person)
    records.record(own, generation, {"generation": generation, "by": by, "passed": True})


@pytest.fixture
def alice_everywhere(quiz_stage: Stage) -> Callable[[], Any]:
    """Play a scene in which Alice leaves something in every place there is, and Bob takes part."""

    async def play() -> tuple[Player, Any]:
        stage = quiz_stage
        guild = stage.channel.guild.id
        await stage.bot.services.preferences.count_gaps(guild, True)
        await stage.alice.send(stage.channel, f"{stage.mention} {UNANSWERED}")
        for actor in (stage.alice, stage.bob):
            player = await Player(stage, actor).start(number=2)
            await player.answer(right=False)
            opened = await player.press("Dispute this question")
            await actor.submit_modal(opened, {"text": "Two answers are right."})
            await stage.bot.services.leaderboard.join(guild, actor.id)
            if actor is stage.alice:
                hers = player
        around = (await stage.alice.slash(stage.channel, "quiz round", number=2)).response
        for actor in (stage.alice, stage.bob):
            player = Player(stage, actor)
            player.message = (await actor.click(around, label="Answer")).response
            await player.answer(right=True)
        await stage.bot.services.lessons.start(stage.alice.id, guild)
        await looked_after(stage, stage.alice.id)
        return hers, around

    return play


@pytest.mark.model
async def test_whoever_is_forgotten_is_gone_and_all_else_goes_on(
    quiz_stage: Stage, alice_everywhere: Callable[[], Any], database: str | None
) -> None:
    """From a full life with the tutor to no trace: in no file, in no memory; the round and others' quizzes go on."""
    stage, alice, bob = quiz_stage, quiz_stage.alice.id, quiz_stage.bob.id
    hers, around = await alice_everywhere()
    data = stage.bot.services.settings.data
    held = {name.split("/")[-1].removesuffix("-wal") for name in traces(data, alice)}
    assert held == {"history.json", *(["store.sqlite3"] if database is None else [])}
    places = {place.split(".")[2].split("[")[0] for place in in_memory(stage.bot, alice)}
    assert places >= {"conversations", "quotas", "unanswered", "quiz_sessions"}
    async with stage.bot.services.store.reading() as connection:
        before = await everything(connection)

    told = await exported(stage.alice, stage.channel)
    assert {name for name, rows in told["stored"].items() if not rows} == set(), "every table has something of hers"
    assert [change["did"] for change in told["libraries"]] == ["adopted", "built"]
    assert str(bob) not in json.dumps(told)
    assert "seed" not in told["stored"]["rounds"][0]

    assert "is deleted" in texts(await forgotten(stage.alice, stage.channel))
    assert traces(data, alice) == []
    assert [*in_memory(stage.bot, alice)] == []
    async with stage.bot.services.store.reading() as connection:
        after = await everything(connection)
        (open_round,) = await rounds.open_ones(connection)
    assert str(alice) not in json.dumps(after, default=str)
    for name in ("sessions", "answers", "disputes", "contenders"):
        assert after[name] == [row for row in before[name] if row["person"] == bob], name
    for name in ("rounds", "retired", "drafts", "server_lessons", "gaps", "preferences"):
        assert len(after[name]) == len(before[name]), name
    own = paths.own_folder(data, stage.channel.guild.id)
    assert [event.by for event in promotion.history(own)] == [""]
    assert records.read_record(own, records.examined(own)[0]) is not None, "the record still bears its hash"

    await old_buttons_do_nothing(stage, hers)
    await the_round_goes_on(stage, around, open_round)


async def old_buttons_do_nothing(stage: Stage, hers: Player) -> None:
    """A button of a deleted session says so, after the next session has begun as well, and touches nothing there."""
    label = next(label for label in hers.labels if label in ("Next question", "How did I do?"))
    pressed = await stage.alice.click(hers.message, label=label)
    assert "no longer kept" in said(pressed)
    anew = await Player(stage, stage.alice).start(number=1)
    pressed = await stage.alice.click(hers.message, label=label)
    assert "no longer kept" in said(pressed)
    assert (await anew.step()).picked is None
    await stage.alice.click(
        (await stage.alice.slash(stage.channel, "privacy delete")).response, label="Delete everything"
    )


async def the_round_goes_on(stage: Stage, around: Any, open_round: Round) -> None:
    """The others play on and it closes when its time is up; who opened it is nobody any more."""
    assert open_round.host is None
    pressed = await stage.alice.click(around, label="Close the round")
    assert "Only whoever opened the round" in said(pressed)
    player = Player(stage, stage.bob)
    player.message = (await stage.bob.click(around, label="Answer")).response
    await player.answer(right=True)
    await stage.env.advance_time(timedelta(minutes=6).total_seconds())
    assert f"<@{stage.bob.id}>" in texts(around)
    assert f"<@{stage.alice.id}>" not in texts(around)
    assert "**2** of 2" in texts(around)


@pytest.mark.model
async def test_no_table_holds_an_id_that_is_not_declared(
    quiz_stage: Stage, alice_everywhere: Callable[[], Any]
) -> None:
    """Whatever a real person does, their id stands in columns alone that say what for, not in texts or elsewhere."""
    await alice_everywhere()
    async with quiz_stage.bot.services.store.reading() as connection:
        found = await everything(connection)
    holding = {
        f"{table}.{column}"
        for table, rows in found.items()
        for row in rows
        for column, value in row.items()
        if str(quiz_stage.alice.id) in str(value)
    }
    declared = {f"{t.name}.{c.name}" for t in metadata.sorted_tables for c in t.c if "person" in c.info}
    assert holding == declared


@pytest.mark.model
async def test_who_is_forgotten_while_their_build_goes_on(quiz_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build knows a pseudonym alone: what it writes at its end names nobody who was deleted meanwhile."""
    bot, guild, alice = quiz_stage.bot, quiz_stage.channel.guild.id, quiz_stage.alice.id
    own = paths.own_folder(bot.services.settings.data, guild)

    async def work(self: JobRunner, folder: Path, arguments: list[str], progress: Any, files: Any) -> dict[str, Any]:
        by = arguments[arguments.index("--by") + 1]
        assert str(alice) not in arguments
        assert await bot.services.pseudonyms.people([by]) == {by: alice}
        await bot.services.personal_data.forget(alice)
        records.record(own, "a" * 12, {"by": by, "exam": None})
        assert await bot.services.pseudonyms.people([by]) == {}
        raise ZeroDivisionError

    monkeypatch.setattr(JobRunner, "work", work)
    with pytest.raises(ZeroDivisionError):
        await bot.services.library_admin.refresh(guild, str(alice), lambda done, total: None)
    assert traces(bot.services.settings.data, alice) == []
    assert [*in_memory(bot, alice)] == []


@pytest.mark.model
async def test_nothing_is_seen_by_others_unless_wanted(quiz_stage: Stage) -> None:
    """Counting and leaderboards begin off, and what a server lists names nobody.

    A quiz, progress and privacy are shown to the person alone; nobody else can open or press them.
    """
    stage, guild = quiz_stage, quiz_stage.channel.guild
    assert Preferences() == await ServerPreferences(stage.bot.services.store).of(guild.id) == Preferences(None, False)
    await stage.alice.send(stage.channel, f"{stage.mention} {UNANSWERED}")
    results = [
        await stage.alice.slash(stage.channel, command)
        for command in ("quiz start", "progress", "privacy about", "privacy export", "privacy delete")
    ]
    assert all(result.ephemeral for result in results)
    player = Player(stage, stage.alice)
    player.message = results[0].response
    await player.answer(right=False)
    opened = await player.press("Dispute this question")
    await stage.alice.submit_modal(opened, {"text": "Two answers are right."})

    session = await player.session()
    with pytest.raises(Exception, match="somebody else's quiz"):
        await stage.bot.services.quiz_sessions.show(session.id, 0, stage.bob.id)
    role = guild.create_role("Teachers", permissions=discord.Permissions(manage_guild=True))
    grace = guild.add_member(stage.env.create_user("grace"), roles=[role])
    seen = [
        said(await actor.slash(stage.channel, command))
        for actor, commands in (
            (stage.bob, ("leaderboard", "progress", "about", "sources")),
            (
                grace,
                ("leaderboard", "quiz disputes", "quiz items", "library gaps", "library history", "library status"),
            ),
        )
        for command in commands
    ]
    assert "Two answers are right" in "".join(seen), "a complaint is meant to be read, but not whose it is"
    for shown in (*seen, json.dumps(await exported(stage.bob, stage.channel))):
        assert str(stage.alice.id) not in shown
        assert "alice" not in shown.lower()
        assert UNANSWERED not in shown
    async with stage.bot.services.store.reading() as connection:
        found = await everything(connection)
    assert found["contenders"] == found["gaps"] == []
    assert dataclasses.asdict(Preferences())["counts_gaps"] is False
