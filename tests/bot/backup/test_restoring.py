"""A backup is proved before anything is touched; what was there is put aside, and every refusal is one line."""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
import sqlite3
import stat
import warnings
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import bot.backup.reading
from bot.backup.checksum import OPEN, write_checksum
from bot.backup.making import back_up
from bot.backup.restoring import restore
from bot.errors import BackupError, DataError
from bot.libraries.paths import own_folder
from bot.runtime.instance_lock import occupying
from bot.store.migrate import FILE, Tables, known_revisions, migrate, upgrade
from index.errors import LibraryLockedError
from index.generations.lock import building
from tests.bot.backup.furnished import SERVER, furnish, kept
from tests.index.fakes import CLAY, build_texts, hashes

AT = "2026-02-01T00:00:00+00:00"


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a furnished folder, which tests copy and spoil."""
    folder = tmp_path_factory.mktemp("backup")
    furnish(folder / "data")
    back_up(folder / "data", folder / "b.zip", at=AT)
    return folder / "b.zip"


def forged(
    path: Path,
    members: dict[str, bytes],
    /,
    *,
    modes: dict[str, int] | None = None,
    packed: int = zipfile.ZIP_DEFLATED,
    **said: Any,
) -> Path:
    """Write a file with the seal of a backup and whatever in it; `said` changes its manifest."""
    listed = {name: {"bytes": len(b), "sha256": hashlib.sha256(b).hexdigest()} for name, b in members.items()}
    row = {"format": 1, "program": "0.1.0", "made_at": AT, "store": None, "members": listed} | said
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = OPEN
        for name, content in {**members, "manifest.json": json.dumps(row).encode()}.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = packed
            info.external_attr = (modes or {}).get(name, stat.S_IFREG | 0o600) << 16
            archive.writestr(info, content)
    write_checksum(stream)
    path.write_bytes(stream.getvalue())
    return path


def refused(data: Path, path: Path, match: str, error: type[Exception] = BackupError, **options: Any) -> None:
    """Restore and be refused in one line, with the folder as it was."""
    before = hashes(data)
    with pytest.raises(error, match=match) as refusal:
        restore(data, path, when="now", **options)
    assert "\n" not in str(refusal.value)
    assert {name: digest for name, digest in hashes(data).items() if not name.endswith(".lock")} == {
        name: digest for name, digest in before.items() if not name.endswith(".lock")
    }
    assert not [path.name for path in data.glob(".*")]


def test_a_changed_byte_is_found_wherever_it_is(backup: Path, tmp_path: Path) -> None:
    """One bit of any byte, in a file, a name, the zip's own tables or the seal: refused before the folder is made."""
    content, file, data = bytearray(backup.read_bytes()), tmp_path / "b.zip", tmp_path / "data"
    rng = random.Random(3)
    ends = [*range(64), *range(len(content) - 200, len(content))]
    for place in [*ends, *rng.sample(range(len(content)), 300)]:
        content[place] ^= 1 << rng.randrange(8)
        file.write_bytes(content)
        content[:] = backup.read_bytes()
        with pytest.raises(BackupError, match="Nothing was changed"):
            restore(data, file, when="now")
        assert not data.exists()


def test_a_cut_backup_is_found_wherever_it_ends(backup: Path, tmp_path: Path) -> None:
    """As after a broken transfer; so is one with something behind its end, and a file that is something else."""
    content, file, data = backup.read_bytes(), tmp_path / "b.zip", tmp_path / "data"
    lengths = [0, 1, 100, len(content) - 1, len(content) - 64, *range(0, len(content), len(content) // 50)]
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("a.txt", "x" * 1000)
    wrong = [content[:length] for length in lengths] + [
        content + b"x",
        (tmp_path / "other.zip").read_bytes(),
        b"x" * 999,
    ]
    for each in wrong:
        file.write_bytes(each)
        with pytest.raises(BackupError, match="Nothing was changed"):
            restore(data, file, when="now")
    with pytest.raises(BackupError, match="cannot be read"):
        restore(data, tmp_path / "nowhere.zip", when="now")
    assert not data.exists()


EVIL = [
    "../evil", "/etc/evil", "servers/../live", "servers/7/../../live", "generations/../../x/y", "live\n", "C:\\evil",
    "generations\\a\\b", "generations/abc/.hidden", "generations/abc/../../../x", "servers/x/live", ".env", "run.lock",
    "store.sqlite3-wal", "generations/abc", "LIVE", "exams/../live", "servers/7/store.sqlite3", "a" * 3000, "",
    "\x00live",
]  # fmt: skip


@pytest.mark.parametrize("name", EVIL, ids=range(len(EVIL)))
def test_a_name_that_no_backup_holds_is_refused(tmp_path: Path, name: str) -> None:
    """Nothing lands outside of the folder, and nothing in it that the bot did not put there."""
    file = forged(tmp_path / "b.zip", {"live": b"abc\n", name: b"evil"})
    refused(tmp_path / "data", file, "no backup holds")
    assert {path.name for path in tmp_path.iterdir()} == {"b.zip"}


def test_links_folders_and_strangers_are_refused(tmp_path: Path) -> None:
    """Only plain files, each once, each in the manifest; none that is in the manifest may be missing."""
    data, file = tmp_path / "data", tmp_path / "b.zip"
    for kind in (stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR):
        forged(file, {"live": b"/etc/passwd"}, modes={"live": kind | 0o777})
        refused(data, file, "no backup holds")
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        refused(data, forged(file, {"live": b"abc"}, packed=method), "no backup holds")
    refused(data, forged(file, {"live": b"x", "golden.json": b"{}"}, members={}), "no backup holds")
    missing = {"golden.json": {"bytes": 1, "sha256": "0" * 64}}
    refused(data, forged(file, {}, members=missing), "no backup holds")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the zip module says that a name stands there twice
        stream = io.BytesIO(forged(file, {"live": b"abc"}).read_bytes())
        with zipfile.ZipFile(stream, "a") as archive:
            archive.writestr(zipfile.ZipInfo("live"), b"other")
        write_checksum(stream)
        file.write_bytes(stream.getvalue())
    refused(data, file, "no backup holds")


def test_what_unpacks_to_more_than_it_says_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb stops at the size in its manifest; too much in all, or more than there is room, is not even begun."""
    data, file, bomb = tmp_path / "data", tmp_path / "b.zip", b"\0" * 30_000_000
    small = {"live": {"bytes": 10, "sha256": hashlib.sha256(bomb[:10]).hexdigest()}}
    refused(data, forged(file, {"live": bomb}, members=small), "altered")
    large = {"live": {"bytes": 2**40, "sha256": "0" * 64}}
    refused(data, forged(file, {"live": b"x"}, members=large), "more than a backup may hold")
    large["live"]["bytes"] = 2**36 - 2**20
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 9 * 10**8, 10**8))
    refused(data, forged(file, {"live": b"x"}, members=large), "95 MB are free")
    monkeypatch.setattr(bot.backup.reading, "MOST_MEMBERS", 1)
    refused(data, forged(file, {"live": b"x"}), "more than a backup may hold")


def test_a_manifest_of_another_program_is_refused(tmp_path: Path) -> None:
    """A newer format, a newer store, no manifest: install what made it."""
    data, file = tmp_path / "data", tmp_path / "b.zip"
    for said in ({"format": 2}, {"store": "9999"}, {"more": 1}, {"members": 1}, {"format": "1"}):
        refused(data, forged(file, {}, **said), "Nothing was changed")


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the manifest says so or only the file itself."""
    source, data, file = tmp_path / "source", tmp_path / "data", tmp_path / "b.zip"
    migrate(source / FILE)
    with closing(sqlite3.connect(source / FILE)) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    with monkeypatch.context() as future:
        future.setattr(Tables, "is_usable", True)
        back_up(source, file, at=AT)
    refused(data, file, "newer version")
    with zipfile.ZipFile(file) as archive:
        content = archive.read(FILE)
    refused(data, forged(file, {FILE: content}, store="0002"), "newer version")
    refused(data, forged(file, {FILE: b"no database " * 99}, store="0002"), "damaged")


FOREIGN = {
    "trigger": "CREATE TRIGGER spy AFTER INSERT ON answers BEGIN DELETE FROM answers; END",
    "view": "CREATE VIEW leaderboard AS SELECT * FROM answers",
    "table": "CREATE TABLE stranger (id INTEGER)",
    "index": "CREATE UNIQUE INDEX one_only ON answers (person)",
    "virtual": "CREATE VIRTUAL TABLE search USING fts5(body)",
    "generated": "ALTER TABLE answers ADD COLUMN more GENERATED ALWAYS AS (abs(-9223372036854775808))",
    "dropped": "DROP INDEX answers_by_item",
    "default": "ALTER TABLE drafts ADD COLUMN why VARCHAR DEFAULT 'x'",
    "application": "PRAGMA application_id = 7",
    "version": "PRAGMA user_version = 7",
    "check": "PRAGMA writable_schema=ON; UPDATE sqlite_master SET sql = replace(sql, 'hints >= 0', '\"hints >= 0\"')",
    "no type": "PRAGMA writable_schema=ON; INSERT INTO sqlite_master VALUES ('odd', x'00', 'odd', 0, NULL)",
    "endless": (
        "ALTER TABLE alembic_version RENAME TO old; CREATE VIEW alembic_version AS "
        "WITH RECURSIVE n(version_num) AS (SELECT 1 UNION ALL SELECT version_num + 1 FROM n) SELECT max(version_num) "
        "AS version_num FROM n"
    ),
}


@pytest.mark.parametrize("change", FOREIGN.values(), ids=FOREIGN)
def test_a_store_with_a_foreign_schema_is_refused(tmp_path: Path, change: str) -> None:
    """Whatever the migrations do not make runs SQL of the file's maker, or keeps the bot from writing."""
    migrate(tmp_path / FILE)
    with closing(sqlite3.connect(tmp_path / FILE)) as store:
        store.executescript(change)
        store.commit()
    data, file = tmp_path / "data", tmp_path / "b.zip"
    refused(data, forged(file, {FILE: (tmp_path / FILE).read_bytes()}, store="0004"), "Nothing was changed")


@pytest.mark.parametrize("version", known_revisions())
def test_a_store_of_every_version_of_ours_is_restored(tmp_path: Path, version: str) -> None:
    """Written by today's migrations or by an older SQLAlchemy with quoted names, and analysed by its operator."""
    upgrade(tmp_path / FILE, version)
    with closing(sqlite3.connect(tmp_path / FILE)) as store:
        store.executescript(
            "PRAGMA writable_schema=ON; UPDATE sqlite_master SET sql = "
            "replace(replace(sql, char(9), '  '), 'person INTEGER', '\"person\" INTEGER'); PRAGMA writable_schema=OFF"
        )
        store.execute("ANALYZE")
        store.commit()
    file = forged(tmp_path / "b.zip", {FILE: (tmp_path / FILE).read_bytes()}, store=version)
    assert restore(tmp_path / "data", file, when="now").said.store == version


def test_a_generation_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    """Even when every hash of the archive is right: the generation's own are not."""
    name = build_texts(tmp_path / "source", CLAY).generation
    folder = tmp_path / "source" / "generations" / name
    members = {f"generations/{name}/{path}": (folder / path).read_bytes() for path in hashes(folder)}
    members |= {"live": name.encode(), f"generations/{name}/words.json": b"[]"}
    refused(tmp_path / "data", forged(tmp_path / "b.zip", members), "altered")


def test_a_generation_that_this_version_does_not_read_is_restored_and_named(tmp_path: Path) -> None:
    """What an older version built must not keep the store from coming back."""
    migrate(tmp_path / "source" / FILE)
    store = (tmp_path / "source" / FILE).read_bytes()
    members = {FILE: store, "live": b"abc\n", "generations/abc/manifest.json": b'{"format": 1}'}
    done = restore(tmp_path / "data", forged(tmp_path / "b.zip", members, store="0002"), when="now")
    assert done.libraries == 0
    assert "format that this version does not read" in done.foreign[0]
    assert (tmp_path / "data" / FILE).exists()


def test_a_folder_in_use_is_refused_and_with_replace_put_aside(backup: Path, tmp_path: Path) -> None:
    """Nothing is deleted: what was there is whole in a folder that is named, also after the second time."""
    data = tmp_path / "data"
    build_texts(data, CLAY)
    build_texts(own_folder(data, 5), CLAY)
    before = {name: digest for name, digest in hashes(data).items() if not name.endswith(".lock")}
    refused(data, backup, "is in use")
    done = restore(data, backup, when="first", replace=True)
    assert done.aside == data / "before-restore-first"
    aside = {name: digest for name, digest in hashes(done.aside).items() if not name.endswith(".lock")}
    assert aside == before
    assert kept(data) == kept(backup.parent / "data")
    assert not own_folder(data, 5).exists()
    assert own_folder(data, SERVER).exists()
    again = restore(data, backup, when="second", replace=True)
    assert again.aside == data / "before-restore-second"
    assert kept(again.aside) == kept(data) == kept(backup.parent / "data")
    assert done.aside.exists()


def test_a_folder_that_is_empty_or_not_there_needs_no_word(backup: Path, tmp_path: Path) -> None:
    """A fresh volume, perhaps with what its disk puts there, and what an earlier restore put aside."""
    for number, inside in enumerate((None, "lost+found", "before-restore-then")):
        data = tmp_path / f"data{number}"
        if inside is not None:
            (data / inside).mkdir(parents=True)
        assert restore(data, backup, when="now").aside is None
        assert kept(data) == kept(backup.parent / "data")


def test_a_bot_or_a_build_keeps_a_restore_away(backup: Path, tmp_path: Path) -> None:
    """While one is running, not even --replace touches the folder."""
    data = tmp_path / "data"
    furnish(data)
    with occupying(data):
        refused(data, backup, "is running", DataError, replace=True)
    for folder in (data, own_folder(data, SERVER)):
        with building(folder):
            refused(data, backup, "being rebuilt", LibraryLockedError, replace=True)


def test_a_folder_that_cannot_be_written_is_one_line(backup: Path, tmp_path: Path) -> None:
    """The folder, the reason, what to do."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match="TUTOR_DATA"):
        restore(tmp_path / "file", backup, when="now")
