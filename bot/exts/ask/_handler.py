"""The one desk that every question comes to, whichever way it was asked."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from bot.conversation.recent import ConversationKey
from bot.errors import BotError, LeavingError, TooManyError
from bot.exts.ask._reading import Question, Reply, read
from bot.exts.ask._surfaces import Surface
from bot.observability.events import Answered, Asked
from bot.ui.answer import Notes, answer_view
from bot.ui.error_handler import error_view, explain
from bot.ui.notice import Accent, notice, waking
from index.answering.answer import Answer, Outcome, Quote
from index.errors import LibraryError

if TYPE_CHECKING:
    import discord

    from bot.ui.client import TutorClient

# An answer is a blink away; a person who waits longer than this should see that something is happening.
PATIENCE_S = 1.0


class AskHandler:
    """Reads, counts, asks and answers."""

    def __init__(self, bot: TutorClient) -> None:
        self._bot = bot

    def read(self, written: str, person: int, server: int | None) -> Question | Reply:
        """Read what was written and count it."""
        return self.counted(read(written), person, server)

    def counted(self, heard: Question | Reply, person: int, server: int | None) -> Question | Reply:
        """Count what gets a reply, small talk too; one too many becomes an aside that says so."""
        try:
            self._bot.services.quotas.question(person, server, self._bot.services.now())
        except TooManyError as error:
            if isinstance(heard, Question):
                self._bot.services.events(Asked())
                self._bot.services.events(Answered("refused", 0.0))
            return Reply(explain(error), trouble=True, is_repetition=error.is_repetition)
        return heard

    async def reply(self, surface: Surface, heard: Question | Reply, corner: ConversationKey | None) -> None:
        """Answer on this surface; without a corner the question stands alone and is not remembered."""
        if isinstance(heard, Reply):
            await self._tell(surface, heard)
            return
        answer = await self._counted(surface, heard, corner)
        if answer is not None and corner is not None and not corner.private:
            await self._note(surface.server, corner.person, answer)

    async def _tell(self, surface: Surface, aside: Reply) -> None:
        try:
            self._enter(surface)
            view = notice(aside.reply, Accent.CLOSEST if aside.trouble else Accent.FRIENDLY)
        except LeavingError as error:
            view = error_view(error)
        await surface.show(view)

    def _enter(self, surface: Surface) -> None:
        self._bot.services.in_flight.enter(lambda error: surface.show(error_view(error)))

    async def _counted(self, surface: Surface, question: Question, corner: ConversationKey | None) -> Answer | None:
        """Show the answer, or why there is none; whoever listens hears what came of it."""
        answer: Answer | None = None
        came_of_it, began = "refused", time.perf_counter()  # refused is what stays when it is given up at the end
        self._bot.services.events(Asked())
        try:
            try:
                self._enter(surface)
                answer, view = await self._answer(surface, question, corner)
                came_of_it = (answer.outcome if answer.quotes else Outcome.NOT_COVERED).value
            except Exception as error:
                # Shown here, not in on_error: only this surface knows the reply that has to be replaced.
                view = error_view(error)
                came_of_it = "refused" if isinstance(error, BotError | LibraryError) else "failed"
            await surface.show(view)
        except Exception:
            came_of_it = "failed"
            raise
        finally:
            self._bot.services.events(Answered(came_of_it, time.perf_counter() - began))
        return answer

    async def _note(self, server: int | None, person: int, answer: Answer) -> None:
        """Count what was asked for all to see and not answered; that this fails is not the person's trouble."""
        outcome = answer.outcome if answer.quotes else Outcome.NOT_COVERED
        try:
            await self._bot.services.unanswered.note(server, person, answer.understood, outcome)
        except Exception as error:
            explain(error)

    async def _answer(
        self, surface: Surface, question: Question, corner: ConversationKey | None
    ) -> tuple[Answer, discord.ui.LayoutView]:
        history: tuple[str, ...] = ()
        if corner is not None:
            now = self._bot.services.now()
            history = self._bot.services.conversations.recall(corner, now)
            self._bot.services.conversations.remember(corner, question.text, now)
        waited = not self._bot.services.engine.ready
        if waited:
            await surface.show(waking())
        answer = await self._ask(surface, question.text, history)
        notes = Notes(
            waited=waited,
            cut_at=question.cut_at,
            asked_unseen=not surface.shows_question,
            asked_about=await self._asked_about(answer, surface.server),
        )
        return answer, answer_view(answer, await self._titles(answer, surface.server), notes)

    async def _ask(self, surface: Surface, question: str, history: tuple[str, ...]) -> Answer:
        asking: asyncio.Task[Answer] = asyncio.create_task(
            self._bot.services.engine.ask(question, history, server=surface.server)
        )
        try:
            done, _ = await asyncio.wait({asking}, timeout=PATIENCE_S)
            if not done:
                await surface.busy()
            return await asking
        finally:
            asking.cancel()

    async def _asked_about(self, answer: Answer, server: int | None) -> tuple[Quote, ...]:
        """Give the quotes that the quiz asks about; that it cannot tell is no reason not to answer."""
        try:
            return await self._bot.services.quiz_sessions.asked_about(server, answer.quotes)
        except (BotError, LibraryError) as error:
            explain(error)
            return ()

    async def _titles(self, answer: Answer, server: int | None) -> list[str]:
        """Name what the library holds, for the answer that it does not hold this."""
        if answer.outcome is not Outcome.NOT_COVERED and answer.quotes:
            return []
        library = await self._bot.services.engine.library(server=server)
        return [document.title for document in library.documents]
