"""Contrasts are cut at their two sides; where a sentence stands is asked only where nothing tells it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bot.quiz.drafting.concordance import Concordance
from bot.quiz.drafting.contrasts import contrast_candidates, contrast_row
from bot.quiz.drafting.inventory import Inventory
from bot.quiz.drafting.sources import source_candidates, source_rows
from tests.bot.quiz.drafting.town import HARBOUR, MILLS, town
from tests.index.fakes import FakeEncoder


@pytest.mark.parametrize(
    ("sentence", "exchanged"),
    [
        (
            "Unlike sawmills, oil mills were working through the night.",
            "Unlike oil mills, sawmills were working through the night.",
        ),
        (
            "While stone mills were grinding barley, paper mills were pressing rags.",
            "While paper mills were grinding barley, stone mills were pressing rags.",
        ),
        (
            "The pilots had a house of their own, whereas the masons had nothing but tents.",
            "The masons had a house of their own, whereas the pilots had nothing but tents.",
        ),
    ],
)
def test_the_two_sides_change_places(tmp_path: Path, sentence: str, exchanged: str) -> None:
    """The wrong option is the author's sentence the other way round."""
    concordance = Concordance(town(tmp_path, sentence))
    (found,) = contrast_candidates(concordance.statements, concordance)
    row = contrast_row(found, concordance)
    assert (row["right"], row["wrong"]) == (sentence, [exchanged])


@pytest.mark.parametrize(
    "sentence",
    [
        "While the storm lasted, everybody in the town stayed at home.",
        "While the mill was small, its owners were rich men of the town.",
        "The pilot was old, whereas the masons were young and strong.",
        "Unlike in the past, the harbour was open to all ships.",
    ],
)
def test_what_is_not_clearly_cut_is_left_alone(tmp_path: Path, sentence: str) -> None:
    """Time, pronouns, verbs of another number: the sides could not change places."""
    concordance = Concordance(town(tmp_path, sentence))
    assert list(contrast_candidates(concordance.statements, concordance)) == []


SECTIONS = """The town

Harbour and sea

Simon Talbeek paid 4,200 guilders for stones from Halland in 1612.

Mills and wind

Jacob Steenwijk paid 300 guilders for sails from Leeuw in 1604.

School and books

Adrian Velthuis paid 800 guilders for paper from Brede in 1616.

Church and bells

Thomas Wiarda paid 950 guilders for bronze from Ulmen in 1648.

Streets and wells

Martin Duyvis paid 120 guilders for lead from Dorum in 1688."""


def test_sections_are_asked_for_where_there_are_enough(tmp_path: Path) -> None:
    """Four headings or more; the options are headings of the same document, the right one among them."""
    concordance = Concordance(town(tmp_path, SECTIONS))
    inventory = Inventory(concordance, FakeEncoder())
    found = list(source_candidates(concordance.statements, inventory))
    assert [(each.right, each.is_section) for each in found][:2] == [
        ("Harbour and sea", True),
        ("Mills and wind", True),
    ]
    for _, row in source_rows(found, FakeEncoder(), random.Random(0)):
        assert row["right"] not in row["wrong"]  # type: ignore[operator]
        assert len(row["wrong"]) == 3  # type: ignore[arg-type]


def test_a_library_of_two_documents_asks_for_none(tmp_path: Path) -> None:
    """With two titles it would be a coin."""
    concordance = Concordance(town(tmp_path, HARBOUR, MILLS))
    inventory = Inventory(concordance, FakeEncoder())
    assert list(source_candidates(concordance.statements, inventory)) == []
