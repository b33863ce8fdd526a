"""The small Discord with the whole bot connected to it, started once for all tests here."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.settings import Settings
from index.models.registry import GRAPHS, Backend
from tests.gateway.person import Actor
from tests.gateway.process import Process
from tests.gateway.server import Server

if TYPE_CHECKING:
    from bot.libraries.opening import Library


@dataclass(slots=True)
class Stage:
    """A server, the bot connected to it, and the folder of its data."""

    server: Server
    bot: Process
    data: Path

    def actor(self, name: str = "alice", *, channel: int = 0) -> Actor:
        return Actor(self.server, name, channel=channel)


@pytest.fixture(scope="package")
def data(essay: tuple[Settings, Library], graphs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the essay's library and the model made for OpenVINO, for the bot to write in."""
    folder = tmp_path_factory.mktemp("data")
    shutil.copytree(essay[0].data, folder, dirs_exist_ok=True)
    shutil.copytree(graphs, folder / GRAPHS)
    return folder


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def stage(data: Path) -> AsyncIterator[Stage]:
    """The bot, connected and with its library open; at the end it has broken no rule of Discord's."""
    async with Server() as server, Process(server, data, log_level="DEBUG", backend=Backend.AUTO) as bot:
        await bot.ready()
        yield Stage(server, bot, data)
        assert server.violations == []
