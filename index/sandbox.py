"""Reads documents in a child process, because a parser given a hostile file may hang, explode or crash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event, Timer
from typing import TYPE_CHECKING, Any

from index.errors import SourceError
from index.formats.reading import Reading

if TYPE_CHECKING:
    from types import TracebackType

TIME_LIMIT_S = 60.0
MEMORY_LIMIT_BYTES = 1536 * 2**20
OUT_OF_MEMORY = 3  # what the child exits with when it has reached its limit
_ANSWER_LIMIT_BYTES = 200 * 2**20
_CHILD = "index.sandboxed"


class Sandbox:
    """One child process that reads file after file: started when first needed, gone when the context ends.

    A child that hangs, dies or wants too much memory is killed, and the next file gets a new one.
    """

    def __init__(self, *, time_limit_s: float | None = None, memory_limit_bytes: int | None = None) -> None:
        self._time_limit_s = time_limit_s or TIME_LIMIT_S
        self._memory_limit_bytes = memory_limit_bytes or MEMORY_LIMIT_BYTES
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def read(self, data: bytes, kind: str, name: str) -> Reading:
        """Read a file of a kind (formats.kinds); raise SourceError with a sentence when that cannot be done."""
        if self._child is None:
            try:
                self._child = self._start()
            except OSError as error:
                raise SourceError(f"{name} cannot be read: no process can be started for it ({error}).") from error
        child, hung = self._child, Event()

        def give_up() -> None:
            hung.set()
            child.kill()

        timer = Timer(self._time_limit_s, give_up)
        timer.daemon = True
        timer.start()
        try:
            row = _exchange(child, {"kind": kind, "name": name, "bytes": len(data)}, data)
        finally:
            timer.cancel()
            timer.join()
        if hung.is_set() or row is None:
            self._end()
            raise self._failure(name, child.returncode, hung=hung.is_set())
        if "error" in row:
            raise SourceError(row["error"])
        return Reading(
            row["title"],
            row["text"],
            tuple((start, end, level) for start, end, level in row["headings"]),
            tuple(row["pages"]),
            tuple(row["unread_pages"]),
        )

    def _start(self) -> subprocess.Popen[bytes]:
        # The limit of time is the child's too, a little later: it must not outlive a parent that was killed.
        limits = [str(self._memory_limit_bytes), str(int(self._time_limit_s) + 5)]
        return subprocess.Popen(
            [sys.executable, "-m", _CHILD, *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[1],
            # What is set for the bot, its token above all, is nothing that a document's parser should see.
            env={name: value for name, value in os.environ.items() if not name.upper().startswith("TUTOR_")},
        )

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        with suppress(OSError), child:  # closes the pipes, which may hold what was never read, and waits
            pass

    def _failure(self, name: str, code: int | None, *, hung: bool) -> SourceError:
        if hung:
            return SourceError(
                f"{name} could not be read within {self._time_limit_s:g} seconds; "
                "split it, or save its text as .txt and add that."
            )
        if code == OUT_OF_MEMORY:
            return SourceError(
                f"{name} needs more than {self._memory_limit_bytes // 2**20} MB of memory to be read; "
                "split it, or save its text as .txt and add that."
            )
        return SourceError(f"{name} makes its reader crash; save it again, or its text as .txt, and add that.")


def _exchange(child: subprocess.Popen[bytes], header: dict[str, Any], data: bytes) -> dict[str, Any] | None:
    """Send a file, as a line of JSON and its bytes, and give the line that comes back; None when none does."""
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(json.dumps(header).encode() + b"\n")
        child.stdin.write(data)
        child.stdin.flush()
        line = child.stdout.readline(_ANSWER_LIMIT_BYTES)
        row = json.loads(line)
    except (OSError, ValueError):
        return None
    return row if isinstance(row, dict) else None
