"""Whatever the disk refuses in the middle of a build, the live library is untouched and the person gets a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from bot.libraries.paths import own_folder
from bot.libraries.rebuild import add_sources, rebuild, remove_documents, replace_all
from bot.settings import Settings
from index.errors import BudgetError
from index.generations.texts import live_texts
from tests.index.fakes import CLAY, SEA, FakeEncoder

ROOT = Path(__file__).parents[3]

FULL = """
    import os, sys
    from pathlib import Path
    from bot.libraries.rebuild import add_sources, rebuild, replace_all
    from bot.settings import Settings
    from index.errors import RoomError
    from index.generations.generation import load
    from index.generations.manifest import live
    from tests.index.fakes import CLAY, SEA, FakeEncoder, hashes

    data = Path(sys.argv[1]) / "data"
    texts = Path(sys.argv[1]) / "texts"
    texts.mkdir()
    (texts / "clay.txt").write_text(CLAY)
    (texts / "sea.txt").write_text(SEA)
    settings = Settings(_env_file=None, data=data)
    fake = FakeEncoder()
    rebuild(settings, data, replace_all([texts / "clay.txt"]), lambda: fake)
    old = live(data)
    before = hashes(data / "generations" / old)
    # Everything that is imported on the way is imported before the disk is full.
    rebuild(settings, Path(sys.argv[1]) / "other", replace_all([texts]), lambda: fake)

    def writes(event, arguments):
        if event == "open":
            name, _, flags = arguments
            return str(name).startswith(str(data)) and ".lock" not in str(name) and flags & (os.O_WRONLY | os.O_RDWR)
        return event in ("os.mkdir", "os.rename") and str(arguments[0]).startswith(str(data))

    left = -1
    def full(event, arguments):
        global left
        if left >= 0 and writes(event, arguments):
            if left == 0:
                raise OSError(28, "No space left on device")
            left -= 1
    sys.addaudithook(full)

    moments = 0
    while True:
        left = moments
        try:
            rebuild(settings, data, add_sources([texts / "sea.txt"]), lambda: fake)
        except RoomError as error:
            assert "No space left" in str(error) and "untouched" in str(error), error
            left = -1
            now = live(data)
            load(data, now)
            assert hashes(data / "generations" / old) == before
            if now != old:
                break  # it was live before the disk ran out: its diary alone is missing
            left_over = [p.name for p in (data / "generations").iterdir() if p.name.startswith(".")]
            assert left_over == [], left_over
            moments += 1
            continue
        left = -1
        break
    print(moments)
"""


def test_a_disk_that_is_full_at_any_moment_of_a_build(tmp_path: Path) -> None:
    """No room at each single write: a sentence, nothing half-written left, what was live is whole and live."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(FULL), str(tmp_path)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 20


def test_a_servers_library_grows_no_further_than_it_may(tmp_path: Path) -> None:
    """Too much is refused before anything is encoded; less is always welcome, and the shared library has no limit."""
    (tmp_path / "clay.txt").write_text(CLAY, encoding="utf-8")
    (tmp_path / "sea.txt").write_text(SEA, encoding="utf-8")
    roomy = Settings(_env_file=None, data=tmp_path / "data", exam_margin=1)
    small = roomy.model_copy(update={"server_characters": len(CLAY)})
    own = own_folder(roomy.data, 1)

    def unwanted() -> FakeEncoder:
        raise AssertionError("the model is not needed to refuse")

    assert rebuild(small, own, replace_all([tmp_path / "clay.txt"]), FakeEncoder).is_live
    with pytest.raises(BudgetError, match=rf"may hold {len(CLAY):,} characters, and sea.txt is more than the 0"):
        rebuild(small, own, add_sources([tmp_path / "sea.txt"]), unwanted)
    (tmp_path / "short.txt").write_text("It is. " * (len(CLAY) // 10), encoding="utf-8")
    with pytest.raises(BudgetError, match=rf"may hold {len(CLAY) // 40} sentences, and this would make it"):
        rebuild(small, own, replace_all([tmp_path / "short.txt"]), unwanted)
    assert [document.id for document in live_texts(own).documents] == ["clay.txt"]
    rebuild(roomy, own, add_sources([tmp_path / "sea.txt"]), FakeEncoder)
    assert rebuild(small, own, remove_documents(["sea.txt"]), FakeEncoder).report.documents == 1
    assert (
        rebuild(
            small, small.data, replace_all([tmp_path / "clay.txt", tmp_path / "sea.txt"]), FakeEncoder
        ).report.documents
        == 2
    )
