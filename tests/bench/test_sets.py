"""Question sets are read with gold places that are offsets into their documents."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from tests.bench import sets, squad
from tests.bench.sets import Question, Span

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(squad, "DATA", tmp_path)
    (tmp_path / "qa" / "kinds").mkdir(parents=True)
    return tmp_path


def test_whole_documents_keep_their_offsets(data: Path) -> None:
    """A question without a gold place is one that the library does not answer."""
    gold = {"document": "a.md", "start": 5, "end": 9}
    content = {
        "documents": {"a.md": "Clay sets."},
        "questions": [{"q": "What?", "gold": [gold]}, {"q": "Who?", "gold": []}],
    }
    (data / "qa" / "kinds" / "faq.json").write_text(json.dumps(content), encoding="utf-8")
    found = sets.read("faq")
    assert found is not None
    assert found.questions == (Question("What?", (Span("a.md", 5, 9),)), Question("Who?", ()))


def test_passages_become_documents(data: Path) -> None:
    """Passages of one document are its paragraphs; gold sentences count before gold words, and only whole words."""
    rows = [
        {"document": "x", "passage": "Ten men came.", "question": "How many?", "answers": ["ten"]},
        {"document": "x", "passage": "Often they sing.", "question": "How many?", "answers": ["ten"]},
        {"document": "x", "passage": "Ten men came.", "question": "Why?", "answers": []},
        {
            "document": "y",
            "passage": "It fell. It is red.",
            "question": "Who?",
            "answers": ["red"],
            "sentence": "It fell.",
        },
    ]
    with gzip.open(data / "qa" / "clapnq-dev.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    found = sets.read("clapnq-dev")
    assert found is not None
    assert found.documents == {"0000.txt": "Ten men came.\n\nOften they sing.", "0001.txt": "It fell. It is red."}
    assert [question.gold for question in found.questions] == [(Span("0000.txt", 0, 3),), (), (Span("0001.txt", 0, 8),)]


def test_an_absent_set_is_none() -> None:
    """What is not in the folder is not made up."""
    assert [sets.read(name) for name in (sets.SQUAD, *sets.KINDS, *sets.PASSAGES)] == [None] * 14


@pytest.mark.parametrize(("start", "end", "meets"), [(0, 10, True), (8, 30, False), (5, 30, True), (12, 30, False)])
def test_half_of_the_shorter_has_to_be_shared(start: int, end: int, *, meets: bool) -> None:
    """A quote inside a gold section is right, and one that holds a gold phrase; one that touches it is not."""
    assert Span("a", 0, 10).meets("a", start, end) is meets
    assert not Span("a", 0, 10).meets("b", start, end)
