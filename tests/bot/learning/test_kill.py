"""A bot that is killed at any moment has what it acknowledged, and its buttons go on."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.answering.engine import AnsweringEngine
from bot.learning.approved import ApprovedItems
from bot.learning.deck import Deck
from bot.learning.sessions import QuizSessions
from bot.settings import Settings
from bot.store.database import Store
from bot.store.migrate import FILE
from bot.store.schema import answers

if TYPE_CHECKING:
    from bot.libraries.opening import Library

ROOT = Path(__file__).parents[3]
PERSON = 7
KILLS = 8

# What a learner's clicks do in the bot, without Discord around it: a line is printed when a press would be answered.
LEARNER = """
import asyncio, random, sys
from datetime import UTC, datetime
from pathlib import Path
from bot.quiz.items import ItemKind
from bot.learning.approved import ApprovedItems
from bot.learning.deck import Deck
from bot.learning.sessions import QuizSessions
from bot.settings import Settings
from bot.store.database import Store
from bot.store.migrate import FILE
from bot.answering.engine import AnsweringEngine

async def main():
    settings = Settings(_env_file=None, data=Path(sys.argv[1]))
    store, tutor = Store(settings.data), AnsweringEngine(settings)
    deck = Deck(tutor, ApprovedItems(store))
    walks = QuizSessions(store, deck, tutor, now=lambda: datetime.now(UTC), rng=random.Random())
    while True:
        begun = await walks.start(7, None, number=20)
        for position in range(begun.total):
            shown = await walks.show(begun.session, position, 7)
            if shown.item.kind is not ItemKind.FREE:
                await walks.pick(shown.session, position, 0, 7)
                shown = await walks.submit(shown.session, position, 7)
                print(shown.session, position, flush=True)

asyncio.run(main())
"""


@pytest.mark.model
@pytest.mark.asyncio
async def test_nothing_acknowledged_is_lost_to_kill_9(essay: tuple[Settings, Library], tmp_path: Path) -> None:
    """Every answer a learner was told of is in the store, once, and the store is sound; at most one more is."""
    shutil.copytree(essay[0].data, tmp_path, dirs_exist_ok=True)
    told = await asyncio.to_thread(killed_again_and_again, tmp_path)
    assert len(told) > KILLS
    await goes_on(tmp_path, max(told))


def killed_again_and_again(data: Path) -> set[tuple[int, int]]:
    """Let a learner answer, kill the process, look at the store, and anew; gives what the learner was told of."""
    told: set[tuple[int, int]] = set()
    rng = random.Random(5)
    for kills in range(1, KILLS + 1):
        command = [sys.executable, "-c", LEARNER, str(data)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as acting:
            assert acting.stdout is not None
            lines = [acting.stdout.readline()]
            time.sleep(rng.uniform(0.0, 0.25))
            acting.kill()
            lines += acting.stdout.readlines()
        told |= {(int(line.split()[0]), int(line.split()[1])) for line in lines if line.endswith("\n")}
        with closing(sqlite3.connect(data / FILE)) as found:
            assert found.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            kept = set(found.execute("SELECT session, position FROM answers"))
        assert told <= kept
        assert len(kept) - len(told) <= kills
    return told


async def goes_on(data: Path, last: tuple[int, int]) -> None:
    """Press the last session's button again in a new run: the answer stands and the quiz can be finished."""
    store, tutor = Store(data), AnsweringEngine(Settings(_env_file=None, data=data))
    walks = QuizSessions(
        store, Deck(tutor, ApprovedItems(store)), tutor, now=partial(datetime.now, UTC), rng=random.Random(1)
    )
    try:
        shown = await walks.submit(*last, PERSON)
        async with store.reading() as connection:
            wanted = select(answers.c.answered_at).where(answers.c.session == last[0], answers.c.position == last[1])
            before = (await connection.execute(wanted)).scalars().all()
        assert shown.step.submitted is not None
        assert before == [shown.step.submitted.answered_at]
        onward = await walks.show(last[0], shown.total if shown.next is None else shown.next, PERSON)
        assert onward.session == last[0]
    finally:
        await store.close()
        await tutor.close()
