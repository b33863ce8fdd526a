"""Uploads what is hostile to a build, through the real curator and its processes, and measures memory and time."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import random
import shutil
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count, islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bot.errors import BotError
from bot.libraries.admin import LibraryAdmin
from bot.libraries.jobs import JobRunner
from bot.libraries.pseudonyms import Pseudonyms
from bot.libraries.uploads import MAX_UPLOAD_BYTES, Upload
from bot.settings import Settings
from bot.store.database import Store
from index.errors import LibraryError
from tests.bench.quality import essay_settings, folder
from tests.bench.results import Row
from tests.index.files import deflated, pdf_with, rezipped, word

_UPLOADS = 10
_MOST_BYTES = 2**30
_LONGEST_S = 600.0
_EVERY_S = 0.05
_HONEST = "The tide turns twice a day. The harbour fills before noon, and the boats leave with it.\n\n" * 20


@dataclass(slots=True)
class _Ran:
    seconds: float
    peak_bytes: int
    said: str


def rows() -> Iterator[Row]:
    """Build each hostile change while another server builds the longest library that is allowed."""
    logging.disable(logging.ERROR)
    here = folder() / "budgets"
    shutil.rmtree(here, ignore_errors=True)
    shutil.copytree(essay_settings().data, here)
    settings = essay_settings().model_copy(update={"data": here})
    found = asyncio.run(_all(settings))
    for name, ran in found.items():
        yield Row(f"  {name}: {ran.said[:150]}", f"{ran.seconds:.0f} s, {ran.peak_bytes / 2**30:.2f} GB")
    peak, longest = max(ran.peak_bytes for ran in found.values()), max(ran.seconds for ran in found.values())
    yield Row(
        "peak memory of a build under ten hostile uploads of 10 MiB, with its reader",
        f"{peak / 2**30:.2f} GB",
        "<= 1.0 GB",
        peak <= _MOST_BYTES,
    )
    yield Row("longest build of hostile uploads", f"{longest:.0f} s", "<= 600 s", longest <= _LONGEST_S)
    went_on = found[_OTHER].said.startswith("built")
    yield Row("another server's build meanwhile", found[_OTHER].said, "built", went_on)


_OTHER = "an honest document of another server, meanwhile"


async def _all(settings: Settings) -> dict[str, _Ran]:
    workshop = JobRunner(settings)

    async def nothing(**_: Any) -> None: ...

    tutor: Any = SimpleNamespace(texts=nothing, renew=nothing)
    store = Store(settings.data)
    await store.open()
    curator = LibraryAdmin(settings, tutor, workshop, Pseudonyms(store), now=lambda: datetime.now(UTC))
    numbers = count(1)

    async def ran(files: Mapping[str, bytes]) -> _Ran:
        return await _watched(workshop, curator, next(numbers), files)

    longest = asyncio.create_task(ran(_shortest_sentences()))
    found = {}
    for name, make in _HOSTILE.items():
        found[name] = await ran(make())
        print(f"{name}: {found[name]}", file=sys.stderr, flush=True)
        if name == "texts of archives":
            found[_OTHER] = await ran({"honest.txt": _HONEST.encode()})
    found["as many and as short sentences as are allowed"] = await longest
    await workshop.close()
    await store.close()
    return found


async def _watched(workshop: JobRunner, curator: LibraryAdmin, server: int, files: Mapping[str, bytes]) -> _Ran:
    """Add files to a server's library, sampling the memory of the process that builds it and of its reader."""
    before, peak = set(workshop._running), 0
    uploads = [Upload(name, len(data), partial(_read, data)) for name, data in files.items()]
    assert all(upload.size <= MAX_UPLOAD_BYTES for upload in uploads)
    adding = asyncio.create_task(curator.add(server, uploads, "1", lambda done, total: None))
    began: float | None = None
    while not adding.done():
        for process in workshop._running - before:
            began = began or time.perf_counter()
            peak = max(peak, await asyncio.to_thread(_resident_bytes, process.pid))
        await asyncio.sleep(_EVERY_S)
    seconds = time.perf_counter() - (began or time.perf_counter())
    try:
        proposal = adding.result()
    except (BotError, LibraryError) as error:
        return _Ran(seconds, peak, str(error))
    return _Ran(seconds, peak, f"built: {proposal.documents} documents, {proposal.passages:,} passages")


async def _read(data: bytes) -> bytes:
    return data


def _resident_bytes(root: int) -> int:
    """Add up the resident memory of a process and all below it; what they share counts for each of them."""
    parents, resident = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        pid = int(stat.parent.name)
        parents[pid], resident[pid] = int(fields[1]), int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    below = {root}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    return sum(resident.get(pid, 0) for pid in below)


def _shortest_sentences() -> dict[str, bytes]:
    """Make a library of as many sentences as a server's may have, all different."""
    sentences = (f"Boat {number} sails on tide {number * 7 % 9973}." for number in range(48_000))
    return {"tides.txt": " ".join(sentences).encode()}


def _times(make: Callable[[int], bytes], suffix: str) -> dict[str, bytes]:
    return {f"{number}{suffix}": make(number)[:MAX_UPLOAD_BYTES] for number in range(_UPLOADS)}


def _line(piece: str) -> Callable[[int], bytes]:
    """Make 10 MiB of one piece again and again, which differ by how they begin."""
    encoded = piece.encode()
    return lambda number: f"{number} ".encode() + encoded * ((MAX_UPLOAD_BYTES - 4) // len(encoded))


def _archive(number: int) -> bytes:
    """Pack 190 MB of text, as tightly as is allowed."""
    drawn = random.Random(number)
    block = " ".join(f"{drawn.getrandbits(40):x}" for _ in range(2_000))
    return _zip((f"{part}.txt", f"{number} {part} {block * 780}") for part in range(11))


def _tiny_members(number: int) -> bytes:
    return _zip((f"{part}.html", f"<p>Tide {number} {part} turns.</p>") for part in range(4_900))


def _zip(members: Iterator[tuple[str, str]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members:
            archive.writestr(name, text)
    return buffer.getvalue()


def _word(number: int) -> bytes:
    """Pack 150 MB of paragraphs into a Word file."""
    start = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    body = b"<w:p><w:r><w:t>tide %d</w:t></w:r></w:p>" % number
    return rezipped(word("Before."), {"word/document.xml": start + body * 3_700_000 + b"</w:body></w:document>"})


def _pdf(number: int) -> bytes:
    """Write a page whose operators unpack to 400 MB."""
    return pdf_with([deflated((b"BT /F 9 Tf 1 0 0 1 9 9 Tm (tide %d) Tj ET\n" % number) * 10_000_000)])


def _headings(number: int) -> bytes:
    made = b"".join(islice((b"# T%d\n\nb%d\n\n" % (number, each) for each in count()), 700_000))
    return made[: MAX_UPLOAD_BYTES - 8]


def _same(make: Callable[[int], bytes], suffix: str) -> dict[str, bytes]:
    """Make one file, which takes long, and give it ten names."""
    made = make(0)
    return {f"{number}{suffix}": made for number in range(_UPLOADS)}


_HOSTILE: Mapping[str, Callable[[], dict[str, bytes]]] = {
    "texts of archives": lambda: _same(_archive, ".zip"),
    "thousands of members": lambda: _same(_tiny_members, ".zip"),
    "Chinese without a break": lambda: _times(_line("潮水每天漲落兩次"), ".txt"),
    "emoji": lambda: _times(_line("🌊"), ".txt"),
    "one letter a line": lambda: _times(_line("a\n"), ".txt"),
    "one letter a paragraph, as long as is allowed": lambda: {"a.txt": b"a\n\n" * 640_000},
    "one word a sentence, as long as is allowed": lambda: {"a.txt": b"A! B? " * 330_000},
    "headings": lambda: _same(_headings, ".md"),
    "nested lists": lambda: _times(_line("- > "), ".md"),
    "nested elements": lambda: _times(_line("<div><b>a"), ".html"),
    "tables": lambda: _times(_line("<table><tr><td>a"), ".html"),
    "Word files of 150 MB": lambda: _same(_word, ".docx"),
    "pages of 400 MB": lambda: _same(_pdf, ".pdf"),
}
