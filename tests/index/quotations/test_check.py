"""The verdicts on quotations, held against two short documents and against the essay."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from index.quotations.changes import Change, Part
from index.quotations.check import MAX_CHARACTERS, check
from index.quotations.verdicts import Checked, Note, Verdict
from index.text.comparison import words_of
from tests.index.fakes import CLAY, SEA, library

if TYPE_CHECKING:
    from index.generations.generation import Generation

CHINESE = "陶土记得塑造它的手。玻璃立刻忘记火焰。它们掉下来都会碎。"
TIDES = """Tides

The tide turns twice a day in this harbour. A captain who ignores the tide loses a ship.[4]

No captain sails at night. [5] The lamp shows the way, and nobody pays for it."""


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """CLAY and SEA, a near-duplicate of a passage of SEA, and a Chinese text."""
    return library(tmp_path_factory.mktemp("held"), CLAY, SEA, TIDES, CHINESE)


def one(held: Generation, quotation: str) -> Checked:
    [checked] = check(held, f"He says: «{quotation}» and so on.").quotations
    return checked


@pytest.mark.parametrize(
    ("quotation", "notes"),
    [
        ("Clay remembers the hand that shaped it.", []),
        ("the hand that shaped it. Glass forgets", []),
        ("burns evenly. Iron is patient", [Note.SPACING]),
        ("clay remembers the hand", [Note.FIRST_LETTER]),
        ("Clay   remembers\nthe hand", [Note.SPACING]),
        ("Glass forgets the fire at once, ", [Note.FINAL_MARK]),
        ("The potters fed it with pine [a wood] because pine burns", [Note.INSERTION]),
        ("[T]he hand that shaped it", [Note.FIRST_LETTER]),
        ("Clay re\u200bmembers the ha\u00adnd", [Note.TYPOGRAPHY]),
        ("Clay **remembers** the _hand_ that shaped it", [Note.SPACING]),
        ("Clay remembers the hand … Both of them break", [Note.ELLIPSIS]),
        ("Clay remembers the hand [...] Iron rusts where water stays", [Note.ELLIPSIS]),
        ("... the hand that shaped it ...", []),
        ("The potter's book", []),
        ("The potter’s book", [Note.TYPOGRAPHY]),
        ("loses a ship. No captain sails at night. The lamp shows", [Note.SKIPPED]),
        ("captain sails at night. The lamp shows", [Note.SKIPPED]),
        ("玻璃立刻忘记火焰", []),
    ],
)
def test_exact(held: Generation, quotation: str, notes: list[Note]) -> None:
    """What differs in nothing but form is exact, and what differs is said."""
    checked = one(held, quotation)
    assert checked.verdict is Verdict.EXACT
    assert [note for note in checked.notes if note is not Note.SPACING or Note.SPACING in notes] == notes


@pytest.mark.parametrize(
    ("quotation", "changes"),
    [
        ("Clay never remembers the hand that shaped it", [Change.NEGATION]),
        ("Captains sail at night. The lamp shows the way, and nobody pays for it", [Change.WORDS]),
        ("The lamp shows the way, and somebody pays for it", [Change.NEGATION]),
        ("A captain who doesn't ignore the tide loses the ship", [Change.NEGATION, Change.WORDS]),
        ("A kiln in Jingdezhen burned for nine days in 1812", [Change.NUMBER]),
        ("A kiln in Jingdezhen burned for ten days in 1712", [Change.NUMBER]),
        ("A kiln in Delft burned for nine days in 1712", [Change.NAME]),
        ("A kiln in Delft burned for ten days, not in 1712", [Change.NEGATION, Change.NUMBER, Change.NAME]),
        ("Iron is impatient under the hammer", [Change.NEGATION]),
        ("Salt keeps meat for years at sea", [Change.WORDS]),
        ("because pine burns evenly the potters fed it with pine", [Change.ORDER]),
        ("Salt meat keeps for months at sea", [Change.ORDER]),
        ("Fresh water spoils after six weeks in wooden barrels", None),
        ("A captain, who ignores the tide, loses the ship", [Change.PUNCTUATION]),
        ("A captain who ignores the Tide loses the ship", [Change.CAPITALS]),
        ("It is [not] so: Salt keeps meat for months at sea", None),
        ("Salt keeps [not] meat for months at sea", [Change.NEGATION]),
        ("The lamp shows the way … pays for it", [Change.NEGATION]),
        ("玻璃立刻记得火焰", [Change.WORDS]),
    ],
)
def test_altered(held: Generation, quotation: str, changes: list[Change] | None) -> None:
    """What was changed is named, negations, numbers and names first."""
    checked = one(held, quotation)
    assert checked.verdict is Verdict.ALTERED
    assert changes is None or list(checked.changes) == changes


def test_the_diff_is_by_words(held: Generation) -> None:
    """Both texts can be read from the diff."""
    checked = one(held, "A kiln in Delft burned for ninety-nine days in 1712")
    assert [(each.part, each.text.strip()) for each in checked.diff] == [
        (Part.SAME, "A kiln in"),
        (Part.REMOVED, "Jingdezhen"),
        (Part.ADDED, "Delft"),
        (Part.SAME, "burned for"),
        (Part.ADDED, "ninety-"),
        (Part.SAME, "nine days in 1712"),
    ]
    quoted = "".join(each.text for each in checked.diff if each.part is not Part.REMOVED)
    assert quoted == checked.stretch.text
    source = "".join(each.text for each in checked.diff if each.part is not Part.ADDED)
    assert source.replace(" ", "") == checked.pieces[0].text.replace(" ", "")


def test_a_change_beside_an_ellipsis(held: Generation) -> None:
    """What the ellipsis leaves out is no change; the parts keep their places."""
    checked = one(held, "Clay forgets the hand that shaped it [...] Iron is patient under the hammer")
    assert checked.verdict is Verdict.ALTERED
    assert [(each.part, each.text.strip()) for each in checked.diff[:3]] == [
        (Part.SAME, "Clay"),
        (Part.REMOVED, "remembers"),
        (Part.ADDED, "forgets"),
    ]
    assert len(checked.diff) == 4
    assert [piece.text for piece in checked.pieces] == [
        "Clay remembers the hand that shaped it",
        "Iron is patient under the hammer",
    ]


def test_a_changed_heading_is_compared_with_the_heading(held: Generation) -> None:
    """Words outside of sentences count where the quotation is of them."""
    checked = one(held, "The Potter's long Book")
    assert checked.verdict in (Verdict.ALTERED, Verdict.NOT_FOUND)
    assert all("Potter's" not in each.text for each in checked.diff if each.part is Part.REMOVED)


def test_stitched(held: Generation) -> None:
    """Pieces from different places are shown in the order of the quotation, each with its place."""
    checked = one(held, "The tide turns twice a day while iron rusts where water stays on it")
    assert checked.verdict is Verdict.STITCHED
    assert [(piece.text, piece.document) for piece in checked.pieces] == [
        ("The tide turns twice a day", "b.txt"),
        ("Iron rusts where water stays on it", "a.txt"),
    ]


def test_an_ellipsis_does_not_join_documents_or_go_back(held: Generation) -> None:
    """Pieces of two documents, or in another order, are stitched in spite of the ellipsis."""
    assert one(held, "Salt keeps meat for months ... Iron is patient under the hammer").verdict is Verdict.STITCHED
    assert one(held, "Iron is patient under the hammer ... Clay remembers the hand").verdict is Verdict.STITCHED


@pytest.mark.parametrize(
    "quotation",
    [
        "The stars are far away from every ship at night",
        "Wer zu spät kommt, den bestraft das Leben",
        "Кто рано встаёт, тому бог подаёт",
        "in the of that for a at it",
    ],
)
def test_not_in_the_library(held: Generation, quotation: str) -> None:
    """A few common words are no quotation."""
    assert one(held, quotation).verdict is Verdict.NOT_FOUND


def test_short_quotations(held: Generation) -> None:
    """Under three words there is no altered: they stand there as whole words, or are too short to check."""
    found = check(held, "«Clay remembers» «clay» «lay remembers» «glass remembers» «blue whale» «tide» is here in it.")
    assert [each.verdict for each in found.quotations[:6]] == [
        Verdict.EXACT,
        Verdict.EXACT,
        Verdict.TOO_SHORT,
        Verdict.TOO_SHORT,
        Verdict.TOO_SHORT,
        Verdict.EXACT,
    ]


def test_of_near_duplicates_the_exact_one(held: Generation) -> None:
    """Where two passages are alike, the one that has the words is the place."""
    assert one(held, "A captain who ignores the tide loses the ship.").pieces[0].document == "b.txt"
    assert one(held, "A captain who ignores the tide loses a ship.").pieces[0].document == "c.txt"


def test_a_long_text_is_cut(held: Generation) -> None:
    """100,000 characters are not read to their end, and that is said."""
    report = check(held, "«Clay remembers the hand» " + "and so on it goes " * 6_000)
    assert report.cut_at == MAX_CHARACTERS
    assert report.quotations[0].verdict is Verdict.EXACT


def test_every_piece_is_the_source_word_for_word(held: Generation) -> None:
    """quote.text == source_text[quote.start:quote.end], whatever the verdict."""
    for quotation in (
        "burns evenly. Iron is patient",
        "Clay never remembers the hand",
        "Clay remembers ... Iron rusts where",
    ):
        for piece in one(held, quotation).pieces:
            assert held.texts.document(piece.document).text[piece.start : piece.end] == piece.text


TEXTS = [CLAY, SEA, TIDES]
WORDS = [list(re.finditer(r"\S+", text)) for text in TEXTS]


@given(st.data())
def test_a_verbatim_stretch_is_always_exact(held: Generation, data: st.DataObject) -> None:
    """Whatever is copied from a document, from a word to a word, is exact."""
    number = data.draw(st.integers(0, len(TEXTS) - 1))
    first = data.draw(st.integers(0, len(WORDS[number]) - 3))
    last = data.draw(st.integers(first + 2, min(len(WORDS[number]) - 1, first + 60)))
    quotation = TEXTS[number][WORDS[number][first].start() : WORDS[number][last].end()].replace("\n\n", " ")
    assume(len(words_of(quotation)) >= 3)
    assert one(held, quotation).verdict is Verdict.EXACT


@given(st.data())
def test_a_changed_word_is_never_exact(held: Generation, data: st.DataObject) -> None:
    """With a word exchanged, left out or added a quotation is not exact, unless it stands there so."""
    words = words_of(data.draw(st.sampled_from([CLAY, SEA])))  # without notes, which may be left out
    first = data.draw(st.integers(0, len(words) - 6))
    part = words[first : first + data.draw(st.integers(5, 30))]
    at = data.draw(st.integers(0, len(part) - 1))
    other = data.draw(st.sampled_from(["not", "seven", "London", "clay", "the", *words]))
    how = data.draw(st.sampled_from(["exchanged", "added", "left out"]))
    changed = [*part[:at], *([] if how == "left out" else [other]), *part[at + (how != "added") :]]
    every = [words_of(text) for text in TEXTS]
    assume(not any(_holds(text, changed) for text in every))
    assert one(held, " ".join(changed)).verdict is not Verdict.EXACT


def _holds(text: list[str], part: list[str]) -> bool:
    return any(text[at : at + len(part)] == part for at in range(len(text) - len(part) + 1))


def test_what_is_copied_from_the_essay_is_exact(essay_generation: Generation) -> None:
    """Neighbouring sentences of the shipped essay, with its real typography, are exact together."""
    found = [essay_generation.sentence(number) for number in range(len(essay_generation.sentences))]
    for one_sentence, other in pairwise(found[:120]):
        if one_sentence.document is other.document:
            quotation = f"{one_sentence.text} {other.text}"
            report = check(essay_generation, "\n".join(f"> {line}" for line in quotation.split("\n") if line.strip()))
            assert {each.verdict for each in report.quotations} <= {Verdict.EXACT, Verdict.TOO_SHORT}, quotation
