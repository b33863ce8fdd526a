"""Wrong options are of the right one's kind and are proved not to fit."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from bot.quiz.drafting.cloze import gap_candidates
from bot.quiz.drafting.concordance import Concordance, Sort, Statement
from bot.quiz.drafting.inventory import Inventory
from bot.quiz.drafting.misfit import Cloze, related
from tests.bot.quiz.drafting.town import town
from tests.index.fakes import FakeEncoder


@pytest.fixture(scope="module")
def concordance(tmp_path_factory: pytest.TempPathFactory) -> Concordance:
    return Concordance(town(tmp_path_factory.mktemp("town")))


@pytest.fixture(scope="module")
def inventory(concordance: Concordance) -> Inventory:
    return Inventory(concordance, FakeEncoder())


def gap(concordance: Concordance, inventory: Inventory, phrase: str) -> Cloze:
    """Give the gap that this phrase leaves in the first sentence that can be asked for it."""
    for statement in concordance.statements:
        for found in inventory.phrases(statement):
            if found.text == phrase:
                return Cloze(statement, found, concordance)
    raise AssertionError(f"nobody sees {phrase!r}")


@pytest.mark.parametrize(
    ("phrase", "looks"),
    [("1631", r"1\d\d\d"), ("4,200", r"\d,\d{3}"), ("46", r"\d\d"), ("14 August", r"\d{1,2} [A-Z][a-z]+")],
)
def test_a_number_stands_among_numbers_of_its_kind(
    concordance: Concordance, inventory: Inventory, phrase: str, looks: str
) -> None:
    """A year for a year, thousands for thousands, a day for a day."""
    wrong = inventory.wrong_options(gap(concordance, inventory, phrase), random.Random(0))
    assert wrong
    assert [option for option in wrong if not re.fullmatch(looks, option)] == []


def test_a_person_stands_among_persons(concordance: Concordance, inventory: Inventory) -> None:
    """And nobody out of the same paragraph."""
    found = gap(concordance, inventory, "Peter Lammers")
    wrong = inventory.wrong_options(found, random.Random(0))
    assert {inventory.names.sense(option) for option in wrong} == {"person"}
    assert not [option for option in wrong if "Brandsma" in option]


def test_a_year_keeps_its_side_of_the_others(concordance: Concordance, inventory: Inventory) -> None:
    """ "From 1627 to 1641" cannot end before it begins."""
    wrong = inventory.wrong_options(gap(concordance, inventory, "1641"), random.Random(0))
    assert wrong
    assert min(map(int, wrong)) > 1627


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("United States", "US"),
        ("the Normans", "Norman"),
        ("Normandy", "Norman"),
        ("Leo Sixma", "Sixma"),
        ("Böhme", "Bohme"),
        ("packet switching", "switching"),
    ],
)
def test_what_may_be_the_same_is_no_wrong_option(concordance: Concordance, one: str, other: str) -> None:
    """Abbreviations, parts, other endings and other accents of a phrase."""
    assert related(one, other, concordance)
    assert related(other, one, concordance)


def test_what_has_nothing_in_common_is_not_related(concordance: Concordance) -> None:
    """Or there would be no options."""
    assert not related("Simon Talbeek", "Agnes Romkes", concordance)
    assert not related("1612", "1619", concordance)


def said(concordance: Concordance, beginning: str) -> Statement:
    return next(each for each in concordance.statements if each.text.startswith(beginning))


def test_bounds_lists_and_neighbours_are_not_asked(tmp_path: Path) -> None:
    """More than, such as and "17th and 18th": where another phrase would be right too, or can be worked out."""
    texts = town(
        tmp_path,
        "The mill of Veldmar ground more than 300 sacks of barley a month. Painters such as Simon Talbeek and William "
        "Brandsma came to Veldmar to draw it. Ships from Halland came to Veldmar in the 17th and 18th centuries. "
        "The road to Halland is 40 miles (64 km) long.",
    )
    concordance = Concordance(texts)
    inventory = Inventory(concordance, FakeEncoder())
    found = [
        found.phrase.text
        for statement in concordance.statements
        for _, found in gap_candidates(statement, inventory)
        if found.phrase.sort is not Sort.TERM
    ]
    assert set(found) <= {"Halland"}
