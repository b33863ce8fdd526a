"""Handles every question, from a mention, reply, DM, slash command or message menu."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from bot.conversation.recent import ConversationKey
from bot.errors import BotError, LeavingError, TooManyError
from bot.exts.ask._reading import Question, Reply, read
from bot.exts.ask._surfaces import Surface
from bot.observability.events import Answered, Asked
from bot.ui.answer import AnswerDetails, answer_view
from bot.ui.error_handler import error_view, explain
from bot.ui.notice import Accent, loading, notice
from index.answering.answer import Answer, Outcome, Quote
from index.errors import LibraryError

if TYPE_CHECKING:
    import discord

    from bot.ui.client import TutorClient

# Seconds without an answer after which the person sees that the bot is working.
PATIENCE_S = 1.0


class AskHandler:
    """Parses a message, counts it against the quotas, asks the engine and shows the answer."""

    def __init__(self, bot: TutorClient) -> None:
        self._services = bot.services

    def read(self, written: str, person: int, server: int | None) -> Question | Reply:
        """Parse a text and count it against the quotas."""
        return self.counted(read(written), person, server)

    def counted(self, parsed: Question | Reply, person: int, server: int | None) -> Question | Reply:
        """Count a text against the quotas, small talk too; over the quota, return a Reply that says so."""
        try:
            self._services.quotas.question(person, server, self._services.now())
        except TooManyError as error:
            if isinstance(parsed, Question):
                self._services.events(Asked())
                self._services.events(Answered("refused", 0.0))
            return Reply(explain(error), trouble=True, is_repetition=error.is_repetition)
        return parsed

    async def reply(self, surface: Surface, parsed: Question | Reply, key: ConversationKey | None) -> None:
        """Answer on this surface; without a key the question has no history and is not remembered."""
        if isinstance(parsed, Reply):
            await self._tell(surface, parsed)
            return
        answer = await self._answered(surface, parsed, key)
        if answer is not None and key is not None and not key.private:
            await self._count_unanswered(surface.server, key.person, answer)

    async def _tell(self, surface: Surface, reply: Reply) -> None:
        try:
            self._enter(surface)
            view = notice(reply.reply, Accent.CLOSEST if reply.trouble else Accent.FRIENDLY)
        except LeavingError as error:
            view = error_view(error)
        await surface.show(view)

    def _enter(self, surface: Surface) -> None:
        self._services.in_flight.enter(lambda error: surface.show(error_view(error)))

    async def _answered(self, surface: Surface, question: Question, key: ConversationKey | None) -> Answer | None:
        """Show the answer, or the reason why there is none, and publish the outcome as an event."""
        answer: Answer | None = None
        began = time.perf_counter()
        outcome_name = "refused"  # also when the bot stops before there is an answer
        self._services.events(Asked())
        try:
            try:
                self._enter(surface)
                answer, view = await self._answer(surface, question, key)
                outcome_name = (answer.outcome if answer.quotes else Outcome.NOT_COVERED).value
            except Exception as error:
                # Shown here, because only the surface knows the reply to replace.
                view = error_view(error)
                outcome_name = "refused" if isinstance(error, BotError | LibraryError) else "failed"
            await surface.show(view)
        except Exception:
            outcome_name = "failed"
            raise
        finally:
            self._services.events(Answered(outcome_name, time.perf_counter() - began))
        return answer

    async def _count_unanswered(self, server: int | None, person: int, answer: Answer) -> None:
        """Count a public question that was not answered; a failure is logged and not shown to the person."""
        outcome = answer.outcome if answer.quotes else Outcome.NOT_COVERED
        try:
            await self._services.unanswered.note(server, person, answer.understood, outcome)
        except Exception as error:
            explain(error)

    async def _answer(
        self, surface: Surface, question: Question, key: ConversationKey | None
    ) -> tuple[Answer, discord.ui.LayoutView]:
        history: tuple[str, ...] = ()
        if key is not None:
            now = self._services.now()
            history = self._services.conversations.recall(key, now)
            self._services.conversations.remember(key, question.text, now)
        waited = not self._services.engine.ready
        if waited:
            await surface.show(loading())
        answer = await self._ask(surface, question.text, history)
        details = AnswerDetails(
            waited=waited,
            cut_at=question.cut_at,
            show_question=not surface.shows_question,
            quiz_quotes=await self._quiz_quotes(answer, surface.server),
        )
        return answer, answer_view(answer, await self._titles(answer, surface.server), details)

    async def _ask(self, surface: Surface, question: str, history: tuple[str, ...]) -> Answer:
        asking: asyncio.Task[Answer] = asyncio.create_task(
            self._services.engine.ask(question, history, server=surface.server)
        )
        try:
            done, _ = await asyncio.wait({asking}, timeout=PATIENCE_S)
            if not done:
                await surface.busy()
            return await asking
        finally:
            asking.cancel()

    async def _quiz_quotes(self, answer: Answer, server: int | None) -> tuple[Quote, ...]:
        """Return the quotes about which the quiz has questions; none when it cannot be read."""
        try:
            return await self._services.quiz_sessions.asked_about(server, answer.quotes)
        except (BotError, LibraryError) as error:
            explain(error)
            return ()

    async def _titles(self, answer: Answer, server: int | None) -> list[str]:
        """Return the titles of the documents when the library does not answer, else nothing."""
        if answer.outcome is not Outcome.NOT_COVERED and answer.quotes:
            return []
        library = await self._services.engine.library_status(server=server)
        return [document.title for document in library.documents]
