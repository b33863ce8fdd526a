"""The ledger finds what a killed bot has lost, changed, doubled or torn, and nothing where all is well."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.quiz.bank import read_bank
from bot.store.migrate import FILE, migrate
from prompts import words
from tests.bench.learners import Place, Tally, Told
from tests.bench.ledger import Ledger

ITEM = next(item for item in read_bank().items if len(item.options) == 4)
PERSON = 7
RIGHT = words("quiz.result.lead.right", points=1.0)
FINE = ([], set(), set(), set(), set())


def store(data: Path, *statements: str) -> Path:
    """Make a store with one right answer, given at the second button, and then change it."""
    migrate(data / FILE)
    options = [number for number in range(4) if number != ITEM.key]
    options.insert(1, ITEM.key)
    with closing(sqlite3.connect(data / FILE)) as made, made:
        made.execute("INSERT INTO sessions (id, person, created_at) VALUES (1, ?, 0)", (PERSON,))
        row = (ITEM.id, json.dumps(options), ITEM.key)
        made.execute(
            "INSERT INTO steps (session, position, item, version, options, again, picked) VALUES (1,0,?,'v',?,0,?)", row
        )
        made.execute(
            "INSERT INTO answers (session, position, person, item, version, axis, again, option, score, hints,"
            " answered_at, state, due) VALUES (1, 0, ?, ?, 'v', 'a', 0, ?, 1.0, 0, 5, 1, 9)",
            (PERSON, ITEM.id, ITEM.key),
        )
        for statement in statements:
            made.execute(statement)
    return data


def seen(ledger: Ledger) -> tuple[object, ...]:
    return (ledger.unsound, ledger.lost, ledger.wrong, ledger.doubled, ledger.choices_lost)


def look(data: Path, ledger: Ledger | None = None, *, submitted: bool = True) -> Ledger:
    told = {Place(1, 0): Told(PERSON, frozenset({1}), RIGHT)} if submitted else {}
    found = ledger or Ledger()
    found.look(data, Tally(told=told, submitted={*told}), [(Place(1, 0), frozenset({1}))])
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_what_is_as_it_was_told_is_fine(data: Path) -> None:
    """Looked at twice, nothing is found."""
    ledger = look(store(data))
    assert seen(look(data, ledger)) == FINE


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM answers", "lost"),
        ("UPDATE answers SET score = 0.5", "wrong"),
        ("UPDATE answers SET person = 8", "wrong"),
        ("UPDATE answers SET option = option + 1", "wrong"),
        ("UPDATE answers SET score = 0", "doubled"),  # it failed, and does not come back
        ("INSERT INTO steps SELECT 1, 1, item, version, options, 1, NULL, 0, NULL FROM steps", "doubled"),
        ("DELETE FROM steps", "choices_lost"),
        ("DELETE FROM sessions", "unsound"),  # what belongs to it is left
    ],
)
def test_what_is_not_is_found(data: Path, statement: str, found: str) -> None:
    """Each kind of damage is named as what it is."""
    assert getattr(look(store(data, statement)), found)


@pytest.mark.parametrize(("may_stand", "lost"), [({1}, False), ({0, 1}, False), ({0, 2}, True)])
def test_a_choice_is_lost_when_none_that_may_stand_is_kept(data: Path, may_stand: set[int], *, lost: bool) -> None:
    """A press that was never acknowledged may have been kept or not; of the others none may be."""
    ledger = Ledger()
    ledger.look(store(data, "DELETE FROM answers"), Tally(), [(Place(1, 0), frozenset(may_stand))])
    assert bool(ledger.choices_lost) is lost


def test_what_changes_after_it_was_told_is_found(data: Path) -> None:
    """An answer is written once, and one that nobody gave is none."""
    ledger = look(store(data))
    with closing(sqlite3.connect(data / FILE)) as changed, changed:
        changed.execute("UPDATE answers SET answered_at = 6")
    assert look(data, ledger).doubled
    assert look(data, submitted=False).doubled
