"""What a build of a library would change and how its exam went, as the build process printed or recorded it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from index.documents.listing import Skipped
from index.generations.diff import Changes
from index.generations.manifest import live
from index.generations.records import Calibration, Exam, read_calibration


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

    @classmethod
    def compared(cls, folder: Path, row: Mapping[str, Any]) -> Self:
        """Read the result of a build in a library's folder, and the calibration of the live generation."""
        now = live(folder)
        before = read_calibration(folder, now) if now is not None else None
        # Not strict, so that pydantic makes a Calibration of an object.
        return cls.model_validate({**row, "before": before}, strict=False)
