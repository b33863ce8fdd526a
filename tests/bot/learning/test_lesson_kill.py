"""A bot that is killed in the middle of lessons has every step it showed, once, and their buttons go on."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.generations.texts import live_texts
from tests.bot.learning.lesson_kills import killed

if TYPE_CHECKING:
    from bot.libraries.opening import Library
    from bot.settings import Settings

KILLS = 6


@pytest.mark.model
@pytest.mark.asyncio
async def test_no_step_is_lost_or_doubled_by_kill_9(essay: tuple[Settings, Library], tmp_path: Path) -> None:
    """Steps and answers that people saw are stored, once and in order; the button under the last step works."""
    shutil.copytree(essay[0].data, tmp_path, dirs_exist_ok=True)
    found = await asyncio.to_thread(killed, tmp_path, live_texts(tmp_path), KILLS, 3)
    assert len(found.told) >= KILLS
    assert found.answered
    assert (found.lost, found.doubled, found.dead) == (0, 0, 0)
