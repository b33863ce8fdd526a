"""The people of a measured cluster: they ask, answer quizzes, open public rounds and take part in them."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prompts import words
from tests.bench.cluster_run import SHARDS, comes_true, ordinal_of
from tests.bench.learners import Place, controls
from tests.bench.soak import QUESTIONS
from tests.gateway.person import Actor
from tests.gateway.world import Json, parts, texts

if TYPE_CHECKING:
    from tests.bench.cluster_run import Run
    from tests.gateway.interactions import Interaction

_PLAYERS_EACH = 2  # in each server
_PAUSE_S = 0.5  # between two presses of a player
_PATIENCE_S = 5.0  # of a player for a press, before they press again
_QUIZZES_EACH = 25  # until somebody else plays: the bank must not run out of questions
_ROUND_S = 60.0  # the shortest that there is
_CLOSED_EARLY_S = (5.0, 58.0)


@dataclass(slots=True)
class Mention:
    """One question, and the number of the bot whose shard hears of it."""

    message: Json
    ordinal: int
    at: float


@dataclass(slots=True)
class OpenRound:
    """A public round as its channel shows it; the bot changes the message in place."""

    id: int
    message: Json
    guild: str
    closes_at: float

    @property
    def is_shown_closed(self) -> bool:
        return words("quiz.round.closed") in texts(self.message)


@dataclass(slots=True)
class Player:
    """Somebody who plays in a server; and answers that they submitted, and those that were acknowledged, and when."""

    guild: str
    submitted: set[Place] = field(default_factory=set)
    acknowledged: dict[Place, tuple[float, float]] = field(default_factory=dict)
    """When the press was sent and when its answer was there, of each answer."""


async def ask(run: Run, per_s: float) -> None:
    """Ask on the beat, in the servers in turn, each time as somebody else."""
    guilds, began, number = [*run.server.world.more_guilds], time.monotonic(), 0
    while not run.is_over:
        await asyncio.sleep(max(began + number / per_s - time.monotonic(), 0))
        await ask_in(run, guilds[number % SHARDS], QUESTIONS[number % len(QUESTIONS)])
        number += 1


async def ask_in(run: Run, guild: str, question: str) -> Json:
    """Ask in a server and give the message."""
    ordinal, at = ordinal_of(run.server.gateway.shard_of(guild)), time.monotonic()
    asked = await Actor(run.server, f"asker{len(run.mentions)}", guild=guild).says(question)
    run.mentions.append(Mention(asked, ordinal, at))
    return asked


def players(run: Run) -> list[Player]:
    """Return so many players for each server."""
    return [Player(guild) for guild in run.server.world.more_guilds for _ in range(_PLAYERS_EACH)]


async def play(run: Run, player: Player) -> None:
    """Answer quizzes and the rounds of the server."""
    while not run.is_over:
        actor = Actor(run.server, f"player{len(run.server.desk.taken)}", guild=player.guild)
        joined: set[int] = set()
        for _ in range(_QUIZZES_EACH):
            if run.is_over:
                return
            around = next((each for each in run.rounds if each.guild == player.guild and each.id not in joined), None)
            if around is not None and not around.is_shown_closed and "Answer" in labels(around.message):
                joined.add(around.id)
                begun = await done(await actor.presses(around.message, "Answer"))
            else:
                begun = await done(await actor.slash("quiz start", number=2))
            if begun.answer is not None:
                await _answer_all(run, player, actor, begun.answer)


async def _answer_all(run: Run, player: Player, actor: Actor, step: Json) -> None:
    """Answer the questions of a message, one after the other; free ones are left."""
    while "A" in labels(step) and not run.is_over:
        await _press(run, actor, step, "A")
        submit = next((control for _, control in controls(step) if control.act == "submit"), None)
        if submit is None:
            return
        player.submitted.add(submit.place)
        sent = time.monotonic()
        while not run.is_over and "Submit" in labels(step):
            sent = time.monotonic()
            await done(await actor.presses(step, "Submit"))
        if _is_recorded(step):
            player.acknowledged[submit.place] = sent, time.monotonic()
        if "Next question" not in labels(step):
            return
        await _press(run, actor, step, "Next question")


def _is_recorded(step: Json) -> bool:
    """Say whether a message shows the verdict with its quotation, or in a round that the answer is in."""
    shown = f"\n{texts(step)}"
    is_in = (words("quiz.result.recorded"), words("quiz.summary.round"))
    return "Submit" not in labels(step) and ("\n> " in shown or any(each in shown for each in is_in))


async def _press(run: Run, actor: Actor, step: Json, label: str) -> None:
    """Press a button until that is answered; an answer that came late has changed the message."""
    while not run.is_over and label in labels(step):
        if (await done(await actor.presses(step, label))).answer is not None:
            return


async def host(run: Run, guild: str, rng: random.Random) -> None:
    """Open a round in a server when the one before is over; half of them are closed early by the host's button."""
    while not run.is_over:
        actor = Actor(run.server, f"host{len(run.rounds)}", guild=guild)
        begun = await done(await actor.slash("quiz round", number=2, minutes=1))
        shown = begun.answer
        number = next((control.place.session for _, control in controls(shown or {"components": []})), None)
        if shown is None or number is None:
            continue
        around = OpenRound(number, shown, guild, begun.sent_at + _ROUND_S)
        run.rounds.insert(0, around)
        if rng.random() < 0.5:
            await asyncio.sleep(rng.uniform(*_CLOSED_EARLY_S))
            while not around.is_shown_closed and "Close the round" in labels(shown):
                await done(await actor.presses(shown, "Close the round"))
        await comes_true(lambda around=around: around.is_shown_closed, 2 * _ROUND_S, look_s=0.2)


async def done(act: Interaction) -> Interaction:
    """Give an act back when the bot has answered or refused it, or after _PATIENCE_S."""
    await comes_true(lambda: act.answer or act.followups, _PATIENCE_S)
    await asyncio.sleep(_PAUSE_S)
    return act


def labels(message: Json) -> set[str]:
    """Give the labels of the buttons that can be pressed."""
    return {each.get("label", "") for each in parts(message["components"]) if not each.get("disabled")}
