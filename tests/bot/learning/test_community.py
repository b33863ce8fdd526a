"""What a server does with its quizzes: compares, complains, retires, ranks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest

from bot.quiz.schedule import Rating, review
from bot.quiz.session import Submitted
from bot.store import sessions
from bot.ui.persistent import fields_in
from bot.ui.quiz.buttons import FIELD
from tests.bot.conftest import Stage, labels, refused, texts
from tests.bot.player import Player

pytestmark = [pytest.mark.asyncio, pytest.mark.model, pytest.mark.usefixtures("database")]


def said(result: Any) -> str:
    return texts([each for each in (result.response, *result.followups) if each is not None][-1])


@pytest.fixture
def manager(quiz_stage: Stage) -> Any:
    """Somebody who manages the server."""
    guild = quiz_stage.channel.guild
    role = guild.create_role("Teachers", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(quiz_stage.env.create_user("grace"), roles=[role])


async def test_the_two_sides_face_each_other(quiz_stage: Stage) -> None:
    """Each axis in the author's words, and a button for each of the others."""
    result = await quiz_stage.alice.slash(quiz_stage.channel, "compare")
    cards = await quiz_stage.bot.services.deck.cards()
    first = cards.bank.contrasts[0]
    assert cards.bank.axes[first.axis] in said(result)
    assert all(claim.claim.rstrip(".") in said(result).replace("\\", "") for claim in first.claims.values())
    assert labels(result.response).count("Show in context") >= 2
    other = next(axis for axis in dict.fromkeys(each.axis for each in cards.bank.contrasts) if axis != first.axis)
    await quiz_stage.alice.click(result.response, label=cards.bank.axes[other])
    assert f"### {cards.bank.axes[other]}" in texts(result.response)


async def test_every_axis_fits_into_a_message(quiz_stage: Stage) -> None:
    """No axis of the table breaks a limit of Discord or shows a side alone."""
    from bot.ui.quiz.compare import compare_view

    cards = await quiz_stage.bot.services.deck.cards()
    for axis in dict.fromkeys(contrast.axis for contrast in cards.bank.contrasts):
        view = compare_view(cards, axis)
        sections = [child for child in view.walk_children() if isinstance(child, discord.ui.Section)]
        assert len(sections) >= 2
        assert len(sections) % 2 == 0


async def test_every_item_fits_into_a_message(quiz_stage: Stage) -> None:
    """Asked, hinted at, answered: no item of the bank breaks a limit of Discord."""
    from bot.learning.views import Shown
    from bot.quiz.session import FreeResult, PointResult, Step
    from bot.ui.quiz.step import step_view

    cards = await quiz_stage.bot.services.deck.cards()
    assert cards.bank.items
    for item in cards.bank.items:
        step = Step(0, item.id, item.version, tuple(range(len(item.options))), hints=4)
        shown = Shown(1, step, 2, item, "An axis", cards.quotes[item.id], 1, None, False, False)
        step_view(shown)
        points = tuple(PointResult(point, hit=False) for point in item.points)
        graded = FreeResult(None, points) if points else None
        step_view(replace(shown, step=replace(step, graded=graded)), "x" * 4000)
        now = quiz_stage.bot.services.now()
        done = Submitted(0 if item.options else -1, 0.0, 0, now, review(None, Rating.Again, now))
        view = step_view(replace(shown, step=replace(step, submitted=done, graded=graded)), "*" * 4000)
        assert view.content_length() <= 4000


@pytest.mark.parametrize(
    ("score", "hints", "said"),
    [
        (0.95, 0, "Right · 0.95 of a point"),
        (0.5, 0, "Partly right · 0.5 of a point"),
        (0.8, 1, "Right · 0.8 of a point after hints"),
        (0.4, 1, "Partly right · 0.4 of a point after hints"),
        (1.0, 0, "Right"),
    ],
)
async def test_after_hints_is_said_of_hints_alone(quiz_stage: Stage, score: float, hints: int, said: str) -> None:
    """A free answer that covers a part scores less than a point; that is no hint's doing."""
    from bot.learning.views import Shown
    from bot.quiz.items import ItemKind
    from bot.quiz.session import Step
    from bot.ui.quiz.step import step_view
    from tests.bot.ui.test_layouts import shown as drawn

    cards, now = await quiz_stage.bot.services.deck.cards(), quiz_stage.bot.services.now()
    item = next(item for item in cards.bank.items if item.kind is ItemKind.FREE)
    done = Submitted(-1, score, hints, now, review(None, Rating.Good, now))
    step = Step(0, item.id, item.version, (), hints=hints, submitted=done)
    shown = Shown(1, step, 2, item, "An axis", cards.quotes[item.id], 1, None, False, False)
    lead = drawn(step_view(shown)).splitlines()[0]
    assert lead.removeprefix("### ")[2:] == said


async def asked(stage: Stage) -> set[str]:
    """Name all that this server would ask Bob."""
    shown = await stage.bot.services.quiz_sessions.start(stage.bob.id, stage.channel.guild.id, number=1000)
    return {step.item for step in (await Player(stage, stage.bob).session(shown.session)).steps}


async def test_a_complaint_reaches_those_who_manage_the_server(quiz_stage: Stage, manager: Any) -> None:
    """It is listed with its question; the question can be taken out and brought back."""
    player = await Player(quiz_stage, quiz_stage.alice).start(number=1)
    item = await player.item()
    await player.answer(right=False)
    opened = await player.press("Dispute this question")
    thanks = await quiz_stage.alice.submit_modal(opened, {"text": "Two answers are right. @everyone"})
    assert "Thank you" in said(thanks)
    listed = said(await manager.slash(quiz_stage.channel, "quiz disputes"))
    assert f"**{item.id}**" in listed.replace("\\", "")
    assert "Two answers are right" in listed
    assert "@everyone" not in listed.replace("\\@everyone", "")

    await manager.slash(quiz_stage.channel, "quiz retire", item=item.id)
    assert "No complaints" in said(await manager.slash(quiz_stage.channel, "quiz disputes"))
    assert item.id not in await asked(quiz_stage)
    proposed = await manager.autocomplete(quiz_stage.channel, "quiz restore", "item", "")
    assert item.id in str(proposed)
    await manager.slash(quiz_stage.channel, "quiz restore", item=item.id)
    assert item.id in await asked(quiz_stage)


@pytest.mark.parametrize("command", ["disputes", "items", "retire", "restore"])
async def test_upkeep_is_for_managers_only(quiz_stage: Stage, command: str) -> None:
    """Anybody else is told so, in private, whatever Discord showed them."""
    options = {"item": "x"} if command in ("retire", "restore") else {}
    result = await quiz_stage.alice.slash(quiz_stage.channel, f"quiz {command}", **options)
    assert "Only people who manage this server" in said(result)
    assert "Only people who manage this server" in refused(quiz_stage)


@pytest.mark.parametrize("command", ["retire", "restore"])
@pytest.mark.parametrize("item", ["no-such-item", "half a sign: \udfff"])
async def test_an_unknown_item_cannot_be_retired(quiz_stage: Stage, manager: Any, command: str, item: str) -> None:
    """A typing error, whatever was typed, retires and restores nothing and says so."""
    result = await manager.slash(quiz_stage.channel, f"quiz {command}", item=item)
    assert "no question of that name" in said(result)
    assert "no question of that name" in refused(quiz_stage)


async def test_what_is_written_can_be_stored() -> None:
    """Half of a surrogate pair, which JSON can name and no file can hold, is replaced in a complaint or an answer."""
    assert fields_in([{"component": {"custom_id": FIELD, "value": "Unfair \ud83d!"}}]) == {FIELD: "Unfair \ufffd!"}


async def test_the_leaderboard_shows_only_those_who_want_it(quiz_stage: Stage) -> None:
    """Opting in and out works by button; points are those of first answers in this server."""
    for actor, right in ((quiz_stage.alice, True), (quiz_stage.bob, True)):
        player = await Player(quiz_stage, actor).start(number=1)
        await player.answer(right=right)
    board = await quiz_stage.alice.slash(quiz_stage.channel, "leaderboard")
    assert "Nobody is on it yet" in said(board)
    await quiz_stage.alice.click(board.response, label="Take part")
    shown = texts(board.response)
    assert f"<@{quiz_stage.alice.id}>" in shown
    assert f"<@{quiz_stage.bob.id}>" not in shown
    assert "**1** points from 1 answers" in shown
    await quiz_stage.alice.click(board.response, label="Leave the leaderboard")
    assert "Nobody is on it yet" in texts(board.response)


async def test_bad_items_are_listed_and_sent(quiz_stage: Stage, manager: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty answers that miss the key put an item on the list; who asks for it gets it once a week, while they may."""
    bot = quiz_stage.bot
    assert "None so far" in said(await manager.slash(quiz_stage.channel, "quiz items"))
    item = next(each for each in (await bot.services.deck.cards()).bank.items if len(each.options) >= 3)
    wrong = next(option for option in range(len(item.options)) if option != item.key)
    from bot.quiz.rounds import person_rng
    from bot.quiz.session import plan

    async with bot.services.store.writing() as connection:
        for person in range(1, 41):
            laid_out = plan([item], person_rng("x", person))
            made: dict[str, Any] = {"person": person, "guild": None, "laid_out": laid_out, "now": bot.services.now()}
            session = await sessions.create(connection, **made)
            answer = Submitted(wrong, 0.0, 0, bot.services.now(), review(None, Rating.Again, bot.services.now()))
            await sessions.submit(connection, session, replace(session.steps[0], submitted=answer), item.axis)
    result = await manager.slash(quiz_stage.channel, "quiz items")
    listed = said(result)
    assert item.id in listed.replace("\\", "")
    assert "40 answers · right 0 %" in listed
    assert "a wrong option is picked more often" in listed
    assert "100 %" in listed
    assert "Look whether that option is right too" in listed

    await manager.click(result.response, label="Send me this weekly")
    assert "You are sent this list once a week" in texts(result.response)
    sender: Any = bot.get_cog("DigestSender")
    for _ in range(2):
        await sender.sweep()
    (sent,) = manager.user.dm_channel.history()
    assert "1 question does not work well" in texts(sent)
    assert item.id in texts(sent).replace("\\", "")
    later = bot.services.now() + timedelta(days=7)
    monkeypatch.setattr(bot.services.digests, "_now", lambda: later)
    assert await bot.services.digests.due() == [(quiz_stage.channel.guild.id, manager.id)]
    quiz_stage.env.backend.get_guild(quiz_stage.channel.guild.id).members[manager.id].role_ids.clear()
    await sender.sweep()
    assert await bot.services.digests.due() == []
    assert not await bot.services.digests.wants(quiz_stage.channel.guild.id, manager.id)
