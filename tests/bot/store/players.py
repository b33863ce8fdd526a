"""People who play quizzes against a store without Discord, library or model; also as a process that is told by lines.

`python -m tests.bot.store.players ADDRESS DATA` reads commands and prints a line when each is done:
`play PERSON` (until `stop`; done when the first press was answered), `begin off` (start no session from now on),
`close ROUND`, `quit`.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

from bot.errors import BotError
from bot.learning.deck import Cards, Deck
from bot.learning.progress import Leaderboard
from bot.learning.rounds import Rounds
from bot.learning.sessions import QuizSessions
from bot.quiz.bank import read_bank
from bot.quiz.items import ItemKind
from bot.store.database import Store

NOW = partial(datetime.now, UTC)


class BankDeck:
    """The bank that ships, without texts."""

    def __init__(self) -> None:
        self._cards = Cards(
            bank=read_bank(), quotes={}, facing={}, texts=cast("Any", None), blotted_texts={}, by_paragraph={}
        )

    async def cards(self, guild: int | None = None) -> Cards:
        return self._cards

    dealt = cards


class Quizzes:
    """The services of one process on a store."""

    def __init__(self, store: Store, *, now: Callable[[], datetime] = NOW, seed: int | None = None) -> None:
        deck = cast("Deck", BankDeck())
        self.store = store
        self.deck = deck
        self.sessions = QuizSessions(store, deck, cast("Any", None), now=now, rng=random.Random(seed))
        self.rounds = Rounds(store, deck, now=now)
        self.leaderboard = Leaderboard(store, now=now)

    async def begin(self, person: int) -> tuple[int, int]:
        """Start sessions until the first question is a choice; gives session and number of options."""
        while True:
            shown = await self.sessions.start(person, 1, number=1)
            if shown.item is not None and shown.item.kind is not ItemKind.FREE:
                return shown.session, len(shown.step.options)

    async def answer(self, session: int, person: int, *, option: int = 0) -> None:
        """Choose and submit."""
        await self.sessions.pick(session, 0, option, person)
        await self.sessions.submit(session, 0, person)


async def _play(
    quizzes: Quizzes, person: int, may_begin: Callable[[], bool], counts: list[int], answered: asyncio.Event
) -> None:
    known: list[int] = []
    while True:
        with suppress(BotError):
            if may_begin():
                known.append((await quizzes.begin(person))[0])
                await quizzes.leaderboard.join(1, person)
            for session in known[-3:]:
                await quizzes.answer(session, person)
                counts[0] += 1
                answered.set()
                await quizzes.sessions.dispute(session, 0, "unclear", person)
        await asyncio.sleep(0)


async def _main(address: str, data: Path) -> None:
    store = Store(data, database=address)
    await store.open()
    await store.coordination.listen()
    quizzes, playing, begins, counts = Quizzes(store), None, [True], [0]
    print("ready", flush=True)
    while True:
        command, *rest = (await asyncio.to_thread(sys.stdin.readline)).split() or ["quit"]
        said = command
        match command:
            case "play":
                begins[0], counts[0], answered = True, 0, asyncio.Event()
                playing = asyncio.create_task(_play(quizzes, int(rest[0]), lambda: begins[0], counts, answered))
                await asyncio.wait_for(answered.wait(), 60)
            case "begin":
                begins[0] = False
            case "stop" if playing is not None:
                playing.cancel()
                await asyncio.gather(playing, return_exceptions=True)
                said = f"stopped {counts[0]}"
            case "close":
                won = [await quizzes.rounds.close_overdue(int(each)) is not None for each in rest]
                said = f"closed {sum(won)}"
            case "quit":
                break
        print(said, flush=True)
    await store.close()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], Path(sys.argv[2])))
