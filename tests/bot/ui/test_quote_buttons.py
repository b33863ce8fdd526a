"""The buttons under an answer, pressed by anybody, at any time, also after a restart."""

from __future__ import annotations

from collections.abc import Callable
from re import Match
from typing import Any, Self

import discord
import pytest

from bot.settings import Settings
from bot.ui.owner import KEYED, Owner
from bot.ui.packed_places import PackedPlace, PackedPlaces, pack, tag
from bot.ui.persistent import PersistentButton, PersistentItem
from bot.ui.quote_buttons import CONTEXT_ID, VERIFY_ID
from index.errors import LibraryError
from tests.bot.conftest import Stage, deferred_first, parts, texts
from tests.bot.scripted import DOCUMENT, GENERATION, ScriptedTutor, answer, quote

pytestmark = pytest.mark.asyncio

QUESTION = "What does clay remember?"


async def ask(stage: Stage) -> Any:
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    return stage.replies[-1]


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Show in context", "**Clay remembers the hand that shaped it.** Glass forgets"),
        ("More quotes", "> Glass forgets the fire at once."),
        ("Verify", "exact to the character"),
    ],
)
async def test_a_button_answers_whoever_presses_it(stage: Stage, label: str, said: str, restarted: bool) -> None:
    """Each button answers the one who presses, in private, deferred first, before and after a restart."""
    reply = await ask(stage)
    if restarted:
        await stage.restart()
    result = await stage.bob.click(reply, label=label)
    assert deferred_first(stage)
    assert result.ephemeral
    assert not result.followups
    assert said in texts(result.response)
    assert texts(stage.replies[-1]) == texts(reply)


async def test_context_dims_the_neighbours(stage: Stage) -> None:
    """The paragraphs around are small, the one in question is not, the quote is bold."""
    result = await stage.alice.click(await ask(stage), label="Show in context")
    lines = [each["content"] for each in parts(result.response) if each["type"] == 10]
    assert lines[1] == "-# The first paragraph opens the text. It is short."
    assert lines[2].startswith("**Clay")
    assert lines[3].startswith("-# The last paragraph")


async def test_more_quotes_can_be_seen_in_context_too(stage: Stage) -> None:
    """Buttons of an answer to a button work like the first."""
    more = await stage.alice.click(await ask(stage), label="More quotes")
    ids = [each["custom_id"] for each in parts(more.response) if each.get("label") == "Show in context"]
    result = await stage.alice.click(more.response, custom_id=ids[1])
    assert "**Both break when they fall.**" in texts(result.response)


async def test_a_changed_source_is_found_out(stage: Stage, tutor: ScriptedTutor) -> None:
    """Verify reads the source again: words that no longer stand there are called out."""
    reply = await ask(stage)
    tutor.text = tutor.text.replace("Clay", "Mud!")
    result = await stage.alice.click(reply, label="Verify")
    assert "does not say this" in texts(result.response)
    assert "exact to the character" not in texts(result.response)


@pytest.mark.parametrize("label", ["Show in context", "More quotes", "Verify"])
async def test_a_button_older_than_the_library_says_so(
    stage: Stage, tutor: ScriptedTutor, monkeypatch: pytest.MonkeyPatch, label: str
) -> None:
    """When the generation is gone, one kind sentence says what to do."""

    def gone(places: Any) -> None:
        raise LibraryError("The library was rebuilt since; ask again.")

    reply = await ask(stage)
    monkeypatch.setattr(tutor, "_check", gone)
    result = await stage.alice.click(reply, label=label)
    assert "ask again" in shown_after(result)


async def test_a_button_to_a_document_that_was_removed_says_so(stage: Stage, tutor: ScriptedTutor) -> None:
    """A place in a document the library no longer has is not guessed."""
    elsewhere = quote("Clay remembers the hand that shaped it.", document="removed.txt")
    tutor.reply = lambda question, history: answer(question, quotes=(elsewhere,), more=())
    result = await stage.alice.click(await ask(stage), label="Show in context")
    assert "Ask the question again" in shown_after(result)


async def test_an_accident_behind_a_button_comes_to_the_door(
    stage: Stage, tutor: ScriptedTutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failing button shows the sentence with an id, not "This interaction failed"."""

    async def fail(place: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(tutor, "context", fail)
    result = await stage.alice.click(await ask(stage), label="Show in context")
    assert "Something went wrong" in shown_after(result)


class Faulty(PersistentButton, template=r"faulty:(?P<where>\w+)"):
    """Fails where its custom id says."""

    def __init__(self, where: str) -> None:
        self.where = where
        super().__init__(discord.ui.Button(label=where, custom_id=f"faulty:{where}"))

    @classmethod
    async def restore(cls, interaction: discord.Interaction[Any], match: Match[str]) -> Self:
        if match["where"] == "restore":
            raise RuntimeError("broken")
        return cls(match["where"])

    async def owner(self, interaction: discord.Interaction[Any]) -> Owner:
        if self.where == "owner":
            raise RuntimeError("broken")
        return KEYED

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        raise RuntimeError("broken")


PersistentItem.registered.remove(Faulty)


@pytest.mark.parametrize("where", ["restore", "owner", "pressed"])
async def test_wherever_a_button_fails_the_person_hears_of_it(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """discord.py would drop these errors; the base of the buttons does not."""
    monkeypatch.setattr(PersistentItem, "registered", [*PersistentItem.registered, Faulty])
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container(discord.ui.ActionRow(Faulty(where))))
    message = await stage.bot.get_channel(stage.channel.id).send(view=view)  # type: ignore[union-attr]
    result = await stage.alice.click(message, label=where)
    assert "Something went wrong" in shown_after(result)
    assert result.ephemeral
    assert sum(record.exc_info is not None for record in caplog.records) == 1


async def test_who_presses_without_end_is_told_to_wait(
    set_stage: Callable[..., Any], tutor: ScriptedTutor, settings: Settings
) -> None:
    """Commands and presses of one person count together; others press on, and a minute later they do again."""
    stage = await set_stage(lambda: tutor, settings=settings.model_copy(update={"actions_per_minute": 2}))
    await stage.alice.slash(stage.channel, "ask", question=QUESTION)
    reply = await ask(stage)
    assert "Clay remembers" in texts((await stage.alice.click(reply, label="Show in context")).response)
    for refused in (
        await stage.alice.click(reply, label="Show in context"),
        await stage.alice.slash(stage.channel, "ask", question=QUESTION),
    ):
        assert texts(refused.response).startswith("That was a lot at once. Please try again <t:")
        assert refused.response.ephemeral
    assert "Clay remembers" in texts((await stage.bob.click(reply, label="Show in context")).response)
    await stage.env.advance_time(61)
    assert "Clay remembers" in texts((await stage.alice.click(reply, label="Show in context")).response)


async def test_a_forged_button_is_refused_kindly(stage: Stage) -> None:
    """A custom id with a state that is none gets the sentence of an old button."""
    state = PackedPlaces(GENERATION, (PackedPlace(tag(DOCUMENT), 0, 1), PackedPlace(tag(DOCUMENT), 1, 2)))
    view = discord.ui.LayoutView(timeout=None)
    for number, custom_id in enumerate((f"{CONTEXT_ID}abc", VERIFY_ID + pack(state))):
        view.add_item(discord.ui.ActionRow(discord.ui.Button(label=str(number), custom_id=custom_id)))
    message = await stage.bot.get_channel(stage.channel.id).send(view=view)  # type: ignore[union-attr]
    for label in ("0", "1"):
        assert "Ask the question again" in shown_after(await stage.alice.click(message, label=label))


def shown_after(result: Any) -> str:
    """Return what the person reads in the end, wherever it came."""
    return texts([each for each in (result.response, *result.followups) if each is not None][-1])
