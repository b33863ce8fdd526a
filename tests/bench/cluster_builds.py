"""Maintainers of a measured cluster: each uploads documents, makes the build live, and asks what the document says."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING

from prompts import words
from tests.bench.cluster_people import ask_in, done, labels
from tests.bench.cluster_run import comes_true
from tests.gateway.person import Actor
from tests.gateway.world import Json, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.cluster_run import Run
    from tests.gateway.interactions import Interaction

_BUILT_WITHIN_S = 60.0  # until somebody looks whether the bot that should show the build still lives
_LOOK_S = 3.0
_ANSWERS_WITHIN_S = 20.0
_PAUSE_S = 30.0
_BETWEEN_S = 1.0  # an answer and what follows it
_GIVEN_UP_S = 300.0
_TEXT = """{fact}. Ships wait for it before they enter the harbour.

The keeper of {place} writes the name of each ship into a book. Nobody has read that book yet."""
_QUESTION = "For how many seconds does the lamp of {place} shine?"
_SYLLABLES = ["ba", "do", "fi", "gu", "ke", "la", "mo", "ni", "pu", "re", "sa", "to", "vi", "wu", "ze"]
_QUEUED = "SELECT count(*) FROM builds.procrastinate_jobs WHERE lock = 'library {guild}'"
_QUEUE = "SELECT to_regclass('builds.procrastinate_jobs') IS NOT NULL"


@dataclass(slots=True)
class Build:
    """A document that a server's library was to have; times are monotonic, in seconds, 0 until then."""

    guild: str
    number: int
    asked_at: float
    uploads: int = 0
    """How often it was uploaded: again when the bot refused it, or was killed before it was in the queue."""
    told: list[str] = field(default_factory=list)
    """What the bot answered in place of a proposal."""
    built_at: float = 0.0
    promoted_at: float = 0.0
    answered_at: float = 0.0

    @property
    def place(self) -> str:
        """A name that no other document has."""
        count = len(_SYLLABLES)
        first, second, third = self.number % count, self.number // count % count, (self.number * 7 + 3) % count
        return f"{_SYLLABLES[first]}{_SYLLABLES[third]}{_SYLLABLES[second]}lan".capitalize()

    @property
    def name(self) -> str:
        return f"{self.place}.txt"

    @property
    def fact(self) -> str:
        return f"The lamp of {self.place} shines for {self.number * 7 + 100} seconds"


async def maintain(run: Run, guilds: Sequence[str], end: float) -> None:
    """Add one document after the other to the libraries of servers, in turn."""
    for guild in cycle(guilds):
        if time.monotonic() > end:
            return
        await add(run, guild)
        await asyncio.sleep(_PAUSE_S)


async def add(run: Run, guild: str) -> Build:
    """Add a document, whatever it takes, and ask for what it says; returns after _GIVEN_UP_S at the latest."""
    build = Build(guild, len(run.builds), time.monotonic())
    run.builds.append(build)
    actor = Actor(run.server, f"keeper{build.number}", guild=guild)
    end = build.asked_at + _GIVEN_UP_S
    while time.monotonic() < end and not build.promoted_at:
        found = await _proposal(run, actor, build, end)
        if found is not None:
            build.built_at = build.built_at or time.monotonic()
            await done(await actor.presses(found, "Promote"))
            if words("library.proposal.promoted") in texts(found) or await _has(actor, build):
                build.promoted_at = time.monotonic()
    while build.promoted_at and time.monotonic() < end and not build.answered_at:
        asked = await ask_in(run, guild, _QUESTION.format(place=build.place))
        shown = lambda asked=asked: any(build.fact in texts(each) for each in run.server.replies(asked))  # noqa: E731
        if await comes_true(shown, _ANSWERS_WITHIN_S, look_s=0.5):
            build.answered_at = time.monotonic()
    run.say(f"the build of {build.name} {'answers' if build.answered_at else 'is given up'}")
    return build


async def _proposal(run: Run, actor: Actor, build: Build, end: float) -> Json | None:
    """Upload the document unless its build waits or runs, and give the message with the button Promote."""
    if not await asyncio.to_thread(_is_queued, run, build.guild):
        if (found := await _waiting(actor)) is not None:
            return found
        build.uploads += 1
        note = actor.attaches(build.name, _TEXT.format(fact=build.fact, place=build.place).encode())
        act = await actor.slash("library add", document=note)
        if await comes_true(lambda: _is_over(act), min(_BUILT_WITHIN_S, end - time.monotonic()), look_s=0.2):
            if act.answer is not None and "Promote" in labels(act.answer):
                return act.answer
            build.told.append(" ".join(texts(each) for each in [*act.followups, act.answer] if each is not None)[:200])
    await asyncio.sleep(_LOOK_S)
    return await _waiting(actor)


def _is_over(act: Interaction) -> bool:
    """Say whether the bot shows what a build came to, and not its progress."""
    return bool(act.followups) or (act.answer is not None and "Cancel" not in labels(act.answer))


async def _waiting(actor: Actor) -> Json | None:
    """Ask with /library status for a build that waits for a decision."""
    act = await done(await actor.slash("library status"))
    await asyncio.sleep(_BETWEEN_S)  # the build comes after the answer
    return next((each for each in act.followups if "Promote" in labels(each)), None)


async def _has(actor: Actor, build: Build) -> bool:
    """Say whether /library status lists the document: the press was answered by nobody, and did what it should."""
    act = await done(await actor.slash("library status"))
    return act.answer is not None and build.name in texts(act.answer)


def _is_queued(run: Run, guild: str) -> bool:
    """Say whether a build of a library waits or runs; True while the database is away."""
    import psycopg

    try:
        if run.execute(_QUEUE) != [(True,)]:
            return False
        return run.execute(_QUEUED.format(guild=guild)) != [(0,)]
    except psycopg.Error:
        return True
