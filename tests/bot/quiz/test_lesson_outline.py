"""Any library can be taught: chapters from its outline, points from its main sentences, items that are about them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.quiz.entries import read_entry
from bot.quiz.items import Item
from bot.quiz.lesson_outline import MOST_CHAPTERS, outline, plan_id, with_items
from bot.quiz.lesson_plan import Chapter, LessonPlan, LessonPoint, plan_row, read_plan
from index.documents.document import Heading
from index.generations.build import build
from index.generations.generation import Generation, load
from index.generations.texts import blotted_texts
from index.text.noise import Aliases
from tests.index.fakes import CLAY, SEA, FakeEncoder, document, library

SAID = (
    "The {0} of this part is older than the harbour of the town. Nobody who works with a {0} forgets the winter of {1}."
)
FIRST = "Clay remembers the hand that shaped it."


def sections(number: int) -> str:
    """Return a text of so many sections below a title."""
    parts = [f"On kiln {each}\n\n{SAID.format(f'kiln{each}', 1700 + each)}" for each in range(number)]
    return "\n\n".join(["The book of kilns", *parts])


def quotes(plan: LessonPlan) -> list[str]:
    """Return the quotes of all points."""
    return [point.quote for point in plan.points]


def test_few_sections_are_a_chapter_each(tmp_path: Path) -> None:
    """In reading order, verbatim, and in the form of the files; back matter is not taught."""
    generation = library(tmp_path, f"{sections(3)}\n\nReferences\n\nAnother book of the kilns was read for this one.")
    plan = outline(generation)
    assert [chapter.title for chapter in plan.chapters] == [f"On kiln {number}" for number in range(3)]
    text = generation.texts.document("a.txt").text
    assert quotes(plan) == sorted(quotes(plan), key=text.index)
    assert all(each in text for each in quotes(plan))
    assert read_plan(plan_row(plan)) == (plan, [])
    assert outline(generation) == plan


def test_many_sections_of_one_document_are_parts(tmp_path: Path) -> None:
    """Of the deepest level of headings that is not too many; without levels, runs of like length. Nothing is lost."""
    text = sections(40)
    plan = outline(library(tmp_path / "plain", text))
    assert len(plan.chapters) == MOST_CHAPTERS
    assert plan.chapters[0].title == "On kiln 0 … On kiln 3"
    assert plan.chapters[-1].title.endswith(" … On kiln 39")
    assert len(plan.points) <= 42
    starts = {number: text.index(f"On kiln {number}\n") for number in range(40)}
    headings = [Heading(at, text.index("\n", at), 1 if number % 20 == 0 else 2) for number, at in starts.items()]
    leveled = replace(document(text), headings=tuple(headings))
    report = build([leveled], data=tmp_path, encoder=FakeEncoder(), aliases=Aliases({}), built_at="2026-01-01T00:00:00")
    plan = outline(load(tmp_path, report.generation))
    assert [chapter.title for chapter in plan.chapters] == ["On kiln 0", "On kiln 20"]


def test_many_documents_are_chapters(tmp_path: Path) -> None:
    """A chapter a document where there are many sections; the most representative ones of very many; or those named."""
    generation = library(tmp_path / "some", sections(8), CLAY, sections(9))
    assert [chapter.title for chapter in outline(generation).chapters] == ["a.txt", "b.txt", "c.txt"]
    assert [chapter.title for chapter in outline(generation, {"b.txt"}).chapters] == ["The potter's book"]
    assert plan_id({"a", "b"}) == plan_id(["b", "a"]) != plan_id({"a"}) != plan_id(None)
    many = library(tmp_path / "many", *(f"Note\n\n{SAID.format(f'bell{number}', number)}" for number in range(20)))
    plan = outline(many)
    assert len(plan.chapters) == MOST_CHAPTERS
    assert [chapter.title for chapter in plan.chapters] == sorted(chapter.title for chapter in plan.chapters)


@pytest.mark.parametrize(("text", "points"), [("Clay remembers the hand that shaped it.", 1), ("Clay", 0)])
def test_little_is_a_short_lesson_or_none(tmp_path: Path, text: str, points: int) -> None:
    """One sentence is one point of one chapter; what is no sentence gives a plan without chapters."""
    plan = outline(library(tmp_path, text))
    assert len(plan.points) == len(plan.chapters) == points


def item(id: str, quote: str, kind: str = "truth") -> Item:
    """Return an item about a quote."""
    asked = {"question": f"What of {id}?", "points": [quote]} if kind == "free" else {"statement": f"On {id}."}
    rest = {} if kind == "free" else {"holds": True, "quote": quote}
    row = {"id": id, "kind": kind, "side": "both", "difficulty": 1, "why": "So it is.", **asked, **rest}
    return read_entry(row, axis="x")


@pytest.fixture
def pots(tmp_path: Path) -> Generation:
    return library(tmp_path, CLAY, SEA)


def test_items_are_added_to_the_point_that_they_quote(pots: Generation) -> None:
    """First those that quote it, one of them to guess; then others of its paragraph; a free one ends the lesson."""
    points = (LessonPoint("one", FIRST), LessonPoint("two", "The tide turns twice a day in this harbour."))
    plan = LessonPlan("pots", "Pots", (Chapter("c", "C", points),))
    near = item("near", "Both of them break when they fall.")
    own = [item("own", FIRST), item("part", "the hand that shaped it"), item("free", FIRST, "free")]
    items = {("a.txt", 1): [near, *own], ("b.txt", 2): [item("salt", "Salt keeps meat")]}
    found = with_items(plan, items, pots.texts, blotted_texts(pots.texts))
    one, two = found.points
    assert (one.guess, one.items, found.explain) == ("part", ("own", "near"), "free")
    assert two == points[1]
    assert with_items(found, {("a.txt", 1): [item("later", FIRST)]}, pots.texts, {}) == found
