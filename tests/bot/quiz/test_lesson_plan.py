"""A lesson file with faults is read as far as it can be, and every fault is named at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from bot.quiz.entries import read_entry
from bot.quiz.items import Bank
from bot.quiz.lesson_plan import LessonPlan, plan_row, read_lessons, read_plan, teachable

TEXTS = {"pots": "Clay remembers the hand that shaped it. Glass forgets the fire at once. Both break when they fall."}
CLAY = {"id": "clay", "quote": "Clay remembers the hand that shaped it.", "plain": "It keeps it.", "items": ["hand"]}
GLASS = {"id": "glass", "quote": "Glass forgets the fire at once.", "guess": "hand", "items": ["fire", "gone"]}
FALL = {"id": "fall", "quote": "Both break when they fall."}


def lesson(**changes: Any) -> dict[str, Any]:
    """Return a lesson of two chapters in the form of the files."""
    chapters = [
        {"id": "one", "title": "Memory", "points": [CLAY, GLASS]},
        {"id": "two", "title": "The end", "points": [FALL]},
    ]
    return {"id": "pots", "title": "Pots", "explain": "hand", "chapters": chapters, **changes}


def plan(**changes: Any) -> LessonPlan:
    """Return this lesson as a plan without faults."""
    found, faults = read_plan(lesson(**changes), "pots.yaml")
    assert found is not None
    assert not faults
    return found


def bank(*ids: str) -> Bank:
    """Return a bank of statements with these ids."""
    row = {"kind": "truth", "side": "both", "difficulty": 1, "holds": True, "why": "So it is."}
    items = [read_entry({**row, "id": id, "statement": f"On {id}.", "quote": "Clay"}, axis="x") for id in ids]
    return Bank(tuple(items), {"x": "X"}, {}, ())


def test_a_plan_survives_its_form_in_files() -> None:
    """A plan is written out in the form of the files and read back the same; its version follows every word."""
    found = plan()
    assert [point.id for point in found.points] == ["clay", "glass", "fall"]
    assert read_plan(plan_row(found)) == (found, [])
    assert replace(found, file="other.yaml").version == found.version
    assert plan(chapters=[{"id": "one", "title": "Memory", "points": [{**CLAY, "plain": "Kept."}]}]) != found
    assert len({found.version, plan(title="Jars").version, plan(chapters=lesson()["chapters"][::-1]).version}) == 3


def test_every_fault_is_named_at_once_and_the_rest_is_read(tmp_path: Path) -> None:
    """Each fault of each file has the file, the id and the reason; what has none is still taught."""
    points = [
        CLAY,
        {**CLAY, "items": []},
        {**GLASS, "items": ["hand", "fire"]},
        {**FALL, "items": ["fire", "fire"], "colour": "red"},
        {"id": "Fall!", "quote": "", "plain": "x" * 301},
        {"quote": "Both break when they fall.", "items": "fire"},
        7,
    ]
    chapters = [
        {"id": "one", "title": "Memory", "points": points},
        {"id": "one", "title": "Again", "points": [FALL]},
        {"id": "none", "title": "Nothing", "points": []},
        {"id": "odd", "title": "Odd", "points": "clay"},
        "chapter",
    ]
    (tmp_path / "a.yaml").write_text(yaml.safe_dump_all([lesson(chapters=chapters), lesson()]), encoding="utf-8")
    (tmp_path / "b.yaml").write_text("chapters: [", encoding="utf-8")
    (tmp_path / "c.yaml").write_text(yaml.safe_dump_all([None, lesson(id="c", chapters=[])]), encoding="utf-8")
    found = read_lessons(tmp_path)
    assert [[point.id for point in each.points] for each in found.plans] == [["clay"]]
    wanted = [
        ("a.yaml", "clay", "has this id already"),
        ("a.yaml", "glass", "hand is the guess and an item too"),
        ("a.yaml", "fall", "colour: Extra inputs are not permitted"),
        ("a.yaml", "Fall!", "id: String should match"),
        ("a.yaml", "Fall!", "quote: String should have at least 1"),
        ("a.yaml", "Fall!", "plain: String should have at most 300"),
        ("a.yaml", "one, point 6", "id: Field required"),
        ("a.yaml", "one, point 6", "items: Input should be a valid tuple"),
        ("a.yaml", "one, point 7", "valid dictionary"),
        ("a.yaml", "one", "two chapters have this id"),
        ("a.yaml", "none", "has no points"),
        ("a.yaml", "odd", "points: Input should be a valid list"),
        ("a.yaml", "chapter 5", "valid dictionary"),
        ("a.yaml", "pots", "stands in a.yaml already"),
        ("b.yaml", "", "is not YAML"),
        ("c.yaml", "", "valid dictionary"),
        ("c.yaml", "c", "needs a chapter with a point"),
    ]
    for file, item, reason in wanted:
        assert any((f.file, f.item) == (file, item) and reason in f.reason for f in found.faults), (item, reason)
    assert {(fault.file, fault.item) for fault in found.faults} == {(file, item) for file, item, _ in wanted}


def test_only_what_the_library_bears_out_is_taught() -> None:
    """A point needs its quote; unknown items, guesses and contrasts are left out; empty chapters are dropped."""
    found = teachable(plan(), bank("fire"), {"pots": TEXTS["pots"].replace("Both", "They")})
    assert [chapter.id for chapter in found.chapters] == ["one"]
    clay, glass = found.points
    assert (clay.items, glass.items, glass.guess, found.explain) == ((), ("fire",), "", "")
    whole = plan()
    kept = teachable(whole, bank("hand", "fire", "gone"), TEXTS)
    assert kept == whole
    assert not teachable(whole, bank("hand"), {}).chapters
