"""Drafted questions in Discord: a machine proposes, those who look after the server decide, learners are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.errors import DraftError
from bot.learning.drafting import Made
from bot.learning.drafts import Note, Overview, Review
from bot.quiz.items import ItemKind
from bot.store import drafts as stored
from tests.bot.conftest import Stage, labels, parts, refused, texts
from tests.bot.player import Player

pytestmark = [pytest.mark.asyncio, pytest.mark.model, pytest.mark.usefixtures("database")]

LEADING = "To this day, we have not established the dominant technology of the metasverse."
FIRST = (
    "When the idea of a meta-universe was first mentioned, we could only see how it would change our social "
    "interaction."
)
FORM = "In fact, the industrial form of the meta-universe is completely different from the Internet."
USUAL = (
    "When it comes to the metasverse, we usually associate technologies like big data, cloud computing, Internet of "
    "Things, blockchain, artificial intelligence and virtual reality."
)


def draft(id: str, kind: str, quote: str, **more: Any) -> dict[str, Any]:
    row = {"id": id, "kind": kind, "side": "both", "difficulty": 2, "why": "Drafted from the essay.", **more}
    return {"axis": "essay-0a1b2c", "title": "The essay", "row": {**row, "quote": quote} if quote else row}


GAP = draft("draft-gap", "gap", FIRST, gap="social interaction", wrong=["daily routines", "public finances"])
CHOICE = draft(
    "draft-choice",
    "choice",
    LEADING,
    question="What has not been settled to this day, in the view of the text?",
    right="which technology leads",
    wrong=["which company leads", "which country leads"],
)
TRUTH = draft("draft-truth", "truth", FORM, statement="Both have an industry of one and the same shape.", holds=False)
FREE = draft("draft-free", "free", "", question="Which technologies come to mind, and of what?", points=[USUAL])
ALL = [GAP, CHOICE, TRUTH, FREE]


def said(result: Any) -> str:
    return texts([each for each in (result.response, *result.followups) if each is not None][-1])


def add_keeper(stage: Stage, guild: Any, name: str) -> Any:
    role = guild.create_role(f"Teachers of {name}", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(stage.env.create_user(name), roles=[role])


@pytest.fixture
def grace(quiz_stage: Stage) -> Any:
    """Somebody who manages the server."""
    return add_keeper(quiz_stage, quiz_stage.channel.guild, "grace")


@pytest.fixture
def drafted(quiz_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[list[str]]]:
    """Return a function that has the workshop print these drafts, and gives what it was asked for."""

    def prepare(*made: dict[str, Any]) -> list[list[str]]:
        runs: list[list[str]] = []

        async def run(folder: Any, arguments: list[str], *_: Any) -> dict[str, Any]:
            runs.append(arguments)
            return {"generation": "0123456789ab", "drafts": list(made)}

        monkeypatch.setattr(quiz_stage.bot.services.job_runner, "run", run)
        return runs

    return prepare


async def asked(stage: Stage, guild: int | None) -> set[str]:
    """Name all that Bob would be asked there."""
    shown = await stage.bot.services.quiz_sessions.start(stage.bob.id, guild, number=1000)
    return {step.item for step in (await Player(stage, stage.bob).session(shown.session)).steps}


async def test_from_a_document_to_a_question(quiz_stage: Stage, grace: Any, drafted: Any) -> None:
    """The whole way: drafted, one approved, one rejected, one skipped; only the approved one is ever asked."""
    stage, here = quiz_stage, quiz_stage.channel.guild.id
    runs = drafted(*ALL)
    result = await grace.slash(stage.channel, "library draft-quiz", count=3)
    assert result.ephemeral
    assert runs == [["quiz", "generate", "--json", "--count", "3"]]
    screen = said(result)
    assert "3 questions drafted" in screen
    assert "were asked for" not in screen
    assert "1 × fill the gap" in screen
    assert "change our ▁▁▁▁▁▁" in screen
    assert "✅ **A** · social interaction" in screen
    assert "▫️ **B** · daily routines" in screen
    assert f"> {FIRST}" in screen
    assert "paragraph" in screen
    assert labels(result.response)[-4:] == ["Approve", "Edit", "Reject", "Skip"]
    assert not await asked(stage, here) & {"draft-gap", "draft-choice", "draft-truth"}

    message = result.response
    context = await grace.click(message, label="Show in context")
    assert f"**{FIRST}**" in texts(context.response)
    await grace.click(message, label="Approve")
    assert "Approved" in texts(message)
    assert "✅ **A** · which technology leads" in texts(message)
    await grace.click(message, label="Reject")
    assert "Both have an industry" in texts(message)
    assert "✅ **B** · False" in texts(message)
    await grace.click(message, label="Skip")
    assert "**1** approved · **1** rejected · **1** skipped" in texts(message)
    assert "/quiz start" in texts(message)
    assert await asked(stage, here) & {each["row"]["id"] for each in ALL} == {"draft-gap"}

    player = await Player(stage, stage.alice).start(axis="The essay")
    assert (await player.item()).id == "draft-gap"
    await player.answer(right=True)
    assert "Right" in player.screen
    assert f"> {FIRST}" in player.screen


async def test_it_is_said_why_fewer_are_drafted(quiz_stage: Stage, grace: Any, drafted: Any) -> None:
    """Who asks for more than can be drafted reads how many there are, and why."""
    drafted(*ALL)
    result = await grace.slash(quiz_stage.channel, "library draft-quiz", count=20)
    assert "20 were asked for, and 4 could be drafted: questions that can be guessed" in said(result)


async def test_no_other_server_sees_it(quiz_stage: Stage, grace: Any, drafted: Any) -> None:
    """What one server approves is asked neither elsewhere nor in private, and nobody elsewhere reviews it."""
    stage = quiz_stage
    drafted(GAP, CHOICE)
    message = (await grace.slash(stage.channel, "library draft-quiz")).response
    await grace.click(message, label="Approve")
    guild = stage.env.create_guild()
    channel = guild.create_text_channel("elsewhere")
    ida = add_keeper(stage, guild, "ida")
    assert "There are no drafts" in said(await ida.slash(channel, "library drafts"))
    for where in (guild.id, None):
        assert "draft-gap" not in await asked(stage, where)
    assert "draft-gap" in await asked(stage, stage.channel.guild.id)
    foreign = await stage.bot.services.drafts.approve(guild.id, "draft-choice", "0" * 12, ida.id)
    assert foreign.note is Note.GONE


async def test_a_review_outlives_a_restart(quiz_stage: Stage, grace: Any, drafted: Any) -> None:
    """Buttons and an open form of the run before work on; what was approved before is asked after."""
    stage = quiz_stage
    drafted(GAP, CHOICE)
    message = (await grace.slash(stage.channel, "library draft-quiz")).response
    await grace.click(message, label="Approve")
    opened = await grace.click(message, label="Edit")
    await stage.restart()
    await stage.env.settle()
    await grace.submit_modal(opened, {"question": "What is open still?", "right": "the technology", "wrong": "a\nb"})
    assert "What is open still?" in texts(message)
    assert "like length" in texts(message)
    opened = await grace.click(message, label="Edit")
    await grace.submit_modal(
        opened, {"question": "What is open still?", "right": "the technology", "wrong": "the companies\nthe countries"}
    )
    await grace.click(message, label="Approve")
    assert await asked(stage, stage.channel.guild.id) >= {"draft-gap", "draft-choice"}
    kept = stage.bot._connection._view_store
    assert (kept._views, kept._modals) == ({}, {})


async def test_what_is_wrong_cannot_be_approved(quiz_stage: Stage, grace: Any, drafted: Any) -> None:
    """An edit that gives the key away is kept and named, and its button is dead; a press that gets through too."""
    stage, here = quiz_stage, quiz_stage.channel.guild.id
    drafted(CHOICE)
    message = (await grace.slash(stage.channel, "library draft-quiz")).response
    opened = await grace.click(message, label="Edit")
    longest = {"question": "Which one?", "right": "the one which is much longer than all others", "wrong": "it\nher"}
    await grace.submit_modal(opened, longest)
    assert "It cannot be approved like this" in texts(message)
    assert "clearly the longest" in texts(message)
    (approve,) = [part for part in parts(message) if part.get("label") == "Approve"]
    assert approve["disabled"]
    turn = await stage.bot.services.drafts.next(here)
    assert isinstance(turn.screen, Review)
    item = turn.screen.item
    forced = await stage.bot.services.drafts.approve(here, item.id, item.version, grace.id)
    assert forced.note is Note.FAULTY
    assert "draft-choice" not in await asked(stage, here)


async def test_what_is_no_item_is_refused(quiz_stage: Stage, grace: Any, drafted: Any) -> None:
    """Two right answers, or a gap that the quote does not have: one sentence, and the draft as it was."""
    stage, here = quiz_stage, quiz_stage.channel.guild.id
    drafted(GAP)
    message = (await grace.slash(stage.channel, "library draft-quiz")).response
    opened = await grace.click(message, label="Edit")
    result = await grace.submit_modal(opened, {"gap": "world peace", "wrong": "one\ntwo"})
    assert "The question stays as it was" in said(result)
    assert "exactly once" in said(result)
    assert "✅ **A** · social interaction" in texts(message)
    turn = await stage.bot.services.drafts.next(here)
    assert isinstance(turn.screen, Review)
    with pytest.raises(DraftError, match="two right answers"):
        await stage.bot.services.drafts.edit(
            here, "draft-gap", turn.screen.item.version, {"wrong": "Social interaction"}
        )


@pytest.mark.parametrize(
    ("made", "written", "shown"),
    [
        (GAP, {"gap": "change", "wrong": "improve\nweaken"}, "how it would ▁▁▁▁▁▁ our social"),
        (TRUTH, {"statement": "The two industries differ in shape.", "holds": "true"}, "✅ **A** · True"),
        (FREE, {"question": "What do people think of?"}, "**What do people think of?**"),
    ],
)
async def test_each_kind_can_be_edited(
    quiz_stage: Stage, grace: Any, drafted: Any, made: dict[str, Any], written: dict[str, str], shown: str
) -> None:
    """The form asks for what the kind has; evidence and name stay."""
    drafted(made)
    message = (await grace.slash(quiz_stage.channel, "library draft-quiz")).response
    opened = await grace.click(message, label="Edit")
    await grace.submit_modal(opened, written)
    assert shown in texts(message)
    await grace.click(message, label="Approve")
    cards = await quiz_stage.bot.services.deck.cards(quiz_stage.channel.guild.id)
    item = cards.bank.by_id[made["row"]["id"]]
    assert item.quote == made["row"].get("quote", USUAL)
    assert item.kind is ItemKind(made["row"]["kind"])


async def test_two_decide_at_once(quiz_stage: Stage, grace: Any, drafted: Any) -> None:
    """The first decision counts; the other person is told whose it was and goes on with the next."""
    stage, here = quiz_stage, quiz_stage.channel.guild.id
    ida = add_keeper(stage, stage.channel.guild, "ida")
    drafted(GAP, CHOICE)
    hers = (await grace.slash(stage.channel, "library draft-quiz")).response
    theirs = (await ida.slash(stage.channel, "library drafts")).response
    await grace.click(hers, label="Reject")
    await ida.click(theirs, label="Approve")
    assert f"<@{grace.id}> has decided" in texts(theirs)
    assert "which technology leads" in texts(theirs)
    assert "draft-gap" not in await asked(stage, here)
    turn = await stage.bot.services.drafts.next(here)
    assert isinstance(turn.screen, Review)
    item = turn.screen.item
    both = await asyncio.gather(
        stage.bot.services.drafts.approve(here, item.id, item.version, grace.id),
        stage.bot.services.drafts.reject(here, item.id, item.version, ida.id),
    )
    assert sorted(turn.note or "" for turn in both) in (["approved", "decided"], ["decided", "rejected"])
    assert ("draft-choice" in await asked(stage, here)) is any(turn.note is Note.APPROVED for turn in both)


async def test_nobody_approves_what_they_did_not_see(quiz_stage: Stage, grace: Any, drafted: Any) -> None:
    """A draft that somebody else edited meanwhile is shown anew, not approved."""
    stage, here = quiz_stage, quiz_stage.channel.guild.id
    drafted(CHOICE)
    message = (await grace.slash(stage.channel, "library draft-quiz")).response
    turn = await stage.bot.services.drafts.next(here)
    assert isinstance(turn.screen, Review)
    await stage.bot.services.drafts.edit(
        here, "draft-choice", turn.screen.item.version, {"question": "What is not settled?"}
    )
    await grace.click(message, label="Approve")
    assert "edited this one meanwhile" in texts(message)
    assert "What is not settled?" in texts(message)
    assert "draft-choice" not in await asked(stage, here)


async def test_only_keepers_decide(quiz_stage: Stage, grace: Any, drafted: Any) -> None:
    """Whoever gets hold of the buttons without the right is told so, and nothing changes."""
    stage, here = quiz_stage, quiz_stage.channel.guild.id
    drafted(CHOICE)
    message = (await grace.slash(stage.channel, "library draft-quiz")).response
    view = discord.ui.LayoutView(timeout=None)
    for part in [part for part in parts(message) if part.get("custom_id", "").startswith("draft:")]:
        view.add_item(discord.ui.ActionRow(discord.ui.Button(label=part["label"], custom_id=part["custom_id"])))
    public = await stage.bot.get_channel(stage.channel.id).send(view=view)  # type: ignore[union-attr]
    for label in ("Approve", "Edit", "Reject", "Skip"):
        assert "Only people who may manage this server" in said(await stage.bob.click(public, label=label))
    turn = await stage.bot.services.drafts.next(here)
    assert isinstance(turn.screen, Review)
    assert turn.screen.left == 1


async def test_the_rejected_stay_away(quiz_stage: Stage, grace: Any, drafted: Any) -> None:
    """Drafting again asks for more than is known, and brings back nothing that was decided about."""
    runs = drafted(GAP, CHOICE)
    message = (await grace.slash(quiz_stage.channel, "library draft-quiz", count=2)).response
    await grace.click(message, label="Reject")
    again = drafted(GAP, CHOICE, TRUTH)
    result = said(await grace.slash(quiz_stage.channel, "library draft-quiz", count=2))
    assert (runs[0][4], again[0][4]) == ("2", "4")
    assert "1 question drafted" in result
    assert "1 × true or false" in result
    assert "which technology leads" in result


async def test_a_document_is_chosen_by_its_title(quiz_stage: Stage, grace: Any, drafted: Any) -> None:
    """People know titles; the workshop is given the id, and a name nobody knows is refused."""
    library = await quiz_stage.bot.services.engine.library_status()
    document = library.documents[0]
    proposed = await grace.autocomplete(quiz_stage.channel, "library draft-quiz", "document", document.title[:5])
    assert document.title in str(proposed)
    runs = drafted(GAP)
    await grace.slash(quiz_stage.channel, "library draft-quiz", document=document.title)
    assert runs[0][-1] == f"--document={document.id}"
    assert "no document of that name" in said(
        await grace.slash(quiz_stage.channel, "library draft-quiz", document="cookery")
    )
    assert "no document of that name" in refused(quiz_stage)


async def test_drafts_whose_words_are_gone_are_dropped(quiz_stage: Stage, grace: Any, drafted: Any) -> None:
    """A library without the sentence forgets its drafts and says so; approved ones only wait."""
    stage, here = quiz_stage, quiz_stage.channel.guild.id
    odd = draft("draft-odd", "truth", "Bees fly south in winter.", statement="Bees stay.", holds=False)
    drafted(odd, GAP)
    screen = said(await grace.slash(stage.channel, "library draft-quiz"))
    assert "1 draft was dropped" in screen
    assert "social interaction" in screen
    async with stage.bot.services.store.reading() as connection:
        assert await stored.known(connection, here) == {"draft-gap"}


async def test_what_the_workshop_prints_is_not_trusted(quiz_stage: Stage) -> None:
    """Rows without form, of a name that ships, or twice, are left out; the others are taken in."""
    here = quiz_stage.channel.guild.id
    shipped = next(iter((await quiz_stage.bot.services.deck.cards(here)).bank.by_id))
    broken = [{}, {"axis": "a", "title": "A"}, {**GAP, "title": ""}, {**GAP, "axis": "Not An Id"}]
    broken += [{**GAP, "row": {**GAP["row"], "gap": "not there"}}, {**GAP, "row": {**GAP["row"], "id": shipped}}]
    made = await quiz_stage.bot.services.drafting.take_in(here, [*broken, GAP, GAP, CHOICE], 10)
    assert made == Made({"gap": 1, "choice": 1}, asked_for=10)
    turn = await quiz_stage.bot.services.drafts.next(here)
    assert isinstance(turn.screen, Review)
    assert (turn.screen.item.id, turn.screen.left) == ("draft-gap", 2)


async def test_a_server_with_its_own_library_drafts_from_it(
    quiz_stage: Stage, grace: Any, drafted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workshop is told whose library it is."""
    from bot.libraries.paths import adopt

    here = quiz_stage.channel.guild.id
    await asyncio.to_thread(adopt, quiz_stage.bot.services.settings.data, here, at="2026-01-01T00:00:00+00:00")
    runs = drafted(GAP)
    assert "social interaction" in said(await grace.slash(quiz_stage.channel, "library draft-quiz"))
    assert runs[0][-2:] == ["--server", str(here)]


async def test_every_draft_fits_into_a_message(quiz_stage: Stage) -> None:
    """The longest texts the bank's form allows, all of it Markdown, with faults and notes, in every kind."""
    from bot.learning.drafts import Turn
    from bot.ui.drafts.views import turn_view

    cards = await quiz_stage.bot.services.deck.cards()
    some = next(item for item in cards.bank.items if item.kind is ItemKind.CHOICE)
    quote = replace(cards.quotes[some.id][0], text="", title="_" * 300, heading="~" * 300)
    for stars in ("*", "x"):
        for kind in ItemKind:
            options = () if kind is ItemKind.FREE else tuple(stars * 200 for _ in range(5))
            question = "_____" + stars * 595 if kind is ItemKind.GAP else stars * 400
            item = replace(some, kind=kind, id="d" * 60, question=question, options=options, why=stars * 300)
            if kind in (ItemKind.TRUTH, ItemKind.SIDE):
                item = replace(item, options=("True", "False"), key=0)
            places = [
                replace(quote, text=stars * 600, start=n * 1000, end=n * 1000 + 600)
                for n in range(3 if kind is ItemKind.FREE else 1)
            ]
            screen = Review(item, "_" * 300, tuple(places), ("*" * 500,) * 9, 10**6)
            view = turn_view(Turn(screen, Note.DECIDED, by=10**18, dropped=10**6), "lead " * 40)
            assert view.content_length() <= 4000
            sections = [each for each in view.walk_children() if isinstance(each, discord.ui.Section)]
            assert sections or stars == "*", "the evidence has gone missing"


async def test_an_overview_without_drafts_says_how_to_get_some(quiz_stage: Stage, grace: Any) -> None:
    """Whoever comes too early is told the command."""
    turn = await quiz_stage.bot.services.drafts.next(quiz_stage.channel.guild.id)
    assert isinstance(turn.screen, Overview)
    assert "/library draft-quiz" in said(await grace.slash(quiz_stage.channel, "library drafts"))
