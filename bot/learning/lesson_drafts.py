"""The review of a planned lesson: maintainers drop and move chapters and points, and approve what is taught."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.errors import LessonError
from bot.learning.deck import Deck
from bot.learning.lesson_plans import LessonPlans, OutlineSource, complete, plan_of
from bot.quiz.lesson_edit import PlanChange, change_chapter, change_point
from bot.quiz.lesson_outline import plan_id
from bot.quiz.lesson_plan import Chapter, LessonPlan, plan_row, teachable
from bot.store import server_lessons as stored
from bot.store.database import Store
from bot.store.server_lessons import StoredLesson


class PlanNote(StrEnum):
    """The result of a press; CHANGED: somebody else changed the plan since it was shown; EMPTY: it would be empty."""

    EDITED = "edited"
    APPROVED = "approved"
    AGAIN = "again"
    CHANGED = "changed"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class PlanReview:
    """A planned lesson as it is now. `plan` has the items that would be asked today; `version` is of the stored plan.

    `chapter` is shown alone; None: all are listed. `is_taught`: this very plan is approved; `was_approved`: an earlier
    one is, and is taught until this one is approved.
    """

    plan: LessonPlan
    version: str
    chapter: Chapter | None
    is_taught: bool
    was_approved: bool
    note: PlanNote | None = None


class LessonDrafts:
    """The review of a server's lessons. Callers have checked that the person maintains the server's library."""

    def __init__(
        self, store: Store, deck: Deck, plans: LessonPlans, source: OutlineSource, *, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._deck = deck
        self._plans = plans
        self._source = source
        self._now = now

    async def begin(self, server: int, documents: Collection[str] | None = None) -> PlanReview:
        """Show the plan about these documents, or all; a new one where there is none. Raises LessonError."""
        cards = await self._deck.cards(server)
        found = await self._find(server, plan_id(documents))
        latest = plan_of(found.latest) if found is not None else None
        if found is None or latest is None or not teachable(latest, cards.bank, cards.blotted_texts).points:
            found = await self._outlined(server, None if documents is None else tuple(sorted(documents)))
        return await self._review(server, found)

    async def again(self, server: int, lesson: str, version: str) -> PlanReview | None:
        """Plan a lesson anew from the library as it is; what is approved stays. None when there is no such lesson."""
        found = await self._find(server, lesson)
        if found is None:
            return None
        if not _is_shown(found, version):
            return await self._review(server, found, note=PlanNote.CHANGED)
        return await self._review(server, await self._outlined(server, found.documents), note=PlanNote.AGAIN)

    async def look(self, server: int, lesson: str, chapter: str | None = None) -> PlanReview | None:
        """Show a plan as it is, or one of its chapters; None when there is no such lesson."""
        found = await self._find(server, lesson)
        return None if found is None else await self._review(server, found, chapter)

    async def edit(
        self,
        server: int,
        lesson: str,
        version: str,
        change: PlanChange,
        *,
        chapter: str | None = None,
        point: str | None = None,
    ) -> PlanReview | None:
        """Change a chapter, or a point in the chapter, if the plan is as it was shown; None when there is none."""
        await self._deck.cards(server)
        note: PlanNote | None = PlanNote.CHANGED
        async with self._store.writing(server=server) as connection:
            found = await stored.find(connection, server, lesson)
            if found is None:
                return None
            plan = plan_of(found.latest)
            if plan is not None and plan.version == version:
                edited = change_point(plan, point, change) if point else change_chapter(plan, chapter or "", change)
                note = PlanNote.EMPTY if not edited.chapters else PlanNote.EDITED if edited != plan else None
                if note is PlanNote.EDITED:
                    about, now = found.documents, self._now()
                    await stored.save_draft(connection, server, lesson, plan_row(edited), documents=about, now=now)
            found = await stored.find(connection, server, lesson)
        return None if found is None else await self._review(server, found, chapter if point else None, note)

    async def approve(self, server: int, lesson: str, version: str, person: int) -> PlanReview | None:
        """Teach a plan from now on, if it is as it was shown; None when there is no such lesson."""
        async with self._store.writing(person=person, server=server) as connection:
            await self._store.coordination.refuse_forgotten(connection, person)
            found = await stored.find(connection, server, lesson)
            is_shown = found is not None and _is_shown(found, version)
            if found is not None and is_shown and found.latest is not None:
                await stored.approve(connection, server, lesson, found.latest, person=person, now=self._now())
                await self._plans.announce(connection, server)
                found = await stored.find(connection, server, lesson)
        if found is None:
            return None
        if is_shown:
            self._plans.changed(server)
        return await self._review(server, found, note=PlanNote.APPROVED if is_shown else PlanNote.CHANGED)

    async def delete(self, server: int, lesson: str) -> bool:
        """Delete a lesson with what was approved; return whether there was one."""
        async with self._store.writing(server=server) as connection:
            gone = await stored.remove(connection, server, lesson)
            await self._plans.announce(connection, server)
        self._plans.changed(server)
        return gone

    async def _find(self, server: int, lesson: str) -> StoredLesson | None:
        async with self._store.reading() as connection:
            return await stored.find(connection, server, lesson)

    async def _outlined(self, server: int, documents: tuple[str, ...] | None) -> StoredLesson:
        """Plan a lesson and store it as a draft; raises LessonError when no sentence can be taught."""
        plan = await self._source.lesson_outline(documents, server=server)
        if not plan.chapters:
            raise LessonError("nothing_to_teach")
        async with self._store.writing(server=server) as connection:
            await stored.save_draft(connection, server, plan.id, plan_row(plan), documents=documents, now=self._now())
            found = await stored.find(connection, server, plan.id)
        assert found is not None
        return found

    async def _review(
        self, server: int, found: StoredLesson, chapter: str | None = None, note: PlanNote | None = None
    ) -> PlanReview:
        cards = await self._deck.cards(server)
        plan = plan_of(found.latest)
        if plan is None:  # written by another version of the program
            found = await self._outlined(server, found.documents)
            plan = plan_of(found.latest)
            assert plan is not None
        shown = await asyncio.to_thread(complete, plan, cards)
        alone = next((each for each in shown.chapters if each.id == chapter), None)
        return PlanReview(
            shown,
            plan.version,
            alone,
            is_taught=found.draft is None,
            was_approved=found.approved is not None,
            note=note,
        )


def _is_shown(found: StoredLesson, version: str) -> bool:
    """Return whether the latest plan of a lesson has this version."""
    plan = plan_of(found.latest)
    return plan is not None and plan.version == version
