"""Other people's question sets are read as they are, and a faulty one is refused by naming the entry."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench import squad

ASKED = {"id": "a", "question": " How? ", "answers": [{"text": "by hand"}, {"text": "by hand"}], "is_impossible": False}
NOT_ASKED = {"id": "b", "question": "Why?", "answers": [], "is_impossible": True}
PARAGRAPH = {"context": "Clay is shaped by hand.", "qas": [ASKED, NOT_ASKED]}
CONTENT = {"data": [{"title": "Clay", "paragraphs": [PARAGRAPH]}]}


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(squad, "DATA", tmp_path)

    def read(content: Any) -> Any:
        (tmp_path / squad.FILE).write_text(json.dumps(content), encoding="utf-8")
        return squad.read()

    return read


def test_questions_come_with_their_paragraph(read: Any) -> None:
    """Answers are named once, and what is impossible has none."""
    (article,) = read(CONTENT)
    assert article.paragraphs == ("Clay is shaped by hand.",)
    assert [(q.text, q.answers) for q in article.questions] == [("How?", ("by hand",)), ("Why?", ())]


@pytest.mark.parametrize(
    ("path", "field", "sentence"),
    [
        ((), "data", "the file lacks data"),
        (("data", 0), "title", "article 1 lacks title"),
        (("data", 0, "paragraphs", 0), "context", "article 'Clay', paragraph 1 lacks context"),
        (("data", 0, "paragraphs", 0, "qas", 1), "answers", "article 'Clay', paragraph 1, question 2 lacks answers"),
    ],
)
def test_a_missing_field_is_named(read: Any, path: tuple[Any, ...], field: str, sentence: str) -> None:
    """Which article, paragraph and question it is."""
    content = copy.deepcopy(CONTENT)
    entry: Any = content
    for step in path:
        entry = entry[step]
    del entry[field]
    with pytest.raises(SystemExit, match=sentence):
        read(content)


def test_one_id_for_two_is_refused(read: Any) -> None:
    """Questions and articles that could not be told apart are named by the later one."""
    twice = {**PARAGRAPH, "qas": [ASKED, {**NOT_ASKED, "id": "a"}]}
    with pytest.raises(SystemExit, match="paragraph 1, question 2 has the id of an earlier one, 'a'"):
        read({"data": [{"title": "Clay", "paragraphs": [twice]}]})
    with pytest.raises(SystemExit, match="article 2 has the title of an earlier one, 'Clay'"):
        read({"data": [CONTENT["data"][0], {"title": "Clay", "paragraphs": []}]})


def test_an_absent_file_says_where_it_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has none reads what it is and how to name its folder."""
    monkeypatch.setattr(squad, "DATA", tmp_path)
    with pytest.raises(SystemExit, match="set BENCH_DATA"):
        squad.read()
