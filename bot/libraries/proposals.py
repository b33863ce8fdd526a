"""What a build of a library would change and how its exam went, as the build process printed and recorded it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from index.generations.diff import Changes


@dataclass(frozen=True, slots=True)
class Estimate:
    """How a library is expected to do, by questions made out of it: shares of answerable and other ones answered.

    `quoted` is the share of the answered whose first quote is right.
    """

    answered: float
    quoted: float
    falsely: float

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read it from a calibration as it was written down."""
        return cls(row["coverage"], row["precision"], row["false_answers"])


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a new build did in its exam, against what is live. `orphans` are ids of quiz items."""

    passed: bool
    golden: int
    right: int
    right_before: int
    worse: tuple[str, ...]
    orphans: tuple[str, ...]
    gone: int
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Proposal:
    """A build that is not live yet; `verdict` is None when it is just what is live. `skipped` are (name, reason)."""

    generation: str
    documents: int
    passages: int
    encoded: int
    reused: int
    skipped: tuple[tuple[str, str], ...]
    changes: Changes
    verdict: Verdict | None
    before: Estimate | None = None
    """What was expected of what is live."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read what a build printed, or what was written down of it."""
        changes, exam = row["changes"], row["exam"]
        names = {name: tuple(value) for name, value in changes.items() if isinstance(value, list)}
        verdict = None
        if exam is not None:
            counts = {name: exam[name] for name in ("passed", "golden", "right", "right_before")}
            worse, orphans = tuple(exam["worse"]), tuple(exam["orphans"])
            estimate = Estimate.of(row["calibration"])
            verdict = Verdict(**counts, worse=worse, orphans=orphans, gone=len(exam["gone"]), estimate=estimate)
        return cls(
            **{name: row[name] for name in ("generation", "documents", "passages", "encoded", "reused")},
            skipped=tuple((each["name"], each["reason"]) for each in row["skipped"]),
            changes=Changes(**{**changes, **names}),
            verdict=verdict,
        )
