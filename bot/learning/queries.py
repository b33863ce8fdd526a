"""Reads sessions inside a transaction: checks the person and the step, and gathers what is shown."""

from __future__ import annotations

from datetime import datetime

from bot.errors import OutdatedButton, QuizError
from bot.learning.deck import Cards
from bot.learning.views import Shown, Summary
from bot.quiz.session import PASSED_FROM, Session, Step
from bot.store import rounds
from bot.store.database import Connection


def own_session(found: Session | None, person: int) -> Session:
    """Return a session if it is the person's own; raises QuizError."""
    if found is None:
        raise QuizError("gone")
    if found.person != person:
        raise QuizError("foreign")
    return found


async def open_step(connection: Connection, session: Session, position: int, now: datetime) -> Step:
    """Return a step that may be changed; raises QuizError for an unanswered step of a round that is over."""
    step = step_of(session, position)
    if step.submitted is None and session.round is not None:
        around = await rounds.load(connection, session.round, keep=True)
        if around is None or around.is_over(now):
            raise QuizError("round_over")
    return step


def step_of(session: Session, position: int) -> Step:
    """Return the step at a position; raises OutdatedButton when there is none."""
    if not 0 <= position < len(session.steps):
        raise OutdatedButton
    return session.steps[position]


async def shown(connection: Connection, session: Session, position: int, cards: Cards) -> Shown:
    """Gather what a screen shows of a step."""
    return shown_step(session, position, cards, secret=await _secret(connection, session))


def shown_step(session: Session, position: int, cards: Cards, *, secret: bool) -> Shown:
    """Gather what a screen shows of a step; `secret`: its round is open."""
    step = step_of(session, position)
    item = cards.item(step.item, step.version)
    is_over = session.round is not None and not secret
    following = position + 1 if position + 1 < len(session.steps) else None
    return Shown(
        session=session.id,
        step=step,
        total=len(session.steps),
        item=item,
        axis=cards.bank.axes.get(item.axis, item.axis) if item is not None else "",
        quotes=cards.quotes.get(step.item, ()),
        next=following if is_over else session.next_after(position),
        due=step.submitted.memory.due if step.submitted is not None else None,
        secret=secret,
        in_round=session.round is not None,
        in_lesson=session.lesson is not None,
    )


async def summary(connection: Connection, session: Session, cards: Cards) -> Summary:
    """Sum up a session by its first answers, without items that came back."""
    axes: dict[str, tuple[float, int]] = {}
    missed: list[str] = []
    for step in session.steps:
        item = cards.item(step.item, step.version)
        if step.submitted is None or step.again or item is None:
            continue
        title = cards.bank.axes.get(item.axis, item.axis)
        points, count = axes.get(title, (0.0, 0))
        axes[title] = points + step.submitted.score, count + 1
        if step.submitted.score < PASSED_FROM:
            missed.append(item.question)
    due = min((step.submitted.memory.due for step in session.steps if step.submitted is not None), default=None)
    return Summary(session.id, axes, tuple(missed), due, await _secret(connection, session))


async def _secret(connection: Connection, session: Session) -> bool:
    if session.round is None:
        return False
    around = await rounds.load(connection, session.round)
    return around is not None and around.closed_at is None
