"""Measures how soon the bot is on the gateway, against what importing its model's library alone would cost."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.quality import Row, essay_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROUNDS = 3
_IMPORT = "import sentence_transformers; print('ready', flush=True)"
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
from bot.tutor import Tutor

settings = Settings(_env_file=None, data=Path(sys.argv[1]))
tutor = Tutor(settings)
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
    """Start both in turn in processes of their own: the ratio of the medians, from process start."""
    data = str(essay_settings().data)
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


def _until_ready(code: str, *arguments: str) -> tuple[float, str]:
    """Give the seconds from the start of a Python process to its first line, and that line."""
    began = time.perf_counter()
    command = [sys.executable, "-W", "ignore", "-c", code, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        seconds = time.perf_counter() - began
    if not line.startswith("ready"):
        raise RuntimeError(f"The process that was measured ended with code {process.returncode}.")
    return seconds, line
