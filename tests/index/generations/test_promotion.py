"""One generation gives way to another in one step, and the way back is remembered."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from index.errors import GenerationError, LibraryLockedError
from index.generations import records
from index.generations.lock import building
from index.generations.manifest import live
from index.generations.promotion import (
    Event,
    Step,
    before_live,
    discard,
    history,
    promote,
    prune,
    remove_name_from_history,
    roll_back,
    sweep,
)
from tests.index.fakes import CLAY, SEA, build_texts, hashes


def at(day: int, hour: int = 0) -> str:
    return f"2026-01-{day:02}T{hour:02}:00:00+00:00"


@pytest.fixture
def three(data: Path) -> list[str]:
    """Three generations, promoted on three days."""
    texts = enumerate([CLAY, SEA, CLAY + SEA], 1)
    return [build_texts(data, text, built_at=at(day)).generation for day, text in texts]


def folders(data: Path) -> set[str]:
    return {path.name for path in (data / "generations").iterdir()}


def test_rolling_back_and_forth(data: Path, three: list[str]) -> None:
    """Without a name the generation that was live before comes back, step by step; with a name any does."""
    assert roll_back(data, at=at(4)) == three[1] == live(data)
    assert roll_back(data, at=at(5)) == three[0] == live(data)
    with pytest.raises(GenerationError, match="no earlier"):
        roll_back(data, at=at(6))
    assert roll_back(data, three[2], at=at(7)) == three[2] == live(data)
    assert before_live(data) == three[0]


def test_what_was_live_before_counts_not_what_was_built_before(data: Path, three: list[str]) -> None:
    """Documents that came back are an old generation; going back from it leads to the one they replaced."""
    assert build_texts(data, CLAY, built_at=at(4)).generation == three[0] == live(data)
    assert roll_back(data, at=at(5)) == three[2]


def test_the_history_says_what_was_live_when_and_who_did_it(data: Path, three: list[str]) -> None:
    """Each change of the live generation is an entry, the oldest first."""
    roll_back(data, at=at(4), by="ada")
    promote(data, three[2], at=at(5), by="grace")
    steps = [Event(name, Step.PROMOTED, at(day)) for day, name in enumerate(three, 1)]
    steps += [Event(three[1], Step.ROLLED_BACK, at(4), "ada"), Event(three[2], Step.PROMOTED, at(5), "grace")]
    assert history(data) == steps


def test_a_name_is_taken_out_and_the_history_stays(data: Path, three: list[str]) -> None:
    """One name goes, whole and not as a part of another; all that happened and all other names stay."""
    for day, by in ((4, "12"), (5, "123"), (6, "12")):
        promote(data, three[day % 3], at=at(day), by=by)
    told = history(data)
    remove_name_from_history(data, "12")
    assert [event.by for event in history(data)][-3:] == ["", "123", ""]
    assert [(e.generation, e.step, e.at) for e in history(data)] == [(e.generation, e.step, e.at) for e in told]


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"generation": "x"}]', '[{"step": "flown"}]', "null"])
def test_a_damaged_history_is_no_reason_to_fail(data: Path, three: list[str], content: str) -> None:
    """The diary is not the truth: without it a generation is still promoted, and named one by one."""
    (data / "history.json").write_text(content, encoding="utf-8")
    assert history(data) == []
    with pytest.raises(GenerationError, match="no earlier"):
        roll_back(data, at=at(4))
    assert roll_back(data, three[0], at=at(4)) == live(data) == three[0]
    assert history(data) == [Event(three[0], Step.ROLLED_BACK, at(4))]


def test_what_is_missing_or_damaged_is_not_promoted(data: Path, three: list[str]) -> None:
    """Neither a rollback nor a promotion makes live what cannot be loaded."""
    (data / "generations" / three[0] / "words.json").write_text("[]", encoding="utf-8")
    for name in (three[0], "0123456789ab", "nonsense", "..", ""):
        with pytest.raises(GenerationError):
            promote(data, name, at=at(4))
        assert live(data) == three[2]
    with pytest.raises(GenerationError):
        roll_back(data, three[0], at=at(4))
    assert live(data) == three[2]


def test_a_rollback_where_nothing_was_built(data: Path) -> None:
    """There is nothing to go back to, and that is what is said."""
    with pytest.raises(GenerationError, match="no earlier"):
        roll_back(data, at=at(1))


def test_the_last_ones_are_kept(data: Path, three: list[str]) -> None:
    """The live one stays whatever its age, and of the others those that were built or live last."""
    roll_back(data, three[0], at=at(4))
    for name in three[:2]:
        records.record(data, name, {})
    assert prune(data, 3) == []
    assert prune(data, 2) == [three[1]]
    assert folders(data) == {three[0], three[2]}
    assert [path.stem for path in (data / "exams").iterdir()] == [three[0]], "its record goes with a generation"
    assert before_live(data) is None, "what came after it was undone"
    fresh = build_texts(data, SEA, built_at=at(5)).generation
    assert set(prune(data, 1, spare=[three[2]])) == {three[0]}
    assert folders(data) == {fresh, three[2]}


def test_the_live_one_is_not_discarded(data: Path, three: list[str]) -> None:
    """Only what nobody reads can be deleted by name."""
    files = hashes(data)
    for name in (three[2], "0123456789ab", "..", ""):
        with pytest.raises(GenerationError, match="tutor index list"):
            discard(data, name)
    assert {k: v for k, v in hashes(data).items() if "lock" not in k} == {
        k: v for k, v in files.items() if "lock" not in k
    }
    discard(data, three[0])
    assert folders(data) == {three[1], three[2]}


def test_what_a_killed_build_left_is_swept(data: Path, three: list[str]) -> None:
    """Half-written folders go, whole generations stay."""
    (data / "generations" / ".0123456789ab.77").mkdir()
    sweep(data)
    assert folders(data) == set(three)


def test_a_second_build_is_told_or_waits(data: Path) -> None:
    """Whoever will not wait is refused at once; whoever will is told so once, and goes on when the other ends."""
    heard: list[str] = []
    may_end, entered = threading.Event(), threading.Event()

    def first() -> None:
        with building(data):
            entered.set()
            may_end.wait(10)
            heard.append("first ends")

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(10)
    with pytest.raises(LibraryLockedError, match="rebuilt already"), building(data, wait_s=0):
        pass
    threading.Timer(0.1, may_end.set).start()
    with building(data, waiting=lambda: heard.append("waits")):
        heard.append("second begins")
    thread.join()
    assert heard == ["waits", "first ends", "second begins"]


def test_the_history_does_not_grow_for_ever(data: Path, three: list[str]) -> None:
    """Only the last changes are remembered."""
    row = {"generation": three[0], "step": "promoted", "at": at(1), "by": ""}
    (data / "history.json").write_text(json.dumps([row] * 700), encoding="utf-8")
    promote(data, three[1], at=at(4))
    assert len(history(data)) == 500
    assert history(data)[-1].generation == three[1]
