"""Public rounds: one person opens them, all answer in private; they close by time, host or manager."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import QuizError
from bot.learning.deck import Deck
from bot.learning.queries import shown
from bot.learning.views import Shown
from bot.quiz.items import ItemKind
from bot.quiz.rounds import Dealt, Round, Standing, commitment, person_rng, ranked
from bot.quiz.session import choose, plan
from bot.store import rounds as stored
from bot.store import servers, sessions
from bot.store.database import Connection, Store

_SHOWN_WITHIN_S = 15.0


@dataclass(frozen=True, slots=True)
class RoundState:
    """A round with its commitment and its standings, best first."""

    round: Round
    commitment: str
    standings: tuple[Standing, ...]


class Rounds:
    """Opens, joins and closes rounds; each person answers in a session."""

    def __init__(self, store: Store, deck: Deck, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._deck = deck
        self._now = now

    async def open(
        self, *, guild: int, channel: int, host: int, number: int, lasts: timedelta, axis: str | None = None
    ) -> RoundState:
        """Choose items and open a round; raises QuizError when no item fits."""
        cards, now, seed = await self._deck.cards(guild), self._now(), secrets.token_hex(16)
        async with self._store.writing(person=host, server=guild) as connection:
            await self._store.coordination.refuse_forgotten(connection, host)
            out = await servers.retired_items(connection, guild)
            fitting = [
                item
                for item in cards.bank.items
                if item.kind is not ItemKind.FREE and axis in (None, item.axis) and item.id not in out
            ]
            chosen = choose(fitting, {}, number=number, now=now, rng=person_rng(seed, 0))
            if not chosen:
                raise QuizError("nothing_fits" if cards.bank.items else "no_items")
            dealt = tuple(Dealt(item.id, item.options[item.key]) for item in chosen)
            made = await stored.create(
                connection,
                guild=guild,
                channel=channel,
                host=host,
                seed=seed,
                items=dealt,
                opened_at=now,
                closes_at=now + lasts,
            )
        return RoundState(made, commitment(seed, dealt), ())

    async def announce(self, round_id: int, message: int) -> None:
        """Store the message of a round, so that it can be edited when the round closes, also after a restart."""
        async with self._store.writing(round_id=round_id) as connection:
            await stored.announce(connection, round_id, message)

    async def join(self, round_id: int, person: int) -> Shown:
        """Return a person's first unanswered step; their first one when there is none or the round is over."""
        async with self._store.reading() as connection:
            guild = (await self._load(round_id, connection)).guild
        cards = await self._deck.cards(guild)
        async with self._store.writing(person=person) as connection:
            await self._store.coordination.refuse_forgotten(connection, person)
            around = await self._load(round_id, connection, keep=True)
            session = await sessions.in_round(connection, round_id, person)
            if session is None:
                if around.is_over(self._now()):
                    raise QuizError("round_missed")
                by_id = cards.bank.by_id
                items = [by_id[dealt.item] for dealt in around.items if dealt.item in by_id]
                session = await sessions.create(
                    connection,
                    person=person,
                    guild=around.guild,
                    laid_out=plan(items, person_rng(around.seed, person)),
                    now=self._now(),
                    round_id=round_id,
                )
            waiting = None if around.is_over(self._now()) else session.next_after(-1)
            return await shown(connection, session, waiting or 0, cards)

    async def find(self, round_id: int) -> Round:
        """Return a round; raises QuizError when it no longer exists."""
        async with self._store.reading() as connection:
            return await self._load(round_id, connection)

    async def state(self, round_id: int) -> RoundState:
        """Return a round with its current standings."""
        async with self._store.reading() as connection:
            around = await self._load(round_id, connection)
            standings = ranked(await stored.standings(connection, round_id))
        return RoundState(around, commitment(around.seed, around.items), tuple(standings))

    async def close(self, round_id: int, by: int | None = None, manages: bool = False) -> RoundState:
        """Close a round: by time (`by` is None), by its host or by a manager; raises QuizError for anybody else.

        `note_shown` has to be called when its message shows it.
        """
        async with self._store.writing(round_id=round_id) as connection:
            around = await self._load(round_id, connection)
            if by is not None and by != around.host and not manages:
                raise QuizError("not_host")
            if await stored.close(connection, round_id, self._now()):
                await self._store.coordination.note_closed(connection, round_id)
        return await self.state(round_id)

    async def close_overdue(self, round_id: int) -> RoundState | None:
        """Close a round whose time is up; None when it was closed before, by another process or its host."""
        async with self._store.writing(round_id=round_id) as connection:
            await self._load(round_id, connection)
            if not await stored.close(connection, round_id, self._now()):
                return None
            await self._store.coordination.note_closed(connection, round_id)
        return await self.state(round_id)

    async def note_shown(self, round_id: int) -> None:
        """Record that the message of a closed round shows it."""
        await self._store.coordination.note_shown(round_id)

    async def left_over(self) -> tuple[list[int], list[int]]:
        """Return the rounds that are overdue, and those that were closed some time ago and are not shown yet.

        What a process that died left to the others.
        """
        async with self._store.reading() as connection:
            now = await self._store.coordination.no_later(connection, self._now())
            overdue = await stored.overdue(connection, now)
        return overdue, await self._store.coordination.unshown(older_s=_SHOWN_WITHIN_S)

    async def pending(self) -> list[Round]:
        """Return the rounds that are not closed."""
        async with self._store.reading() as connection:
            return await stored.open_ones(connection)

    @staticmethod
    async def _load(round_id: int, connection: Connection, *, keep: bool = False) -> Round:
        found = await stored.load(connection, round_id, keep=keep)
        if found is None:
            raise QuizError("round_gone")
        return found
