"""Holds the store of a bot that was killed against what it had told people."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.quiz.bank import read_bank
from bot.quiz.schedule import RIGHT_FROM
from bot.quiz.session import MOST_RETURNS, PASSED_FROM, before_hints
from bot.store.migrate import FILE
from prompts import words
from tests.bench.learners import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.bench.learners import Tally, Told

Row = dict[str, Any]
_BANK = read_bank().by_id


@dataclass(slots=True)
class Ledger:
    """What was found wrong after any of the kills; each thing is counted once."""

    unsound: list[str] = field(default_factory=list)
    """Kills after which SQLite's own check did not say that all is well."""
    lost: set[Place] = field(default_factory=set)
    wrong: set[Place] = field(default_factory=set)
    """Kept otherwise than told: another verdict, another option, another person."""
    doubled: set[Place] = field(default_factory=set)
    """Never submitted, changed afterwards, or with more or fewer returns of the item than answers that failed."""
    choices_lost: set[Place] = field(default_factory=set)
    answers: int = 0
    _before: dict[Place, Row] = field(default_factory=dict)

    def look(self, data: Path, tally: Tally, chosen: Iterable[tuple[Place, frozenset[int]]]) -> None:
        """Look at a copy of the store, as the kill has left it; `chosen` is what may stand as people's choice."""
        with tempfile.TemporaryDirectory(dir=data.parent) as folder:
            # SQLite writes the log into the file as soon as it looks, and the next start has to find it as it was.
            for path in data.glob(f"{FILE}*"):
                if not path.name.endswith("-shm"):
                    shutil.copy(path, folder)
            with closing(sqlite3.connect(Path(folder) / FILE)) as store:
                store.row_factory = sqlite3.Row
                self._sound(store)
                steps = {_place(row): dict(row) for row in store.execute("SELECT * FROM steps")}
                kept = {_place(row): dict(row) for row in store.execute("SELECT * FROM answers")}
        self.answers = len(kept)
        for place, told in tally.told.items():
            self._told(place, told, kept.get(place), steps)
        for place, shown_as in chosen:
            step = steps.get(place)
            if step is None or (place not in kept and step["picked"] not in _options(step, shown_as)):
                self.choices_lost.add(place)
        self.doubled |= {*kept} - tally.submitted
        self.doubled |= {place for place, row in self._before.items() if kept.get(place, row) != row}
        self.lost |= {*self._before} - {*kept}
        self.doubled |= _torn(steps, kept)
        self._before = kept

    def _sound(self, store: sqlite3.Connection) -> None:
        said = [tuple(row) for row in store.execute("PRAGMA integrity_check")]
        said += [tuple(row) for row in store.execute("PRAGMA foreign_key_check")]
        if said != [("ok",)]:
            self.unsound.append(str(said[:3]))

    def _told(self, place: Place, told: Told, row: Row | None, steps: Mapping[Place, Row]) -> None:
        if row is None or place not in steps:
            self.lost.add(place)
            return
        chosen = _options(steps[place], told.options) if told.options is not None else {-1}
        is_right = row["option"] == -1 or (row["score"] > 0) == (row["option"] == _BANK[row["item"]].key)
        if row["person"] != told.person or row["option"] not in chosen or not is_right or told.read != _verdict(row):
            self.wrong.add(place)


def _options(step: Row, shown_as: Iterable[int]) -> set[int]:
    """Give the item's options by their places on the screen."""
    options = json.loads(step["options"])
    return {options[place] for place in shown_as}


def _verdict(row: Row) -> str:
    """Give the first line in which the bot says how an answer was."""
    said = before_hints(row["score"], row["hints"])
    key = "right" if said >= RIGHT_FROM else "partly" if said >= PASSED_FROM else "wrong"
    return words(f"quiz.result.lead.{key}", points=row["score"], hints=row["hints"]).splitlines()[0]


def _torn(steps: Mapping[Place, Row], kept: Mapping[Place, Row]) -> set[Place]:
    """Find the sessions in which an item comes back more or less often than it was failed."""
    returns: Counter[tuple[int, str]] = Counter()
    failed: Counter[tuple[int, str]] = Counter()
    for place, step in steps.items():
        item = (place.session, step["item"])
        returns[item] += step["again"]
        failed[item] += place in kept and kept[place]["score"] < PASSED_FROM
    return {Place(item[0], -1) for item in returns if returns[item] != min(failed[item], MOST_RETURNS)}


def _place(row: sqlite3.Row) -> Place:
    return Place(row["session"], row["position"])
