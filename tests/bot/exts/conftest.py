"""Fixtures of the tests of `/library`: somebody who manages the server, and builds in this process."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

import bot.libraries.opening
from bot.cli import app
from bot.errors import WorkError
from tests.bot.conftest import Stage
from tests.bot.exts.library_stage import managing, outside

if TYPE_CHECKING:
    from bot.libraries.opening import Library
    from bot.settings import Settings


@pytest.fixture
def grace(quiz_stage: Stage) -> Any:
    return managing(quiz_stage, "grace")


@pytest.fixture
def builds(quiz_stage: Stage, essay: tuple[Settings, Library], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the workshop's commands in this process with the model that is loaded: the same builds, sooner."""
    monkeypatch.setattr(bot.libraries.opening, "load_encoder", lambda settings, *_: essay[1].encoder)
    levels = {handler: handler.level for handler in logging.getLogger().handlers}

    def run(arguments: list[str]) -> dict[str, Any]:
        result = CliRunner().invoke(app, ["--data", str(quiz_stage.bot.services.settings.data), *arguments])
        for handler, level in levels.items():
            handler.setLevel(level)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise WorkError(str(result.exception))
        return dict(json.loads(result.stdout.splitlines()[-1]))

    def work(self: Any, folder: Path, arguments: list[str], progress: Any = None, files: Any = ()) -> Any:
        return asyncio.to_thread(run, [*arguments, *files])

    outside(quiz_stage, monkeypatch, work)
