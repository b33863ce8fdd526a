"""Measures how long the demo takes to its address, and from there to the first answer, with and without a library."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from prompts import words
from tests.bench.results import Row
from tests.bot.demo.test_demo import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUESTION = "How does the metaverse differ from the Internet?"
_LEADS = tuple(words(f"ask.lead.{kind}").splitlines()[0].lstrip("# ") for kind in ("answer", "compared"))
_WITHIN_S = 120.0
_WANTED_S = 10.0


@dataclass(frozen=True, slots=True)
class _Start:
    address_s: float
    """From the start of the process to its address."""
    answer_s: float
    """From the address to the first answer on the page."""


def rows() -> Iterator[Row]:
    """Start the real demo on an empty data folder, and again on the folder that it leaves; as it is installed here."""
    with tempfile.TemporaryDirectory() as data:
        for what in ("an empty data folder", "a prepared data folder"):
            start = asyncio.run(_started(data))
            yield Row(f"{what}: process start to the demo's address", f"{start.address_s:.1f} s")
            shown, met = f"{start.answer_s:.2f} s", start.answer_s <= _WANTED_S
            yield Row(f"{what}: the address to the first answer on the page", shown, f"<= {_WANTED_S:.0f} s", met)


async def _started(data: str) -> _Start:
    began = time.perf_counter()
    command = [sys.executable, "-W", "ignore", "-m", "bot", "--data", data, "demo", "--no-open", "--port", "0"]
    process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        announced = time.perf_counter()
        [url] = re.findall(r"http://127\.0\.0\.1:\d+/#\S+", line)
        async with aiohttp.ClientSession() as http:
            visitor = Visitor(http, None, url)  # type: ignore[arg-type]  # no bot in this process
            await visitor.open()
            assert not any(lead in str(visitor.seen) for lead in _LEADS), "the page shows an answer before the question"
            await visitor.say(f"@Tutor {_QUESTION}")
            await visitor.until(lambda page: any(lead in page for lead in _LEADS), within_s=_WITHIN_S)
        return _Start(announced - began, time.perf_counter() - announced)
    finally:
        process.terminate()
        await process.wait()
