"""A lesson is proved: by table for faults, and the one that ships by the essay and the real model."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from bot.quiz.bank import read_bank
from bot.quiz.entries import read_entry
from bot.quiz.items import Bank
from bot.quiz.lesson_check import MOST_MINUTES, check_lessons, reading_minutes, untaught
from bot.quiz.lesson_plan import Chapter, LessonPlan, LessonPoint, Lessons, read_lessons
from index.answering.overview import overview
from index.answering.scope import Scope
from index.generations.texts import blotted_texts

if TYPE_CHECKING:
    from bot.libraries.opening import Library
    from bot.settings import Settings

TEXTS = {"pots": "Clay remembers the hand. Glass forgets the fire. Both break."}


def bank() -> Bank:
    """Return three statements and a free item."""
    row = {"side": "both", "difficulty": 1, "why": "So it is."}
    rows = [
        {**row, "id": id, "kind": "truth", "holds": True, "statement": f"On {id}.", "quote": "Clay"} for id in "abc"
    ]
    rows.append({**row, "id": "free", "kind": "free", "question": "What of clay?", "points": ["Clay"]})
    return Bank(tuple(read_entry(each, axis="x") for each in rows), {"x": "X"}, {}, ())


def lesson(*points: LessonPoint, explain: str = "free") -> Lessons:
    """Return one lesson of one chapter."""
    return Lessons((LessonPlan("pots", "Pots", (Chapter("one", "One", points),), explain, "pots.yaml"),))


def test_every_fault_of_a_lesson_is_named_at_once() -> None:
    """The quote, the items, the guess, the contrast, what is asked twice, the last item: each with the point's id."""
    points = [
        LessonPoint("fine", "Clay remembers the hand.", "", "a", ("b",)),
        LessonPoint("said", "Clay never forgets.", "", "", ("c",)),
        LessonPoint("bare", "Both break."),
        LessonPoint("unknown", "Both break.", "", "free", ("z", "b"), "row"),
    ]
    report = check_lessons(lesson(*points, explain="c"), bank(), TEXTS)
    assert [(fault.item, fault.reason.split("'")[0].strip()) for fault in report.faults] == [
        ("said", "not in the library, word for word:"),
        ("bare", "has no item; name at least one that asks for it"),
        ("unknown", "the bank has no item"),
        ("unknown", "the guess free is a free item; ask one with options before the quote"),
        ("unknown", "the table of contrasts has no row"),
        ("unknown", "asks b, which the point fine asks already"),
        ("pots", "`explain` is to be a free item of the bank, but is"),
    ]
    assert not report.passed
    assert check_lessons(lesson(points[0]), bank(), TEXTS).passed
    assert not check_lessons(Lessons(()), bank(), TEXTS).passed


def test_a_lesson_has_an_end() -> None:
    """200 words take a minute; what takes longer than allowed is a fault."""
    long = LessonPoint("long", "Both break.", "word " * 5000, "", ("a",))
    assert reading_minutes(lesson(long).plans[0], bank()) == pytest.approx(25.1, abs=0.1)
    (fault,) = check_lessons(lesson(long), bank(), TEXTS).faults
    assert fault.reason.startswith("takes 25.1 minutes to read, at most 25")


@pytest.mark.model
def test_the_shipped_lesson_teaches_the_essay(essay: tuple[Settings, Library]) -> None:
    """All quotes verbatim, every main point of the overview taught, 25 minutes at most, the two sides interleaved."""
    generation, items = essay[1].generation, read_bank()
    report = check_lessons(read_lessons(), items, blotted_texts(generation.texts))
    assert report.faults == ()
    ((plan, minutes),) = report.minutes.items()
    main = [generation.sentence(number).text for number in overview(generation, Scope(generation.sections))]
    assert len(main) == 7
    assert untaught(main, plan) == []
    assert 15 < minutes <= MOST_MINUTES
    assert [chapter.id for chapter in plan.chapters] == list(items.axes)
    for chapter in plan.chapters:
        assert 6 <= len(chapter.points) <= 10
        sides = [{items.by_id[id].side for id in point.items} for point in chapter.points]
        assert sum(one == other == {"metaverse"} for one, other in pairwise(sides)) <= 2, chapter.id
        assert any("internet" in each for each in sides), chapter.id
        assert sum(bool(point.contrast) for point in chapter.points) >= 4, chapter.id
        assert all(point.plain.endswith(".") for point in chapter.points), chapter.id
