"""Sections are found by their headings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.answering.answer import Asked
from index.answering.selection import answer
from index.documents.document import Heading
from index.errors import GenerationError
from index.generations.build import build
from index.generations.generation import HEADINGS, Generation, load
from index.generations.narrowing import without
from index.indexes.headings import Headings
from index.text.aliases import Aliases
from tests.index.fakes import FakeEncoder, document

PARTS = {
    "Renew a passport": "Bring two photographs and the old booklet to the counter. It takes three weeks.",
    "Lost luggage": "Fill in the blue form. A courier brings what was found to your hotel.",
    "Customs": "An officer looks at every passport. The queue is long in summer.",
    "Trains": "They leave on the hour. Bicycles cost extra.",
    "Weather": "Rain falls in autumn. Snow is rare.",
    "Money": "Shops take coins. Banks close at noon.",
    "Food": "Soup is served at dusk. Bread is free.",
}


@pytest.fixture
def guide(tmp_path: Path) -> Generation:
    text, headings = "", []
    for heading, body in PARTS.items():
        headings.append(Heading(len(text), len(text) + len(heading), 1))
        text += f"{heading}\n\n{body}\n\n"
    whole = replace(document(text, "guide.md"), title="Guide", headings=tuple(headings))
    report = build(
        [whole], data=tmp_path, encoder=FakeEncoder(dimension=256), aliases=Aliases({}), built_at="2026-01-01T00:00:00"
    )
    return load(tmp_path, report.generation)


def asked(generation: Generation, question: str) -> str:
    [found] = answer(generation, FakeEncoder(dimension=256), [Asked(question)])
    return found.quotes[0].heading


def test_a_question_that_is_a_heading_finds_its_section(guide: Generation) -> None:
    """Though the section repeats none of its words, and another one does: by its text alone it is not found."""
    assert asked(guide, "Guide: renew a passport?") == "Renew a passport"
    blind = replace(guide, headings=guide.headings.within(np.zeros(len(guide.passages), bool)))
    assert asked(blind, "Guide: renew a passport?") != "Renew a passport"


def test_a_hidden_section_is_not_found_by_its_heading(guide: Generation) -> None:
    """A view without some passages has their headings neither."""
    hidden = np.array([passage.heading == "Renew a passport" for passage in guide.passages])
    assert asked(without(guide, hidden), "Guide: renew a passport?") != "Renew a passport"


def test_what_a_heading_gives() -> None:
    """Alike headings give their first two passages and a gain; others, and passages without a heading, give nothing."""
    rows = np.eye(6, dtype=np.float32)
    headings = Headings(rows, np.array([0, 0, 0, 1, -1, 2]))
    question = np.array([0.8, 0.6, 0, 0, 0, 0], np.float32)
    passages, gains = headings.nearest(question)
    assert passages.tolist() == [0, 1, 3]
    assert gains[0] == gains[2] > gains[3] > gains[4] == gains[5] == 0
    _, gains = Headings(rows[:2], np.array([0, 1])).nearest(question)
    assert gains.tolist() == [0, 0], "headings that are all alike tell nothing"
    passages, gains = Headings(rows[:0], np.full(2, -1)).nearest(question)
    assert (passages.tolist(), gains.tolist()) == ([], [0, 0])


def test_headings_that_do_not_fit_are_refused(guide: Generation, tmp_path: Path) -> None:
    """A restored file with numbers out of range is damage, not a wrong answer."""
    from index.generations import generation as generations
    from index.generations.manifest import FOLDER

    file = tmp_path / FOLDER / guide.id / HEADINGS
    np.savez(file, vectors=guide.headings.vectors, of_passage=guide.headings.of_passage + 9)
    with pytest.raises(GenerationError):
        generations._read_headings(file.parent, guide.texts.manifest)
