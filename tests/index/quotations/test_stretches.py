"""What counts as a quotation in a text."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.quotations.stretches import Origin, stretches

CLAY = "clay remembers the hand"
GLASS = "glass forgets the fire"


def found(text: str, origin: Origin = Origin.MARKS) -> list[str]:
    """Give the stretches of a text, all of which have to be of one origin."""
    quotations = stretches(text)
    assert {each.origin for each in quotations} <= {origin}
    return [each.text for each in quotations]


@pytest.mark.parametrize(
    "marks", ["“”", "„“", "„”", "””", "«»", "»«", "‹›", "‘’", "‚‘", "「」", "『』", '""', "''", "＂＂"]
)
def test_all_usual_quotation_marks(marks: str) -> None:
    """Whatever the marks, what stands between them is the quotation, and the text around it is none."""
    opening, closing = marks[0], marks[1]
    text = f"It’s said that {opening}{CLAY}{closing}, and the captains’ ship’s gone. Then {opening}{GLASS}{closing}."
    assert found(text) == [CLAY, GLASS]


def test_a_quotation_of_several_paragraphs_goes_on_to_its_end() -> None:
    """Each paragraph is checked alone, and what follows the closing mark is no quotation."""
    text = f"It says: “{CLAY}:\n\n- {GLASS}\n\nand {CLAY}” And so on, he said.\n\nNot this. But “{GLASS}” is."
    assert found(text) == [f"{CLAY}:", f"- {GLASS}", f"and {CLAY}", GLASS]
    assert found(f"It says: “{CLAY}\n\n“{GLASS}” And on.") == [CLAY, GLASS]
    assert found(f"It says: “{CLAY}\n\nAnd that is all of it.") == [CLAY]


@pytest.mark.parametrize(
    ("text", "quotation"),
    [
        (f"He said “she says ‘{CLAY}’ often” again", f"she says ‘{CLAY}’ often"),
        (f'He said "The "digital" hand: {CLAY}." And on.', f'The "digital" hand: {CLAY}.'),
        (f"Outer “one “{CLAY}” two” end", f"one “{CLAY}” two"),
        (f'A mixture: “{CLAY}" of both', CLAY),
    ],
)
def test_nested_quotations_are_part_of_the_outer_one(text: str, quotation: str) -> None:
    """The outermost quotation is checked as a whole."""
    assert found(text) == [quotation]


def test_block_quotes() -> None:
    """Lines after > are one quotation a paragraph, without their marks and without the line that names the author."""
    text = f"Look:\n> {CLAY}\n> and more of it\n>\n> {GLASS}\n> — Bertrand Russell, 1912\n\nNot this."
    assert found(text, Origin.BLOCK) == [f"{CLAY}\nand more of it", GLASS]
    assert found(f"> {CLAY}\n>\n> — The Potter's Book", Origin.BLOCK) == [CLAY]


def test_discords_block_to_the_end() -> None:
    """After >>> everything is quoted, by paragraphs."""
    assert found(f"Look:\n>>> {CLAY}\nmore\n\n{GLASS}", Origin.BLOCK) == [f"{CLAY}\nmore", GLASS]


def test_without_quotations_every_sentence_is_one() -> None:
    """A text that marks nothing is checked by sentences, with its short quotations beside them."""
    assert found("Clay remembers it all. Glass forgets it all.", Origin.SENTENCE) == [
        "Clay remembers it all.",
        "Glass forgets it all.",
    ]
    assert [each.text for each in stretches("The “digital twin” is a model of things.")] == [
        "digital twin",
        "The “digital twin” is a model of things.",
    ]


def test_apostrophes_and_inches_quote_nothing() -> None:
    """What only looks like a mark opens no quotation."""
    assert found("It's rock 'n' roll of the '90s, and the captains' 5\" pipe fits a 6\" one.", Origin.SENTENCE) == [
        "It's rock 'n' roll of the '90s, and the captains' 5\" pipe fits a 6\" one."
    ]


def test_a_mark_that_is_never_closed_quotes_to_the_end_of_its_paragraph() -> None:
    """Unbalanced marks cost no other quotation."""
    assert found(f"He said “{CLAY}\n\nand “{GLASS}” too") == [CLAY, GLASS]


def test_code_is_no_quotation_unless_there_is_nothing_else() -> None:
    """Strings of a program are not checked; quotations that were pasted as code are."""
    assert found(f'```py\nx = "a b c d"\n```\nHe said "{CLAY}" then') == [CLAY]
    assert found(f"```\n{CLAY}\n```", Origin.SENTENCE) == [CLAY]


@pytest.mark.parametrize("text", ["", '""""""', "“”“”", "…", "\u200b\u200b", ">\n>", "``````"])
def test_no_words_no_quotations(text: str) -> None:
    """Marks alone are nothing to check."""
    assert stretches(text) == []


@example("«`>`a»")  # code within a quotation
@given(st.text(alphabet="ab \n.“”\"'‘’«»„>`~[]…\u200b", max_size=80))
def test_every_stretch_stands_in_the_text(text: str) -> None:
    """Places are right for all texts, and in order; only block quotes leave out their marks."""
    quotations = stretches(text)
    for each in quotations:
        assert 0 <= each.start < each.end <= len(text)
        if each.origin is not Origin.BLOCK and "``" not in text and "''" not in text:
            assert text[each.start : each.end] == each.text


@pytest.mark.parametrize("piece", ['"', "“a ", "‘a b c d ", "> ", "« x", "'a b c ", '"a" ', "```\n", "[", ">>>"])
def test_hostile_texts_take_no_time(piece: str) -> None:
    """20,000 characters of one mark are read in a moment."""
    began = time.process_time()
    stretches((piece * 20_000)[:20_000])
    assert time.process_time() - began < 2
