"""Maintainers see a planned lesson, change it and approve it; then it is taught, with the questions of the server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.errors import LessonError
from bot.learning.lesson_drafts import PlanNote
from bot.libraries.paths import adopt, own_folder
from bot.quiz.lesson_edit import PlanChange
from bot.quiz.lesson_plan import Chapter, LessonPlan, LessonPoint
from bot.ui.lesson_drafts.views import plan_view
from tests.bot.conftest import Stage, labels, parts, texts
from tests.bot.learning.test_drafts import add_keeper, draft, said
from tests.index.fakes import build_texts

pytestmark = [pytest.mark.asyncio, pytest.mark.model]

THESIS = "We need to be wary of the metasverse becoming synonymous with the Internet."
OWN = draft(
    "draft-wary",
    "choice",
    THESIS,
    question="What does the text tell us to watch out for?",
    right="that the two words come to mean one thing",
    wrong=["that the two words come to be forgotten", "that the two words come to be forbidden"],
)


@pytest.fixture
def grace(quiz_stage: Stage) -> Any:
    """Somebody who manages the server."""
    return add_keeper(quiz_stage, quiz_stage.channel.guild, "grace")


async def taught(stage: Stage, guild: int | None = None) -> tuple[LessonPlan, ...]:
    """Return the lessons that the server can take."""
    return await stage.bot.services.lessons.offered(guild or stage.channel.guild.id)


def shown_texts(view: discord.ui.LayoutView) -> str:
    """Return all text of a layout."""
    return "\n".join(item.content for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay))


def chosen(message: Any, start: str, number: int) -> dict[str, Any]:
    """Return what is chosen in the menu whose custom id starts so: the option with this number."""
    (menu,) = [part for part in parts(message) if part.get("custom_id", "").startswith(start)]
    return {"custom_id": menu["custom_id"], "values": [menu["options"][number]["value"]]}


async def test_a_lesson_is_changed_approved_and_taught(quiz_stage: Stage, grace: Any) -> None:
    """The whole way: planned, a chapter dropped, a point moved, a restart, approved; a draft approved later joins."""
    stage = quiz_stage
    (shipped,) = await taught(stage)
    assert shipped.id == "metaverse"
    result = await grace.slash(stage.channel, "library draft-lesson")
    assert result.ephemeral
    message = result.response
    assert "4 chapters · 12 points" in texts(message)
    assert "3 points, all with a question" in texts(message)
    assert "Nobody is taught it before" in texts(message)
    assert labels(message)[-3:] == ["Approve", "Start over", "Delete"]

    await grace.select(message, **chosen(message, "plan:v1:chapter:drop:", 3))
    assert "3 chapters · 9 points" in texts(message)
    await grace.select(message, **chosen(message, "plan:v1:chapter:open:", 0))
    assert "> When the idea of a meta-universe was first mentioned" in texts(message)
    await grace.select(message, **chosen(message, "plan:v1:point:up:", 2))
    assert texts(message).index(THESIS) < texts(message).index("There are some parallels")
    await stage.restart()
    await stage.env.settle()
    await grace.select(message, **chosen(message, "plan:v1:point:drop:", 2))
    assert "parallels" not in texts(message)
    await grace.click(message, label="All chapters")
    assert [plan.id for plan in await taught(stage)] == ["metaverse"]
    await grace.click(message, label="Approve")
    assert "teaches it from now on" in texts(message)

    services, here = stage.bot.services, stage.channel.guild.id
    own, other = await taught(stage)
    assert (own.id, other.id) == ("library", "metaverse")
    assert len(own.points) == 8
    point = next(point for point in own.points if point.quote == THESIS)
    assert "thesis-warning" in (point.guess, *point.items)
    assert "draft-wary" not in point.items
    assert [plan.id for plan in await taught(stage, guild=1)] == ["metaverse"]
    await services.drafting.take_in(here, [OWN], 1)
    turn: Any = (await services.drafts.next(here)).screen
    await services.drafts.approve(here, turn.item.id, turn.item.version, grace.id)
    found = next(point for point in (await taught(stage))[0].points if point.id == point.id and point.quote == THESIS)
    assert "draft-wary" in (found.guess, *found.items)

    await grace.click(message, label="Delete")
    assert "no longer taught" in texts(message)
    assert [plan.id for plan in await taught(stage)] == ["metaverse"]


async def test_nobody_changes_what_they_did_not_see(quiz_stage: Stage, grace: Any) -> None:
    """A press on an older version changes nothing and shows the plan as it is; an unknown part changes nothing."""
    here, drafts = quiz_stage.channel.guild.id, quiz_stage.bot.services.lesson_drafts
    first = await drafts.begin(here)
    again = await drafts.begin(here)
    assert (again.version, again.is_taught) == (first.version, False)
    chapter = first.plan.chapters[0].id
    changed = await drafts.edit(here, "library", first.version, PlanChange.DROP, chapter=chapter)
    assert changed is not None
    assert changed.note is PlanNote.EDITED
    for stale in (
        await drafts.edit(here, "library", first.version, PlanChange.DROP, chapter=first.plan.chapters[1].id),
        await drafts.approve(here, "library", first.version, grace.id),
        await drafts.again(here, "library", first.version),
    ):
        assert stale is not None
        assert (stale.note, stale.version, stale.was_approved) == (PlanNote.CHANGED, changed.version, False)
    nothing = await drafts.edit(here, "library", changed.version, PlanChange.DROP, chapter="nowhere")
    assert nothing is not None
    assert (nothing.note, nothing.version) == (None, changed.version)
    renewed = await drafts.again(here, "library", changed.version)
    assert renewed is not None
    assert renewed.version == first.version
    for point in renewed.plan.points:
        last = await drafts.edit(here, "library", renewed.version, PlanChange.DROP, point=point.id)
        assert last is not None
        renewed = last
    assert renewed.note is PlanNote.EMPTY
    assert len(renewed.plan.points) == 1
    assert await drafts.look(1, "library") is None
    assert not await drafts.delete(1, "library")
    assert await drafts.look(here, "library") is not None


async def test_only_keepers_plan(quiz_stage: Stage, grace: Any) -> None:
    """Who may no longer change the library gets no further than the button, and the command refuses others."""
    stage = quiz_stage
    message = (await grace.slash(stage.channel, "library draft-lesson")).response
    stage.env.backend.get_guild(stage.channel.guild.id).members[grace.id].role_ids.clear()
    assert "Only people who may manage this server" in said(await grace.click(message, label="Approve"))
    menu = chosen(message, "plan:v1:chapter:drop:", 0)
    assert "Only people who may manage this server" in said(await grace.select(message, **menu))
    review = await stage.bot.services.lesson_drafts.look(stage.channel.guild.id, "library")
    assert review is not None
    assert (len(review.plan.chapters), review.is_taught) == (4, False)


async def test_any_library_is_taught(quiz_stage: Stage) -> None:
    """Without an approved or shipped lesson one is planned, of one sentence too; where there is none, it is said."""
    stage, here = quiz_stage, quiz_stage.channel.guild.id
    data, services = stage.bot.services.settings.data, stage.bot.services
    own = adopt(data, here, at="2026-01-01T00:00:00.000000")
    encoder = (await services.engine.opened()).encoder
    build_texts(own, "Clay remembers the hand that shaped it.", encoder=encoder)
    await services.engine.renew(server=here)
    (plan,) = await taught(stage)
    assert [point.quote for point in plan.points] == ["Clay remembers the hand that shaped it."]
    assert not plan.points[0].items
    review = await services.lesson_drafts.begin(here)
    assert shown_texts(plan_view(review)).count("no question yet") == 1
    assert own == own_folder(data, here)
    build_texts(own, "Clay", encoder=encoder)
    await services.engine.renew(server=here)
    assert await taught(stage) == ()
    with pytest.raises(LessonError, match="No sentence"):
        await services.lesson_drafts.begin(here)


async def test_every_plan_fits_into_a_message(quiz_stage: Stage) -> None:
    """Twelve chapters with the longest titles, seven points with the longest quotes, all in Markdown."""
    here, drafts = quiz_stage.channel.guild.id, quiz_stage.bot.services.lesson_drafts
    review = await drafts.begin(here)
    points = tuple(LessonPoint(f"point-{number}", "*_`~|" * 120) for number in range(7))
    chapters = tuple(Chapter(f"chapter-{number}", "*_`~|" * 20, points) for number in range(12))
    long = replace(review, plan=replace(review.plan, chapters=chapters), note=PlanNote.CHANGED)
    assert shown_texts(plan_view(long)).count("7 points") == 12
    assert shown_texts(plan_view(replace(long, chapter=chapters[0]))).count("only read") == 7
