"""Promotion, rollback, history and deletion of generations. The live one changes by one atomic rename."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from index.errors import ExamError, GenerationError
from index.generations import records
from index.generations.durable import delete_named, is_named, replace_text
from index.generations.lock import pointing
from index.generations.manifest import FOLDER, LIVE, STORED, is_whole, live, manifests

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

HISTORY = "history.json"
_REMEMBERED = 500  # events


class Step(StrEnum):
    """How a generation came to be live."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    ADOPTED = "adopted"
    """Copied from another library."""


@dataclass(frozen=True, slots=True, config=STORED)
class Event:
    """One change of the live generation; `at` is an ISO time, `by` the id of the person, "" when unknown."""

    generation: str
    step: Step
    at: str
    by: str = ""


_EVENTS = TypeAdapter(list[Event])


def promote(data: Path, generation: str, *, at: str, by: str = "", step: Step = Step.PROMOTED) -> None:
    """Make a generation the live one by one atomic rename; raises GenerationError when it is missing or damaged."""
    _check(data, generation)
    with pointing(data):
        _point(data, Event(generation, step, at, by))


def promote_examined(data: Path, generation: str, *, at: str, by: str = "", anyway: bool = False) -> None:
    """Promote a generation that awaits confirmation; with `anyway` even if it failed its exam.

    Raises ExamError when it was never examined, failed, or was compared with a generation that is no longer live:
    promoting it would undo later changes.
    """
    found = records.read_record(data, generation)
    if found is None:
        raise ExamError(f"The generation {generation} was never examined. Build it again.")
    check_current(data, found)
    if not found["exam"]["passed"] and not anyway:
        raise ExamError(f"The generation {generation} failed its exam. It can be promoted anyway: look at why first.")
    promote(data, generation, at=at, by=by)


def check_current(data: Path, found: Mapping[str, Any]) -> None:
    """Raise ExamError when the exam record `found` is of a build that was not made on what is live now."""
    if found["exam"]["against"] != live(data):
        raise ExamError("The library has changed since this was built. Make the change again, on what is live now.")


def waiting(data: Path) -> list[str]:
    """Return the ids of generations that were built on the live one and never promoted, newest last."""
    now, promoted = live(data), {event.generation for event in history(data)}
    return [
        manifest.generation
        for manifest in manifests(data)
        if manifest.generation not in promoted
        and (found := records.read_record(data, manifest.generation)) is not None
        and found["exam"]["against"] == now
    ]


def roll_back(data: Path, generation: str | None = None, *, at: str, by: str = "") -> str:
    """Make an earlier generation live again, by default the previous one, and return its id.

    Raises GenerationError when there is none, or when it is missing or damaged.
    """
    wanted = generation or before_live(data)
    if wanted is None:
        raise GenerationError("There is no earlier generation to go back to.")
    _check(data, wanted)
    with pointing(data):
        _point(data, Event(wanted, Step.ROLLED_BACK, at, by))
    return wanted


def before_live(data: Path) -> str | None:
    """Return the id of the generation that a rollback brings back; None when no earlier one is kept."""
    was_live: list[str] = []
    for event in history(data):
        if event.step is Step.ROLLED_BACK and event.generation in was_live:
            del was_live[was_live.index(event.generation) + 1 :]
        elif event.generation not in was_live[-1:]:
            was_live.append(event.generation)
    now = live(data)
    return next((name for name in reversed(was_live) if name != now and (data / FOLDER / name).is_dir()), None)


def history(data: Path) -> list[Event]:
    """Return the changes of the live generation, oldest first; empty when the file cannot be read."""
    try:
        return _EVENTS.validate_json((data / HISTORY).read_bytes())
    except (OSError, ValueError):
        return []


def remove_name_from_history(data: Path, by: str) -> None:
    """Blank `by` in the history; delete history files that hold it and are damaged or temporary."""
    found = [each for each in (data / HISTORY, *data.glob(f".{HISTORY}.*")) if is_named(each, by)]
    if not found:  # no need to wait for the lock
        return
    with pointing(data):
        events = history(data)
        if any(event.by == by for event in events):
            _write(data, [replace(event, by="") if event.by == by else event for event in events])
        delete_named([data / HISTORY, *data.glob(f".{HISTORY}.*")], by)


def prune(data: Path, keep: int, *, spare: Collection[str] = ()) -> list[str]:
    """Delete all but `keep` generations: the live one, those in `spare`, then the newest; return the deleted ids.

    The age counts from the build or from the last time a generation was live.
    """
    last = {event.generation: event.at for event in history(data)}
    ages = {m.generation: max(m.built_at, last.get(m.generation, "")) for m in manifests(data)}
    first = sorted(ages, key=lambda name: (name in spare, ages[name]), reverse=True)
    now = live(data)
    others = [name for name in first if name != now]
    doomed = others[max(keep - 1, len({*spare} - {now})) :]
    return [name for name in doomed if _delete(data, name)]


def discard(data: Path, generation: str) -> None:
    """Delete a generation; raises GenerationError for the live one or a missing one."""
    if not _delete(data, generation):
        raise GenerationError(f"The generation {generation} is live, or there is none. See `tutor index list`.")


def sweep(data: Path) -> None:
    """Delete what killed builds and deletions left behind; the caller holds the build lock."""
    for left_over in (data / FOLDER).glob(".*"):
        shutil.rmtree(left_over, ignore_errors=True)


def _check(data: Path, generation: str) -> None:
    if not generation.isalnum() or not is_whole(data / FOLDER / generation):
        raise GenerationError(f"The generation {generation} is missing or damaged. See `tutor index list`.")


def _point(data: Path, event: Event) -> None:
    if not (data / FOLDER / event.generation / "manifest.json").exists():
        raise GenerationError(f"There is no generation {event.generation}. `tutor index list` shows which there are.")
    replace_text(data / LIVE, event.generation + "\n")
    _write(data, [*history(data), event][-_REMEMBERED:])


def _write(data: Path, events: Sequence[Event]) -> None:
    replace_text(data / HISTORY, json.dumps([asdict(event) for event in events], ensure_ascii=False, indent=0))


def _delete(data: Path, generation: str) -> bool:
    """Rename a generation out of sight, then delete it; False for the live one and for a missing one."""
    folder = data / FOLDER / generation
    gone = folder.with_name(f".{generation}.gone")
    with pointing(data):
        if not generation.isalnum() or generation == live(data) or not folder.is_dir():
            return False
        folder.rename(gone)
    records.drop_record(data, generation)
    shutil.rmtree(gone, ignore_errors=True)
    return True
