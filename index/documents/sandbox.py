"""Reads untrusted documents in confined child processes: a hostile file may crash or take over a parser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from threading import Event, Timer
from typing import TYPE_CHECKING, Any

from index.documents.formats.kinds import Kind
from index.documents.formats.reading import Reading
from index.errors import LengthError, ReaderError, SourceError

if TYPE_CHECKING:
    from types import TracebackType

    from pydantic import TypeAdapter

TIME_LIMIT_S = 60.0
_START_LIMIT_S = 60.0
_EXIT_LIMIT_S = 1.0
# Address space. Markdown, a web page or a Word file of 2,000,000 characters takes 160 to 400 MB, 150 of them for the
# interpreter and its libraries; with the process that waits for it a hostile file stays below 1 GB.
MEMORY_LIMIT_BYTES = 768 * 2**20
TEXT_LIMIT_CHARACTERS = 20 * 2**20
OUT_OF_MEMORY = 3  # what the child exits with when it has reached its limit
_ANSWER_LIMIT_BYTES = 200 * 2**20
_ERROR_LIMIT_CHARACTERS = 1000
_RESIDENT_LIMIT_BYTES = 256 * 2**20  # with more, a child is not kept for the next file
# Isolated: neither the working directory, PYTHONPATH nor the user's packages. The folder of this package comes last, so
# that nothing beside it hides an installed module.
_ISOLATED = ("-I", "-X", "utf8", "-c")
_PROGRAM = (
    f"import sys; sys.path.append({str(Path(__file__).parents[2])!r}); "
    "import index.documents.sandbox_child as child; child.main()"
)
# What the dynamic linker and Windows need to load libraries; nothing else of the environment is passed on.
_ENVIRONMENT = ("LD_LIBRARY_PATH", "SYSTEMROOT")


@dataclass(frozen=True, slots=True)
class _Answer:
    """A line from a child: at its start the means of confinement that are missing, then one for each file."""

    lacking: tuple[str, ...] = ()
    reading: Reading | None = None
    error: str = ""
    too_long: bool = False


class Sandbox:
    """Child processes, one for each kind of file, started when first needed and killed at the end.

    One for each kind, because a child must import its parsers before it is confined, and starts faster with few. A
    child that hangs, dies or needs too much memory is killed, and the next file gets a new one.
    """

    def __init__(self) -> None:
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in [*self._children]:
            self._end(each)

    def read(self, data: bytes, kind: str, name: str, most_characters: int = TEXT_LIMIT_CHARACTERS) -> Reading:
        """Read a file of a kind (formats.kinds); raise SourceError with a sentence when that cannot be done.

        A text of more than `most_characters` raises LengthError, and a reader that hangs or dies ReaderError.
        """
        if kind not in self._children:
            try:
                self.start(kind)
            except OSError as error:
                raise SourceError(f"{name} cannot be read: no process can be started for it ({error}).") from error
        child = self._children[kind]
        with _killed_after(child, TIME_LIMIT_S) as hung:
            answer = _exchange(child, {"name": name, "bytes": len(data), "characters": most_characters}, data)
        if hung.is_set() or answer is None or not (answer.error or answer.reading):
            with suppress(subprocess.TimeoutExpired):  # its exit code says why, if it is exiting
                child.wait(_EXIT_LIMIT_S)
            self._end(kind)
            raise self._failure(name, child.returncode, hung=hung.is_set())
        if _resident_bytes(child.pid) > _RESIDENT_LIMIT_BYTES:
            self._end(kind)
        if answer.reading is None:
            raise (LengthError if answer.too_long else SourceError)(answer.error)
        return answer.reading

    def start(self, kind: str) -> tuple[str, ...]:
        """Start the child of a kind; return those of confinement.MEANS that are missing. Raises OSError."""
        child = self._children[kind] = self._start(kind)
        with _killed_after(child, _START_LIMIT_S):
            answer = _received(child)
        if answer is None or answer.error:
            self._end(kind)
            raise OSError(answer.error if answer else "it gave no answer")
        return answer.lacking

    def _start(self, kind: str) -> subprocess.Popen[bytes]:
        # The child has the limit of time too, 5 s later: it must end even when its parent was killed.
        limits = [str(MEMORY_LIMIT_BYTES), str(int(TIME_LIMIT_S) + 5)]
        return subprocess.Popen(
            [sys.executable, *_ISOLATED, _PROGRAM, kind, *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=os.path.abspath(os.sep),
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            start_new_session=True,
        )

    def _end(self, kind: str) -> None:
        child = self._children.pop(kind)
        child.kill()
        with suppress(OSError), child:  # closes the pipes and waits
            pass

    def _failure(self, name: str, code: int | None, *, hung: bool) -> ReaderError:
        if hung:
            return ReaderError(
                f"{name} could not be read within {TIME_LIMIT_S:g} seconds; "
                f"split it, or save its text as {Kind.TEXT.suffix} and add that."
            )
        if code == OUT_OF_MEMORY:
            return ReaderError(
                f"{name} needs more than {MEMORY_LIMIT_BYTES // 2**20} MB of memory to be read; "
                f"split it, or save its text as {Kind.TEXT.suffix} and add that."
            )
        return ReaderError(
            f"{name} makes its reader crash; save it again, or its text as {Kind.TEXT.suffix}, and add that."
        )


@contextmanager
def _killed_after(child: subprocess.Popen[bytes], seconds: float) -> Iterator[Event]:
    """Kill a child when the block takes longer than `seconds`, and set the event."""
    hung = Event()

    def give_up() -> None:
        hung.set()
        child.kill()

    timer = Timer(seconds, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield hung
    finally:
        timer.cancel()
        timer.join()


def _exchange(child: subprocess.Popen[bytes], header: Mapping[str, Any], data: bytes) -> _Answer | None:
    """Send a file as a line of JSON and its bytes; return the answer, None without one."""
    assert child.stdin is not None
    try:
        child.stdin.write(json.dumps(header).encode() + b"\n")
        child.stdin.write(data)
        child.stdin.flush()
    except OSError:
        return None
    return _received(child)


def _received(child: subprocess.Popen[bytes]) -> _Answer | None:
    """Read and validate a line of a child, which may be under control of an attacker; None if it is invalid."""
    assert child.stdout is not None
    try:
        answer = _schema().validate_json(child.stdout.readline(_ANSWER_LIMIT_BYTES))
    except (OSError, ValueError):
        return None
    sound = len(answer.error) <= _ERROR_LIMIT_CHARACTERS and (answer.reading is None or _is_sound(answer.reading))
    return answer if sound else None


@cache
def _schema() -> TypeAdapter[_Answer]:
    from pydantic import TypeAdapter  # not for the child, which imports this module too

    return TypeAdapter(_Answer)


def _resident_bytes(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):  # no Linux
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _is_sound(reading: Reading) -> bool:
    """Whether all offsets are inside of the text, and those of pages and code ascending."""
    most = len(reading.text)
    ascending = ([0, *reading.pages, most], [0, *chain.from_iterable(reading.code), most])
    return all(a <= b for places in ascending for a, b in pairwise(places)) and all(
        0 <= a <= b <= most for a, b, _ in reading.headings
    )
