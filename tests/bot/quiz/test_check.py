"""The check finds what would let somebody guess, and the shipped bank passes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bot.quiz.bank import read_bank
from bot.quiz.check import MARGIN, check
from bot.quiz.items import BLANK, Bank, Item, ItemKind
from index.generations.texts import blotted_texts
from tests.bot.quiz.made_up import item
from tests.index.fakes import FakeEncoder

if TYPE_CHECKING:
    from bot.libraries.opening import Library
    from bot.settings import Settings

QUOTE = item("1").quote


def bank(items: Sequence[Item]) -> Bank:
    return Bank(tuple(items), {"memory": "Memory"}, {"potter": "the potter"}, ())


def numbered(count: int, **changes: Any) -> list[Item]:
    """Return items that ask different things."""
    words = ["kiln", "wheel", "glaze", "slip", "shard", "bowl", "vase", "lamp", "tile", "brick"]
    return [item(str(n), question=f"Which of them did the {words[n]} need at last?", **changes) for n in range(count)]


@pytest.mark.model
def test_every_shipped_item_passes(essay: tuple[Settings, Library]) -> None:
    """All items, at least forty and eight for each axis; every fault is printed at once."""
    _, library = essay
    report = check(read_bank(), blotted_texts(library.generation.texts), library.encoder)
    assert not report.faults, "\n".join(f"{f.file}: {f.item}: {f.reason}" for f in report.faults)
    assert [guess for guess in report.guesses if not guess.is_fair] == []
    assert report.passed
    assert sum(report.by_axis.values()) >= 40
    assert min(report.by_axis.values()) >= 8
    assert set(report.by_kind) == {kind.value for kind in ItemKind}


def test_a_quote_that_is_not_verbatim_is_found() -> None:
    """One letter is enough."""
    report = check(bank(numbered(1)), {"a.txt": QUOTE.replace("Clay", "clay")}, FakeEncoder())
    assert ["word for word" in fault.reason for fault in report.faults] == [True]
    assert not report.passed


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (("the longest of all", "the second one", "and the third"), "longest"),
        (("a kiln need", "short ones", "other ones"), "shared_words"),
    ],
)
def test_a_bank_that_can_be_guessed_is_found(options: tuple[str, ...], name: str) -> None:
    """A guesser that is right more often than chance and ten points fails the bank."""
    items = numbered(6, options=options)
    if name == "shared_words":
        items = [replace(each, options=(each.question.split()[5], "short ones", "other ones")) for each in items]
    report = check(bank(items), {"a.txt": QUOTE}, FakeEncoder())
    (guess,) = [guess for guess in report.guesses if guess.name == name]
    assert guess.right == 1.0
    assert guess.chance == pytest.approx(1 / 3)
    assert guess.most == pytest.approx(1 / 3 + MARGIN)
    assert not report.passed


def test_always_true_is_found() -> None:
    """A bank in which true is the answer too often can be guessed."""
    items = [replace(each, kind=ItemKind.TRUTH, options=("True", "False"), key=0) for each in numbered(6)]
    report = check(bank(items), {"a.txt": QUOTE}, FakeEncoder())
    assert [guess.right for guess in report.guesses if guess.name == "first"] == [1.0]
    assert not report.passed


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("clay", "glass", "something that takes up very much more room"), "of like length"),
        (("the hand that shaped", "the fire", "the wheel"), "clearly the longest"),
        (("clay", "the wheel turns", "the wheel turn"), "nearly the same"),
    ],
)
def test_options_that_give_the_key_away_are_found(options: tuple[str, ...], reason: str) -> None:
    """By length or by likeness."""
    report = check(bank(numbered(1, options=options)), {"a.txt": QUOTE}, FakeEncoder())
    assert any(reason in fault.reason for fault in report.faults)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"kind": ItemKind.SIDE, "question": "What the potter says.", "options": ("the potter", "the glazier")},
            "names the",
        ),
        ({"question": "Does it remember clay or what?"}, "says its own answer"),
        (
            {"kind": ItemKind.GAP, "question": f"Clay {BLANK} the hand", "options": ("recalls", "remembers")},
            "says it with 'remembers' too",
        ),
    ],
)
def test_an_item_that_says_its_answer_is_found(changes: dict[str, Any], reason: str) -> None:
    """In the question itself, or in the library with a wrong phrase."""
    report = check(bank([item("1", **changes)]), {"a.txt": QUOTE}, FakeEncoder())
    assert any(reason in fault.reason for fault in report.faults)


def test_a_question_asked_twice_is_found() -> None:
    """Nearly the same words ask nothing new."""
    twice = [item("1", question="What does it remember?"), item("2", question="What does it then remember?")]
    report = check(bank(twice), {"a.txt": QUOTE}, FakeEncoder())
    assert ["nearly the same as 1" in fault.reason for fault in report.faults] == [True]
