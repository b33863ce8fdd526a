"""Code is told from prose, by the format or by its shape."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index.text.code import looks_like_code
from index.text.noise import MarkKind, marks
from index.text.passages import split
from tests.index.fakes import document


@pytest.mark.parametrize(
    "code",
    [
        'fn main() {\n    println!("Hello, world!");\n}',
        "$ cargo fmt",
        "def fill(kiln, wood):\n    kiln.burn(wood)\n    return kiln",
        "import numpy as np\nx = np.zeros(3)\nprint(x)",
        "<div class='a'>\n  <p>text</p>\n</div>",
        "git clone --depth 1 repo",
        "error: no such file\n--> src/main.rs:2:9\n= note: `#[warn(unused_mut)]` on by default",
        "+-+-+-+-+-+-+-+-+\n|  source port  |\n+-+-+-+-+-+-+-+-+",
    ],
)
def test_code_is_recognised(code: str) -> None:
    """Programs, commands, markup, messages of compilers and drawings are code."""
    assert looks_like_code(code.split("\n"))


@pytest.mark.parametrize(
    "prose",
    [
        "The tide turns twice a day (or thrice); a captain who ignores it loses the ship.",
        "Use the lever (see page 3).",
        "For each of them a lamp is lit; from there on it burns.",
        "Rhine | 1230\nElbe | 1094",
        "Author(s): Jane Doe, John Roe",
        'Note: "Salt keeps meat at sea."',
        "- salt;\n- pepper;\n- oil",
        "salt of the sea;\npepper of the land;",
        "3.1.  Making things",
        "潮水每天漲落兩次,港口在早晨裝滿了水。",
    ],
)
def test_prose_is_no_code(prose: str) -> None:
    """Brackets, semicolons, tables and lists alone make no code."""
    assert not looks_like_code(prose.split("\n"))


def test_what_leads_in_to_code_is_one_passage_with_it() -> None:
    """The passage has prose and code, the code marked as such; code without a lead-in is a passage of its own."""
    text = "Do this now:\n\n$ cargo fmt\n\nIt formats the code of your crate.\n\n$ cargo fix --all"
    made = document(text)
    found = marks(made)
    assert [text[mark.start : mark.end] for mark in found if mark.kind == MarkKind.CODE] == [
        "$ cargo fmt", "$ cargo fix --all",
    ]  # fmt: skip
    passages = split(made, found)
    assert [text[p.start : p.end] for p in passages] == [
        "Do this now:\n\n$ cargo fmt", "It formats the code of your crate.", "$ cargo fix --all",
    ]  # fmt: skip


def test_code_that_the_format_names_is_code_whatever_it_looks_like() -> None:
    """Words printed by a program are no prose, and blank lines do not part them."""
    text = "It prints.\n\nHello there.\n\nGoodbye. See you\n\nThat is all of it."
    start, end = text.index("Hello"), text.index("\n\nThat")
    made = replace(document(text), code=((start, end),))
    assert [text[s.start : s.end] for p in split(made, marks(made)) for s in p.sentences] == [
        "It prints.", "Hello there.\n\nGoodbye. See you", "That is all of it.",
    ]  # fmt: skip
