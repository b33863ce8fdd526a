"""A backup holds all that would be missed, as it was at one moment, and is never seen half."""

from __future__ import annotations

import json
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

import bot.backup.making
from bot.backup.checksum import verify_checksum
from bot.backup.making import back_up
from bot.backup.restoring import restore
from bot.backup.writing import Writer
from bot.errors import BackupError, StoreError
from bot.libraries.paths import own_folder
from bot.store.migrate import FILE, HEAD, check_whole
from index.errors import GenerationError
from index.generations.manifest import is_whole, live
from index.generations.promotion import discard, promote
from tests.bot.backup.furnished import SECRET, SERVER, furnish, kept
from tests.index.fakes import CLAY, SEA, build_texts

AT = "2026-02-01T00:00:00+00:00"


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that tests only read."""
    data = tmp_path_factory.mktemp("furnished")
    furnish(data)
    return data


@contextmanager
def meanwhile(work: Callable[[], None]) -> Iterator[None]:
    """Do something over and over in another thread; what it raises is raised here."""
    ended, raised = threading.Event(), []

    def again_and_again() -> None:
        try:
            while not ended.is_set():
                work()
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=again_and_again)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    assert raised == []


def test_everything_that_would_be_missed_comes_back(furnished: Path, tmp_path: Path) -> None:
    """Store, live generations, golden questions, history and exams, of the shared library and of each server's."""
    made = back_up(furnished, tmp_path / "b.zip", at=AT)
    restored = restore(tmp_path / "new", tmp_path / "b.zip", when="now")
    assert kept(tmp_path / "new") == kept(furnished)
    assert (restored.said, restored.libraries, restored.aside) == (made, 2, None)
    for folder in (tmp_path / "new", own_folder(tmp_path / "new", SERVER)):
        name = live(folder)
        assert name is not None
        assert is_whole(folder / "generations" / name)
    for needed in ("golden.json", "history.json", f"exams/{live(furnished)}.json", f"servers/{SERVER}/golden.json"):
        assert needed in made.members


def test_the_manifest_tells_what_and_when_and_nothing_that_people_wrote(furnished: Path, tmp_path: Path) -> None:
    """Version, format, time, and the hash of every file; plain zip, readable by its owner alone, the same twice."""
    for name in ("b.zip", "again.zip"):
        back_up(furnished, tmp_path / name, at=AT)
    file = tmp_path / "b.zip"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        said = json.loads(archive.read("manifest.json"))
        assert {"manifest.json", *said["members"]} == {*archive.namelist()}
        assert all(stat.S_ISREG(entry.external_attr >> 16) for entry in archive.infolist())
        assert SECRET.encode() in archive.read(FILE)
    assert {key: said[key] for key in ("format", "program", "made_at", "store")} == {
        "format": 1,
        "program": "0.1.0",
        "made_at": AT,
        "store": HEAD,
    }
    assert SECRET not in json.dumps(said)
    assert file.read_bytes() == (tmp_path / "again.zip").read_bytes()
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_the_store_is_copied_at_one_moment_while_it_is_written(tmp_path: Path) -> None:
    """Two rows that always change together are together in every backup, and every copy is whole."""
    data = tmp_path / "data"
    furnish(data)
    writer = sqlite3.connect(data / FILE, check_same_thread=False, timeout=20)
    with writer:
        writer.execute("INSERT INTO gaps VALUES (1, 0, '', 'closest', 0)")

    def write() -> None:
        with writer:
            writer.execute("UPDATE gaps SET server = server + 1")
            writer.execute("UPDATE gaps SET asked_at = asked_at + 1, question = randomblob(20000)")

    seen = []
    with meanwhile(write):
        for number in range(8):
            back_up(data, tmp_path / "b.zip", at=AT)
            restore(tmp_path / f"new{number}", tmp_path / "b.zip", when="now")
            with closing(sqlite3.connect(tmp_path / f"new{number}" / FILE)) as store:
                seen += store.execute("SELECT server, asked_at FROM gaps").fetchall()
    writer.close()
    assert all(a == b for a, b in seen)
    assert seen == sorted(seen)
    assert len(set(seen)) > 1


@pytest.mark.parametrize("moment", [0, 1, 9, 17])
def test_a_library_that_changes_meanwhile_is_copied_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """When the live generation gives way and is deleted before the nth file is copied, the new one is in the backup."""
    data, calls, add = tmp_path / "data", [0], bot.backup.making._add
    before = build_texts(data, CLAY).generation

    def changing(writer: Writer, folder: Path, path: Path) -> str:
        if calls[0] == moment:
            build_texts(data, SEA)
            discard(data, before)
        calls[0] += 1
        return add(writer, folder, path)

    monkeypatch.setattr(bot.backup.making, "_add", changing)
    back_up(data, tmp_path / "b.zip", at=AT)
    assert calls[0] > 19
    assert restore(tmp_path / "new", tmp_path / "b.zip", when="now").libraries == 1
    assert live(tmp_path / "new") == live(data) != before


def test_a_library_that_never_rests_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some attempts the last backup stays, with one line."""
    build_texts(tmp_path / "data", CLAY)
    names = iter(range(1000))
    monkeypatch.setattr(bot.backup.making, "live", lambda folder: f"a{next(names)}")
    with pytest.raises(BackupError, match="changes all the time"):
        back_up(tmp_path / "data", tmp_path / "b.zip", at=AT)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_an_earlier_backup_is_replaced_and_nothing_else(furnished: Path, tmp_path: Path) -> None:
    """A file that is no backup, a folder, a place that does not exist: one line, and the file as it was."""
    file = tmp_path / "b.zip"
    back_up(furnished, file, at=AT)
    back_up(furnished, file, at="2026-02-02T00:00:00+00:00")
    assert b"2026-02-02" in zipfile.ZipFile(file).read("manifest.json")
    other = tmp_path / "notes.txt"
    other.write_text("mine", encoding="utf-8")
    for target in (other, tmp_path, tmp_path / "nowhere" / "b.zip"):
        with pytest.raises(BackupError) as refusal:
            back_up(furnished, target, at=AT)
        assert "\n" not in str(refusal.value)
    assert other.read_text() == "mine"


def test_where_nothing_is_there_is_no_backup(tmp_path: Path) -> None:
    """A wrong data folder is a mistake that must not look like a backup; it is not made either."""
    with pytest.raises(BackupError, match="nothing to back up"):
        back_up(tmp_path / "data", tmp_path / "b.zip", at=AT)
    assert list(tmp_path.iterdir()) == []


def test_what_is_damaged_is_not_backed_up_and_the_last_backup_stays(tmp_path: Path) -> None:
    """A damaged or lost file of a library, a damaged store, a newer one: each is named, and the file is untouched."""
    data, file = tmp_path / "data", tmp_path / "b.zip"
    furnish(data)
    back_up(data, file, at=AT)
    before = file.read_bytes()
    name = build_texts(data, SEA, CLAY).generation
    (data / "generations" / name / "words.json").write_text("[]", encoding="utf-8")
    with pytest.raises(GenerationError, match="is damaged"):
        back_up(data, file, at=AT)
    (data / "generations" / name / "words.json").unlink()
    with pytest.raises(GenerationError, match="is damaged"):
        back_up(data, file, at=AT)
    promote(data, build_texts(data, CLAY).generation, at=AT)
    with closing(sqlite3.connect(data / FILE)) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer version"):
        back_up(data, file, at=AT)
    (data / FILE).write_bytes(b"no database " * 1000)
    with pytest.raises(StoreError, match=FILE):
        back_up(data, file, at=AT)
    assert file.read_bytes() == before


def test_a_page_that_is_damaged_is_found(tmp_path: Path) -> None:
    """A store that opens and has a page of nonsense is no backup."""
    furnish(tmp_path / "data")
    store = tmp_path / "data" / FILE
    with closing(sqlite3.connect(store)) as open_store, open_store:
        open_store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = open_store.execute("SELECT rootpage FROM sqlite_master WHERE name = 'answers_by_item'").fetchone()[0]
        size = open_store.execute("PRAGMA page_size").fetchone()[0]
    check_whole(store)
    content = bytearray(store.read_bytes())
    content[(root - 1) * size : root * size] = b"\x55" * size
    store.write_bytes(content)
    with pytest.raises(StoreError, match=FILE):
        back_up(tmp_path / "data", tmp_path / "b.zip", at=AT)


def test_one_backup_at_a_time(furnished: Path, tmp_path: Path) -> None:
    """A second one is refused in a line, not run into the first."""
    with FileLock(furnished / "backup.lock"), pytest.raises(BackupError, match="being made already"):
        back_up(furnished, tmp_path / "b.zip", at=AT)


def test_a_backup_is_sealed(furnished: Path, tmp_path: Path) -> None:
    """The last line of the file is the hash of all before it, which any tool can check."""
    import hashlib

    back_up(furnished, tmp_path / "b.zip", at=AT)
    content = (tmp_path / "b.zip").read_bytes()
    mark = b"metaverse-tutor backup, sha256 "
    before, digest = content[: -64 - len(mark)], content[-64:]
    assert content[-64 - len(mark) : -64] == mark
    assert hashlib.sha256(before).hexdigest().encode() == digest
    with (tmp_path / "b.zip").open("rb") as stream:
        verify_checksum(stream, "b.zip")
