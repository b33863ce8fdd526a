"""Noise and structure are marked by rule."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents.document import Document, Heading, read_sources
from index.errors import SourceError
from index.text.noise import Aliases, Mark, MarkKind, marks, marks_within, read_aliases, suggest_aliases

ROOT = Path(__file__).parents[3]
ESSAY = ROOT / "index" / "seeds" / "000_0796b07b88aaa3a5.txt"
PROSE = "A long paragraph follows here, and it has more than enough words to be told from a heading at once."
HASH = "0cc175b9c0f1b6a831c399e269772661"
ALIASES = read_aliases(ROOT / "prompts" / "aliases.yaml")


def document(text: str, *headings: Heading) -> Document:
    return Document("a.txt", "A", text, "", headings)


def marked(text: str, kind: MarkKind) -> list[str]:
    return [text[mark.start : mark.end] for mark in marks(document(text)) if mark.kind == kind]


PIECES = [
    "\n", "\n\n", " ", "a", "Word. ", "A title\n\n", "Share this", "=====\n", "\r\n", "\x00", "\u200b",
    HASH, "[1] ", "â€™", "Ã©", "\ufffd", "- ", "1. ", PROSE, "ABCD\n", "\u2029", "\x85", "; As ",
    "\u200d", "\u202e", " | ", "\x0c", "b) ",
]  # fmt: skip
noisy_text = st.lists(
    st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=25
).map("".join)


@given(noisy_text)
def test_marks_are_sorted_apart_and_inside(text: str) -> None:
    """Marks never overlap, never are empty, and stand in order within the text."""
    at = 0
    for mark in marks(document(text)):
        assert at <= mark.start < mark.end <= len(text)
        at = mark.end


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{HASH}Obviously so.", HASH),
        (f"It ends{HASH}", HASH),
        (f"{HASH}because so.", HASH),
        (f"the idea{HASH}", HASH),
        (f"Commit {HASH[:8] + HASH} is here.", HASH[:8] + HASH),
        (f"Sum {HASH * 2}, done.", HASH * 2),
        (f"Sum {HASH.upper()}Here.", HASH.upper()),
    ],
)
def test_a_hash_is_marked_and_not_the_word_glued_to_it(text: str, found: str) -> None:
    """32 and more hex digits of both digits and letters are a hash; a glued word is not."""
    assert marked(text, MarkKind.HASH) == [found]


@pytest.mark.parametrize("text", ["1" * 40, "a" * 40, HASH[:31], "https://a.example/" + "face" * 7, "deadbeef " * 9])
def test_numbers_words_and_short_codes_are_no_hash(text: str) -> None:
    """Only digits, only letters, or under 32 of them: the author may have meant it."""
    assert marked(text, MarkKind.HASH) == []


@pytest.mark.parametrize(
    "line",
    [
        "Scroll to Top", "Back to top", "Share this:", "Read more »", "Cookie Policy", "Page 3 of 12",
        "Subscribe to our newsletter!", "Copyright © 2021 Some House", "© 2020 Somebody",
        "« 1 2 3 … 9 Next »",
        "2019 Some House. All rights reserved.", "Home > Blog > Maps", "* * *", "Leave a comment", "17",
        "Skip to main content", "3 Comments", "Follow us on Mastodon",
    ],
)  # fmt: skip
def test_a_lone_line_of_page_furniture_is_marked(line: str) -> None:
    """Furniture is marked between paragraphs, and at the ends of a document even without a blank line."""
    for text in (
        f"{line}\n\n{PROSE}",
        f"{PROSE}\n\n{line}",
        f"{PROSE}\n\n{line}\n\n{PROSE}",
        f"{PROSE}\n{line}\n",
    ):
        assert marked(text, MarkKind.FURNITURE) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Subscribe managers handle events for the others.", "Share prices fell in the autumn of that year.",
        "Cookies are small files that a browser keeps.", "Home is where one starts from.",
        "Copyright protects authors.",
        "Read more books than you buy.", "Page numbers were added by the printers.",
        "See also the map of the lands.",
    ],
)  # fmt: skip
def test_prose_that_begins_like_furniture_is_prose(line: str) -> None:
    """A sentence is not furniture because of its first words."""
    assert marked(f"{PROSE}\n\n{line}\n\n{PROSE}", MarkKind.FURNITURE) == []


def test_single_words_are_furniture_only_among_furniture() -> None:
    """ "Menu" alone may be a heading; beside "Scroll to top" it is a button."""
    assert marked(f"Menu\n\n{PROSE}", MarkKind.FURNITURE) == []
    assert marked(f"{PROSE}\n\nScroll to top\n\nMenu\n\nFacebook", MarkKind.FURNITURE) == [
        "Scroll to top",
        "Menu",
        "Facebook",
    ]


def test_controls_are_marked_but_white_space_and_joiners_are_not() -> None:
    """Control and invisible characters are noise; tabs, line ends and the joiners of a script are text."""
    assert marked("a\x00b\x07c\u200bd\u202ee\ufefff", MarkKind.CONTROL) == [
        "\x00",
        "\x07",
        "\u200b",
        "\u202e",
        "\ufeff",
    ]
    assert marked("a\tb\r\nc \U0001f468\u200d\U0001f469 می\u200cشود", MarkKind.CONTROL) == []
    assert marked("a\u200db", MarkKind.CONTROL) == ["\u200d"]


@pytest.mark.parametrize("damage", ["ļ¼Œ", "â€™", "Ã©", "â\x80\x99", "Ã¼", "â€œ", "РџСЂРёРІРµС‚", "Â°", "\ufffd"])
def test_mojibake_is_marked(damage: str) -> None:
    """UTF-8 that was read as an 8-bit code page is marked, whichever code page it was."""
    assert marked(f"The{damage}understanding", MarkKind.MOJIBAKE) == [damage]


@pytest.mark.parametrize(
    "text", ["CAFÉ—so", "naïve “Ça va” l’œuvre", "Привет, «СССР»", "ÆØÅ, Šæ", "元宇宙。", "5 × 3 °C", "Île—É"]
)  # fmt: skip
def test_other_languages_are_no_mojibake(text: str) -> None:
    """Accents, quotation marks and other scripts are what the author wrote."""
    assert marked(text, MarkKind.MOJIBAKE) == []


@pytest.mark.parametrize(
    "line",
    ["The map is not the land", "What is a map?", "1. Introduction", "2.3 Rivers",
     "Chapter 3", "ALL THE RIVERS", "地图与土地"],
)  # fmt: skip
def test_a_line_that_names_the_next_paragraph_is_a_heading(line: str) -> None:
    """A short line without a full stop before a longer paragraph is a heading."""
    assert marked(f"{PROSE}\n\n{line}\n\n{PROSE}", MarkKind.HEADING) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "It ends with a stop.",
        "- an item",
        "We need the following:",
        "\u201cA line said",
        "and so it went on",
        "Really!",
        "https://a.example",
    ],
)
def test_other_short_lines_are_no_headings(line: str) -> None:
    """A sentence, an item, a lead-in, speech or an address is no heading."""
    assert marked(f"{PROSE}\n\n{line}\n\n{PROSE}", MarkKind.HEADING) == []


def test_a_title_above_a_heading_is_a_heading_too() -> None:
    """A chain of headings before a paragraph is headings; a list of short lines that goes on is not."""
    assert marked(f"The lands\n\nThe rivers\n\n{PROSE}", MarkKind.HEADING) == ["The lands", "The rivers"]
    names = [f"Name number {n}" for n in range(9)]
    assert len(marked("\n\n".join([*names, PROSE]), MarkKind.HEADING)) < 5


def test_verse_has_no_headings_but_its_title() -> None:
    """Lines of a stanza are no headings; what stands above the stanza is."""
    text = "The Road\n\nI went along the road\nAnd came upon a stone\n\nThe stone was cold\nThe night had come\n"
    assert marked(text, MarkKind.HEADING) == ["The Road"]


def test_an_underlined_line_is_a_heading() -> None:
    """An underline makes a heading without a blank line; the underline itself is furniture."""
    text = f"A title\n=======\n{PROSE}"
    assert marked(text, MarkKind.HEADING) == ["A title"]
    assert marked(text, MarkKind.FURNITURE) == ["======="]


def test_headings_that_the_format_names_are_the_only_ones() -> None:
    """Where Markdown or HTML says what is a heading, no rule guesses others."""
    text = f"Title\n\nNot a heading\n\n{PROSE}"
    found = marks(document(text, Heading(0, 5, 1)))
    assert [mark for mark in found if mark.kind == MarkKind.HEADING] == [Mark(0, 5, MarkKind.HEADING)]


def test_the_essay_is_marked() -> None:
    """The seed essay: four headings, two hashes, one mojibake comma, one scroll line, and nothing else."""
    essay = read_sources([ESSAY])[0][0]
    found = [
        (mark.kind.value, essay.text[mark.start : mark.end]) for mark in marks(essay) if mark.kind != MarkKind.BLANK
    ]
    assert found == [
        ("heading", "The metasurverse is not the same as the Internet"),
        ("heading", "The development logic of the metasurverse and the Internet is very different"),
        ("hash", "bd94eafaba29b91b5147f70d6acaa8eb"),
        ("heading", "The industrial form of the meta-universe and the Internet is completely different"),
        ("mojibake", "ļ¼Œ"),
        ("hash", "3a1639458a2a465f99d2bbdd961a33d0"),
        ("heading", "The meta-universe is very different from the underlying technology of the Internet"),
        ("furniture", "Scroll to Top"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "unit",
    [
        "Ã©",
        "é",
        "\n",
        "x\n",
        "\u200b",
        "copyright ",
        "home > ",
        "1 | ",
        HASH[:16],
        "ABCD EF\n\n",
        ". ",
        "\x00 a",
    ],
)
def test_marking_takes_time_linear_in_the_text(unit: str) -> None:
    """No repetition, however odd, makes marking explode: twice the text takes about twice the time of the processor."""

    def seconds(length: int) -> float:
        text = document(unit * (length // len(unit)))
        start = time.thread_time()
        marks(text)
        return time.thread_time() - start

    short = min(seconds(20_000) for _ in range(3))
    assert min(seconds(80_000) for _ in range(2)) < 12 * short + 0.1


@pytest.mark.parametrize(
    "line",
    [
        "12" * 75 + "?",
        "home" + 6 * f">{' ' * 18}a" + "|b|",
        "1 2 3 " * 25 + "?",
        "next... " * 19 + "?",
        "copyright " + "(c) \u00a9 " * 20 + "?",
        "terms | " + "a | " * 30 + "?",
        "share on " + "on " * 50 + "?",
        "tags : " * 22 + "\x00?",
    ],
)
def test_a_line_that_is_nearly_furniture_is_judged_at_once(line: str) -> None:
    """There is one way to read a line of numbers, crumbs or marks, not one for every way to part it."""
    began = time.process_time()
    assert marked(f"{PROSE}\n\n{line}\n\n{PROSE}", MarkKind.FURNITURE) == []
    assert time.process_time() - began < 1


@given(noisy_text, st.integers(0, 60), st.integers(0, 60))
def test_marks_within_a_range_are_those_marks_moved(text: str, start: int, length: int) -> None:
    """Marks cut to a range mark the same characters, counted from its start."""
    found = marks(document(text))
    end = min(start + length, len(text))
    expected = {(at - start, mark.kind) for mark in found for at in range(mark.start, mark.end) if start <= at < end}
    within = marks_within(found, start, end) if start < end else ()
    assert {(at, mark.kind) for mark in within for at in range(mark.start, mark.end)} == expected


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("The meta-universe grows", "The metaverse grows"),
        ("Meta Universe, metauniverse", "metaverse, metaverse"),
        ("The metasomes' end; two meta-universes", "The metaverse' end; two metaverses"),
        ("the Metasverse\u2019s form", "the metaverse\u2019s form"),
        ("metasomething universe", "metasomething universe"),
    ],
)
def test_aliases_replace_whole_words_only(text: str, canonical: str) -> None:
    """Any case, hyphen or space will do, endings stay, and parts of other words are left alone."""
    assert ALIASES.canonical(text) == canonical


@given(st.text(max_size=80))
def test_without_aliases_nothing_changes(text: str) -> None:
    """An empty list of aliases leaves every text as it is."""
    assert Aliases({}).canonical(text) == text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("- a\n", "no list of words"), ("a: b\n", "needs a list"), ("a: [1]\n", "no spelling"),
        ("a: [x]\nb: [X]\n", "two words"), ("a: [b]\nb: [c]\n", "both a word"), ("a: [", "not valid YAML"),
        ("a: 2026-13-45", "not valid YAML"), ("a: !!timestamp x", "not valid YAML"), ("a: !!int ''", "not valid YAML"),
        ("{a: " * 1000, "not valid YAML"),
    ],
)  # fmt: skip
def test_a_faulty_alias_file_is_refused_with_a_sentence(tmp_path: Path, content: str, says: str) -> None:
    """Each fault in the file is told in one sentence that names the file."""
    path = tmp_path / "aliases.yaml"
    path.write_text(content)
    with pytest.raises(SourceError, match=says) as refusal:
        read_aliases(path)
    assert str(path) in str(refusal.value)


def test_the_essays_spellings_are_suggested() -> None:
    """Every spelling of the essay's word that the alias file confirms is found without it."""
    suggested = suggest_aliases([read_sources([ESSAY])[0][0].text])
    spellings = {s.variant for s in suggested} | {s.canonical for s in suggested}
    assert spellings == set(ALIASES.variants)
    assert all(0 < s.score <= 1 for s in suggested)


def test_forms_of_one_word_are_no_suggestion() -> None:
    """Plurals, tenses and compounds of a word are not other spellings of it."""
    text = (
        "The painter saw the landing. " * 20 + "The painters saw the landings. The landing-stage saw the painter. " * 3
    )
    assert suggest_aliases([text]) == []
