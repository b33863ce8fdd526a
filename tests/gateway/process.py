"""The bot as a process of its own, as an operator starts and ends it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, cast

import aiohttp

from tests.gateway.server import Server
from tests.gateway.world import TOKEN

ROOT = Path(__file__).parents[2]
READY = "the library is open"


class Process:
    """`python -m bot run`, or another command, on a folder of data against a server."""

    def __init__(
        self,
        server: Server,
        data: Path,
        *,
        token: str = TOKEN,
        questions_per_minute: int | None = 600,
        health: bool = False,
        log_level: str = "INFO",
        backend: str = "torch",
        module: str = "bot",
        command: str = "run",
        more: Mapping[str, str] | None = None,
        root: Path = ROOT,
    ) -> None:
        """Take the server and the data folder; `more` are settings by their names in the environment.

        `root` is the folder with the code, which may be another version's.
        """
        self._root = root
        self._module = module
        self._command = command
        self._server = server
        self._data = data
        self._environment = {
            "TUTOR_DISCORD_TOKEN": token,
            "TUTOR_DISCORD_API": server.api,
            "TUTOR_BACKEND": backend,
            "TUTOR_LOG_LEVEL": log_level,
            "TUTOR_QUESTIONS_PER_MINUTE": str(questions_per_minute or ""),
            # One server stands for all that a bot is in, and a few people for thousands.
            "TUTOR_SERVER_QUESTIONS_PER_MINUTE": "1000000",
            "TUTOR_ACTIONS_PER_MINUTE": "6000",
            **(more or {}),
        }
        self._health_port = _free_port() if health else None
        if self._health_port is not None:
            self._environment["TUTOR_HEALTH_PORT"] = str(self._health_port)
        self._running: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self.said = ""
        """What came on stderr and stdout, of all runs."""
        self.begun_at = 0
        """Where in that this run begins."""

    @property
    def pid(self) -> int:
        assert self._running is not None
        return self._running.pid

    @property
    def exit_code(self) -> int | None:
        """Give how it ended; None while it runs."""
        assert self._running is not None
        return self._running.returncode

    @property
    def is_open(self) -> bool:
        """Say whether this run has said that its library is open."""
        return READY in self.said[self.begun_at :]

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    async def start(self) -> None:
        self.begun_at = len(self.said)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TUTOR_")}
        self._running = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._module,
            "--data",
            str(self._data),
            self._command,
            cwd=self._root,
            env=inherited | self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._listening = asyncio.create_task(self._listen(self._running))

    async def ready(self, within_s: float = 180.0) -> None:
        """Wait until it is connected and its library is open."""
        assert self._running is not None
        running, gateway = self._running, self._server.gateway

        def over() -> bool:
            return running.returncode is not None or (self.is_open and gateway.live is not None)

        await self._server.until(over, within_s, "the bot is ready")
        assert running.returncode is None, f"it ended with {running.returncode}, saying: {self.said}"

    async def readiness(self) -> dict[str, Any]:
        """Ask /readyz how it is."""
        return cast("dict[str, Any]", json.loads(await self.page("/readyz")))

    async def page(self, path: str) -> str:
        """Read a page of its port."""
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session,
            session.get(f"http://127.0.0.1:{self._health_port}{path}") as response,
        ):
            return await response.text()

    async def ended(self, within_s: float = 20.0) -> int:
        """Wait until it has ended by itself and give the exit code."""
        assert self._running is not None
        assert self._listening is not None
        code = await asyncio.wait_for(self._running.wait(), within_s)
        await self._listening
        return code

    async def stop(self, within_s: float = 20.0) -> int:
        """Ask it to end, as systemd and Docker do, and give the exit code."""
        self.signal(signal.SIGTERM)
        return await self.ended(within_s)

    async def kill(self) -> None:
        """End it at once, if it still runs."""
        if self._running is not None and self._running.returncode is None:
            self._running.kill()
            await self.ended()

    def signal(self, number: signal.Signals) -> None:
        assert self._running is not None
        self._running.send_signal(number)

    async def _listen(self, running: asyncio.subprocess.Process) -> None:
        assert running.stdout is not None
        async for line in running.stdout:
            self.said += line.decode("utf-8", "replace")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
