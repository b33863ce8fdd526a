"""What the doctor says of one part of a set-up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the set-up; `fine` is None where something is worth knowing and stops nothing."""

    part: str
    fine: bool | None
    sentence: str
