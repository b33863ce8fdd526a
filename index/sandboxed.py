"""The child process that reads documents: `python -m index.sandboxed MEMORY_BYTES SECONDS`, started by the sandbox.

Takes, again and again, a line of JSON (kind, name, bytes) and that many bytes; gives a line of JSON, a reading or an
error. Leaves when its parent does.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import warnings
from contextlib import suppress
from dataclasses import asdict
from threading import Thread
from typing import TYPE_CHECKING, Any

from index.decoding import decode
from index.errors import SourceError
from index.formats.kinds import Kind
from index.formats.reading import Reading
from index.sandbox import OUT_OF_MEMORY

if TYPE_CHECKING:
    from typing import BinaryIO

TEXT_LIMIT_CHARACTERS = 20 * 2**20


def main() -> None:
    """Read what comes in on standard input until it ends."""
    memory_bytes, seconds = map(int, sys.argv[1:3])
    _limit(memory_bytes)
    source = sys.stdin.buffer
    # What a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    Thread(target=_leave_with_parent, daemon=True).start()
    while line := source.readline():
        signal.alarm(seconds)
        answers.write(_answer(json.loads(line), source))
        answers.flush()
        signal.alarm(0)


def _limit(memory_bytes: int) -> None:
    """Bound the memory, dump no core, and leave Ctrl-C to the parent."""
    with suppress(ValueError, OSError):  # some systems have no such limit
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave_with_parent() -> None:
    """End the process, whatever it is doing, when nobody holds the other end of its input any more."""
    poll = select.poll()
    poll.register(0, 0)  # being hung up on is always reported
    poll.poll()
    os._exit(0)


def _answer(header: dict[str, Any], source: BinaryIO) -> bytes:
    try:
        data = source.read(header["bytes"])
        row = asdict(_checked(read(data, Kind(header["kind"]), header["name"]), header["name"]))
        return json.dumps(row, ensure_ascii=False).encode("utf-8") + b"\n"
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except SourceError as error:
        said = str(error)
    except Exception as error:  # the parsers raise whatever their parts raise
        said = f"{header['name']} is damaged ({type(error).__name__}); save it again and add that."
    return json.dumps({"error": said}).encode() + b"\n"


def _checked(reading: Reading, name: str) -> Reading:
    if len(reading.text) > TEXT_LIMIT_CHARACTERS:
        limit = f"{TEXT_LIMIT_CHARACTERS // 2**20} million characters"
        raise SourceError(f"{name} holds more than {limit} of text; split it into smaller files.")
    return reading


def read(data: bytes, kind: Kind, name: str) -> Reading:
    """Turn the bytes of a file into what its reader sees; raise SourceError with a sentence, or anything else."""
    match kind:
        case Kind.PDF:
            from index.formats.pdf import read_pdf

            return read_pdf(data, name)
        case Kind.DOCX:
            from index.formats.docx import read_docx

            return read_docx(data, name)
        case Kind.HTML:
            from index.formats.html import read_html

            return read_html(data, name)
        case Kind.MARKDOWN:
            from index.formats.markdown import read_markdown

            return read_markdown(decode(data, name))
        case _:
            raise SourceError(f"{name} cannot be read.")


if __name__ == "__main__":
    main()
