"""Processes of `tests.bot.store.players` that share a database, and a deletion while all of them write."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import func, or_, select

from bot.people.privacy import PersonalData
from bot.store.database import Store
from bot.store.schema import PERSON, metadata

ROOT = Path(__file__).parents[3]


class Players:
    """So many processes; each line is told to all of them, and all of them answer it."""

    def __init__(self, address: str, data: Path, number: int) -> None:
        self._command = [sys.executable, "-m", "tests.bot.store.players", address, str(data)]
        self._number = number
        self.processes: list[asyncio.subprocess.Process] = []

    async def __aenter__(self) -> Players:
        pipe = asyncio.subprocess.PIPE
        for _ in range(self._number):
            made = asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe, cwd=ROOT)
            self.processes.append(await made)
        assert await self.heard() == ["ready"] * self._number
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self.processes:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    def say(self, line: str) -> None:
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write(f"{line}\n".encode())

    async def heard(self) -> list[str]:
        lines = await asyncio.gather(*(each.stdout.readline() for each in self.processes if each.stdout is not None))
        return [line.decode().strip() for line in lines]

    async def told(self, line: str) -> list[str]:
        self.say(line)
        return await self.heard()


async def deleted_while_they_play(players: Players, door: PersonalData, person: int, wait_s: float) -> int:
    """Delete a person while every process writes for them; gives how many of their presses were answered.

    No process begins anything for them after the deletion was asked for; presses of old buttons go on after it.
    """
    await players.told(f"play {person}")
    await asyncio.sleep(wait_s)
    players.say("begin off")  # not waited for: what is on its way is the point
    await door.forget(person)
    await players.heard()
    await asyncio.sleep(0.05)
    return sum(int(line.split()[1]) for line in await players.told("stop"))


async def rows_of(store: Store, person: int) -> int:
    """Count the rows of all tables that have a person's id."""
    count = 0
    async with store.reading() as connection:
        for table in metadata.sorted_tables:
            named = [column == person for column in table.c if PERSON in column.info]
            if named:
                wanted = select(func.count()).select_from(table).where(or_(*named))
                count += (await connection.execute(wanted)).scalar_one()
    return count


class Nothing:
    """Libraries that record nothing about people."""

    async def of(self, person: int) -> list[dict[str, object]]:
        return []

    async def forget(self, person: int) -> None:
        return


def door(store: Store, data: Path, **memories: Any) -> PersonalData:
    from tests.bot.store.players import NOW

    return PersonalData(store, data, Nothing(), memories=memories, copies=[], now=NOW)
