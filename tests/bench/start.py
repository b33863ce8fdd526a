"""Measures how soon the bot is on the gateway and answers, and what it holds, against what its model alone costs."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from index.models import openvino_runtime
from index.models.registry import DEFAULT_MODEL, Backend, locate
from tests.bench.quality import essay_settings
from tests.bench.results import Row
from tests.gateway.process import Process
from tests.gateway.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ROUNDS = 3
_IMPORT = "import sentence_transformers; print('ready', flush=True)"
_QUESTION = "What is the leading technology of the metaverse?"
_IDLE_S = 5.0
# What anybody would write who wants a row of numbers.
_BARE = f"""
import sys
import sentence_transformers

sentence_transformers.SentenceTransformer(sys.argv[1], device="cpu").encode({_QUESTION!r})
print("ready", flush=True)
sys.stdin.read()
"""
# The whole program with the simulated Discord in place of the gateway; what the simulation itself costs is printed.
_BOT = """
import asyncio, os, sys, time
from pathlib import Path

import discord.ext.commands

began = time.perf_counter()
import simcord

simulation = time.perf_counter() - began

import bot.cli
from bot.app import TutorBot
from bot.settings import Settings
from bot.answering.engine import AnsweringEngine

settings = Settings(_env_file=None, data=Path(sys.argv[1]))
tutor = AnsweringEngine(settings)
client = TutorBot(settings, tutor)

async def on_ready():
    print("ready", simulation, tutor.ready, flush=True)
    os._exit(0)

async def main():
    client.add_listener(on_ready)
    await simcord.Env(client, shard_count=1).start()

asyncio.run(main())
"""


def rows() -> Iterator[Row]:
    """Start what is compared in turn in processes of their own: the ratio of the medians, from process start."""
    data = essay_settings().data
    yield from _gateway(str(data))
    backends = [Backend.TORCH, *([Backend.OPENVINO] if openvino_runtime.is_installed() else [])]
    yield from _first_answer(data, backends)
    yield from asyncio.run(_memory(data, backends))


def _gateway(data: str) -> Iterator[Row]:
    starts, imports, simulations = [], [], []
    for _ in range(_ROUNDS):
        seconds, said = _until_ready(_BOT, data)
        _, simulation, loaded = said.split()
        if loaded == "True":
            raise RuntimeError("The model was loaded before the gateway was ready: nothing was measured.")
        starts.append(seconds)
        simulations.append(float(simulation))
        imports.append(_until_ready(_IMPORT)[0])
    ratio = median(starts) / median(imports)
    yield Row(
        "process start to gateway ready / import sentence_transformers, medians",
        f"{ratio:.2f} ({median(starts):.2f} / {median(imports):.2f} s)",
        "< 1",
        ratio < 1,
    )
    yield Row("  of which importing the simulated Discord", f"{median(simulations):.2f} s")


def _first_answer(data: Path, backends: Sequence[Backend]) -> Iterator[Row]:
    """Ask in the terminal as the first thing a process does, and have a bare script encode the question."""
    for backend in backends:
        _ask(data, backend)  # where a graph is to be made, it is now
    answers: dict[Backend, list[float]] = {backend: [] for backend in backends}
    bare = []
    for _ in range(_ROUNDS):
        bare.append(_seconds(["-c", _BARE, str(locate(DEFAULT_MODEL).folder)]))
        for backend in backends:
            answers[backend].append(_ask(data, backend))
    for backend, seconds in answers.items():
        ratio = median(seconds) / median(bare)
        yield Row(
            f"a process that answers one question, on {backend} / bare script that encodes it",
            f"{ratio:.2f} ({median(seconds):.2f} / {median(bare):.2f} s)",
            "<= 1.1",
            ratio <= 1.1,
        )


def _ask(data: Path, backend: Backend) -> float:
    return _seconds(["-m", "bot", "--data", str(data), "ask", _QUESTION], backend)


def _seconds(arguments: Sequence[str], backend: Backend = Backend.TORCH) -> float:
    """Give the seconds from the start of a Python process to its end."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        env={**os.environ, "TUTOR_BACKEND": backend},
        stdin=subprocess.DEVNULL,
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - began


async def _memory(data: Path, backends: Sequence[Backend]) -> list[Row]:
    """Let the bot open its library and be idle, and a bare script have encoded one question: their resident memory."""
    bare = await asyncio.to_thread(_bare_memory_mb)
    found = []
    for backend in backends:
        with tempfile.TemporaryDirectory() as own:
            shutil.copytree(data, own, dirs_exist_ok=True)
            async with Server() as server, Process(server, Path(own), backend=backend) as bot:
                await bot.ready()
                await asyncio.sleep(_IDLE_S)
                held = _resident_mb(bot.pid)
        found.append(
            Row(
                f"idle memory of the bot on {backend} / bare script after one encoding",
                f"{held / bare:.2f} ({held:.0f} / {bare:.0f} MB)",
                "<= 1.25",
                held / bare <= 1.25,
            )
        )
    return found


def _bare_memory_mb() -> float:
    command = [sys.executable, "-W", "ignore", "-c", _BARE, str(locate(DEFAULT_MODEL).folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        held = _resident_mb(process.pid)
        process.communicate()
    return held


def _resident_mb(pid: int) -> float:
    """Read the resident memory of a process, as Linux tells it."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _until_ready(code: str, *arguments: str) -> tuple[float, str]:
    """Give the seconds from the start of a Python process to its first line, and that line."""
    began = time.perf_counter()
    command = [sys.executable, "-W", "ignore", "-c", code, *arguments]
    pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        seconds = time.perf_counter() - began
    if not line.startswith("ready"):
        raise RuntimeError(f"The process that was measured ended with code {process.returncode}.")
    return seconds, line
