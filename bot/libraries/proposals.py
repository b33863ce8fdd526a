"""What a build of a library would change and how its exam went, as the build process printed or recorded it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from index.documents.listing import Skipped
from index.generations.diff import Changes
from index.generations.records import Calibration, Exam


class Proposal(BaseModel):
    """A build that is not live yet.

    `exam` and `calibration` are None when the build is the same as the live generation. `before` is the calibration
    of the live generation.
    """

    model_config = ConfigDict(frozen=True)

    generation: str
    documents: int
    passages: int
    encoded: int
    reused: int
    skipped: tuple[Skipped, ...]
    changes: Changes
    exam: Exam | None
    calibration: Calibration | None = None
    before: Calibration | None = None
