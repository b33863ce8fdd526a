"""The child process that reads documents of one kind; index.documents.sandbox starts it with KIND MEMORY_BYTES SECONDS.

1. It reads small samples of the kind, so that all imports and data files that a parser loads late are loaded.
2. It restricts itself to computing (index.documents.confinement) and writes a line of JSON: `lacking`, the means of
   confinement that this platform does not have, or `error`.
3. For each file it reads a line of JSON (name, bytes) and that many bytes, and writes a line of JSON: `reading` or
   `error`. It ends when its parent ends.
"""

from __future__ import annotations

import encodings
import importlib
import json
import os
import pkgutil
import resource
import select
import signal
import sys
import tempfile
import warnings
from contextlib import suppress
from dataclasses import asdict
from threading import Thread
from typing import TYPE_CHECKING, Any

from index.documents.confinement import confine
from index.documents.formats.kinds import Kind
from index.documents.formats.reading import Reading
from index.documents.sandbox import OUT_OF_MEMORY
from index.errors import LengthError, SourceError

if TYPE_CHECKING:
    from typing import BinaryIO

_CPU_LIMIT_S = 3600  # over all files: code of an attacker could ignore the alarm and the end of its parent


def main() -> None:
    """Read the files that arrive on standard input until it ends."""
    kind = Kind(sys.argv[1])  # type: ignore[arg-type] # a look-up by value, which mypy takes for a new member
    memory_bytes, seconds = map(int, sys.argv[2:4])
    _limit(memory_bytes)
    source = sys.stdin.buffer
    # What a library prints must not mix with the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    _enter_empty_folder()
    try:
        prepare(kind)
        lacking = confine(_start_watching)
    except Exception as error:  # a library that is not installed, or a means of confinement that fails
        answers.write(_line({"error": f"{type(error).__name__}: {error}"}))
        return
    answers.write(_line({"lacking": lacking}))
    answers.flush()
    while line := source.readline():
        signal.alarm(seconds)
        answers.write(_answer(json.loads(line), kind, source))
        answers.flush()
        signal.alarm(0)


def _limit(memory_bytes: int) -> None:
    """Limit memory and processor time, disable core dumps, and leave Ctrl-C to the parent."""
    _lower({resource.RLIMIT_AS: memory_bytes, resource.RLIMIT_CPU: _CPU_LIMIT_S, resource.RLIMIT_CORE: 0})
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _lower(limits: dict[int, int]) -> None:
    for limit, most in limits.items():
        with suppress(ValueError, OSError):  # the system has no such limit, or a lower one
            resource.setrlimit(limit, (most, most))


def _enter_empty_folder() -> None:
    """Change to a deleted folder: it is empty, and nothing can be created in it."""
    with suppress(OSError):  # no folder for temporary files: the working directory stays the root folder
        folder = tempfile.mkdtemp()
        os.chdir(folder)
        os.rmdir(folder)


def prepare(kind: Kind) -> None:
    """Import all that reading a kind may need: later no file can be opened."""
    for module in pkgutil.iter_modules(encodings.__path__):  # a file is decoded by whatever it declares or looks like
        with suppress(ImportError):  # those of other systems
            importlib.import_module(f"encodings.{module.name}")
    for data in kind.reader().samples():
        read(data, kind, "sample")


def _start_watching() -> None:
    """Start the only thread; then forbid new descriptors, processes and file contents, as every Unix can.

    The limit of descriptors is 1, not 0, because poll(2) fails when it is given more than the limit.
    """
    Thread(target=_leave_with_parent, daemon=True).start()
    _lower({resource.RLIMIT_NOFILE: 1, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_NPROC: 0})


def _leave_with_parent() -> None:
    """End the process as soon as its parent has closed the other end of its input."""
    poll = select.poll()
    poll.register(0, 0)  # being hung up on is always reported
    poll.poll()
    os._exit(0)


def _answer(header: dict[str, Any], kind: Kind, source: BinaryIO) -> bytes:
    try:
        data = source.read(header["bytes"])
        reading = _checked(read(data, kind, header["name"]), header["name"], header["characters"])
        return _line({"reading": asdict(reading)})
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except LengthError as error:
        return _line({"error": str(error), "too_long": True})
    except SourceError as error:
        said = str(error)
    except Exception as error:  # the parsers raise whatever their parts raise
        said = f"{header['name']} is damaged ({type(error).__name__}); save it again and add that."
    return _line({"error": said})


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode("utf-8") + b"\n"


def _checked(reading: Reading, name: str, most_characters: int) -> Reading:
    if len(reading.text) > most_characters:
        raise LengthError(f"{name} holds more than {most_characters:,} characters; split it into smaller files.")
    return reading


def read(data: bytes, kind: Kind, name: str) -> Reading:
    """Return the text of a file; raise SourceError with a sentence, or whatever a parser raises."""
    return kind.reader().read(data, name)
