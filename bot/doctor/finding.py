"""The result of a check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of checking one part; `fine` is None for a remark that is no fault."""

    part: str
    fine: bool | None
    sentence: str
