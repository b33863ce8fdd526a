"""Every layout fits into a Discord message, whatever the library holds."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.turn import NextStep, StepKind
from bot.libraries.source_text import Context, DocumentStatus, LibraryStatus, Removed, Verification
from bot.ui import text
from bot.ui.answer import AnswerDetails, answer_view
from bot.ui.library import about_view, sources_view
from bot.ui.limits import MAX_COMPONENTS, MAX_TEXT, LayoutError, assert_fits
from bot.ui.notice import Accent, framed, loading, notice
from bot.ui.quotes import quote_texts, quotes_view
from bot.ui.source import context_view, verification_view
from index.answering.answer import Outcome, Quote
from prompts import words
from tests.bot.conftest import labels, parts, texts
from tests.bot.scripted import BREAK, CLAY, GLASS, answer, quote, sha256
from tests.bot.ui.test_text import ANY

GONE = Removed(datetime(2026, 1, 1, tzinfo=UTC))


class Wire:
    """A view as the message it becomes."""

    def __init__(self, view: discord.ui.LayoutView) -> None:
        self.components: list[dict[str, Any]] = view.to_components()


def shown(view: discord.ui.LayoutView) -> str:
    return texts(Wire(view))


def menu(**option: Any) -> discord.ui.ActionRow[Any]:
    return discord.ui.ActionRow(discord.ui.Select(options=[discord.SelectOption(**option)]))


def any_quote(words: str, side: str | None = None) -> Quote:
    return quote(words, source=words, title=words, heading=words, side=side)


LONG = st.one_of(
    ANY, st.integers(0, 9000).map(lambda n: "word_" * (n // 5)), st.integers(1, 5000).map(lambda n: "*" * n)
)


@given(st.lists(LONG, min_size=1, max_size=3), st.lists(LONG, max_size=5), st.sampled_from(Outcome), LONG)
def test_every_answer_fits(quotes: list[str], more: list[str], outcome: Outcome, understood: str) -> None:
    """No text of a document makes a layout that Discord refuses; assert_fits raises inside if one would."""
    reply = answer(
        understood=understood,
        outcome=outcome,
        quotes=[any_quote(each) for each in quotes],
        more=[any_quote(each) for each in more],
    )
    kinds = (StepKind.SIDE, StepKind.POINT, StepKind.PART)
    steps = tuple(NextStep(kind, understood, each) for kind, each in zip(kinds, reply.quotes, strict=False))
    details = AnswerDetails(waited=True, cut_at=1000, quiz_quotes=reply.quotes, steps=steps)
    answer_view(reply, quotes * 4, details)
    quotes_view(words("ask.lead.more"), reply.more) if more else None


@given(LONG, LONG, LONG, LONG)
def test_every_comparison_fits(one: str, other: str, side: str, facing: str) -> None:
    """Two facing quotes and their labels fit whatever they say."""
    reply = answer(quotes=(any_quote(one, side), any_quote(other, facing)), sides=(side, facing))
    drawn = shown(answer_view(reply, [], AnswerDetails(quiz_quotes=reply.quotes)))
    assert len(drawn) <= MAX_TEXT


@given(LONG, LONG, LONG, LONG, LONG)
def test_a_quote_in_its_context_fits_and_is_never_cut(
    before: str, front: str, marked: str, back: str, after: str
) -> None:
    """What is cut is the text around the quote, unless the quote alone is too long, and then it says so."""
    marked = f"<{marked}>"
    context = Context("T", "d", "H", 7, before, front + marked + back, after, len(front), len(front) + len(marked))
    said = shown(context_view(context, GONE))
    if len(text.escape(marked)) < 2000 and not re.search("[\r\u200c\u200d\ufdd0]", front + marked + back):
        assert text.escape(f"x{marked}x")[1:-1] in said
    if len(marked) > MAX_TEXT:
        assert f"{len(marked):,} characters long" in said


def test_the_page_is_told_where_there_is_one() -> None:
    """A quote from a document with pages says its page beside its paragraph; another says its paragraph alone."""
    short = "Clay remembers the hand that shaped it."
    for page, place, alone in ((7, "page 7, paragraph 3", "Page 7, paragraph 3"), (None, "paragraph 3", "Paragraph 3")):
        for heading in ("", "The rivers"):
            source = quote_texts(quote(short, page=page, paragraph=3, heading=heading))[1]
            assert source.endswith(f"· {place}")
        context = Context("T", "d", "", 3, "", "It is short.", "", 0, 12, page)
        assert alone in shown(context_view(context))
        too_long = quote(short, page=page, paragraph=3)
        (where,) = quote_texts(dataclasses.replace(too_long, text="x" * MAX_TEXT))
        assert f", {place}, characters" in where


def test_verification_fits_with_the_longest_names() -> None:
    """Three checks with full hashes and long names fit."""
    check = Verification("d" * 300, "t" * 300, 10**9, 10**9 + 9, "q" * 5000, "a" * 64, "b" * 64, "c" * 64, False)
    said = shown(verification_view([check] * 3, {check.document: GONE}))
    assert said.count("removed from the library <t:") == 3
    assert "a" * 32 + "\n" in said
    assert "Do not rely on this quote" in said


def test_sources_of_a_large_library_fit() -> None:
    """Thousands of documents with long names are listed as far as they fit, the rest is counted."""
    document = DocumentStatus("i`d" * 100, "_" * 300, 10**6, 10**9, "0" * 64)
    library = LibraryStatus("0" * 12, datetime(2026, 1, 1, tzinfo=UTC), "m" * 300, 384, 10**7, (document,) * 5000)
    said = shown(sources_view(library))
    count = said.count("passages ·")
    assert count >= 3
    assert f"and {5000 - count:,} more" in said


def test_sources_name_the_languages_that_are_not_read() -> None:
    """Documents that the model does not read are said to be found by their words alone."""
    document = DocumentStatus("a.txt", "Пчёлы", 3, 100, "0" * 64)
    library = LibraryStatus("0" * 12, datetime(2026, 1, 1, tzinfo=UTC), "mini", 384, 3, (document,), ("ru", "zh"))
    assert "Documents in Russian and Chinese are found by their words alone" in shown(sources_view(library))
    assert "by their words alone" not in shown(sources_view(replace(library, unread=())))


def test_the_standing_layouts_fit() -> None:
    """The layouts without values fit."""
    for view in (about_view(), loading()):
        assert 0 < len(shown(view)) <= MAX_TEXT


@pytest.mark.parametrize(
    "view",
    [
        lambda: notice("x" * (MAX_TEXT + 1)),
        lambda: notice(" "),
        lambda: framed(Accent.FRIENDLY, *(discord.ui.ActionRow(discord.ui.Button(label="x" * 81)) for _ in range(2))),
        lambda: framed(Accent.FRIENDLY, *(discord.ui.ActionRow(discord.ui.Button(custom_id="x")) for _ in range(2))),
        lambda: framed(Accent.FRIENDLY, menu(label="x" * 101)),
        lambda: framed(Accent.FRIENDLY, menu(label="x", description="x" * 101)),
        lambda: framed(Accent.FRIENDLY, menu(label=" ")),
    ],
)
def test_what_discord_would_refuse_is_refused_here(view: Any) -> None:
    """Too much text, an empty text, long or empty labels and a double id are found before sending."""
    with pytest.raises(LayoutError):
        view()


def test_too_many_components_are_refused() -> None:
    """Nested components count."""
    view = discord.ui.LayoutView()
    view.add_item(discord.ui.Container(*(discord.ui.TextDisplay("x") for _ in range(MAX_COMPONENTS - 1))))
    assert_fits(view)
    # discord.py itself would not let one more in.
    view._children.append(discord.ui.TextDisplay("y"))
    with pytest.raises(LayoutError, match="41 components"):
        assert_fits(view)


def test_a_weaker_second_quote_waits_behind_the_button() -> None:
    """Only quotes about as good as the best are shown at once; the others are a press away."""
    view = answer_view(answer(quotes=(CLAY, GLASS), more=(BREAK,)), [], AnswerDetails())
    assert "Clay" in shown(view)
    assert "Glass" not in shown(view)
    close = quote(GLASS.text, score=0.8)
    both = answer_view(answer(quotes=(CLAY, close), more=()), [], AnswerDetails())
    assert "Clay" in shown(both)
    assert "Glass" in shown(both)
    assert "More quotes" not in labels(Wire(both))


def test_outcomes_are_told_apart() -> None:
    """An answer, a closest passage and a blank look different and say what they are."""
    views = {outcome: answer_view(answer(outcome=outcome), ["A title"], AnswerDetails()) for outcome in Outcome}
    accents = {parts(Wire(view))[0]["accent_color"] for view in views.values()}
    assert len(accents) == 3
    assert "may not answer" in shown(views[Outcome.CLOSEST])
    blank = shown(views[Outcome.NOT_COVERED])
    assert "does not answer" in blank
    assert "A title" in blank
    assert ">" not in blank
    assert labels(Wire(views[Outcome.NOT_COVERED])) == []


def test_a_side_without_a_quote_says_so() -> None:
    """A comparison the library can only half make does not hide the missing half."""
    reply = answer(quotes=(quote(CLAY.text, side="clay"),), sides=("clay", "glass"))
    said = shown(answer_view(reply, [], AnswerDetails()))
    assert said.index("**clay**") < said.index("Clay remembers") < said.index("**glass**")
    assert "nothing" in said[said.index("**glass**") :]


def test_several_questions_stand_one_by_one() -> None:
    """Each with its quote or with the word that the library does not say."""
    known, unknown = "What remembers the hand?", "Who dug the clay?"
    one = replace(quote(CLAY.text), side=known)
    reply = replace(answer(quotes=(one,), more=()), questions=(known, unknown))
    said = shown(answer_view(reply, [], AnswerDetails()))
    assert words("ask.lead.several") in said
    assert said.index(known) < said.index("Clay remembers") < said.index(unknown) < said.index("does not say")


def test_a_quote_longer_than_a_message_is_not_shortened() -> None:
    """Nobody reads half a quote: it says where the whole one stands."""
    long = any_quote("endless " * 700)
    said = shown(answer_view(answer(quotes=(long,), more=()), [], AnswerDetails()))
    assert "5,600 characters" in said
    assert "> endless" not in said


def test_hashes_stand_whole_in_a_verification() -> None:
    """Both hashes can be read to the last digit."""
    digest = sha256("x")
    said = shown(verification_view([Verification("d", "t", 0, 1, "x", digest[:16], digest, digest, True)]))
    assert digest[:16] in said
    assert digest[32:] in said
    assert "exact to the character" in said
