"""Counts and groups the questions that a server's library does not answer, where the server has switched this on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from cachetools import TTLCache

from bot.libraries.preferences import ServerPreferences
from bot.store import unanswered as stored
from bot.store.cache import WriteThroughCache
from bot.store.database import Store
from bot.store.unanswered import UnansweredQuestion
from index.answering.answer import Outcome

if TYPE_CHECKING:
    from bot.libraries.question_groups import Rows

KEPT = timedelta(days=90)
MOST = 2000
LONGEST = 200
_ONCE_IN_S = 60.0
_MOST_ASKERS = 10_000
# Different questions that are grouped, the newest; more would take too long.
_MOST_GROUPED = 1000
_MOST_ROWS = 4000

# Text that identifies a person or an account. Names inside a sentence cannot be told from other words.
_PERSONAL = re.compile(
    r"<[@#:a-z][^<>\s]*>"  # Discord's own notation
    r"|\bhttps?://\S+|\bwww\.\S+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<!\w)@[\w.]+(?:#\d+)?|\b\w+#\d{4}\b"
    r"|\d{15,}"
    # Telephone and card numbers, dates of birth; neither a price nor the years from one to another.
    r"|(?<!\w)(?!1\d{3} ?[-/] ?1?\d|20\d\d ?[-/] ?(?:20)?\d\d(?!\d))\+?\d(?:[ ()/.-]{0,2}\d){5,}(?!\w)"
)
_WHITE = re.compile(r"\s+")
_BEFORE_MARK = re.compile(r"\s+([?!.,;])")
_WORD = re.compile(r"\w+")


class Encoder(Protocol):
    """The part of the answering engine that encodes questions."""

    async def rows(self, questions: Sequence[str]) -> Rows:
        """Encode questions as unit rows [n, dim]."""


@dataclass(frozen=True, slots=True)
class UnansweredGroup:
    """Questions that ask the same: the most central one, the others, how often asked, how often `closest` was shown."""

    question: str
    others: tuple[str, ...]
    count: int
    closest: int
    last_asked: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """The unanswered questions of a server, most asked first, and whether they are still counted."""

    counts: bool
    total: int
    groups: tuple[UnansweredGroup, ...]


class UnansweredQuestions:
    """Callers have checked that the person may manage the server."""

    def __init__(
        self, store: Store, preferences: ServerPreferences, encoder: Encoder, *, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._preferences = preferences
        self._encoder = encoder
        self._now = now
        self._lately: TTLCache[tuple[int, int, frozenset[str]], datetime] = TTLCache(
            _MOST_ASKERS, _ONCE_IN_S, lambda: now().timestamp()
        )
        self._rows: WriteThroughCache[str, Rows] = WriteThroughCache(_MOST_ROWS)

    async def note(self, server: int | None, person: int, question: str, outcome: Outcome) -> None:
        """Count a question that was not answered, if the server has switched this on; the person is not stored.

        A repetition by the same person within a minute is not counted; who asked is kept for that minute in memory.
        """
        if server is None or outcome is Outcome.ANSWER or not (await self._preferences.of(server)).counts_gaps:
            return
        now, cleaned = self._now(), without_personal(question)
        said = frozenset(_WORD.findall(cleaned.casefold()))
        if not said or (server, person, said) in self._lately:
            return
        self._lately[server, person, said] = now
        async with self._store.writing(server=server) as connection:
            await stored.add(connection, server, UnansweredQuestion(cleaned, outcome.value, now))
            await stored.keep_newest(connection, server, MOST)
            await stored.forget_before(connection, now - KEPT, server)

    async def found(self, server: int) -> Found:
        """Return the unanswered questions grouped by meaning; raises LibraryError when there is no model."""
        await self.sweep()
        async with self._store.reading() as connection:
            gaps = await stored.of_server(connection, server)
        by_question: dict[str, list[UnansweredQuestion]] = {}
        for gap in gaps:
            by_question.setdefault(gap.question, []).append(gap)
        questions = [*by_question][:_MOST_GROUPED]
        rows = await self._encoded(questions)
        groups = await asyncio.to_thread(_groups, [by_question[question] for question in questions], rows)
        return Found((await self._preferences.of(server)).counts_gaps, len(gaps), groups)

    async def clear(self, server: int) -> int:
        """Delete the unanswered questions of a server; returns how many."""
        async with self._store.writing(server=server) as connection:
            return await stored.clear(connection, server)

    async def sweep(self) -> None:
        """Delete the questions of all servers that are older than KEPT."""
        async with self._store.writing() as connection:
            await stored.forget_before(connection, self._now() - KEPT)

    def people(self) -> set[int]:
        """Return the people who are known to have asked in the last minute."""
        return {person for _, person, _ in self._lately}

    def of(self, person: int) -> list[dict[str, object]]:
        """List the counted questions of a person in the last minute."""
        return [
            {"server": server, "words": sorted(said), "asked_at": at}
            for (server, whose, said), at in self._lately.items()
            if whose == person
        ]

    def forget(self, person: int) -> None:
        """Forget that this person asked in the last minute; the stored questions name nobody."""
        for known in [known for known in self._lately if known[1] == person]:
            del self._lately[known]

    def forget_askers(self, now: datetime) -> None:
        """Forget who asked more than a minute before `now`."""
        self._lately.expire(now.timestamp())

    async def _encoded(self, questions: Sequence[str]) -> list[Rows]:
        new = [question for question in questions if self._rows.get(question) is None]
        found = dict(zip(new, await self._encoder.rows(new), strict=True)) if new else {}
        for question, row in found.items():
            self._rows.put(question, row)
        known = ((question, self._rows.get(question)) for question in questions)
        return [row if row is not None else found[question] for question, row in known]


def without_personal(question: str) -> str:
    """Remove what identifies a person, and cut the rest to LONGEST characters.

    Example: "Where is <@123>?" gives "Where is?".
    """
    bare = _BEFORE_MARK.sub(r"\1", _WHITE.sub(" ", _PERSONAL.sub(" ", question))).strip()
    return bare if len(bare) <= LONGEST else f"{bare[: LONGEST - 1].rstrip()}…"


def _groups(asked: Sequence[Sequence[UnansweredQuestion]], rows: Sequence[Rows]) -> tuple[UnansweredGroup, ...]:
    """Group questions, given as the occurrences of each, newest first, and the embedding of each."""
    if not asked:
        return ()
    import numpy as np

    from bot.libraries.question_groups import grouped

    found = []
    for members in grouped(np.stack(rows)):
        gaps = [gap for number in members for gap in asked[number]]
        questions = [asked[number][0].question for number in members]
        closest = sum(gap.outcome == Outcome.CLOSEST.value for gap in gaps)
        last = max(gap.asked_at for gap in gaps)
        found.append(UnansweredGroup(questions[0], tuple(questions[1:]), len(gaps), closest, last))
    return tuple(sorted(found, key=lambda group: (-group.count, -group.last_asked.timestamp())))
