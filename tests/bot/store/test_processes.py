"""Several processes on one PostgreSQL database: nothing that decides is only in the memory of one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.conversation.recent import ConversationKey, Conversations
from bot.errors import ForgottenError, QuizError
from bot.learning.approved import ApprovedItems
from bot.learning.views import Shown
from bot.libraries.preferences import ServerPreferences
from bot.libraries.pseudonyms import Pseudonyms
from bot.quiz.schedule import rating_of, review
from bot.quiz.session import score_of
from bot.store import sessions as stored
from bot.store.database import Store
from bot.store.schema import answers
from tests.bot.store.players import Quizzes
from tests.bot.store.processes import Players, deleted_while_they_play, door, rows_of
from tests.postgresql import Server

ALICE, BOB = 1234567890123456789, 987654321987654321
NOW = datetime(2026, 1, 1, tzinfo=UTC)

Two = tuple[Store, Store]


@pytest_asyncio.fixture
async def two(postgresql: Server, tmp_path: Path) -> AsyncIterator[Two]:
    """Two stores on one database, each as a process has it: with its own memory and its own notices."""
    address = postgresql.migrated()
    stores = Store(tmp_path / "a", database=address), Store(tmp_path / "b", database=address)
    for store in stores:
        await store.open()
    yield stores
    for store in stores:
        await store.close()


async def test_a_forgotten_persons_late_press_writes_nothing(two: Two, tmp_path: Path) -> None:
    """A process that showed the question does not know of the deletion; its next press finds the session gone."""
    here, there = Quizzes(two[0]), two[1]
    session, _ = await here.begin(ALICE)
    await here.sessions.pick(session, 0, 0, ALICE)
    await door(there, tmp_path).forget(ALICE)
    with pytest.raises(QuizError, match="no longer kept"):
        await here.sessions.submit(session, 0, ALICE)
    assert await rows_of(there, ALICE) == 0


async def test_a_schedule_follows_from_the_last_answer_wherever_it_was_given(two: Two) -> None:
    """Two processes answer the same item in turn: each memory is made of the one that the other wrote."""
    now = [NOW]
    both = [Quizzes(store, now=lambda: now[0], seed=1) for store in two]
    item = next(each for each in (await both[0].deck.cards()).bank.items if each.options)
    expected = None
    for day, quizzes in enumerate([both[0], both[1], both[0], both[1]]):
        now[0] = NOW + timedelta(days=day)
        shown = await quizzes.sessions._start(ALICE, 1, [item], 1)
        option = shown.step.options.index(item.key if day else next(n for n in shown.step.options if n != item.key))
        await quizzes.answer(shown.session, ALICE, option=option)
        score = score_of(item, shown.step.options[option], 0)
        expected = review(expected, rating_of(score, 0), now[0])
    async with two[0].reading() as connection:
        assert await stored.last_memory(connection, ALICE, item.id) == expected
        assert (await stored.memories(connection, ALICE))[item.id] == expected


async def test_a_clock_that_is_behind_loses_no_answer(two: Two) -> None:
    """A process an hour behind answers after one that is right: its answer is the last one all the same."""
    right, behind = Quizzes(two[0], now=lambda: NOW), Quizzes(two[1], now=lambda: NOW - timedelta(hours=1))
    item = next(each for each in (await right.deck.cards()).bank.items if each.options)
    for quizzes in (right, behind):
        shown = await quizzes.sessions._start(ALICE, 1, [item], 1)
        await quizzes.answer(shown.session, ALICE)
    async with two[0].reading() as connection:
        last = select(answers.c.session).order_by(answers.c.answered_at.desc()).limit(1)
        assert (await connection.execute(last)).scalar_one() == shown.session


async def test_a_clock_that_is_ahead_closes_no_round_of_others(two: Two) -> None:
    """A process an hour ahead that looks for overdue rounds leaves those alone that have time left, and no others."""
    here, ahead = Quizzes(two[0]), Quizzes(two[1], now=lambda: datetime.now(UTC) + timedelta(hours=1))
    await here.rounds.open(guild=1, channel=2, host=3, number=1, lasts=timedelta(minutes=5))
    over = await here.rounds.open(guild=1, channel=2, host=3, number=1, lasts=timedelta(0))
    assert await ahead.rounds.left_over() == ([over.round.id], [])


async def test_what_was_on_its_way_meets_a_tombstone(two: Two, tmp_path: Path) -> None:
    """A session that waits for the lock while its person is deleted begins nothing; a pseudonym is not given."""
    here, there = Quizzes(two[0]), two[1]
    async with there.writing(person=ALICE) as connection:
        begun = asyncio.create_task(here.sessions.start(ALICE, 1, number=1))
        await asyncio.wait([begun], timeout=0.2)
        assert not begun.done()
        await there.coordination.record_deletion(connection, ALICE)
    with pytest.raises(ForgottenError, match="deleted"):
        await begun
    await there.coordination.mark_deletion(ALICE)
    assert await Pseudonyms(two[0]).given(ALICE) == ""
    assert await there.coordination.marked_deletions() == [ALICE]
    await there.coordination.unmark_deletion(ALICE)
    assert await Pseudonyms(two[0]).given(ALICE) != ""
    assert await here.begin(BOB)


async def test_memory_in_other_processes_forgets_and_settings_change(two: Two, tmp_path: Path) -> None:
    """What is kept in memory elsewhere goes with a deletion; preferences and approved items are read again."""
    conversations = Conversations(timedelta(minutes=15))
    for person in (ALICE, BOB):
        conversations.remember(ConversationKey(person, 5, private=False), "What is a mind?", NOW)
    door(two[0], tmp_path, questions=conversations)
    preferences, approved = [ServerPreferences(store) for store in two], ApprovedItems(two[0])
    await two[0].coordination.listen()
    assert not (await preferences[0].of(7)).counts_gaps
    known = await approved.of(7)
    await preferences[1].count_gaps(7, True)
    async with two[1].writing(server=7) as connection:
        await ApprovedItems(two[1]).announce(connection, 7)
    await door(two[1], tmp_path).forget(ALICE)
    for _ in range(100):
        if conversations.people() == {BOB} and (await preferences[0].of(7)).counts_gaps:
            break
        await asyncio.sleep(0.02)
    assert conversations.people() == {BOB}
    assert (await preferences[0].of(7)).counts_gaps
    assert approved._cache.get(7) is None
    assert await approved.of(7) == known


async def test_one_process_at_a_time_sweeps(two: Two) -> None:
    """Work that is done alone is refused to the second one until the first is done."""
    async with two[0].coordination.alone("upkeep") as first, two[1].coordination.alone("upkeep") as second:
        assert (first, second) == (True, False)
    async with two[1].coordination.alone("upkeep") as again, two[0].coordination.alone("other") as other:
        assert (again, other) == (True, True)


async def test_answers_count_or_are_refused_when_the_round_closes_elsewhere(two: Two) -> None:
    """The standings that the process shows which closes a round have every answer that another one acknowledged."""
    here, there = Quizzes(two[0]), Quizzes(two[1])
    state = await here.rounds.open(guild=1, channel=2, host=3, number=1, lasts=timedelta(minutes=5))
    people = range(1, 31)
    joined = await asyncio.gather(*(there.rounds.join(state.round.id, person) for person in people))
    await asyncio.gather(*(there.sessions.pick(s.session, 0, 0, p) for p, s in zip(people, joined, strict=True)))
    pressed = [there.sessions.submit(s.session, 0, p) for p, s in zip(people, joined, strict=True)]

    async def close() -> int:
        await asyncio.sleep(0.02)
        return sum(standing.answered for standing in (await here.rounds.close(state.round.id)).standings)

    counted, *done = await asyncio.gather(close(), *pressed, return_exceptions=True)
    assert counted == sum(not isinstance(each, QuizError) for each in done)
    assert all(isinstance(each, QuizError | Shown) for each in done)


@pytest.mark.slow
async def test_processes_that_work_for_a_person_while_they_are_deleted(postgresql: Server, tmp_path: Path) -> None:
    """Of those deleted no row is left or written again, whatever was on its way; then rounds are closed once by one.

    `python -m tests.bench shared_deletions` deletes 200.
    """
    address, rng = postgresql.migrated(), random.Random(1)
    store = Store(tmp_path, database=address)
    await store.open()
    quizzes = Quizzes(store)
    async with Players(address, tmp_path, 2) as players:
        people = range(ALICE, ALICE + 8)
        answered = 0
        for person in people:
            answered += await deleted_while_they_play(players, door(store, tmp_path), person, rng.uniform(0.0, 0.1))
        assert [await rows_of(store, person) for person in people] == [0] * len(people)
        assert answered >= 2 * len(people)
        opened = [
            await quizzes.rounds.open(guild=1, channel=2, host=BOB, number=1, lasts=timedelta(0)) for _ in range(20)
        ]
        overdue, unshown = await quizzes.rounds.left_over()
        assert (len(overdue), unshown) == (20, [])
        won = [int(line.split()[1]) for line in await players.told(f"close {' '.join(map(str, overdue))}")]
        assert sum(won) == len(opened)
        for process in players.processes:
            process.kill()  # before they showed them
    assert await quizzes.rounds.left_over() == ([], [])
    assert sorted(await store.coordination.unshown(older_s=0)) == sorted(overdue), "the next one shows them"
    await quizzes.rounds.note_shown(overdue[0])
    assert len(await store.coordination.unshown(older_s=0)) == 19
    async with store.reading() as connection:
        assert (await connection.execute(select(func.count()).select_from(answers))).scalar_one() == 0
    await store.close()
