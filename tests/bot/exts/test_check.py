"""/check and "Check its quotes", with the real engine over two short documents."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from index.quotations import check as checking
from tests.bot.conftest import Stage, deferred_first, labels, parts, refused, texts

if TYPE_CHECKING:
    from index.generations.generation import Generation
    from index.quotations.check import Report

pytestmark = pytest.mark.asyncio

MENU = "Check its quotes"
LLM = """According to the book, “Clay never remembers the hand that shaped it.”

> A kiln in Delft burned for nine days in 1812.

It also says "Glass forgets the fire at once" and “the stars @everyone are <@1> far ~~away~~ from all ships”.
"""


async def by_menu(stage: Stage, written: str) -> Any:
    """Bob writes, Alice checks."""
    message = await stage.bob.send(stage.channel, written)
    return await stage.alice.context_menu(stage.channel, MENU, message)


async def by_command(stage: Stage, written: str) -> Any:
    return await stage.alice.slash(stage.channel, "check", text=written)


@pytest.mark.parametrize("ask", [by_menu, by_command])
async def test_every_quote_of_a_text_gets_its_verdict(small_stage: Stage, ask: Any) -> None:
    """Changed negations, numbers and names come first; only the person who asked sees it; nothing pings."""
    result = await ask(small_stage, LLM)
    answered = result.response
    said = texts(answered)
    assert deferred_first(small_stage)
    assert result.ephemeral
    assert "### 1 of 4 quotes stands in the library, word for word" in said
    assert "2 altered · 1 not in the library · 1 exact" in said
    assert "⚠️ **Altered:** a negation\n> Clay **never** remembers the hand that shaped it" in said
    assert "⚠️ **Altered:** a number, a name\n> A kiln in ~~Jingdezhen~~ **Delft** burned for nine days in" in said
    assert said.index("a negation") < said.index("Not in the library") < said.index("✅ **Exact**")
    assert r"the stars \@everyone are \<\@1> far \~\~away\~\~ from all ships" in said
    assert "-# a.txt · The potter's book · paragraph 1" in said
    assert labels(answered) == ["Show in context"] * 3 + ["Verify"]


async def test_the_buttons_are_those_of_an_answer(small_stage: Stage) -> None:
    """A place that was found is shown in its context, and verified against the stored source."""
    answered = (await by_command(small_stage, "“Glass forgets the fire at once”")).response
    context, verify = [each["custom_id"] for each in parts(answered) if each["type"] == 2]
    pressed = await small_stage.alice.click(answered, custom_id=context)
    assert "**Glass forgets the fire at once**" in texts(pressed.response)
    pressed = await small_stage.alice.click(answered, custom_id=verify)
    assert "It stands in the source" in texts(pressed.response)


async def test_an_answer_of_the_bot_is_exact(small_stage: Stage) -> None:
    """Its own quotes are read from the layout, with their Markdown."""
    await small_stage.alice.send(small_stage.channel, f"{small_stage.mention} What does clay remember?")
    result = await small_stage.alice.context_menu(small_stage.channel, MENU, small_stage.replies[-1])
    assert "in the library, word for word" in texts(result.response)
    assert "Altered" not in texts(result.response)


@pytest.mark.parametrize(
    ("written", "reply"),
    [
        ('""""""', "I found no words in that."),
        ("“”…\u200b\u200b", "I found no words in that."),
        ("\u200b", "I found no words in that."),
        ("「東京は日本の首都です」", "The quote does not stand in the library"),
        ("“Clay remembers the hand that", "The quote stands in the library, word for word"),
        ("Clay remembers the hand that shaped it. It is all so.", "1 of 2 sentences stands in the library"),
    ],
)
async def test_odd_texts_get_one_sentence(small_stage: Stage, written: str, reply: str) -> None:
    """Marks alone, other scripts, marks that are never closed, no marks."""
    assert reply in texts((await by_command(small_stage, written)).response)


async def test_a_picture_has_nothing_to_check(small_stage: Stage) -> None:
    """A message without text is told apart."""
    message = await small_stage.bob.send(small_stage.channel, "", attachments=[("a.png", b"png")])
    result = await small_stage.alice.context_menu(small_stage.channel, MENU, message)
    assert "There is no text in that." in texts(result.response)


async def test_what_does_not_fit_is_counted(small_stage: Stage) -> None:
    """A text with more quotes than a message holds says so; no limit of Discord is broken."""
    many = "\n".join(f"“Clay remembers {number} the hand that shaped it.”" for number in range(100))
    said = texts((await by_command(small_stage, many)).response)
    assert "None of 100 quotes stand in the library" in said
    assert "more are not shown here" in said
    long = "“" + "Clay never remembers the hand that shaped it. Glass forgets. " * 90 + "”"
    assert "Altered" in texts((await by_command(small_stage, long)).response) or "Stitched" in said


async def test_the_event_loop_does_not_check(small_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is done in the engine's worker thread."""
    threads = []

    def seen(generation: Generation, text: str) -> Report:
        threads.append(threading.current_thread().name)
        return checking.Report(generation.id, ())

    monkeypatch.setattr(checking, "check", seen)
    await by_command(small_stage, "“Clay”")
    assert [name.rpartition("_")[0] for name in threads] == ["library"]


async def test_it_counts_as_a_question(small_stage: Stage) -> None:
    """Over the quota the person is told to wait."""
    for _ in range(small_stage.bot.services.settings.questions_per_minute):
        await by_command(small_stage, "“Clay”")
    await by_command(small_stage, "“Clay”")
    assert "That was a lot of questions at once." in refused(small_stage)
