"""`tutor quiz check` in a process of its own, as whoever runs the bot calls it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from bot.store import servers
from bot.store.database import Store
from index.models.registry import GRAPHS, Backend

if TYPE_CHECKING:
    from bot.libraries.opening import Library
    from bot.settings import Settings

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.model


def tutor(data: Path, *arguments: str, name: str = "check") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "bot", "--data", str(data), "quiz", name, *arguments]
    environment = {**os.environ, "TUTOR_BACKEND": Backend.AUTO}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)


@pytest.fixture(scope="module")
def data(essay: tuple[Settings, Library], graphs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the essay's library and the model made for OpenVINO."""
    folder = tmp_path_factory.mktemp("data")
    shutil.copytree(essay[0].data, folder, dirs_exist_ok=True)
    shutil.copytree(graphs, folder / GRAPHS)
    return folder


def test_the_shipped_bank_passes_against_the_live_library(data: Path) -> None:
    """It prints the counts and every guesser's figures, and exits with 0."""
    done = tutor(data)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every item passes." in done.stdout
    assert done.stdout.count("by chance") == 4


def test_a_faulty_file_is_refused_line_by_line(data: Path, tmp_path: Path) -> None:
    """File, item and reason for each, on stdout, and exit code 1."""
    items = [
        {
            "id": "invented",
            "kind": "truth",
            "side": "both",
            "difficulty": 1,
            "statement": "It rains.",
            "holds": True,
            "quote": "It never said this.",
            "why": "It did not.",
        },
        {"id": "empty", "kind": "truth"},
    ]
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump({"axis": "logic", "items": items}), encoding="utf-8")
    done = tutor(data, str(file))
    assert done.returncode == 1
    assert "mine.yaml: invented: not in the library, word for word: 'It never said this.'" in done.stdout
    assert "mine.yaml: empty: truth.side: Field required" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.asyncio
async def test_complaints_made_in_private_reach_whoever_runs_the_bot(tmp_path: Path) -> None:
    """No server lists them, so the terminal does."""
    store = Store(tmp_path)
    async with store.writing() as connection:
        made = datetime(2026, 3, 1, tzinfo=UTC)
        await servers.dispute(connection, person=1, guild=None, item="an-item", complaint="Two are right.", now=made)
    await store.close()
    done = await asyncio.to_thread(tutor, tmp_path, name="disputes")
    assert done.stdout == "2026-03-01  an-item: Two are right.\n"
