"""A new generation goes live only if it bears out what people rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.errors import SourceError
from index.evaluation.exam import Syllabus, examine
from index.evaluation.golden import add_golden, read_golden
from index.evaluation.metrics import Question
from index.generations import records
from index.generations.records import Exam, as_row
from tests.index.fakes import CLAY, SEA, FakeEncoder, library

GLASS = "Glass forgets the fire at once."
TIDE = "A captain who ignores the tide loses the ship."
GOLDEN = [Question("What forgets the fire?", (GLASS,)), Question("Who loses the ship?", (TIDE,))]


def held(data: Path, before: str | None, *after: str, pinned: dict[str, tuple[str, ...]], margin: float = 0.0) -> Exam:
    """Examine a library of these texts against one of the two that everything here rests on."""
    fake = FakeEncoder()
    earlier = library(data / "before", before, SEA) if before is not None else None
    return examine(library(data / "after", *after), earlier, fake, Syllabus(GOLDEN, pinned, margin))


def test_the_same_library_passes(data: Path) -> None:
    """Nothing is lost where nothing changed."""
    exam = held(data, CLAY, CLAY, SEA, pinned={"glass": (GLASS,)})
    assert (exam.golden, exam.right, exam.right_before, exam.worse, exam.orphans) == (2, 2, 2, (), ())
    assert exam.passed


def test_a_lost_answer_fails(data: Path) -> None:
    """A golden question whose words were edited away is named, and fails the exam unless the margin allows for it."""
    edited = CLAY.replace(GLASS, "Nothing is said here.")
    exam = held(data, CLAY, edited, SEA, pinned={})
    assert exam.worse == ("What forgets the fire?",)
    assert (exam.right, exam.right_before, exam.passed) == (1, 2, False)
    assert held(data, CLAY, edited, SEA, pinned={}, margin=0.5).passed


def test_words_that_changed_under_a_quiz_item_fail(data: Path) -> None:
    """An item whose document is still there without its words is an orphan."""
    edited = CLAY.replace("Iron is patient under the hammer.", "Iron is hard.")
    items: dict[str, tuple[str, ...]] = {
        "iron": ("Iron is patient under the hammer.",),
        "glass": (GLASS,),
        "never": ("It never stood there.",),
    }
    exam = held(data, CLAY, edited, SEA, pinned=items)
    assert (exam.orphans, exam.gone, exam.passed) == (("iron",), (), False)


def test_what_goes_with_its_document_does_not_fail(data: Path) -> None:
    """A document that was taken out on purpose takes its items and golden questions along."""
    exam = held(data, CLAY, CLAY, pinned={"tide": (TIDE,), "glass": (GLASS,)})
    assert (exam.golden, exam.orphans, exam.gone, exam.passed) == (1, (), ("tide",), True)


def test_the_first_generation_loses_nothing(data: Path) -> None:
    """Where nothing was live, nothing can be worse."""
    exam = held(data, None, CLAY, pinned={"tide": (TIDE,)})
    assert (exam.against, exam.orphans, exam.right, exam.right_before, exam.passed) == (None, (), 1, 0, True)


def test_what_came_out_is_written_down(data: Path) -> None:
    """The record comes back as it was written, and not at all when somebody altered it."""
    exam = held(data, CLAY, CLAY, SEA, pinned={})
    records.record(data, "abc", {"exam": as_row(exam)})
    assert records.read_record(data, "abc") == json.loads(json.dumps({"exam": as_row(exam)}))
    file = data / "exams" / "abc.json"
    file.write_text(file.read_text(encoding="utf-8").replace("true", "false"), encoding="utf-8")
    assert records.read_record(data, "abc") is None
    for content in ("", "[]", "{}", "null"):
        file.write_text(content, encoding="utf-8")
        assert records.read_record(data, "abc") is None
    assert records.read_record(data, "nothing") is None


def test_a_name_is_taken_out_of_what_was_written_down(data: Path) -> None:
    """The record stays and still bears its hash; others are not touched; an altered one with the name goes."""
    for name, by in (("abc", "12"), ("abd", "123"), ("abe", "12")):
        records.record(data, name, {"by": by, "documents": 12})
    altered = data / "exams" / "abe.json"
    altered.write_text(altered.read_text(encoding="utf-8").replace("documents", "papers"), encoding="utf-8")
    records.remove_name_from_records(data, "12")
    assert records.examined(data) == ["abc", "abd"]
    assert records.read_record(data, "abc") == {"by": "", "documents": 12}
    assert records.read_record(data, "abd") == {"by": "123", "documents": 12}


def test_golden_questions_are_kept_beside_the_library(data: Path) -> None:
    """A question is added once; a known one learns another right answer; the file has the form of any question set."""
    assert read_golden(data) == []
    assert add_golden(data, GOLDEN) == 2
    assert add_golden(data, GOLDEN[:1]) == 0
    assert add_golden(data, [Question(GOLDEN[0].text, ("Glass forgets",)), Question("What is the price?", ())]) == 2
    assert [add_golden(data, [Question("Half \ud83d?", ("Glass",))]) for _ in range(2)] == [1, 0]
    assert read_golden(data) == [
        Question(GOLDEN[0].text, (GLASS, "Glass forgets")),
        GOLDEN[1],
        Question("Half \ufffd?", ("Glass",)),
        Question("What is the price?", ()),
    ]


@pytest.mark.parametrize("content", ["{", "[]", '{"answerable": [{"question": "x"}]}', "\ufeff", "[" * 100_000])
def test_a_golden_file_that_cannot_be_read_is_not_overwritten(data: Path, content: str) -> None:
    """Its keeper is told; what was typed in is not lost."""
    file = data / "golden.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=r"golden\.json"):
        add_golden(data, GOLDEN)
    assert file.read_text(encoding="utf-8") == content
