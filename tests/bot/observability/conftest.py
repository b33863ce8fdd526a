"""The bot with its port open, and somebody who looks at it."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.quiz.bank import read_bank
from bot.settings import Settings
from index.generations.texts import Texts
from tests.bot.conftest import Stage
from tests.bot.learning.test_deck import texts_of
from tests.bot.scripted import ScriptedTutor


@dataclass
class Operator:
    """Whoever runs the bot, with a browser on its machine."""

    port: int

    async def get(self, page: str) -> tuple[int, str]:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            session.get(f"http://127.0.0.1:{self.port}{page}") as response,
        ):
            return response.status, await response.text()

    async def readiness(self) -> tuple[int, dict[str, Any]]:
        status, text = await self.get("/readyz")
        return status, json.loads(text)

    async def numbers(self) -> dict[str, float]:
        """Give every series with its labels, as in `tutor_questions_total{outcome="answer"}`."""
        _, text = await self.get("/metrics")
        rows = (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
        return {re.sub(r'le="([\d.]+)"', r"le=\1", name): float(value) for name, value in rows}


class Reader(ScriptedTutor):
    """Its library holds the words of one quiz item that ships."""

    item = next(each for each in read_bank().items if len(each.options) > 2 and not each.points)

    async def texts(self, *, server: int | None = None) -> Texts:
        return texts_of(self.item.quote)


@pytest.fixture
def operator() -> Operator:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return Operator(free.getsockname()[1])


@pytest.fixture
def seen_settings(tmp_path: Path, operator: Operator) -> Settings:
    return Settings(_env_file=None, data=tmp_path, health_port=operator.port)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No look is as old as a test is short; and what recurs rests, for the simulation waits until the bot does."""
    monkeypatch.setattr("bot.observability.health._LOOK_AGAIN_S", 3600.0)
    monkeypatch.setattr("bot.observability.latency.TICK_S", 3600.0)
    monkeypatch.setattr("bot.observability.health._FRESH_S", 0.0)


@pytest_asyncio.fixture
async def seen_stage(set_stage: Callable[..., Any], tutor: ScriptedTutor, seen_settings: Settings) -> Stage:
    """The bot with the scripted tutor, and its port."""
    opened = await set_stage(lambda: tutor, seen_settings)
    assert isinstance(opened, Stage)
    return opened
