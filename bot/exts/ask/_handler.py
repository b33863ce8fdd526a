"""Handles every question, from a mention, reply, DM, slash command or message menu."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.turn import Aside, Response
from bot.conversation.acts import Act
from bot.conversation.recent import ConversationKey, RecentTurn
from bot.errors import BotError, LeavingError, TooManyError
from bot.exts.ask._surfaces import Surface
from bot.libraries.source_text import Place
from bot.observability.events import Answered, Asked
from bot.ui.answer import AnswerDetails, answer_view
from bot.ui.answer_buttons import QUIZ_LENGTH, QuizMeButton, StartQuizButton
from bot.ui.error_handler import error_view, explain
from bot.ui.notice import Accent, button_row, framed, loading, notice, text_item
from bot.ui.quiz.step import view_of
from bot.ui.quote_buttons import places_in
from bot.ui.reading import Question, Reply, read
from bot.ui.response import response_view
from bot.ui.shown_answer import ShownAnswer
from index.answering.answer import Answer, Outcome, Quote
from index.errors import LibraryError
from prompts import words

if TYPE_CHECKING:
    import discord

    from bot.ui.client import TutorClient

# Seconds without an answer after which the person sees that the bot is working.
PATIENCE_S = 1.0

# The earlier questions, and the places of the quotes that were shown last.
_Before = tuple[tuple[str, ...], list[Place]]


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

    async def reply(
        self,
        surface: Surface,
        parsed: Question | Reply,
        key: ConversationKey | None,
        earlier: ShownAnswer | None = None,
    ) -> None:
        """Answer on this surface; without a key the message has no history and is not remembered.

        `earlier` is the answer of the bot that the message replies to: the conversation goes on from there.
        """
        if isinstance(parsed, Reply):
            await self._tell(surface, parsed)
            return
        answer = await self._answered(surface, parsed, key, earlier)
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

    async def _answered(
        self, surface: Surface, message: Question, key: ConversationKey | None, earlier: ShownAnswer | None
    ) -> Answer | None:
        """Show the response, or the reason why there is none, and publish the outcome; returns a question's answer."""
        response: Response | None = None
        began = time.perf_counter()
        outcome_name = "refused"  # also when the bot stops before there is an answer
        self._services.events(Asked())
        try:
            try:
                self._enter(surface)
                response, view = await self._respond(surface, message, key, earlier)
                outcome_name = _outcome(response).value
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
        return response.answer if response is not None and response.act is Act.QUESTION else None

    async def _count_unanswered(self, server: int | None, person: int, answer: Answer) -> None:
        """Count a public question that was not answered; a failure is logged and not shown to the person."""
        outcome = answer.outcome if answer.quotes else Outcome.NOT_COVERED
        try:
            await self._services.unanswered.note(server, person, answer.understood, outcome)
        except Exception as error:
            explain(error)

    async def _respond(
        self, surface: Surface, message: Question, key: ConversationKey | None, earlier: ShownAnswer | None
    ) -> tuple[Response, discord.ui.LayoutView]:
        before, turn = self._recalled(key, message.text)
        waited = not self._services.engine.ready
        try:
            if waited:
                await surface.show(loading())
            history, shown = before if earlier is None else await self._before(surface.server, before, earlier)
            response = await self._ask(surface, message.text, history, shown)
        except BaseException:
            if turn is not None:
                self._services.conversations.take_back(turn)
            raise
        if turn is not None:
            self._remember(turn, response)
        if response.act is not Act.QUESTION:
            return response, await self._view(surface.server, key, response)
        answer = response.answer
        details = AnswerDetails(
            waited=waited,
            cut_at=message.cut_at,
            show_question=not surface.shows_question,
            quiz_quotes=await self._quiz_quotes(answer, surface.server),
            languages=response.languages,
            steps=response.steps,
            private=key is None or key.private,
        )
        return response, answer_view(answer, await self._titles(answer, surface.server), details)

    def _recalled(self, key: ConversationKey | None, text: str) -> tuple[_Before, RecentTurn | None]:
        """Return what came before in this conversation, and begin its next turn."""
        if key is None:
            return ((), []), None
        conversations, now = self._services.conversations, self._services.now()
        before = conversations.recall(key, now), [_place(quote) for quote in conversations.shown(key, now)]
        return before, conversations.remember(key, text, now)

    async def _before(self, server: int | None, before: _Before, earlier: ShownAnswer) -> _Before:
        """Return what came before a reply to an earlier answer: the conversation up to that answer."""
        question = await earlier.question()
        if question is None:
            return before
        history, _ = before
        known = history[: history.index(question) + 1] if question in history else (question,)
        try:
            return known, await places_in(earlier.verify.state, self._services.engine, server)
        except (BotError, LibraryError):  # the generation of the earlier answer is gone
            return known, []

    def _remember(self, turn: RecentTurn, response: Response) -> None:
        conversations, quotes = self._services.conversations, response.answer.quotes
        if response.act is Act.QUESTION:
            turn.quotes = quotes
        elif response.act in (Act.MORE, Act.REPAIR):
            conversations.show_more(turn, quotes)
        elif quotes and response.act is not Act.QUIZ:
            turn.question, turn.quotes = "", quotes
        else:
            conversations.take_back(turn)

    async def _view(self, server: int | None, key: ConversationKey | None, response: Response) -> discord.ui.LayoutView:
        """Lay out the response to a message that is no question."""
        if response.act is Act.HELP:
            return notice(words("ask.smalltalk.help", menu=words("ask.menu.name")))
        if response.act is Act.SMALLTALK:
            return notice(words("ask.smalltalk.other"))
        quiz_quotes = await self._quiz_quotes(response.answer, server)
        if response.act is Act.QUIZ:
            return await self._quiz(server, key, quiz_quotes)
        if response.act is Act.CLARIFY and response.answer.quotes:
            response = replace(response, asides=(*await self._other_side(response, server), *response.asides))
        status = None
        if response.documents:
            status = await self._services.engine.library_status(server=server)
        has_lesson = response.act is Act.LESSON and bool(await self._services.lessons.offered(server))
        return response_view(response, quiz_quotes, status, has_lesson=has_lesson)

    async def _quiz(
        self, server: int | None, key: ConversationKey | None, quotes: Sequence[Quote]
    ) -> discord.ui.LayoutView:
        """Start a quiz at once where only its person reads along, else offer it: a button shows it to that person."""
        if key is None or not key.private:
            start = QuizMeButton.for_quotes(quotes) or StartQuizButton()
            return framed(Accent.FRIENDLY, text_item(words("conversation.quiz.lead")), *button_row(start))
        sessions = self._services.quiz_sessions
        if quotes:
            return view_of(await sessions.start_about(key.person, server, [_place(quote) for quote in quotes]))
        return view_of(await sessions.start(key.person, server, number=QUIZ_LENGTH))

    async def _ask(self, surface: Surface, text: str, history: Sequence[str], shown: Sequence[Place]) -> Response:
        asking: asyncio.Task[Response] = asyncio.create_task(
            self._services.engine.respond(text, history, shown, server=surface.server)
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

    async def _other_side(self, response: Response, server: int | None) -> tuple[Aside, ...]:
        """Quote what the table of contrasts sets against an explained quote; nothing when it cannot be read."""
        try:
            found = await self._services.quiz_sessions.other_side(server, response.answer.quotes)
        except (BotError, LibraryError) as error:
            explain(error)
            return ()
        return (Aside("side", *found),) if found is not None else ()

    async def _titles(self, answer: Answer, server: int | None) -> list[str]:
        """Return the titles of the documents when the library does not answer, else nothing."""
        if answer.outcome is not Outcome.NOT_COVERED and answer.quotes:
            return []
        library = await self._services.engine.library_status(server=server)
        return [document.title for document in library.documents]


def _outcome(response: Response) -> Outcome:
    """Return the outcome to count: small talk, a quiz and other acts are no questions that the library leaves open."""
    if response.act is not Act.QUESTION:
        return Outcome.ANSWER
    return response.answer.outcome if response.answer.quotes else Outcome.NOT_COVERED


def _place(quote: Quote) -> Place:
    return Place(quote.generation, quote.document, quote.start, quote.end)
