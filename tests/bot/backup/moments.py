"""Kills a backup or a restore at each of its changes to the disk, or lets the disk be full then; run as a program."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bot.backup.making import back_up
from bot.backup.restoring import finish_restore, restore
from bot.backup.swap import contents, is_unfinished
from bot.errors import BotError
from bot.store.migrate import FILE
from tests.bot.backup.furnished import furnish, kept
from tests.index.fakes import SEA, build_texts

AT = "2026-02-01T00:00:00+00:00"
NEEDS_ROOM = ("os.mkdir", "os.rename", "sqlite3.connect")
FREES_ROOM = ("os.rmdir", "os.remove", "shutil.rmtree")


class Moment:
    """Counts the changes below a folder, and does something at one of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self.left = -1
        self.events: tuple[str, ...] = NEEDS_ROOM
        self.hit = False
        self.seen: list[str] = []
        self.refused = ""
        self.act: Callable[[], None] = lambda: None
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        writes = event == "open" and bool(int(str(arguments[2])) & (os.O_WRONLY | os.O_RDWR))
        if self.left < 0 or not (writes or event in self.events) or ".lock" in str(arguments[0]):
            return
        if self._folder not in str(arguments[0]):
            return
        self.seen.append(event)
        if self.left == 0:
            self.left, self.hit = -1, True
            self.act()
        elif self.left > 0:
            self.left -= 1


def killed(moment: Moment, number: int, work: Callable[[], object]) -> bool:
    """Do something in a child that is killed at its nth change; says False when it ended before."""
    child = os.fork()
    if child == 0:
        moment.act = lambda: os.kill(os.getpid(), 9)
        moment.events, moment.left = NEEDS_ROOM + FREES_ROOM, number
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9


def full(moment: Moment, number: int, work: Callable[[], object]) -> bool:
    """Do something with a disk that is full at its nth change; says False when it ended before."""
    moment.events = NEEDS_ROOM

    def refuse() -> None:
        raise OSError(28, "No space left on device")

    moment.act, moment.left, moment.hit, moment.refused = refuse, number, False, ""
    try:
        work()
    except BotError as error:
        moment.refused = str(error)
    finally:
        moment.left = -1
    assert "\n" not in moment.refused, moment.refused
    return moment.hit


def chosen(moment: Moment, events: tuple[str, ...], work: Callable[[], object]) -> list[int]:
    """Number the moments to try: while files are written every ninth, then every single one, and one that never comes.

    Files are written one after the other in a folder of its own, where one moment is like the next.
    """
    moment.events, moment.seen, moment.left = events, [], 10**9
    work()
    moment.left = -1
    seen = enumerate(moment.seen)
    return [*(n for n, event in seen if event not in ("open", "os.mkdir") or n % 9 == 0), 10**9]


def try_restores(scene: Path, moment: Moment, fails: Callable[..., bool]) -> int:
    """At each moment: what is in use is the old or the new, whole, after whoever comes next has looked."""
    data, template, file = scene / "data", scene / "template", scene / "b.zip"
    old, new = kept(template), kept(scene / "source")
    outcomes = []

    def replace() -> None:
        restore(data, file, when="then", replace=True)

    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(template, data)
    moments = chosen(moment, NEEDS_ROOM + FREES_ROOM if fails is killed else NEEDS_ROOM, replace)
    for number in moments:
        shutil.rmtree(data)
        shutil.copytree(template, data)
        hit = fails(moment, number, replace)
        if is_unfinished(data):
            finish_restore(data)
        found, aside = kept(data), data / "before-restore-then"
        if fails is killed or moment.refused:  # a folder that is there already needs no room
            outcomes.append(found == new)
        if found == new:
            assert kept(aside) == old
        else:
            assert found == old
            assert not aside.exists()
            if number % 3:
                continue
            replace()
            assert kept(data) == new
            assert kept(aside) == old
        assert not [path.name for path in data.glob(".*")], number
        assert {path.name for path in contents(aside)} == {path.name for path in contents(template)}
    assert not hit
    assert outcomes == sorted(outcomes)  # once decided, decided
    assert outcomes.count(True) > 5
    assert outcomes.count(False) > 5
    return len(moments)


def try_backups(scene: Path, moment: Moment, fails: Callable[..., bool]) -> int:
    """At each moment: the last backup is whole, or the new one is, and the next backup leaves nothing behind."""
    folder, number = scene / "backups", 0
    folder.mkdir()
    data, file = scene / "source", folder / "b.zip"
    shutil.copy(scene / "b.zip", file)
    before = file.read_bytes()
    while fails(moment, number, lambda: back_up(data, file, at="2026-03-01T00:00:00+00:00")):
        if file.read_bytes() != before:
            restore(scene / f"check{number}", file, when="then")
        if fails is full:
            assert [path.name for path in folder.iterdir()] == ["b.zip"], number
        number += 1
    assert file.read_bytes() != before
    assert [path.name for path in folder.iterdir()] == ["b.zip"]
    shutil.rmtree(folder)
    return number


def main(scene: Path) -> None:
    furnish(scene / "source")
    back_up(scene / "source", scene / "b.zip", at=AT)
    build_texts(scene / "template", SEA)
    with closing(sqlite3.connect(scene / "template" / FILE)) as store:
        store.execute("CREATE TABLE mine (row TEXT)")
    restore(scene / "imports", scene / "b.zip", when="then")  # whatever is imported on the way is imported now
    moment = Moment(scene)
    for attempt in (try_backups, try_restores):
        for fails in (killed, full):
            print(attempt.__name__, fails.__name__, attempt(scene, moment, fails), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
