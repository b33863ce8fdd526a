"""Runs long work on a library in a process of its own, so that answers and heartbeats never wait for it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bot.errors import WorkError
from bot.observation.events import Observe, WorkBegan, WorkEnded, unobserved

if TYPE_CHECKING:
    from pathlib import Path

    from bot.settings import Settings

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]

# A low rank from the first import on: whoever asks meanwhile is answered first, and the work still goes on.
_PROGRAM = "import os; os.nice(10); from bot.cli import main; main()"
# What a command of ours prints on one line may hold a few hundred drafts.
_LONGEST_LINE = 64 * 2**20
_TERMINATED_S = 5.0
_SECRET = ("discord_token", "discord_token_file")


class Workshop:
    """Runs commands of the command line, one a library at a time, and gives what they print with `--json`."""

    def __init__(self, settings: Settings, observe: Observe = unobserved) -> None:
        """Take the settings that the commands shall have as well, and who hears of what runs."""
        self._settings = settings
        self._observe = observe
        self._busy: set[Path] = set()
        self._running: set[asyncio.subprocess.Process] = set()
        self._leaving = asyncio.Event()

    async def run(self, folder: Path, arguments: Sequence[str], progress: Progress | None = None) -> dict[str, Any]:
        """Run `tutor ARGUMENTS`, which works on the library of this folder; gives the object that it prints.

        `progress` hears what is done, and of how much. Raises WorkError with the command's own sentence when it
        refuses, and when something is going on in this library already.
        """
        with self.claimed(folder):
            return await self.work(arguments, progress)

    @contextmanager
    def claimed(self, folder: Path) -> Iterator[None]:
        """Keep others from working on a library meanwhile; raises WorkError when somebody does."""
        if folder in self._busy:
            raise WorkError.busy()
        self._busy.add(folder)
        try:
            yield
        finally:
            self._busy.discard(folder)

    def is_busy(self, folder: Path) -> bool:
        """Say whether something is going on in this library."""
        return folder in self._busy

    async def close(self) -> None:
        """End what is going on, and begin nothing more; a build is taken up by the next one where it stopped."""
        self._leaving.set()
        for process in self._running:
            process.terminate()
        for process in [*self._running]:
            try:
                await asyncio.wait_for(process.wait(), _TERMINATED_S)
            except TimeoutError:
                process.kill()

    async def work(self, arguments: Sequence[str], progress: Progress | None = None) -> dict[str, Any]:
        """Run a command on a library that was claimed; see `run`."""
        if self._leaving.is_set():
            raise WorkError.left()
        began, done = time.perf_counter(), False
        self._observe(WorkBegan())
        try:
            result = await self._work(arguments, progress)
            done = True
        finally:
            self._observe(WorkEnded(done, time.perf_counter() - began))
        return result

    async def _work(self, arguments: Sequence[str], progress: Progress | None) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _PROGRAM,
            "--data",
            str(self._settings.data),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment(),
            limit=_LONGEST_LINE,
        )
        self._running.add(process)
        if self._leaving.is_set():  # it was on its way when everything was ended
            process.terminate()
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            said, refusal = await asyncio.gather(process.stdout.read(), _listened(process.stderr, progress))
            await process.wait()
        except BaseException:
            if process.returncode is None:
                process.kill()
            raise
        finally:
            self._running.discard(process)
        if self._leaving.is_set() and process.returncode:
            raise WorkError.left()
        return _result(process.returncode, said, refusal)

    def _environment(self) -> dict[str, str]:
        """Give the settings of this process, without what a build has no business with."""
        theirs = self._settings.model_dump(exclude={"data", *_SECRET}, exclude_none=True)
        named = {f"TUTOR_{name.upper()}": str(value) for name, value in theirs.items()}
        secret = {f"TUTOR_{name.upper()}" for name in _SECRET}
        inherited = {name: value for name, value in os.environ.items() if name.upper() not in secret}
        return inherited | named | {"TUTOR_LOG_LEVEL": "ERROR", "TUTOR_LOG_FORMAT": "text"}


async def _listened(stream: asyncio.StreamReader, progress: Progress | None) -> str:
    """Pass progress on, and give the last line that is none."""
    last = ""
    async for raw in stream:
        line = raw.decode("utf-8", "replace").strip()
        try:
            done, total = (int(json.loads(line)[key]) for key in ("done", "total"))
        except (ValueError, TypeError, KeyError):
            last = line or last
            continue
        if progress is not None:
            progress(done, total)
    return last


def _result(code: int | None, said: bytes, refusal: str) -> dict[str, Any]:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    try:
        found = json.loads(lines[-1]) if lines else None
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    if code == 1 and refusal:
        raise WorkError(refusal)
    # What it printed last may repeat what somebody uploaded.
    log.error("a command of the workshop ended with %s", code)
    raise WorkError.broken()
