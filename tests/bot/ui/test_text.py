"""What is shown is the text itself, and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui import text

# Characters that mean something to Discord come up far more often here than in any text.
NASTY = st.text(st.one_of(st.sampled_from("*_~`|<>@:[]()#-+.1\\/!\n\r t\u200b\u202e\u200d\u2028"), st.characters()))
PIECES = st.lists(
    st.sampled_from(
        [
            "@everyone",
            "<@1>",
            "<@&2>",
            "<#3>",
            "<t:0:R>",
            "<:a:4>",
            "</ask:5>",
            "[x](http://y)",
            "https://z",
            "> ",
            ">>> ",
            "# ",
            "-# ",
            "- ",
            "* ",
            "1. ",
            "2) ",
            "```",
            "`",
            "**",
            "__",
            "~~",
            "||",
            "\\",
            "\n",
            " ",
            "a",
            "ß",
            "\u202e",
            "\u200b",
            "\ud800",
            "\x00",
            "👍🏽",
            ":smile:",
        ]
    )
).map("".join)
ANY = st.one_of(NASTY, PIECES)

ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
LIVE = re.compile(r"[\\*_~`|<@:\[\]]|^[^\S\n]*(?:[#>+-]|\d+[.)])", re.MULTILINE)


def rendered(escaped: str) -> str:
    """Do what Discord does with backslashes."""
    return ESCAPE.sub(r"\1", escaped)


@given(ANY)
def test_escaped_text_is_read_as_the_text_itself(anything: str) -> None:
    """With the backslashes taken as Discord takes them, every visible character is there, and only those."""
    assert rendered(text.escape(anything)) == text.plain(anything)


@given(ANY)
def test_what_was_escaped_can_be_read_back(anything: str) -> None:
    """A question that stands in an answer is the question again, underscores and all."""
    assert text.unescape(text.escape(anything)) == text.plain(anything)


@given(ANY)
def test_nothing_escaped_is_alive(anything: str) -> None:
    """No mention, link, emoji, mark or list is left that Discord would act on."""
    assert not LIVE.search(ESCAPE.sub("x", text.escape(anything)))


@given(ANY)
def test_a_quote_cannot_leave_its_block(anything: str) -> None:
    """Every line that Discord would see starts with the quote mark."""
    lines = re.split(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text.block_quote(anything))
    assert all(line.startswith(text.QUOTE_PREFIX) for line in lines)


@given(ANY)
def test_nothing_invisible_is_left(anything: str) -> None:
    """Direction marks and zero-width characters cannot hide or turn what is read."""
    assert not re.search(
        "[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff\x00-\x09]", text.plain(anything)
    )


@pytest.mark.parametrize(
    "unseen", ["\u2065", "\ufff0", "\ufff8", "\U000e0000", "\U000e0041", "\U000e00ff", "\U000e0fff"]
)
def test_signs_that_unicode_keeps_invisible_are_taken_out(unseen: str) -> None:
    """Also those that stand for nothing yet and have no category: nobody would see them."""
    assert text.plain(f"a{unseen}b") == "ab"


@given(ANY, ANY, ANY)
def test_marking_leaves_the_text_as_it_is(front: str, marked: str, back: str) -> None:
    """The quote in its paragraph stands between the marks with every character of its own."""
    # Joiners and halves of line ends depend on their neighbours, which the mark changes; not the point here.
    unsteady = dict.fromkeys(map(ord, "\u200c\u200d\r\ue000\ufdd0"))
    front, marked, back = (part.translate(unsteady) for part in (front, marked, back))
    pieces = rendered(text.escape_around(front, marked, back, "\ue000")).split("\ue000")
    assert pieces == [text.plain(front), text.plain(marked), text.plain(back)]


@given(ANY, st.integers(2, 60))
def test_shortening_keeps_the_front_or_the_end_and_says_so(anything: str, limit: int) -> None:
    """A text is cut to its length at one end, and an ellipsis stands where something is missing."""
    front, end = text.shorten(anything, limit), text.shorten_front(anything, limit)
    assert len(front) <= limit
    assert len(end) <= limit
    assert front == anything or (front.endswith("…") and anything.startswith(front[:-1]))
    assert end == anything or (end.startswith("…") and anything.endswith(end[1:]))


@given(ANY)
def test_names_stay_on_one_line(anything: str) -> None:
    """A document's title cannot start a line of its own."""
    assert "\n" not in text.inline(anything, 20)
    assert "`" not in text.code(anything)
    assert "\n" not in text.code(anything)


@pytest.mark.parametrize("kept", ["👩‍👩‍👧", "می‌خواهم", "naïve café", "“quoted”, it\u2019s so…", "元宇宙", "٣٤"])
def test_honest_writing_is_left_alone(kept: str) -> None:
    """Joined emoji, scripts with joiners and typographic signs are shown as written."""
    assert text.escape(kept) == kept
