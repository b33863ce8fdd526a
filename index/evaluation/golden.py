"""Golden questions: questions with known answers, in one file beside a library."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from index.documents.decoding import without_surrogates
from index.errors import SourceError
from index.evaluation.metrics import Question, read_questions
from index.generations.durable import replace_text
from index.generations.lock import pointing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

FILE = "golden.json"


def read_golden(folder: Path) -> list[Question]:
    """Read the golden questions of a folder, none when it has no such file; raises SourceError for a bad file.

    The format is that of `read_questions`.
    """
    try:
        return read_questions(json.loads((folder / FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(f"{FILE} cannot be read ({error}). Mend it, or take it away.") from error
    except SourceError as error:
        raise SourceError(f"{FILE}: {error}") from None


def add_golden(data: Path, questions: Iterable[Question]) -> int:
    """Add questions, and gold texts to known questions; return how many questions were added or changed.

    Raises SourceError when the file cannot be read: it is never overwritten.
    """
    with pointing(data):
        known = read_golden(data)
        merged = {question.text: question for question in known}
        for question in questions:
            text = without_surrogates(question.text)  # of which a person's words may have one
            before = merged.get(text)
            gold = dict.fromkeys([*(before.gold if before is not None else ()), *question.gold])
            merged[text] = Question(text, tuple(gold), question.every)
        changed = sum(question not in known for question in merged.values())
        if changed:
            _write(data / FILE, list(merged.values()))
        return changed


def _write(path: Path, questions: Sequence[Question]) -> None:
    content = {
        "answerable": [
            {"question": q.text, "gold": [*q.gold], **({"every": True} if q.every else {})} for q in questions if q.gold
        ],
        "unanswerable": [q.text for q in questions if not q.gold],
    }
    replace_text(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")
