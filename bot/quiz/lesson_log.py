"""What a person has been shown in a lesson, step by step; the questions among it are steps of a quiz session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LessonKind(StrEnum):
    """What a step of a lesson does."""

    GUESS = "guess"
    """Asks an item before its quote was shown."""
    READ = "read"
    """Shows the author's words."""
    QUESTION = "question"
    """Asks an item after the quote was shown, or of a point that the person has met before."""
    CONTRAST = "contrast"
    """Shows what both sides of the table of contrasts say."""
    EXPLAIN = "explain"
    """Asks for an answer in the person's own words, at the end."""
    END = "end"
    """Shows what was learnt."""


@dataclass(frozen=True, slots=True)
class LessonStep:
    """One step that was shown; `point` is empty at the end, `asked` the position of its item in the session.

    `changed`: the lesson was another one at the step before, because its library or its plan was changed.
    """

    position: int
    kind: LessonKind
    point: str
    asked: int | None
    changed: bool
    made_at: datetime


@dataclass(frozen=True, slots=True)
class LessonLog:
    """The steps of one person's lesson, at least one; `version` is that of the plan at the last step."""

    lesson: str
    version: str
    steps: tuple[LessonStep, ...]

    @property
    def current(self) -> LessonStep:
        """The step that is shown now."""
        return self.steps[-1]
