"""`tutor backup` and `tutor restore`, as a person moves a tutor to another machine."""

from __future__ import annotations

from pathlib import Path

from bot.backup.swap import UNPACKED
from bot.store.migrate import FILE, migrate
from tests.bot.cli.terminal import Tutor, built, documents, tutor  # noqa: F401  # fixtures


def test_a_tutor_moves(built: Tutor, tmp_path: Path) -> None:
    """What answers here answers there; both commands say what they have done and proved."""
    migrate(tmp_path / "data" / FILE)
    made = built("backup", tmp_path / "b.zip")
    assert (made.code, made.err) == (0, "")
    assert "the store, 1 library" in made.out
    done = built("restore", tmp_path / "b.zip", data=tmp_path / "new")
    assert (done.code, done.err) == (0, "")
    assert "the store whole, 1 library whole" in done.out
    here, there = (built("index", "status", "--json", data=tmp_path / name).out for name in ("data", "new"))
    assert here == there
    assert "hand that shaped it" in built("ask", "What does clay remember?", data=tmp_path / "new").out


def test_refusals_are_one_line(built: Tutor, tmp_path: Path) -> None:
    """A folder in use, a file that is no backup, nothing to back up."""
    assert built("backup", tmp_path / "b.zip").code == 0
    assert "--replace" in built("restore", tmp_path / "b.zip").refusal
    assert "no backup" in built("restore", tmp_path / "documents" / "clay.txt", data=tmp_path / "new").refusal
    assert "nothing to back up" in built("backup", tmp_path / "c.zip", data=tmp_path / "new").refusal
    assert "is no backup" in built("backup", tmp_path / "documents" / "clay.txt").refusal
    assert "is inside the data folder" in built("backup", tmp_path / "data" / "b.zip").refusal


def test_what_was_there_is_named(built: Tutor, tmp_path: Path) -> None:
    """With --replace the old content is kept, and the last line says where."""
    assert built("backup", tmp_path / "b.zip").code == 0
    done = built("restore", "--replace", tmp_path / "b.zip")
    [aside] = (tmp_path / "data").glob("before-restore-*")
    assert str(aside) in done.out.splitlines()[-1]
    assert (aside / "live").exists()


def test_any_command_finishes_a_restore_that_was_killed(built: Tutor, tmp_path: Path) -> None:
    """Once it was decided, whoever comes next does what is left, and says so."""
    data = tmp_path / "data"
    assert built("backup", tmp_path / "b.zip").code == 0
    assert built("restore", tmp_path / "b.zip", data=tmp_path / "new").code == 0
    (tmp_path / "new").rename(data / UNPACKED)
    for lock in (data / UNPACKED).glob("*.lock"):
        lock.unlink()
    (data / UNPACKED).rename(data / ".restored-then")
    done = built("index", "list")
    assert done.code == 0
    assert done.err == "A restore was interrupted here; it is done now.\n"
    assert (data / "before-restore-then" / "live").exists()
    assert (data / "live").exists()
    assert built("index", "list").err == ""


def test_what_any_command_writes_is_its_owners_alone(built: Tutor, tmp_path: Path) -> None:
    """Locks, folders and the library: the data folder holds people's data, whatever the umask of the shell."""
    assert built("backup", tmp_path / "b.zip").code == 0
    made = [tmp_path / "data", *(tmp_path / "data").rglob("*")]
    assert (tmp_path / "data" / "backup.lock") in made
    assert [path for path in made if path.stat().st_mode & 0o077] == []
