"""A full stop ends a sentence only where a reader ends it."""

from __future__ import annotations

import pytest

from index.text.boundaries import boundaries
from index.text.sentences import sentences


@pytest.mark.parametrize(
    "parts",
    [
        ["The mosquito Ae. aegypti bites by day.", "It spreads dengue."],
        ["Only Ae.\naegypti and Cx.\nquinquefasciatus were caught.", "Nothing else flew."],
        ["Results were mixed (11).", "The second trial failed (12, 13).", "A third began."],
        ["Shen et al. found it in 2019.", "Others (Li et al., 2020) did not."],
        ["It rises, as in Fig. 2 and Tab. 3.", "See Sect. 4.1 and Eq. (3).", "Ref. 7 says more."],
        ["Use a lock, e.g. a mutex.", "Avoid others, i.e. files."],
        ["If Hello, world! did print, congratulations!", "You wrote a program."],
        ["Enter the command .\\main instead of ./main now.", "Then wait."],
        ["Version 2.0. introduced it.", "Step 1. Open the lid.", "2. Close it again."],
        ["This was shown before.1", "The next year it was disproved.2,3", "Now nobody knows.\u2074", "It is old."],
        ["Mr. Bakker laughed.", "“I know the tide.”", "He left.", "(So did I.)"],
        ["Prices fell.", "iPhone sales rose.", "eBay grew too."],
        ["i tried this.", "it works fine.", "what about you?"],
    ],
)
def test_a_sentence_ends_where_a_reader_ends_it(parts: list[str]) -> None:
    """Abbreviations, species, citations, commands and numbers end none; texts in lower case throughout are parted."""
    text = " ".join(parts)
    assert [text[start:end].strip() for start, end in boundaries(text)] == parts


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        (
            "de",
            ["Am 3. Mai kam Frau Dr. Braun, d. h. die Ärztin.", "Die Fa. Abel zahlt 3 Mio. Euro.", "Das ist viel."],
        ),
        ("fr", ["M. Dupont arriva le 3 mai.", "Mme Roux, p. ex., resta."]),
        ("es", ["El Sr. Pérez vino.", "La Sra. Gil no."]),
        ("zh", ["船只在春天运来灯油。", "1893年，一场风暴毁坏了走廊。", "好。"]),
    ],
)
def test_a_sentence_ends_by_the_rules_of_its_language(language: str, parts: list[str]) -> None:
    """Abbreviations are those of the language; a Chinese full stop ends a sentence before a number too."""
    text = ("" if language == "zh" else " ").join(parts)
    assert [text[start:end].strip() for start, end in boundaries(text, language)] == parts


def test_a_citation_after_the_stop_is_no_part_of_the_next_sentence() -> None:
    """ "(11)" belongs to what it proves, not to what follows."""
    text = "Results were mixed. (11) The second trial failed. (2) So did the third."
    assert [text[a:b] for a, b in sentences(text, 0, len(text))] == [
        "Results were mixed.", "The second trial failed.", "So did the third.",
    ]  # fmt: skip


def test_long_speech_is_parted_into_its_sentences() -> None:
    """Inside of quotation marks a sentence is quoted alone where the whole speech is long."""
    inner = [
        "I saw Dr. Smith of the harbour office in the rain.",
        "The tide was lower than I have ever seen it before.",
    ]
    text = "“" + " ".join(inner * 7) + "” He left."
    found = [text[a:b] for a, b in sentences(text, 0, len(text))]
    assert found[1:3] == [inner[1], inner[0]]
    short = "“It is old. It is new.” He left."
    assert [short[a:b] for a, b in sentences(short, 0, len(short))] == ["“It is old. It is new.”", "He left."]


def test_a_sentence_of_a_thousand_characters_is_whole() -> None:
    """A part that ends in a comma or begins in the middle is no quote: only beyond 1,200 characters one is cut."""
    text = "The " + ", the ".join(f"clause of the {n}th river" for n in range(40)) + "."
    assert 900 < len(text) < 1200
    assert sentences(text, 0, len(text)) == [(0, len(text))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Cats eat:\n- fish\n- mice", ["Cats eat:\n- fish\n- mice"]),
        ("All is well. Cats eat:\n- fish\n- mice", ["All is well.", "Cats eat:\n- fish\n- mice"]),
        ("Cats differ:\n- Some eat fish.\n- Others eat mice.", ["Cats differ:", "Some eat fish.", "Others eat mice."]),
        ("Cats eat:\n" + "\n".join(f"- fish of the {n}th river" for n in range(20)), None),
    ],
)  # fmt: skip
def test_a_lead_in_is_quoted_with_its_short_list(text: str, found: list[str] | None) -> None:
    """Items that are no sentences make one with what leads in to them; a long list is quoted item by item."""
    quotes = [text[a:b] for a, b in sentences(text, 0, len(text))]
    assert quotes == found if found else len(quotes) == 21


def test_code_is_quoted_by_lines_and_with_its_lead_in() -> None:
    """No quote begins or ends within a line of code, and no prose but what leads in to code stands beside it."""
    prose, code = "Rust is old. Enter this", 'fn main() {\n    println!("It is. Or not.");\n}'
    for lead, found in ((":\n\n", [f"Enter this:\n\n{code}"]), (".\n\n", ["Enter this.", code])):
        text = f"{prose}{lead}{code}"
        at = text.index("fn main")
        spans = sentences(text, 0, len(text), code=[(at, len(text))])
        assert [text[a:b] for a, b in spans] == ["Rust is old.", *found]
    long = "\n".join(f"step_{n}(of, the, 'program. Or not')" for n in range(60))
    assert all(long[b : b + 1] in ("", "\n") for _, b in sentences(long, 0, len(long), code=[(0, len(long))]))
